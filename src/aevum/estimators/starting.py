"""Where a fit of a table starts: at the factor analysis of its rows, which training can only add to.

For a linear model whose axes are turned so that the posterior's covariance is diagonal the ELBO is log p(x) itself, so
the start's score is that of scikit-learn's ``FactorAnalysis``, or of its ``PCA`` where one σ is shared.
"""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.conditionals import ColumnsConditional, GaussianConditional, ScaledGaussian, SelfMasking
from aevum.conditionals.blocks import Block
from aevum.data.source import ArraySource
from aevum.encoding.table import SeenColumns
from aevum.estimators.factor_numbers import Chosen, choose_factors
from aevum.estimators.factors import (
    LEAST_NOISE,
    Factors,
    alternated,
    columns_moments,
    factor_analysis,
    turned,
)
from aevum.estimators.linked import Linked
from aevum.estimators.masked import complete
from aevum.fitted import Fitted
from aevum.networks import Wide
from aevum.networks.wide import squashed
from aevum.priors import StandardNormal

Array = NDArray[np.float64]
Rows = NDArray[np.intp]
logger = logging.getLogger("aevum")
# So many rows tell what there is to tell of second moments, in so many values.
MOST_ROWS, MOST_VALUES = 20_000, 2**23
# Of ridge regression on the context, in rows: a class of one row is no reason to believe its mean.
RIDGE = 1.0
# Of the variance of a flag, what is left for chance: a class tells a code its logarithm at most.
COARSE = 0.3
# Rows taken for missing at random say too little of how many factors there are.
FEWEST_MASKED = 10


@dataclass(frozen=True)
class Start:
    """The linear parts of a model that can begin at a factor analysis."""

    encoder: Wide
    decoder: Wide
    linked: Linked
    latent_dim: int
    flagged: Rows

    @classmethod
    def of(cls, fitted: Fitted) -> Start | None:
        """Those of this model; None where a part is of another kind, and starts as it was drawn."""
        q, p, prior = fitted.model.posterior, fitted.model.likelihood, fitted.model.prior
        if not fitted.objective.bounds or type(q) is not GaussianConditional or type(prior) is not StandardNormal:
            return None
        linked = Linked.of(p, math.prod(fitted.parts.encoded), fitted.encoding.constant)
        view = fitted.model.view
        if linked is None or (isinstance(linked.likelihood, ColumnsConditional) != isinstance(view, SeenColumns)):
            return None
        decoder = linked.likelihood.network
        if not (isinstance(q.network, Wide) and isinstance(decoder, Wide)):
            return None
        flagged = view.flagged.cpu().numpy() if isinstance(view, SeenColumns) else np.zeros(0, np.intp)
        return cls(q.network, decoder, linked, len(prior.zero), flagged)

    def begin(self, factors: Factors, slopes: Array | None, absent: Array | None = None) -> None:
        """Set the model to these factors, its further latents to noise that nobody hears.

        Args:
            factors: of the rows, or of what the context leaves of them.
            slopes: of the rows on the context, ``(C, U)``; None for no context.
            absent: what missing numbers are taken for, ``(U,)``; None for the mean.
        """
        k, width = factors.directions.shape
        gain, variance = factors.posterior
        weight, bias = np.zeros((2 * self.latent_dim, width + len(self.flagged))), np.zeros(2 * self.latent_dim)
        weight[:k, :width] = gain
        spread = slice(self.latent_dim, self.latent_dim + k)
        if len(self.flagged):  # a cell that is missing is seen as 0, stands for the mean, and narrows nothing
            absent = factors.mean if absent is None else absent
            bias[:k] = gain @ (absent - factors.mean)
            weight[:k, width:] = -self._by_column(gain * absent)[:, self.flagged]
            told = self._by_column(factors.directions**2 / factors.noise)[:, self.flagged]
            weight[spread, width:] = np.log(variance)[:, None] * told / np.maximum(factors.strengths, 1e-9)[:, None]
            weight[spread, width:] /= float(squashed(torch.ones(())))  # as a flag is seen
        else:
            bias[:k] = -gain @ factors.mean
            bias[spread] = np.log(variance)
        of_y = None if slopes is None else -weight[:, :width] @ slopes.T
        self.encoder.begin(*_tensors(weight, bias, of_y))
        self.decoder.begin(*_tensors(*self._decoded(factors, slopes)))

    def _by_column(self, values: Array) -> Array:
        """Sums over the numbers of each column of values ``(k, U)``, ``(k, columns)``."""
        likelihood = self.linked.likelihood
        assert isinstance(likelihood, ColumnsConditional)
        found, first = np.zeros((len(values), len(likelihood.first))), 0
        for block in likelihood.blocks:
            if isinstance(block, Block):
                place = np.repeat(block.places.cpu().numpy(), block.widths.cpu().numpy())
                np.add.at(found.T, place, values[:, first : first + len(place)].T)
                first += len(place)
        return found

    def _decoded(self, factors: Factors, slopes: Array | None) -> tuple[Array, Array, Array | None]:
        """Weight, bias and slopes of the decoder's linear path."""
        likelihood, outputs = self.linked.likelihood, self.linked.outputs
        per_value = 1 + likelihood.scale.per_value
        out = self.decoder.linear.out_features
        emitted = out // per_value
        gains, about = self.linked.gains(factors.mean)
        weight, bias = np.zeros((out, self.latent_dim)), np.zeros(out)
        weight[outputs, : len(factors.directions)] = gains[:, None] * factors.directions.T
        bias[outputs] = gains * (factors.mean - about)
        of_y = None
        if slopes is not None:
            of_y = np.zeros((out, len(slopes)))
            of_y[outputs] = gains[:, None] * slopes.T
        number, place = self.linked.spreads
        noise = np.append(factors.noise, 1.0)[number]  # −1 is the last: a log-scale of 0
        settled = likelihood.scale.settle(torch.from_numpy(np.log(noise)))
        if per_value == 2:
            bias[emitted + place[number >= 0]] = settled[number >= 0]
        return weight, bias, of_y


