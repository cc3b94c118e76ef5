"""Corruptions of the input, in training only: what makes an auto-encoder a denoising one.

Source: *Stacked denoising autoencoders*, P. Vincent, H. Larochelle, I. Lajoie, Y. Bengio, P.-A. Manzagol, JMLR 2010.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from aevum.conditionals import Conditional


class Corrupted(Conditional):
    """q(z | x̃, y) with x̃ a corrupted x while training, and x itself otherwise.

    The objective never sees x̃, so the distortion is measured against the clean x.
    """

    def __init__(self, posterior: Conditional, corruption: nn.Module) -> None:
        super().__init__()
        self.posterior, self.corruption = posterior, corruption

    def forward(self, *context: Tensor | None) -> Distribution:
        return self.training_view(*context)

    def training_view(self, *context: Tensor | None, generator: torch.Generator | None = None) -> Distribution:
        x, *rest = context
        return self.posterior.training_view(
            self.corruption(x, generator) if self.training else x, *rest, generator=generator
        )


def like(draw: Callable[..., Tensor], x: Tensor, generator: torch.Generator | None) -> Tensor:
    """``torch.rand`` or ``torch.randn`` of the shape, type and device of x."""
    return draw(x.shape, dtype=x.dtype, device=x.device, generator=generator)


class GaussianNoise(nn.Module):
    """x̃ = x + level · ε, ε ~ N(0, I); ``level`` is in units of the scaled data (their standard deviation, or range)."""

    def __init__(self, level: float, low: float, high: float) -> None:
        super().__init__()
        self.level = level

    def forward(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        return x + self.level * like(torch.randn, x, generator)


class Masking(nn.Module):
    """Each value is set to zero (of the scaled data: their mean, or black) with probability ``level``."""

    def __init__(self, level: float, low: float, high: float) -> None:
        super().__init__()
        self.level = level

    def forward(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        return x * (like(torch.rand, x, generator) >= self.level)


class SaltAndPepper(nn.Module):
    """Each value is set to the data's lowest or highest, half and half, with probability ``level``."""

    def __init__(self, level: float, low: float, high: float) -> None:
        super().__init__()
        self.level, self.low, self.high = level, low, high

    def forward(self, x: Tensor, generator: torch.Generator | None = None) -> Tensor:
        u = like(torch.rand, x, generator)
        peppered = torch.where(u < 0.5 * self.level, torch.full_like(x, self.low), x)
        return torch.where(u > 1.0 - 0.5 * self.level, torch.full_like(x, self.high), peppered)


CORRUPTIONS: dict[str, type[GaussianNoise] | type[Masking] | type[SaltAndPepper]] = {
    "gaussian": GaussianNoise,
    "masking": Masking,
    "salt_and_pepper": SaltAndPepper,
}
