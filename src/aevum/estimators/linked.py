"""A likelihood as a linear model sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.conditionals import ColumnsConditional, ScaledGaussian
from aevum.conditionals.blocks import Block

Array = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Linked:
    """A likelihood as a linear model sees it: what of a row its outputs move, and how.

    Args:
        likelihood: whose decoder emits W numbers, and as many log-scales where these are emitted.
        outputs: the output that moves each of U numbers, ``(U,)``.
        gains: mean of these numbers ↦ how much an output moves by each, ``(U,)``, and about which value of it.
        spreads: the number whose noise each log-scale is, ``(S,)``, −1 for none; where its emitted value lies,
            ``(S,)``.
        varies: which of the numbers vary, ``(U,)``.
        coarse: which of them are of classes, ``(U,)``: however well the others say them, they say little themselves.
        noisy: which of them have a variance that is their own, as their log-scale says, ``(U,)``: no count has.
    """

    likelihood: ScaledGaussian | ColumnsConditional
    outputs: Rows
    gains: Callable[[Array], tuple[Array, Array]]
    spreads: tuple[Rows, Rows]
    varies: NDArray[np.bool_]
    coarse: NDArray[np.bool_]
    noisy: NDArray[np.bool_]

    @classmethod
    def of(cls, likelihood: Any, width: int, constant: Tensor | None) -> Linked | None:
        """The face of this likelihood of rows of so many values; None where it has none."""
        if type(likelihood) is ColumnsConditional:
            return cls._of_columns(likelihood)
        if type(likelihood) is not ScaledGaussian:
            return None
        varies = np.ones(width, np.bool_) if constant is None else ~constant.cpu().numpy().ravel()
        every, true = np.arange(width), np.ones(width, np.bool_)
        gains = (np.ones(width), np.zeros(width))
        return cls(likelihood, every, lambda mean: gains, (every, every), varies, ~true, true)

    @classmethod
    def _of_columns(cls, likelihood: ColumnsConditional) -> Linked:
        blocks = [block for block in likelihood.blocks if isinstance(block, Block)]
        outputs = np.concatenate([block.outputs.cpu().numpy() for block in blocks])
        spreads, first = np.full(len(likelihood.first), -1), 0
        for block in blocks:
            if block.record.spreads:
                spreads[block.places.cpu().numpy()] = first + block.last.cpu().numpy()
            first += len(block.outputs)

        coarse = np.concatenate([block.coarse.cpu().numpy() for block in blocks])
        noisy = np.concatenate([np.full(len(block.outputs), block.record.spreads) for block in blocks])

        def gains(mean: Array) -> tuple[Array, Array]:
            parts = np.split(mean, np.cumsum([len(block.outputs) for block in blocks])[:-1])
            found, about = [], []
            for block, part in zip(blocks, parts, strict=True):
                gain = block.record.gain
                found.append(np.ones(len(part)) if gain is None else gain(torch.from_numpy(part)).numpy())
                about.append(np.zeros(len(part)) if gain is None else part)
            return np.concatenate(found), np.concatenate(about)

        places = likelihood.first.cpu().numpy()
        return cls(likelihood, outputs, gains, (spreads, places), np.ones(len(outputs), np.bool_), coarse, noisy)

    def numbers(self, x: Tensor) -> Array:
        """The U numbers of encoded rows, NaN where a value is missing."""
        if isinstance(self.likelihood, ScaledGaussian):
            return x.double().cpu().numpy().reshape(len(x), -1)
        parts = [block.linear(x) for block in self.likelihood.blocks if isinstance(block, Block)]
        return torch.cat(parts, dim=-1).double().cpu().numpy()
