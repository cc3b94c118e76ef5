"""What must not matter, over every model, by hypothesis: units, storage, the order of columns and rows, the rows beside
one, threads.

What a·x + b of a column changes depends on its kind. Numbers of which nothing but place and spread is claimed
(Gaussian, Johnson's curve, a value that comes again and again beside either, two values, even steps with heaps or
without) may move and stretch: the model is the same, and log p of a row lower by log a for each density that it has. Of
log-normal columns, beside a spike or not, where 0 is is claimed, so a > 0 alone; counts and shares are themselves, and
may do neither.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aevum import CVAE, VAE
from aevum.conditionals.kinds import KINDS
from aevum.recipes import ESTIMATORS

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning", "ignore::aevum.errors.DataWarning")
MODELS = list(ESTIMATORS.values())
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "batch_size": 40, "random_state": 0}
N, K = 120, 5
# A smaller example would say no more, and cost more fits.
FEW = settings(max_examples=1, deadline=None, phases=[Phase.generate])
RANDOM = np.random.default_rng(0)
Z = RANDOM.normal(size=N)
Y = (Z > 0.2).astype(int)


def near(x, noise=0.4):
    return x + noise * RANDOM.normal(size=N)


MOVED = {
    "gaussian": near(3.0 + 2.0 * Z),
    "johnson": np.sinh(2.0 * near(Z) + 0.4),
    "spiked_gaussian": np.where(RANDOM.random(N) < 0.3, 4.0, near(3.0 * Z)),
    "binary": np.where(near(Z) > 0.3, 7.0, 3.0),
    "ordinal": np.clip(np.round(near(Z) + 2.0), 0, 4) * 0.5 + 10.0,
    "heaped": np.where(RANDOM.random(N) < 0.8, np.round(1.5 * Z) * 10.0, np.round(15.0 * Z)),
}
STRETCHED = {"lognormal": np.exp(3.0 * near(Z) + 3.0)}
FIXED = {"negative_binomial": RANDOM.negative_binomial(0.8, 0.03, N).astype(float)}
ALL = MOVED | STRETCHED | FIXED
X = np.where(RANDOM.random((N, len(ALL))) < 0.1, np.nan, np.column_stack(list(ALL.values())))


def asked(estimator, y=Y):
    return (y,) if estimator.conditional else ()


def scores(estimator, x, y=Y):
    """Nats a row: −log p of what has a density, the distortion of what has none."""
    if estimator.has_density:
        return -estimator.score_samples(x, *asked(estimator, y), k=K)
    return estimator.distortion_and_rate(x, *asked(estimator, y))[0]


def kinds(estimator):
    return [column.kind for column in estimator.encoding_.columns]


@pytest.fixture(scope="module")
def fitted():
    """Each model, fitted once to the table."""
    return {model: model(**TINY).fit(X, Y) for model in MODELS}


def test_the_table_has_a_column_of_each_kind(fitted):
    assert all(kinds(estimator) == list(ALL) for estimator in fitted.values())


@pytest.mark.parametrize("model", MODELS)
@FEW
@given(data=st.data())
def test_units(fitted, model, data):
    """By powers of ten and of two, moved by as much as their own spread and a hundred times as much."""
    a, b = np.ones(len(ALL)), np.zeros(len(ALL))
    for place, kind in enumerate(ALL):
        if kind not in FIXED:
            a[place] = data.draw(st.sampled_from([1e-3, 0.3, 2.0, 1000.0]))
        if kind in MOVED:
            b[place] = a[place] * data.draw(st.sampled_from([0.0, -7.0, 1000.0]))
    first, moved = fitted[model], a * X + b
    other = model(**TINY).fit(moved, Y)
    assert kinds(other) == kinds(first)
    codes = first.transform(X, *asked(first))
    assert codes.std() > 0.01
    np.testing.assert_allclose(other.transform(moved, *asked(other)), codes, rtol=1e-3, atol=1e-3)
    continuous = np.array([KINDS[kind].continuous for kind in ALL])
    has = continuous & ~np.isnan(X) & ~((np.array(list(ALL)) == "spiked_gaussian") & (X == 4.0))
    np.testing.assert_allclose(
        scores(other, moved) - (has * np.log(a)).sum(axis=1), scores(first, X), rtol=1e-4, atol=1e-2
    )


WHOLE = np.column_stack(
    [np.clip(np.round(10.0 * near(Z) + 100.0), 0, 255), MOVED["heaped"] + 100.0, 7 * Y, np.abs(Z) // 1]
)
STORED = {
    "int64": lambda x: x.astype(np.int64),
    "int16": lambda x: x.astype(np.int16),
    "uint8": lambda x: x.astype(np.uint8),
    "float32": lambda x: x.astype(np.float32),
    "columns in a row": np.asfortranarray,
    "every second": lambda x: np.repeat(x, 2, axis=0)[::2],
    "frame": pd.DataFrame,
    "nullable": lambda x: pd.DataFrame(x).astype("Int64"),
    "lists": lambda x: x.tolist(),
}


@pytest.fixture(scope="module")
def stored():
    """Each model, fitted once to whole numbers in float64."""
    return {model: model(**TINY).fit(WHOLE, Y) for model in MODELS}


@pytest.mark.parametrize("model", MODELS)
@FEW
@given(form=st.sampled_from(list(STORED)))
def test_how_numbers_are_stored(stored, model, form):
    first, other = stored[model], model(**TINY).fit(STORED[form](WHOLE), Y)
    assert str(other.likelihood_) == str(first.likelihood_)
    np.testing.assert_allclose(scores(other, STORED[form](WHOLE)), scores(first, WHOLE), rtol=1e-5, atol=1e-4)


@FEW
@given(order=st.permutations(range(len(ALL))))
def test_the_order_of_columns(fitted, order):
    """Each column is what it was; the first weights are others, so nothing else is the same to rounding."""
    other = VAE(**TINY).fit(X[:, order], Y)
    assert list(other.encoding_.columns) == [fitted[VAE].encoding_.columns[place] for place in order]


@pytest.mark.parametrize("model", MODELS)
@FEW
@given(order=st.permutations(range(N)), some=st.lists(st.integers(0, N - 1), min_size=1, max_size=5))
def test_the_order_of_rows_and_the_rows_beside(fitted, model, order, some):
    estimator = fitted[model]
    whole, codes = scores(estimator, X), estimator.transform(X, *asked(estimator))
    for rows in (order, some, some[:1]):
        np.testing.assert_allclose(scores(estimator, X[rows], Y[rows]), whole[rows], rtol=1e-5, atol=1e-4)
        found = estimator.transform(X[rows], *asked(estimator, Y[rows]))
        np.testing.assert_allclose(found, codes[rows], rtol=1e-5, atol=1e-5)


@pytest.fixture
def other_threads():
    """As many threads as there were not."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1 if threads > 1 else 2)
    yield
    torch.set_num_threads(threads)


