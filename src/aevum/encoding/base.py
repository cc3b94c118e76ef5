"""What ties a model to the user's rows: the scale on which it sees them, and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


class Encoding(nn.Module, ABC):
    """The user's rows ↔ what the likelihood scores, each column (or channel, or pixel) by its own rule.

    A cell without a value is NaN on either side. What the encoder's network sees of an encoded row, where that isn't
    the row itself, is :attr:`view`.

    Attributes:
        view: a module x ↦ what the posterior sees: the logarithm of a count, 0 and a flag for a missing cell. None
            where it sees x itself.
        constant: which values never change, of an example's shape; None for none.
        missing: whether rows may lack values.
        varies: whether :meth:`log_abs_det` may differ from row to row.
    """

    shift: Tensor
    scale: Tensor
    view: nn.Module | None
    constant: Tensor | None
    missing: ClassVar[bool] = False
    varies: bool = True

    def __init__(self) -> None:
        super().__init__()
        self.view = None
        self.register_buffer("constant", None, persistent=False)

    @abstractmethod
    def forward(self, rows: Tensor) -> Tensor:
        """Rows ``(N, *shape)`` of any number type to float32 on the model's scale, ``(N, *event)``."""

    @abstractmethod
    def inverse(self, x: Tensor) -> Tensor:
        """Values on the model's scale to the data's units."""

    @abstractmethod
    def spread(self, x: Tensor) -> Tensor:
        """Deviations on the model's scale in the data's units."""

    @abstractmethod
    def log_derivative(self, x: Tensor) -> Tensor:
        """``log |d x / d row|`` of each value, broadcastable against rows x ``(N, *event)`` on the model's scale."""

    def log_abs_det(self, x: Tensor) -> Tensor:
        """Σ ``log |d x / d row|`` over the values that a row has, ``(N,)``: what a density per unit of the data adds.

        Args:
            x: rows on the model's scale, NaN where a value is missing.
        """
        each = self.log_derivative(x)
        there = self.mask(x).flatten(1)
        if each.ndim == 0:
            return each * there.sum(dim=1)
        if each.ndim == x.ndim:
            return (each.flatten(1) * there).sum(dim=1)
        return there.to(each.dtype) @ each.flatten()

    def departures(self, rows: NDArray[Any]) -> NDArray[np.bool_] | None:
        """Which values of rows ``(N, F)`` are not the constant that their column was in training; None for none."""
        return None

    def refusal(self, rows: NDArray[Any], names: Sequence[str] | None, *, scored: bool = False) -> str | None:
        """Why rows ``(N, F)`` with columns of these names can't be encoded (or, if they are to be, scored), in a
        sentence; None where they can.
        """
        return None

    def seen(self, event: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of what :attr:`view` makes of an example of this shape, on the model's scale."""
        return event

    def located(self) -> NDArray[np.bool_] | None:
        """Of which columns ``shift`` and ``scale`` say where the training rows lie; None where none says so."""
        return None

    def kinds(self) -> list[tuple[str, str]] | None:
        """Of what kind each column is, and why; None where all are of one."""
        return None

    def measures(self) -> list[str] | None:
        """What log p of each column is of (``Kind.measure``) where rows have no size; None
        where all are of one kind, or given a size.
        """
        return None

    @abstractmethod
    def event(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """The shape of an example on the model's scale, from that of the user's."""

    @abstractmethod
    def to_config(self) -> dict[str, Any]:
        """What :meth:`from_config` needs besides the module's arrays: plain values."""

    @classmethod
    @abstractmethod
    def from_config(cls, config: dict[str, Any], where: str, shape: tuple[int, ...]) -> Self:
        """An encoding of examples of this shape whose arrays are still to come.

        Raises:
            ValueError: it isn't what :meth:`to_config` writes.
        """

    def check(self) -> None:
        """Look at the arrays that were read.

        Raises:
            ValueError: says which can't be.
        """

    @staticmethod
    def mask(x: Tensor) -> Tensor:
        """Which values there are."""
        return ~torch.isnan(x)
