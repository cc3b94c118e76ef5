"""Data as users have them (arrays, tensors, frames, files, named sets) as one checked numpy array."""

from __future__ import annotations

import numbers
import re
import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import _check_n_features, check_array, validate_data

from aevum.data import Dataset
from aevum.data.channels import with_channels_of
from aevum.data.codes import as_numbers, looked_up
from aevum.data.files import listed, quoted
from aevum.data.labels import one_array
from aevum.data.large import is_corpus, is_large, part_by_part, seen
from aevum.data.missing import masked_cells
from aevum.data.schema import DATE, Column
from aevum.data.sparse_rows import SparseRows, is_sparse_matrix
from aevum.errors import DataWarning, InputError
from aevum.estimators.columns import (
    Matched,
    arranged,
    check_columns,
    dense_columns,
    feature_names,
    refuse_complex,
    warn_of_numbering,
    where_not_finite,
)
from aevum.estimators.containers import unpacked
from aevum.estimators.frame_columns import is_frame
from aevum.fitted.likelihoods import Likelihood

Array = NDArray[Any]


def opened(X: object, y: object, model: object = None, *, gaps: bool = False) -> tuple[object, object]:
    """X and y as arrays or DataFrames, out of names, paths, data sets, containers, tensors; all else as it is.

    Args:
        X, y: as a method of an estimator takes them.
        model: a fitted estimator whose columns X should have, in its order, where both have names; or None.
        gaps: whether cells of X may be missing: masked ones become NaN.

    Raises:
        InputError: cells are masked or complex, the columns don't match, or the container is none that can be read.
    """
    X, y = unpacked(X, y)
    refuse_complex(X)
    schema = getattr(model, "schema_", None)
    if schema is not None and is_frame(X):
        X = schema.matched(X)
    elif model is not None:
        X = recoded(arranged(X, model), model)
    if isinstance(X, Dataset):
        y = X.y if y is None else y
        known = model is not None and X.feature_names is not None and getattr(model, "feature_names_", None) is not None
        X = X.x.view(Matched) if known and not is_corpus(X.x) else X.x
    return as_numpy(unmasked(X) if gaps else X, "X"), as_numpy(one_array(y), "y")


def unmasked(X: object) -> object:
    """A masked array with NaN where cells are masked; all else as it is."""
    if isinstance(X, (list, tuple)) and any(isinstance(row, np.ma.MaskedArray) for row in X):
        X = np.ma.stack(X)
    if isinstance(X, np.ma.MaskedArray) and np.ma.is_masked(X) and X.dtype.kind in "biuf" and X.ndim == 2:
        wide = X.dtype if X.dtype.kind == "f" else np.dtype(np.float64)
        return np.where(np.ma.getmaskarray(X), np.nan, np.ma.getdata(X)).astype(wide)
    return X


@part_by_part
def recoded(X: Any, model: object) -> Any:
    """A data set with columns of words in the codes of a fitted model; all else as it is.

    Raises:
        InputError: it holds classes that the model doesn't know, or words where it knows numbers.
    """
    if not isinstance(X, Dataset) or model is None or X.columns is None:
        return X
    schema = getattr(model, "schema_", None)
    if schema is not None:
        return schema.recoded(X)
    X = _without_codes(X)
    words = [column for column in X.columns or () if column.categories]
    if words:
        raise InputError(
            f"{X.name}: column {quoted(words[0].name)} isn't numeric: its cells are words "
            f"({listed([quoted(text) for text in words[0].categories], 2)}), and the model was fitted on numbers"
        )
    if dates := [quoted(column.name) for column in X.columns or () if column.kind == DATE]:
        warnings.warn(
            f"{X.name}: column {listed(dates)} holds dates, and the model was fitted on numbers: they are taken as "
            "days since 1970-01-01",
            DataWarning,
            stacklevel=4,
        )
    return X


