"""Data as users have them (arrays, tensors, frames, files, named sets) as one checked numpy array."""

from __future__ import annotations

import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from aevum.data import Dataset, open_data
from aevum.errors import DataWarning, InputError

Array = NDArray[Any]


def opened(X: object, y: object) -> tuple[object, object]:
    """A named or opened data set as its arrays; anything else as it is."""
    X = named(X)
    if isinstance(X, Dataset):
        return X.x, X.y if y is None else y
    return as_numpy(X), as_numpy(y)


def named(X: object) -> object:
    """The data set that a name or path stands for; anything else as it is."""
    return open_data(X) if isinstance(X, (str, Path)) else X


def feature_names(X: object) -> tuple[str, ...] | None:
    """The columns' names of a data set or a DataFrame; None where there are none."""
    names = X.feature_names if isinstance(X, Dataset) else getattr(X, "columns", None)
    return None if names is None else tuple(map(str, names))


def as_numpy(value: object) -> object:
    """Tensors as arrays (on the processor, without a copy where they lie there); anything else as it is."""
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu()
        return value.float().numpy() if value.dtype == torch.bfloat16 else value.numpy()
    return value


def read_fit(estimator: BaseEstimator, X: object) -> Array:
    """X for ``fit``: numbers, finite, at least two rows, each with at least one value.

    Raises:
        InputError: in scikit-learn's words, on one line and with the place; a sparse X is scikit-learn's TypeError.
    """
    x = _validated(estimator, X, reset=True)
    if x[0].size == 0:
        raise InputError(f"each row of X is empty: X has shape {x.shape}")
    return x


def read_more(estimator: BaseEstimator, X: object, event: tuple[int, ...], eight_bit: bool) -> Array:
    """X for a fitted estimator: the same checks, and the shape it was fitted on.

    Warns where a model of 8-bit values is given fractions up to 1: nothing else would show that they are 255 times
    too small.
    """
    shape = np.shape(X) if hasattr(X, "shape") else np.shape(np.asarray(X))
    if len(shape) > 1 and tuple(shape[1:]) != event and (len(shape) > 2 or len(event) > 1):
        hint = f"; a single example needs its own first axis, (1, {', '.join(map(str, event))})"
        raise InputError(
            f"X has shape {tuple(shape)}, but {type(estimator).__name__} was fitted on examples of shape {event}"
            + (hint if tuple(shape) == event else "")
        )
    x = _validated(estimator, X, reset=False)
    if eight_bit and x.dtype.kind == "f" and 0.0 < float(x.max()) <= 1.0:
        warnings.warn(
            "this model was fitted on 8-bit values up to 255, and these go up to 1: multiply them by 255",
            DataWarning,
            stacklevel=4,
        )
    return x


def read_codes(Z: object, latent_dim: int, least: int = 0) -> NDArray[np.float32]:
    """Codes, ``(N, latent_dim)``, finite, N at least ``least``.

    Raises:
        InputError: they are anything else.
    """
    try:
        z = np.asarray(Z)
    except ValueError as error:
        raise InputError("Z must be a rectangular array of numbers, one code a row") from error
    if z.dtype.kind not in "biuf":
        raise InputError(f"Z has type {z.dtype}; expected real numbers, one code a row")
    with np.errstate(over="ignore"):  # what overflows is refused as infinite
        z = z.astype(np.float32)
    if z.ndim != 2 or z.shape[1] != latent_dim or len(z) < least:
        many = "N" if least == 0 else f"N ≥ {least}"
        raise InputError(f"Z has shape {z.shape}; expected ({many}, {latent_dim}), one code a row")
    if not np.isfinite(z).all():
        raise InputError("Z contains NaN or infinity")
    return z


def whole_number(name: str, value: object, least: int = 1) -> int:
    """An argument that counts something.

    Raises:
        InputError: not a whole number of at least ``least``.
    """
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not least <= int(value) < 2**32:
        raise InputError(f"{name} must be a whole number of at least {least}, got {value!r}")
    return int(value)


def _validated(estimator: BaseEstimator, X: object, *, reset: bool) -> Array:
    check_columns(X)
    memmap = X if isinstance(X, np.memmap) else None
    try:
        with np.errstate(over="ignore", invalid="ignore"):  # it sums all values to see whether one is infinite
            x: Array = validate_data(
                estimator, X, reset=reset, dtype="numeric", allow_nd=True, ensure_min_samples=2 if reset else 1
            )
    except ValueError as error:
        # scikit-learn prints the array, and on NaN recommends other estimators; all else belongs to the error.
        lines = re.sub(r"(?s)(array=)?\[.*\]\.?", "", str(error)).splitlines()
        words = lines[0] if "NaN" in lines[0] or "inf" in lines[0] else " ".join(filter(None, lines))
        raise InputError(words + where_not_finite(X)) from error
    if x.dtype.kind not in "biuf":
        raise InputError(f"X has type {x.dtype}; expected real numbers")
    if x.dtype.kind == "f" and x.dtype.itemsize > 8:
        x = x.astype(np.float64)
    # scikit-learn hands a mapped array on as a plain view of it; the map is what tells the source to leave it there.
    return memmap if memmap is not None and memmap.dtype == x.dtype else x


def check_columns(X: object) -> None:
    """Raise for a DataFrame's first column that holds no numbers, by its name."""
    if not (hasattr(X, "columns") and hasattr(X, "dtypes")):
        return
    for name, dtype in zip(X.columns, X.dtypes, strict=True):
        kind = getattr(dtype, "kind", "O")
        if kind in "mMSU" or (kind == "O" and not as_numbers(X[name])):  # type: ignore[index]
            raise InputError(
                f"column {name!r} has type {dtype} and isn't numeric: encode it as numbers, drop it, or give it as y"
            )


def as_numbers(column: Any) -> bool:
    """Whether a column of objects holds numbers alone; a categorical one never does."""
    try:
        np.asarray(column, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    return str(column.dtype) != "category"


def where_not_finite(X: object) -> str:
    """The place of the first NaN or infinity, for the error's reader; nothing where there is none."""
    try:
        array = np.asarray(X)
        if array.ndim == 0 or array.dtype.kind not in "fO":
            return ""
        bad = np.argwhere(~np.isfinite(array.astype(np.float64)))
    except (TypeError, ValueError):
        return ""
    if not len(bad):
        return ""
    place = ", ".join(map(str, bad[0][1:]))
    return f" First at row {bad[0][0]}, column {place}; {len(bad)} in all. Fill them in or drop the rows."


def warn_of_oddities(x: Array, latent_dim: int, one_unit: bool) -> None:
    """Say what can be used but deserves a look: columns that never change, as many latents as features."""
    values = int(np.prod(x.shape[1:]))
    if latent_dim >= values:
        warnings.warn(
            f"latent_dim={latent_dim} is not smaller than the {values} values of an example: nothing is compressed",
            DataWarning,
            stacklevel=4,
        )
    if x.ndim == 2 and not one_unit:
        constant = np.flatnonzero(x.min(axis=0) == x.max(axis=0))
        if len(constant):
            named = ", ".join(map(str, constant[:5])) + (", …" if len(constant) > 5 else "")
            warnings.warn(
                f"{len(constant)} of {values} columns never change (column {named}): they tell nothing, and with a "
                f"learned σ a density can grow without limit along them. Drop them",
                DataWarning,
                stacklevel=4,
            )