def start(fitted: Fitted, source: ArraySource, chosen: Chosen | None = None, *, awake: bool = True) -> Chosen | None:
    """Begin at the factor analysis of these rows.

    Args:
        fitted: a model that was just composed.
        source: the rows.
        chosen: how many factors; None for what held-out rows say.
        awake: whether further latents are awake (:meth:`~aevum.estimators.factors.Factors.awake`): not in a model that
            is not trained any more.

    Returns:
        The number of factors and what columns keep; None where this model has no such start.
    """
    parts = Start.of(fitted)
    if parts is None:
        return None
    encoded, y, weights = rows_of(source, fitted)
    x = parts.linked.numbers(encoded)
    slopes = None
    likelihood = parts.linked.likelihood
    masking = likelihood.missingness if isinstance(likelihood, ColumnsConditional) else None
    if y is not None:
        slopes = regressed(np.where(np.isnan(x), columns_moments(x, weights)[0], x), y, weights)
        x = x - y @ slopes
    # Without a word of columns that have no value among these rows, unlike NumPy's functions of those that aren't NaN.
    varies = parts.linked.varies & (np.fmax.reduce(x, axis=0) > np.fmin.reduce(x, axis=0))
    some = x[:, varies]
    noise = stated(likelihood, varies)
    shared = fitted.likelihood.scale == "shared"
    least = np.where(parts.linked.coarse[varies], COARSE * columns_moments(some, weights)[1], LEAST_NOISE)
    how: dict[str, Any] = {"shared": shared, "noise": noise, "least": least, "weights": weights}
    most = max(0, min(parts.latent_dim, some.shape[1] - 1, len(x) - 1))
    asleep = not awake or shared or noise is not None
    chosen = chosen or choose_factors(some, most, **how)
    k, least = min(chosen.k, most), np.broadcast_to(chosen.least(some, least, weights), least.shape)
    if masking is not None:
        k = min(most, max(k, FEWEST_MASKED))
        shift = np.zeros(some.shape) if y is None or slopes is None else (y @ slopes)[:, varies]
        begin_masked(parts, masking, some, varies, k, least, slopes, shift, weights)
    else:
        factors = factor_analysis(some, k, **{**how, "least": least})
        # Half of what a count keeps is not for a code to take: what is left is a Poisson's however little is asked for.
        noise_of = np.where(parts.linked.noisy[varies], least, np.inf)
        parts.begin(widened(factors if asleep else factors.awake(most, noise_of), varies), slopes)
    logger.info("starts at the factor analysis of the rows, with %d of at most %d factors", k, most)
    return chosen


