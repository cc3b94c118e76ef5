"""X and y in one object: read where it is clear which is which, else a sentence with the line to write."""

import numpy as np
import pandas as pd
import pyarrow
import pytest
import torch
from sklearn.datasets import load_iris
from sklearn.utils import Bunch
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset

from aevum import CVAE, VAE, InputError

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "batch_size": 32, "random_state": 0}
X = np.random.RandomState(0).randn(40, 6).astype(np.float32)
Y = np.arange(40) % 3
T, L = torch.from_numpy(X), torch.from_numpy(Y)


class Map(Dataset):
    def __getitem__(self, i):
        return T[i], int(L[i])

    def __len__(self):
        return 40


class Stream(IterableDataset):
    def __iter__(self):
        return iter(T)


def _npz(tmp_path):
    np.savez(tmp_path / "d.npz", x=X, y=Y)
    return np.load(tmp_path / "d.npz")


WITH_LABELS = {
    "tensors": lambda _: TensorDataset(T, L),
    "tuple": lambda _: (X, Y),
    "tuple of tensors": lambda _: (T, L),
    "list": lambda _: [X, Y],
    "tuple with a list": lambda _: (X, Y.tolist()),
    "dictionary": lambda _: {"x": X, "y": Y},
    "dictionary of scikit-learn": lambda _: {"data": X, "target": Y},
    "training part": lambda _: {"X_train": X, "y_train": Y, "X_test": X[:3], "y_test": Y[:3]},
    "Bunch": lambda _: Bunch(data=X, target=Y, feature_names=list("abcdef")),
    "npz": _npz,
}


@pytest.mark.parametrize("kind", WITH_LABELS)
def test_examples_with_labels(kind, tmp_path):
    both, expected = WITH_LABELS[kind](tmp_path), CVAE(**TINY).fit(X, Y)
    found = CVAE(**TINY).fit(both)
    assert found.classes_.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(found.transform(both), expected.transform(X, Y))
    np.testing.assert_array_equal(VAE(**TINY).fit(both).transform(both), VAE(**TINY).fit(X).transform(X))
    with pytest.raises(InputError, match="own labels"):
        CVAE(**TINY).fit(both, Y)


def test_examples_alone():
    wanted = VAE(**TINY).fit(X).transform(X)
    for data in (TensorDataset(T), {"x": X}, list(T), {"data": T}):
        np.testing.assert_array_equal(VAE(**TINY).fit(data).transform(data), wanted)


def test_a_bunch_brings_its_names():
    assert VAE(**TINY).fit(load_iris()).feature_names_[0] == "sepal length (cm)"
    assert VAE(**TINY).fit(load_iris(as_frame=True)).feature_names_[0] == "sepal length (cm)"


def test_two_rows_are_no_pair():
    assert VAE(**TINY).fit(([1.0, 2.0, 3.0], [3.0, 4.0, 6.0])).parts_.event == (3,)
    assert VAE(**TINY).fit((X[:, :3], X[:, 3:])).parts_.event == (40, 3)


UNCLEAR = {
    "DataLoader": (lambda: DataLoader(TensorDataset(T), batch_size=8), "torch.cat([batch[0] for batch in loader])"),
    "data set": (Map, "torch.stack([data[i][0] for i in range(len(data))])"),
    "part of one": (lambda: Subset(TensorDataset(T), range(9)), "torch.stack([data[i][0]"),
    "stream": (Stream, "torch.stack([row[0] for row in data])"),
    "three tensors": (lambda: TensorDataset(T, T, L), "data.tensors[0]"),
    "generator": (lambda: (row for row in X), "np.stack(list(X))"),
    "map": (lambda: map(np.array, X), "np.stack(list(X))"),
    "set": (lambda: {1.0, 2.0}, "np.stack(list(X))"),
    "columns": (lambda: {"a": X[:, 0], "b": X[:, 1]}, "pd.DataFrame(X)"),
    "empty dictionary": (dict, "2D array"),
    "arrow": (lambda: pyarrow.table({"a": X[:, 0]}), "X.to_pandas()"),
    "None": (lambda: None, "X is None: expected a 2D array"),
    "object": (object, "X is a object: expected a 2D array"),
    "sparse tensor": (lambda: T.to_sparse(), "X.to_dense()"),
}


@pytest.mark.parametrize("kind", UNCLEAR)
def test_what_is_unclear_is_told_the_line_to_write(kind):
    make, words = UNCLEAR[kind]
    for call in (VAE(**TINY).fit, VAE(**TINY).fit(X).transform):
        with pytest.raises(InputError) as caught:
            call(make())
        assert words in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("dtype", "values"),
    [("string", ["a", pd.NA]), ("boolean", [True, pd.NA]), ("Int64", [1, pd.NA]), ("Float64", [1.5, pd.NA]),
     ("category", ["a", None]), ("object", ["a", float("nan")]), ("float64", [1.5, None]),
     ("object", [pd.NaT, "a"]), ("string[pyarrow]", ["a", None]), ("int64[pyarrow]", [1, None])],
)  # fmt: skip
def test_labels_without_a_value_are_placed_and_counted(dtype, values):
    y = pd.Series(values * 20, dtype=dtype)
    first = 0 if values[0] is pd.NaT else 1
    for call in (CVAE(**TINY).fit, CVAE(**TINY).fit(X, np.array(["a", "b"] * 20)).transform):
        with pytest.raises(InputError) as caught:
            call(X, y)
        if call.__name__ == "fit":
            assert f"y has no label at rows {first}, {first + 2}, " in str(caught.value)
            assert "(20 in all, as " in str(caught.value)
        assert "\n" not in str(caught.value)
