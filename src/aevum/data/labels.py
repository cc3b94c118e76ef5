"""Labels: what they are, those that lie in a file of their own, and several columns of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.columns import column_text, missing_labels
from aevum.data.csv_files import read_csv_column
from aevum.data.dataset import Dataset
from aevum.data.files import quoted, shown
from aevum.data.idx import is_idx, read_idx
from aevum.data.kinds import is_text_table
from aevum.data.missing import lacking
from aevum.data.numpy_files import read_npy
from aevum.errors import InputError


def read_labels(path: Path, rows: int) -> NDArray[Any]:
    """One label for each of ``rows`` rows, shape ``(rows,)``, from a .npy, single-column .csv or IDX file.

    :raises InputError: another kind of file, a damaged one, or another number of labels than rows.
    """
    suffix = path.suffix.lower()
    if suffix == ".npy":
        found = read_npy(path)
    elif is_text_table(path):
        found = read_csv_column(path, rows)
    elif is_idx(path):
        found = read_idx(path)
    else:
        raise InputError(f"labels come from a .npy, a single-column .csv or an IDX file, not from {shown(path)}")
    if found.shape[:1] != (rows,) or found.ndim > 2:
        raise InputError(
            f"{shown(path)} holds labels of shape {found.shape}, but the data have {rows} rows; there must be one label"
            " per row"
        )
    y, note = label_column(np.array(found), rows, f"the labels in {shown(path)}")
    if y is None:
        raise InputError(str(note))
    return y


def with_labels(data: Dataset, names: Sequence[str], label_gaps: bool = False) -> Dataset:
    """A table whose columns of these names are its labels, instead of data; where there may be ``label_gaps``, NaN or
    empty text where a cell is empty.

    :raises InputError: a cell of theirs is empty and may not be, or no other column is left.
    """
    every = {**dict(zip(data.feature_names or (), data.x.T, strict=True)), **data.left_out}
    words = {column.name: column.categories for column in data.columns or () if column.categories}
    labels = {}
    for name in names:
        values = every[name]
        empty = np.isnan(values)
        if empty.any() and not label_gaps:
            where = f"row {data.rows[int(empty.argmax())]}"
            raise missing_labels(Path(data.name), column_text(names, names.index(name)), int(empty.sum()), where)
        if name in words:
            known = np.array(words[name])[np.where(empty, 0, values).astype(np.intp)]
            labels[name] = np.where(empty, "", known)
        else:
            labels[name] = values.astype(np.int64) if bool((values == np.round(values)).all()) else values
    kept = [place for place, name in enumerate(data.feature_names or ()) if name not in labels]
    if not kept:
        raise InputError(f"{data.name} has no column left for the data beside the labels")
    return replace(
        data,
        x=data.x[:, kept],
        y=one_array(labels),
        feature_names=tuple((data.feature_names or ())[place] for place in kept),
        columns=None if data.columns is None else tuple(data.columns[place] for place in kept),
        left_out={name: values for name, values in data.left_out.items() if name not in labels},
        label_gaps=label_gaps,
    )


def label_column(found: NDArray[Any], rows: int, where: str) -> tuple[NDArray[Any] | None, str | None]:
    """Labels ``(rows,)`` from an array of one column, or of one-hot rows; and what should be said about it.

    >>> label_column(np.eye(3)[[2, 0]], 2, "the labels")[0]
    array([2, 0])
    """
    if found.shape in ((rows,), (rows, 1)):
        return found.reshape(-1), None
    if is_one_hot(found):
        return found.argmax(axis=1), None
    return None, f"{where} have shape {found.shape}, which is neither one label per row nor one-hot; they aren't used"


def is_one_hot(labels: NDArray[Any]) -> bool:
    """Whether each row of an array ``(N, C)``, C ≥ 2, holds a single one and zeros."""
    if labels.ndim != 2 or labels.shape[1] < 2 or labels.dtype.kind not in "biuf":
        return False
    return bool(((labels == 0) | (labels == 1)).all() and (labels.sum(axis=1) == 1).all())


# Whole numbers stored as floats are labels (a CSV's 0.0, 1.0, 2.0) unless there are too many: then they are a quantity.
MOST_FLOAT_CLASSES = 50


def is_quantity(labels: NDArray[Any]) -> bool:
    """Whether labels ``(N,)`` are real numbers rather than classes: fractions, or over 50 different floats.

    >>> is_quantity(np.array([0.0, 1.0, 2.0])), is_quantity(np.array([0.5, 1.0])), is_quantity(np.arange(100))
    (False, True, False)
    """
    if labels.dtype.kind != "f":
        return False
    whole = bool((labels == np.round(labels)).all())
    return not whole or len(np.unique(labels)) > MOST_FLOAT_CLASSES


def columns_of(y: Any) -> dict[str, NDArray[Any]] | None:
    """The columns of a DataFrame, a dictionary or a structured array of labels, by name; None for all else.

    >>> columns_of({"kind": ["a", "b"], "size": 1.5})
    {'kind': array(['a', 'b'], dtype='<U1'), 'size': array(1.5)}
    """
    names = y if isinstance(y, Mapping) else getattr(getattr(y, "dtype", None), "names", None)
    if names is None and hasattr(y, "dtypes"):
        names = getattr(y, "columns", None)
    if names is None:
        return None
    texts = [str(name) for name in names]
    if twice := next((name for name in texts if texts.count(name) > 1), None):
        raise InputError(f"several columns of y are called {quoted(twice)}; rename all but one")
    return {text: np.asarray(y[name]) for text, name in zip(texts, names, strict=True)}


def one_array(y: Any) -> Any:
    """Several named columns of labels as a structured array ``(N,)``, a single one as its values; all else as it is.

    Words that are missing are empty, and numbers NaN.

    >>> one_array({"kind": np.array(["a", None]), "size": np.array([1, 2])}).tolist()
    [('a', 1), ('', 2)]
    """
    columns = columns_of(y)
    shapes = {values.shape for values in (columns or {}).values()}
    if columns is None or len(shapes) != 1 or len(next(iter(shapes))) != 1:
        return y
    if len(columns) == 1:
        return next(iter(columns.values()))
    plain = {name: _of_one_type(values) for name, values in columns.items()}
    found = np.empty(len(next(iter(plain.values()))), dtype=[(name, values.dtype) for name, values in plain.items()])
    for name, values in plain.items():
        found[name] = values
    return found


def _of_one_type(values: NDArray[Any]) -> NDArray[Any]:
    if values.dtype.kind != "O":
        return values
    gaps = lacking(values)
    there = np.array(values[~gaps].tolist())
    if there.dtype.kind not in "biuf":
        return np.where(gaps, "", values.astype(str))
    if not gaps.any():
        return there
    found = np.full(len(values), np.nan)
    found[~gaps] = there
    return found
