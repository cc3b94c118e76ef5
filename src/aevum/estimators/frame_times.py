"""Dates and lengths of time in a DataFrame as seconds, and back: in any unit, and however far off."""

from __future__ import annotations

import datetime
import importlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.missing import is_missing
from aevum.errors import InputError

Array = NDArray[Any]
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
MICRO = 10**6
# Calendars reach from year 1 to 9999; what a type holds is left by two days, since no zone is further off.
FIRST, LAST, MARGIN = -62_135_596_800, 253_402_300_799, 2 * 86_400
NO_TIME = np.iinfo(np.int64).min


def pandas() -> Any:
    """The package, which takes long to load: for tables that are no numbers alone."""
    return importlib.import_module("pandas")


def is_time(column: Any) -> bool:
    """Whether a column holds dates."""
    return str(column.dtype).startswith("datetime64")


def is_duration(column: Any) -> bool:
    """Whether a column holds lengths of time."""
    return str(column.dtype).startswith("timedelta64")


def is_period(column: Any) -> bool:
    """Whether a column holds periods, such as months."""
    return str(column.dtype).startswith("period[")


def is_arrow_time(column: Any) -> bool:
    """Whether a column holds dates or lengths of time as Arrow does."""
    return str(column.dtype).startswith(("timestamp[", "date32[", "date64[", "duration["))


def of_numpy(dtype: str) -> str:
    """The type of dates or lengths of time that holds what one of Arrow's does; another as it is.

    >>> of_numpy("timestamp[us, tz=UTC][pyarrow]"), of_numpy("duration[ms][pyarrow]"), of_numpy("datetime64[ns]")
    ('datetime64[us, UTC]', 'timedelta64[ms]', 'datetime64[ns]')
    """
    kind, _, rest = dtype.removesuffix("[pyarrow]").partition("[")
    known = {"timestamp": "datetime64", "date32": "datetime64", "date64": "datetime64", "duration": "timedelta64"}
    return f"{known[kind]}[{rest.replace('tz=', '').replace('day', 's')}" if kind in known else dtype


def held(column: Any) -> str:
    """What the cells of a column of objects are, as pandas infers it: "string", "boolean", "date", "empty", …"""
    return str(pandas().api.types.infer_dtype(column, skipna=True))


def of_objects(column: Any) -> Any:
    """Dates of Python or Arrow as ``datetime64``, lengths of time as ``timedelta64``, periods as such; others as is."""
    column = column.astype(object) if is_arrow_time(column) else column
    package, what = pandas(), held(column) if column.dtype == object else ""
    if what == "date":  # in units that hold every year
        return plain_dates(column, "us" if any(isinstance(value, datetime.datetime) for value in column) else "s")
    if what == "period":
        return package.Series(package.PeriodIndex(column), index=column.index, name=column.name)
    if what in ("datetime", "datetime64"):
        try:
            return package.to_datetime(column)
        except package.errors.OutOfBoundsDatetime:
            return plain_dates(column, "us")
        except (TypeError, ValueError) as error:
            raise InputError(
                f"column {column.name!r} holds dates of several time zones or some without; make them one: "
                f"pd.to_datetime(X[{column.name!r}], utc=True)"
            ) from error
    return package.to_timedelta(column) if what in ("timedelta", "timedelta64") else column


def plain_dates(column: Any, unit: str) -> Any:
    """Python's dates without a zone as ``datetime64``."""
    values = np.array([None if is_missing(value) else value for value in column], dtype=f"datetime64[{unit}]")
    return pandas().Series(values, index=column.index, name=column.name)


def seconds_of(column: Any) -> NDArray[np.float64]:
    """Dates in seconds since 1970, lengths of time in seconds, NaN for none."""
    package = pandas()
    index = package.TimedeltaIndex(column) if is_duration(column) else package.DatetimeIndex(column)
    whole, rest = np.divmod(np.asarray(index.asi8), PER_SECOND[index.unit])  # a quotient of all would lose digits
    found = whole.astype(np.float64) + rest / PER_SECOND[index.unit]
    return np.where(np.asarray(index.isna()), np.nan, found)


