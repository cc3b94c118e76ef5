"""What fit takes beside X and y: weights of the rows, and rows that choose the epoch."""

import numpy as np
import pandas as pd
import pytest
import sklearn
import torch
from sklearn.decomposition import FactorAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aevum import VAE, InputError, load
from aevum.data.source import ArraySource
from aevum.estimators.factor_numbers import choose_factors
from aevum.estimators.factors import factor_analysis
from aevum.estimators.given import Given, copies_of
from aevum.estimators.resolving import split
from aevum.evaluation.judged import judge
from aevum.objectives import Terms
from aevum.recipes import ESTIMATORS
from aevum.training import Settings, train
from aevum.training.robust import clearly_less, held_mean

pytestmark = [
    pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning"),
]
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 2, "batch_size": 50, "random_state": 0}
RANDOM = np.random.RandomState(0)
X = RANDOM.randn(120, 5) @ RANDOM.randn(5, 5)
Y = np.arange(120) % 3
WHOLE = RANDOM.randint(0, 4, 120)
WEIGHTS = RANDOM.rand(120) + 0.1
COUNTS = WHOLE > 0
every_model = pytest.mark.parametrize("model", ESTIMATORS.values(), ids=ESTIMATORS)


def same(a, b):
    """Whether two models are one."""
    parts = zip(a.model_.state_dict().values(), b.model_.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in parts)


# ------------------------------------------------------------------ weights


@every_model
def test_a_row_of_weight_zero_is_not_there_and_units_of_weights_do_not_matter(model):
    few = model(**TINY).fit(X[COUNTS], Y[COUNTS], sample_weight=WHOLE[COUNTS])
    assert same(few, model(**TINY).fit(X, Y, sample_weight=WHOLE))
    assert same(few, model(**TINY).fit(X, Y, sample_weight=WHOLE * 0.25))
    alike = model(**TINY).fit(X, Y, sample_weight=np.full(120, 3.0))
    assert same(alike, model(**TINY).fit(X, Y)) and not same(alike, few)


@pytest.mark.parametrize("gaps", [False, True])
def test_factors_of_weighted_rows_are_those_of_repeated_rows(gaps):
    x = np.where(RANDOM.rand(*X.shape) < 0.1, np.nan, X) if gaps else X
    weights = WHOLE[COUNTS] / WHOLE[COUNTS].mean()
    weighted = factor_analysis(x[COUNTS], 2, weights=weights)
    repeated = factor_analysis(np.repeat(x, WHOLE, axis=0), 2)
    np.testing.assert_allclose(weighted.score_samples(x), repeated.score_samples(x), rtol=1e-6)
    assert choose_factors(x[COUNTS], 4, weights=np.ones(COUNTS.sum())) == choose_factors(x[COUNTS], 4)


@pytest.mark.parametrize("shared", [False, True])
def test_factors_of_wide_weighted_rows_are_those_of_repeated_rows(shared):
    x = np.concatenate([X, RANDOM.randn(120, 600)], axis=1)
    weighted = factor_analysis(x[COUNTS], 3, shared=shared, weights=WHOLE[COUNTS] / WHOLE[COUNTS].mean())
    many = np.repeat(x, WHOLE, axis=0)
    repeated = factor_analysis(many, 3, shared=shared)
    np.testing.assert_allclose(weighted.mean, repeated.mean, atol=1e-12)
    at = weighted.score_samples(many).mean()
    assert at == pytest.approx(repeated.score_samples(many).mean(), rel=2e-3)
    if not shared:
        assert at == pytest.approx(FactorAnalysis(3, svd_method="lapack").fit(many).score(many), rel=2e-2)


def test_the_start_scores_weighted_rows_as_factor_analysis_does():
    vae = VAE(likelihood="gaussian:per-feature", hidden=8, epochs=1, validation_fraction=0.0, random_state=0)
    many = np.repeat(X, WHOLE, axis=0)
    settings = {"learning_rate": 1e-9}
    weighted = vae.set_params(**settings).fit(X, sample_weight=WHOLE)
    best = max(FactorAnalysis(k, tol=1e-4, max_iter=5000).fit(many).score(many) for k in range(1, 5))
    assert weighted.score_samples(many, k=200).mean() == pytest.approx(best, abs=0.15)
    away = many - many.mean(axis=0)
    np.testing.assert_allclose(weighted.encoding_.shift.numpy(), many.mean(axis=0), rtol=1e-9)
    np.testing.assert_allclose(weighted.encoding_.scale.numpy(), np.sqrt((away**2).mean(axis=0)), rtol=1e-9)


class Squares(torch.nn.Module):
    """(x − m)², whose weighted mean is least at the weighted mean of x."""

    needs_grad = False

    def __init__(self):
        super().__init__()
        self.m = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x, y, beta, generator=None):
        loss = (x[:, 0] - self.m) ** 2
        return Terms(loss, loss, torch.zeros_like(loss))

    def selection(self, terms):
        return terms.loss

    def opponents(self):
        return ()


