import numpy as np
import pandas as pd
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


@pytest.mark.parametrize("masked", ["x", "y"])
def test_masked_cells_are_missing_cells(masked):
    cells = {"x": np.ma.masked_array(X, mask=X == 7), "y": np.ma.masked_array(np.arange(4), mask=np.arange(4) == 2)}
    with pytest.raises(InputError, match=r"1 of (12|4) cells is masked and has no value, the first at row 2.*fill"):
        Dataset(**{"x": X, **{masked: cells[masked]}})
    assert type(Dataset(np.ma.masked_array(X)).x) is np.ndarray


def test_pandas_missing_labels_are_missing():
    with pytest.raises(InputError, match=r"row 2 is missing \(1 in all\)"):
        Dataset(X, np.array(["a", pd.NA, "b", "c"], dtype=object))


def test_feature_names_must_fit():
    with pytest.raises(InputError, match="2 feature names"):
        Dataset(X, feature_names=("a", "b"))


def test_no_labels_no_classes():
    assert len(Dataset(X).classes) == 0
