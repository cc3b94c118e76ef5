"""Where a fit starts if which cells are missing depends on their values: factors, and odds, that agree with each other.

A factor analysis of rows that lack their large values, taken for missing at random, has means too low and variances too
small. Here codes, missing cells and parameters are drawn in turns: stochastic expectation and maximisation.

Source: *The SEM algorithm: a probabilistic teacher algorithm derived from the EM algorithm for the mixture problem*,
G. Celeux, J. Diebolt, 1985.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logsumexp

from aevum.estimators.factors import columns_moments

Array = NDArray[np.float64]
# Rounds, of which the second half is averaged; missing cells that are drawn in one.
ROUNDS, MOST_CELLS = 200, 30_000
# In deviations of a missing cell's law given the code.
STEP = 0.5
GRID = np.arange(-6.0, 6.0 + STEP, STEP)
NORMAL = float(logsumexp(-0.5 * GRID**2))
# Of the prior of a slope, which a clean cut would let grow for ever; the least that is known to rise; cells of a column
# that tell its first slope, and nats for which a slope is believed.
PRIOR_SLOPE, STEEPEST, LEAST_RISE, FIRST_CELLS, BELIEVED = 5.0, 10.0, 5.0, 500, 4.0
LEAST_NOISE = 1e-4


@dataclass
class Odds:
    """log-odds a + w x that a number x is missing.

    Args:
        offset, slope: a and w, ``(U,)``.
        acts: the numbers of which they may depend on x.
        rising: whether w is above 0.
    """

    offset: Array
    slope: Array
    acts: NDArray[np.bool_]
    rising: bool

    def fit(self, x: Array, missing: NDArray[np.bool_], weights: Array) -> None:
        """A Newton step of logistic regression, in which a row counts by its weight, ``(N,)``."""
        counts = weights[:, None]
        p = expit(self.offset + self.slope * x)
        off, weight = counts * (missing - p), counts * (p * (1.0 - p) + 1e-9)
        gradient = off.sum(axis=0), (off * x).sum(axis=0) - self.slope / PRIOR_SLOPE**2
        aa, aw = weight.sum(axis=0), (weight * x).sum(axis=0)
        ww = (weight * x**2).sum(axis=0) + 1.0 / PRIOR_SLOPE**2
        determinant = np.maximum(aa * ww - aw**2, 1e-9)
        step = (aa * gradient[1] - aw * gradient[0]) / determinant
        least = LEAST_RISE if self.rising else -STEEPEST
        slope = np.where(self.acts, np.clip(self.slope + np.clip(step, -1.0, 1.0), least, STEEPEST), 0.0)
        self.slope = slope
        for _ in range(3):  # whatever the slope, so many are missing
            p = expit(self.offset + slope * x)
            step = (counts * (missing - p)).sum(axis=0) / ((counts * p * (1.0 - p)).sum(axis=0) + 1e-9)
            self.offset = self.offset + np.clip(step, -2.0, 2.0)


def first_odds(x: Array, acts: NDArray[np.bool_], rising: bool, weights: Array) -> tuple[Odds, Array, Array]:
    """Odds by each column alone, a Gaussian whose cells are missing by them; its mean and deviation, ``(U,)``."""
    found = [
        marginal(column, rising, weights) if may else (0.0, np.nan, 0.0, 1.0)
        for column, may in zip(x.T, acts, strict=True)
    ]
    slope, offset, mean, deviation = np.array(found).T
    share = (weights @ np.isnan(x) + 0.5) / (weights.sum() + 1.0)
    plain, variance = columns_moments(x, weights)
    mean = np.where(np.isnan(offset), plain, mean)
    deviation = np.where(np.isnan(offset), np.sqrt(variance), deviation)
    offset = np.where(np.isnan(offset), np.log(share / (1.0 - share)), offset)
    return Odds(offset, slope, acts, rising), mean, deviation


def marginal(column: Array, rising: bool, weights: Array) -> tuple[float, float, float, float]:
    """w, a, μ, σ of one column, told apart by its shape alone: (0, NaN, 0, 1) where they aren't."""
    there = np.flatnonzero(~np.isnan(column))
    nothing = (0.0, np.nan, 0.0, 1.0)
    if len(there) == len(column) or len(there) < 10:
        return nothing
    lacking = weights.sum() / weights[there].sum() - 1.0
    first = there if len(there) <= FIRST_CELLS else np.random.RandomState(0).permutation(there)[:FIRST_CELLS]
    some, counts = column[first], weights[first]

    def loss(given: Array) -> float:
        slope, offset, mean, log_deviation = given
        deviation = np.exp(log_deviation)
        density = -0.5 * ((some - mean) / deviation) ** 2 - log_deviation
        gaps = logsumexp(-0.5 * GRID**2 + log_expit(offset + slope * (mean + deviation * GRID))) - NORMAL
        prior = 0.5 * (slope / PRIOR_SLOPE) ** 2 + 0.5 * (log_deviation / 0.5) ** 2
        total: float = -counts @ (density + log_expit(-offset - slope * some)) - counts.sum() * lacking * gaps + prior
        return total

    def best(sign: float) -> tuple[float, Array]:
        start = np.array([3.0 * sign, np.log(lacking) - sign, 0.5 * sign, 0.2 * abs(sign)])
        bounds = [(LEAST_RISE, STEEPEST) if sign > 0 else (-STEEPEST, 0.0) if sign < 0 else (0.0, 0.0),
                  (-20.0, 20.0), (-5.0, 5.0), (-2.0, 2.0)]  # fmt: skip
        found = minimize(loss, start, method="L-BFGS-B", bounds=bounds, options={"maxiter": 60})
        return float(found.fun), found.x

    tried = [best(1.0)] if rising else [best(sign) for sign in (1.0, -1.0)]
    least, found = min(tried, key=lambda each: each[0])
    if not rising and best(0.0)[0] - least < BELIEVED:
        return nothing
    return float(found[0]), float(found[1]), float(found[2]), float(np.exp(found[3]))


