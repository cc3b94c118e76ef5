"""Rows far from all that a model was fitted on: their scores are numbers, the worst ones, and disturb no other row."""

import functools
import warnings

import numpy as np
import pytest

from aevum import VAE, DataWarning
from aevum.evaluation import contributions, detect
from aevum.evaluation.anomalies import threshold
from aevum.recipes import ESTIMATORS

MODELS = list(ESTIMATORS.values())
SCALES = ["gaussian", "gaussian:per-feature", "gaussian:emitted", "gaussian:fixed=0.1"]
STORED = [np.float16, np.float32, np.float64, np.int32]
FACTORS = [100.0, 1e20, 1e38, np.inf]  # the last stands for the largest number of the type
ROWS = 60

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")


def ordinary(kind):
    random = np.random.RandomState(0)
    if kind == "table":
        return 8 * random.randn(ROWS, 2) @ random.randn(2, 5) + random.randn(ROWS, 5) + 3
    return 100 * random.rand(ROWS, 1, 1) + 20 * random.rand(ROWS, 8, 8) - 40


def given(model):
    return (np.arange(ROWS) % 3,) if model.conditional else ()


@functools.cache
def fitted(model, likelihood, kind):
    made = model(latent_dim=2, hidden=8, likelihood=likelihood, epochs=4, learning_rate=0.01, random_state=0)
    return made.fit(ordinary(kind), *given(model))


def far(kind, stored, factor):
    """The ordinary rows with every third one far out, as the type holds them, and which those are."""
    x, odd = ordinary(kind), np.arange(ROWS) % 3 == 0
    limits = np.finfo(stored) if np.dtype(stored).kind == "f" else np.iinfo(stored)
    with np.errstate(over="ignore", invalid="ignore"):
        moved = np.where(x[odd] > 0, 1.0, -1.0) * float(limits.max) if np.isinf(factor) else factor * x[odd]
    x[odd] = np.clip(moved, float(limits.min), float(limits.max))
    return x.astype(stored), odd


def all_of_them(model, likelihood, kind):
    return [(stored, factor) for stored in STORED for factor in FACTORS]


def some_of_them(model, likelihood, kind):
    """Four of the sixteen types and factors, each type and each factor once; over the likelihoods and kinds of data, a
    model meets all sixteen.
    """
    turn = MODELS.index(model) + SCALES.index(likelihood) + 2 * (kind == "pictures")
    return [(stored, FACTORS[(place + turn) % len(FACTORS)]) for place, stored in enumerate(STORED)]


@pytest.mark.parametrize("choice", [some_of_them, pytest.param(all_of_them, marks=pytest.mark.slow)])
@pytest.mark.parametrize("kind", ["table", "pictures"])
@pytest.mark.parametrize("likelihood", SCALES)
@pytest.mark.parametrize("model", MODELS)
def test_every_score_of_a_far_row_is_a_number_and_the_worst(model, likelihood, kind, choice):
    """Networks, squares and sums overflow; what came of it was NaN, and no threshold finds a NaN."""
    estimator, y = fitted(model, likelihood, kind), given(model)
    for stored, factor in choice(model, likelihood, kind):
        x, odd = far(kind, stored, factor)
        distortion, rate = estimator.distortion_and_rate(x, *y)
        scores = [distortion, estimator.reconstruction_error(x, *y)]
        found = [rate, *estimator.encode(x, *y)]
        if model.has_density:
            sample = estimator.importance_sample(x, *y, k=32)
            scores.append(-sample.log_evidence)
            found += [*sample]
            lost = np.isneginf(sample.log_evidence)
            assert (np.isinf(sample.standard_error) == lost).all()
            assert ((sample.effective_sample_size == 0) == lost).all()
        for values in [*scores, *found]:
            assert not np.isnan(values).any(), (stored, factor)
        for values in scores:
            assert np.isfinite(values[~odd]).all()
            assert values[odd].min() > values[~odd].max(), (stored, factor)
        assert np.isfinite(np.concatenate(estimator.encode(x, *y))).all()


@pytest.mark.parametrize("likelihood", SCALES)
@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("value", [1e4, 1e20, 1e38, 1e300])
def test_detection_finds_far_rows_and_names_their_column(model, likelihood, value):
    estimator, y = fitted(model, likelihood, "table"), given(model)
    x = ordinary("table")
    x[[4, 50], [1, 3]] = value, -value
    found = detect(estimator, x, *y, contamination=0.05)
    assert found.flags[[4, 50]].all() and set(found.order[:2]) == {4, 50}
    added = contributions(estimator, x, *y)
    assert not np.isnan(added).any()
    if likelihood != "gaussian:emitted":  # whose σ, at a code so far out, may excuse any value
        assert added[[4, 50]].argmax(axis=1).tolist() == [1, 3]


def test_rows_of_no_probability_are_flagged_whatever_their_share():
    """A threshold of infinity would let exactly the most anomalous rows pass."""
    scores = np.array([1.0, 2.0, np.inf, np.inf, np.inf])
    for asked in ({"contamination": 0.2}, {"quantile": 0.9}):
        assert threshold(scores, **asked) == 2.0
    assert (np.full(3, np.inf) > threshold(np.full(3, np.inf), contamination=0.1)).all()


@pytest.mark.parametrize("read", ["transform", "reconstruct", "reconstruction_error", "score_samples"])
def test_rows_on_another_scale_are_told_with_both_ranges(read):
    x = ordinary("table")
    with pytest.warns(DataWarning, match=r"columns lie elsewhere than in training: column \d from \S+ to \S+, .* ± "):
        getattr(fitted(VAE, "gaussian", "table"), read)(100.0 * x)
    pictures = ordinary("pictures")
    with pytest.warns(DataWarning, match=r"from -4,?000 .*, the training rows' from -3\d"):
        getattr(fitted(VAE, "gaussian", "pictures"), read)(np.concatenate([100.0 * pictures, [[[-4000.0] * 8] * 8]]))
    with pytest.warns(DataWarning, match="the training rows' from -3"):
        getattr(fitted(VAE, "gaussian", "pictures"), read)(pictures / 1000.0)


def test_odd_rows_among_ordinary_ones_are_no_other_scale():
    x = ordinary("table")
    x[::3] *= 1e6
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fitted(VAE, "gaussian", "table").transform(x)
        fitted(VAE, "gaussian", "table").transform(1e6 * x[:1])
        fitted(VAE, "gaussian", "pictures").transform(np.zeros((9, 8, 8)))
