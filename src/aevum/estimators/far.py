"""Values so far from all others that they decide the scale of their column: a typing error, or a code for no value."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.large import is_large
from aevum.data.sparse_rows import is_sparse_rows, replaced
from aevum.errors import DataWarning, InputError

# The farthest value of real tables lies up to 82 spreads off (hormones, incomes, capital gains: eight sets of ADBench
# and seven of UCI), of lognormal draws with σ = 2 up to 57: only what is no measurement goes beyond this.
FAR = 200.0
# Of the values, this share may lie anywhere without a say in what is usual.
SHARE = 0.01
# Of the pixels, at most this share is taken for damage: more of them are what the pictures show, as stars are.
DAMAGED = 1e-4
# A number of nines stands for "no value" where it ends a column, this many spreads from the rest of it.
CODES, CODED = frozenset(sign * (10.0**digits - 1.0) for digits in range(2, 10) for sign in (1, -1)), 8.0
SEEN_ROWS, FEWEST_SEEN, SEEN_VALUES, CHUNK_VALUES, SHOWN = 20_000, 500, 2**21, 2**22, 3
MOST_COPIED = 2**28


def without_far_values(
    x: NDArray[Any], names: Sequence[str] | None, shared: bool, own: int | None = None
) -> NDArray[Any]:
    """The rows to learn from: values that lie over 200 times the usual distance from their column's median stand at
    the median, since otherwise they would decide the column's scale. Warns of them, with row and column. So do numbers
    of nines (99, −999, 9999) that end a column over eight times that distance from the rest: codes for no value.

    The usual distance is the root mean square of |x − median| without the farthest hundredth; columns whose other
    values are all equal are left out.

    Args:
        x: ``(N, *event)``.
        names: of a table's columns.
        shared: whether all values are on one scale, as pixels are.
        own: how many of the rows are X's; those after them are X_val's. None where all are.

    Returns:
        x itself where there are none, where it is a mapped file too large to be copied, and where over one pixel in
        10,000 is far: then one is only warned.
    """
    found, middle = far_values(x, shared)
    if not found:
        return x
    as_they_are = (isinstance(x, np.memmap) and x.nbytes > MOST_COPIED) or (shared and len(found) > DAMAGED * x.size)
    _warn(x, found, names, middle, learned=as_they_are, own=own)
    if as_they_are:
        return x
    places = tuple(np.array(found).T)
    values = np.broadcast_to(middle, math.prod(x.shape[1:]))[places[1]]
    if is_sparse_rows(x):
        thin: NDArray[Any] = replaced(x, places, values)
        return thin
    mended = np.array(x, order="C")
    mended.reshape(len(x), -1)[places] = values
    return mended


def far_values(x: NDArray[Any], shared: bool) -> tuple[list[tuple[int, int]], NDArray[np.float64]]:
    """Row and column of each value that lies so far off, and the columns' medians; see :func:`without_far_values`.

    >>> far_values(np.append(np.arange(100.0), 1e6)[:, None], False)[0]
    [(100, 0)]
    """
    if x.dtype.kind not in "iuf" or x.dtype.itemsize == 1:
        return [], np.zeros(1)
    rows = x if is_sparse_rows(x) else x.reshape(len(x), -1)
    seen = int(np.clip(SEEN_VALUES // rows.shape[1], FEWEST_SEEN, SEEN_ROWS))
    some = rows[:] if len(rows) <= seen else rows[np.sort(np.random.default_rng(0).permutation(len(rows))[:seen])]
    usual = some.astype(np.float64)
    usual = usual.reshape(-1, 1) if shared else usual
    gaps = np.isnan(usual)
    if gaps.any():  # what is missing is nowhere, and so at no distance
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            usual = np.where(gaps, np.nanmedian(usual, axis=0), usual)
    middle = np.median(usual, axis=0)
    with np.errstate(over="ignore"):
        distance = np.sort(np.abs(usual - middle), axis=0)
        kept = distance[: len(distance) - max(1, int(np.ceil(SHARE * len(distance))))]
        limit = FAR * np.sqrt(np.square(kept).mean(axis=0)) if len(kept) else np.zeros_like(middle)
    limit = np.where(limit > 0.0, limit, np.inf)
    codes = np.full(rows.shape[1], np.nan) if shared else coded(usual)
    found: list[tuple[int, int]] = []
    size = max(1, CHUNK_VALUES // rows.shape[1])
    for start in range(0, len(rows), size):
        part = rows[start : start + size].astype(np.float64)
        far = (np.abs(part - middle) > limit) | (part == codes)
        found += [(start + int(row), int(column)) for row, column in np.argwhere(far)]
    return found, middle


def coded(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """The number of nines by which each column ``(N, F)`` writes "no value": NaN for none.

    >>> years = np.arange(20.0) + 1990.0
    >>> coded(np.stack([years, np.where(years == 1999.0, 99999.0, years)], axis=1)).tolist()
    [nan, 99999.0]
    """
    found = np.full(columns.shape[1], np.nan)
    ends = np.stack([columns.min(axis=0), columns.max(axis=0)])
    for end, column in np.argwhere(np.isin(ends, list(CODES))):
        value, values = ends[end, column], columns[:, column]
        rest = values[values != value]
        if len(rest) * 2 < len(values):
            continue
        distance = np.sort(np.abs(rest - np.median(rest)))[: len(rest) - int(SHARE * len(rest))]
        spread = float(np.sqrt(np.square(distance).mean()))
        if spread > 0.0 and abs(value - np.median(rest)) > CODED * spread:
            found[column] = value
    return found


def warn_of_lost_validation(
    x: NDArray[np.generic], held_out: NDArray[np.intp], names: Sequence[str] | None, own: int | None = None
) -> None:
    """Warn that the validation rows could not choose an epoch, and name the largest of their values."""
    count = len(held_out)
    held_out = held_out[:: math.ceil(count / SEEN_ROWS)] if is_large(x) else held_out
    rows = np.abs(np.asarray(x[np.sort(held_out)], np.float64).reshape(len(held_out), -1))
    row, column = np.unravel_index(int(rows.argmax()), rows.shape)
    warnings.warn(
        f"too few of the {count} validation rows have a finite loss, so the last weights are kept; the largest "
        f"of their values is {_place(x, int(np.sort(held_out)[row]), int(column), names, own)}",
        DataWarning,
        stacklevel=5,
    )


def row_text(row: int, own: int | None) -> str:
    """A row of X, of which there are ``own``, or of X_val after it, each counted from 0.

    >>> row_text(7, None), row_text(7, 5)
    ('row 7', 'row 2 of X_val')
    """
    return f"row {row}" if own is None or row < own else f"row {row - own} of X_val"


def in_own_rows(error: InputError, own: int | None) -> InputError:
    """A complaint of X and X_val together with the row as its own data count it."""
    return InputError(re.sub(r"\brow (\d+)", lambda found: row_text(int(found[1]), own), str(error)))


def _place(x: NDArray[np.generic], row: int, column: int, names: Sequence[str] | None, own: int | None = None) -> str:
    if x.ndim > 2:
        where = f"value {tuple(int(i) for i in np.unravel_index(column, x.shape[1:]))}"
    else:
        where = f"column {names[column]!r}" if names is not None else f"column {column}"
    return f"{row_text(row, own)}, {where}: {float(x[row].reshape(-1)[column]):.6g}"


def _warn(
    x: NDArray[np.generic],
    found: list[tuple[int, int]],
    names: Sequence[str] | None,
    middle: NDArray[np.float64],
    *,
    learned: bool,
    own: int | None,
) -> None:
    shown = "; ".join(_place(x, *each, names, own) for each in found[:SHOWN]) + ("; …" if len(found) > SHOWN else "")
    column = min(found[0][1], len(middle) - 1)
    warnings.warn(
        f"{len(found)} value{'s lie' if len(found) > 1 else ' lies'} so far from the others as none that was measured "
        f"does (they are around {middle[column]:.6g}): {shown}. "
        + (
            "They decide the scale of the rest, and what is learned of it. If"
            if learned
            else "While the model learns, the median stands in their place: they would decide the scale of the rest. If"
        )
        + " they are typing errors or stand for a missing value, take their rows out or mend them",
        DataWarning,
        stacklevel=5,
    )
