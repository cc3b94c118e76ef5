"""Densities with heavier tails than a Gaussian's: Student's t and Laplace's, by location and log-scale."""

from __future__ import annotations

import math

import torch
from scipy import special
from torch import Tensor

from aevum.distributions.cells import Cells, by_numpy
from aevum.distributions.events import at_least_float32


class StudentT(Cells):
    r"""x = μ + s t with Student's t of ν degrees of freedom: tails :math:`\propto |x|^{-\nu-1}`.

    .. math:: \log p(x) = \log\Gamma(\tfrac{\nu+1}2) - \log\Gamma(\tfrac\nu2) - \tfrac12 \log(\nu\pi s^2)
              - \tfrac{\nu+1}2 \log\big(1 + \tfrac{(x-\mu)^2}{\nu s^2}\big).

    Args:
        location: μ, ``(*batch, k)``: the median, and the mean where ν > 1.
        log_scale: log s², which broadcasts against it.
        log_freedom: log ν, likewise; the Gaussian is the limit at infinity.

    Example:
        >>> p = StudentT(torch.zeros(1), torch.zeros(1), torch.tensor([3.0]).log())
        >>> round(float(p.log_prob(torch.zeros(1))), 4), round(float(p.icdf(torch.tensor([0.975]))), 4)
        (-1.0009, 3.1824)
    """

    continuous = True

    def __init__(self, location: Tensor, log_scale: Tensor, log_freedom: Tensor) -> None:
        self.location = at_least_float32(location)
        self.log_scale, self.log_freedom = at_least_float32(log_scale), at_least_float32(log_freedom)
        super().__init__(self.location.shape)

    @property
    def mean(self) -> Tensor:
        return self.location

    @property
    def stddev(self) -> Tensor:
        """s √(ν/(ν − 2)), infinite for ν ≤ 2."""
        freedom = self.log_freedom.exp()
        ratio = torch.where(freedom > 2.0, freedom / (freedom - 2.0).clamp_min(1e-30), torch.inf)
        return ((0.5 * self.log_scale).exp() * ratio.sqrt()).expand_as(self.location)

    @property
    def mode(self) -> Tensor:
        return self.location

    def log_prob(self, value: Tensor) -> Tensor:
        freedom = self.log_freedom.exp()
        # Scaled before it is squared, as a Gaussian's is.
        squared = ((value - self.location) * (-0.5 * (self.log_scale + self.log_freedom)).exp()).square()
        constant = (0.5 * (freedom + 1.0)).lgamma() - (0.5 * freedom).lgamma() - 0.5 * math.log(math.pi)
        return constant - 0.5 * (self.log_scale + self.log_freedom) - 0.5 * (freedom + 1.0) * squared.log1p()

    def icdf(self, value: Tensor) -> Tensor:
        standard = by_numpy(special.stdtrit, self.log_freedom.exp().to(value.dtype), value)
        return (self.location + (0.5 * self.log_scale).exp() * standard).to(self.location.dtype)


class Laplace(Cells):
    r"""Two exponentials back to back, :math:`p(x) = e^{-|x-\mu|/b}/2b`, by its deviation :math:`\sigma = \sqrt2\, b`.

    Its log density is the absolute error's: μ is fitted as a median is.

    Args:
        location: μ, ``(*batch, k)``.
        log_variance: log σ² = log 2b², which broadcasts against it.

    Example:
        >>> p = Laplace(torch.zeros(1), torch.tensor([2.0]).log())  # b = 1
        >>> round(float(p.log_prob(torch.ones(1))), 4), round(float(p.icdf(torch.tensor([0.975]))), 4)
        (-1.6931, 2.9957)
    """

    continuous = True

    def __init__(self, location: Tensor, log_variance: Tensor) -> None:
        self.location, self.log_variance = at_least_float32(location), at_least_float32(log_variance)
        super().__init__(self.location.shape)

    @property
    def log_b(self) -> Tensor:
        """log b."""
        return 0.5 * (self.log_variance - math.log(2.0))

    @property
    def mean(self) -> Tensor:
        return self.location

    @property
    def stddev(self) -> Tensor:
        return (0.5 * self.log_variance).exp().expand_as(self.location)

    @property
    def mode(self) -> Tensor:
        return self.location

    def log_prob(self, value: Tensor) -> Tensor:
        return -((value - self.location) * (-self.log_b).exp()).abs() - self.log_b - math.log(2.0)

    def icdf(self, value: Tensor) -> Tensor:
        centred = value - 0.5
        standard = -centred.sign() * torch.log1p(-2.0 * centred.abs())
        return (self.location + self.log_b.exp() * standard).to(self.location.dtype)
