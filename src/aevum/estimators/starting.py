"""Where a fit of a table starts: at the factor analysis of its rows, which training can only add to.

For a linear model whose axes are turned so that the posterior's covariance is diagonal the ELBO is log p(x) itself, so
the start's score is that of scikit-learn's ``FactorAnalysis``, or of its ``PCA`` where one σ is shared.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.conditionals import ColumnsConditional, GaussianConditional, ScaledGaussian
from aevum.conditionals.kinds import Block
from aevum.data.source import ArraySource
from aevum.encoding.table import SeenColumns
from aevum.estimators.factors import LEAST_NOISE, Factors, choose_factors, columns_moments, factor_analysis
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


@dataclass(frozen=True)
class Linked:
    """A likelihood as a linear model sees it: what of a row its outputs move, and how.

    Args:
        likelihood: whose decoder emits W numbers, and as many log-scales where these are emitted.
        outputs: the output that moves each of U numbers, ``(U,)``.
        gains: mean of these numbers ↦ how much an output moves by each, ``(U,)``, and about which value of it.
        spreads: the number whose noise each log-scale is, ``(S,)``, −1 for none; where its emitted value lies,
            ``(S,)``.
        varies: which of the numbers vary, ``(U,)``.
        coarse: which of them are of classes, ``(U,)``: however well the others say them, they say little themselves.
    """

    likelihood: ScaledGaussian | ColumnsConditional
    outputs: Rows
    gains: Callable[[Array], tuple[Array, Array]]
    spreads: tuple[Rows, Rows]
    varies: NDArray[np.bool_]
    coarse: NDArray[np.bool_]

    @classmethod
    def of(cls, likelihood: Any, width: int, constant: Tensor | None) -> Linked | None:
        """The face of this likelihood of rows of so many values; None where it has none."""
        if type(likelihood) is ColumnsConditional:
            return cls._of_columns(likelihood)
        if type(likelihood) is not ScaledGaussian:
            return None
        varies = np.ones(width, np.bool_) if constant is None else ~constant.cpu().numpy().ravel()
        every = np.arange(width)
        return cls(
            likelihood, every, lambda mean: (np.ones(width), np.zeros(width)), (every, every), varies, ~(every >= 0)
        )

    @classmethod
    def _of_columns(cls, likelihood: ColumnsConditional) -> Linked:
        blocks = [block for block in likelihood.blocks if isinstance(block, Block)]
        outputs = np.concatenate([block.outputs.cpu().numpy() for block in blocks])
        spreads, first = np.full(len(likelihood.first), -1), 0
        for block in blocks:
            if block.record.spreads:
                spreads[block.places.cpu().numpy()] = first + np.arange(len(block.places))
            first += len(block.outputs)

        coarse = np.concatenate([np.full(len(block.outputs), block.record.gain is not None) for block in blocks])

        def gains(mean: Array) -> tuple[Array, Array]:
            parts = np.split(mean, np.cumsum([len(block.outputs) for block in blocks])[:-1])
            found, about = [], []
            for block, part in zip(blocks, parts, strict=True):
                gain = block.record.gain
                found.append(np.ones(len(part)) if gain is None else gain(torch.from_numpy(part)).numpy())
                about.append(np.zeros(len(part)) if gain is None else part)
            return np.concatenate(found), np.concatenate(about)

        places = likelihood.first.cpu().numpy()
        return cls(likelihood, outputs, gains, (spreads, places), np.ones(len(outputs), np.bool_), coarse)

    def numbers(self, x: Tensor) -> Array:
        """The U numbers of encoded rows, NaN where a value is missing."""
        if isinstance(self.likelihood, ScaledGaussian):
            return x.double().cpu().numpy().reshape(len(x), -1)
        parts = [block.linear(x) for block in self.likelihood.blocks if isinstance(block, Block)]
        return torch.cat(parts, dim=-1).double().cpu().numpy()


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

    def begin(self, factors: Factors, slopes: Array | None) -> None:
        """Set the model to these factors, its further latents to noise that nobody hears.

        Args:
            factors: of the rows, or of what the context leaves of them.
            slopes: of the rows on the context, ``(C, U)``; None for no context.
        """
        k, width = factors.directions.shape
        gain, variance = factors.posterior
        weight, bias = np.zeros((2 * self.latent_dim, width + len(self.flagged))), np.zeros(2 * self.latent_dim)
        weight[:k, :width] = gain
        spread = slice(self.latent_dim, self.latent_dim + k)
        if len(self.flagged):  # a cell that is missing is seen as 0, stands for the mean, and narrows nothing
            weight[:k, width:] = -self._by_column(gain * factors.mean)[:, self.flagged]
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


def start(fitted: Fitted, source: ArraySource, k: int | None = None) -> int | None:
    """Begin at the factor analysis of these rows.

    Args:
        fitted: a model that was just composed.
        source: the rows.
        k: how many factors; None for what held-out rows say.

    Returns:
        The number of factors; None where this model has no such start.
    """
    parts = Start.of(fitted)
    if parts is None:
        return None
    encoded, y, weights = rows_of(source, fitted)
    x = parts.linked.numbers(encoded)
    slopes = None
    if y is not None:
        slopes = regressed(np.where(np.isnan(x), columns_moments(x, weights)[0], x), y, weights)
        x = x - y @ slopes
    varies = parts.linked.varies & (np.nanstd(x, axis=0) > 0.0)
    some = x[:, varies]
    noise = stated(parts.linked.likelihood, varies)
    shared = fitted.likelihood.scale == "shared"
    least = np.where(parts.linked.coarse[varies], COARSE * columns_moments(some, weights)[1], LEAST_NOISE)
    how: dict[str, Any] = {"shared": shared, "noise": noise, "least": least, "weights": weights}
    most = max(0, min(parts.latent_dim, some.shape[1] - 1, len(x) - 1))
    k = choose_factors(some, most, **how) if k is None else min(k, most)
    parts.begin(widened(factor_analysis(some, k, **how), varies), slopes)
    logger.info("starts at the factor analysis of the rows, with %d of at most %d factors", k, most)
    return k


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
