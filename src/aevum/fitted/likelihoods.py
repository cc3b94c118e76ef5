"""Likelihoods by name: what ``likelihood=`` and ``binarize=`` of every estimator mean.

A name is ``family`` or ``family:scale``, where the scale is one of ``shared`` (one learned number, the default),
``per-feature``, ``emitted`` (the decoder's second output), ``fixed`` or ``fixed=0.1`` (in the data's units).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from aevum.conditionals import IGNORABLE, Conditional, EmittedScale, FixedScale, LearnedScale, Scale
from aevum.data.schema import Levels
from aevum.encoding import Affine, Encoding, Table, is_binary, one_unit
from aevum.errors import InputError
from aevum.fitted.alike import sizes_of
from aevum.fitted.choosing import first_other
from aevum.fitted.counting import counted
from aevum.fitted.families import FAMILIES, SCALES
from aevum.fitted.whole import levels_in
from aevum.schema import unfit

Array = NDArray[Any]
SPREADS = {"per-feature": "a σ is learned for each", "emitted": "μ and σ of each are functions of the code"}
# Of a table's log σ²: columns that others all but determine leave a thousandth of their deviation.
LOWEST = -14.0
BINARIZATIONS = ("dynamic", "static", "soft")
# A mapped file of more is read in rows alone.
LARGE_FILE = 2**28


@dataclass(frozen=True)
class Likelihood:
    """A resolved likelihood: its family, where its scale comes from, and why it was chosen.

    ``floor`` is the least log-scale parameter that is learned; None for that of the family. ``sizes`` is "sum" where
    counts are modelled given the sum of their row. ``missingness`` is the name of the model of which cells are missing.
    ``top`` is the highest level of a family that takes its levels from the data.
    """

    family: str
    scale: str | None = None
    sigma: float = 1.0
    binarize: str | None = None
    reason: str = "as asked"
    floor: float | None = None
    sizes: str | None = None
    missingness: str = IGNORABLE
    top: int | None = None

    def __str__(self) -> str:
        gaps = "" if self.missingness == IGNORABLE else f" with {self.missingness} gaps"
        return self._name() + (" given each row's sum" if self.sizes else "") + gaps

    def _name(self) -> str:
        if self.family == "bernoulli":
            return "bernoulli" + (f" (binarize={self.binarize!r})" if self.binarize else "")
        if self.scale is None:
            return self.family
        return f"{self.family}:{self.scale}" + (f"={self.sigma:g}" if self.scale == "fixed" else "")

    @property
    def continuous(self) -> bool:
        """Whether it is a density over the reals, which a change of units rescales, and not a probability mass."""
        return FAMILIES[self.family].continuous

    def allowed(self, eight_bit: bool) -> float:
        """The largest value that it gives, in the data's units."""
        return FAMILIES[self.family].top(eight_bit) if self.top is None else float(self.top)


def resolve(
    name: object,
    binarize: object,
    x: Array,
    levels: Mapping[int, Levels] | None = None,
    scale: str = "emitted",
    size_factors: str | None = "auto",
    missingness: str = IGNORABLE,
) -> Likelihood:
    """The likelihood for these data.

    ``"auto"`` is Bernoulli for two-valued data (or when ``binarize`` is given); a likelihood of counts for matrices of
    them (:func:`~aevum.fitted.counting.counted`); ``columns`` for tables of which a cell
    is missing, or a column is no Gaussian (:func:`~aevum.fitted.choosing.first_other`); otherwise a Gaussian with one
    learned σ, or one a column and code, σ(z), where columns have units of their own.

    Args:
        name, binarize: as an estimator takes them.
        x: the data.
        levels: of a table's columns that hold codes of classes.
        scale: where a table's σ comes from, unless the name says.
        size_factors: as an estimator takes them.
        missingness: of which cells are missing.

    Raises:
        InputError: an unknown name, no gaps to have a model of, or values outside the likelihood's support.
    """
    if binarize is not None and binarize not in BINARIZATIONS:
        raise InputError(f"binarize={binarize!r} is not one of {', '.join(BINARIZATIONS)} or None")
    found = _automatic(binarize, x, levels or {}, scale) if name == "auto" else _parse(name, binarize)
    if binarize is not None and found.family != "bernoulli":
        raise InputError(f"binarize={binarize!r} goes with likelihood='bernoulli', not with {name!r}")
    if (highest := FAMILIES[found.family].highest) is not None:
        found = replace(found, top=(top := highest(x)), reason=f"{found.reason}; {levels_in(top)}")
    check_support(found, x, found.allowed(is_eight_bit(x)))
    if size_factors == "sum" and not FAMILIES[found.family].counts:
        raise InputError(f"size_factors='sum' goes with likelihoods of counts, not with {found}: {found.reason}")
    if size_factors == "sum" or (size_factors == "auto" and name != "auto" and FAMILIES[found.family].counts):
        found = replace(found, sizes="sum")
    own = FAMILIES[found.family].power == 2.0 and not one_unit(x)
    if missingness != IGNORABLE:
        check_missingness(found, missingness, x)
        found = replace(found, missingness=missingness)
    return replace(found, floor=LOWEST) if own else found


