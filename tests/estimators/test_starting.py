"""A fit of a table starts at a closed form: scikit-learn's scores are the oracle, and training can only add."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.model_selection import GridSearchCV
from tests.covering import in_pairs

from aevum import CVAE, IWAE, VAE, FlowVAE, VampVAE
from aevum.data.source import ArraySource
from aevum.estimators.factor_numbers import Chosen, choose_factors
from aevum.estimators.factors import factor_analysis, wide_analysis
from aevum.estimators.starting import Start, start
from aevum.training.robust import clearly_less

Array = NDArray[np.float64]
X: Array = load_wine().data
NOTHING = {"epochs": 1, "learning_rate": 1e-12, "validation_fraction": 0.0, "random_state": 0}


def begun(kind: Any, x: Array, k: int, y: Any = None, **parameters: Any) -> Any:
    """A model at its start with k factors."""
    model = kind(**{"latent_dim": 6, **NOTHING, **parameters}).fit(x, y)
    context = None if y is None else model.fitted_.context.encode(y, len(x))
    source = ArraySource(x, context, None, model.fitted_.encoding, model.fitted_.device)
    assert start(model.fitted_, source, Chosen(k), awake=False) == Chosen(k)
    return model


@in_pairs(kind=[VAE, IWAE], scale=["per-feature", "emitted"], k=[1, 2, 4])
def test_the_start_scores_as_factor_analysis_does(kind: Any, scale: str, k: int) -> None:
    model = begun(kind, X, k, likelihood=f"gaussian:{scale}")
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    theirs = FactorAnalysis(k, tol=1e-3, max_iter=10_000, svd_method="lapack").fit(scaled)
    expected = theirs.score_samples(scaled) - np.log(X.std(axis=0)).sum()
    # One draw is enough, since the posterior is exact; they stop within 10⁻² of the maximum's mean.
    for draws in (1, 20):
        found = model.score_samples(X, k=draws, random_state=draws)
        np.testing.assert_allclose(found.mean(), expected.mean(), atol=0.02)
    # Beyond 4σ an emitted σ has heavier tails than a Gaussian, of which the posterior is not exact.
    apart = np.abs(model.score_samples(X, k=1) - model.score_samples(X, k=500))
    assert np.quantile(apart, 0.9 if scale == "emitted" else 1.0) < 2e-3


@pytest.mark.parametrize("k", [1, 4])
def test_the_start_with_one_sigma_scores_as_probabilistic_pca_does(k: int) -> None:
    model = begun(VAE, X, k, likelihood="gaussian:shared")
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    # They divide by N − 1.
    expected = PCA(k).fit(scaled).score_samples(scaled) - np.log(X.std(axis=0)).sum()
    np.testing.assert_allclose(model.score_samples(X, k=3).mean(), expected.mean(), atol=5e-3)


def test_a_stated_sigma_is_kept_and_the_rest_is_the_best_for_it() -> None:
    model = begun(VAE, X, 4, likelihood="gaussian:fixed=0.3")
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    noise = (0.3 / X.std(axis=0)) ** 2
    found = factor_analysis(scaled, 4, noise=noise)
    np.testing.assert_allclose(found.noise, noise)
    expected = found.score_samples(scaled) - np.log(X.std(axis=0)).sum()
    np.testing.assert_allclose(model.score_samples(X, k=3), expected, atol=5e-2)


def test_a_conditional_start_has_the_mean_of_each_class() -> None:
    iris = load_iris()
    model = begun(CVAE, iris.data, 3, iris.target, likelihood="gaussian:per-feature", latent_dim=3)
    means = np.stack([iris.data[iris.target == c].mean(axis=0) for c in range(3)])
    within = iris.data - means[iris.target]
    covariance = within.T @ within / len(within)
    inverse = np.linalg.inv(covariance)
    away = -0.5 * np.einsum("nd,de,ne->n", within, inverse, within)
    expected = away - 0.5 * np.linalg.slogdet(2.0 * np.pi * covariance)[1]
    # The ridge holds each class's mean back by a fiftieth.
    np.testing.assert_allclose(model.score_samples(iris.data, iris.target, k=3).mean(), expected.mean(), atol=0.05)


@pytest.mark.parametrize("kind", [FlowVAE, VampVAE])
def test_models_of_other_parts_start_as_they_were_drawn(kind: Any) -> None:
    assert Start.of(kind(latent_dim=2, **NOTHING).fit(X).fitted_) is None


def test_columns_that_never_change_have_no_direction() -> None:
    x = np.insert(X, 4, 7.0, axis=1)
    with pytest.warns(UserWarning, match="never change"):
        with_constant = VAE(latent_dim=12, **NOTHING).fit(x)
    plain = VAE(latent_dim=12, **NOTHING).fit(X)
    np.testing.assert_allclose(
        np.median(with_constant.score_samples(x, k=3)), np.median(plain.score_samples(X, k=3)), atol=5e-3
    )
    assert (with_constant.sample(50, random_state=0)[:, 4] == 7.0).all()


def test_wide_rows_are_decomposed_by_themselves() -> None:
    random = np.random.RandomState(0)
    x = random.randn(700, 3) @ random.randn(3, 600) + 0.3 * random.randn(700, 600)
    for shared in (False, True):
        found = wide_analysis(x, x.mean(axis=0), 3, shared, None)
        exact = FactorAnalysis(3, tol=1e-6, max_iter=5000, svd_method="lapack").fit(x) if not shared else PCA(3).fit(x)
        np.testing.assert_allclose(found.score_samples(x).mean(), exact.score(x), rtol=2e-3)


def test_the_number_of_factors_is_found() -> None:
    random = np.random.RandomState(0)
    weights = random.randn(3, 12)
    x = random.randn(500, 3) @ weights + 0.5 * random.randn(500, 12)
    assert choose_factors(x, 11) == Chosen(3)
    assert choose_factors(random.randn(500, 12), 11) == Chosen(0)


def test_codes_of_counts_are_not_woken() -> None:
    """What a count keeps for itself is its own law's, and no code can take half of it."""
    random = np.random.RandomState(0)
    x = random.poisson(np.exp(1.0 + random.randn(150, 1) @ random.randn(1, 12) * 0.5)).astype(float)
    for likelihood, heard in (("negative_binomial", 1), ("gaussian:per-feature", 6)):
        model = VAE(latent_dim=6, **NOTHING, likelihood=likelihood).fit(x)
        source = ArraySource(x, None, None, model.fitted_.encoding, model.fitted_.device)
        assert start(model.fitted_, source, Chosen(1)) == Chosen(1)
        parts = Start.of(model.fitted_)
        assert parts is not None
        assert int((parts.decoder.linear.weight.detach() != 0.0).any(dim=0).sum()) == heard


