"""One value of a column of numbers that comes again and again: which it is, and the others beside it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from aevum.conditionals.column import Column
from aevum.fitted.shapes import Values

# It is so large a share of the cells, so many of them, and so many times as frequent as the next most frequent value:
# what has been rounded has many values that come again.
LEAST_SHARE, FEWEST, TIMES = 0.05, 10, 4


def spike_of(values: Values) -> float | None:
    """The value that comes again and again; None where none does.

    >>> rain = np.where(np.arange(100) % 3 == 0, 0.0, np.random.default_rng(0).gamma(2.0, size=100))
    >>> spike_of(rain), spike_of(np.arange(100.0) // 10)
    (0.0, None)
    """
    found, counts = np.unique(values, return_counts=True)
    if len(found) < 3:
        return None
    second, first = np.partition(counts, -2)[-2:]
    enough = first >= max(FEWEST, LEAST_SHARE * len(values)) and first >= TIMES * second
    return float(found[counts.argmax()]) if enough else None


def beside(spike: float, every: Values, training: Values, chosen: Callable[[Values, Values], Column]) -> Column:
    """The column of that value, and of what the others are chosen to be.

    Args:
        spike: the value.
        every, training: the column's values.
        chosen: (all others, those of the training rows), less the spike ↦ what they are.
    """
    rest, learned = (values[values != spike] - spike for values in (every, training))
    if len(np.unique(learned)) < 2:
        learned = rest
    column = chosen(rest, learned)
    share = (len(training) - float((training != spike).sum()) + 0.5) / (len(training) + 1.0)
    logit = math.log(share / (1.0 - share))
    centre, shape, moved = column.centre, (logit, *column.shape), column.shift / column.scale
    if column.kind == "gaussian":
        centre = moved
    elif column.kind == "johnson":
        shape = (logit, column.shape[0] + moved, *column.shape[1:])
    reason = f"{spike:.6g} in {share:.0%} of the cells; the others: {column.reason}"
    return replace(column, kind=f"spiked_{column.kind}", shift=spike, centre=centre, shape=shape, reason=reason)
