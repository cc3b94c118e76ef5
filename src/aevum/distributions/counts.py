"""Counts: Poisson, negative binomial, and one with zeros beside; by differences that keep their digits in float32."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import special
from torch import Tensor
from torch.nn.functional import softplus

from aevum.distributions.cells import Cells
from aevum.distributions.events import at_least_float32, broadcast

Array = NDArray[np.float64]
# Between which log μ and log α lie: beyond, nothing is left of them in float32.
LOG_MEANS, LOG_DISPERSIONS = (-20.0, 20.0), (-14.0, 10.0)
# From here on Stirling's series has all of float64's digits that are asked for; below which a series replaces h.
STIRLING, SMALL = 12.0, 0.02


def h(u: Tensor) -> Tensor:
    r"""(1 + u) log(1 + u) − u of u ≥ −1, by its series near 0, where it is :math:`u^2/2` and the difference loses all.

    >>> [round(float(each), 6) for each in h(torch.tensor([-1.0, 0.0, 1.0]))]  # 1, 0, 2 log 2 − 1
    [1.0, 0.0, 0.386294]
    """
    near = u.abs() < SMALL
    s = torch.where(near, u, 0.0)
    series = s * s * (1 / 2 - s * (1 / 6 - s * (1 / 12 - s * (1 / 20 - s * (1 / 30 - s / 42)))))
    # At u = −1 the product is 0, and its logarithm must be a number for the gradient's sake.
    w = torch.where(near, 1.0, u)
    plain = (1.0 + w) * w.clamp_min(-1.0 + 1e-7).log1p() - w
    return torch.where(near, series, plain)


def log_ratio(a: Tensor, b: Tensor, difference: Tensor) -> Tensor:
    """log a/b of positive numbers, with the digits of a − b where that is small.

    >>> a, b = torch.tensor([100_001.0, 4.0]), torch.tensor([100_000.0, 1.0])
    >>> [round(float(each), 9) for each in log_ratio(a, b, a - b)]
    [1e-05, 1.386294365]
    """
    ratio = difference / b
    near = ratio.abs() < 0.5
    # Each branch is a number where the other is taken, for the gradient's sake.
    return torch.where(near, torch.where(near, ratio, 0.0).log1p(), (a / b).log())


def stirling_rest(y: Tensor) -> Tensor:
    """log Γ(y) − ((y − ½) log y − y + ½ log 2π) of y > 0: 1/(12 y) for large y."""
    large = y >= STIRLING
    s = torch.where(large, y, STIRLING).reciprocal()
    q = s * s
    series = s * (1 / 12 - q * (1 / 360 - q * (1 / 1260 - q / 1680)))
    w = torch.where(large, 1.0, y)
    plain = w.lgamma() - ((w - 0.5) * w.log() - w + 0.9189385332046727)
    return torch.where(large, series, plain)


def of_count(x: Tensor) -> Tensor:
    """x log x − x − log x!, which no parameter moves: −½ log 2πx − 1/(12 x) for large x, and 0 at 0."""
    some = x.clamp_min(1.0)
    return torch.where(x > 0.0, -0.5 * (2.0 * torch.pi * some).log() - stirling_rest(some), 0.0)


def as_array(value: Tensor) -> Array:
    """In float64 on the processor."""
    found: Array = value.detach().double().cpu().numpy()
    return found


def whole(value: Tensor) -> tuple[Tensor, Tensor]:
    """Which values are counts, and the values with 0 in place of the others."""
    there = (value >= 0.0) & (value == value.round())
    return there, torch.where(there, value, 0.0)


def least_count(below: Callable[[Array], Any], share: Array, guess: Array) -> Array:
    """The least x with P(X ≤ x) at or above the share, by bisection between −1 and what is at least the guess.

    >>> least_count(lambda x: special.pdtr(x, 3.0), np.array([0.04, 0.5]), np.array([1.0, 1.0]))
    array([0., 3.])
    """
    low, high = np.full_like(share, -1.0), np.ceil(np.maximum(guess, 1.0))
    while (short := (below(high) < share) & (high < 2.0**52)).any():
        low, high = np.where(short, high, low), np.where(short, 2.0 * high, high)
    while (apart := high - low > 1.0).any():
        middle = np.floor(0.5 * (low + high))
        reached = below(middle) >= share
        low, high = np.where(apart & ~reached, middle, low), np.where(apart & reached, middle, high)
    return high


class CountCells(Cells):
    """Counts, whose quantiles are found by their distribution function."""

    @abstractmethod
    def below(self) -> Callable[[Array], Array]:
        """x ↦ P(X ≤ x), of arrays that broadcast against the batch, in float64."""

    def icdf(self, value: Tensor) -> Tensor:
        shape = broadcast(value.shape, self.batch_shape)
        share = as_array(value.expand(shape))
        return self._found(least_count(self.below(), share, np.broadcast_to(self._far(), share.shape)))

    def mixture_interval(self, level: float) -> tuple[Tensor, Tensor]:
        """Exactly, by the mean of the distribution functions: its ends hold at least the level."""
        below, far = self.below(), self._far().max(axis=0)
        low, high = (
            least_count(lambda x: below(x).mean(axis=0), np.full(far.shape, 0.5 + side * level), far)
            for side in (-0.5, 0.5)
        )
        return self._found(low), self._found(high)

    def _far(self) -> Array:
        """About where nearly nothing is above."""
        return as_array((self.mean + 8.0 * self.stddev).expand(self.batch_shape))

    def _found(self, values: Array) -> Tensor:
        like = self.mean
        return torch.from_numpy(np.ascontiguousarray(values)).to(device=like.device, dtype=like.dtype)


class Poisson(CountCells):
    r"""Counts with one rate a cell, :math:`\log p(x) = -\mu\, h(\tfrac{x-\mu}\mu) + x\log x - x - \log x!`.

    Source of the form: *Fast and accurate computation of binomial probabilities*, C. Loader, 2000.

    Example:
        >>> p = Poisson(torch.tensor([3.0]).log())
        >>> round(float(p.log_prob(torch.tensor([2.0])).exp()), 4), float(p.icdf(torch.tensor([0.5])))
        (0.224, 3.0)
    """

    def __init__(self, log_rate: Tensor) -> None:
        self.log_rate = at_least_float32(log_rate).clamp(*LOG_MEANS)
        super().__init__(self.log_rate.shape)

    @property
    def mean(self) -> Tensor:
        return self.log_rate.exp()

    @property
    def stddev(self) -> Tensor:
        return (0.5 * self.log_rate).exp()

    @property
    def mode(self) -> Tensor:
        return self.mean.floor()

    def log_prob(self, value: Tensor) -> Tensor:
        there, x = whole(value)
        rate = self.mean
        return torch.where(there, of_count(x) - rate * h((x - rate) / rate), -torch.inf)

    def below(self) -> Callable[[Array], Array]:
        rate = as_array(self.mean)
        return lambda x: np.asarray(special.pdtr(np.maximum(x, 0.0), rate) * (x >= 0.0))


class NegativeBinomial(CountCells):
    r"""Counts of mean μ and variance μ + α μ²: a Poisson's whose rate is Gamma distributed.

    With r = 1/α, :math:`\log p(x) = x \log\tfrac\mu x - (x+r) \log\tfrac{\mu+r}{x+r} + \dots`, the rest free of μ.

    Args:
        log_mean: log μ, ``(*batch, k)``.
        log_dispersion: log α, which broadcasts against it; the Poisson is its limit at −∞.

    Example:
        >>> p = NegativeBinomial(torch.tensor([3.0]).log(), torch.zeros(1))
        >>> round(float(p.log_prob(torch.zeros(1)).exp()), 4)  # geometric
        0.25
    """

    def __init__(self, log_mean: Tensor, log_dispersion: Tensor) -> None:
        self.log_mean = at_least_float32(log_mean).clamp(*LOG_MEANS)
        self.log_dispersion = at_least_float32(log_dispersion).clamp(*LOG_DISPERSIONS)
        super().__init__(broadcast(self.log_mean.shape, self.log_dispersion.shape))

    @property
    def mean(self) -> Tensor:
        return self.log_mean.exp()

    @property
    def stddev(self) -> Tensor:
        return (self.mean * (1.0 + self.mean * self.log_dispersion.exp())).sqrt()

    @property
    def mode(self) -> Tensor:
        return (self.mean * (1.0 - self.log_dispersion.exp())).clamp_min(0.0).floor()

    def log_prob(self, value: Tensor) -> Tensor:
        there, x = whole(value)
        mean, r = self.mean, (-self.log_dispersion).exp()
        some = x.clamp_min(1.0)  # of a count of 0 the product is 0, whatever the logarithm
        bent = x * log_ratio(mean, some, mean - some) - (x + r) * log_ratio(mean + r, x + r, mean - x)
        rest = of_count(x) + stirling_rest(x + r) - stirling_rest(r) - 0.5 * (x / r).log1p()
        return torch.where(there, bent + rest, -torch.inf)

    def below(self) -> Callable[[Array], Array]:
        mean, r = np.broadcast_arrays(as_array(self.mean), as_array((-self.log_dispersion).exp()))
        share = r / (r + mean)
        return lambda x: np.asarray(special.betainc(r, np.maximum(x, 0.0) + 1.0, share) * (x >= 0.0))


class ZeroInflated(CountCells):
    r"""Counts of which a share π is 0 for a reason of its own, :math:`p(x) = \pi\,[x=0] + (1-\pi)\, p_{\text{NB}}(x)`.

    Args:
        zero: logit of π, ``(*batch, k)``.
        counts: the other counts.

    Example:
        >>> p = ZeroInflated(torch.zeros(1), NegativeBinomial(torch.tensor([3.0]).log(), torch.zeros(1)))
        >>> round(float(p.log_prob(torch.zeros(1)).exp()), 4), float(p.mean)  # ½ + ½ · ¼
        (0.625, 1.5)
    """

    def __init__(self, zero: Tensor, counts: NegativeBinomial) -> None:
        self.zero, self.counts = at_least_float32(zero), counts
        super().__init__(counts.batch_shape)

    @property
    def mean(self) -> Tensor:
        return (-self.zero).sigmoid() * self.counts.mean

    @property
    def stddev(self) -> Tensor:
        kept, mean = (-self.zero).sigmoid(), self.counts.mean
        return (kept * (self.counts.stddev.square() + (1.0 - kept) * mean.square())).sqrt()

    @property
    def mode(self) -> Tensor:
        other = self.counts.mode
        return torch.where(self.log_prob(other) > self.log_prob(torch.zeros_like(other)), other, 0.0)

    def log_prob(self, value: Tensor) -> Tensor:
        zero, kept = -softplus(-self.zero), -softplus(self.zero)
        counted = kept + self.counts.log_prob(value)
        return torch.where(value == 0.0, torch.logaddexp(zero, torch.where(value == 0.0, counted, 0.0)), counted)

    def below(self) -> Callable[[Array], Array]:
        zero, counted = as_array(self.zero.sigmoid()), self.counts.below()
        return lambda x: np.asarray((x >= 0.0) * (zero + (1.0 - zero) * counted(x)))
