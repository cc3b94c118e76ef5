"""Likelihoods by name: what ``likelihood=`` and ``binarize=`` of every estimator mean.

A name is ``family`` or ``family:scale``, where the scale is one of ``shared`` (one learned number, the default),
``per-feature``, ``emitted`` (the decoder's second output), ``fixed`` or ``fixed=0.1`` (in the data's units).
"""

from __future__ import annotations

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
    EmittedScale,
    FixedScale,
    LearnedScale,
    Scale,
    ScaledGaussian,
)
from aevum.data.scaling import Scaling
from aevum.errors import InputError

Array = NDArray[Any]
FAMILIES = ("bernoulli", "continuous_bernoulli", "gaussian", "discretized_logistic")
SCALES = ("shared", "per-feature", "emitted", "fixed")
BINARIZATIONS = ("dynamic", "static", "soft")


@dataclass(frozen=True)
class Likelihood:
    """A resolved likelihood: its family, where its scale comes from, and why it was chosen."""

    family: str
    scale: str | None = None
    sigma: float = 1.0
    binarize: str | None = None
    reason: str = "as asked"

    def __str__(self) -> str:
        if self.family == "bernoulli":
            return "bernoulli" + (f" (binarize={self.binarize!r})" if self.binarize else "")
        if self.scale is None:
            return self.family
        return f"{self.family}:{self.scale}" + (f"={self.sigma:g}" if self.scale == "fixed" else "")

    @property
    def continuous(self) -> bool:
        """Whether it is a density over the reals, which a change of units rescales, and not a probability mass."""
        return self.family in ("gaussian", "continuous_bernoulli")


def resolve(name: object, binarize: object, x: Array) -> Likelihood:
    """The likelihood for these data.

    ``"auto"`` is Bernoulli for two-valued data (or when ``binarize`` is given) and otherwise a Gaussian with one
    learned σ.

    Raises:
        InputError: an unknown name, or values outside the likelihood's support.
    """
    if binarize is not None and binarize not in BINARIZATIONS:
        raise InputError(f"binarize={binarize!r} is not one of {', '.join(BINARIZATIONS)} or None")
    found = _automatic(binarize, x) if name == "auto" else _parse(name, binarize)
    if binarize is not None and found.family != "bernoulli":
        raise InputError(f"binarize={binarize!r} goes with likelihood='bernoulli', not with {name!r}")
    check_support(found, x, top_of(found, x))
    return found


def top_of(likelihood: Likelihood, x: Array) -> float:
    """The largest value that the likelihood allows for such data: 255 in 8 bits (unless all are 0 and 1), or 1."""
    if likelihood.family == "gaussian":
        return float(np.inf)
    if likelihood.family == "discretized_logistic":
        return 255.0
    return 255.0 if x.dtype == np.uint8 and x.max() > 1 else 1.0


def _automatic(binarize: object, x: Array) -> Likelihood:
    if binarize is not None:
        return Likelihood("bernoulli", binarize=str(binarize), reason=f"binarize={binarize!r} was asked for")
    high = x.max()
    if (high == 1 or (high == 255 and x.dtype == np.uint8)) and is_binary(x, float(high)):
        return Likelihood("bernoulli", reason=f"every value is one of two, 0 and {float(high):g}")
    return Likelihood("gaussian", "shared", reason="the values are real numbers; one σ is learned for all of them")


def _parse(name: object, binarize: object) -> Likelihood:
    family, colon, scale = str(name).partition(":")
    scale, equals, sigma = scale.partition("=")
    scaled = family in ("gaussian", "discretized_logistic")
    if (
        family not in FAMILIES
        or (scale and not (scaled and scale in SCALES))
        or (colon and not scale)
        or (equals and scale != "fixed")
    ):
        raise InputError(
            f"likelihood={name!r} is not known; use auto, bernoulli, continuous_bernoulli, gaussian or "
            f"discretized_logistic, the last two with :shared, :per-feature, :emitted or :fixed=σ after them"
        )
    try:
        value = float(sigma if equals else 1.0)
    except ValueError:
        value = 0.0
    if not 0.0 < value < np.inf:
        raise InputError(f"likelihood={name!r}: σ must be a positive number")
    if scaled:
        return Likelihood(family, scale or "shared", value)
    return Likelihood(family, binarize=None if binarize is None else str(binarize))


def is_binary(x: Array, top: float) -> bool:
    """Whether every value is 0 or the top."""
    return x.dtype.kind == "b" or all(bool(((part == 0) | (part == top)).all()) for part in chunks(x))


