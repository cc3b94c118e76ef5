"""Cells that take one of a few values: one of two, a category, a level on an ordered scale."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid, softplus

from aevum.distributions.cells import UNSEEN, Cells
from aevum.distributions.events import at_least_float32, broadcast


def with_unseen(value: Tensor, inside: Tensor, top: Tensor | float) -> Tensor:
    """log p of whole numbers from 0 to the top, to which others are added that halve with each step away from them;
    −∞ for fractions.
    """
    beyond = torch.maximum(-value, value - top).clamp_min(0.0)
    outside = math.log(0.5 * UNSEEN) - beyond * math.log(2.0)
    found = torch.where(beyond > 0.0, outside, inside + math.log1p(-UNSEEN))
    return torch.where(value == value.round(), found, -torch.inf)


def every_level(like: Tensor, count: int) -> Tensor:
    """0 to count − 1, ``(count, *shape)``."""
    every = torch.arange(count, dtype=like.dtype, device=like.device)
    return every.view(count, *[1] * like.ndim).expand(count, *like.shape)


class TwoValued(Cells):
    r"""0 or 1, :math:`\log p(x) = x a - \log(1 + e^a)`, by their logits a, ``(*batch, k)``.

    A thousandth is left for other whole numbers (:data:`~aevum.distributions.cells.UNSEEN`), of which none is drawn.

    Example:
        >>> p = TwoValued(torch.tensor([0.0]))
        >>> round(float(p.log_prob(torch.ones(1)).exp()), 3), float(p.icdf(torch.tensor([0.7])))
        (0.499, 1.0)
    """

    def __init__(self, logits: Tensor) -> None:
        self.logits = at_least_float32(logits)
        super().__init__(self.logits.shape)

    @property
    def mean(self) -> Tensor:
        return self.logits.sigmoid()

    @property
    def stddev(self) -> Tensor:
        return (self.logits.sigmoid() * (-self.logits).sigmoid()).sqrt()

    @property
    def mode(self) -> Tensor:
        return (self.logits > 0.0).to(self.logits.dtype)

    def mixed(self, weights: Tensor) -> Tensor:
        """The more probable value."""
        return (super().mixed(weights) > 0.5).to(self.logits.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        found = -softplus(torch.where(value > 0.5, -self.logits, self.logits))
        return with_unseen(value, found, 1.0)

    def icdf(self, value: Tensor) -> Tensor:
        return (value > (-self.logits).sigmoid()).to(self.logits.dtype)

    def nodes(self) -> tuple[Tensor, Tensor]:
        values = torch.stack([torch.zeros_like(self.logits), torch.ones_like(self.logits)])
        return values, torch.stack([-softplus(self.logits), -softplus(-self.logits)])

    def tilted(self, log_factor: Callable[[Tensor], Tensor]) -> TwoValued:
        low, high = log_factor(torch.stack([torch.zeros_like(self.logits), torch.ones_like(self.logits)]))
        return TwoValued(self.logits + high - low)


class Categories(Cells):
    r"""The index of one of K classes, :math:`\log p(x) = \log\operatorname{softmax}(a)_x`.

    Args:
        logits: a, ``(*batch, k, K)``; −∞ for classes that a column hasn't.

    Example:
        >>> p = Categories(torch.tensor([[0.0, 2.0, -torch.inf]]))
        >>> float(p.mode), round(float(p.log_prob(torch.zeros(1)).exp()), 3)
        (1.0, 0.119)
    """

    def __init__(self, logits: Tensor) -> None:
        self.log_masses = at_least_float32(logits).log_softmax(dim=-1)
        super().__init__(self.log_masses.shape[:-1])

    @property
    def mean(self) -> Tensor:
        """The most probable class, since between classes there is nothing."""
        return self.mode

    @property
    def stddev(self) -> Tensor:
        return torch.zeros_like(self.mode)

    @property
    def mode(self) -> Tensor:
        return self.log_masses.argmax(dim=-1).to(self.log_masses.dtype)

    def mixed(self, weights: Tensor) -> Tensor:
        """The most probable class of the mixture."""
        return (weights.unsqueeze(-1) * self.log_masses.exp()).sum(dim=0).argmax(dim=-1).to(self.log_masses.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        last = self.log_masses.shape[-1] - 1
        index = value.round().clamp(0, last)
        masses = self.log_masses.expand(*broadcast(value.shape, self.batch_shape), -1)
        found = masses.gather(-1, index.long().expand(masses.shape[:-1]).unsqueeze(-1)).squeeze(-1)
        return torch.where(value == index, found, -torch.inf)

    def icdf(self, value: Tensor) -> Tensor:
        masses = self.log_masses.double() if value.dtype == torch.float64 else self.log_masses
        below = masses.exp().cumsum(dim=-1)
        found = (value.unsqueeze(-1) > below / below[..., -1:]).sum(dim=-1)
        return found.to(self.log_masses.dtype)

    def nodes(self) -> tuple[Tensor, Tensor]:
        return every_level(self.mode, self.log_masses.shape[-1]), self.log_masses.movedim(-1, 0)

    def tilted(self, log_factor: Callable[[Tensor], Tensor]) -> Categories:
        return type(self)(self.log_masses + log_factor(self.nodes()[0]).movedim(0, -1))


class Heaped(Categories):
    r"""Whole numbers 0, 1, …, L − 1, some of which come far more often than those beside them, by their logits.

    As classes are, but between two there are values, and a thousandth is left for whole numbers beyond
    (:data:`~aevum.distributions.cells.UNSEEN`), of which none is drawn.

    Args:
        logits: ``(*batch, k, L)``; −∞ above the last of a column.

    Example:
        >>> p = Heaped(torch.tensor([[0.0, 2.0, 0.0, -torch.inf]]))
        >>> float(p.mode), round(float(p.mean), 3), round(float(p.log_prob(torch.ones(1)).exp()), 3)
        (1.0, 1.0, 0.786)
    """

    @property
    def mean(self) -> Tensor:
        return (self.log_masses.exp() * self._every()).sum(dim=-1)

    @property
    def stddev(self) -> Tensor:
        return (self.log_masses.exp() * (self._every() - self.mean.unsqueeze(-1)).square()).sum(dim=-1).sqrt()

    def mixed(self, weights: Tensor) -> Tensor:
        """The mean."""
        return Cells.mixed(self, weights)

    def log_prob(self, value: Tensor) -> Tensor:
        top = (self.log_masses > -torch.inf).sum(dim=-1) - 1
        return with_unseen(value, super().log_prob(value), top)

    def _every(self) -> Tensor:
        return torch.arange(self.log_masses.shape[-1], dtype=self.log_masses.dtype, device=self.log_masses.device)


class Ordinal(Cells):
    r"""Levels 0, 1, …, L − 1 on an ordered scale: a logistic distribution, of which each level has what lies nearest.

    .. math:: P(x \le j) = \varsigma\big((j + \tfrac12 - m)/s\big), \quad j < L - 1,

    the lowest and the highest with the tails, so that the masses sum to one; but for a thousandth, which is left for
    levels beyond (:data:`~aevum.distributions.cells.UNSEEN`), of which none is drawn.

    Args:
        location: m, ``(*batch, k)``, in levels.
        log_scale: log s, which broadcasts against it.
        levels: L of each column, ``(k,)``, at least 2.
        most: the largest of them, for whoever knows it; None to look.

    Example:
        >>> p = Ordinal(torch.tensor([1.0]), torch.zeros(1), torch.tensor([3.0]))
        >>> [round(float(p.log_prob(torch.tensor([x])).exp()), 4) for x in (0.0, 1.0, 2.0)]
        [0.3772, 0.2447, 0.3772]
    """

    def __init__(self, location: Tensor, log_scale: Tensor, levels: Tensor, most: int | None = None) -> None:
        self.location, self.log_scale = at_least_float32(location), at_least_float32(log_scale)
        self.levels = levels
        self.most = int(levels.max()) if most is None else most
        super().__init__(self.location.shape)

    def _masses(self) -> Tensor:
        """Of every level of the longest scale, ``(*batch, k, L)``."""
        return self.nodes()[1].exp().movedim(0, -1)

    def nodes(self) -> tuple[Tensor, Tensor]:
        every = every_level(self.location, self.most)
        inside = self.log_prob(every) - math.log1p(-UNSEEN)
        return every, torch.where(every < self.levels, inside, -torch.inf)

    @property
    def mean(self) -> Tensor:
        masses = self._masses()
        return (masses * torch.arange(masses.shape[-1], dtype=masses.dtype, device=masses.device)).sum(dim=-1)

    @property
    def stddev(self) -> Tensor:
        masses = self._masses()
        off = torch.arange(masses.shape[-1], dtype=masses.dtype, device=masses.device) - self.mean.unsqueeze(-1)
        return (masses * off.square()).sum(dim=-1).sqrt()

    @property
    def mode(self) -> Tensor:
        return self._masses().argmax(dim=-1).to(self.location.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        inverse = (-self.log_scale).exp()
        top = self.levels - 1.0
        lowest, highest = value <= 0.0, value >= top
        below, above = (value - 0.5 - self.location) * inverse, (value + 0.5 - self.location) * inverse
        # Never a difference of two numbers near one.
        upper = torch.where(highest, 0.0, logsigmoid(above))
        lower = torch.where(lowest, 0.0, logsigmoid(-below))
        width = torch.where(lowest | highest, 0.0, torch.log(-torch.expm1(-inverse)).expand_as(below))
        return with_unseen(value, upper + lower + width, top)

    def icdf(self, value: Tensor) -> Tensor:
        # The least j with (j + ½ − m)/s at or above the share's logit.
        edge = self.location + self.log_scale.exp() * torch.logit(value).to(self.location.dtype) - 0.5
        return edge.ceil().clamp_min(0.0).minimum(self.levels - 1.0)
