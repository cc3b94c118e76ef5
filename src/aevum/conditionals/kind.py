"""What a kind of column is: what a decoder emits for one, and what an encoder sees of it."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.special import ndtri

from aevum.conditionals.column import Column, Numbers
from aevum.conditionals.scale import GAIN, bounded_below
from aevum.distributions import (
    Cells,
    JohnsonSU,
    Logarithm,
    Logit,
    Spiked,
    Straight,
    StudentT,
    Warp,
    WarpedGaussian,
)

# A logistic's deviation is π s/√3.
LOGISTIC = math.log(math.sqrt(3.0) / math.pi)
# The logit of the zeros that are no counts, where training begins.
OWN_ZEROS = -2.0
# Scores of levels are those of shares from it to one less it, and spread so much at least.
TAIL, LEAST_DEVIATION = 1e-6, 0.1
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
    """log μ of a count, which begins at that of the training rows: where the column's shape tells it, and how much of
    it a deviation of log(1 + x) is; else about where log(1 + x) lies.
    """
    base, slope = block.shape.unbind(-1) if block.shape.shape[-1] else (block.centre, block.spread)
    return base + slope * emitted[..., 0]


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
        aligned: whether an encoder sees one number for each output, which that output moves.
        spiked: whether the encoded 0 is a mass, which has no unit.
        counted: of counts, (log μ, log-scale, outputs) ↦ the cells.
        free: how many numbers a column learns that depend on nothing; they stand behind its outputs.
        worked_out: the numbers of its columns ↦ what follows from them, by name.
        told: (log-scale, what is free) of columns ↦ what of them depends on nothing and is worth telling.
        symbol: what that is called.
        ends: the least and the largest value in the data's units, to which what is rounded there comes back.
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
    aligned: bool = False
    spiked: bool = False
    counted: Callable[[Tensor, Tensor, Tensor], Cells] | None = None
    free: int = 0
    worked_out: Callable[[Numbers], dict[str, Tensor]] | None = None
    told: Callable[[Tensor, Tensor], Tensor] | None = None
    symbol: str = ""
    ends: tuple[float, float] = (-math.inf, math.inf)

    @property
    def measure(self) -> str:
        """What log p of a cell is of: "density", "mass", "count" (a mass without end), "mixed" (a density beside the
        mass of one value), or "none" where nothing varies.
        """
        if self.cells is None:
            return "none"
        if self.spiked:
            return "mixed"
        return "density" if self.continuous else "mass" if self.counted is None else "count"


def heaps(block: Numbers) -> dict[str, Tensor]:
    """log w of each level in training, −∞ above the last, and its standardised normal score u, ``(k, L)`` each."""
    every = torch.arange(block.shape.shape[1], device=block.shape.device)
    log_shares = block.shape.masked_fill(every >= block.levels[:, None], -torch.inf).log_softmax(dim=-1)
    shares = log_shares.exp()
    scores = ndtri((shares.cumsum(dim=-1) - 0.5 * shares).clamp(TAIL, 1.0 - TAIL))
    apart = scores - (shares * scores).sum(dim=-1, keepdim=True)
    deviation = (shares * apart.square()).sum(dim=-1, keepdim=True).sqrt().clamp_min(LEAST_DEVIATION)
    return {"log_shares": log_shares, "scores": apart / deviation}


def heaped_logits(out: Tensor, log_scale: Tensor, block: Numbers) -> Tensor:
    """Logits of the levels whose score is N(μ, σ²) where that of all rows is N(0, 1): at μ = 0, σ = 1 the shares are
    those in training, heaps and all: log w + log N(u; μ, σ²) − log N(u; 0, 1), but for what no level changes.
    """
    scores, location, precision = block.scores, out.unsqueeze(-1), (-log_scale).exp().unsqueeze(-1)
    return block.log_shares + 0.5 * scores.square() + precision * scores * (location - 0.5 * scores)


def score_of(x: Tensor, block: Numbers) -> Tensor:
    """The normal scores of levels, and of what lies between two; of what lies beyond that of the last."""
    scores = block.scores
    place = x.nan_to_num().clamp_min(0.0).minimum(block.levels - 1.0)
    every = scores.expand(*x.shape, scores.shape[-1])
    low, high = (every.gather(-1, end.long().unsqueeze(-1)).squeeze(-1) for end in (place.floor(), place.ceil()))
    return torch.where(x.isnan(), torch.nan, low + (place - place.floor()) * (high - low))


def bends(column: Column) -> bool:
    """Whether these are the four numbers of a curve of Johnson's."""
    return len(column.shape) == 4 and column.shape[1] > 0.0 and column.shape[3] > 0.0 and not column.levels


