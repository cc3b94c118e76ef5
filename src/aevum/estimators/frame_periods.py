"""Periods in a DataFrame (months, quarters, weeks) as steps counted from 1970, and back."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.estimators.frame_times import is_period, is_time, of_objects, pandas, refuse_others
from aevum.estimators.frame_types import NO_TYPE, type_named

Array = NDArray[Any]
FAR = 2.0**62


def ordinals_of(column: Any, name: str, dtype: str) -> NDArray[np.float64]:
    """Periods of a type as whole numbers, 0 for that of 1970-01-01; dates and text by the one they lie in.

    >>> import pandas as pd
    >>> ordinals_of(pd.Series(["1970-03", None]), "month", "period[M]").tolist()
    [2.0, nan]

    Raises:
        InputError: a cell is no such period; says in which row.
    """
    package, freq = pandas(), type_named(dtype).freq
    made = of_objects(column.astype(object) if str(column.dtype) == "category" else column)
    if is_time(made):
        made = made.dt.tz_localize(None).dt.to_period(freq)
    elif not is_period(made):
        refuse_others(made, (str, datetime.date), name, "periods")
        found = []
        for row, value in enumerate(made):
            try:
                found.append(package.Period(None if value != value else value, freq=freq))
            except ValueError as error:
                raise InputError(f"column {name!r} holds {value!r} at row {row}, which is no {dtype}") from error
        made = package.Series(found, dtype=dtype)
    if made.dtype != dtype:
        raise InputError(
            f"column {name!r} holds {made.dtype}, and was {dtype} when the model learned; "
            f"X[{name!r}].dt.asfreq({dtype[7:-1]!r}) makes it so"
        )
    return np.where(made.isna(), np.nan, package.PeriodIndex(made).asi8.astype(np.float64))


def shown_periods(ordinals: Array, name: str, dtype: str, strict: bool = False) -> Any:
    """Steps as periods of a type, the nearest of years 1 to 9999 where they lie beyond; as numbers where there is no
    such type.

    Raises:
        InputError: some lie beyond, where that is ``strict``.
    """
    package = pandas()
    try:
        freq = type_named(dtype).freq
    except (*NO_TYPE, AttributeError):  # written by another version
        return package.Series(np.asarray(ordinals, np.float64))
    low, high = (_end(day, freq, far) for day, far in (("0001-01-01", -FAR), ("9999-12-31", FAR)))
    beyond = (ordinals < low) | (ordinals > high)
    if strict and beyond.any():
        raise InputError(
            f"row {int(beyond.argmax())}: this code lies so far out that it decodes to a time beyond what column "
            f"{name!r} ({dtype}) holds; codes of the prior have few such ones"
        )
    gone = np.isnan(ordinals)
    whole = np.round(np.clip(np.where(gone, 0.0, ordinals), low, high)).astype(np.int64)
    return package.Series(package.PeriodIndex.from_ordinals(whole, freq=freq)).mask(gone)


def _end(day: str, freq: Any, far: float) -> float:
    """The ordinal of the calendar's first or last day, or what is as good as infinite."""
    try:
        return float(pandas().Period(day, freq=freq).ordinal)
    except (ValueError, OverflowError):  # of nanoseconds
        return far


def same_periods(given: Any, made: Any) -> tuple[Any, Any]:
    """Both as those that were given: periods, dates at their beginning, or text."""
    given = of_objects(given)
    if is_period(given):
        return given, made
    if is_time(given):
        return given, made.dt.to_timestamp().dt.tz_localize(getattr(given.dtype, "tz", None)).astype(given.dtype)
    return given, made.astype(str).astype(given.dtype)