def _without_codes(X: Dataset) -> Dataset:
    """Columns of codes such as 00501 as the numbers that a model of numbers took them for."""
    x, columns = X.x, list(X.columns or ())
    for place, column in enumerate(columns):
        if (known := as_numbers(column.categories)) is not None:
            x = np.array(x, dtype=np.float64)
            x[:, place] = looked_up(x[:, place], known)
            columns[place] = Column(column.name)
    return X if x is X.x else replace(X, x=x, columns=tuple(columns))


def as_numpy(value: object, name: str = "") -> object:
    """Tensors as arrays (on the processor, without a copy where they lie there); anything else as it is.

    Raises:
        InputError: a masked array that hides cells, or a sparse tensor.
    """
    if isinstance(value, torch.Tensor):
        if value.layout != torch.strided:
            raise InputError(f"{name or 'the tensor'} is sparse ({value.layout}); write {name or 'x'}.to_dense()")
        value = value.detach().cpu()
        return value.float().numpy() if value.dtype == torch.bfloat16 else value.numpy()
    if isinstance(value, (list, tuple)) and any(isinstance(row, np.ma.MaskedArray) for row in value):
        value = np.ma.stack(value)
    if isinstance(value, np.ma.MaskedArray):
        if problem := masked_cells(value, name):
            raise InputError(problem)
        return np.asarray(value)
    return value


def read_fit(estimator: BaseEstimator, X: object, *, gaps: bool = False) -> Array:
    """X for ``fit``: numbers, finite, at least two rows, each with at least one value.

    With ``gaps`` cells may be NaN, which stands for no value. Of large data a sample is looked at
    (:func:`~aevum.data.large.seen_rows`).

    Raises:
        InputError: in scikit-learn's words, on one line and with the place;
    """
    if is_large(X):  # all rows have the shape and type of those that are seen
        read_fit(estimator, seen(X), gaps=gaps)
        return X  # type: ignore[return-value]
    x = _validated(estimator, X, reset=True, gaps=gaps)
    if x[0].size == 0:
        raise InputError(f"each row of X is empty: X has shape {x.shape}")
    warn_of_numbering(X, x)
    return x


def is_flat(X: object) -> bool:
    """Whether X is rows of values: a table, and no pictures."""
    try:
        return np.ndim(X) == 2  # type: ignore[arg-type]
    except (TypeError, ValueError):  # rows of several lengths, or no array at all
        return False


def read_more(
    estimator: BaseEstimator, X: object, event: tuple[int, ...], eight_bit: bool, *, gaps: bool = False
) -> Array:
    """X for a fitted estimator: the same checks, and the shape it was fitted on.

    Warns where a model of 8-bit values is given fractions up to 1: nothing else would show that they are 255 times
    too small.
    """
    if isinstance(X, np.ndarray) and X.shape[1:] != event:
        made = with_channels_of(X, event)
        if made is not None:
            X = made[0]
            warnings.warn(f"X has the model's channels now: {made[1]}", DataWarning, stacklevel=4)
    shape = np.shape(X) if hasattr(X, "shape") else np.shape(np.asarray(X))
    if len(shape) > 1 and tuple(shape[1:]) != event and (len(shape) > 2 or len(event) > 1):
        hint = f"; a single example needs its own first axis, (1, {', '.join(map(str, event))})"
        raise InputError(
            f"X has shape {tuple(shape)}, but {type(estimator).__name__} was fitted on examples of shape {event}"
            + (hint if tuple(shape) == event else "")
        )
    if is_large(X):
        read_more(estimator, seen(X), event, eight_bit, gaps=gaps)
        return X  # type: ignore[return-value]
    x = _validated(estimator, X, reset=False, gaps=gaps)
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