def check_missingness(likelihood: Likelihood, missingness: str, x: Array) -> None:
    """Raise where there is nothing that a model of missing cells could be of.

    Raises:
        InputError: says what is lacking.
    """
    if FAMILIES[likelihood.family].encode_masked is None:
        raise InputError(
            f"missingness={missingness!r} is for tables under likelihood='columns' (or 'auto', where cells are "
            f"missing); this likelihood is {likelihood}"
        )
    if not (x.dtype.kind == "f" and bool(np.isnan(x).any())):
        raise InputError(
            f"missingness={missingness!r} is a model of which cells are missing, and no cell of X is; leave it at "
            f"{IGNORABLE!r}"
        )


def lowest(value: Any, where: str) -> float:
    """A floor that a fit can have.

    Raises:
        UnfitError: it is none.
    """
    if value != LOWEST:
        raise unfit(where, value, f"{LOWEST:g}")
    return LOWEST


def may_have_gaps(name: object) -> bool:
    """Whether the likelihood of this name is for rows that may lack values, or may turn out to be."""
    if name == "auto":
        return True
    family = FAMILIES.get(str(name).partition(":")[0])
    return family is not None and family.encoding.missing


def is_eight_bit(x: Array) -> bool:
    """Whether these are 8-bit integers, and not zeros and ones alone."""
    return bool(x.dtype == np.uint8 and x.max() > 1)


def is_table(x: Array) -> bool:
    """Whether each column may have a kind of its own: rows of numbers, neither pixels of one range nor too many to be
    looked at.
    """
    if x.ndim != 2 or (isinstance(x, np.memmap) and x.nbytes > LARGE_FILE):
        return False
    return not one_unit(x)


def counts_in(x: Array, levels: Mapping[int, Levels], scale: str) -> tuple[str, str] | None:
    """The likelihood of counts that "auto" takes for these data, and why; None where it takes another: so it does where
    one σ for all values, and so squared errors, is what is asked for.
    """
    return counted(x) if is_table(x) and not levels and scale != "shared" else None


def check_support(likelihood: Likelihood, x: Array, top: float) -> None:
    """Raise where a value lies outside what the likelihood can give.

    Raises:
        InputError: says from where to where the values go, and what would work.
    """
    family = FAMILIES[likelihood.family]
    if (family.bottom, top) != (-np.inf, np.inf):
        low, high = float(np.nanmin(x)), float(np.nanmax(x))
        if low < family.bottom or high > top:
            to = f"from {family.bottom:g} to {top:g}" if top < np.inf else f"of at least {family.bottom:g}"
            raise InputError(
                f"likelihood {likelihood.family!r} is for values {to}; these go from {low:g} to {high:g}. "
                f"Rescale them, or use likelihood='gaussian'"
            )
    complaint = family.complaint(x, top, likelihood.binarize)
    if complaint is not None:
        raise InputError(complaint)


def encoding_for(
    likelihood: Likelihood, x: Array, rows: NDArray[np.intp], levels: Mapping[int, Levels] | None = None
) -> Encoding:
    """How the likelihood's model sees the data, from the training rows; ``levels`` as for :func:`resolve`."""
    family = FAMILIES[likelihood.family]
    if likelihood.missingness != IGNORABLE and family.encode_masked is not None:
        return family.encode_masked(x, rows, levels)
    if levels and family.encode_classes is not None:
        return family.encode_classes(x, rows, levels)
    found = family.encode(x, rows, likelihood.allowed(is_eight_bit(x)))
    if likelihood.sizes is None:
        return found
    assert isinstance(found, Table)  # as all encodings of counts are
    return Table(found.columns, found.flags, sizes_of(x[rows]))


