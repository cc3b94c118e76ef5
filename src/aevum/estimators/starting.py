"""Where a fit of a table starts: at the factor analysis of its rows, which training can only add to.

For a linear model the ELBO is log p(x) itself (design: the axes are turned so that the posterior's covariance is
diagonal), so the start's score is that of scikit-learn's ``FactorAnalysis``, or of its ``PCA`` where one σ is shared.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.conditionals import GaussianConditional, ScaledGaussian
from aevum.data.source import ArraySource
from aevum.estimators.factors import Factors, choose_factors, factor_analysis
from aevum.fitted import Fitted
from aevum.model import LatentVariableModel
from aevum.networks import Wide
from aevum.objectives import Objective
from aevum.priors import StandardNormal

logger = logging.getLogger("aevum")
# So many rows tell what there is to tell of second moments, in so many values.
MOST_ROWS, MOST_VALUES = 20_000, 2**26
# Of ridge regression on the context, in rows: a class of one row is no reason to believe its mean.
RIDGE = 1.0


@dataclass(frozen=True)
class Start:
    """The linear parts of a model that can begin at a factor analysis."""

    encoder: Wide
    decoder: Wide
    likelihood: ScaledGaussian
    latent_dim: int

    @classmethod
    def of(cls, model: LatentVariableModel, objective: Objective) -> Start | None:
        """Those of this model; None where a part is of another kind, and starts as it was drawn."""
        if not objective.bounds:
            return None
        q, p, prior = model.posterior, model.likelihood, model.prior
        if type(q) is not GaussianConditional or type(p) is not ScaledGaussian or type(prior) is not StandardNormal:
            return None
        if not (isinstance(q.network, Wide) and isinstance(p.network, Wide)) or model.view is not None:
            return None
        return cls(q.network, p.network, p, len(prior.zero))

    def begin(self, factors: Factors, slopes: NDArray[np.float64] | None) -> None:
        """Set the model to these factors, its further latents to noise that nobody hears.

        Args:
            factors: of the rows, or of what the context leaves of them.
            slopes: of the rows on the context, ``(C, D)``; None for no context.
        """
        k, width = factors.directions.shape
        gain, variance = factors.posterior
        weight, bias = np.zeros((2 * self.latent_dim, width)), np.zeros(2 * self.latent_dim)
        weight[:k], bias[:k] = gain, -gain @ factors.mean
        bias[self.latent_dim : self.latent_dim + k] = np.log(variance)
        of_y = None if slopes is None else -weight @ slopes.T
        self.encoder.begin(*_tensors(weight, bias, of_y))

        out = width * (1 + self.likelihood.scale.per_value)
        weight, bias = np.zeros((out, self.latent_dim)), np.zeros(out)
        weight[:width, :k], bias[:width] = factors.directions.T, factors.mean
        of_y = None if slopes is None else np.concatenate([slopes.T, np.zeros((out - width, len(slopes)))])
        log_noise = torch.from_numpy(np.log(factors.noise))
        bias[width:] = self.likelihood.scale.settle(log_noise)
        self.decoder.begin(*_tensors(weight, bias, of_y))


def start(fitted: Fitted, source: ArraySource, k: int | None = None) -> int | None:
    """Begin at the factor analysis of these rows.

    Args:
        fitted: a model that was just composed.
        source: the rows.
        k: how many factors; None for what held-out rows say.

    Returns:
        The number of factors; None where this model has no such start.
    """
    parts = Start.of(fitted.model, fitted.objective)
    if parts is None:
        return None
    x, y = rows_of(source, fitted)
    slopes = None
    if y is not None:
        slopes = regressed(x, y)
        x -= y @ slopes
    constant = fitted.encoding.constant
    varies = np.ones(x.shape[1], np.bool_) if constant is None else ~constant.cpu().numpy().ravel()
    some = x[:, varies]
    noise = stated(parts.likelihood, varies)
    shared = fitted.likelihood.scale == "shared"
    most = max(0, min(parts.latent_dim, some.shape[1] - 1, len(x) - 1))
    k = choose_factors(some, most, shared=shared, noise=noise) if k is None else k
    parts.begin(widened(factor_analysis(some, k, shared=shared, noise=noise), varies), slopes)
    logger.info("starts at the factor analysis of the rows, with %d of at most %d factors", k, most)
    return k


def rows_of(source: ArraySource, fitted: Fitted) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """As many rows as there is need of, on the model's scale, ``(n, D)``, and their context."""
    width = int(np.prod(fitted.parts.encoded))
    n = min(len(source), max(2, min(MOST_ROWS, MOST_VALUES // width)))
    x, y = source.take(torch.arange(n, device=fitted.device))
    return x.double().cpu().numpy().reshape(n, -1), None if y is None else y.double().cpu().numpy()


def regressed(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    """The slopes of x ``(N, D)`` on y ``(N, C)`` through 0, ``(C, D)``."""
    return np.asarray(np.linalg.solve(y.T @ y + RIDGE * np.eye(y.shape[1]), y.T @ x), np.float64)


def stated(likelihood: ScaledGaussian, varies: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """The noise's variances where they can't be learned."""
    log_scale: Any = likelihood.scale.stated
    if log_scale is None:
        return None
    every = np.broadcast_to(log_scale.double().exp().cpu().numpy().ravel(), varies.shape)
    found: NDArray[np.float64] = np.ascontiguousarray(every[varies])
    return found


def widened(factors: Factors, varies: NDArray[np.bool_]) -> Factors:
    """The same for all columns: those that never change are 0, and have no direction."""
    if varies.all():
        return factors
    mean, noise = np.zeros(len(varies)), np.ones(len(varies))
    directions = np.zeros((len(factors.directions), len(varies)))
    mean[varies], noise[varies], directions[:, varies] = factors.mean, factors.noise, factors.directions
    return Factors(mean, directions, noise)


def _tensors(*arrays: NDArray[np.float64] | None) -> tuple[Any, ...]:
    return tuple(None if array is None else torch.from_numpy(array).float() for array in arrays)
