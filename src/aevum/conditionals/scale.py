"""Where a likelihood's spread comes from: stated, learned, or emitted by the decoder.

Each scale is a component that returns a *log-scale parameter* (a Gaussian's log σ², a logistic's log s), so that a
likelihood does not ask which one it holds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import softplus

# Adam moves a parameter by about its learning rate a step, and log σ² has to travel several units: the stored number
# is a tenth of it.
GAIN = 10.0


class Scale(nn.Module, ABC):
    """The spread of a likelihood; ``per_value`` is how many numbers a value it takes from the decoder, 0 or 1."""

    per_value: int = 0

    @property
    def stated(self) -> Tensor | None:
        """The log-scale where nothing is learned of it; None where something is."""
        return None

    @abstractmethod
    def settle(self, log_scale: Tensor) -> NDArray[np.float64]:
        """Give this log-scale from now on: what a decoder must emit for it, one number a value, if it emits any.

        Args:
            log_scale: one number a value, ``(D,)``.
        """

    @abstractmethod
    def forward(self, emitted: Tensor | None) -> Tensor:
        """The log-scale parameter, broadcastable against the likelihood's location."""


def bounded_below(value: Tensor, floor: float) -> Tensor:
    """A smooth max(value, floor): the density of a perfect fit stays finite, and its gradient alive."""
    return floor + softplus(value - floor)


def before_bound(value: Tensor, floor: float) -> Tensor:
    """What :func:`bounded_below` makes this value of; values at the floor and below come out just above it."""
    above = (value - floor).clamp(min=1e-3)
    return floor + above + torch.log(-torch.expm1(-above))


class FixedScale(Scale):
    """A stated log-scale: one number, or one for each feature."""

    log_scale: Tensor

    def __init__(self, log_scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("log_scale", log_scale)

    @property
    def stated(self) -> Tensor:
        return self.log_scale

    def settle(self, log_scale: Tensor) -> NDArray[np.float64]:
        return np.zeros(0)

    def forward(self, emitted: Tensor | None) -> Tensor:
        return self.log_scale


class LearnedScale(Scale):
    """A learned log-scale of the given shape: ``()`` for one shared number, the event shape for one per feature.

    With one shared σ the optimum is the root of the mean squared error, so distortion and rate balance themselves:
    *Simple and effective VAE training with calibrated decoders*, O. Rybkin, K. Daniilidis, S. Levine, ICML 2021.
    """

    def __init__(self, shape: Sequence[int] = (), *, start: float = 0.0, floor: float = -10.0) -> None:
        super().__init__()
        self.floor = floor
        self.raw = nn.Parameter(torch.full(tuple(shape), start / GAIN))

    @torch.no_grad()
    def settle(self, log_scale: Tensor) -> NDArray[np.float64]:
        raw = before_bound(log_scale, self.floor) / GAIN
        self.raw.copy_(raw.mean() if self.raw.ndim == 0 else raw.reshape(self.raw.shape))
        return np.zeros(0)

    def forward(self, emitted: Tensor | None) -> Tensor:
        return bounded_below(self.raw * GAIN, self.floor)


class EmittedScale(Scale):
    """The decoder's own second output: σ(z) for every value of every example."""

    per_value = 1

    def __init__(self, *, start: float = 0.0, floor: float = -10.0) -> None:
        super().__init__()
        self.start, self.floor = start, floor

    def settle(self, log_scale: Tensor) -> NDArray[np.float64]:
        return (before_bound(log_scale, self.floor) - self.start).double().cpu().numpy()

    def forward(self, emitted: Tensor | None) -> Tensor:
        if emitted is None:
            raise TypeError("an emitted scale needs a decoder with two numbers a value")
        return bounded_below(emitted.float() + self.start, self.floor)