def _automatic(binarize: object, x: Array, levels: Mapping[int, Levels], scale: str) -> Likelihood:
    if binarize is not None:
        return Likelihood("bernoulli", binarize=str(binarize), reason=f"binarize={binarize!r} was asked for")
    high = x.max()
    if (high == 1 or (high == 255 and x.dtype == np.uint8)) and is_binary(x, float(high)):
        return Likelihood("bernoulli", reason=f"every value is one of two, 0 and {float(high):g}")
    table = is_table(x)
    if (counts := counts_in(x, levels, scale)) is not None:
        family, why = counts
        return Likelihood(family, None if FAMILIES[family].start is None else "per-feature", reason=why)
    if levels or table:
        plain = scale != "emitted" and not levels and not (x.dtype.kind == "f" and bool(np.isnan(x).any()))
        reason = None if plain else first_other(x, levels)
        if reason is not None:
            return Likelihood("columns", "emitted" if scale == "emitted" else "per-feature", reason=reason)
    if scale == "shared" or one_unit(x):
        return Likelihood("gaussian", "shared", reason="the values are real numbers; one σ is learned for all of them")
    reason = "the values are real numbers, each column in a unit of its own; " + SPREADS[scale]
    return Likelihood("gaussian", scale, reason=reason)


def _parse(name: object, binarize: object) -> Likelihood:
    family, colon, scale = str(name).partition(":")
    scale, equals, sigma = scale.partition("=")
    scaled = family in FAMILIES and FAMILIES[family].start is not None
    if (
        family not in FAMILIES
        or (scale and not (scaled and scale in FAMILIES[family].scales))
        or (colon and not scale)
        or (equals and scale != "fixed")
    ):
        *first, last = FAMILIES
        known = f"auto, {', '.join(first)} or {last}"
        scaled_ones = " and ".join(each for each, family_ in FAMILIES.items() if family_.scales == SCALES)
        raise InputError(
            f"likelihood={name!r} is not known; use {known}, {scaled_ones} with :shared, :per-feature, :emitted or "
            f":fixed=σ after them"
        )
    try:
        value = float(sigma if equals else 1.0)
    except ValueError:
        value = 0.0
    if not 0.0 < value < np.inf:
        raise InputError(f"likelihood={name!r}: σ must be a positive number")
    if scaled:
        return Likelihood(family, scale or FAMILIES[family].scales[0], value)
    return Likelihood(family, binarize=None if binarize is None else str(binarize))


def build(
    likelihood: Likelihood,
    decoder: Callable[..., nn.Module],
    latent_dim: int,
    event: tuple[int, ...],
    context: int,
    encoding: Encoding,
) -> Conditional:
    """p(x | z, y) as a module, on the encoded data."""
    family, scale = FAMILIES[likelihood.family], _scale(likelihood, event, encoding)
    extra = 0 if scale is None else scale.per_value
    outputs = family.outputs(event, encoding)
    network = decoder((latent_dim,), outputs, parameters=family.parameters + extra, context=context)
    if likelihood.missingness != IGNORABLE and family.build_masked is not None:
        return family.build_masked(network, scale, encoding, likelihood.missingness)
    more = {} if likelihood.top is None else {"top": likelihood.top}
    return family.build(network, scale, len(event), encoding, **more)


def _scale(likelihood: Likelihood, event: tuple[int, ...], encoding: Encoding) -> Scale | None:
    family = FAMILIES[likelihood.family]
    if family.start is None:
        return None
    if likelihood.scale == "fixed":
        if not isinstance(encoding, Affine):
            raise InputError(f"likelihood {likelihood} needs data of one unit a column to fix σ in")
        return FixedScale((family.power * (likelihood.sigma / encoding.scale).log()).float())
    floor = family.floor if likelihood.floor is None else likelihood.floor
    if likelihood.scale == "emitted":
        return EmittedScale(start=family.start, floor=floor)
    shape = event if likelihood.scale == "per-feature" else ()
    return LearnedScale(shape, start=family.start, floor=floor)
