"""Columns that never change. There is no density along them: they add 0 nats, come back exactly, and a row that differs
there has log p = −inf.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.scaling import Scaling
from aevum.errors import DataWarning

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

Array = NDArray[Any]
Flags = NDArray[np.bool_]
# Of a value's size: what arithmetic in float64 moves it by, and what float32 or writing it with six digits does. The
# latter is told from a time or an amount that does change a little by almost all values being equal.
ROUNDING, CLOSE, EQUAL = 1e-12, 1e-6, 0.9
MOST_NAMED, SHOWN = 5, 3


def never_changing(x: Array) -> tuple[Flags, NDArray[np.float64]]:
    """Which columns of x ``(N, F)`` hold one value but for rounding, and the value, ``(F,)`` each (else 0).

    >>> x = np.array([[7.0, 1.0, 0.0]] * 19 + [[7.0000001, 1.01, 1e-9]])
    >>> never_changing(x)[0].tolist(), never_changing(x)[1].tolist()
    ([True, False, False], [7.0, 0.0, 0.0])
    """
    low, high = x.min(axis=0).astype(np.float64), x.max(axis=0).astype(np.float64)
    size = np.maximum(np.abs(low), np.abs(high))
    # Halves, so that nothing overflows.
    extent = high / 2.0 - low / 2.0
    found, values = np.zeros(x.shape[1], np.bool_), np.zeros(x.shape[1])
    for column in np.flatnonzero(extent <= CLOSE * size / 2.0):
        middle = np.median(x[:, column].astype(np.float64))
        if extent[column] <= ROUNDING * size[column] / 2.0 or (x[:, column] == middle).mean() >= EQUAL:
            found[column], values[column] = True, middle
    return found, values


def warn_of_constants(x: Array, scaling: Scaling, names: Sequence[str] | None) -> None:
    """Say which columns of a table never change, where each has a scale of its own."""
    if scaling.constant is None:
        return
    columns = np.flatnonzero(scaling.constant.numpy())
    named = [str(column) if names is None else repr(names[column]) for column in columns[:MOST_NAMED]]
    named += ["…"] if len(columns) > MOST_NAMED else []
    warnings.warn(
        f"{len(columns)} of {x.shape[1]} columns never change (column {', '.join(named)}): they tell nothing, "
        f"add nothing to log p(x), and come back as they are. A row with another value there has log p = −inf; if "
        f"there may be such rows, drop these columns",
        DataWarning,
        stacklevel=4,
    )


def departures(estimator: LatentVariableEstimator, x: Array) -> Flags | None:
    """Which values of rows ``(N, F)`` are not the constant that their column was in training; None for none."""
    mask = estimator.scaling_.constant
    if mask is None:
        return None
    columns = np.flatnonzero(mask.cpu().numpy())
    value = estimator.scaling_.shift.double().cpu().numpy()[columns]
    found: Flags = np.zeros(x.shape, dtype=np.bool_)
    found[:, columns] = np.abs(x[:, columns].astype(np.float64) - value) > CLOSE * np.abs(value)
    return found if bool(found.any()) else None


def departed_rows(estimator: LatentVariableEstimator, x: Array) -> Flags:
    """Which rows differ in a column that never changed in training, ``(N,)``."""
    found = departures(estimator, x)
    if found is None:
        return np.zeros(len(x), dtype=np.bool_)
    return np.asarray(found.any(axis=1))


def warn_of_departures(estimator: LatentVariableEstimator, x: Array) -> None:
    """Warn, with row and column, of values in columns that never changed in training."""
    found = departures(estimator, x)
    if found is None:
        return
    rows, columns = np.nonzero(found)
    names, constant = estimator.feature_names_, estimator.scaling_.shift
    shown = "; ".join(
        f"row {row}, column {column if names is None else repr(names[column])}: {float(x[row, column]):.9g} "
        f"instead of {float(constant[column]):.9g}"
        for row, column in zip(rows[:SHOWN], columns[:SHOWN], strict=True)
    )
    warnings.warn(
        f"{len(np.unique(rows))} of {len(x)} rows differ where all training rows were equal ({shown}"
        f"{'; …' if len(rows) > SHOWN else ''}): such rows have no density, log p = −inf",
        DataWarning,
        stacklevel=6,
    )
