"""Cells given that they are missing, where whether a cell is missing depends on its value."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid
from torch.special import ndtr

from aevum.distributions.cells import LEAST, MOST, Cells
from aevum.distributions.events import broadcast

# Log-odds that cells of these values are missing.
LogOdds = Callable[[Tensor], Tensor]


def log_missing(cells: Cells, log_odds: LogOdds) -> Tensor:
    r"""log P(missing) of each cell, :math:`\log \sum_v p(v)\, \varsigma(\ell(v))` over the cells' nodes v.

    >>> from aevum.distributions import Straight, WarpedGaussian
    >>> cells = WarpedGaussian(torch.zeros(1), torch.zeros(1), Straight())
    >>> round(float(log_missing(cells, lambda x: 3.0 * x).exp()), 4)  # by symmetry
    0.5
    """
    values, log_weights = cells.nodes()
    return (log_weights + logsigmoid(log_odds(values))).logsumexp(dim=0)


def tilted(cells: Cells, log_odds: LogOdds) -> Cells:
    r"""p(x | missing) :math:`\propto p(x)\, \varsigma(\ell(x))`: exactly for classes, otherwise on the nodes."""
    if (found := cells.tilted(lambda values: logsigmoid(log_odds(values)))) is not None:
        return found
    values, log_weights = cells.nodes()
    return Tilted(values, log_weights + logsigmoid(log_odds(values)), cells.continuous)


class Tilted(Cells):
    """Cells of so many ordered values each, with their weights; between those of a continuous one lie others.

    Args:
        values: ``(S, *batch, k)``, ascending along the first dimension.
        log_weights: of them, up to a constant.
        continuous: whether draws fall between the values too.
    """

    def __init__(self, values: Tensor, log_weights: Tensor, continuous: bool) -> None:
        self.values, self.weights = torch.broadcast_tensors(values, log_weights.softmax(dim=0))  # type: ignore[no-untyped-call]
        self.continuous = continuous
        super().__init__(self.values.shape[1:])

    @property
    def mean(self) -> Tensor:
        found: Tensor = (self.weights * self.values).sum(dim=0)
        return found

    @property
    def stddev(self) -> Tensor:
        found: Tensor = (self.weights * (self.values - self.mean).square()).sum(dim=0).sqrt()
        return found

    @property
    def mode(self) -> Tensor:
        """The median."""
        return self.icdf(torch.full_like(self.mean, 0.5))

    def log_prob(self, value: Tensor) -> Tensor:
        raise NotImplementedError("a missing cell has no value whose density could be asked for")

    def icdf(self, value: Tensor) -> Tensor:
        shape = broadcast(value.shape, self.batch_shape)
        weights = self.weights.movedim(0, -1).expand(*shape, -1)
        values = self.values.movedim(0, -1).expand(*shape, -1)
        below = weights.cumsum(dim=-1)
        share = value.to(below.dtype).expand(shape).unsqueeze(-1) * below[..., -1:]
        place = torch.searchsorted(below.contiguous(), share.contiguous()).clamp_max(below.shape[-1] - 1)
        found: Tensor = values.gather(-1, place)
        if self.continuous:  # evenly from halfway to the value below to halfway to that above
            weight = weights.gather(-1, place)
            part = ((share - below.gather(-1, place)) / weight.clamp_min(1e-30) + 0.5).clamp(-0.5, 0.5)
            beside = values.gather(-1, (place + part.sign().long()).clamp(0, below.shape[-1] - 1))
            found = found + part.abs() * (beside - found)
        return found.squeeze(-1)

    def drawn(self, noise: Tensor) -> Tensor:
        return self.icdf(ndtr(noise).clamp(LEAST, MOST))
