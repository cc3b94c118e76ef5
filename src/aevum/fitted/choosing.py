"""Of what kind each column of a table is: by its values, and by which density holds for rows that it wasn't fitted to.

A richer density is taken only where it wins by more than one standard error, cell by cell, held out. All of it is
counted in the column's own units, so a·x + b of a column of numbers is of the same kind with the same fit; of a
logarithm the zero is part of what is claimed, so log-normal must win clearly over Johnson's S_U, which can do nearly
the same, and counts are counts as they stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.conditionals.column import Column
from aevum.conditionals.kinds import KINDS
from aevum.data.schema import Levels
from aevum.encoding.constants import never_changing
from aevum.errors import InputError
from aevum.fitted.shapes import (
    GAUSSIAN,
    JOHNSON,
    LOGITNORMAL,
    LOGNORMAL,
    NEGATIVE_BINOMIAL,
    POISSON,
    ZERO_INFLATED,
    Shape,
    Values,
    bend_of,
    logit,
    moments,
    usual,
)

Array = NDArray[Any]
Rows = NDArray[np.intp]
# An ordered scale has so many levels at most; counts have a tenth of their values below, and none above.
MOST_LEVELS, SMALL_COUNTS, LARGEST_COUNT = 20, 10.0, 1e6
# Cells of a column that are looked at, and of all columns together; under so many nothing can be compared.
MOST_CELLS, ALL_CELLS, FEWEST_CELLS, FOLDS = 2000, 400_000, 50, 5
WHOLE = 1e-6
# Nats a cell; under which no density is worth its further numbers.
LEAST_GAIN = 0.01


def choose(x: Array, rows: Rows, levels: Mapping[int, Levels] | None = None) -> list[Column]:
    """Of what kind each column is, and where it lies.

    Args:
        x: ``(N, F)``, NaN where a value is missing.
        rows: the training rows, some of them several times if they count for several; what values there can be at all
            (levels, classes, constants) is read off all rows.
        levels: columns that hold codes of classes ↦ how many there are, and whether in order.

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
    distinct = np.unique(every) if len(distinct) <= MOST_LEVELS else distinct
    if len(distinct) == 2:
        low, high = (float(each) for each in distinct)
        return two_valued(low, high, training, f"two values, {low:g} and {high:g}")
    if overflows(every):
        raise InputError("the values are so large that their variance overflows; divide them by a constant")
    if (column := on_a_scale(distinct, training)) is not None:
        return column
    return by_density(every, training, most, training if once is None else once)


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
    if len(distinct) > MOST_LEVELS:
        return None
    low, step = float(distinct[0]), float(np.diff(distinct).min())
    places = (distinct - low) / step
    count = round(float(places[-1])) + 1
    if count > MOST_LEVELS or np.abs(places - places.round()).max() > WHOLE or len(distinct) < count / 2:
        return None
    # The step as all of the scale has it, which the least difference has lost some digits of.
    step = (float(distinct[-1]) - low) / (count - 1)
    mean, deviation = moments((training - low) / step)
    return Column("ordinal", low, step, mean, max(deviation, 0.1), levels=count, reason=f"{count} evenly spaced levels")


def by_density(every: Values, training: Values, most: int, once: Values) -> Column:
    """The density that holds for held-out values."""
    some = once if len(once) <= most else np.random.default_rng(0).permutation(once)[:most]
    whole = bool((every == every.round()).all()) and bool(every.min() >= 0.0)
    counted = whole and float(np.quantile(every, 0.1)) <= SMALL_COUNTS and float(every.max()) <= LARGEST_COUNT
    if len(some) < FEWEST_CELLS:
        return placed(GAUSSIAN, training, f"fewer than {FEWEST_CELLS} values: a Gaussian")
    if counted:
        candidates = [POISSON, NEGATIVE_BINOMIAL, ZERO_INFLATED]
    else:
        candidates = [GAUSSIAN, JOHNSON]
        if every.min() > 0.0:
            candidates.append(LOGNORMAL)
            if every.max() < 1.0:
                candidates.append(LOGITNORMAL)
    scores = [held_out(shape, some) for shape in candidates]
    best = 0
    for place in range(1, len(candidates)):
        if wins(scores[place] - scores[best], 2.0 if candidates[place].has_zero else 1.0):
            best = place
    return placed(candidates[best], training, reason_for(candidates, scores, best, some))