def read_sizes(size_factors: Any, n: int, likelihood: Likelihood) -> NDArray[np.float32]:
    """The sums of ``n`` rows of counts to be drawn, ``(n,)``.

    Raises:
        InputError: they are no numbers above 0, one for all or one a row, or the likelihood is not given rows' sums.
    """
    if likelihood.sizes is None:
        raise InputError(
            f"size_factors say how large rows of counts are, and this model's rows have no sizes ({likelihood}); fit "
            f"one with size_factors='sum' and a likelihood of counts"
        )
    try:
        with np.errstate(over="ignore"):  # what overflows is refused as infinite
            sizes = np.asarray(size_factors, dtype=np.float32)
    except (TypeError, ValueError) as error:
        raise InputError("size_factors must be numbers, the sums of rows: one for all, or one a sample") from error
    if sizes.shape not in ((), (n,)):
        raise InputError(f"size_factors has shape {sizes.shape}; expected one number for all samples, or ({n},)")
    if not (np.isfinite(sizes) & (sizes > 0.0)).all():
        raise InputError("size_factors are sums of counts, finite and above 0; one of these isn't")
    return np.array(np.broadcast_to(sizes, (n,)))


def whole_number(name: str, value: object, least: int = 1) -> int:
    """An argument that counts something.

    Raises:
        InputError: not a whole number of at least ``least``.
    """
    if not isinstance(value, (int, np.integer)) or isinstance(value, bool) or not least <= int(value) < 2**32:
        raise InputError(f"{name} must be a whole number of at least {least}, got {value!r}")
    return int(value)


def _validated(estimator: BaseEstimator, X: object, *, reset: bool, gaps: bool) -> Array:
    check_columns(X)
    X = dense_columns(X)
    memmap = X if isinstance(X, np.memmap) else None
    sparse = is_sparse_matrix(X)
    settings: dict[str, Any] = {
        "accept_sparse": "csr",
        "dtype": "numeric",
        "allow_nd": True,
        "ensure_min_samples": 2 if reset else 1,
        "ensure_all_finite": "allow-nan" if gaps and not sparse else True,
    }
    try:
        if not (hasattr(X, "__array__") or hasattr(X, "__len__") or isinstance(X, numbers.Number)):
            raise ValueError(f"X is {'None' if X is None else f'a {type(X).__name__}'}: expected a 2D array or images")
        with np.errstate(over="ignore", invalid="ignore"):  # all values are summed to see whether one is infinite
            if isinstance(X, Matched) and not reset:
                x: Array = check_array(np.asarray(X), **settings)
                _check_n_features(estimator, x, reset=False)
            else:
                x = validate_data(estimator, X, reset=reset, **settings)
    except ValueError as error:
        # scikit-learn prints the array, and on NaN recommends other estimators; all else belongs to the error.
        lines = re.sub(r"(?s)(array=)?\[.*\]\.?", "", str(error)).splitlines()
        words = lines[0] if "NaN" in lines[0] or "inf" in lines[0] else " ".join(filter(None, lines))
        names = feature_names(X) or (estimator.feature_names_ if isinstance(X, Matched) else None)
        raise InputError(words + where_not_finite(X, names, gaps)) from error
    if x.dtype.kind not in "biuf":
        raise InputError(f"X has type {x.dtype}; expected real numbers")
    if sparse:
        return SparseRows(x)  # type: ignore[return-value]  # what an array of rows is asked for it answers
    if x.dtype.kind == "f" and x.dtype.itemsize > 8:
        x = x.astype(np.float64)
    # scikit-learn hands a mapped array on as a plain view of it; the map is what tells the source to leave it there.
    return memmap if memmap is not None and memmap.dtype == x.dtype else x


def warn_of_many_latents(x: Array, latent_dim: int) -> None:
    """Say that nothing is compressed by as many latents as features."""
    values = int(np.prod(x.shape[1:]))
    if latent_dim >= values:
        warnings.warn(
            f"latent_dim={latent_dim} is not smaller than the {values} values of an example: nothing is compressed",
            DataWarning,
            stacklevel=4,
        )
