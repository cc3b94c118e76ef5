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
    held = held_values(losses)
    return math.inf if held is None else float(held.mean())


def held_values(losses: Tensor) -> Tensor | None:
    """The losses with each held within the fences; None where more than a quarter are not finite."""
    losses = torch.where(losses.isnan(), math.inf, losses.double())
    ranked, last = losses.sort().values, len(losses) - 1
    low, high = float(ranked[round(0.25 * last)]), float(ranked[round(0.75 * last)])
    if not (math.isfinite(low) and math.isfinite(high)):
        return None
    reach = REACH * (high - low)
    return losses.clamp(low - reach, high + reach)


def clearly_less(losses: Tensor, others: Tensor) -> bool:
    """Whether these losses of rows ``(N,)`` are less than the others' of the same rows, by more than one standard error
    of the mean difference, far rows held.

    >>> losses = torch.tensor([1.0, 2.0, 3.0, 4.0])
    >>> clearly_less(losses - 0.1, losses), clearly_less(losses, losses), clearly_less(losses.flip(0) - 0.1, losses)
    (True, False, False)
    """
    both = held_values((losses.double() - others.double()).nan_to_num(math.inf))
    if both is None:
        return False
    error = float(both.std()) / math.sqrt(len(both)) if len(both) > 1 else math.inf
    return float(both.mean()) < -error
