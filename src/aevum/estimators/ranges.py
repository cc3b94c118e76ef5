"""Whether rows to be scored lie on the scale of those that a model was fitted on."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import DataWarning
from aevum.estimators.constants import warn_of_departures

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

Array = NDArray[Any]
# A few odd rows are what scores are for, so that most must be off; one row or two have no scale of their own.
MOST_ROWS, FEWEST_ROWS = 1000, 5
# Of any column at most 1/36 of the training rows lie beyond six deviations (Chebyshev), and of pictures none lies ten
# ranges away, nor do all stay within a hundredth of the range.
DEVIATIONS, SHARE, TIMES = 6.0, 0.5, 10.0


def warn_of_scale(estimator: LatentVariableEstimator, x: Array) -> None:
    """Warn, with both ranges, where most of these rows lie far outside of the training rows' scale, and of values
    where the training rows were all equal.

    A table times 100, or values from 0 to 255 for a model of 0 to 1, have scores, and they mean nothing.
    """
    warn_of_departures(estimator, x)
    if len(x) < FEWEST_ROWS:
        return
    seen = np.asarray(x[:: math.ceil(len(x) / MOST_ROWS)], np.float64)
    shift, scale = (part.double().cpu().numpy() for part in (estimator.scaling_.shift, estimator.scaling_.scale))
    words = _of_all(estimator, seen, shift, scale) if scale.ndim == 0 else _of_columns(estimator, seen, shift, scale)
    if words:
        warnings.warn(f"{words}: they must be on the scale of the data that the model was fitted on", DataWarning, 5)


def _of_all(estimator: LatentVariableEstimator, seen: Array, shift: Array, scale: Array) -> str:
    """What is off where one scale serves all values."""
    low, high = (float(shift + scale * edge) for edge in (estimator.parts_.low, estimator.parts_.high))
    beyond = (np.maximum(low - seen, seen - high) > TIMES * (high - low)).reshape(len(seen), -1).any(axis=1)
    least, most = float(seen.min()), float(seen.max())
    # Eight bits given as fractions have a warning of their own.
    tiny = 0.0 < most - least < (high - low) / 100.0 and not estimator.parts_.eight_bit
    if beyond.mean() <= SHARE and not tiny:
        return ""
    return f"these values lie from {least:.6g} to {most:.6g}, the training rows' from {low:.6g} to {high:.6g}"


def _of_columns(estimator: LatentVariableEstimator, seen: Array, shift: Array, scale: Array) -> str:
    """What is off where each column has a scale of its own."""
    mask = estimator.scaling_.constant  # whose columns have a warning of their own
    varies = True if mask is None else ~mask.cpu().numpy()
    off = np.flatnonzero((((np.abs(seen - shift) > DEVIATIONS * scale) & varies).mean(axis=0) > SHARE).ravel())
    if not len(off):
        return ""
    first, names = int(off[0]), estimator.feature_names_
    values, mean, deviation = (a.reshape(-1, scale.size)[:, first] for a in (seen, shift, scale))
    column = repr(names[first]) if names is not None and len(names) == scale.size else str(first)
    return (
        f"{len(off)} of {scale.size} columns lie elsewhere than in training: column {column} from {values.min():.6g} "
        f"to {values.max():.6g}, and the training rows' about {mean[0]:.6g} ± {deviation[0]:.6g}"
    )
