"""Of what kind each column of a table is: by its values, and by which density holds for rows that it wasn't fitted to.

A richer density is taken only where it wins by more than one standard error, cell by cell, held out. All of it is
counted in the column's own units, so a·x + b of a column of numbers is of the same kind with the same fit. Two bounds
are told from the values, and so are claims about where a column's zero and its unit are: 0, of what is never below it,
and 1, of shares, which are within [0, 1]. A logarithm must win clearly over Johnson's S_U, which can do nearly the
same, unless that would be drawn beyond the bounds; then it must only not lose clearly. Shares in percent are numbers
above 0, and counts are counts as they stand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.conditionals.column import Column
from aevum.conditionals.kinds import KINDS
from aevum.data.schema import Levels
from aevum.encoding.constants import never_changing, whole
from aevum.errors import InputError
from aevum.fitted.densities import FEWEST_CELLS, MOST_CELLS, are_counts, by_density, other_than_spike, placed
from aevum.fitted.heaps import MOST_STEPS, heaped_on, steps_of
from aevum.fitted.shapes import GAUSSIAN, Values, moments
from aevum.fitted.spikes import beside, spike_of

Array = NDArray[Any]
Rows = NDArray[np.intp]
# An ordered scale has so many levels at most.
MOST_LEVELS = 20
# Any two numbers lie on some scale. Small whole ones (yes and no, stars, years) are levels; others, such as amounts or
# dates in days and seconds, only where there are so many cells a level.
CELLS_A_VALUE, LARGEST_LEVEL = 3, 9999.0
# Cells of all columns together that are looked at.
ALL_CELLS = 400_000
# Kinds of which values that are missing may have none like them among the others.
SPIKED = ("spiked_gaussian", "spiked_johnson", "spiked_lognormal")
SHAPED = ("johnson", "lognormal", "logitnormal", "ordinal", "heaped", *SPIKED)


def choose(x: Array, rows: Rows, levels: Mapping[int, Levels] | None = None, masked: bool = False) -> list[Column]:
    """Of what kind each column is, and where it lies.

    Args:
        x: ``(N, F)``, NaN where a value is missing.
        rows: the training rows, some of them several times if they count for several; what values there can be at all
            (levels, classes, constants) is read off all rows.
        levels: columns that hold codes of classes ↦ how many there are, and whether in order.
        masked: whether which cells are missing may depend on their values: numbers with gaps are then Gaussian, since
            the shape of what is there is that of the law and of the gaps together.

    Raises:
        InputError: a column has no value at all, or too large ones.

    Example:
        >>> random = np.random.default_rng(0)
        >>> x = np.column_stack([random.normal(size=500), np.exp(2 * random.normal(size=500)),
        ...                      random.integers(0, 2, 500), random.integers(1, 6, 500), np.full(500, 3.0)])
        >>> [column.kind for column in choose(x, np.arange(500))]
        ['gaussian', 'lognormal', 'binary', 'ordinal', 'constant']
    """
    found, known = [], levels or {}
    most = cells_of_a_column(x)
    once = without_copies(rows)
    for place in range(x.shape[1]):
        every, training = values_of(x[:, place]), values_of(x[rows, place])
        if not len(every):
            raise InputError(f"column {place} of X has no value at all, NaN in every row; leave it out")
        training = training if len(training) else every
        if place in known:
            column = of_classes(every, training, known[place])
        else:
            seen = training if once is rows else values_of(x[once, place])
            column = of_values(every, training, most, seen if len(seen) else every)
        if masked and len(every) < len(x) and column.kind in SHAPED:
            column = placed(GAUSSIAN, training, "numbers with gaps that depend on them: a Gaussian")
        found.append(column)
    return found


def first_other(x: Array, levels: Mapping[int, Levels] | None = None) -> str | None:
    """The first thing about a table by which it is more than Gaussian columns, in a line; None where there is none.

    >>> x = np.random.default_rng(0).normal(size=(200, 2))
    >>> first_other(x), first_other(np.where(x > 2.0, np.nan, x))
    (None, '7 of 400 cells are missing')
    """
    known = levels or {}
    missing = int(np.isnan(x).sum()) if x.dtype.kind == "f" else 0
    if missing:
        return f"{missing:,} of {x.size:,} cells are missing"
    most = cells_of_a_column(x)
    for place in [*known, *(place for place in range(x.shape[1]) if place not in known)]:
        values = values_of(x[:, place])
        if overflows(values):  # for whoever encodes the column to say
            continue
        column = of_classes(values, values, known[place]) if place in known else of_values(values, values, most)
        if column.kind not in ("gaussian", "constant"):
            return f"column {place} is {KINDS[column.kind].title}, {column.reason}"
    return None


def cells_of_a_column(x: Array) -> int:
    """How many of a column's cells are looked at."""
    return int(np.clip(ALL_CELLS // x.shape[1], 200, MOST_CELLS))


def values_of(column: Array) -> Values:
    """The values that there are."""
    wide = np.asarray(column, dtype=np.float64)
    kept: Values = wide[~np.isnan(wide)]
    return kept


def of_classes(every: Values, training: Values, levels: Levels) -> Column:
    """A column of codes."""
    count = levels.classes
    if count == 1:
        return Column("constant", reason="one class only")
    if count == 2:
        return two_valued(0.0, 1.0, training, "two classes")
    if levels.ordered and count <= MOST_LEVELS:
        mean, deviation = moments(training)
        return Column("ordinal", 0.0, 1.0, mean, max(deviation, 0.1), levels=count, reason=f"{count} classes in order")
    shares = np.bincount(training.astype(np.int64), minlength=count) + 0.5
    shape = tuple(float(value) for value in np.log(shares / shares.sum()))
    return Column("categorical", shape=shape, levels=count, reason=f"{count} classes")


def without_copies(rows: Rows) -> Rows:
    """Each row once, in their order: what is held out must not be among what is learned from.

    >>> without_copies(np.array([4, 4, 2, 7, 7])).tolist()
    [4, 2, 7]
    """
    first = np.unique(rows, return_index=True)[1]
    return rows if len(first) == len(rows) else rows[np.sort(first)]


def of_values(every: Values, training: Values, most: int, once: Values | None = None) -> Column:
    """A column of numbers; ``once`` are the training values without copies."""
    fixed, value = never_changing(every[:, None])
    if fixed[0]:
        return Column("constant", shift=float(value[0]), reason="one value only")
    # Whoever has many values among the first has many: the others need not be sorted.
    distinct = np.unique(every[:MOST_CELLS])
    distinct = np.unique(every) if len(distinct) <= MOST_STEPS else distinct
    few = len(every) < CELLS_A_VALUE * len(distinct) and not are_small_and_whole(distinct)
    if len(distinct) == 2 and (not few or overflows(every)):
        low, high = (float(each) for each in distinct)
        return two_valued(low, high, training, f"two values, {low:g} and {high:g}")
    if overflows(every):
        raise InputError("the values are so large that their variance overflows; divide them by a constant")
    if np.ptp(training) == 0.0:  # the others are among the rows that choose the epoch
        training = every
    if not few and (column := on_a_scale(distinct, training)) is not None:
        return column
    once = training if once is None else once
    spike, heaped = spike_of(every[:MOST_CELLS]), heaped_on(distinct) if len(once) >= FEWEST_CELLS else []
    if spike is None or heaped or are_counts(every):
        return by_density(every, training, most, once, spike, heaped)
    rest = once[once != spike] - spike
    return beside(spike, every, training, lambda all_, known: other_than_spike(all_, known, most, rest))


def are_small_and_whole(values: Values) -> bool:
    """Whether few of them are levels."""
    return bool(whole(values).all()) and float(np.abs(values).max()) <= LARGEST_LEVEL


def overflows(values: Values) -> bool:
    """Whether the values have no variance in float64."""
    with np.errstate(over="ignore", invalid="ignore"):
        return not np.isfinite(np.square(values - values.mean()).sum())


def two_valued(low: float, high: float, training: Values, reason: str) -> Column:
    """One of two values."""
    share = (float((training == high).sum()) + 0.5) / (len(training) + 1.0)
    return Column("binary", low, high - low, centre=float(np.log(share / (1.0 - share))), reason=reason)


def on_a_scale(distinct: Values, training: Values) -> Column | None:
    """Few evenly spaced values, whatever their unit; None for others."""
    steps = steps_of(distinct, MOST_LEVELS, 0.5)
    if steps is None:
        return None
    low, step, count = steps
    mean, deviation = moments((training - low) / step)
    return Column("ordinal", low, step, mean, max(deviation, 0.1), levels=count, reason=f"{count} evenly spaced levels")
