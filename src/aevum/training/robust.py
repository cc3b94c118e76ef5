"""Means that no single row owns."""

from __future__ import annotations

import math

import torch
from torch import Tensor

# A row may lie this many interquartile ranges beyond the quartiles before it is held: losses of ordinary heavy-tailed
# rows stay as they are, so that without a far row the mean is the mean.
REACH = 5.0


def held_mean(losses: Tensor, weights: Tensor | None = None) -> float:
    r"""The mean of losses ``(N,)`` with each held within :math:`[Q_1 - 5\,\mathrm{IQR},\; Q_3 + 5\,\mathrm{IQR}]`.

    A loss that is not finite is held as the largest. Without rows so far out it is the plain mean; up to a quarter of
    the rows can move it by no more than the fence lies off. Infinite where more than a quarter are not finite. With
    weights ``(N,)`` mean and quartiles are weighted.

    Source: winsorizing, *The future of data analysis*, J. W. Tukey, Annals of Mathematical Statistics 1962.

    >>> held_mean(torch.tensor([1.0, 2.0, 3.0, 4.0])), held_mean(torch.tensor([1.0, 2.0, 3.0, 4.0, 1e30]))
    (2.5, 4.8)
    """
    held = held_values(losses, weights)
    return math.inf if held is None else float(_mean(held, weights))


def held_values(losses: Tensor, weights: Tensor | None = None) -> Tensor | None:
    """The losses with each held within the fences; None where more than a quarter are not finite."""
    losses = torch.where(losses.isnan(), math.inf, losses.double())
    ranked, order = losses.sort()
    if weights is None:
        places = [round(share * (len(losses) - 1)) for share in (0.25, 0.75)]
    else:
        upto = weights.to(losses)[order].cumsum(0)
        places = [int(torch.searchsorted(upto, share * upto[-1])) for share in (0.25, 0.75)]
    low, high = (float(ranked[place]) for place in places)
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    reach = REACH * (high - low)
    return losses.clamp(low - reach, high + reach)


def clearly_less(losses: Tensor, others: Tensor, weights: Tensor | None = None) -> bool:
    """Whether these losses of rows ``(N,)`` are less than the others' of the same rows, by more than one standard error
    of the (weighted) mean difference, far rows held.

    >>> losses = torch.tensor([1.0, 2.0, 3.0, 4.0])
    >>> clearly_less(losses - 0.1, losses), clearly_less(losses, losses), clearly_less(losses.flip(0) - 0.1, losses)
    (True, False, False)
    """
    both = held_values((losses.double() - others.double()).nan_to_num(math.inf), weights)
    if both is None or len(both) < 2:
        return False
    mean = _mean(both, weights)
    if weights is None:
        return float(mean) < -float(both.std()) / math.sqrt(len(both))
    share = weights.to(both) / weights.to(both).sum()  # of n rows that count alike the variance is over n − 1
    error = ((share**2 * (both - mean) ** 2).sum() / (1.0 - (share**2).sum()).clamp(min=1e-12)).sqrt()
    return float(mean) < -float(error)


def _mean(values: Tensor, weights: Tensor | None) -> Tensor:
    return values.mean() if weights is None else (values * weights.to(values)).sum() / weights.to(values).sum()
