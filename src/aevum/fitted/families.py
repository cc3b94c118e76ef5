"""One record a likelihood family: its support, its encoding, and the conditional that it becomes.

A new likelihood is a distribution, a conditional and one record (:func:`register_likelihood`); no other file chooses by
a family's name, but for the binarization that goes with ``bernoulli`` alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from aevum.conditionals import (
    KNOWN,
    BernoulliConditional,
    ColumnsConditional,
    Conditional,
    ContinuousBernoulliConditional,
    DiscretizedLogisticConditional,
    FixedScale,
    Scale,
    ScaledGaussian,
    SelfMasking,
    emitted_width,
)
from aevum.data.schema import Levels
from aevum.encoding import (
    Affine,
    Encoding,
    Table,
    channel_axis,
    is_binary,
    moments,
    never_changing,
    row_chunks,
)
from aevum.errors import InputError
from aevum.fitted.alike import all_of, no_classes
from aevum.fitted.choosing import choose
from aevum.fitted.whole import EIGHT_BIT, highest_level, not_whole, to_levels

Array = NDArray[Any]
Rows = NDArray[np.intp]
SCALES = ("shared", "per-feature", "emitted", "fixed")


@dataclass(frozen=True)
class Family:
    """A likelihood family.

    Args:
        build: (network, scale or None, number of event dimensions, encoding) ↦ p(x|z,y) on the encoded data.
        encode: (x, training rows, top) ↦ the encoding of the data.
        top: whether the data are 8-bit ↦ the largest value allowed, in the data's units.
        highest: the data ↦ the same, where the values themselves say it; None where ``top`` does. ``build`` is
            then told it, as ``top``.
        bottom: the least value allowed.
        complaint: (x, top, binarize) ↦ what is wrong with values from bottom to top, or None.
        encoding: the class of what ``encode`` makes.
        parameters: how many numbers the decoder has for each value.
        continuous: a density over the reals, which a change of units rescales, and not a probability mass.
        start, floor: of the log-scale parameter, for families that have one; None for those that have none.
        power: the log-scale parameter is this many times log σ.
        scales: where the log-scale parameter may come from, the default first; none for families that have none.
        encode_classes: (x, training rows, {column: K}) ↦ the encoding, where some columns hold codes of K classes; None
            for families that know no classes.
        encode_masked, build_masked: the same as ``encode_classes`` and ``build`` under a model of missing cells; None
            for families that know none.
        outputs: (event, encoding) ↦ the shape of what the decoder has ``parameters`` numbers for: by default the event.
        counts: all values are counts, of which a row's sum may be taken for its size.
    """

    build: Callable[..., Conditional]
    encode: Callable[[Array, Rows, float], Encoding]
    top: Callable[[bool], float] = lambda eight_bit: math.inf
    highest: Callable[[Array], int] | None = None
    bottom: float = 0.0
    complaint: Callable[[Array, float, str | None], str | None] = lambda x, top, binarize: None
    encoding: type[Encoding] = Affine
    parameters: int = 1
    continuous: bool = False
    start: float | None = None
    floor: float = 0.0
    power: float = 1.0
    scales: tuple[str, ...] = SCALES
    encode_classes: Callable[[Array, Rows, Mapping[int, Levels]], Encoding] | None = None
    encode_masked: Callable[[Array, Rows, Mapping[int, Levels] | None], Encoding] | None = None
    build_masked: Callable[[nn.Module, Scale | None, Any, str], Conditional] | None = None
    outputs: Callable[[tuple[int, ...], Any], tuple[int, ...]] = lambda event, encoding: event
    counts: bool = False


def standardise(x: Array, rows: Rows, top: float) -> Affine:
    """Mean 0 and deviation 1: each column, or each channel, by its own numbers unless all values are on one scale."""
    axis = channel_axis(x)
    table = axis is not None and x.ndim == 2
    axes = None if axis is None else tuple(other for other in range(x.ndim - 1) if other != axis)
    mean, deviation = moments(x, rows, axes)
    if axis is not None and not deviation.all():  # what changes in no training row may do so in those held out
        deviation = np.where(deviation > 0.0, deviation, moments(x, np.arange(len(x)), axes)[1])
    if not (np.isfinite(mean).all() and np.isfinite(deviation).all()):
        raise InputError("the values are so large that their variance overflows; divide them by a constant")
    # So large a value that its rounding would look like a signal is left as it is.
    deviation = np.where(deviation > 0.0, deviation, np.maximum(1.0, 1e-6 * np.abs(mean)))
    if axis is not None:
        mean, deviation = (np.broadcast_to(each, x.shape[1:]).copy() for each in (mean, deviation))
    if not table:
        return Affine(torch.as_tensor(mean), torch.as_tensor(deviation))
    constant, value = never_changing(x)
    mean, deviation = np.where(constant, value, mean), np.where(constant, 1.0, deviation)
    mask = torch.as_tensor(constant) if constant.any() else None
    return Affine(torch.as_tensor(mean), torch.as_tensor(deviation), mask)


def to_unit(x: Array, rows: Rows, top: float) -> Affine:
    """[0, top] to [0, 1]."""
    return Affine(torch.tensor(0.0), torch.tensor(top))


def not_binary(x: Array, top: float, binarize: str | None) -> str | None:
    """Grey levels under a Bernoulli need a word on what they mean."""
    if binarize is not None or is_binary(x, top):
        return None
    return (
        "likelihood 'bernoulli' is for values 0 and 1, and these are not binary. Pass binarize='dynamic' (each value "
        "is a probability, drawn anew each epoch), 'static' (drawn once) or 'soft' (cross-entropy, no density), or use "
        "another likelihood"
    )


def no_table(x: Array, top: float, binarize: str | None) -> str | None:
    """Columns are those of a table, and each has values."""
    if x.ndim != 2:
        return f"this likelihood is for tables, and each example here has shape {tuple(x.shape[1:])}"
    return None


def table_of(x: Array, rows: Rows, levels: Mapping[int, Levels] | None = None, *, masked: bool = False) -> Table:
    """Each column by its own kind; whether the encoder is told of gaps, by the training rows. ``masked`` says that
    which cells are missing depends on their values.
    """
    flags = x.dtype.kind == "f" and any(bool(np.isnan(x[part]).any()) for part in row_chunks(rows, x))
    return Table(choose(x, rows, levels, masked), flags)


def alike(kind: str, **more: Any) -> Family:
    """Tables whose columns are all of one kind."""
    return Family(
        build=lambda network, scale, dims, encoding: ColumnsConditional(
            network, scale or FixedScale(torch.zeros(())), encoding.columns, encoding.sizes
        ),
        encode=lambda x, rows, top: all_of(kind, x, rows),
        encode_classes=no_classes,
        bottom=-math.inf,
        complaint=no_table,
        encoding=Table,
        scales=("per-feature", "emitted"),
        outputs=outputs_of_columns,
        **more,
    )


def outputs_of_columns(event: tuple[int, ...], encoding: Table) -> tuple[int, ...]:
    """What a decoder emits for a row."""
    return (emitted_width(encoding.columns),)


def unit_or_eight_bit(eight_bit: bool) -> float:
    """255 in 8 bits, or 1."""
    return 255.0 if eight_bit else 1.0


FAMILIES: dict[str, Family] = {
    "bernoulli": Family(
        build=lambda network, scale, dims, encoding: BernoulliConditional(network, dims),
        encode=to_unit,
        top=unit_or_eight_bit,
        complaint=not_binary,
    ),
    "continuous_bernoulli": Family(
        build=lambda network, scale, dims, encoding: ContinuousBernoulliConditional(network, dims),
        encode=to_unit,
        top=unit_or_eight_bit,
        continuous=True,
    ),
    "gaussian": Family(
        build=lambda network, scale, dims, encoding: ScaledGaussian(network, required(scale), dims, encoding.constant),
        encode=standardise,
        bottom=-math.inf,
        continuous=True,
        start=0.0,
        floor=-10.0,
        power=2.0,
    ),
    # A logistic's log s on [-1, 1]: start at about 17 of 256 levels, and stop well under one.
    "discretized_logistic": Family(
        build=lambda network, scale, dims, encoding, top=EIGHT_BIT: DiscretizedLogisticConditional(
            network, required(scale), dims, top + 1
        ),
        encode=to_levels,
        top=lambda eight_bit: float(EIGHT_BIT),
        highest=highest_level,
        complaint=not_whole,
        start=-2.0,
        floor=-7.0,
    ),
    "columns": Family(
        build=lambda network, scale, dims, encoding: ColumnsConditional(network, required(scale), encoding.columns),
        encode=lambda x, rows, top: table_of(x, rows),
        encode_classes=table_of,
        encode_masked=partial(table_of, masked=True),
        build_masked=lambda network, scale, encoding, missingness: ColumnsConditional(
            network,
            required(scale),
            encoding.columns,
            missingness=SelfMasking(encoding.columns, missingness == KNOWN),
        ),
        bottom=-math.inf,
        complaint=no_table,
        encoding=Table,
        continuous=True,
        start=0.0,
        floor=-14.0,
        power=2.0,
        scales=("per-feature", "emitted"),
        outputs=outputs_of_columns,
    ),
    "poisson": alike("poisson", counts=True),
    # The log-scale is the logarithm of the dispersion.
    "negative_binomial": alike("negative_binomial", counts=True, start=0.0, floor=-14.0),
    "zero_inflated_negative_binomial": alike("zero_inflated", counts=True, start=0.0, floor=-14.0),
    "student_t": alike("student_t", continuous=True, start=0.0, floor=-14.0, power=2.0),
    "laplace": alike("laplace", continuous=True, start=0.0, floor=-14.0, power=2.0),
}


def register_likelihood(name: str, family: Family) -> None:
    """Let ``likelihood=name`` mean this family, in every estimator, and in whatever is saved from then on.

    Example:
        >>> from aevum.conditionals import Conditional
        >>> class PoissonConditional(Conditional):
        ...     def __init__(self, network, dims):
        ...         super().__init__()
        ...         self.network, self.dims = network, dims
        ...     def forward(self, *context):
        ...         log_rate = self.network(*context).squeeze(-1 - self.dims).clamp(-20.0, 20.0)
        ...         return torch.distributions.Poisson(log_rate.exp())
        >>> unscaled = Affine(torch.tensor(0.0), torch.tensor(1.0))
        >>> register_likelihood("counted", Family(
        ...     build=lambda network, scale, dims, encoding: PoissonConditional(network, dims),
        ...     encode=lambda x, rows, top: unscaled,
        ...     complaint=lambda x, top, binarize: None if (x == x.round()).all() else "counts are whole numbers",
        ... ))
        >>> "counted" in FAMILIES
        True
        >>> del FAMILIES["counted"]

    Raises:
        InputError: the package has a family of that name.
    """
    if name in OURS:
        raise InputError(f"{name!r} is a likelihood of the package's own; choose another name")
    if not name.isidentifier() or name == "auto":
        raise InputError(f"{name!r} can't be the name of a likelihood: letters, digits and underscores make one")
    FAMILIES[name] = family


OURS = frozenset(FAMILIES)


def required(scale: Scale | None) -> Scale:
    """The scale of a family that has one."""
    if scale is None:
        raise TypeError("this likelihood needs a scale")
    return scale
