"""Which density a column of numbers has: the one that holds for values that it wasn't fitted to.

A richer one is taken only where it wins by more than one standard error, cell by cell, held out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from scipy.special import ndtr

from aevum.conditionals.column import Column
from aevum.conditionals.kinds import KINDS
from aevum.fitted.shapes import (
    GAUSSIAN,
    JOHNSON,
    LOGNORMAL,
    NEGATIVE_BINOMIAL,
    POISSON,
    SPIKED_LOGNORMAL,
    ZERO_INFLATED,
    Shape,
    Values,
    bend_of,
    bent,
    bounded,
    moments,
    usual,
)
from aevum.fitted.spikes import beside

# Counts have a tenth of their values below, and none above.
SMALL_COUNTS, LARGEST_COUNT = 10.0, 1e6
# Values of a column that are looked at; under so many nothing can be compared.
MOST_CELLS, FEWEST_CELLS, FOLDS = 2000, 50, 5
# Nats a cell; under which no density is worth its further numbers.
LEAST_GAIN = 0.01
# Of the draws, the share beyond the bounds of all values that is too many; nats a cell that it may cost to have none,
# however few cells tell.
STRAYING, MOST_LOST = 1e-3, 0.05


def are_counts(values: Values) -> bool:
    """Whether they are whole numbers of which some are small: those of things that were counted."""
    whole = bool((values == values.round()).all()) and bool(values.min() >= 0.0)
    return whole and float(np.quantile(values, 0.1)) <= SMALL_COUNTS and float(values.max()) <= LARGEST_COUNT


def other_than_spike(every: Values, training: Values, most: int, once: Values) -> Column:
    """What the values are that are not the one which comes again and again, less it."""
    if every.min() > 0.0:  # then none should be made below
        return placed(LOGNORMAL, training, "above it: log-normal")
    return of_best([GAUSSIAN, JOHNSON], training, most, once)


def by_density(
    every: Values, training: Values, most: int, once: Values, spike: float | None = None, own: Sequence[Shape] = ()
) -> Column:
    """The density that holds for held-out values, of which one may come again and again; ``own`` are shapes of these
    values alone.
    """
    if are_counts(every):
        own = [*([SPIKED_LOGNORMAL] if spike == 0.0 else []), *own]
        return of_best([POISSON, NEGATIVE_BINOMIAL, ZERO_INFLATED, *own], training, most, once)
    return of_best([GAUSSIAN, JOHNSON, *bounded(every), *own], training, most, once)


def of_best(candidates: Sequence[Shape], training: Values, most: int, once: Values) -> Column:
    """The column of the density that holds for held-out values of those that are there ``once``.

    One that keeps to the bounds of the values is taken where that one does not, and none is more than two standard
    errors, or 0.02 nats a cell, better, nor 0.05 nats in any case.
    """
    some = once if len(once) <= most else np.random.default_rng(0).permutation(once)[:most]
    if len(some) < FEWEST_CELLS:
        return placed(GAUSSIAN, training, f"fewer than {FEWEST_CELLS} values: a Gaussian")
    scores = [held_out(shape, some) for shape in candidates]
    best = 0
    for place in range(1, len(candidates)):
        if wins(scores[place] - scores[best], 2.0 if candidates[place].has_zero else 1.0):
            best = place
    if keeping := keeps(candidates, candidates[best], some):
        closest = keeping[0]
        for place in keeping[1:]:
            closest = place if wins(scores[place] - scores[closest], 2.0) else closest
        lost = max(scores, key=lambda score: float(score.mean())) - scores[closest]
        best = best if wins(lost, 2.0) or lost.mean() > MOST_LOST else closest
    return placed(candidates[best], training, reason_for(candidates, scores, best, some))


def keeps(candidates: Sequence[Shape], shape: Shape, values: Values) -> list[int]:
    """The places of candidates that keep to the bounds of the values, 0 and (of shares) 1, beyond which this one has a
    part of its draws; none where it has none there.
    """
    numbers = shape.fit(values)
    if shape is GAUSSIAN:
        low, high = ((end - numbers[0]) / numbers[1] for end in (0.0, 1.0))
    elif shape is JOHNSON:
        low, high = (float(bent(numbers, np.array(end))) for end in (0.0, 1.0))
    else:
        return []
    shares = [place for place, other in enumerate(candidates) if other.kind == "logitnormal"]
    if shares and ndtr(-high) > STRAYING:
        return shares
    return [place for place, other in enumerate(candidates) if other.has_zero] if ndtr(low) > STRAYING else []


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
    if abs(gain) < 0.005:
        return f"{article}: {title} gives held-out cells the same density as {other}"
    worse = f"is simpler than {other}, which gains {-gain:.2f}"
    if candidates[best].has_zero and not rival.has_zero:
        worse = f"keeps to where values are; {other} gains {-gain:.2f}"
    verb = f"beats {other} by {gain:.2f}" if gain > 0.0 else worse
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
    column = (shape.place or PLACED[shape.kind])(values)
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
    "spiked_lognormal": lambda values: beside(0.0, values, values, lambda rest, known: logarithmic(known)),
    **{shape.kind: counts(shape.kind) for shape in (POISSON, NEGATIVE_BINOMIAL, ZERO_INFLATED)},
}
