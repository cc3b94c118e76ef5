"""Tables whose columns are all of one kind, as a likelihood's name says: counts, or numbers with heavy tails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.conditionals.column import Column
from aevum.data.schema import Levels
from aevum.encoding import Table, never_changing, row_chunks
from aevum.errors import InputError
from aevum.fitted.shapes import Values, moments, usual

Array = NDArray[Any]
Rows = NDArray[np.intp]
# Counts above lose their last digits in float32. Sizes that stand for those of all rows.
LARGEST_COUNT, SIZES = 2.0**24, 200
# What log μ moves by at most for a deviation of a count that is nearly always 0.
STEEPEST = 10.0


def count_column(kind: str, values: Values) -> Column:
    """Counts as they are: log(1 + x) standardised is what is seen, and log μ begins at that of the training rows.

    A deviation of log(1 + x) is that of log μ times its slope, E[d log(1 + x)/d log μ] = μ E[log((x + 2)/(x + 1))] for
    a Poisson's x.
    """
    mean, deviation = moments(np.log1p(values))
    rate = (float(values.sum()) + 0.5) / (len(values) + 1.0)
    slope = rate * float(np.log1p(1.0 / (1.0 + values)).mean())
    return Column(kind, centre=mean, spread=deviation, shape=(float(np.log(rate)), min(deviation / slope, STEEPEST)))


def tailed_column(kind: str, values: Values) -> Column:
    """About the median, in units of the usual distance from it, which a far value doesn't move."""
    return Column(kind, *usual(values))


MADE: dict[str, Callable[[str, Values], Column]] = {
    **dict.fromkeys(("poisson", "negative_binomial", "zero_inflated"), count_column),
    **dict.fromkeys(("student_t", "laplace"), tailed_column),
}


def all_of(kind: str, x: Array, rows: Rows) -> Table:
    """Every column as one of this kind, but for numbers that never change; whether the encoder is told of gaps, by the
    training rows. A count that was always 0 may be 1 in the next row, and so is a count.

    Raises:
        InputError: a column has no value, or the kind is of counts and one holds what is none.
    """
    flags = x.dtype.kind == "f" and any(bool(np.isnan(x[part]).any()) for part in row_chunks(rows, x))
    columns = []
    for place in range(x.shape[1]):
        every, training = (values[~np.isnan(values)] for values in column_of(x, place, rows))
        if not len(every):
            raise InputError(f"column {place} of X has no value at all, NaN in every row; leave it out")
        counts = MADE[kind] is count_column
        if counts:
            check_counts(every, x[:, place], place)
        fixed, value = never_changing(every[:, None])
        if fixed[0] and not counts:
            columns.append(Column("constant", shift=float(value[0]), reason="one value only"))
        else:
            columns.append(MADE[kind](kind, training if len(training) else every))
    return Table(columns, flags)


def column_of(x: Array, place: int, rows: Rows) -> tuple[Values, Values]:
    """A column in float64: of all rows, and of some."""
    every = np.asarray(x[:, place], dtype=np.float64)
    return every, every[rows]


def check_counts(every: Values, column: Array, place: int) -> None:
    """Raise where a value is no count.

    Raises:
        InputError: names the first.
    """
    wrong = (every < 0.0) | (every != every.round()) | (every > LARGEST_COUNT)
    if wrong.any():
        value = float(every[wrong][0])
        row = int(np.flatnonzero(np.asarray(column, np.float64) == value)[0])
        raise InputError(
            f"this likelihood is for counts, whole numbers from 0 to {LARGEST_COUNT:,.0f}; column {place} holds "
            f"{value:.9g} in row {row}. Use likelihood='columns' where columns are of several kinds, or 'gaussian'"
        )


def sizes_of(x: Array) -> tuple[float, ...]:
    """Evenly spaced quantiles of the sums of these rows, those of 0 left out, ascending.

    Raises:
        InputError: no row has a count.
    """
    sums: Any = np.nansum(x, axis=1, dtype=np.float64)
    some = sums[sums > 0.0]
    if not len(some):
        raise InputError("no training row has a count above 0, so rows have no sizes; size_factors=None does without")
    shares = (np.arange(SIZES) + 0.5) / SIZES
    found: Any = np.quantile(some, shares, method="inverted_cdf")
    return tuple(found.tolist())


def no_classes(x: Array, rows: Rows, levels: Mapping[int, Levels]) -> Table:
    """Raise: columns of words are none of a kind of numbers."""
    place = next(iter(levels))
    raise InputError(
        f"column {place} holds classes, and this likelihood is for numbers alone; use likelihood='columns' or 'auto'"
    )