def check_support(likelihood: Likelihood, x: Array, top: float) -> None:
    """Raise where a value lies outside what the likelihood can give.

    Raises:
        InputError: says from where to where the values go, and what would work.
    """
    if likelihood.family == "gaussian":
        return
    low, high = float(x.min()), float(x.max())
    if low < 0.0 or high > top:
        raise InputError(
            f"likelihood {likelihood.family!r} is for values from 0 to {top:g}; these go from {low:g} to {high:g}. "
            f"Rescale them, or use likelihood='gaussian'"
        )
    if likelihood.family == "discretized_logistic":
        if x.dtype.kind == "f" and not all(bool((part == np.round(part)).all()) for part in chunks(x)):
            raise InputError(
                "likelihood 'discretized_logistic' is for whole numbers from 0 to 255 (8-bit pixels); these have "
                "fractions. Use likelihood='gaussian' or 'continuous_bernoulli'"
            )
    elif likelihood.family == "bernoulli" and likelihood.binarize is None and not is_binary(x, top):
        raise InputError(
            "likelihood 'bernoulli' is for values 0 and 1, and these are not binary. Pass binarize='dynamic' (each "
            "value is a probability, drawn anew each epoch), 'static' (drawn once) or 'soft' (cross-entropy, no "
            "density), or use another likelihood"
        )


def scaling_for(likelihood: Likelihood, x: Array, rows: NDArray[np.intp]) -> Scaling:
    """The scale on which the likelihood's model sees the data, from the training rows."""
    if likelihood.family == "gaussian":
        mean, deviation = moments(x, rows, per_feature=not one_unit(x))
        if not (np.isfinite(mean).all() and np.isfinite(deviation).all()):
            raise InputError("the values are so large that their variance overflows; divide them by a constant")
        return Scaling(torch.as_tensor(mean), torch.as_tensor(deviation))
    if likelihood.family == "discretized_logistic":
        return Scaling(torch.tensor(127.5), torch.tensor(127.5))
    return Scaling(torch.tensor(0.0), torch.tensor(top_of(likelihood, x)))


def one_unit(x: Array) -> bool:
    """Whether all values are on one scale, as pixels are: images, 8-bit values, and rows within [0, 1].

    Scaling each pixel by its own deviation would blow up the corners that are nearly always black; scaling a table's
    columns by one number would let the largest unit decide.
    """
    return x.ndim > 2 or x.dtype == np.uint8 or (float(x.min()) >= 0.0 and float(x.max()) <= 1.0)


def moments(x: Array, rows: NDArray[np.intp], per_feature: bool) -> tuple[Array, Array]:
    """Mean and standard deviation of these rows, in float64 and in chunks; a constant has deviation 1."""
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
    # A constant is left as it is, but for one so large that its rounding would look like a signal.
    return mean, np.where(tiny, np.maximum(1.0, 1e-6 * np.abs(mean)), deviation)


def row_chunks(rows: NDArray[np.intp], x: Array, budget: int = 2**26) -> list[NDArray[np.intp]]:
    """Row indices in pieces whose float64 copies stay within a budget of bytes."""
    size = max(1, budget // max(1, 8 * int(np.prod(x.shape[1:]))))
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def chunks(x: Array, budget: int = 2**26) -> list[Array]:
    """Views of the rows in pieces of bounded size."""
    size = max(1, budget // max(1, 8 * int(np.prod(x.shape[1:]))))
    return [x[start : start + size] for start in range(0, len(x), size)]


def build(
    likelihood: Likelihood,
    decoder: Callable[..., nn.Module],
    latent_dim: int,
    event: tuple[int, ...],
    context: int,
    scaling: Scaling,
) -> Conditional:
    """p(x | z, y) as a module, on the scaled data."""
    if likelihood.scale is None:
        network = decoder((latent_dim,), event, parameters=1, context=context)
        made = BernoulliConditional if likelihood.family == "bernoulli" else ContinuousBernoulliConditional
        return made(network, len(event))
    scale = _scale(likelihood, event, scaling)
    network = decoder((latent_dim,), event, parameters=1 + scale.per_value, context=context)
    if likelihood.family == "gaussian":
        return ScaledGaussian(network, scale, len(event))
    return DiscretizedLogisticConditional(network, scale, len(event))


def _scale(likelihood: Likelihood, event: tuple[int, ...], scaling: Scaling) -> Scale:
    gaussian = likelihood.family == "gaussian"
    # A logistic's log s on [-1, 1]: start at about 17 grey levels, and stop well under one.
    start, floor = (0.0, -10.0) if gaussian else (-2.0, -7.0)
    if likelihood.scale == "shared":
        return LearnedScale((), start=start, floor=floor)
    if likelihood.scale == "per-feature":
        return LearnedScale(event, start=start, floor=floor)
    if likelihood.scale == "emitted":
        return EmittedScale(start=start, floor=floor)
    sigma = (likelihood.sigma / scaling.scale).log().float()
    return FixedScale(2.0 * sigma if gaussian else sigma)


def binarizer(likelihood: Likelihood) -> Callable[[Tensor], Tensor] | None:
    """The fresh draw of each training batch under ``binarize="dynamic"``."""
    return torch.bernoulli if likelihood.binarize == "dynamic" else None
