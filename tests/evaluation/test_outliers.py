"""The recommended detector of outliers: what it finds, and what its scores don't depend on."""

import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from aevum import DAE, Dataset, InputError
from aevum.evaluation import OutlierDetector
from aevum.posteriors import Diffusion

pytestmark = pytest.mark.usefixtures("quick_detectors")
ROWS, ODD = 250, 6


@pytest.fixture(scope="module")
def table():
    """Two causes in five columns, each with a tenth of noise; the first rows break the columns' dependence."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(ROWS, 2)) @ rng.normal(size=(2, 5)) + 0.1 * rng.normal(size=(ROWS, 5))
    x[:ODD, 1] += 4.0 * x[:, 1].std()
    return x


@pytest.fixture(scope="module", params=[True, False], ids=["contaminated", "ordinary"])
def contaminated(request):
    return request.param


@pytest.fixture(scope="module")
def fitted(contaminated, table, quick_detectors):
    rows = table if contaminated else table[ODD:]
    return OutlierDetector(contaminated=contaminated, contamination=0.05, k=20, random_state=0).fit(rows)


def test_it_finds_rows_that_break_what_columns_have_in_common(fitted, table):
    order = np.argsort(fitted.score_samples(table))
    assert set(order[:ODD]) == set(range(ODD))
    assert (fitted.predict(table[:ODD]) == -1).all()


def test_it_calls_the_asked_share_of_its_training_rows_outliers(fitted, contaminated, table):
    rows = table if contaminated else table[ODD:]
    assert (fitted.predict(rows) == -1).sum() == int(0.05 * len(rows) + 0.5)
    np.testing.assert_array_equal(fitted.decision_function(rows), fitted.score_samples(rows) - fitted.offset_)


def test_a_score_is_a_function_of_the_row(fitted, table):
    scores = fitted.score_samples(table)
    np.testing.assert_allclose(fitted.score_samples(table[::-1])[::-1], scores, atol=1e-5)
    np.testing.assert_allclose(fitted.score_samples(table[7:9]), scores[7:9], atol=1e-5)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fitted)).score_samples(table), scores)


def test_units_do_not_matter(fitted, contaminated, table):
    rows = table if contaminated else table[ODD:]
    a, b = np.array([1e-3, 1.0, 50.0, 2.0, 1e4]), np.array([5.0, 0.0, -300.0, 1.0, 0.0])
    other = clone(fitted).fit(rows * a + b)
    assert np.corrcoef(other.score_samples(table * a + b), fitted.score_samples(table))[0, 1] > 0.999


def test_a_row_that_no_model_holds_possible_has_a_finite_score(fitted, table):
    far = table[:2].copy()
    far[0, 0], far[1, 0] = 1e30, -1e300
    scores = fitted.score_samples(far)
    assert np.isfinite(scores).all() and (scores < fitted.score_samples(table).min()).all()


def test_it_takes_tables_as_they_come(contaminated, table):
    frame = pd.DataFrame(table, columns=list("abcde"))
    frame["kind"] = np.where(np.arange(ROWS) % 3, "x", "y")
    frame.loc[20:40, "c"] = np.nan
    found = OutlierDetector(contaminated=contaminated, k=5, random_state=0).fit(frame)
    frame.loc[9, "b"] += 30.0
    assert found.score_samples(frame).argmin() == 9
    assert all(member.model.likelihood_.family == "columns" for member in found.members_)


@pytest.mark.slow
def test_the_kind_of_container_does_not_matter(table):
    detector = OutlierDetector(contaminated=False, k=5, random_state=0)
    containers = table, Dataset(table, feature_names=tuple("abcde")), csr_matrix(table)
    scores = [clone(detector).fit(rows).score_samples(rows) for rows in containers]
    for other in scores[1:]:
        np.testing.assert_allclose(other, scores[0], atol=1e-4)


def test_what_it_refuses(table):
    with pytest.raises(NotFittedError):
        OutlierDetector().predict(table)
    with pytest.raises(InputError, match=r"OutlierDetector is for tables.*detect\(model, X\)"):
        OutlierDetector().fit(np.zeros((20, 8, 8)))
    with pytest.raises(InputError, match="contamination"):
        OutlierDetector(contamination=1.5).fit(table)
    for few in (0, 1):
        with pytest.raises(InputError, match=rf"X has shape \({few}, 5\); an OutlierDetector .* two at least"):
            OutlierDetector().fit(table[:few])


@pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning")  # other rows lie elsewhere
def test_two_rows_are_enough(contaminated, table):
    """Trimming leaves two, though a quarter of them is one."""
    found = OutlierDetector(contaminated=contaminated, k=5, random_state=0).fit(table[:2])
    assert np.isfinite(found.score_samples(table[:9])).all()


@pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning")  # of what trimming has left, one value
@pytest.mark.parametrize(
    "container",
    [
        np.asarray,
        pd.DataFrame,
        pytest.param(lambda x: Dataset(x, feature_names=tuple("abcde")), marks=pytest.mark.slow),
    ],
)
def test_trimming_leaves_each_column_a_value(container, table):
    """Also where the only rows that have one are the oddest."""
    x = table[ODD:].copy()
    x[5:, 4] = np.nan
    x[:5, :4] *= 50.0
    found = OutlierDetector(k=5, random_state=0).fit(container(x))
    assert found.predict(container(x))[:5].tolist() == [-1] * 5


def test_the_noise_of_a_diffusion_has_the_moments_it_says():
    """E[1 − s²] = ∫ (1 − L²)^(u²) du; given s the rest is Gaussian."""
    level = 0.63
    x = torch.full((200_000, 2), 3.0, dtype=torch.float64)
    made = Diffusion(level, -3.0, 3.0)(x, torch.Generator().manual_seed(0)).numpy()
    u = (np.arange(10_000) + 0.5) / 10_000
    kept = (1.0 - level**2) ** np.square(u)
    np.testing.assert_allclose(made.mean(0), 3.0 * np.sqrt(kept).mean(), atol=0.01)
    np.testing.assert_allclose(np.square(made).mean(0), (9.0 * kept + 1.0 - kept).mean(), rtol=0.01)
    # Both values of a row are noised to the same degree: their squares go together.
    both = np.square(made - made.mean(0))
    assert np.corrcoef(both.T)[0, 1] > 0.05
    with pytest.raises(InputError, match="noise's share"):
        DAE(1, corruption="diffusion", noise=1.5, epochs=1).fit(np.zeros((20, 2)) + np.arange(20)[:, None])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning")  # columns that never change
def test_equal_rows_are_equally_odd():
    """Of a constant table none is, nor is one of a batch of two."""
    every = np.ones((50, 3))
    found = OutlierDetector(contamination="auto", k=5, random_state=0).fit(every)
    assert (found.predict(every) == 1).all() and (found.predict(every[:2]) == 1).all()
    np.testing.assert_allclose(found.score_samples(every), 0.0, atol=1e-3)
    other = np.concatenate([every[:49], [[1.0, 1.0, 2.0]]])
    assert np.flatnonzero(OutlierDetector(k=5, random_state=0).fit(other).predict(other) == -1).tolist() == [49]
    several = np.repeat(np.random.default_rng(0).normal(size=(20, 3)), 5, axis=0)
    labels = OutlierDetector(k=5, random_state=0).fit(several).predict(several).reshape(20, 5)
    assert (labels == labels[:, :1]).all()
