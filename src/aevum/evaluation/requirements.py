"""What evaluations ask of a model, its rows and their labels, each in the words of one error."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.density import why_none
from aevum.estimators.registry import models_with_density

Array = NDArray[Any]


def require_density(model: Any) -> None:
    """Raise for a model without log p(x).

    Raises:
        InputError: it is an auto-encoder, or no model of aevum.
    """
    require_model(model)
    if not model.has_density:
        raise InputError(
            f"{type(model).__name__} has no log p(x): {why_none(model)}. "
            f"Fit one with {models_with_density()} for log p(x)"
        )


def require_model(model: Any) -> None:
    """Raise for anything that is no fitted model.

    Raises:
        InputError: says what it is instead.
    """
    if not isinstance(model, LatentVariableEstimator):
        raise InputError(f"expected a fitted estimator of aevum, got {type(model).__name__}")
    if not hasattr(model, "fitted_"):
        raise InputError(f"this {type(model).__name__} is not fitted yet: call fit first")


def require_finite(values: Array, what: str) -> None:
    """Raise where a row's number is none, which happens far outside of the training data, and off their constants.

    Raises:
        InputError: says which row is the first.
    """
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise InputError(
            f"row {bad[0]} has no {what}: it differs where the training rows are all equal, or its values are so far "
            f"from them that the network overflows; {len(bad):,} such row{'s' * (len(bad) != 1)} in all. Look at them "
            f"first, or clip them"
        )


def require_labels(y: Any, rows: int) -> None:
    """Raise where labels are not one a row.

    Raises:
        InputError: says how many there are.
    """
    if y is None:
        return
    shape = np.shape(y)
    if not shape or shape[0] != rows:
        raise InputError(
            f"y has {shape[0]:,} labels for {rows:,} rows" if shape else f"y must hold a label a row: {y!r}"
        )
