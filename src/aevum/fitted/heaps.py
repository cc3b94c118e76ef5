"""Whole steps some of which come far more often than those beside them: ages that end in 0 and 5, hours of a week."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from aevum.conditionals.column import Column
from aevum.fitted.shapes import Shape, Values

# A scale with heaps has so many steps at most, of which a quarter at least occur.
MOST_STEPS, LEAST_SHARE = 128, 0.25
WHOLE = 1e-6


def steps_of(distinct: Values, most: int, share: float) -> tuple[float, float, int] | None:
    """Least value, step and number of the evenly spaced steps, at most so many, that a share of at least this occurs
    of; None where the values are no such steps.

    >>> steps_of(np.array([10.0, 10.5, 12.0]), 20, 0.5)
    (10.0, 0.5, 5)
    """
    if not 2 <= len(distinct) <= most:
        return None
    low, step = float(distinct[0]), float(np.diff(distinct).min())
    places = (distinct - low) / step
    count = round(float(places[-1])) + 1
    if count > most or np.abs(places - places.round()).max() > WHOLE or len(distinct) < share * count:
        return None
    # The step as all of the scale has it, which the least difference has lost some digits of.
    return low, (float(distinct[-1]) - low) / (count - 1), count


def heaped_on(distinct: Values) -> list[Shape]:
    """The shape of shares of these steps; none where the values are no steps, or too many."""
    steps = steps_of(distinct, MOST_STEPS, LEAST_SHARE)
    if steps is None:
        return []
    low, step, count = steps

    def fit(values: Values) -> Values:
        return log_shares(np.bincount(np.round((values - low) / step).astype(np.int64), minlength=count))

    def log_density(found: Values, x: Values) -> Values:
        return found[np.round((x - low) / step).astype(np.int64)] - math.log(step)

    def place(values: Values) -> Column:
        shape = tuple(float(each) for each in fit(values))
        return Column("heaped", low, step, shape=shape, levels=count)

    return [Shape("heaped", fit, log_density, place=place)]


def log_shares(counts: NDArray[np.int64]) -> Values:
    """log w of each step: its count, and half a count for each step that occurs, spread as those around it are.

    >>> log_shares(np.array([8, 0, 2])).round(2)
    array([-0.25, -3.5 , -1.64])
    """
    reach = max(1, len(counts) // 20)
    weights = reach + 1.0 - np.abs(np.arange(-reach, reach + 1))
    around = np.convolve(np.pad(counts.astype(np.float64), reach), weights, mode="valid") + 0.01
    smooth = counts + 0.5 * np.count_nonzero(counts) * around / around.sum()
    return np.asarray(np.log(smooth / smooth.sum()))
