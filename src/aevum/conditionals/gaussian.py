"""Gaussians given a context: encoders, learned priors and real-valued likelihoods."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from aevum.conditionals.base import Conditional
from aevum.conditionals.scale import Scale
from aevum.distributions import Gaussian

# σ from 2·10⁻⁹ to 5·10⁸: beyond, far rows give deviations of 0 or infinity, and draws that are no numbers.
EXTREME = 40.0
# The log-variance at which a Gaussian's density at its mean is 1: a value that lies there adds 0 nats.
NO_NATS = -math.log(2.0 * math.pi)


class GaussianConditional(Conditional):
    r"""N(μ(c), diag σ²(c)): the network emits μ and log σ², ``(…, 2, D)``. An encoder q(z|x,y), or a prior p(z|y).

    Example:
        >>> import torch
        >>> from aevum.networks import MLP
        >>> posterior = GaussianConditional(MLP((8,), (2,), parameters=2))
        >>> posterior(torch.zeros(5, 8)).mean.shape
        torch.Size([5, 2])
    """

    per_value = 2

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *context: Tensor | None) -> Gaussian:
        mean, log_variance = self.network(*context).unbind(-2)
        return Gaussian(mean, log_variance.clamp(-EXTREME, EXTREME))


class ScaledGaussian(Conditional):
    r"""p(x|z,y) = N(μ(z,y), σ²): the network emits μ, and σ is a component (:class:`Scale`). Of a σ that is emitted too
    the density has tails (:class:`~aevum.distributions.Gaussian`).

    Args:
        network: ``(…, D) → (…, P, *event)``, P = 1 + ``scale.per_value``.
        scale: gives log σ².
        event_dim: number of dimensions of one x.
        constant: which values of x never change, and are 0 on the model's scale: they add nothing, and teach nothing.
    """

    constant: Tensor | None

    def __init__(self, network: nn.Module, scale: Scale, event_dim: int, constant: Tensor | None = None) -> None:
        super().__init__()
        self.network, self.scale, self.event_dim = network, scale, event_dim
        self.register_buffer("constant", constant, persistent=False)

    def forward(self, *context: Tensor | None) -> Gaussian:
        outputs = self.network(*context).unbind(-1 - self.event_dim)
        mean, log_variance = outputs[0], self.scale(outputs[1] if len(outputs) > 1 else None)
        if self.constant is not None:
            mean = mean.masked_fill(self.constant, 0.0)
            log_variance = torch.where(self.constant, NO_NATS, log_variance)
        return Gaussian(mean, log_variance, self.event_dim, tails=self.scale.per_value > 0)
