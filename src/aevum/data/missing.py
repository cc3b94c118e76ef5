"""Cells without a value, in whatever container they come: a mask, None, NaN, pandas' NA and NaT."""

from __future__ import annotations

from typing import Any

import numpy as np

WHAT_TO_DO = "fill them in or drop the rows"


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
