"""A row of a table: a product over its columns, each of a kind of its own, and over the cells that there are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import singledispatch

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.nn.functional import logsigmoid

from aevum.distributions.cells import Cells
from aevum.distributions.drawing import from_noise, noise_shape
from aevum.distributions.events import broadcast
from aevum.distributions.tilted import LogOdds, log_missing, tilted


@dataclass(frozen=True)
class Group:
    """Columns of one kind.

    Args:
        places: which columns they are, ``(k,)`` indices.
        cells: their cells, batch ``(*batch, k)``; None for columns that never change, which add nothing.
        fill: a value that the kind can take, which stands where a row has none.
        log_odds: values ``(…, k)`` ↦ the log-odds that cells of these values are missing; None where that doesn't
            depend on them.
    """

    places: Tensor
    cells: Cells | None
    fill: float = 0.0
    log_odds: LogOdds | None = None

    def log_prob(self, given: Tensor) -> Tensor:
        """log p of each cell, NaN for a missing one; of which cells are missing too, where that depends on them."""
        if self.cells is None:
            return torch.zeros_like(given)
        missing = given.isnan()
        value = given.masked_fill(missing, self.fill)
        found = self.cells.log_prob(value)
        if self.log_odds is None:
            return found.masked_fill(missing, 0.0)
        return torch.where(missing, log_missing(self.cells, self.log_odds), found + logsigmoid(-self.log_odds(value)))


class Columns(Distribution):
    r"""Independent columns of several kinds, :math:`\log p(x) = \sum_{d:\, x_d \text{ is there}} \log p_d(x_d)`.

    A cell that is NaN is missing: the density is that of the others, since the integral (or sum) over it is one. It
    adds exactly 0, and teaches nothing.

    Where groups say how the odds of missing depend on a value, the density is that of the row *and* of which of its
    cells are there: :math:`p_d(x_d)\, P(\text{there}|x_d)`, or :math:`\int p_d(x)\, P(\text{missing}|x)\, dx`.

    Args:
        groups: the columns by kind, so that each kind is computed at once; together they are all columns, once each.
        shape: of the batch.
        event_dim: 1 for the sum over a row, 0 for the cells' own densities.

    Example:
        >>> from aevum.distributions import Straight, TwoValued, WarpedGaussian
        >>> number = WarpedGaussian(torch.zeros(5, 1), torch.zeros(1), Straight())
        >>> p = Columns([Group(torch.tensor([1]), number), Group(torch.tensor([0]), TwoValued(torch.zeros(5, 1)))],
        ...             torch.Size([5]))
        >>> x = torch.tensor([1.0, 0.0])
        >>> round(float(p.log_prob(x)[0]), 4), round(float(p.log_prob(torch.tensor([torch.nan, 0.0]))[0]), 4)
        (-1.6131, -0.9189)
    """

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration

    def __init__(self, groups: Sequence[Group], shape: torch.Size, event_dim: int = 1) -> None:
        self.groups, self.event_dim = list(groups), event_dim
        self._order = torch.cat([group.places for group in self.groups]).argsort()
        width = torch.Size([len(self._order)])
        super().__init__(
            shape if event_dim else shape + width, width if event_dim else torch.Size(), validate_args=False
        )

    def _each(self, read: Callable[[Cells, int], Tensor]) -> Tensor:
        """What is read of each group's cells, in the columns' order; 0 for those that never change."""
        parts, start = [], 0
        shape = self.batch_shape if self.event_dim else self.batch_shape[:-1]
        for group in self.groups:
            size = len(group.places)
            if group.cells is None:
                parts.append(torch.zeros(*shape, size, device=group.places.device))
            else:
                parts.append(read(group.cells, start))
            start += size
        lead = max((part.shape[:-1] for part in parts), key=len)
        return torch.cat([part.expand(*lead, part.shape[-1]) for part in parts], dim=-1).index_select(-1, self._order)

    @property
    def mean(self) -> Tensor:
        """Of each column; of categories the most probable."""
        return self._each(lambda cells, start: cells.mean)

    @property
    def stddev(self) -> Tensor:
        """Of each column; of categories 0."""
        return self._each(lambda cells, start: cells.stddev)

    @property
    def mode(self) -> Tensor:
        """The most probable value of each discrete column, and the median of each other one."""
        return self._each(lambda cells, start: cells.mode)

    def log_prob(self, value: Tensor) -> Tensor:
        parts = [group.log_prob(value.index_select(-1, group.places)) for group in self.groups]
        if self.event_dim:
            total: Tensor = sum(part.sum(dim=-1) for part in parts)  # type: ignore[assignment]
            return total
        lead = broadcast(*(part.shape[:-1] for part in parts))
        every = [part.expand(*lead, part.shape[-1]) for part in parts]
        return torch.cat(every, dim=-1).index_select(-1, self._order)

    def drawn(self, noise: Tensor) -> Tensor:
        """The rows that this standard normal noise gives, ``(*shape, *batch, D)``: one number a cell."""
        noise = noise.index_select(-1, torch.cat([group.places for group in self.groups]))
        return self._each(lambda cells, start: cells.drawn(noise[..., start : start + cells.batch_shape[-1]]))

    def interval(self, level: float) -> tuple[Tensor, Tensor]:
        """The central interval that holds each value with probability ``level`` (of discrete ones, at least that)."""

        def end(share: float) -> Tensor:
            return self._each(lambda cells, start: cells.icdf(torch.full_like(cells.mean, share)))

        return end(0.5 - 0.5 * level), end(0.5 + 0.5 * level)

    def mixture_interval(self, level: float) -> tuple[Tensor, Tensor]:
        """:meth:`interval` of each value under the mixture of K rows of equal weight along the first dimension."""
        rest = Columns(self.groups, self.batch_shape[1:])
        low = rest._each(lambda cells, start: cells.mixture_interval(level)[0])
        return low, rest._each(lambda cells, start: cells.mixture_interval(level)[1])

    def where_missing(self) -> Columns:
        """p(x | missing) of every cell: the same where it makes no difference to a cell that it is missing."""
        groups = [
            group
            if group.cells is None or group.log_odds is None
            else Group(group.places, tilted(group.cells, group.log_odds), group.fill)
            for group in self.groups
        ]
        return Columns(groups, self.batch_shape, self.event_dim)

    @property
    def continuous(self) -> bool:
        """Whether all columns that vary are continuous: their intervals then hold what they say."""
        return all(group.cells is None or group.cells.continuous for group in self.groups)

    def mixed(self, weights: Tensor) -> Tensor:
        """What stands for each column of a mixture of K rows with these weights, ``(K, *rest)`` → ``(*rest, D)``: the
        mean, or the most probable class.
        """
        per_cell = weights.unsqueeze(-1)
        each = Columns(self.groups, self.batch_shape[1:])
        return each._each(lambda cells, start: cells.mixed(per_cell))

    def sample(self, sample_shape: Sequence[int] = (), generator: torch.Generator | None = None) -> Tensor:
        with torch.no_grad():
            shape = (*sample_shape, *self.batch_shape, *noise_shape(self))
            return self.drawn(torch.randn(shape, device=self._order.device, generator=generator))


@singledispatch
def mixed(p: Distribution, weights: Tensor) -> Tensor:
    r"""What stands for the mixture :math:`\sum_k w_k p_k` over the first batch dimension: its mean, and of categories
    the most probable one.

    >>> from torch.distributions import Independent, Normal
    >>> two = Independent(Normal(torch.tensor([[[0.0]], [[4.0]]]), 1.0), 1)
    >>> mixed(two, torch.tensor([[0.75], [0.25]]))
    tensor([[1.]])
    """
    mean: Tensor = p.mean
    return (weights.reshape(*weights.shape, *[1] * len(p.event_shape)) * mean).sum(dim=0)


@mixed.register
def _(p: Columns, weights: Tensor) -> Tensor:
    return p.mixed(weights)


@from_noise.register
def _(q: Columns, noise: Tensor) -> Tensor:
    return q.drawn(noise)
