"""Densities that a column's values may have, fitted to some of them and held against others."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, xlogy

from aevum.conditionals.column import Column

Values = NDArray[np.float64]
LOG_2PI = math.log(2.0 * math.pi)
# Of Johnson's curve: how many usual distances λ may be, and where ξ may lie in λ's. What is as narrow as a tenth of
# the usual distance is a value that comes again and again, and no shape.
LEAST_LAMBDA, MOST_LAMBDA, MOST_OFFSET = 0.1, 100.0, 30.0
HALVINGS, FEW = 7, 400
# Of a step, within which a value is one of its multiples.
ROUNDED = 1e-4
GRID = np.log(2.0) * np.arange(-2.0, 5.0), np.array([-6.0, -3.0, -1.5, -0.5, 0.0, 0.5, 1.5, 3.0, 6.0])


def usual(values: Values) -> tuple[float, float]:
    """The median and a usual distance from it: of the middle half, or the deviation where that is 0."""
    low, middle, high = np.quantile(values, [0.25, 0.5, 0.75])
    distance = (high - low) / 1.349
    return float(middle), float(distance) if distance > 0.0 else float(values.std()) or 1.0


@dataclass(frozen=True)
class Bend:
    """Johnson's curve t = γ + δ sinh⁻¹((x − ξ)/λ)."""

    xi: float
    lam: float
    gamma: float
    delta: float


def likelihood_of(values: Values, xi: Values, lam: Values) -> tuple[Values, Values, Values]:
    """The mean log density of the values under the best curve of each ξ and λ, and its γ and δ, ``(M,)`` each."""
    y = (values - xi[:, None]) / lam[:, None]
    bent = np.arcsinh(y)
    mean, deviation = bent.mean(axis=1), np.maximum(bent.std(axis=1), 1e-12)
    with np.errstate(over="ignore"):
        slope = 0.5 * np.log1p(y * y).mean(axis=1)
    return -np.log(deviation) - np.log(lam) - slope - 0.5 - 0.5 * LOG_2PI, -mean / deviation, 1.0 / deviation


