"""Examples and labels in one object (a torch data set, a pair, a dictionary) as X and y, where it is clear which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from torch.utils.data import DataLoader, IterableDataset, TensorDataset
from torch.utils.data import Dataset as TorchDataset

from aevum.data import Dataset, open_data
from aevum.data.corpus_files import is_dataset, open_corpus, settled
from aevum.data.files import listed, quoted
from aevum.data.npz import EXAMPLES, label_keys
from aevum.data.sparse_rows import is_sparse_matrix
from aevum.errors import InputError

# What is to be written instead, by the kind of object; none of them says how many rows it holds without being read.
_LINES: tuple[tuple[type, str], ...] = (
    (DataLoader, "X = torch.cat([batch[0] for batch in loader])"),
    (IterableDataset, "X = torch.stack([row[0] for row in data])"),
    (TorchDataset, "X = torch.stack([data[i][0] for i in range(len(data))])"),
    (Iterator, "X = np.stack(list(X))"),
    (set, "X = np.stack(list(X)), whose order is chance"),
)


def unpacked(X: object, y: object) -> tuple[object, object]:
    """X and y: a name or path becomes a :class:`~aevum.data.Dataset`, a container its parts; all else stays as it is.

    Raises:
        InputError: the container's parts aren't clear, with the line to write; or it has labels beside y.
    """
    if isinstance(X, (str, Path)):
        return open_data(X), y
    if is_dataset(X):
        return settled(open_corpus(X)), y
    own: object = None
    if is_sparse_matrix(X):
        return (X.tocsr() if isinstance(X, Mapping) else X), y  # type: ignore[attr-defined]  # a dok_array is a dictionary
    if isinstance(X, TensorDataset):
        X, own = _of_tensors(X.tensors)
    elif isinstance(X, Mapping):
        X, own = _of_mapping(X)
    elif isinstance(X, (tuple, list)) and _is_pair(X):
        X, own = X
    else:
        _refuse(X)
    if own is not None and y is not None:
        raise InputError("X brings its own labels, and y is given too: pass one of them")
    return X, own if y is None else y


def _of_tensors(tensors: tuple[Any, ...]) -> tuple[object, object]:
    if len(tensors) > 2:
        raise InputError(
            f"X is a TensorDataset of {len(tensors)} tensors; which is which isn't clear: pass X = data.tensors[0]"
        )
    return tensors[0], tensors[1] if len(tensors) == 2 else None


def _of_mapping(X: Mapping[Any, Any]) -> tuple[object, object]:
    """The parts of a dictionary, a Bunch or an npz file under the names that an npz file may give them."""
    keys = [key for key in X if isinstance(key, str)]
    wanted = (*EXAMPLES, "X_train", "x_train")
    chosen = next((key for key in wanted if key in keys and len(np.shape(X[key])) > 1), None)
    if chosen is None:
        raise InputError(
            f"X is a {type(X).__name__} of {listed([quoted(key) for key in X], 6)}, and none of these is called x or"
            " data; pass a 2D array, such as pd.DataFrame(X) where the keys are columns"
        )
    x = X[chosen]
    fitting = (X[key] for key in label_keys(keys, chosen) if np.shape(X[key])[:1] == np.shape(x)[:1])
    names = X.get("feature_names")
    if isinstance(x, np.ndarray) and names is not None and np.shape(names) == x.shape[1:] and x.dtype.kind in "biuf":
        x = Dataset(x, feature_names=tuple(map(str, names)))
    return x, next(fitting, None)


def _is_pair(pair: Any) -> bool:
    """Whether two things are examples of two or more dimensions and as many labels."""
    if len(pair) != 2 or not all(hasattr(part, "shape") for part in pair[:1]):
        return False
    x, y = (tuple(getattr(part, "shape", np.shape(part) if isinstance(part, list) else ())) for part in pair)
    return len(x) > 1 and y in ((x[0],), (x[0], 1)) and x != y


def _refuse(X: object) -> None:
    if isinstance(X, (tuple, list)) and len({getattr(part, "ndim", None) for part in X[:4]}) > 1:
        kinds = listed([type(part).__name__ for part in X], 4)
        raise InputError(
            f"X is a {type(X).__name__} of {len(X)} parts of several shapes ({kinds}), and which is which isn't clear:"
            " pass X = X[0] and y = X[1]"
        )
    for kind, line in _LINES:
        if isinstance(X, kind):
            raise InputError(f"X is a {type(X).__name__}, which doesn't hold its rows as one array; write {line}")
    if hasattr(X, "to_pandas") and hasattr(X, "column_names"):
        raise InputError(f"X is a {type(X).__module__.split('.')[0]} {type(X).__name__}; write X = X.to_pandas()")