def test_columns_of_few_rows_keep_something_for_themselves() -> None:
    random = np.random.RandomState(0)
    x = random.randn(15, 1) @ random.randn(1, 6) + 0.5 * random.randn(15, 6)
    chosen = choose_factors(x, 5)
    assert chosen.share > 0.0
    found = factor_analysis(x, chosen.k, least=chosen.least(x, 1e-6))
    assert (found.noise >= chosen.share * x.var(axis=0) - 1e-12).all()


def test_a_floor_under_the_noise_of_wide_rows_holds_and_its_axes_are_the_best_for_it() -> None:
    random = np.random.RandomState(0)
    x = random.randn(20, 3) @ random.randn(3, 50) + 0.3 * random.randn(20, 50)
    floor = 0.4 * x.var(axis=0)
    found = wide_analysis(x, x.mean(axis=0), 3, False, None, floor)
    assert (found.noise >= floor).all()
    stated = wide_analysis(x, x.mean(axis=0), 3, False, found.noise)
    np.testing.assert_allclose(found.score_samples(x), stated.score_samples(x), atol=1e-6)


@pytest.mark.parametrize(
    ("rows", "width", "k"),
    [(12, 4, 2), *(pytest.param(*each, marks=pytest.mark.slow) for each in [(20, 15, 3), (30, 100, 3)])],
)
def test_few_rows_are_no_worse_than_the_simplest_laws(rows: int, width: int, k: int) -> None:
    """Than columns by themselves and a factor analysis whose number is chosen by folds, in the mean of two tables, on
    rows that none has seen.
    """
    ahead = []
    for seed in (0, 1):
        random = np.random.RandomState(seed)
        x = random.randn(rows + 200, k) @ random.randn(k, width) + 0.5 * random.randn(rows + 200, width)
        train, test = x[:rows], x[rows:]
        ours = VAE(random_state=0).fit(train).score_samples(test, k=100, random_state=0).mean()
        factors = GridSearchCV(FactorAnalysis(), {"n_components": sorted({0, 1, 2, 3, 5} & set(range(width)))})
        apart = -0.5 * (((test - train.mean(axis=0)) ** 2 / train.var(axis=0)) + np.log(2 * np.pi * train.var(axis=0)))
        ahead.append(ours - max(apart.sum(axis=1).mean(), factors.fit(train).score(test)))
    assert np.mean(ahead) > -0.3


