"""What an objective is, and what it returns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn

from aevum.model import LatentVariableModel

NOTHING: Mapping[str, Tensor] = MappingProxyType({})


class Terms(NamedTuple):
    """One value an example, ``(N,)``, in nats.

    ``loss`` is minimised; ``-(distortion + rate)`` is the ELBO. ``extras`` are further terms of the loss by name, one
    value an example each: they go into the history, the metrics and the report.
    """

    loss: Tensor
    distortion: Tensor
    rate: Tensor
    extras: Mapping[str, Tensor] = NOTHING

    def weighted(self, weights: Tensor | None) -> Terms:
        """Each value times its example's weight ``(N,)``; None for 1."""
        if weights is None:
            return self
        loss, distortion, rate = (term * weights for term in self[:3])
        return Terms(loss, distortion, rate, {name: value * weights for name, value in self.extras.items()})

    def first(self, rows: int) -> Terms:
        """Those of so many of the examples."""
        if rows == len(self.loss):
            return self
        loss, distortion, rate = (term[:rows] for term in self[:3])
        extras = {name: value[:rows] if value.ndim else value for name, value in self.extras.items()}
        return Terms(loss, distortion, rate, extras)


@dataclass(frozen=True)
class Opponent:
    """What learns against the model, such as a discriminator: it has an optimizer and a gradient clip of its own.

    Args:
        module: what learns; a part of the objective, so that it is saved and moved with it.
        loss: ``(model, x, y, generator) ↦`` its own loss, ``(N,)``, after the model's step on the same batch.
        learning_rate: the peak of the same schedule as the model's; None for the model's.
    """

    module: nn.Module
    loss: Callable[..., Tensor]
    learning_rate: float | None = None


class Objective(nn.Module, ABC):
    """Scores a model on a batch. It knows no epoch and takes no average: those are the training loop's.

    An objective is a module, so that what it holds (a discriminator, a codebook's running means) is moved, pickled and
    saved with the model.

    Attributes:
        needs_grad: whether its terms take gradients themselves (a penalty on a Jacobian), so that they can't be had
            where gradients are switched off, as validation does.
        bounds: whether at β = 1 the loss is no less than −log p(x), so that a model for which the two are equal can be
            the best there is before any step is made.
    """

    needs_grad: ClassVar[bool] = False
    bounds: ClassVar[bool] = False

    def prepare(self, model: LatentVariableModel, x: Tensor, y: Tensor | None, rows: int) -> None:
        """Look at the data before the first step: some training rows on the model's scale, and how many there are."""

    @abstractmethod
    def forward(
        self,
        model: LatentVariableModel,
        x: Tensor,
        y: Tensor | None = None,
        *,
        beta: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Terms:
        """The terms of each example.

        Args:
            model: what is scored.
            x: ``(N, *event)``, on the model's scale.
            y: ``(N, C)`` or None.
            beta: weight of the rate, by the loop's schedule.
            generator: where every draw comes from; None for PyTorch's global one.
        """

    def selection(self, terms: Terms) -> Tensor:
        """What chooses the best epoch on the validation rows, ``(N,)``: the loss, unless another is better."""
        return terms.loss

    def opponents(self) -> Sequence[Opponent]:
        """Whatever plays against the model; nothing, for most."""
        return ()
