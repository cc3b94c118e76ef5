"""A posterior without its noise: what is left of it is an auto-encoder's."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution

from aevum.conditionals import Conditional
from aevum.distributions import PointMass, as_vectors, draw, noise_shape
from aevum.distributions.summaries import device_of


class WithoutNoise(Conditional):
    """δ(z − z₀) at the code z₀ that noise of 0 gives: of a Gaussian posterior its mean μ(x, y), of a flow f(μ).

    Args:
        posterior: whose draws are a known function of noise.

    Example:
        >>> from torch import nn
        >>> from aevum.conditionals import GaussianConditional
        >>> posterior = GaussianConditional(nn.Sequential(nn.Linear(3, 4), nn.Unflatten(-1, (2, 2))))
        >>> x = torch.ones(5, 3)
        >>> bool((WithoutNoise(posterior)(x).location == posterior(x).mean).all())
        True
    """

    def __init__(self, posterior: Conditional) -> None:
        super().__init__()
        self.posterior = posterior

    def forward(self, *context: Tensor | None) -> Distribution:
        return self.training_view(*context)

    def training_view(self, *context: Tensor | None, generator: torch.Generator | None = None) -> Distribution:
        return PointMass(code_of(as_vectors(self.posterior.training_view(*context, generator=generator), 1)))


def code_of(q: Distribution) -> Tensor:
    """The draw that noise of 0 gives, ``(N, D)``.

    Raises:
        TypeError: q's draws are no known function of noise.
    """
    return draw(q, noise=torch.zeros((*q.batch_shape, *noise_shape(q)), device=device_of(q)))
