"""The Gaussian with a diagonal covariance, by mean and log-variance."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Distribution, constraints
from torch.distributions.constraints import Constraint

from aevum.distributions.events import at_least_float32, split_shape, sum_event
from aevum.distributions.roots import mixture_quantile
from aevum.distributions.shares import of_rows

LOG_2PI = math.log(2.0 * math.pi)
# A density with tails is a Gaussian within so many deviations, and falls by a power of the distance beyond: the one
# that leaves as much there as the Gaussian does, so that both integrate to one.
CORE = 4.0
POWER = 1.0 + 2.0 * CORE * math.exp(-0.5 * CORE**2) / math.sqrt(2.0 * math.pi) / math.erfc(CORE / math.sqrt(2.0))
# An interval's end is found where what lies beyond it is right by this share.
CLOSE = 1e-3


class Gaussian(Distribution):
    r"""Independent Gaussians :math:`\mathcal N(\mu, \sigma^2)` over the last ``event_dim`` dimensions.

    .. math:: \log p(x) = -\tfrac12 \sum_d \big[(x_d-\mu_d)^2 e^{-v_d} + v_d + \log 2\pi\big], \quad v = \log\sigma^2.

    Unlike ``torch.distributions.Normal`` it is held by its log-variance :math:`v`, so that neither the density nor the
    divergence forms a difference of nearly equal numbers, and it sums over the event: ``log_prob`` is one number an
    example, in nats.

    With ``tails`` values beyond 4σ have the density of a power law, :math:`\varphi(4)\,(|r|/4)^{-17.9}` at r of them,
    which is as probable as a Gaussian's tails: a value that is 1,000σ off costs 107 nats and not 500,000. Where σ
    depends on a code, it is small where the training rows left little room, and that is no proof against another row.
    Draws, moments and intervals are the Gaussian's (of 16,000 values one is beyond).

    Args:
        mean: ``(*batch, *event)``.
        log_variance: broadcasts against ``mean``; one number (shared), one per feature, or one per value.
        event_dim: how many of the last dimensions make one event.
        tails: see above.

    Example:
        >>> import torch
        >>> q = Gaussian(torch.zeros(3, 2), torch.zeros(3, 2))
        >>> q.log_prob(torch.zeros(3, 2)).shape, q.rsample((5,)).shape
        (torch.Size([3]), torch.Size([5, 3, 2]))
    """

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration
    has_rsample = True

    def __init__(self, mean: Tensor, log_variance: Tensor, event_dim: int = 1, tails: bool = False) -> None:
        self._mean = at_least_float32(mean)
        self.log_variance = at_least_float32(log_variance)
        self.event_dim, self.tails = event_dim, tails
        super().__init__(*split_shape(self._mean.shape, event_dim), validate_args=False)

    @property
    def support(self) -> Constraint:
        """All real numbers."""
        return constraints.independent(constraints.real, self.event_dim)  # type: ignore[no-untyped-call]

    @property
    def mean(self) -> Tensor:
        return self._mean

    @property
    def stddev(self) -> Tensor:
        return (0.5 * self.log_variance).exp().expand_as(self._mean)

    @property
    def variance(self) -> Tensor:
        return self.log_variance.exp().expand_as(self._mean)

    def rsample(self, sample_shape: Sequence[int] = (), generator: torch.Generator | None = None) -> Tensor:
        r"""Draw :math:`z = \mu + \sigma\odot\varepsilon`; the draw is outside the graph, so gradients reach μ and σ.

        Args:
            sample_shape: leading shape of the draws.
            generator: where ε comes from; None for PyTorch's global one.
        """
        shape, rows = (*sample_shape, *self._mean.shape), len(sample_shape)
        noise = of_rows(lambda shape: standard_normal(shape, self._mean, generator), shape, rows)
        return self._mean + (0.5 * self.log_variance).exp() * noise

    def log_prob(self, value: Tensor) -> Tensor:
        # Scaled before it is squared: a square that overflows times a precision of 0 would be no number.
        squared = ((value - self._mean) * (-0.5 * self.log_variance).exp()).square()
        squared = with_tails(squared) if self.tails else squared
        terms = squared + (self.log_variance + LOG_2PI)
        return -0.5 * sum_event(terms, self.event_dim)

    def interval(self, level: float) -> tuple[Tensor, Tensor]:
        """The central interval that holds each value with probability ``level``: μ ± zσ (z = 3 for 0.9973)."""
        half = math.sqrt(2.0) * float(torch.erfinv(torch.tensor(level, dtype=torch.float64))) * self.stddev
        return self._mean - half, self._mean + half

    def mixture_interval(self, level: float) -> tuple[Tensor, Tensor]:
        r"""The central interval of each value under the mixture of K Gaussians of equal weight along the first
        dimension, two tensors without that dimension.

        The ends solve :math:`\tfrac1K \sum_k \Phi((x - \mu_k)/\sigma_k) = \tfrac{1 \pm \text{level}}{2}`.
        """
        tail = 0.5 * (1.0 - level)
        low, negated = (mixture_quantile(tail, mean, self.stddev, close=CLOSE) for mean in (self._mean, -self._mean))
        return low, -negated


def with_tails(squared: Tensor) -> Tensor:
    """−2 log of the density with tails over the Gaussian's at 0, at squared deviations.

    >>> with_tails(torch.tensor([4.0, 16.0, 1e6])).round(decimals=2)
    tensor([  4.0000,  16.0000, 213.7000])
    """
    beyond = (squared / CORE**2).clamp_min(1.0).log()
    return squared.clamp_max(CORE**2) + POWER * beyond


def standard_normal(shape: Sequence[int], like: Tensor, generator: torch.Generator | None = None) -> Tensor:
    """Draws of N(0, 1) in the type and on the device of ``like``; on a processor fewer are the beginning of more.

    PyTorch draws sixteen at a time and the last sixteen anew where the number is no multiple of that.
    """
    count = math.prod(shape)
    padded = -(-count // 16) * 16
    flat = torch.randn(padded, dtype=like.dtype, device=like.device, generator=generator)
    return flat[:count].view(tuple(shape))