def test_threads(fitted, other_threads):
    others = {model: scores(estimator, X) for model, estimator in fitted.items()}
    again = scores(VAE(**TINY).fit(X, Y), X)
    torch.set_num_threads(1 if torch.get_num_threads() > 1 else 2)
    for model, found in [*others.items(), (VAE, again)]:
        np.testing.assert_allclose(found, scores(fitted[model], X), rtol=1e-5, atol=1e-4)


def test_names_find_their_columns_in_any_order():
    frame = pd.DataFrame(X, columns=list(ALL)).assign(word=np.where(Y, "yes", "no"))
    turned = frame[frame.columns[::-1]]
    for model in (VAE, CVAE):
        estimator = model(**TINY).fit(frame, Y)
        np.testing.assert_array_equal(scores(estimator, turned), scores(estimator, frame))


GAUSSIAN = np.column_stack([near(Z), near(-2.0 * Z, 1.0), near(0.5 * Z), near(Z, 2.0), near(0.0 * Z)])
# Where a fit is when it has hardly begun.
STILL = {**TINY, "learning_rate": 1e-9, "likelihood": "gaussian:per-feature", "latent_dim": 1}


@FEW
@given(order=st.permutations(range(GAUSSIAN.shape[1])))
def test_where_a_fit_starts_has_no_order_of_columns(order):
    """Factor analysis, where the ELBO is log p of the row whatever z is drawn."""
    first, other = (VAE(**STILL).fit(x) for x in (GAUSSIAN, GAUSSIAN[:, order]))
    np.testing.assert_allclose(
        other.score_samples(GAUSSIAN[:, order], k=1), first.score_samples(GAUSSIAN, k=1), rtol=1e-4, atol=1e-3
    )
