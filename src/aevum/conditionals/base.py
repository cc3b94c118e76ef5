"""The one base class of everything that maps a context to a distribution."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor, nn
from torch.distributions import Distribution


class Conditional(nn.Module, ABC):
    """c ↦ p(· | c): its ``forward`` takes the context's tensors and returns a distribution, one batch entry a row."""

    @abstractmethod
    def forward(self, *context: Tensor | None) -> Distribution:
        """The distribution given this context."""
