"""Codes back to data, and how far out a code may lie: beyond, what the network computes is no number any more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.errors import InputError
from aevum.fitted.fitted import Fitted, evaluating

Array = NDArray[Any]
# From 1e-38 on there is no smaller code in float32 than zero.
SHARES = np.float32(10.0) ** -np.arange(39, dtype=np.float32)


@torch.inference_mode()
def decoded(
    fitted: Fitted,
    z: Array,
    context: Array | None,
    read: Callable[[Any], Tensor],
    drawn: bool,
    rows: Array | None = None,
    *,
    sizes: Array | None = None,
    spread: bool = False,
) -> Array:
    """``read`` of the likelihood at codes ``(N, D)``, in the data's units, shape and (for drawn integers) type; of the
    sizes of these rows, where counts have sizes, or of ``sizes`` ``(N,)``. With ``spread`` what is read are deviations,
    which have no zero.

    Raises:
        InputError: a code lies too far out to be decoded, or counts of a size don't fit into the data's type.
    """
    evaluating(fitted.model)
    out = np.empty((len(z), *fitted.parts.event), type_of(fitted, drawn))
    back = fitted.encoding.spread if spread else fitted.encoding.inverse
    for part in fitted.slices(len(z)):
        c = None if context is None else fitted.tensor(context[part])
        given = None if rows is None else fitted.encoded(rows[part])
        p: Any = fitted.model.examples_given(fitted.tensor(z[part]), c, given)
        x = back(read(p if sizes is None else p.of_size(fitted.tensor(sizes[part])))).cpu().numpy()
        if not held(x, out[part], clipped=drawn and sizes is None):
            if sizes is not None:
                raise too_large(out.dtype, sizes[part])
            raise too_far(fitted, z[part], None if context is None else context[part], read)
    return out


def held(values: Array, out: Array, clipped: bool = False) -> bool:
    """Write values into an array of the data's type; whether it could hold them all. With ``clipped`` those beyond the
    ends of whole numbers are at the ends: a few draws of any density lie there.
    """
    if out.dtype.kind in "biu":
        low, high = ends_of(out.dtype)
        if not np.isfinite(values).all():
            return False
        if not clipped and ((values < low - 0.5).any() or (values > high + 0.5).any()):
            return False
        out[...] = np.clip(np.round(values.astype(np.float64)), low, high)
        return True
    with np.errstate(over="ignore"):  # beyond the type's largest value it is inf
        out[...] = values
    return bool(np.isfinite(out).all())


def ends_of(dtype: np.dtype[Any]) -> tuple[float, float]:
    """The least and the largest float that a type of whole numbers holds.

    >>> ends_of(np.dtype("uint8")), int(ends_of(np.dtype("int64"))[1]) < 2**63
    ((0.0, 255.0), True)
    """
    if dtype.kind == "b":
        return 0.0, 1.0
    ends = np.iinfo(dtype)
    high = float(ends.max)
    return float(ends.min), high if int(high) <= ends.max else float(np.nextafter(high, 0.0))


def largest_of(dtype: np.dtype[Any]) -> float:
    """The largest value that the type holds."""
    return 1.0 if dtype.kind == "b" else float(np.iinfo(dtype).max if dtype.kind in "iu" else np.finfo(dtype).max)


def type_of(fitted: Fitted, drawn: bool) -> np.dtype[Any]:
    """Drawn integers come as the data's own type, all else as floats that hold it."""
    kept = np.dtype(fitted.dtype)
    if drawn and not fitted.likelihood.continuous:
        return kept
    return kept if kept in (np.float32, np.float64) else np.dtype(np.float32 if kept.itemsize < 4 else np.float64)


def mean_of(p: Any) -> Tensor:
    """The likelihood's mean."""
    mean: Tensor = p.mean
    return mean


def too_large(dtype: np.dtype[Any], sizes: Array) -> InputError:
    """The error for counts of rows of these sizes that their type can't hold."""
    return InputError(
        f"counts of rows of these sizes, up to {sizes.max():.9g}, don't fit into the data's type {dtype}, whose "
        f"largest number is {largest_of(dtype):.9g}; ask for smaller size_factors, or fit on X.astype('int64')"
    )


@torch.inference_mode()
def too_far(fitted: Fitted, z: Array, context: Array | None, read: Callable[[Any], Tensor] = mean_of) -> InputError:
    """The error for codes ``(n, D)`` that don't decode to finite values: which, and how far out codes may lie."""
    for row, code in enumerate(z):
        c = None if context is None else np.repeat(context[row : row + 1], len(SHARES), axis=0)
        found = _finite(fitted, code[None] * SHARES[:, None], c, read)
        if found[0]:
            continue
        size = float(np.abs(code).max())
        if not found.any():
            return InputError("this model decodes no code to finite values: its weights are too large")
        return InputError(
            f"the code in row {row} lies too far out to be decoded: its largest value is {size:.3g}, and in its "
            f"direction codes decode to finite values up to about {size * float(SHARES[found.argmax()]):.1g}"
        )
    return InputError("the codes decode to values that are not finite")


def _finite(fitted: Fitted, z: Array, context: Array | None, read: Callable[[Any], Tensor]) -> NDArray[np.bool_]:
    p = fitted.model.examples_given(fitted.tensor(z), None if context is None else fitted.tensor(context))
    x = fitted.encoding.inverse(read(p))
    fine = x.isfinite() & (x.abs() <= largest_of(type_of(fitted, False)))
    found: NDArray[np.bool_] = fine.flatten(1).all(dim=1).cpu().numpy()
    return found
