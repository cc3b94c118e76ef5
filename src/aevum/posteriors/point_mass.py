"""The posterior of a plain auto-encoder."""

from __future__ import annotations

from torch import Tensor, nn

from aevum.conditionals import Conditional
from aevum.distributions import PointMass


class PointMassPosterior(Conditional):
    """q(z|x) = δ(z − f(x)): the network emits one number a latent dimension, ``(…, 1, D)``."""

    per_value = 1

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, *context: Tensor | None) -> PointMass:
        return PointMass(self.network(*context).squeeze(-2))
