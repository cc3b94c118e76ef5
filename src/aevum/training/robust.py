"""Means that no single row owns."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# A row may lie this many interquartile ranges beyond the quartiles before it is held: losses of ordinary heavy-tailed
# rows stay as they are, so that without a far row the mean is the mean.
REACH = 5.0


def held_mean(losses: Tensor) -> float:
    r"""The mean of losses ``(N,)`` with each held within :math:`[Q_1 - 5\,\mathrm{IQR},\; Q_3 + 5\,\mathrm{IQR}]`.

    A loss that is not finite is held as the largest. Without rows so far out it is the plain mean; up to a quarter of
    the rows can move it by no more than the fence lies off. Infinite where more than a quarter are not finite.

    Source: winsorizing, *The future of data analysis*, J. W. Tukey, Annals of Mathematical Statistics 1962.

    >>> held_mean(torch.tensor([1.0, 2.0, 3.0, 4.0])), held_mean(torch.tensor([1.0, 2.0, 3.0, 4.0, 1e30]))
    (2.5, 4.8)
    """
    losses = torch.where(losses.isnan(), math.inf, losses.double())
    ranked, last = losses.sort().values, len(losses) - 1
    low, high = float(ranked[round(0.25 * last)]), float(ranked[round(0.75 * last)])
    if not (math.isfinite(low) and math.isfinite(high)):
        return math.inf
    reach = REACH * (high - low)
    return float(losses.clamp(low - reach, high + reach).mean())
