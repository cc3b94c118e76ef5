"""Where a likelihood's spread comes from: stated, learned, or emitted by the decoder.

Each scale is a component that returns a *log-scale parameter* (a Gaussian's log σ², a logistic's log s), so that a
likelihood does not ask which one it holds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

# Adam moves a parameter by about its learning rate a step, and log σ² has to travel several units: the stored number
# is a tenth of it.
GAIN = 10.0


class Scale(nn.Module, ABC):
    """The spread of a likelihood; ``per_value`` is how many numbers a value it takes from the decoder, 0 or 1."""

    per_value: int = 0

    @abstractmethod
    def forward(self, emitted: Tensor | None) -> Tensor:
        """The log-scale parameter, broadcastable against the likelihood's location."""


def bounded_below(value: Tensor, floor: float) -> Tensor:
    """A smooth max(value, floor): the density of a perfect fit stays finite, and its gradient alive."""
    return floor + softplus(value - floor)


class FixedScale(Scale):
    """A stated log-scale: one number, or one for each feature."""

    log_scale: Tensor

    def __init__(self, log_scale: Tensor) -> None:
        super().__init__()
        self.register_buffer("log_scale", log_scale)

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

    def forward(self, emitted: Tensor | None) -> Tensor:
        return bounded_below(self.raw * GAIN, self.floor)


class EmittedScale(Scale):
    """The decoder's own second output: σ(z) for every value of every example."""

    per_value = 1

    def __init__(self, *, start: float = 0.0, floor: float = -10.0) -> None:
        super().__init__()
        self.start, self.floor = start, floor

    def forward(self, emitted: Tensor | None) -> Tensor:
        if emitted is None:
            raise TypeError("an emitted scale needs a decoder with two numbers a value")
        return bounded_below(emitted.float() + self.start, self.floor)
