"""What the rows are like, read in pieces: mapped files may be larger than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
# Fewer columns are no picture; of more of them this share must end where all of them do, but for this share of their
# range.
FLATTENED, MOST, NEAR = 64, 0.5, 0.01
# What has other sides is a window in time, whose channels must each reach to within this share of the range of all.
SMALLEST_SIDE, LONGEST_SIDES, APART = 8, 4, 0.5


def is_binary(x: Array, top: float) -> bool:
    """Whether every value is 0 or the top."""
    return x.dtype.kind == "b" or all(bool(((part == 0) | (part == top)).all()) for part in chunks(x))


def one_unit(x: Array) -> bool:
    """Whether all values are on one scale, as pixels are: their columns share their bounds.

    Scaling each pixel by its own deviation would blow up the corners that are nearly always black; scaling a table's
    columns by one number would let the largest unit decide. Neither the number type nor the size of the values says
    which it is, since a unit can be changed: of rows ``(N, F)`` most of at least 64 columns must end where all do, as
    those of flattened pictures do; of pictures most columns and lines must overlap, and of few channels all.

    >>> images, windows = np.random.RandomState(0).rand(9, 8, 8), np.random.RandomState(0).rand(9, 50, 2)
    >>> one_unit(images), one_unit(windows), one_unit(windows * [20.0, 101325.0])
    (True, True, False)
    """
    return channel_axis(x) is None


def channel_axis(x: Array) -> int | None:
    """Along which axis of an example values differ in unit: 0 for columns of a table; None where all have one."""
    event = x.shape[1:]
    if len(event) < 2:
        return None if len(event) == 1 and _most_end_alike(*edges(x, ())) else 0
    least, most = min(event), max(event)
    picture = len(event) == 2 and least >= SMALLEST_SIDE and most <= LONGEST_SIDES * least
    # Channels come first or last; of a picture without any, each line and each column is looked at.
    last = len(event) - 1
    for axis in (last, 0) if picture else (last if event[last] <= event[0] else 0,):
        low, high = edges(x, tuple(other for other in range(len(event)) if other != axis))
        if not _overlap(low, high, np.median if picture else np.max):
            return axis
    return None


def edges(x: Array, axes: tuple[int, ...]) -> tuple[Array, Array]:
    """The least and the largest values over rows and these axes of an example, NaN left out."""
    every = (0, *(axis + 1 for axis in axes))
    with np.errstate(invalid="ignore"):
        return np.fmin.reduce(x, axis=every).astype(np.float64), np.fmax.reduce(x, axis=every).astype(np.float64)


def _most_end_alike(low: Array, high: Array) -> bool:
    varies = high > low
    if varies.sum() < FLATTENED:
        return False
    least, most = low[varies].min(), high[varies].max()
    near = NEAR * (most / 2.0 - least / 2.0)
    at_least, at_most = low[varies] / 2.0 - least / 2.0 <= near, most / 2.0 - high[varies] / 2.0 <= near
    return bool(at_least.mean() >= MOST and at_most.mean() >= MOST)


def _overlap(low: Array, high: Array, of_all: Callable[[Array], Any]) -> bool:
    varies = high > low
    if varies.sum() < 2:
        return True
    low, high = low[varies] / 2.0, high[varies] / 2.0
    extent = high.max() - low.min()
    return bool(of_all((low - low.min()) / extent) <= APART and of_all((high.max() - high) / extent) <= APART)


def moments(x: Array, rows: NDArray[np.intp], axes: tuple[int, ...] | None = None) -> tuple[Array, Array]:
    """Mean and standard deviation of these rows, in float64 and in chunks; a constant's deviation is 0.

    Args:
        x: ``(N, *event)``.
        rows: which of them.
        axes: of an example, that are taken together and kept with length 1; () to have each value's own; None for all.
    """
    axis = None if axes is None else (0, *(each + 1 for each in axes))
    count = len(rows) * int(np.prod([n for i, n in enumerate(x.shape[1:]) if axes is None or i in axes]))

    def summed(values: Array) -> Array:
        total: Array = values.sum() if axis is None else values.sum(axis=axis, keepdims=True)[0]
        return total

    # From one of the values on: a large offset would take a small spread's digits, and a constant's rounding add up.
    first = np.asarray(x[rows[:1]][0], np.float64)
    near = (
        first.reshape(-1)[0]
        if axes is None
        else first[tuple(slice(1) if i in axes else slice(None) for i in range(first.ndim))]
    )
    apart = sum((summed(x[part].astype(np.float64) - near) for part in row_chunks(rows, x)), start=np.zeros(())) / count
    mean = near + apart
    with np.errstate(over="ignore"):  # what overflows is refused by its infinite deviation
        squares = sum(
            (summed(np.square(x[part].astype(np.float64) - near - apart)) for part in row_chunks(rows, x)),
            start=np.zeros(()),
        )
    deviation = np.sqrt(squares / count)
    tiny = deviation <= np.finfo(np.float64).eps * np.maximum(np.abs(mean), 1e-300)
    return np.asarray(mean), np.where(tiny, 0.0, deviation)


def row_chunks(rows: NDArray[np.intp], x: Array, budget: int = 2**26) -> list[NDArray[np.intp]]:
    """Row indices in pieces whose float64 copies stay within a budget of bytes."""
    size = max(1, budget // max(1, 8 * int(np.prod(x.shape[1:]))))
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def chunks(x: Array, budget: int = 2**26) -> Iterator[Array]:
    """The rows in pieces of bounded size, one at a time: sparse ones are dense only then."""
    size = max(1, budget // max(1, 8 * int(np.prod(x.shape[1:]))))
    return (x[start : start + size] for start in range(0, len(x), size))
