"""The prior N(0, I)."""

from __future__ import annotations

import torch
from torch import Tensor

from aevum.conditionals import Conditional
from aevum.distributions import Gaussian


class StandardNormal(Conditional):
    """p(z | y) = N(0, I) whatever y is: without a context its batch shape is (), with one it is the context's.

    Example:
        >>> StandardNormal(3)().sample((2,)).shape
        torch.Size([2, 3])
    """

    zero: Tensor

    def __init__(self, latent_dim: int) -> None:
        super().__init__()
        self.register_buffer("zero", torch.zeros(latent_dim))

    def forward(self, *context: Tensor | None) -> Gaussian:
        y = context[0] if context else None
        zero = self.zero if y is None else self.zero.expand(*y.shape[:-1], -1)
        return Gaussian(zero, zero)
