"""What a fit is given: rows, what they are conditioned on, how much each counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.sparse_rows import taken
from aevum.errors import InputError

Array = NDArray[Any]
Rows = NDArray[np.intp]
Weights = NDArray[np.float64]
# Copies that stand for weights that are no whole numbers: of each row, and of all.
COPIES, MOST_COPIES = 16, 2**22


@dataclass(frozen=True)
class Given:
    """Rows ``(N, *event)``, y of each or None, and weights ``(N,)`` above 0 or None."""

    x: Array
    y: Any = None
    weights: Weights | None = None

    @classmethod
    def of(cls, x: Array, y: Any, weights: Any, name: str = "sample_weight") -> Given:
        """The rows that count: one of weight 0 is as good as absent.

        Raises:
            InputError: the weights are no finite numbers of at least 0, one a row and one above 0.
        """
        if weights is None:
            return cls(x, y)
        found = read_weights(weights, len(x), name)
        counts = found > 0.0
        if counts.all():
            return cls(x, y, found if np.ptp(found) else None)
        rows = np.flatnonzero(counts)
        y = [y[row] for row in rows] if isinstance(y, (list, tuple)) else y if y is None else y[rows]
        return cls.of(taken(x, rows), y, found[rows])


def read_weights(weights: Any, rows: int, name: str) -> Weights:
    """Weights as numbers, ``(rows,)``.

    Raises:
        InputError: they are anything else, negative, not finite, or all 0.
    """
    try:
        found: Weights = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} must be numbers, one a row") from error
    if found.ndim == 0:
        found = np.full(rows, float(found))
    if found.shape != (rows,):
        raise InputError(f"{name} has shape {found.shape}; expected ({rows},), one weight a row")
    bad = ~(np.isfinite(found) & (found >= 0.0))
    if bad.any():
        row = int(bad.argmax())
        raise InputError(f"{name} is {found[row]:g} at row {row} ({bad.sum()} such rows); weights are at least 0")
    if not found.any():
        raise InputError(f"{name} is zero in every row, so that there is nothing to learn from")
    return found


def copies_of(rows: Rows, weights: Weights | None) -> Rows:
    """These rows, each as often as its weight says: for what knows no weights.

    Whole multiples of the least weight are met exactly, others to within a copy in 16 by systematic sampling.

    >>> copies_of(np.array([4, 7, 2]), np.array([0, 0, 1.0, 0, 0.5, 0, 0, 1.5])).tolist()
    [4, 7, 7, 7, 2, 2]
    """
    if weights is None:
        return rows
    some = weights[rows]
    counts = some / some.min()
    if counts.sum() <= MOST_COPIES and np.allclose(counts, np.round(counts), rtol=1e-9):
        return np.repeat(rows, np.round(counts).astype(np.intp))
    total = min(COPIES * len(rows), max(MOST_COPIES, len(rows)))
    ends = np.floor(np.cumsum(some) / some.sum() * total + 0.5).astype(np.intp)
    return np.repeat(rows, np.diff(ends, prepend=0))