def wins(difference: Values, times: float) -> bool:
    """Whether a mean difference is above so many standard errors, and above what is worth a richer density."""
    mean, error = float(difference.mean()), float(difference.std()) / np.sqrt(len(difference))
    return bool(mean > times * max(error, LEAST_GAIN))


def held_out(shape: Shape, values: Values) -> Values:
    """log p of each value under the density fitted to the other folds."""
    found = np.empty(len(values))
    start = bend_of(values) if shape is JOHNSON else None
    fold = np.random.default_rng(1).permutation(len(values)) % FOLDS
    for k in range(FOLDS):
        learned, left = values[fold != k], values[fold == k]
        numbers = shape.fit(learned) if start is None else bend_of(learned, start)
        found[fold == k] = shape.log_density(numbers, left)
    return np.maximum(found, -1e6)


def reason_for(candidates: Sequence[Shape], scores: Sequence[Values], best: int, values: Values) -> str:
    """Why this one, in a line."""
    others = [float(score.mean()) for place, score in enumerate(scores) if place != best]
    rival = [shape for place, shape in enumerate(candidates) if place != best][int(np.argmax(others))]
    gain = float(scores[best].mean()) - max(others)
    title, other = KINDS[candidates[best].kind].title, KINDS[rival.kind].title
    article = "counts" if candidates[0] is POISSON else described(values)
    verb = f"beats {other} by {gain:.2f}" if gain > 0.0 else f"is simpler than {other}, which gains {-gain:.2f}"
    return f"{article}: {title} {verb} nats a cell held out"


def described(values: Values) -> str:
    """What such numbers are like."""
    middle, _ = usual(values)
    mean, deviation = moments(values)
    third = float((((values - mean) / deviation) ** 3).mean())
    fourth = float((((values - mean) / deviation) ** 4).mean())
    words = ["positive"] if values.min() > 0.0 and middle > 0.0 and third > 1.0 else []
    words += ["skewed"] if abs(third) > 1.0 else ["heavy tails"] if fourth > 4.0 else []
    return " and ".join(words) or "numbers"


def placed(shape: Shape, values: Values, reason: str) -> Column:
    """The column of that density, by the training rows."""
    column = PLACED[shape.kind](values)
    return replace(column, reason=reason)


def standardised(values: Values) -> Column:
    """Mean 0 and deviation 1."""
    return Column("gaussian", *moments(values))


def bent_column(values: Values) -> Column:
    """By the median and the usual distance, which a far value doesn't move, and the curve on that scale."""
    middle, distance = usual(values)
    some = values if len(values) <= 10 * MOST_CELLS else np.random.default_rng(0).permutation(values)[: 10 * MOST_CELLS]
    bend = bend_of((some - middle) / distance)
    return Column("johnson", middle, distance, shape=(bend.xi, bend.lam, bend.gamma, bend.delta))


def logarithmic(values: Values) -> Column:
    """In units of the geometric mean."""
    mean, deviation = moments(np.log(values))
    return Column("lognormal", 0.0, float(np.exp(mean)), spread=deviation)


def logistic(values: Values) -> Column:
    """As it is."""
    mean, deviation = moments(logit(values))
    return Column("logitnormal", centre=mean, spread=deviation)


def counts(kind: str) -> Callable[[Values], Column]:
    """Counts as they are, log(1 + x) standardised."""

    def found(values: Values) -> Column:
        mean, deviation = moments(np.log1p(values))
        return Column(kind, centre=mean, spread=deviation)

    return found


PLACED: dict[str, Callable[[Values], Column]] = {
    "gaussian": standardised,
    "johnson": bent_column,
    "lognormal": logarithmic,
    "logitnormal": logistic,
    **{shape.kind: counts(shape.kind) for shape in (POISSON, NEGATIVE_BINOMIAL, ZERO_INFLATED)},
}
