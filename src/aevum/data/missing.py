"""Cells without a value, in whatever container they come: a mask, None, NaN, pandas' NA and NaT."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import listed, quoted, shown
from aevum.errors import InputError

WHAT_TO_DO = "fill them in or drop the rows"

ERROR, MODEL, DROP, MEDIAN = "error", "model", "drop", "median"
CHOICES = (MODEL, DROP, MEDIAN, ERROR)
DEFAULT = MODEL
"""What happens to a table's empty cells where the user doesn't say."""

HOW = (
    f"--missing {DROP} (missing= in Python) leaves such rows out, --missing {MEDIAN} fills in the column's median, and"
    f" --missing {MODEL} leaves the cells empty for models that can"
)


def is_missing(value: Any) -> bool:
    """Whether a single value stands for none.

    Not a number is the one value that differs from itself; pandas' NA refuses to say whether it does.

    >>> is_missing(float("nan")), is_missing(None), is_missing("")
    (True, True, False)
    """
    try:
        return value is None or bool(value != value)
    except TypeError:
        return True


def lacking(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which labels of an array stand for none, of its shape: NaN, None, NA, NaT, empty text.

    >>> lacking(np.array(["a", ""])), lacking(np.array([1.0, np.nan])), lacking(np.array([1, None]))
    (array([False,  True]), array([False,  True]), array([False,  True]))
    """
    if values.dtype.kind == "U":
        return np.asarray(values == "")
    if values.dtype.kind in "fmM":
        return np.asarray(values != values)
    if values.dtype.kind != "O":
        return np.zeros(values.shape, dtype=np.bool_)
    found = [is_missing(value) or (isinstance(value, str) and not value) for value in values.ravel()]
    return np.array(found, dtype=np.bool_).reshape(values.shape)


def masked_cells(array: object, name: str = "") -> str | None:
    """What is wrong with a masked array: how many cells its mask hides, and where the first is. None for all others.

    >>> masked_cells(np.ma.masked_array([[1.0, 9999.0]], mask=[[False, True]]))
    '1 of 2 cells is masked and has no value, the first at row 0, column 1; fill them in or drop the rows'
    """
    if not isinstance(array, np.ma.MaskedArray) or not np.ma.is_masked(array):
        return None
    mask = np.ma.getmaskarray(array)
    first, count = np.argwhere(mask)[0] if mask.ndim else [], int(mask.sum())
    are = "is masked and has" if count == 1 else "are masked and have"
    of = f" of {name}" if name else ""
    return f"{count} of {mask.size} cells{of} {are} no value{place(first)}; {WHAT_TO_DO}"


def place(index: Any) -> str:
    """Where the first of several cells is, counted from 0 as Python does."""
    row, *column = [int(i) for i in index] or [0]
    where = f", column {', '.join(map(str, column))}" if column else ""
    return f", the first at row {row}{where}"


def checked_missing(value: object) -> str:
    """What is to happen to empty cells.

    :raises InputError: a word that isn't one of :data:`CHOICES`.
    """
    if value is None:
        return DEFAULT
    if value not in CHOICES:
        raise InputError(f"--missing {quoted(value)} (missing= in Python) must be {', '.join(CHOICES[:-1])} or {ERROR}")
    return str(value)


def settled(
    x: NDArray[np.float64],
    path: Path,
    columns: Sequence[str],
    missing: str,
    *,
    coded: Sequence[int] = (),
    empty_labels: Sequence[int] = (),
) -> tuple[NDArray[np.float64], NDArray[np.intp] | None, list[str]]:
    """A table ``(N, F)`` without empty cells, unless they are for the model; the rows that are left, or None for all;
    and what should be said.

    Columns whose positions are ``coded`` hold codes, of which the commonest is filled in; rows in ``empty_labels`` lack
    their label.

    :raises InputError: no row is left, or a column has no value at all.

    >>> settled(np.array([[1.0, 2.0], [np.nan, 3.0]]), Path("t.csv"), ['column "a"', 'column "b"'], "drop")[0]
    array([[1., 2.]])
    """
    gaps = np.isnan(x)
    if missing == DROP:
        full: NDArray[np.bool_] = np.logical_not(gaps.any(axis=1))
        full[list(empty_labels)] = False
        return _dropped(x, path, columns, gaps, full)
    found = np.flatnonzero(gaps.any(axis=0))
    if missing != MEDIAN or not found.size:
        return x, None, []
    places: list[int] = found.tolist()
    filled = {j: _typical(x[:, j], path, columns[j], j in coded) for j in places}
    for j, value in filled.items():
        x[gaps[:, j], j] = value
    told = listed([f"{columns[j].removeprefix('column ')} {gaps[:, j].sum()}" for j in filled], 6)
    note = f"{path.name}: {gaps.sum():,} empty cells are filled with their column's "
    return x, None, [note + f"median{' or commonest value' if coded else ''} ({told})"]


def _dropped(
    x: NDArray[np.float64], path: Path, columns: Sequence[str], gaps: NDArray[np.bool_], full: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.intp] | None, list[str]]:
    if full.all():
        return x, None, []
    counts: list[int] = gaps.sum(axis=0).tolist()
    worst = counts.index(max(counts))
    if not full.any():
        raise InputError(
            f"{shown(path)}: every row has an empty cell, most of them in {columns[worst]} ({counts[worst]:,} of"
            f" {len(x):,}), so that none is left; leave such columns out with --drop (drop= in Python)"
        )
    rows = np.flatnonzero(full)
    said = f"{path.name}: {len(x) - len(rows):,} of {len(x):,} rows have an empty cell and are left out"
    return x[rows], rows, [said]


def _typical(values: NDArray[np.float64], path: Path, column: str, coded: bool) -> float:
    known = values[~np.isnan(values)]
    if not known.size:
        raise InputError(f"{shown(path)}: {column} has no value at all; leave it out with --drop (drop= in Python)")
    if not coded:
        return float(np.median(known))
    codes, counts = np.unique(known, return_counts=True)
    return float(codes[counts.argmax()])
