"""Tables of numbers alone, whose rows are arrays: as many decimals as their columns were written with."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.estimators.frame_columns import decimal_step

Array = NDArray[Any]
# Most columns of more decimals are known by so few rows.
FEW = 1000


def decimals_of(x: Any) -> tuple[int | None, ...] | None:
    """How many decimals each column of a table ``(N, F)`` has, None for more than four; None where this tells nothing.

    >>> decimals_of(np.array([[0.5, 3.0, 1 / 3], [7.25, np.nan, 2.0]]))
    (2, 0, None)
    """
    if not (isinstance(x, np.ndarray) and x.ndim == 2 and x.dtype.kind == "f"):
        return None
    steps = [_step(column[~np.isnan(column)]) for column in np.asarray(x).T]
    found = tuple(None if step is None else round(-math.log10(step)) for step in steps)
    return found if any(each is not None for each in found) else None


def _step(numbers: Array) -> float | None:
    few = decimal_step(numbers[:FEW])
    return few if few is None or len(numbers) <= FEW else decimal_step(numbers)


def with_decimals(values: Array, decimals: Sequence[int | None] | None, least: int = 0) -> Array:
    """Rows of numbers ``(…, F)``, each column with so many decimals, where these are ``least`` or more."""
    if decimals is None:
        return values
    made = np.array(values)
    for place, each in enumerate(decimals):
        if each is not None and each >= least:
            made[..., place] = np.round(made[..., place].astype(np.float64), each)  # narrower ones overflow
    return made
