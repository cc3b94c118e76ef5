"""The kinds of a table's columns, one record each: what a decoder emits for one, and what an encoder sees of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor

from aevum.conditionals.column import Column, Numbers
from aevum.distributions import (
    Categories,
    Cells,
    JohnsonSU,
    Logarithm,
    Logit,
    NegativeBinomial,
    Ordinal,
    Poisson,
    Straight,
    TwoValued,
    Warp,
    WarpedGaussian,
    ZeroInflated,
)

# A logistic's deviation is π s/√3.
LOGISTIC = math.log(math.sqrt(3.0) / math.pi)
# Beyond e⁸ deviations of the training rows a column's spread says nothing more.
MOST_LOG_VARIANCE = 16.0
# What is rarer says too little for its logit to be moved by it.
RAREST = 0.02


def straight(block: Numbers) -> Warp:
    """As it is."""
    return Straight()


def johnson(block: Numbers) -> Warp:
    """By ξ, λ, γ, δ."""
    return JohnsonSU(*block.shape.unbind(-1))


def logarithm(block: Numbers) -> Warp:
    """The standardised logarithm."""
    return Logarithm(block.centre, block.spread)


def logit(block: Numbers) -> Warp:
    """The standardised logit."""
    return Logit(block.centre, block.spread)


def one_hot(x: Tensor, block: Numbers) -> Tensor:
    """A flag for each class of each column, of which none is set where the class is missing."""
    classes = torch.arange(block.real.shape[1], dtype=x.dtype, device=x.device)
    flags = (x.unsqueeze(-1) == classes).to(x.dtype)
    return flags.flatten(-2).index_select(-1, block.one_hot)


def log_mean(emitted: Tensor, block: Numbers) -> Tensor:
    """log μ of a count, which begins at that of the training rows."""
    return block.centre + block.spread * emitted[..., 0]


def log_count(x: Tensor, block: Numbers) -> Tensor:
    """log(1 + x), standardised."""
    return (x.log1p() - block.centre) / block.spread


def is_count(x: Tensor, block: Numbers) -> Tensor:
    """Whole numbers of at least 0."""
    return (x >= 0.0) & (x == x.round())


def not_negative(x: Tensor, block: Numbers) -> Tensor:
    """What has a logarithm of 1 + x."""
    return x >= 0.0


def anything(x: Tensor, block: Numbers) -> Tensor:
    """Any number."""
    return torch.ones_like(x, dtype=torch.bool)


def is_whole(x: Tensor, block: Numbers) -> Tensor:
    """Whole steps from the lowest."""
    return x == x.round()


def is_level(x: Tensor, block: Numbers) -> Tensor:
    """Whole numbers below the number of levels."""
    return is_count(x, block) & (x < block.levels)


@dataclass(frozen=True)
class Kind:
    """A kind of column.

    Args:
        cells: (outputs ``(*batch, k, P)``, log σ² ``(…, k)``, block) ↦ the cells; None for what never varies.
        seen: (encoded values ``(…, k)``, block) ↦ what an encoder sees of them, ``(…, w)``.
        title: what it is called.
        emitted: how many outputs a column of it takes.
        width: how many numbers an encoder sees of one.
        continuous: a density, which a change of units rescales.
        takes: (encoded values, block) ↦ which of them it can give; None for all.
        sees: which of them an encoder can be shown, where that is more: a mean lies between two values.
        words: what these are.
        fill: one of them.
        standardised: whether a column's shift and scale are where its values lie, and how far from each other.
        fits: whether a column's numbers can be those of one of this kind.
        spreads: whether the log-scale is the log-variance of what an encoder sees.
        gain: mean of what an encoder sees ↦ how much an output moves by a deviation of it from there, to first order;
            None where the output is on its scale.
    """

    cells: Callable[[Tensor, Tensor, Numbers], Cells] | None
    seen: Callable[[Tensor, Numbers], Tensor]
    title: str
    emitted: Callable[[Column], int] = lambda column: 1
    width: Callable[[Column], int] = lambda column: 1
    continuous: bool = False
    takes: Callable[[Tensor, Numbers], Tensor] | None = None
    sees: Callable[[Tensor, Numbers], Tensor] | None = None
    words: str = ""
    fill: float = 0.0
    standardised: bool = False
    fits: Callable[[Column], bool] = lambda column: not column.shape and not column.levels and column.spread > 0.0
    spreads: bool = False
    gain: Callable[[Tensor], Tensor] | None = None


def bends(column: Column) -> bool:
    """Whether these are the four numbers of a curve of Johnson's."""
    return len(column.shape) == 4 and column.shape[1] > 0.0 and column.shape[3] > 0.0 and not column.levels


def warped(title: str, warp: Callable[[Numbers], Warp], words: str = "", fill: float = 0.0, **more: Any) -> Kind:
    """Real numbers that are Gaussian once they are bent."""

    def takes(x: Tensor, block: Numbers) -> Tensor:
        there = warp(block).there(x)
        assert there is not None
        return there

    return Kind(
        cells=lambda out, log_scale, block: WarpedGaussian(out[..., 0], log_scale, warp(block)),
        seen=lambda x, block: warp(block).forward(x),
        title=title,
        continuous=True,
        takes=takes if words else None,
        words=words,
        fill=fill,
        spreads=True,
        **more,
    )


