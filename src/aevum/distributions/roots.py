"""Quantiles of a mixture of Gaussians in one dimension: roots of its distribution function."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.special import ndtr, ndtri

STEPS = 60


def mixture_quantile(
    share: float, mean: Tensor, deviation: Tensor, weights: Tensor | None = None, *, close: float
) -> Tensor:
    r"""The root x of :math:`\sum_k \pi_k \Phi((x - \mu_k)/\sigma_k) = \text{share}`.

    By Newton's steps on the logarithm, which is nearly straight in the tails, and by bisection where one leaves the
    bracket: between the least and the greatest of the components' own quantiles.

    Args:
        share: what lies below x, between 0 and 1.
        mean, deviation: of the K components, ``(K, *batch)``.
        weights: π, ``(K, *batch)`` or ``(K, 1, …)``; None for equal ones.
        close: by which share what lies beyond x may be off.

    Returns:
        ``(*batch)``.

    Example:
        >>> two = mixture_quantile(0.75, torch.tensor([-9.0, 9.0]), torch.ones(2), close=1e-4)
        >>> round(float(two), 3)  # half of the second component
        9.0
    """
    if share > 0.5:  # the tail is what is found to so many digits
        return -mixture_quantile(1.0 - share, -mean, deviation, weights, close=close)
    pi = torch.full_like(mean, 1.0 / len(mean)) if weights is None else weights
    standard_quantile = float(ndtri(torch.tensor(share, dtype=torch.float64)))
    low, high = (mean + standard_quantile * deviation).aminmax(dim=0)
    # A Gaussian of equal moments is near.
    centre = (pi * mean).sum(dim=0)
    variance = (pi * (deviation.square() + (mean - centre).square())).sum(dim=0)
    x = (centre + standard_quantile * variance.sqrt()).clamp(low, high)
    for _ in range(STEPS):
        standard = (x - mean) / deviation
        below = (pi * ndtr(standard)).sum(dim=0)
        wrong = below.log() - math.log(share)
        # Each value stops by itself, so that none depends on those beside it.
        open_ = wrong.abs() > close
        if not bool(open_.any()):
            break
        low, high = torch.where(wrong < 0, x, low), torch.where(wrong < 0, high, x)
        density = (pi * (-0.5 * standard.square()).exp() / deviation).sum(dim=0) / math.sqrt(2.0 * math.pi)
        step = x - wrong * below / density
        step = torch.where((step > low) & (step < high), step, 0.5 * (low + high))
        x = torch.where(open_, step, x)
    return x