def test_the_loop_finds_the_least_weighted_mean():
    cpu = torch.device("cpu")
    weights = np.where(X[:, 0] > 0.0, 3.0, 1.0)
    source = ArraySource(X[:, :1].astype(np.float32), None, None, torch.Tensor.float, cpu, weights=weights)
    model = Squares()
    history = train(model, source, source, Settings(epochs=200, batch_size=60, learning_rate=0.05))
    mean = np.average(X[:, 0], weights=weights)
    found = model.m.item()
    assert found == pytest.approx(mean, abs=0.02)
    least = np.average((X[:, 0] - mean) ** 2, weights=weights)
    assert history[-1]["loss"] == pytest.approx(least, rel=0.01)
    assert history[-1]["validation_loss"] == pytest.approx(least, rel=0.01)
    assert abs(found - X[:, 0].mean()) > 0.5


def test_held_means_are_weighted():
    losses, weights = torch.from_numpy(X[:, 0] ** 2), torch.from_numpy(WHOLE.astype(float))
    many = losses.repeat_interleave(torch.from_numpy(WHOLE))
    assert held_mean(losses, weights) == pytest.approx(held_mean(many))
    assert held_mean(losses, weights) == pytest.approx(held_mean(losses, 7.0 * weights))
    shifted = losses + torch.where(weights > 0.0, -0.1, 5.0) + 0.01 * torch.from_numpy(X[:, 1])
    assert clearly_less(shifted, losses, weights) and not clearly_less(shifted, losses)
    ones = torch.ones(len(losses))
    for gap in (0.0, 0.001, 0.1):
        assert clearly_less(shifted - gap, losses, ones) == clearly_less(shifted - gap, losses)


def test_copies_stand_for_weights():
    rows = np.random.RandomState(1).permutation(120)[:90]
    assert copies_of(rows, None) is rows
    np.testing.assert_array_equal(np.bincount(copies_of(rows, WHOLE + 1.0), minlength=120)[rows], (WHOLE + 1)[rows])
    made = np.bincount(copies_of(rows, WEIGHTS), minlength=120)[rows] / 16
    np.testing.assert_allclose(made, WEIGHTS[rows] / WEIGHTS[rows].mean(), atol=1 / 16)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.ones(119), r"shape \(119,\); expected \(120,\)"),
        (np.ones((120, 1)), "one weight a row"),
        (np.where(np.arange(120) == 7, -1.0, 1.0), "-1 at row 7"),
        (np.where(np.arange(120) == 7, np.nan, 1.0), "nan at row 7"),
        (np.zeros(120), "zero in every row"),
        (["a"] * 120, "must be numbers"),
    ],
)
def test_weights_that_cannot_be_are_refused(weights, message):
    with pytest.raises(InputError, match=f"^sample_weight .*{message}"):
        VAE(**TINY).fit(X, sample_weight=weights)
    with pytest.raises(InputError, match=f"^sample_weight_val .*{message}"):
        VAE(**TINY).fit(X, X_val=X, sample_weight_val=weights)


def test_weights_are_routed():
    with sklearn.config_context(enable_metadata_routing=True):
        vae = VAE(**TINY).set_fit_request(sample_weight=True)
        piped = make_pipeline(StandardScaler().set_fit_request(sample_weight=False), vae)
        piped.fit(X, sample_weight=WHOLE)
        assert same(piped[-1], VAE(**TINY).fit(StandardScaler().fit_transform(X), sample_weight=WHOLE))


# ------------------------------------------------------------------ rows that choose the epoch


@every_model
def test_rows_of_ones_own_are_as_good_as_those_split_off(model):
    whole = model(**TINY, likelihood="gaussian", validation_fraction=0.25).fit(X, Y)
    training, held_out = split(len(X), 0.25, whole.seed_)
    # The rows in such an order that the fit, which shuffles them, reads them as before.
    order = np.empty(len(training), np.intp)
    order[split(len(training), 0.0, whole.seed_)[0]] = training
    given = model(**TINY, likelihood="gaussian")
    given.fit(X[order], Y[order], X_val=X[held_out], y_val=Y[held_out])
    values = [record["validation_loss"] for record in given.history_]
    np.testing.assert_allclose(values, [record["validation_loss"] for record in whole.history_], rtol=1e-5)


def test_rows_of_ones_own_are_read_as_x_is(tmp_path):
    frame = pd.DataFrame(X, columns=list("abcde")).assign(kind=np.array(list("xyz"))[Y])
    vae = VAE(**TINY).fit(frame[:90], X_val=frame[90:])
    assert vae.splits_ is False and load(vae.save(tmp_path / "m")).splits_ is False
    assert VAE(**TINY).fit(frame).splits_
    vae = VAE(**TINY).fit(X[:90], X_val=X[90:])
    assert judge(vae, X[:90]).judged_on == "the training data"
    assert judge(vae, X[:90], held_out=(X[90:], None)).judged_on == "held-out data"
    with pytest.raises(InputError, match="X_val: "):
        VAE(**TINY).fit(X, X_val=X[:, :3])
    with pytest.raises(InputError, match="y_val and sample_weight_val are of the rows X_val"):
        VAE(**TINY).fit(X, sample_weight_val=np.ones(120))
    with pytest.raises(InputError, match="X_val needs y_val"):
        ESTIMATORS["CVAE"](**TINY).fit(X, Y, X_val=X)
    assert Given.of(X, Y, None).weights is None