def begin_masked(
    parts: Start,
    masking: SelfMasking,
    x: Array,
    varies: NDArray[np.bool_],
    k: int,
    least: Array,
    slopes: Array | None,
    shift: Array,
    weights: Array | None,
) -> None:
    """Begin where factors agree with the odds that a cell is missing, by its value.

    Args:
        x: the numbers that vary, of all of which ``varies`` says which they are.
        k, least, slopes: as for :func:`~aevum.estimators.factors.factor_analysis` and :meth:`Start.begin`.
        shift, weights: see :func:`~aevum.estimators.masked.complete`.
    """
    likelihood = parts.linked.likelihood
    assert isinstance(likelihood, ColumnsConditional)
    blocks = [block for block in likelihood.blocks if isinstance(block, Block)]
    place = np.concatenate([np.repeat(block.places.cpu().numpy(), block.widths.cpu().numpy()) for block in blocks])
    found = complete(x, k, ~parts.linked.coarse[varies], masking.rising, shift, weights)
    absent, slope, offset = np.zeros(len(varies)), np.zeros(len(varies)), np.zeros(len(masking.offset))
    absent[varies], slope[varies], offset[place[varies]] = found.absent, found.odds.slope, found.odds.offset
    factors = turned(found.mean, *alternated(found.covariance, k, least=least))
    parts.begin(widened(factors, varies), slopes, absent)
    masking.begin(*_tensors(slope, offset))


def rows_of(source: ArraySource, fitted: Fitted) -> tuple[Tensor, Array | None, Array | None]:
    """As many rows as there is need of, on the model's scale, their context and their weights."""
    width = int(np.prod(fitted.parts.encoded))
    n = min(len(source), max(2, min(MOST_ROWS, MOST_VALUES // width)))
    x, y = source.take(torch.arange(n, device=fitted.device))
    weights = None if source.weights is None else source.weights[:n].double().cpu().numpy()
    return x, None if y is None else y.double().cpu().numpy(), weights


def regressed(x: Array, y: Array, weights: Array | None = None) -> Array:
    """The slopes of x ``(N, D)`` on y ``(N, C)`` through 0, ``(C, D)``."""
    counted = y if weights is None else y * weights[:, None]
    return np.asarray(np.linalg.solve(counted.T @ y + RIDGE * np.eye(y.shape[1]), counted.T @ x), np.float64)


def stated(likelihood: ScaledGaussian | ColumnsConditional, varies: NDArray[np.bool_]) -> Array | None:
    """The noise's variances where they can't be learned."""
    log_scale: Any = likelihood.scale.stated
    if log_scale is None:
        return None
    every = np.broadcast_to(log_scale.double().exp().cpu().numpy().ravel(), varies.shape)
    found: Array = np.ascontiguousarray(every[varies])
    return found


def widened(factors: Factors, varies: NDArray[np.bool_]) -> Factors:
    """The same for all columns: those that never change are 0, and have no direction."""
    if varies.all():
        return factors
    mean, noise = np.zeros(len(varies)), np.ones(len(varies))
    directions = np.zeros((len(factors.directions), len(varies)))
    mean[varies], noise[varies], directions[:, varies] = factors.mean, factors.noise, factors.directions
    return Factors(mean, directions, noise)


def _tensors(*arrays: Array | None) -> tuple[Any, ...]:
    return tuple(None if array is None else torch.from_numpy(array).float() for array in arrays)