def bend_of(values: Values, start: Bend | None = None) -> Bend:
    """The most probable of Johnson's curves: over a grid of ξ and λ, then by halved steps around the best.

    Everything is counted in usual distances from the median, so that a change of units changes nothing else.
    """
    middle, distance = usual(values)
    if start is None:
        log_lam, offset = (each.ravel() for each in np.meshgrid(*GRID))
        step, rounds = np.array([0.5 * np.log(2.0), 0.7]), HALVINGS
    else:
        log_lam = np.array([np.log(start.lam / distance)])
        offset = np.arcsinh(np.array([(start.xi - middle) / start.lam]))
        step, rounds = np.array([0.1, 0.1]), HALVINGS - 3
    around = np.array([(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)], np.float64)
    best = np.zeros(2)
    few = values[:: max(1, len(values) // FEW)]  # enough to choose among what is far apart
    for round_ in range(rounds + 1):
        log_lam = np.clip(log_lam, np.log(LEAST_LAMBDA), np.log(MOST_LAMBDA))
        offset = np.clip(offset, -np.arcsinh(MOST_OFFSET), np.arcsinh(MOST_OFFSET))
        lam = distance * np.exp(log_lam)
        looked = values if round_ or start else few
        found, gamma, delta = likelihood_of(looked, middle + lam * np.sinh(offset), lam)
        k = int(found.argmax())
        best = np.array([log_lam[k], offset[k]])
        if round_ == rounds:
            break
        moved = best + step * around
        log_lam, offset = moved[:, 0], moved[:, 1]
        step = step * 0.6
    return Bend(float(middle + lam[k] * np.sinh(best[1])), float(lam[k]), float(gamma[k]), float(delta[k]))


@dataclass(frozen=True)
class Shape:
    """A density that a column may have.

    Args:
        kind: the kind of column.
        fit: (values) ↦ its numbers.
        log_density: (numbers, values) ↦ log p of each.
        has_zero: whether it claims where 0 is, so that it is another one for a·x + b.
        place: (values) ↦ the column, where that takes more than the values.
    """

    kind: str
    fit: Callable[[Values], Any]
    log_density: Callable[[Any, Values], Values]
    has_zero: bool = False
    place: Callable[[Values], Column] | None = None


def normal(t: Values, mean: float, deviation: float) -> Values:
    """log N(t; mean, deviation²)."""
    found: Values = -0.5 * (((t - mean) / deviation) ** 2 + LOG_2PI) - math.log(deviation)
    return found


def moments(t: Values) -> tuple[float, float]:
    """Mean and deviation, the latter above 0."""
    return float(t.mean()), float(t.std()) or 1.0


def bent(bend: Bend, x: Values) -> Values:
    """t of x."""
    found: Values = bend.gamma + bend.delta * np.arcsinh((x - bend.xi) / bend.lam)
    return found


def log_bent(bend: Bend, x: Values) -> Values:
    """The density of Johnson's curve."""
    slope = math.log(bend.delta / bend.lam) - np.log(np.hypot(1.0, (x - bend.xi) / bend.lam))
    return normal(bent(bend, x), 0.0, 1.0) + slope


def logit(x: Values) -> Values:
    """log x/(1 − x)."""
    found: Values = np.log(x) - np.log1p(-x)
    return found


def log_normal(margin: float = 0.0) -> Shape:
    """Of values above −margin: half of the step that they are rounded to, where some are 0."""

    def place(values: Values) -> Column:
        mean, deviation = moments(np.log(values + margin))
        return Column("lognormal", -margin, float(np.exp(mean)), spread=deviation)

    def log_density(found: tuple[float, float], x: Values) -> Values:
        return normal(np.log(x + margin), *found) - np.log(x + margin)

    return Shape("lognormal", lambda x: moments(np.log(x + margin)), log_density, True, place)


def logit_normal(margin: float = 0.0) -> Shape:
    """Of values from 0 to 1, with as much beyond either end."""
    width = 1.0 + 2.0 * margin

    def place(values: Values) -> Column:
        mean, deviation = moments(logit((values + margin) / width))
        return Column("logitnormal", -margin, width, centre=mean, spread=deviation)

    def log_density(found: tuple[float, float], x: Values) -> Values:
        share = (x + margin) / width
        return normal(logit(share), *found) - np.log(share) - np.log1p(-share) - math.log(width)

    return Shape("logitnormal", lambda x: moments(logit((x + margin) / width)), log_density, True, place)


def bounded(values: Values) -> list[Shape]:
    """The shapes of values above 0, and of those below 1 as well; none where one reaches a bound that it isn't rounded
    to.

    >>> [shape.kind for shape in bounded(np.array([0.0, 0.25, 1.5]))], bounded(np.array([0.0, 0.25, 0.3, 1.57]))
    (['lognormal'], [])
    """
    low, high = float(values.min()), float(values.max())
    if low < 0.0:
        return []
    margin = half_a_step(values) if low == 0.0 or high == 1.0 else 0.0
    positive = [log_normal(margin if low == 0.0 else 0.0)] if low > 0.0 or margin else []
    shares = [logit_normal(margin)] if high < 1.0 or (high == 1.0 and margin) else []
    return [*positive, *shares] if positive else []


def half_a_step(values: Values) -> float:
    """Of numbers that are all rounded to it; 0 where they aren't."""
    distinct = np.unique(values)
    step = float(np.diff(distinct).min(initial=np.inf))
    rounded = np.isfinite(step) and bool((np.abs(distinct / step - np.round(distinct / step)) < ROUNDED).all())
    return 0.5 * step if rounded else 0.0


GAUSSIAN = Shape("gaussian", moments, lambda found, x: normal(x, *found))
JOHNSON = Shape("johnson", bend_of, log_bent)
LOGNORMAL = log_normal()


def dispersed(x: Values) -> tuple[float, float, float]:
    """Mean, dispersion and no share of zeros of counts, by their moments."""
    mean, variance = float(x.mean()), float(x.var())
    return max(mean, 1e-3), max((variance - mean) / max(mean, 1e-3) ** 2, 1e-6), 0.0


def log_counts(found: tuple[float, float, float], x: Values) -> Values:
    """log p of counts: negative binomial, with a share of zeros beside."""
    mean, dispersion, zeros = found
    r = 1.0 / dispersion
    plain = gammaln(x + r) - gammaln(r) - gammaln(x + 1.0) - (x + r) * np.log1p(mean / r) + xlogy(x, mean / r)
    if not zeros:
        return np.asarray(plain)
    counted = math.log1p(-zeros) + plain
    return np.asarray(np.where(x == 0.0, np.logaddexp(math.log(zeros), counted), counted))


def inflated(x: Values) -> tuple[float, float, float]:
    """As :func:`dispersed`, with the zeros that counts of this mean and dispersion lack: by steps of expectation."""
    nothing, zeros = float((x == 0.0).mean()), 0.0
    some = x[x > 0.0]
    if not nothing or len(some) < 2:
        return dispersed(x)
    zeros = 0.5 * nothing
    for _ in range(50):
        kept = 1.0 - zeros
        mean = max(float(x.mean()) / kept, 1e-3)
        second = float((x**2).mean()) / kept
        dispersion = max((second - mean**2 - mean) / mean**2, 1e-6)
        own = math.exp(-math.log1p(mean * dispersion) / dispersion)
        zeros = float(np.clip((nothing - own) / (1.0 - own), 1e-6, nothing))
    return mean, dispersion, zeros


POISSON = Shape("poisson", lambda x: (max(float(x.mean()), 1e-3), 1e-9, 0.0), lambda found, x: np.asarray(
    xlogy(x, found[0]) - found[0] - gammaln(x + 1.0)))  # fmt: skip
NEGATIVE_BINOMIAL = Shape("negative_binomial", dispersed, log_counts)
ZERO_INFLATED = Shape("zero_inflated", inflated, log_counts)


def spiked_moments(x: Values) -> tuple[float, float, float]:
    """The share of zeros, and moments of the others' logarithms."""
    some = x[x > 0.0]
    share = (len(x) - len(some) + 0.5) / (len(x) + 1.0)
    return (share, *moments(np.log(some))) if len(some) else (share, 0.0, 1.0)


def log_spiked(found: tuple[float, float, float], x: Values) -> Values:
    """log p of what is 0 or log-normal."""
    share, mean, deviation = found
    some = np.log(np.where(x > 0.0, x, 1.0))
    return np.where(x == 0.0, math.log(share), math.log1p(-share) + normal(some, mean, deviation) - some)


SPIKED_LOGNORMAL = Shape("spiked_lognormal", spiked_moments, log_spiked)
