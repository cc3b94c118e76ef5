"""Codes from whatever stands for them, and where a model's codes lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.validation import check_is_fitted

from aevum.errors import InputError
from aevum.estimators.inputs import opened, read_codes

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

Array = NDArray[Any]
Floats = NDArray[np.float64]


def codes_of(estimator: LatentVariableEstimator, X: Any, y: Any = None) -> Array:
    """The codes ``(N, D)`` of rows, an opened data set or its name; codes are returned as they are.

    Where a row has as many values as a code, rows are meant; D codes of a model of pictures D wide and high are codes.

    Raises:
        InputError: neither rows that the model was fitted on nor codes.
    """
    check_is_fitted(estimator, "fitted_")
    X, y = opened(X, y, estimator)
    event, width = estimator.parts_.event, estimator.parts_.latent_dim
    try:
        shape = tuple(np.shape(X))
    except ValueError as error:
        raise InputError("rows must be a rectangular array") from error
    if len(shape) == 2 and shape[1] == width and event != (width,):
        return read_codes(X, width)
    if shape == event and len(event) > 1:
        raise InputError(f"shape {shape} is a single example, which needs its own first axis: x[None]")
    if len(shape) < 2 or tuple(shape[1:]) != event:
        rows = ", ".join(map(str, ("N", *event)))
        raise InputError(f"shape {tuple(shape)} is neither rows of this model, ({rows}), nor codes (N, {width})")
    return estimator.transform(X, y)


def code_of(estimator: LatentVariableEstimator, example: Any, y: Any, name: str) -> Array:
    """The code ``(D,)`` of one example, or of a code as it is.

    Raises:
        InputError: neither.
    """
    check_is_fitted(estimator, "fitted_")
    given: Any = opened(example, None)[0]
    try:
        shape = tuple(np.shape(given))
    except ValueError as error:
        raise InputError(f"{name} must be a rectangular array") from error
    event, width = estimator.parts_.event, estimator.parts_.latent_dim
    if shape not in (event, (width,)):
        raise InputError(f"{name} has shape {shape}; expected one example {event} or one code ({width},)")
    # A row of a data frame keeps its columns' names, by which the model checks their order.
    rows = given.to_frame().T if hasattr(given, "to_frame") and shape == event else np.asarray(given)[None]
    found: Array = codes_of(estimator, rows, y)[0]
    return found


def spread(estimator: LatentVariableEstimator, y: Any = None) -> tuple[Floats, Floats]:
    """Where codes lie, mean and deviation ``(D,)``: the prior's, or those of an auto-encoder's training codes."""
    mean, deviation = estimator.law_of_codes(y).moments()
    return mean[0], deviation[0]


def quantiles(estimator: LatentVariableEstimator, d: int, shares: Floats, y: Any = None) -> Floats:
    """The values of latent d below which the prior (or an auto-encoder's training codes) puts these shares."""
    return estimator.law_of_codes(y).quantiles(d, shares)


def base_code(estimator: LatentVariableEstimator, at: Any, y: Any) -> Floats:
    """The code that is held while some of its values change: of ``at``, or the mean of the law of the codes (of codes
    on points, the point nearest to it).
    """
    if at is None:
        law = estimator.law_of_codes(y)
        middle: Floats = law.nearest(law.moments()[0])[0]
        return middle
    return code_of(estimator, at, y, "at").astype(np.float64)


def dimension(estimator: LatentVariableEstimator, dim: Any) -> int:
    """A latent dimension's index.

    Raises:
        InputError: there is none of that number.
    """
    check_is_fitted(estimator, "fitted_")
    width = estimator.parts_.latent_dim
    if not isinstance(dim, (int, np.integer)) or isinstance(dim, bool) or not 0 <= dim < width:
        raise InputError(f"dim must be a whole number from 0 to {width - 1}, got {dim!r}")
    return int(dim)


def as_codes(z: Array) -> NDArray[np.float32]:
    """Codes in float32; what overflows there becomes infinite, and is refused where it is decoded."""
    with np.errstate(over="ignore"):
        return np.asarray(z, dtype=np.float32)


def walked(estimator: LatentVariableEstimator, z: Array, y: Any) -> tuple[Array, Array]:
    """Codes ``(…, D)`` in float32 and what they decode to, ``(…, *event)``, under one y.

    A model whose codes lie on points alone walks from point to point.
    """
    z = as_codes(z)
    flat = estimator.law_of_codes(y).nearest(z.reshape(-1, z.shape[-1]))
    z = flat.reshape(z.shape)
    x = estimator.in_numbers().inverse_transform(flat, y)
    return z, x.reshape(*z.shape[:-1], *x.shape[1:])