def bent(x: Tensor, warp: Warp) -> Tensor:
    """t of x; beyond its ends NaN, as of cells that lack."""
    there = warp.there(x)
    return warp.forward(x if there is None else torch.where(there, x, torch.nan))


def warped(title: str, warp: Callable[[Numbers], Warp], fill: float = 0.0, **more: Any) -> Kind:
    """Real numbers that are Gaussian once they are bent."""
    return Kind(
        cells=lambda out, log_scale, block: WarpedGaussian(out[..., 0], log_scale, warp(block)),
        seen=lambda x, block: bent(x, warp(block)),
        title=title,
        continuous=True,
        fill=fill,
        spreads=True,
        **more,
    )


def counts(title: str, law: Callable[[Tensor, Tensor, Tensor], Cells], emitted: int = 1, **more: Any) -> Kind:
    """Counts of a mean that depends on the code."""
    return Kind(
        cells=lambda out, log_scale, block: law(log_mean(out, block), log_scale, out),
        seen=log_count,
        title=title,
        emitted=lambda column: emitted,
        takes=is_count,
        sees=not_negative,
        words="whole numbers of at least 0",
        fits=lambda column: len(column.shape) in (0, 2) and not column.levels and column.spread > 0.0,
        counted=law,
        **more,
    )


def of_variance(location: Tensor, log_variance: Tensor, log_freedom: Tensor) -> StudentT:
    """Student's t of this variance, s² = σ² (ν − 2)/ν: its log-scale means what those of other kinds do."""
    return StudentT(location, log_variance + torch.log1p(-2.0 * (-log_freedom).exp()), log_freedom)


def dispersion(log_scale: Tensor, free: Tensor) -> Tensor:
    """α of counts."""
    return log_scale.exp()


def spiked(title: str, warp: Callable[[Numbers], Warp], shape: int = 0, **more: Any) -> Kind:
    """Real numbers that are Gaussian once they are bent, and one value, encoded as 0, that comes again and again. The
    first number of a column's shape is the logit of its share.
    """

    def seen(x: Tensor, block: Numbers) -> Tensor:
        zero = x == 0.0
        flag = torch.where(x.isnan(), torch.nan, 2.0 * zero.to(x.dtype) - 1.0)
        rest = bent(torch.where(zero, torch.nan, x), warp(block))
        return torch.stack([flag, rest], dim=-1).flatten(-2)

    def gain(mean: Tensor) -> Tensor:
        logit = 2.0 / (1.0 - mean[0::2] ** 2).clamp_min(RAREST)
        return torch.stack([logit, torch.ones_like(logit)], dim=-1).flatten()

    return Kind(
        cells=lambda out, log_scale, block: Spiked(
            out[..., 0] + block.shape[:, 0], WarpedGaussian(out[..., 1], log_scale, warp(block))
        ),
        seen=seen,
        title=f"{title} beside one value",
        emitted=lambda column: 2,
        width=lambda column: 2,
        continuous=True,
        fits=lambda column: len(column.shape) == 1 + shape and not column.levels and column.spread > 0.0,
        spreads=True,
        gain=gain,
        aligned=True,
        spiked=True,
        **more,
    )


# Below which no deviation would be left, and where ν begins.
LEAST_FREEDOM = math.log(2.1)
FREEDOM = LEAST_FREEDOM + math.log(math.expm1(math.log(5.0) - LEAST_FREEDOM))  # ν = 5, before it is bounded


def freedom(free: Tensor) -> Tensor:
    """log ν of what is learned of it: ν > 2.1, so that a deviation exists."""
    return bounded_below(FREEDOM + GAIN * free, LEAST_FREEDOM)