COUNTS = "whole numbers of at least 0"
KINDS: dict[str, Kind] = {
    "constant": Kind(
        cells=None,
        seen=lambda x, block: x[..., :0],
        title="constant",
        emitted=lambda column: 0,
        width=lambda column: 0,
    ),
    "gaussian": warped("Gaussian", straight, standardised=True),
    "johnson": warped("Johnson S_U", johnson, fits=bends, standardised=True),
    "lognormal": warped("log-normal", logarithm, "numbers above 0", 1.0),
    "logitnormal": warped("logit-normal", logit, "numbers between 0 and 1", 0.5),
    "binary": Kind(
        cells=lambda out, log_scale, block: TwoValued(out[..., 0] + block.centre),
        seen=lambda x, block: 2.0 * x - 1.0,
        title="two-valued",
        takes=is_whole,
        sees=anything,
        words="one of two values",
        # A logit moves the mean 2p − 1 by 2p(1 − p).
        gain=lambda mean: 2.0 / (1.0 - mean**2).clamp_min(RAREST),
    ),
    "categorical": Kind(
        cells=lambda out, log_scale, block: Categories((out + block.shape).masked_fill(~block.real, -torch.inf)),
        seen=one_hot,
        title="categorical",
        emitted=lambda column: column.levels,
        width=lambda column: column.levels,
        takes=is_level,
        words="classes that the model knows",
        fits=lambda column: len(column.shape) == column.levels > 0,
        # All logits that move by δ_k / p_k move the shares by δ.
        gain=lambda mean: 1.0 / mean.clamp_min(RAREST),
    ),
    "ordinal": Kind(
        cells=lambda out, log_scale, block: Ordinal(
            block.centre + block.spread * out[..., 0],
            0.5 * log_scale + block.spread.log() + LOGISTIC,
            block.levels,
            block.most_levels,
        ),
        seen=lambda x, block: (x - block.centre) / block.spread,
        title="ordinal",
        takes=is_whole,
        sees=anything,
        words="whole steps such as those in training",
        fits=lambda column: column.levels > 1 and column.spread > 0.0 and not column.shape,
        spreads=True,
    ),
    "poisson": Kind(
        cells=lambda out, log_scale, block: Poisson(log_mean(out, block)),
        seen=log_count,
        title="Poisson",
        takes=is_count,
        sees=not_negative,
        words=COUNTS,
    ),
    "negative_binomial": Kind(
        cells=lambda out, log_scale, block: NegativeBinomial(log_mean(out, block), log_scale),
        seen=log_count,
        title="negative binomial",
        takes=is_count,
        sees=not_negative,
        words=COUNTS,
    ),
    "zero_inflated": Kind(
        cells=lambda out, log_scale, block: ZeroInflated(
            out[..., 1], NegativeBinomial(log_mean(out, block), log_scale)
        ),
        seen=log_count,
        title="zero-inflated negative binomial",
        emitted=lambda column: 2,
        takes=is_count,
        sees=not_negative,
        words=COUNTS,
    ),
}


class Block(Numbers):
    """The columns of one kind: what a decoder's outputs are for them, and what an encoder sees of them."""

    def __init__(self, kind: str, columns: Sequence[Column], places: Sequence[int]) -> None:
        widths = [KINDS[column.kind].emitted(column) for column in columns]
        starts = [0, *accumulate(widths)][:-1]
        super().__init__(columns, places, starts, widths)
        self.kind = kind

    @property
    def record(self) -> Kind:
        """What the kind is."""
        return KINDS[self.kind]

    def cells(self, emitted: Tensor, log_scale: Tensor) -> Cells | None:
        """The cells at a decoder's outputs ``(*batch, W)`` and log-scales ``(…, D)``; None where nothing varies."""
        if self.record.cells is None:
            return None
        given = emitted[..., self.emitted]
        return self.record.cells(given, log_scale[..., self.places].clamp_max(MOST_LOG_VARIANCE), self)

    def seen(self, x: Tensor) -> Tensor:
        """What an encoder sees of encoded rows ``(…, D)``, 0 where a value is missing, ``(…, w)``."""
        return self.seen_of(x.index_select(-1, self.places))

    def seen_of(self, values: Tensor) -> Tensor:
        """The same of these columns' own values ``(…, k)``."""
        found = self.record.seen(values, self)
        return torch.where(found.isnan(), 0.0, found)

    def linear(self, x: Tensor) -> Tensor:
        """What an encoder sees of encoded rows, NaN where a value is missing, ``(…, w)``."""
        given = x.index_select(-1, self.places)
        found = self.record.seen(given, self)
        missing = given.isnan().repeat_interleave(self.widths, dim=-1)
        return found.masked_fill(missing, torch.nan)

    @property
    def widths(self) -> Tensor:
        """How many numbers an encoder sees of each column, ``(k,)``."""
        one_each = self.record.cells is not None and self.record.seen is not one_hot
        return torch.ones_like(self.places) if one_each else self.real.sum(dim=1)

    @property
    def outputs(self) -> Tensor:
        """The output that moves each number that an encoder sees, ``(w,)``."""
        if self.record.seen is one_hot:
            return self.emitted.flatten()[self.one_hot]
        return self.emitted[:, 0] if self.emitted.shape[1] else self.emitted.flatten()


def blocks_of(columns: Sequence[Column]) -> list[Block]:
    """The columns by kind.

    >>> [(block.kind, block.places.tolist()) for block in blocks_of([Column("poisson"), Column("gaussian")] * 2)]
    [('gaussian', [1, 3]), ('poisson', [0, 2])]
    """
    found = []
    for kind in KINDS:
        places = [place for place, column in enumerate(columns) if column.kind == kind]
        if places:
            found.append(Block(kind, columns, places))
    return found


def emitted_width(columns: Sequence[Column]) -> int:
    """How many numbers a decoder emits for a row; at least one, of a table that never varies too."""
    return max(1, sum(KINDS[column.kind].emitted(column) for column in columns))
