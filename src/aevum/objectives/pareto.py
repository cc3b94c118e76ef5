"""How heavy the tail of importance weights is, and so whether their mean can be estimated at all."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# Fewer draws than this leave a tail too short to fit; weights that differ by less are equal but for rounding.
FEWEST_DRAWS, EQUAL = 25, 1e-5
# The weakly informative prior of Vehtari et al. is ten observations at k = ½, Zhang and Stephens' 1/3 of a quartile.
PRIOR_COUNT, PRIOR_SHAPE, PRIOR_SHARE = 10.0, 0.5, 3.0


def pareto_shape(log_weights: Tensor) -> Tensor:
    r"""The shape k̂ of the generalized Pareto distribution of the largest weights, ``(N,)`` from ``(K, N)``.

    Of K weights the largest :math:`M = \min(K/5, 3\sqrt K)` are fitted. At :math:`k \ge \tfrac12` the weights have no
    variance; above 0.7 no feasible number of draws gives their mean, and the effective sample size can't see it: the
    draws that count were not drawn. NaN below 25 draws, and inf where no weight is above 0.

    Source: *Pareto smoothed importance sampling*, A. Vehtari, D. Simpson, A. Gelman, Y. Yao, J. Gabry, JMLR 2024.

    >>> import torch
    >>> heavy = torch.distributions.Pareto(1.0, 1.0).sample((100_000, 1)).log()  # P(w > t) = 1/t, so k = 1
    >>> bool((pareto_shape(heavy) - 1.0).abs() < 0.2)
    True
    """
    draws = len(log_weights)
    if draws < FEWEST_DRAWS:
        return log_weights.new_full(log_weights.shape[1:], torch.nan)
    size = math.ceil(min(0.2 * draws, 3.0 * math.sqrt(draws)))
    top = log_weights.double().topk(size + 1, dim=0).values.flip(0)
    relative = (top - top[-1].clamp_min(torch.finfo(top.dtype).min)).exp()
    excess = relative[1:] - relative[0]
    shape = generalized_pareto_shape(excess)
    # Equal weights have no tail; a tail that is one weight alone, all the others being 0 beside it, is the heaviest.
    shape = torch.where(excess[-1] < EQUAL, torch.zeros_like(shape), shape)
    return torch.where(top[-1].isneginf(), torch.inf, torch.where(shape.isnan(), torch.inf, shape))


def generalized_pareto_shape(excess: Tensor) -> Tensor:
    r"""The shape k of :math:`P(X > x) = (1 + kx/\sigma)^{-1/k}` fitted to sorted excesses ``(M, N)``, ``(N,)``.

    The posterior mean of :math:`b = -k/\sigma` under a data-dependent prior, on a grid: no iterations, and close to
    efficient. k is drawn towards ½ as by ten further observations.

    Source: *A new and efficient estimation method for the generalized Pareto distribution*, J. Zhang, M. A. Stephens,
    Technometrics 2009.
    """
    count = len(excess)
    grid = 30 + math.isqrt(count)
    steps = torch.arange(1, grid + 1, dtype=excess.dtype, device=excess.device) - 0.5
    quartile = excess[int(count / 4 + 0.5) - 1]
    b = (1.0 - (grid / steps).sqrt())[:, None] / (PRIOR_SHARE * quartile) + 1.0 / excess[-1]
    shapes = torch.stack([torch.log1p(-each * excess).mean(dim=0) for each in b])
    likelihood = count * ((-b / shapes).log() - shapes - 1.0)
    weights = torch.softmax(torch.where(likelihood.isnan(), -torch.inf, likelihood), dim=0)
    found = torch.log1p(-(b * weights).sum(dim=0) * excess).mean(dim=0)
    smoothed: Tensor = (count * found + PRIOR_COUNT * PRIOR_SHAPE) / (count + PRIOR_COUNT)
    return smoothed
