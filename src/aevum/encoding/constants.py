"""Columns that never change. There is no density along them: they add 0 nats, come back exactly, and a row that differs
there has log p = −inf.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Flags = NDArray[np.bool_]
# Of a value's size: what arithmetic in float64 moves it by, and what float32 or writing it with six digits does. The
# latter is told from a time or an amount that does change a little by almost all values being equal.
ROUNDING, CLOSE, EQUAL = 1e-12, 1e-6, 0.9


def never_changing(x: Array) -> tuple[Flags, NDArray[np.float64]]:
    """Which columns of x ``(N, F)`` hold one value but for rounding, and the value, ``(F,)`` each (else 0).

    >>> x = np.array([[7.0, 1.0, 0.0]] * 19 + [[7.0000001, 1.01, 1e-9]])
    >>> never_changing(x)[0].tolist(), never_changing(x)[1].tolist()
    ([True, False, False], [7.0, 0.0, 0.0])
    """
    low, high = x.min(axis=0).astype(np.float64), x.max(axis=0).astype(np.float64)
    size = np.maximum(np.abs(low), np.abs(high))
    # Halves, so that nothing overflows.
    extent = high / 2.0 - low / 2.0
    found, values = np.zeros(x.shape[1], np.bool_), np.zeros(x.shape[1])
    for column in np.flatnonzero(extent <= CLOSE * size / 2.0):
        middle = np.median(x[:, column].astype(np.float64))
        if extent[column] <= ROUNDING * size[column] / 2.0 or (x[:, column] == middle).mean() >= EQUAL:
            found[column], values[column] = True, middle
    return found, values


def departed(rows: Array, constant: Flags, value: NDArray[np.float64]) -> Flags | None:
    """Which values of rows ``(N, F)`` differ from what their column never changes from; None for none.

    A cell that is missing differs from nothing.

    >>> departed(np.array([[7.0, 1.0], [8.0, np.nan]]), np.array([True, False]), np.array([7.0, 0.0])).tolist()
    [[False, False], [True, False]]
    """
    columns = np.flatnonzero(constant)
    found: Flags = np.zeros(rows.shape, dtype=np.bool_)
    found[:, columns] = np.abs(rows[:, columns].astype(np.float64) - value[columns]) > CLOSE * np.abs(value[columns])
    return found if bool(found.any()) else None