@dataclass
class Completed:
    """What the rounds come to.

    Args:
        odds: of missing.
        mean, covariance: of whole rows, ``(U,)`` and ``(U, U)``.
        absent: mean of each number's missing cells, ``(U,)``.
    """

    odds: Odds
    mean: Array
    covariance: Array
    absent: Array


def complete(
    x: Array, k: int, acts: NDArray[np.bool_], rising: bool, shift: Array, weights: Array | None = None
) -> Completed:
    """Moments of rows whose missing cells depend on their values.

    Args:
        x: ``(N, U)``, NaN where a value is missing.
        k: of factors.
        acts, rising: see :class:`Odds`.
        shift: ``(N, U)``, by which the values that the odds depend on are larger.
        weights: how much each row counts, ``(N,)``, as many times as it were there; None for once.

    Example:
        >>> random = np.random.RandomState(0)
        >>> x = random.randn(2000, 1) * np.ones(2) + 0.5 * random.randn(2000, 2)
        >>> gaps = np.where((x > 0.0) & [[True, False]], np.nan, x)
        >>> found = complete(gaps, 1, np.array([True, True]), True, np.zeros(x.shape))
        >>> bool(np.abs(found.mean - x.mean(axis=0)).max() < 0.1), bool(np.nanmean(gaps[:, 0]) < -0.8)
        (True, True)
    """
    random = np.random.RandomState(0)
    x = x[: max(50, MOST_CELLS * len(x) // max(int(np.isnan(x).sum()), 1))]
    shift, missing = shift[: len(x)], np.isnan(x)
    counts = np.ones(len(x)) if weights is None else weights[: len(x)]
    columns = np.nonzero(missing)[1]
    odds, mean, deviation = first_odds(x + shift, acts, rising, counts)
    whole = x.copy()
    whole[missing] = drawn((mean - shift)[missing], deviation[columns], shift[missing], odds, columns, random)
    mean, variance = columns_moments(whole, counts)
    noise = variance + LEAST_NOISE
    directions = 0.1 * random.randn(k, x.shape[1])
    found = []
    for step in range(ROUNDS):
        z = codes((whole - mean) / noise, directions, noise, random)
        centre = (mean + z @ directions)[missing]
        whole[missing] = drawn(centre, np.sqrt(noise)[columns], shift[missing], odds, columns, random)
        design = np.column_stack([z, np.ones(len(z))])
        counted = (counts[:, None] * design).T
        fitted = np.asarray(np.linalg.solve(counted @ design + 1e-3 * np.eye(k + 1), counted @ whole), np.float64)
        directions, mean = fitted[:k], fitted[k]
        noise = np.maximum(np.average((whole - design @ fitted) ** 2, axis=0, weights=counts), LEAST_NOISE)
        odds.fit(whole + shift, missing, counts)
        if step >= ROUNDS // 2:
            found.append((*moments(whole, counts), mean_where(whole, missing, counts)))
    centre, second, absent = (np.mean(each, axis=0) for each in zip(*found, strict=True))
    return Completed(odds, centre, second - np.outer(centre, centre), np.where(missing.any(axis=0), absent, centre))


def moments(whole: Array, counts: Array) -> tuple[Array, Array]:
    """Mean ``(U,)`` and second moment ``(U, U)`` of rows that count as often as that."""
    return np.average(whole, axis=0, weights=counts), (counts[:, None] * whole).T @ whole / counts.sum()


def mean_where(whole: Array, missing: NDArray[np.bool_], counts: Array) -> Array:
    """The mean of each column's cells that were missing, ``(U,)``; 0 where none was."""
    cells = counts[:, None] * missing
    total = cells.sum(axis=0)
    found: Array = (whole * cells).sum(axis=0) / np.where(total > 0.0, total, 1.0)
    return found


def codes(away: Array, directions: Array, noise: Array, random: np.random.RandomState) -> Array:
    """Draws of z given whole rows, ``(N, k)``, of which ``away`` is Ψ⁻¹(x − m)."""
    values, turn = np.linalg.eigh(np.eye(len(directions)) + (directions / noise) @ directions.T)
    mean = away @ directions.T @ (turn / values) @ turn.T
    found: Array = mean + random.randn(*mean.shape) @ (turn / np.sqrt(values)).T
    return found


def drawn(
    centre: Array, spread: Array, shift: Array, odds: Odds, columns: NDArray[np.intp], random: np.random.RandomState
) -> Array:
    """Missing cells, each from its Gaussian given the code and given that it is missing, ``(M,)``."""
    values = centre[:, None] + spread[:, None] * GRID
    log_odds = odds.offset[columns][:, None] + odds.slope[columns][:, None] * (values + shift[:, None])
    logs = log_expit(log_odds) - 0.5 * GRID**2
    share = np.exp(logs - logs.max(axis=1, keepdims=True)).cumsum(axis=1)
    place = (share < random.random_sample((len(values), 1)) * share[:, -1:]).sum(axis=1)
    found: Array = centre + spread * (GRID[place] + STEP * (random.random_sample(len(values)) - 0.5))
    return found
