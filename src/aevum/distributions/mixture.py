"""A mixture of Gaussians with diagonal covariances."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.distributions.constraints import Constraint
from torch.special import ndtr

from aevum.distributions.drawing import at_random, from_noise, noise_shape
from aevum.distributions.events import broadcast
from aevum.distributions.gaussian import LOG_2PI, Gaussian, standard_normal
from aevum.distributions.roots import mixture_quantile
from aevum.distributions.summaries import quantiles

# A quantile is found where the mass beyond it is right by this share.
CLOSE = 1e-9


class Mixture(Distribution):
    r"""A mixture of K Gaussians with diagonal covariances, over vectors.

    .. math:: p(z) = \sum_{k=1}^K \pi_k\, \mathcal N(z;\, \mu_k, \operatorname{diag}\sigma_k^2), \qquad
              \pi = \operatorname{softmax}(\text{logits}).

    A draw picks a component and then draws from it, so that gradients reach the components' means and deviations and
    not their weights: a prior, or a likelihood, rather than a posterior.

    Args:
        logits: ``(*batch, K)``.
        components: a :class:`Gaussian` with batch ``(*batch, K)``, or ``(K,)`` for the same in every batch entry.

    Example:
        >>> two = Mixture(torch.zeros(2), Gaussian(torch.tensor([[-3.0], [3.0]]), torch.zeros(2, 1)))
        >>> float(two.mean), round(float(two.stddev), 4)  # √(1 + 9)
        (0.0, 3.1623)
        >>> round(float(two.log_prob(torch.tensor([3.0]))), 4)  # log ½ φ(0)
        -1.6121
    """

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration

    def __init__(self, logits: Tensor, components: Gaussian) -> None:
        self.log_weights = logits.log_softmax(dim=-1)
        self.components = components
        batch = broadcast(self.log_weights.shape, components.batch_shape)
        super().__init__(batch[:-1], components.event_shape, validate_args=False)

    @property
    def support(self) -> Constraint:
        """All real vectors."""
        return self.components.support

    @property
    def weights(self) -> Tensor:
        """π, ``(*batch, K)``."""
        return self.log_weights.exp()

    @property
    def mean(self) -> Tensor:
        return (self.weights.unsqueeze(-1) * self.components.mean).sum(dim=-2)

    @property
    def variance(self) -> Tensor:
        off = self.components.mean - self.mean.unsqueeze(-2)
        return (self.weights.unsqueeze(-1) * (self.components.variance + off.square())).sum(dim=-2)

    def log_prob(self, value: Tensor) -> Tensor:
        found: Tensor = (self.log_weights + self.log_prob_of_components(value)).logsumexp(dim=-1)
        return found.to(value.dtype)

    def log_prob_of_components(self, value: Tensor) -> Tensor:
        r"""log N(z; μ_k, σ_k²) of each, ``(…, K)``, with :math:`\sum_d (z-\mu)^2/\sigma^2` written out as products of
        matrices: a tenth of the time with hundreds of components, and in float64, since the terms cancel.
        """
        wide = torch.float32 if value.device.type == "mps" else torch.float64
        mean, log_variance = self.components.mean.to(wide), self.components.log_variance.to(wide)
        precision = (-log_variance).exp().expand_as(mean)
        z = value.to(wide)
        squared = torch.einsum(
            "...d,...kd->...k", torch.cat([z.square(), z], -1), torch.cat([precision, -2.0 * mean * precision], -1)
        )
        constant = (mean.square() * precision + log_variance + LOG_2PI).sum(dim=-1)
        return -0.5 * (squared + constant)

    def sample(self, sample_shape: Sequence[int] = (), generator: torch.Generator | None = None) -> Tensor:
        with torch.no_grad():
            shape = (*sample_shape, *self.batch_shape, *noise_shape(self))
            return self.drawn(standard_normal(shape, self.components.mean, generator))

    def drawn(self, noise: Tensor) -> Tensor:
        """The draw that this noise gives: its first number picks the component, the others are the component's."""
        first, rest = noise[..., :1], noise[..., 1:]
        below = self.weights.cumsum(dim=-1)
        picked = (ndtr(first) > below).sum(dim=-1).clamp_max(below.shape[-1] - 1)[..., None, None]
        mean, deviation = (
            torch.take_along_dim(each.expand(*picked.shape[:-2], *each.shape[-2:]), picked, dim=-2).squeeze(-2)
            for each in (self.components.mean, self.components.stddev)
        )
        return mean + deviation * rest


@noise_shape.register
def _(q: Mixture) -> tuple[int, ...]:
    return (1 + q.event_shape[0],)


@from_noise.register
def _(q: Mixture, noise: Tensor) -> Tensor:
    return q.drawn(noise)


@at_random.register
def _(q: Mixture, shape: tuple[int, ...], generator: torch.Generator | None) -> Tensor:
    return q.sample(shape, generator=generator)


@quantiles.register
def _(p: Mixture, d: int, shares: Tensor) -> Tensor:
    def first(each: Tensor) -> Tensor:
        """The components along the first dimension, in float64 where the device has it."""
        return each.to(torch.float32 if each.device.type == "mps" else torch.float64).movedim(-1, 0)

    parts = (p.components.mean[..., d], p.components.stddev[..., d], p.weights)
    mean, deviation, weights = (first(each) for each in torch.broadcast_tensors(*parts))  # type: ignore[no-untyped-call]
    return torch.stack([mixture_quantile(float(share), mean, deviation, weights, close=CLOSE) for share in shares])
