"""The one base class of everything that maps a context to a distribution."""

from __future__ import annotations

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.distributions import Distribution


class Conditional(nn.Module, ABC):
    """c ↦ p(· | c): its ``forward`` takes the context's tensors and returns a distribution, one batch entry a row."""

    @abstractmethod
    def forward(self, *context: Tensor | None) -> Distribution:
        """The distribution given this context."""

    def training_view(self, *context: Tensor | None, generator: torch.Generator | None = None) -> Distribution:
        """The distribution as an objective sees it: given a corrupted context, for a part that draws one to learn by.

        Args:
            context: as for :meth:`forward`.
            generator: where such a part's draws come from; None for PyTorch's global one.
        """
        found: Distribution = self(*context)
        return found

    def prepare(self, x: Tensor, y: Tensor | None, rows: int) -> None:
        """Look at the data before the first step, for a part that starts from them; most don't.

        Args:
            x: some of the training rows, in random order, on the model's scale, ``(n, *event)``.
            y: what they are conditioned on, ``(n, C)`` or None.
            rows: how many training rows there are.
        """
