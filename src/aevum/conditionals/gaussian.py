"""Gaussians given a context: encoders, learned priors and real-valued likelihoods."""

from __future__ import annotations

from torch import Tensor, nn

from aevum.conditionals.base import Conditional
from aevum.conditionals.scale import Scale
from aevum.distributions import Gaussian

# σ from 2·10⁻⁹ to 5·10⁸: beyond, far rows give deviations of 0 or infinity, and draws that are no numbers.
EXTREME = 40.0


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
    r"""p(x|z,y) = N(μ(z,y), σ²): the network emits μ, and σ is a component (:class:`Scale`).

    Args:
        network: ``(…, D) → (…, P, *event)``, P = 1 + ``scale.per_value``.
        scale: gives log σ².
        event_dim: number of dimensions of one x.
    """

    def __init__(self, network: nn.Module, scale: Scale, event_dim: int) -> None:
        super().__init__()
        self.network, self.scale, self.event_dim = network, scale, event_dim

    def forward(self, *context: Tensor | None) -> Gaussian:
        outputs = self.network(*context).unbind(-1 - self.event_dim)
        return Gaussian(outputs[0], self.scale(outputs[1] if len(outputs) > 1 else None), self.event_dim)
