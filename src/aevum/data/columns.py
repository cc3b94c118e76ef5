"""What CSV and Parquet tables share: which column is the labels, and what is said about a cell that isn't a number."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import listed, quoted, shown
from aevum.errors import InputError

_MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-", "<na>", "nat"}
# One long text would widen every label of numpy's fixed-width array.
_MAX_LABEL = 1000


def column_text(names: Sequence[str] | None, position: int) -> str:
    """``column "age"``, or the column's number from 1 where it has no name."""
    return f"column {quoted(names[position])}" if names is not None and names[position] else f"column {position + 1}"


def label_position(names: Sequence[str] | None, width: int, labels: str, path: Path) -> int:
    """The position of the column called ``labels``; where columns have no names, its number counted from 1.

    :raises InputError: no such column, or several.
    """
    if names is None:
        if labels.isascii() and labels.isdigit() and len(labels) < 9 and 1 <= int(labels) <= width:
            return int(labels) - 1
        raise InputError(
            f"{shown(path)} has no row of column names, so there is no column {quoted(labels)}; name the column of"
            f" labels by its number, 1 to {width}"
        )
    found = [i for i, name in enumerate(names) if name == labels.strip()]
    if len(found) > 1:
        raise InputError(f"{shown(path)} has {len(found)} columns called {quoted(labels)}; rename all but one")
    if not found:
        near = difflib.get_close_matches(labels, names, n=1)
        hint = f"did you mean {quoted(near[0])}? " if near else ""
        raise InputError(f"{shown(path)} has no column {quoted(labels)}; {hint}it has: {listed(list(names))}")
    return found[0]


def missing_cell(path: Path, column: str, where: str) -> InputError:
    """The error for an empty cell."""
    return InputError(f"{shown(path)}, {where}: {column} has no value; fill missing values in first or drop those rows")


def bad_cell(path: Path, column: str, value: str, where: str) -> InputError:
    """The error for a cell of x that isn't a finite number, with what would work."""
    text = value.strip()
    if text.lower() in _MISSING:
        return missing_cell(path, column, where)
    if text.lower().lstrip("+-") in ("inf", "infinity"):
        return InputError(f"{shown(path)}, {where}: {column} is infinite; replace it by a finite number")
    if text.count(",") == 1 and text.replace(",", "").lstrip("+-").isdigit():
        return InputError(
            f"{shown(path)}, {where}: {column} is {quoted(text)}; numbers need a decimal point, not a comma"
        )
    return InputError(
        f"{shown(path)}, {where}: {column} isn't numeric: {quoted(value)}; if it is the label, name it with"
        " --labels (labels= in Python), else encode it as numbers or leave it out"
    )


def label_array(cells: list[str], path: Path) -> NDArray[Any]:
    """Labels (N,) as integers where all are, else as floats where all are, else as text.

    >>> label_array(["1", "2"], Path("t.csv")).dtype.kind, label_array(["1", "b"], Path("t.csv")).dtype.kind
    ('i', 'U')
    """
    longest = max(map(len, cells), default=0)
    if longest > _MAX_LABEL:
        raise InputError(f"{shown(path)}: a label is {longest} characters long; is this the right column?")
    if not any("_" in cell for cell in cells):  # int() and float() read "2021_03" as 202103
        for convert, dtype in ((int, np.int64), (float, np.float64)):
            try:
                return np.array([convert(cell) for cell in cells], dtype=dtype)
            except (ValueError, OverflowError):
                continue
    return np.array(cells, dtype=np.str_)
