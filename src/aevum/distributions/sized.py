"""Rows of counts of which each has a size, such as how many molecules of a cell were caught: what is counted is taken
from the row, and its shares are modelled.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import singledispatch

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.special import ndtr

from aevum.distributions.columns import Columns, Group
from aevum.distributions.drawing import from_noise, noise_shape
from aevum.distributions.events import broadcast

# What a row of zeros has for a size, so that it has a logarithm: under it such a row is all but certain.
LEAST_SIZE = 1e-3


class Sized(Columns):
    r"""Counts of mean :math:`\ell\rho_d`, with shares ρ that sum to one and a size ℓ of each row.

    .. math:: \log p(x \mid \ell) = \sum_d \log p(x_d;\, \ell\rho_d), \qquad
              \ell = \sum_d x_d \Big/ \sum_{d:\, x_d \text{ is there}} \rho_d,

    where a row that is complete has its own sum for a size. For each ℓ that is a probability of rows; as a function of
    x alone, with ℓ read off x, it is none: it says how probable the shares are, and nothing of how large the row is.

    Means, intervals and what else is asked for without a row are those of a row of the median size. A draw has the size
    of some training row. :meth:`given` binds the size to that of rows, :meth:`of_size` to a number.

    Source: *Deep generative modeling for single-cell transcriptomics*, R. Lopez, J. Regier, M. B. Cole, M. I. Jordan,
    N. Yosef, Nature Methods 2018, with observed sizes.

    Args:
        at: log ℓ, which broadcasts against the batch, ↦ the columns.
        log_shares: log ρ, ``(*batch, k)``.
        places: of which columns, ``(k,)``.
        sizes: of training rows, ascending, ``(S,)``.

    Example:
        >>> from aevum.distributions import Poisson
        >>> shares, places = torch.tensor([[0.25, 0.75]]).log(), torch.arange(2)
        >>> def at(log_size):
        ...     return [Group(places, Poisson(shares + log_size.unsqueeze(-1)))]
        >>> p = Sized(at, shares, places, torch.tensor([8.0, 20.0, 40.0]))
        >>> p.mean.round().tolist(), p.given(torch.tensor([[1.0, 3.0]])).mean.round().tolist()
        ([[5.0, 15.0]], [[1.0, 3.0]])
        >>> p.of_size(torch.tensor([80.0])).mean.round().tolist()
        [[20.0, 60.0]]
    """

    def __init__(
        self,
        at: Callable[[Tensor], list[Group]],
        log_shares: Tensor,
        places: Tensor,
        sizes: Tensor,
    ) -> None:
        self.at, self.log_shares, self.places, self.sizes = at, log_shares, places, sizes
        super().__init__(at(sizes[len(sizes) // 2].log()), log_shares.shape[:-1])

    def log_size(self, x: Tensor) -> Tensor:
        """log ℓ of rows x ``(*shape, *batch, D)``, ``(*shape, *batch)``."""
        counts = x.index_select(-1, self.places)
        missing = counts.isnan()
        found = counts.masked_fill(missing, 0.0).sum(dim=-1).clamp_min(LEAST_SIZE).log()
        if not bool(missing.any()):
            return found
        there = self.log_shares.masked_fill(missing, -torch.inf).logsumexp(dim=-1)
        # Of a row without any count nothing is known.
        return torch.where(missing.all(dim=-1), self.sizes[len(self.sizes) // 2].log(), found - there)

    def given(self, x: Tensor) -> Columns:
        """The columns of rows of these sizes."""
        return self._at(self.log_size(x))

    def of_size(self, size: Tensor) -> Columns:
        """The columns of rows of sizes ℓ above 0, which broadcast against the batch."""
        return self._at(size.to(self.log_shares.dtype).log())

    def _at(self, log_size: Tensor) -> Columns:
        return Columns(self.at(log_size), broadcast(self.log_shares.shape[:-1], log_size.shape))

    def log_prob(self, value: Tensor) -> Tensor:
        found = self.given(value)
        if not self.event_dim:  # each value's own
            found = Columns(found.groups, found.batch_shape, 0)
        return found.log_prob(value)

    def drawn(self, noise: Tensor) -> Tensor:
        """Rows ``(*shape, *batch, D)`` of noise ``(*shape, *batch, D + 1)``, whose last number gives the size."""
        place = (ndtr(noise[..., -1]) * len(self.sizes)).long().clamp_max(len(self.sizes) - 1)
        log_size = self.sizes.to(noise.dtype)[place].log()
        return Columns(self.at(log_size), log_size.shape).drawn(noise[..., :-1])


@singledispatch
def given_row(p: Distribution, x: Tensor) -> Distribution:
    """p(x′ | z) for what else is known of rows x, ``(*batch, *event)``: p itself, but for counts that have sizes."""
    return p


@given_row.register
def _(p: Sized, x: Tensor) -> Columns:
    return p.given(x)


@noise_shape.register
def _(q: Sized) -> tuple[int, ...]:
    return (q.event_shape[0] + 1,)


@from_noise.register
def _(q: Sized, noise: Tensor) -> Tensor:
    return q.drawn(noise)
