"""Columns that never change. There is no density along them: they add 0 nats, come back exactly, and a row that differs
there has log p = −inf.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Flags = NDArray[np.bool_]
# Of a value's size: what arithmetic in float64 moves it by, and what float32 does. The latter is told from a time or an
# amount that does change a little by almost all values being equal. Whole numbers are what they are, as far as float64
# holds them.
ROUNDING, CLOSE, EQUAL, WHOLE = 2.0**-46, 2.0**-22, 0.9, 2.0**53


def never_changing(x: Array) -> tuple[Flags, NDArray[np.float64]]:
    """Which columns of x ``(N, F)`` hold one value but for rounding, and the value, ``(F,)`` each (else 0).

    >>> x = np.array([[7.0, 1.0, 0.0, 1e7]] * 19 + [[7.0000001, 1.01, 1e-9, 1e7 + 1]])
    >>> never_changing(x)[0].tolist(), never_changing(x)[1].tolist()
    ([True, False, False, False], [7.0, 0.0, 0.0, 0.0])
    """
    low, high = x.min(axis=0).astype(np.float64), x.max(axis=0).astype(np.float64)
    size = np.maximum(np.abs(low), np.abs(high))
    # Halves, so that nothing overflows.
    extent = high / 2.0 - low / 2.0
    found, values = np.zeros(x.shape[1], np.bool_), np.zeros(x.shape[1])
    for column in np.flatnonzero(extent <= CLOSE * size / 2.0):
        every = x[:, column].astype(np.float64)
        middle = np.partition(every, (len(every) - 1) // 2)[(len(every) - 1) // 2]  # the median that is in a row
        if len(np.unique(every[whole(every)])) > 1:
            continue
        if extent[column] <= ROUNDING * size[column] / 2.0 or (every == middle).mean() >= EQUAL:
            found[column], values[column] = True, middle
    return found, values


def departed(rows: Array, constant: Flags, value: NDArray[np.float64]) -> Flags | None:
    """Which values of rows ``(N, F)`` differ from what their column never changes from; None for none.

    A cell that is missing differs from nothing. Whole numbers are compared exactly, others as float32 holds them.

    >>> departed(np.array([[7.0, 1.0], [8.0, np.nan]]), np.array([True, False]), np.array([7.0, 0.0])).tolist()
    [[False, False], [True, False]]
    """
    columns = np.flatnonzero(constant)
    found: Flags = np.zeros(rows.shape, dtype=np.bool_)
    some, usual = rows[:, columns].astype(np.float64), value[columns]
    if rows.dtype.kind == "f" and rows.dtype.itemsize < 8:  # what their type makes of it
        usual = usual.astype(np.float32).astype(np.float64)
    close = CLOSE * np.where(whole(some) & whole(usual), 0.0, np.abs(usual))
    found[:, columns] = np.abs(some - usual) > close
    return found if bool(found.any()) else None


def whole(values: NDArray[np.float64]) -> Flags:
    """Which are whole numbers that float64 tells from those beside them."""
    found: Flags = (values == np.round(values)) & (np.abs(values) <= WHOLE)
    return found
