"""Labels that lie in a file of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.csv_files import read_csv_column
from aevum.data.files import shown
from aevum.data.idx import is_idx, read_idx
from aevum.data.kinds import is_text_table
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
