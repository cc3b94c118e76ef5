import numpy as np
import pytest

from aevum.data import Dataset
from aevum.errors import InputError

X = np.arange(12.0).reshape(4, 3)


def test_take_copies_rows_by_index_and_mask():
    ds = Dataset(X)
    rows = ds.take([3, 0])
    rows[:] = -1
    assert ds.x[3, 0] == 9
    assert ds.take([]).shape == (0, 3)
    assert ds.take(np.array([True, False, False, True])).tolist() == X[[0, 3]].tolist()
    with pytest.raises(IndexError):
        ds.take([4])


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros((0, 3)), "no data"),
        (np.zeros((3, 0)), "no data"),
        (np.zeros(3), "reshape"),
        (np.array([["a", "b"]]), "real numbers"),
        (np.zeros((2, 2), complex), "real numbers"),
        (np.array([[{}]], dtype=object), "real numbers"),
        ([[1.0]], "numpy array"),
    ],
)
def test_unusable_examples(x, message):
    with pytest.raises(InputError, match=message):
        Dataset(x)


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.zeros(3), "3 labels don't fit 4 rows"),
        (np.zeros((4, 2)), "one column"),
        (np.array([0, np.nan, 1, np.nan]), r"row 2 is missing \(2 in all\)"),
        (np.array(["a", None, "b", "c"], dtype=object), "row 2 is missing"),
        (np.zeros(4, dtype="M8[s]"), "numbers or text"),
        ([1, 2, 3, 4], "numpy array"),
    ],
)
def test_unusable_labels(y, message):
    with pytest.raises(InputError, match=message):
        Dataset(X, y)


def test_feature_names_must_fit():
    with pytest.raises(InputError, match="2 feature names"):
        Dataset(X, feature_names=("a", "b"))


def test_no_labels_no_classes():
    assert len(Dataset(X).classes) == 0
