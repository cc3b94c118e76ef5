"""Corruptions of the input, in training only: what makes an auto-encoder a denoising one.

Source: *Stacked denoising autoencoders*, P. Vincent, H. Larochelle, I. Lajoie, Y. Bengio, P.-A. Manzagol, JMLR 2010.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from aevum.conditionals import Conditional
from aevum.distributions import of_rows


class Corrupted(Conditional):
    """q(z | x̃, y) with x̃ a corrupted x while training, and x itself otherwise.

    The objective never sees x̃, so the distortion is measured against the clean x.
    """

    def __init__(self, posterior: Conditional, corruption: Corruption) -> None:
        super().__init__()
        self.posterior, self.corruption = posterior, corruption

    def forward(self, *context: Tensor | None) -> Distribution:
        return self.training_view(*context)

    def training_view(self, *context: Tensor | None, generator: torch.Generator | None = None) -> Distribution:
        x, *rest = context
        return self.posterior.training_view(
            self.corruption(x, generator) if self.training else x, *rest, generator=generator
        )


class Corruption(nn.Module, ABC):
    """x ``(N, *event)`` ↦ x̃, by standard normal noise ``(N, 1 + F)``: a value for the row, and one for each of its F.

    Args:
        level: how much.
        low, high: of the scaled data.
    """

    def __init__(self, level: float, low: float, high: float) -> None:
        super().__init__()
        self.level, self.low, self.high = level, low, high

    def forward(self, x: Tensor, generator: torch.Generator | None = None, noise: Tensor | None = None) -> Tensor:
        """Corrupt by this noise, or by what is drawn from the generator."""
        if noise is None:
            like: dict[str, Any] = {"dtype": x.dtype, "device": x.device, "generator": generator}
            noise = of_rows(lambda shape: torch.randn(shape, **like), (len(x), 1 + math.prod(x.shape[1:])), 0)
        return self.corrupted(x, noise[:, 1:].reshape(x.shape), noise[:, 0].reshape(-1, *(1 for _ in x.shape[1:])))

    @abstractmethod
    def corrupted(self, x: Tensor, noise: Tensor, of_row: Tensor) -> Tensor:
        """x̃ by the noise of each value, of the shape of x, and that of each row, ``(N, 1, …)``."""


class GaussianNoise(Corruption):
    """x̃ = x + level · ε, ε ~ N(0, I); ``level`` is in units of the scaled data (their standard deviation, or range)."""

    def corrupted(self, x: Tensor, noise: Tensor, of_row: Tensor) -> Tensor:
        return x + self.level * noise


class Diffusion(Corruption):
    r"""x̃ = √(1 − s²) x + s ε, a step of a diffusion from x towards N(0, I), of a random length for each row.

    .. math:: s^2 = 1 - \bar\alpha(u), \quad \bar\alpha(u) = (1 - \text{level}^2)^{u^2}, \quad u \sim U(0, 1)

    which is the continuous limit of variances :math:`\beta_t` that grow linearly from 0; ``level`` is the largest s.

    Source: *Denoising diffusion probabilistic models*, J. Ho, A. Jain, P. Abbeel, NeurIPS 2020; as the corruption of a
    denoising auto-encoder that finds anomalies: *Diffusion-scheduled denoising autoencoders for anomaly detection in
    tabular data*, T. Sattarov, M. Schreyer, D. Borth, KDD 2025.
    """

    def corrupted(self, x: Tensor, noise: Tensor, of_row: Tensor) -> Tensor:
        kept: Tensor = (1.0 - self.level**2) ** torch.special.ndtr(of_row).square()
        return kept.sqrt() * x + (1.0 - kept).sqrt() * noise


class Masking(Corruption):
    """Each value is set to zero (of the scaled data: their mean, or black) with probability ``level``."""

    def corrupted(self, x: Tensor, noise: Tensor, of_row: Tensor) -> Tensor:
        shown: Tensor = torch.special.ndtr(noise) >= self.level
        return x * shown


class SaltAndPepper(Corruption):
    """Each value is set to the data's lowest or highest, half and half, with probability ``level``."""

    def corrupted(self, x: Tensor, noise: Tensor, of_row: Tensor) -> Tensor:
        u = torch.special.ndtr(noise)
        peppered = torch.where(u < 0.5 * self.level, torch.full_like(x, self.low), x)
        return torch.where(u > 1.0 - 0.5 * self.level, torch.full_like(x, self.high), peppered)


CORRUPTIONS: dict[str, type[Corruption]] = {
    "gaussian": GaussianNoise,
    "diffusion": Diffusion,
    "masking": Masking,
    "salt_and_pepper": SaltAndPepper,
}
