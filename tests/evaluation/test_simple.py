"""log p of simple laws against closed forms, and of a whole row whose columns are of several kinds."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import trapezoid
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture

from aevum import VAE
from aevum.evaluation.judged import beside_baselines
from aevum.evaluation.simple import GAUSSIAN, INDEPENDENT, MEAN, apart, counted, mixed, of_density

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(300, 5)) @ RANDOM.normal(size=(5, 5)) * [1.0, 10.0, 100.0, 1.0, 0.1] + 3.0
TRAIN, HELD = X[:200], X[200:]


class Latents:
    """The little of a model that laws depend on."""

    def __init__(self, latent_dim):
        self.parts_ = type("Parts", (), {"latent_dim": latent_dim})


def test_the_gaussian_is_scikit_learns():
    found = of_density(HELD, TRAIN, Latents(2), own=True)
    expected = GaussianMixture(1, reg_covar=0.0).fit(TRAIN).score_samples(HELD)
    np.testing.assert_allclose(found[GAUSSIAN], expected, rtol=1e-9)
    each = stats.norm.logpdf(HELD, TRAIN.mean(axis=0), TRAIN.std(axis=0)).sum(axis=1)
    np.testing.assert_allclose(found[INDEPENDENT], each, rtol=1e-9)


def test_pca_is_probabilistic_pca_of_standardised_columns():
    unit, n = TRAIN.std(axis=0), len(TRAIN)
    pca = PCA(2).fit(TRAIN / unit)
    covariance = pca.get_covariance() * (n - 1) / n  # scikit-learn divides by n − 1
    law = stats.multivariate_normal(pca.mean_, covariance)
    expected = law.logpdf(HELD / unit) - np.log(unit).sum()
    np.testing.assert_allclose(of_density(HELD, TRAIN, Latents(2), own=True)["PCA"], expected, rtol=1e-9)


def test_pictures_have_one_spread():
    found = of_density(HELD, TRAIN, Latents(2), own=False)
    spread = math.sqrt(TRAIN.var(axis=0).mean())
    expected = stats.norm.logpdf(HELD, TRAIN.mean(axis=0), spread).sum(axis=1)
    np.testing.assert_allclose(found[MEAN], expected, rtol=1e-9)
    assert set(found) == {MEAN, "PCA"}


@pytest.mark.parametrize("scale", [1e-3, 1e4])
def test_a_unit_moves_all_laws_alike(scale):
    one, other = (of_density(HELD * a, TRAIN * a, Latents(2), own=True) for a in (1.0, scale))
    for name, scores in one.items():
        np.testing.assert_allclose(other[name], scores - 5 * math.log(scale), rtol=1e-6)


def test_a_gap_is_integrated_out():
    gaps = HELD.copy()
    gaps[:, 1] = np.nan
    found = of_density(gaps, TRAIN, Latents(2), own=True)
    left = [0, 2, 3, 4]
    marginal = stats.multivariate_normal(TRAIN.mean(axis=0)[left], np.cov(TRAIN.T, bias=True)[np.ix_(left, left)])
    np.testing.assert_allclose(found[GAUSSIAN], marginal.logpdf(HELD[:, left]), rtol=1e-6)
    nothing = np.full_like(HELD, np.nan)
    assert all((scores == 0.0).all() for scores in of_density(nothing, TRAIN, Latents(2), own=True).values())


def test_probabilities_sum_to_one():
    counts = RANDOM.poisson(RANDOM.gamma(2.0, 2.0, size=500)).astype(float)
    assert np.exp(counted(np.arange(400.0), counts)).sum() == pytest.approx(1.0, abs=1e-9)
    even = np.full(500, 4.0)
    np.testing.assert_allclose(counted(np.arange(5.0), even), stats.poisson.logpmf(np.arange(5), 4.0))
    classes = RANDOM.integers(0, 4, size=(500, 1)).astype(float)
    known_and_new = np.arange(5.0)[:, None]
    assert np.exp(apart(known_and_new, classes, ["mass"])).sum() == pytest.approx(1.0)


def test_one_value_beside_a_density():
    values = np.where(RANDOM.random(2000) < 0.4, 0.0, RANDOM.normal(3.0, 2.0, 2000))
    share = np.exp(mixed(np.zeros(1), values))[0]
    grid = np.linspace(-20.0, 30.0, 20001)
    assert share == pytest.approx(0.4, abs=0.03)
    assert share + trapezoid(np.exp(mixed(grid + 1e-9, values)), grid) == pytest.approx(1.0, abs=1e-6)


def test_columns_without_a_density_are_by_themselves():
    x = np.column_stack([HELD[:, :2], np.arange(100) % 3])
    known = np.column_stack([TRAIN[:, :2], np.arange(200) % 3])
    alone = apart(x, known, ["density", "density", "mass"])
    np.testing.assert_allclose(alone, np.log((np.bincount(np.arange(200) % 3)[np.arange(100) % 3] + 1) / 204))
    assert (apart(x, known, ["density", "density", "none"]) == 0.0).all()


# -------------------------------------------------------------------- beside a fitted model


@pytest.fixture(scope="module")
def mixed_fit():
    random = np.random.default_rng(1)
    z = random.normal(size=400)
    x = np.column_stack([z, 2 * z + 0.3 * random.normal(size=400), z > 0.0, random.poisson(np.exp(0.5 * z))])
    x[random.random(x.shape) < 0.05] = np.nan
    return VAE(2, epochs=30, hidden=(16,), random_state=0).fit(x[:300]), x


def test_a_model_stands_beside_laws_of_whole_rows(mixed_fit):
    vae, x = mixed_fit
    laws = beside_baselines(vae, x[300:], train=x[:300])["laws"]
    assert (laws["rows"], laws["columns"], laws["dense"], laws["given_y"]) == (100, 4, 2, False)
    named = {law["name"]: law for law in laws["laws"]}
    assert set(named) == {INDEPENDENT, GAUSSIAN}
    assert named[GAUSSIAN]["nats"] > named[INDEPENDENT]["nats"] + 0.5, "the numbers depend on each other"
    assert laws["nats"] == pytest.approx(float(vae.score_samples(x[300:]).mean()), abs=0.01)
    for law in laws["laws"]:
        assert law["ahead"] == pytest.approx(laws["nats"] - law["nats"], abs=1e-6) and law["error"] > 0.0


def test_a_unit_changes_no_lead(mixed_fit):
    vae, x = mixed_fit
    a = np.array([1000.0, 0.01, 1.0, 1.0])
    other = VAE(2, epochs=30, hidden=(16,), random_state=0).fit(x[:300] * a)
    one, two = (
        beside_baselines(model, rows[300:], train=rows[:300])["laws"] for model, rows in ((vae, x), (other, x * a))
    )
    for before, after in zip(one["laws"], two["laws"], strict=True):
        assert after["ahead"] == pytest.approx(before["ahead"], abs=1e-3)


def test_one_far_row_decides_no_mean(mixed_fit):
    vae, x = mixed_fit
    far = x.copy()
    far[350, 0] = far[20, 1] = 1e7
    laws = beside_baselines(vae, far[300:], train=far[:300])["laws"]
    assert laws["rows"] == 99
    assert laws["nats"] == pytest.approx(float(vae.score_samples(np.delete(x, 350, 0)[300:]).mean()), abs=0.01)


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_what_cannot_be_compared_is_not():
    counts = np.random.default_rng(0).poisson(4.0, size=(80, 6)).astype(float)
    vae = VAE(1, likelihood="poisson", epochs=1, random_state=0).fit(counts)  # given each row's sum
    assert beside_baselines(vae, counts, train=counts)["laws"] is None
    binary = (np.random.default_rng(0).random((60, 8, 8)) > 0.5).astype(float)
    vae = VAE(1, likelihood="bernoulli", epochs=1, random_state=0).fit(binary)
    assert beside_baselines(vae, binary, train=binary)["laws"] is None
