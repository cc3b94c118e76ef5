"""Numbers one of which comes again and again: no rain, no gain, the lower end of a gauge."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid
from torch.special import ndtr

from aevum.distributions.cells import LEAST, MOST, Cells
from aevum.distributions.events import at_least_float32
from aevum.distributions.warped import WarpedGaussian


class Spiked(Cells):
    r"""0 with probability π, else of a density: :math:`p(x) = \pi` at 0, :math:`(1 - \pi)\, f(x)` elsewhere.

    A density against the sum of the Lebesgue measure and a unit mass at 0: at 0 it is a probability, which no unit
    changes, elsewhere nats per unit of x.

    Source: *On the distribution of a positive random variable having a discrete probability mass at the origin*,
    J. Aitchison, JASA 1955.

    Args:
        spike: logit of π, ``(*batch, k)``.
        rest: f.

    Example:
        >>> from aevum.distributions import Straight
        >>> p = Spiked(torch.zeros(1), WarpedGaussian(torch.ones(1), torch.zeros(1), Straight()))
        >>> p.log_prob(torch.tensor([0.0, 1.0])), float(p.mean)  # log ½; log ½ + log N(0; 0, 1)
        (tensor([-0.6931, -1.6121]), 0.5)
    """

    def __init__(self, spike: Tensor, rest: WarpedGaussian) -> None:
        self.spike, self.rest = at_least_float32(spike), rest
        super().__init__(rest.batch_shape)

    @property
    def mean(self) -> Tensor:
        return (-self.spike).sigmoid() * self.rest.mean

    @property
    def stddev(self) -> Tensor:
        kept, mean = (-self.spike).sigmoid(), self.rest.mean
        return (kept * (self.rest.stddev.square() + (1.0 - kept) * mean.square())).sqrt()

    @property
    def mode(self) -> Tensor:
        """0 where this is the more probable part, else the median of the other."""
        return torch.where(self.spike > 0.0, 0.0, self.rest.mode)

    def log_prob(self, value: Tensor) -> Tensor:
        return torch.where(value == 0.0, logsigmoid(self.spike), logsigmoid(-self.spike) + self.rest.log_prob(value))

    def icdf(self, value: Tensor) -> Tensor:
        rest, u = self.rest, value.to(torch.promote_types(value.dtype, self.spike.dtype))
        spike, kept = self.spike.to(u.dtype).sigmoid(), (-self.spike.to(u.dtype)).sigmoid()
        zero = torch.zeros((), dtype=u.dtype, device=u.device)
        below = kept * ndtr((rest.warp.forward(zero) - rest.location) / rest.deviation)
        share = torch.where(u < below, u, u - spike) / kept
        found = rest.icdf(share.clamp(LEAST, MOST))
        return torch.where((u >= below) & (u <= below + spike), 0.0, found).to(self.spike.dtype)
