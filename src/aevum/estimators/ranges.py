"""Whether rows to be scored lie on the scale of those that a model was fitted on."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.encoding import Affine, Encoding, chunks
from aevum.errors import DataWarning
from aevum.fitted import Fitted

Array = NDArray[Any]
MOST_NAMED, SHOWN = 5, 3
# A few odd rows are what scores are for, so that most must be off; one row or two have no scale of their own.
MOST_ROWS, FEWEST_ROWS = 1000, 5
# Of any column at most 1/36 of the training rows lie beyond six deviations (Chebyshev), and of pictures none lies ten
# ranges away, nor do all stay within a hundredth of the range.
DEVIATIONS, SHARE, TIMES = 6.0, 0.5, 10.0


def warn_of_scale(fitted: Fitted, x: Array, names: Sequence[str] | None) -> None:
    """Warn, with both ranges, where most of these rows lie far outside of the training rows' scale, and of values
    where the training rows were all equal.

    A table times 100, or values from 0 to 255 for a model of 0 to 1, have scores, and they mean nothing.
    """
    warn_of_departures(fitted, x, names)
    encoding = fitted.encoding
    one, located = isinstance(encoding, Affine) and encoding.scale.ndim == 0, encoding.located()
    if len(x) < FEWEST_ROWS or (not one and located is None):
        return
    seen = np.asarray(x[:: math.ceil(len(x) / MOST_ROWS)], np.float64)
    shift, scale = (part.double().cpu().numpy() for part in (encoding.shift, encoding.scale))
    words = _of_columns(located, seen, shift, scale, names) if located is not None else ""
    words = _of_all(fitted, seen, shift, scale) if one else words
    if words:
        warnings.warn(f"{words}: they must be on the scale of the data that the model was fitted on", DataWarning, 5)


def _of_all(fitted: Fitted, seen: Array, shift: Array, scale: Array) -> str:
    """What is off where one scale serves all values."""
    low, high = (float(shift + scale * edge) for edge in (fitted.parts.low, fitted.parts.high))
    beyond = (np.maximum(low - seen, seen - high) > TIMES * (high - low)).reshape(len(seen), -1).any(axis=1)
    least, most = float(seen.min()), float(seen.max())
    # Eight bits given as fractions have a warning of their own.
    tiny = 0.0 < most - least < (high - low) / 100.0 and not fitted.parts.eight_bit
    if beyond.mean() <= SHARE and not tiny:
        return ""
    return f"these values lie from {least:.6g} to {most:.6g}, the training rows' from {low:.6g} to {high:.6g}"


def _of_columns(located: Array, seen: Array, shift: Array, scale: Array, names: Sequence[str] | None) -> str:
    """What is off where each column has a scale of its own; those that never change have a warning of their own."""
    off = np.flatnonzero((((np.abs(seen - shift) > DEVIATIONS * scale) & located).mean(axis=0) > SHARE).ravel())
    if not len(off):
        return ""
    first = int(off[0])
    values, mean, deviation = (a.reshape(-1, scale.size)[:, first] for a in (seen, shift, scale))
    column = repr(names[first]) if names is not None and len(names) == scale.size else str(first)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return (
        f"{len(off)} of {scale.size} columns lie elsewhere than in training: column {column} from {low:.6g} to "
        f"{high:.6g}, and the training rows' about {mean[0]:.6g} ± {deviation[0]:.6g}"
    )


def warn_of_constants(x: Array, encoding: Encoding, names: Sequence[str] | None) -> None:
    """Say which columns of a table never change, where each has a scale of its own."""
    if encoding.constant is None:
        return
    columns = np.flatnonzero(encoding.constant.cpu().numpy())
    named = [str(column) if names is None else repr(names[column]) for column in columns[:MOST_NAMED]]
    named += ["…"] if len(columns) > MOST_NAMED else []
    moving = [int(place) for place in columns if np.fmin.reduce(x[:, place]) < np.fmax.reduce(x[:, place])]
    rounded = (
        f". Column {moving[0] if names is None else repr(names[moving[0]])} does vary, by no more than numbers of its "
        f"size are rounded by, and comes back as one value: if it tells something, subtract a constant before it is "
        "stored"
        if moving
        else ""
    )
    warnings.warn(
        f"{len(columns)} of {x.shape[1]} columns never change{', but for rounding' if moving else ''} "
        f"(column {', '.join(named)}): they tell nothing, add nothing to log p(x), and come back as they are. A row "
        f"with another value there has log p = −inf; if there may be such rows, drop these columns{rounded}",
        DataWarning,
        stacklevel=4,
    )


def warn_of_departures(fitted: Fitted, x: Array, names: Sequence[str] | None) -> None:
    """Warn, with row and column, of values in columns that never changed in training."""
    found, first = [], 0
    for part in chunks(x):
        if (departed := fitted.encoding.departures(part)) is not None:
            found += [[first + int(row), int(column)] for row, column in np.argwhere(departed)]
        first += len(part)
    if not found:
        return
    rows, columns = np.array(found).T
    constant = fitted.encoding.inverse(torch.zeros(x.shape[1:], device=fitted.device)).cpu()
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