def times_of(column: Any, name: str, zoned: bool = False) -> Any:
    """A column as dates; text is read as ISO 8601, where day and month can't be confused, and nothing else.

    Args:
        name: of the column, for messages.
        zoned: whether the model's dates are of a time zone, so that those without one are taken for UTC.

    Raises:
        InputError: a cell is no such date; says in which row.
    """
    package = pandas()
    made = of_objects(column.astype(object) if str(column.dtype) == "category" else column)
    made = made.dt.to_timestamp() if is_period(made) else made
    if not is_time(made):
        refuse_others(made, (str, datetime.date), name, "dates")
        texts = made.map(str, na_action="ignore").astype(object)
        try:
            read = package.to_datetime(texts, format="ISO8601", errors="coerce", utc=zoned)
        except ValueError as error:
            raise InputError(f"column {name!r} holds dates of several time zones; make them one first") from error
        _refuse_unread(made, read, name, f"no date like 2020-01-31: pd.to_datetime(X[{name!r}], format=…) reads others")
        made = read
    return made.dt.tz_localize("UTC") if zoned and getattr(made.dtype, "tz", None) is None else made


def durations_of(column: Any, name: str) -> Any:
    """A column as lengths of time; text such as "1 days 02:00:00" is read.

    Raises:
        InputError: a cell is none; says in which row.
    """
    made = of_objects(column.astype(object) if str(column.dtype) == "category" else column)
    if is_duration(made):
        return made
    refuse_others(made, (str, datetime.timedelta), name, "lengths of time")
    read = pandas().to_timedelta(made.astype(object), errors="coerce")
    _refuse_unread(made, read, name, "no length of time like 1 days 02:00:00")
    return read


def refuse_others(column: Any, kinds: tuple[type, ...], name: str, what: str) -> None:
    """Raise where a cell is of another kind: 5 might be days or nanoseconds."""
    for row, value in enumerate(column):
        if not is_missing(value) and not isinstance(value, kinds):
            raise InputError(f"column {name!r} holds {value!r} at row {row}, and was of {what} when the model learned")


def _refuse_unread(column: Any, read: Any, name: str, why: str) -> None:
    lost = np.flatnonzero((read.isna() & column.notna()).to_numpy())
    if len(lost):
        more = "" if len(lost) == 1 else f" ({len(lost)} such cells)"
        raise InputError(f"column {name!r} holds {column.iloc[lost[0]]!r} at row {lost[0]}{more}, which is {why}")


def ticks_of(seconds: Array, unit: str, least: float, most: float, strict: str = "") -> NDArray[np.int64]:
    """Seconds as whole numbers of a unit, the nearest that there are where they lie beyond; as none where NaN.

    Raises:
        InputError: some lie beyond what ``strict`` names.
    """
    per = PER_SECOND[unit]
    low, high = max(least, -(2**63) // per + MARGIN), min(most, 2**63 // per - MARGIN)
    beyond = (seconds < low) | (seconds > high)
    if strict and beyond.any():
        raise InputError(
            f"row {int(beyond.argmax())}: this code lies so far out that it decodes to a time beyond what {strict} "
            f"holds; codes of the prior have few such ones"
        )
    fine = min(per, MICRO)  # of seconds as they are kept here, all else is noise
    kept = np.where(np.isnan(seconds), 0.0, np.clip(seconds, low, high))
    whole = np.floor(kept)
    ticks = whole.astype(np.int64) * per + np.round((kept - whole) * fine).astype(np.int64) * (per // fine)
    found: NDArray[np.int64] = np.where(np.isnan(seconds), NO_TIME, ticks)
    return found


def shown_times(seconds: Array, name: str, dtype: str, strict: bool = False) -> Any:
    """Seconds since 1970 as dates of this type, Python's own where it is "object"; see :func:`ticks_of`."""
    package = pandas()
    unit, _, zone = of_numpy(dtype).partition("[")[2].rstrip("]").partition(", ")
    unit = unit if unit in PER_SECOND else "s"
    of = f"column {name!r} ({dtype})" if strict else ""
    ticks = ticks_of(seconds, unit, FIRST + MARGIN if zone else FIRST, LAST - MARGIN if zone else LAST, of)
    made = package.Series(ticks.view(f"datetime64[{unit}]"))
    if zone:
        return made.dt.tz_localize("UTC").dt.tz_convert(zone)
    return made.dt.date.astype(object) if dtype == "object" else made


def shown_durations(seconds: Array, name: str, dtype: str, strict: bool = False) -> Any:
    """Seconds as lengths of time of this type; see :func:`ticks_of`."""
    unit = of_numpy(dtype).partition("[")[2].rstrip("]")
    unit = unit if unit in PER_SECOND else "us"
    ticks = ticks_of(seconds, unit, -np.inf, np.inf, f"column {name!r} ({dtype})" if strict else "")
    return pandas().Series(ticks.view(f"timedelta64[{unit}]"))
