"""What the rows are like, read in pieces: mapped files may be larger than memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def is_binary(x: Array, top: float) -> bool:
    """Whether every value is 0 or the top."""
    return x.dtype.kind == "b" or all(bool(((part == 0) | (part == top)).all()) for part in chunks(x))


def one_unit(x: Array) -> bool:
    """Whether all values are on one scale, as pixels are: images, 8-bit values, and rows within [0, 1].

    Scaling each pixel by its own deviation would blow up the corners that are nearly always black; scaling a table's
    columns by one number would let the largest unit decide.
    """
    return x.ndim > 2 or x.dtype == np.uint8 or (float(x.min()) >= 0.0 and float(x.max()) <= 1.0)


def moments(x: Array, rows: NDArray[np.intp], per_feature: bool) -> tuple[Array, Array]:
    """Mean and standard deviation of these rows, in float64 and in chunks; a constant's deviation is 0."""
    axis = 0 if per_feature else None
    total = np.zeros(x.shape[1:] if per_feature else (), np.float64)
    for part in row_chunks(rows, x):
        total += x[part].astype(np.float64).sum(axis=axis)
    count = len(rows) * (1 if per_feature else int(np.prod(x.shape[1:])))
    mean = total / count
    squares = np.zeros_like(total)
    for part in row_chunks(rows, x):
        with np.errstate(over="ignore"):  # what overflows is refused by its infinite deviation
            squares += np.square(x[part].astype(np.float64) - mean).sum(axis=axis)
    deviation = np.sqrt(squares / count)
    tiny = deviation <= 1e-12 * np.maximum(np.abs(mean), 1e-300)
    return mean, np.where(tiny, 0.0, deviation)


def row_chunks(rows: NDArray[np.intp], x: Array, budget: int = 2**26) -> list[NDArray[np.intp]]:
    """Row indices in pieces whose float64 copies stay within a budget of bytes."""
    size = max(1, budget // max(1, 8 * int(np.prod(x.shape[1:]))))
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def chunks(x: Array, budget: int = 2**26) -> list[Array]:
    """Views of the rows in pieces of bounded size."""
    size = max(1, budget // max(1, 8 * int(np.prod(x.shape[1:]))))
    return [x[start : start + size] for start in range(0, len(x), size)]
