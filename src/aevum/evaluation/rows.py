"""What every sample metric looks at: examples as checked rows of features, by an extractor that the user names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.estimators.inputs import opened
from aevum.typing import Rows

Floats = NDArray[np.float64]
Extractor = Callable[[Any], Any]

# The cubic kernel takes sixth powers: beyond this they overflow. All of float32's range is far below.
_LARGEST = 1e45


def as_examples(X: object, name: str) -> NDArray[Any]:
    """Anything array-like, an opened data set or its name as an array ``(N, *event)``.

    Raises:
        InputError: rows of different lengths, no rows at all, or no data set of this name.

    >>> as_examples([[1, 2], [3, 4]], "real").shape
    (2, 2)
    """
    if getattr(getattr(X, "dtype", None), "kind", "") == "c":
        raise InputError(f"{name} has type {X.dtype}; expected real numbers")  # type: ignore[attr-defined]
    X = opened(X, None)[0]
    try:
        array = np.asarray(X)
    except (TypeError, ValueError):
        raise InputError(f"{name} can't be read as one array with the examples in rows") from None
    if not array.ndim:
        raise InputError(f"{name} must be an array with the examples in rows, (N, ...); got {type(X).__name__}")
    return array


def feature_rows(X: object, name: str, least: int = 1) -> Floats:
    """Examples ``(N, *event)`` as rows ``(N, F)`` in double precision, each flattened.

    Args:
        name: what to call X in a message.
        least: how many rows there must be.

    Raises:
        InputError: fewer rows, no examples in rows, no numbers, NaN, infinite or so large that powers overflow.

    >>> feature_rows([[[1, 2], [3, 4]]], "real")
    array([[1., 2., 3., 4.]])
    """
    array = as_examples(X, name)
    try:
        array = array.astype(np.float64) if array.dtype.kind == "O" else array
    except (TypeError, ValueError):
        raise InputError(f"{name} holds values that aren't real numbers; encode them as numbers") from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} has type {array.dtype}; expected real numbers")
    if array.ndim < 2:
        raise InputError(f"{name} has shape {array.shape}; expected examples in rows, (N, ...)")
    if len(array) < least:
        raise InputError(f"{name} has {len(array):,} row{'s' * (len(array) != 1)}; at least {least:,} are needed")
    if not array[:1].size:
        raise InputError(f"each row of {name} is empty: {name} has shape {array.shape}")
    rows: Floats = array.reshape(len(array), -1).astype(np.float64, copy=False)
    # NaN is not below the limit either.
    if not max(rows.max(), -rows.min()) < _LARGEST:
        row, column = np.argwhere(~(np.abs(rows) < _LARGEST))[0]
        raise InputError(
            f"{name} holds {rows[row, column]:g}, first at row {row}, column {column}; fill such values in, drop"
            f" their rows, or scale the data"
        )
    return rows


def feature_pair(
    first: object, second: object, least: int, names: tuple[str, str] = ("real", "generated")
) -> tuple[Floats, Floats]:
    """Two sets as rows of the same features.

    Raises:
        InputError: as :func:`feature_rows`, or different numbers of features.
    """
    x, y = feature_rows(first, names[0], least), feature_rows(second, names[1], least)
    if x.shape[1] != y.shape[1]:
        raise InputError(
            f"{names[0]} has {x.shape[1]:,} value{'s' * (x.shape[1] != 1)} a row, but {names[1]} has"
            f" {y.shape[1]:,}: they must be the same features"
        )
    return x, y


def extractor_name(features: Extractor | None) -> str:
    """How a result names the features that it was computed on.

    >>> extractor_name(None), extractor_name(np.fft.fft)
    ('the data, flattened', 'fft')
    """
    if features is None:
        return "the data, flattened"
    own = getattr(features, "name", None) or getattr(features, "__name__", None)
    return own if isinstance(own, str) else type(features).__name__


def extracted(X: Rows, features: Extractor | None, name: str) -> Floats:
    """The features ``(N, F)`` of the examples ``(N, *event)``; the examples themselves where ``features`` is None.

    Raises:
        InputError: ``features`` can't be called, or gave no finite numbers in one row an example.
    """
    if features is None:
        return feature_rows(X, name)
    if not callable(features):
        raise InputError(f"features must be None or callable, examples in and an array (N, F) out; got {features!r}")
    examples = as_examples(X, name)
    rows = feature_rows(features(examples), f"what {extractor_name(features)} made of {name}")
    if len(rows) != len(examples):
        raise InputError(
            f"features must give one row an example: {extractor_name(features)} gave {len(rows):,} for the"
            f" {len(examples):,} of {name}"
        )
    return rows
