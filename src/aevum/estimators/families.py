"""One record a likelihood family: its support, its scaling, and the conditional that it becomes.

A new likelihood is a distribution, a conditional and one record here; nothing else asks for a family's name.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aevum.conditionals import (
    BernoulliConditional,
    Conditional,
    ContinuousBernoulliConditional,
    DiscretizedLogisticConditional,
    Scale,
    ScaledGaussian,
)
from aevum.data.scaling import Scaling
from aevum.errors import InputError
from aevum.estimators.constants import never_changing

Array = NDArray[Any]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Family:
    """A likelihood family.

    Args:
        build: (network, scale or None, number of event dimensions, which values never change or None) ↦ p(x|z,y) on
            the scaled data. The last is what ``scaling`` says.
        scaling: (x, training rows, top) ↦ the scale on which the model sees the data.
        top: whether the data are 8-bit ↦ the largest value allowed, in the data's units.
        complaint: (x, top, binarize) ↦ what is wrong with values within [0, top], or None.
        continuous: a density over the reals, which a change of units rescales, and not a probability mass.
        interval: whether its distribution has ``interval(level)``.
        start, floor: of the log-scale parameter, for families that have one; None for those that have none.
        power: the log-scale parameter is this many times log σ.
    """

    build: Callable[[nn.Module, Scale | None, int, Tensor | None], Conditional]
    scaling: Callable[[Array, Rows, float], Scaling]
    top: Callable[[bool], float]
    complaint: Callable[[Array, float, str | None], str | None] = lambda x, top, binarize: None
    continuous: bool = False
    interval: bool = False
    start: float | None = None
    floor: float = 0.0
    power: float = 1.0


def standardise(x: Array, rows: Rows, top: float) -> Scaling:
    """Mean 0 and deviation 1, each column by its own numbers unless all values are on one scale."""
    own = not one_unit(x)
    mean, deviation = moments(x, rows, own)
    if own and not deviation.all():  # what changes in no training row may do so in those that are held out
        deviation = np.where(deviation > 0.0, deviation, moments(x, np.arange(len(x)), own)[1])
    if not (np.isfinite(mean).all() and np.isfinite(deviation).all()):
        raise InputError("the values are so large that their variance overflows; divide them by a constant")
    # So large a value that its rounding would look like a signal is left as it is.
    deviation = np.where(deviation > 0.0, deviation, np.maximum(1.0, 1e-6 * np.abs(mean)))
    if not own:
        return Scaling(torch.as_tensor(mean), torch.as_tensor(deviation))
    constant, value = never_changing(x)
    mean, deviation = np.where(constant, value, mean), np.where(constant, 1.0, deviation)
    mask = torch.as_tensor(constant) if constant.any() else None
    return Scaling(torch.as_tensor(mean), torch.as_tensor(deviation), mask)


def to_unit(x: Array, rows: Rows, top: float) -> Scaling:
    """[0, top] to [0, 1]."""
    return Scaling(torch.tensor(0.0), torch.tensor(top))


def to_levels(x: Array, rows: Rows, top: float) -> Scaling:
    """0..255 to [−1, 1]."""
    return Scaling(torch.tensor(127.5), torch.tensor(127.5))


def not_binary(x: Array, top: float, binarize: str | None) -> str | None:
    """Grey levels under a Bernoulli need a word on what they mean."""
    if binarize is not None or is_binary(x, top):
        return None
    return (
        "likelihood 'bernoulli' is for values 0 and 1, and these are not binary. Pass binarize='dynamic' (each value "
        "is a probability, drawn anew each epoch), 'static' (drawn once) or 'soft' (cross-entropy, no density), or use "
        "another likelihood"
    )


def not_whole(x: Array, top: float, binarize: str | None) -> str | None:
    """8-bit pixels have no fractions."""
    if x.dtype.kind != "f" or all(bool((part == np.round(part)).all()) for part in chunks(x)):
        return None
    return (
        "likelihood 'discretized_logistic' is for whole numbers from 0 to 255 (8-bit pixels); these have fractions. "
        "Use likelihood='gaussian' or 'continuous_bernoulli'"
    )


def unit_or_eight_bit(eight_bit: bool) -> float:
    """255 in 8 bits, or 1."""
    return 255.0 if eight_bit else 1.0


FAMILIES: dict[str, Family] = {
    "bernoulli": Family(
        build=lambda network, scale, dims, constant: BernoulliConditional(network, dims),
        scaling=to_unit,
        top=unit_or_eight_bit,
        complaint=not_binary,
    ),
    "continuous_bernoulli": Family(
        build=lambda network, scale, dims, constant: ContinuousBernoulliConditional(network, dims),
        scaling=to_unit,
        top=unit_or_eight_bit,
        continuous=True,
    ),
    "gaussian": Family(
        build=lambda network, scale, dims, constant: ScaledGaussian(network, required(scale), dims, constant),
        scaling=standardise,
        top=lambda eight_bit: math.inf,
        continuous=True,
        interval=True,
        start=0.0,
        floor=-10.0,
        power=2.0,
    ),
    # A logistic's log s on [-1, 1]: start at about 17 grey levels, and stop well under one.
    "discretized_logistic": Family(
        build=lambda network, scale, dims, constant: DiscretizedLogisticConditional(network, required(scale), dims),
        scaling=to_levels,
        top=lambda eight_bit: 255.0,
        complaint=not_whole,
        start=-2.0,
        floor=-7.0,
    ),
}


def required(scale: Scale | None) -> Scale:
    """The scale of a family that has one."""
    if scale is None:
        raise TypeError("this likelihood needs a scale")
    return scale


def is_binary(x: Array, top: float) -> bool:
    """Whether every value is 0 or the top."""
    return x.dtype.kind == "b" or all(bool(((part == 0) | (part == top)).all()) for part in chunks(x))


def one_unit(x: Array) -> bool:
    """Whether all values are on one scale, as pixels are: images, 8-bit values, and rows within [0, 1].

    Scaling each pixel by its own deviation would blow up the corners that are nearly always black; scaling a table's
    columns by one number would let the largest unit decide.
    """
    return x.ndim > 2 or x.dtype == np.uint8 or (float(x.min()) >= 0.0 and float(x.max()) <= 1.0)


def moments(x: Array, rows: NDArray[np.intp], per_feature: bool) -> tuple[Array, Array]:
    """Mean and standard deviation of these rows, in float64 and in chunks; a constant's deviation is 0."""
    axis = 0 if per_feature else None
    total = np.zeros(x.shape[1:] if per_feature else (), np.float64)
    for part in row_chunks(rows, x):
        total += x[part].astype(np.float64).sum(axis=axis)
    count = len(rows) * (1 if per_feature else int(np.prod(x.shape[1:])))
    mean = total / count
    squares = np.zeros_like(total)
    for part in row_chunks(rows, x):
        with np.errstate(over="ignore"):  # what overflows is refused by its infinite deviation
            squares += np.square(x[part].astype(np.float64) - mean).sum(axis=axis)
    deviation = np.sqrt(squares / count)
    tiny = deviation <= 1e-12 * np.maximum(np.abs(mean), 1e-300)
    return mean, np.where(tiny, 0.0, deviation)


def row_chunks(rows: NDArray[np.intp], x: Array, budget: int = 2**26) -> list[NDArray[np.intp]]:
    """Row indices in pieces whose float64 copies stay within a budget of bytes."""
    size = max(1, budget // max(1, 8 * int(np.prod(x.shape[1:]))))
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def chunks(x: Array, budget: int = 2**26) -> list[Array]:
    """Views of the rows in pieces of bounded size."""
    size = max(1, budget // max(1, 8 * int(np.prod(x.shape[1:]))))
    return [x[start : start + size] for start in range(0, len(x), size)]
