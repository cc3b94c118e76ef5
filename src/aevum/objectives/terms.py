"""What an objective returns."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from aevum.model import LatentVariableModel


class Terms(NamedTuple):
    """One value an example, ``(N,)``, in nats: ``loss`` is minimised; ``-(distortion + rate)`` is the ELBO."""

    loss: Tensor
    distortion: Tensor
    rate: Tensor


class Objective(Protocol):
    """Scores a model on a batch; ``beta`` weighs the rate and comes from the loop's schedule.

    ``noise`` holds the standard normal draws to use, ``(N, D)``; they come from ``generator`` when absent, and from
    PyTorch's global one when that is absent too.
    """

    def __call__(
        self,
        model: LatentVariableModel,
        x: Tensor,
        y: Tensor | None = None,
        *,
        beta: float = 1.0,
        noise: Tensor | None = None,
        generator: torch.Generator | None = None,
    ) -> Terms:
        """The terms of each example."""
        ...