def test_axes_are_turned_so_that_the_posterior_is_diagonal() -> None:
    found = factor_analysis((X - X.mean(axis=0)) / X.std(axis=0), 5)
    inner = found.directions / found.noise @ found.directions.T
    np.testing.assert_allclose(inner, np.diag(found.strengths), atol=1e-8 * found.strengths.max())


def test_awake_codes_leave_the_density_as_it_is() -> None:
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    found = factor_analysis(scaled, 2)
    awake = found.awake(6)
    np.testing.assert_allclose(awake.score_samples(scaled), found.score_samples(scaled), atol=1e-9)
    inner = awake.directions / awake.noise @ awake.directions.T
    np.testing.assert_allclose(inner, np.diag(awake.strengths), atol=1e-8 * awake.strengths.max())
    assert len(found.awake(1).directions) == 2 and (awake.strengths > 0.5).all()
    coarse = np.where(np.arange(X.shape[1]) < 9, 0.6 * found.noise, 0.0)  # half of it would be less than that
    assert (found.awake(6, coarse).noise[:9] == found.noise[:9]).all()


@pytest.mark.slow
def test_columns_that_depend_on_each_other_without_being_correlated_are_learned() -> None:
    """A ring, of which a factor analysis knows nothing: no code is heard, and none would be by itself."""
    random = np.random.RandomState(0)
    angle = 2.0 * np.pi * random.rand(500)
    noise = random.randn(500, 4) * [0.2, 0.2, 1.0, 0.5]
    x = np.column_stack([3.0 * np.cos(angle), 3.0 * np.sin(angle), 0.0 * angle, noise[:, 2]]) + noise
    gaussian = -0.5 * np.linalg.slogdet(2.0 * np.pi * np.e * np.cov(x.T))[1]
    model = VAE(random_state=0, epochs=60, patience=None).fit(x)
    assert model.score(x) > gaussian + 0.5
    radius = np.linalg.norm(model.sample(1000, random_state=0)[:, :2], axis=1)
    assert (radius < 1.0).mean() < 0.06  # a Gaussian: 0.11


def test_a_training_that_loses_keeps_the_start_and_gives_it_every_row() -> None:
    random = np.random.RandomState(1)
    x = random.randn(120, 2) @ random.randn(2, 6) + 0.5 * random.randn(120, 6)
    model = VAE(epochs=5, learning_rate=0.05, random_state=0).fit(x)
    assert model.history_[-1]["best_epoch"] == 0
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    expected = [factor_analysis(scaled, k).score_samples(scaled).mean() - np.log(x.std(axis=0)).sum() for k in range(6)]
    assert np.abs(model.score_samples(x, k=3).mean() - expected).min() < 2e-3


def test_chance_is_not_taken_for_a_gain() -> None:
    import torch

    random = torch.Generator().manual_seed(0)
    losses = torch.randn(100, generator=random)
    noise = torch.randn(100, generator=random)
    assert not clearly_less(losses + noise - noise.mean() - 0.05, losses)
    assert clearly_less(losses + noise - noise.mean() - 0.2, losses)
    assert not clearly_less(torch.full((100,), torch.nan), losses)


@pytest.mark.parametrize(
    "bunch",
    [pytest.param(bunch, marks=pytest.mark.slow) for bunch in (load_iris(), load_wine(), load_breast_cancer())],
    ids=["iris", "wine", "cancer"],
)
def test_the_default_is_no_worse_than_a_gaussian(bunch: Any) -> None:
    """Within two standard errors, on rows that neither has seen."""
    x = bunch.data
    order = np.random.RandomState(3).permutation(len(x))
    test, train = x[order[: len(x) // 5]], x[order[len(x) // 5 :]]
    mean, covariance = train.mean(axis=0), np.cov(train.T)
    away = -0.5 * np.einsum("nd,de,ne->n", test - mean, np.linalg.inv(covariance), test - mean)
    gaussian = away - 0.5 * np.linalg.slogdet(2.0 * np.pi * covariance)[1]
    gain = VAE(random_state=0).fit(train).score_samples(test, k=200, random_state=0) - gaussian
    assert gain.mean() > -2.0 * gain.std() / np.sqrt(len(gain))


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
@pytest.mark.parametrize("seed", [0, 6, 13])
def test_a_column_of_which_no_training_row_has_a_value_starts_without_a_word(seed: int) -> None:
    """NumPy would warn of it; by two of the seeds both values are among the rows that choose the epoch."""
    x = np.random.default_rng(0).normal(size=(40, 3))
    x[2:, 2] = np.nan
    vae = VAE(epochs=1, validation_fraction=0.5, random_state=seed).fit(x)
    assert np.isfinite(vae.score_samples(x)).all()
