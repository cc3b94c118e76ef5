"""Numbers of a model as columns of a DataFrame, and the missing cells of a DataFrame filled with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.cell_forms import dates_like
from aevum.data.columns import is_missing_text
from aevum.estimators.day_columns import DAY
from aevum.estimators.frame_columns import FrameColumn, are_days, is_truth, number_form, reads_as_numbers
from aevum.estimators.frame_periods import same_periods, shown_periods
from aevum.estimators.frame_text import written
from aevum.estimators.frame_times import (
    durations_of,
    held,
    is_arrow_time,
    is_time,
    of_objects,
    pandas,
    shown_durations,
    shown_times,
    times_of,
)
from aevum.estimators.frame_types import ARROW, as_was, categories, name_of, type_named

Array = NDArray[Any]


def rounded(values: Array, step: float) -> Array:
    """The nearest multiples of a step, those of a tenth as they are written: 0.3 and not 3 × 0.1."""
    if step >= 1.0:
        return np.asarray(np.round(values / step) * step)
    each = round(1.0 / step)
    return np.asarray(np.round(values * each) / each)


def shown(values: Array, column: FrameColumn, strict: bool = False) -> Any:
    """A column as it was, out of numbers; at the ends of its type where they lie beyond.

    Raises:
        InputError: times lie beyond them, where that is ``strict``.
    """
    package = pandas()
    if column.kind == "class":
        codes = np.clip(np.round(values), 0, max(len(column.classes) - 1, 0)).astype(np.int64)
        if column.dtype == "category":
            classes = categories(column.classes, column.of)
            return package.Series(package.Categorical.from_codes(codes, classes, ordered=column.ordered))
        cells = np.array([*column.classes, None], dtype=object)[codes]
        return as_was(package.Series(cells, dtype=object), column.dtype)
    numbers = values if column.step is None else rounded(values, column.step)
    numbers = numbers if column.least is None else np.maximum(numbers, column.least)
    if column.kind == "time":
        made = shown_times(numbers, column.name, column.dtype, strict)
        return as_was(made, column.dtype) if column.dtype.endswith(ARROW) else made
    if column.kind == "period":
        return shown_periods(numbers, column.name, column.dtype, strict)
    if column.kind == "date":
        # Days with a fraction tell no less than milliseconds.
        return shown_times(np.round(numbers * DAY, 3), column.name, column.dtype, strict)
    if column.kind == "duration":
        made = shown_durations(numbers, column.name, column.dtype, strict)
        return as_was(made, column.dtype) if column.dtype.endswith(ARROW) else made
    if column.form:
        texts = [written(each, column.form) for each in numbers]
        return as_was(package.Series(texts, dtype=object), column.dtype)
    return of_type(numbers, column.dtype)


def of_type(numbers: Array, dtype: str) -> Any:
    """Numbers as a column of a type of numbers, none beyond its ends; of float64 for any other type."""
    package = pandas()
    try:
        kind = type_named(dtype)
        plain = np.dtype(getattr(kind, "numpy_dtype", getattr(kind, "subtype", kind)))
    except (TypeError, ValueError, NotImplementedError, ImportError):  # written by another version
        plain = np.dtype(object)
    if plain.kind in "iu":
        made = package.Series(whole(numbers, plain)).astype(dtype)
        gone = np.isnan(numbers)
        return made.mask(gone) if gone.any() else made
    if plain.kind == "b":
        return package.Series(numbers >= 0.5).astype(dtype)
    if plain.kind != "f":
        return package.Series(np.asarray(numbers, np.float64))
    most = float(np.finfo(plain).max)
    return package.Series(np.clip(numbers, -most, most).astype(plain)).astype(dtype)


def whole(numbers: Array, dtype: np.dtype[Any]) -> Array:
    """The nearest whole numbers that a type holds; 0 for NaN.

    >>> whole(np.array([-3.0, 2.6, 1e30]), np.dtype("uint8")).tolist()
    [0, 3, 255]
    >>> whole(np.array([2.0**63]), np.dtype("int64")).tolist()  # 2⁶³ is a float, 2⁶³ − 1 is none
    [9223372036854775807]
    """
    ends, near = np.iinfo(dtype), np.round(np.asarray(numbers, np.float64))
    low, high = near <= float(ends.min), near >= float(ends.max)
    made = np.where(low | high | np.isnan(near), 0.0, near).astype(dtype)
    made[low], made[high] = ends.min, ends.max
    return made


def like(column: Any) -> FrameColumn:
    """How numbers are to be shown in a column of a DataFrame of numbers alone: in its own type."""
    if is_truth(column) or (column.dtype == object and held(column) == "boolean"):
        return FrameColumn(str(column.name), name_of(column.dtype), "class", (False, True))
    objects = getattr(column.dtype, "kind", "O") in "OSU"  # cell by cell, which takes long where all are numbers
    form = number_form(column.dropna()) if objects and reads_as_numbers(column) else ""
    return FrameColumn(str(column.name), name_of(column.dtype), "number", form=form)


def filled(
    X: Any, read: Array, values: Array, columns: Sequence[FrameColumn] | None, names: Sequence[str] | None
) -> Any:
    """A copy of X, as the user has it, in which the cells that are missing are those of ``values``.

    Args:
        X: a DataFrame of N rows.
        read: it as numbers ``(N, F)``, NaN where a cell is missing.
        values: what the cells may be, ``(N, F)``.
        columns: what the model's columns are; None for numbers alone.
        names: what they are called; None where they are taken by position.
    """
    own = [str(name) for name in X.columns]
    places = [names.index(name) for name in own] if names and sorted(names) == sorted(own) else range(len(own))
    out = X.copy()
    for at, place in enumerate(places):
        column = X.iloc[:, at]
        known = like(column) if columns is None else columns[place]
        made = mended(column, np.isnan(read[:, place]), shown(values[:, place], known), known)
        made.index, made.name = X.index, column.name
        out.isetitem(at, made)
    return out


def mended(given: Any, gaps: NDArray[np.bool_], made: Any, known: FrameColumn) -> Any:
    """A column with the cells of another where it lacks them: of that one's type where this changes no cell, else of
    its own, else of objects.
    """
    if gaps.all():
        return made
    if str(given.dtype).startswith("Sparse"):  # which takes no values one by one
        dense = made.sparse.to_dense() if given.dtype == made.dtype else made
        found = mended(given.sparse.to_dense(), gaps, dense, known)
        return found.astype(given.dtype) if cast(found, given.dtype) is not None else found
    made = of_objects(made) if is_arrow_time(made) else made
    if is_arrow_time(given):
        return as_was(mended(of_objects(given), gaps, made, known), given.dtype)
    if known.kind == "time":
        given, made = same_dates(given, made, known)
    elif known.kind == "period":
        given, made = same_periods(given, made)
    elif known.kind == "date" and is_time(given):
        made = in_zone(made, getattr(given.dtype, "tz", None))
    elif known.kind == "date":
        made = as_was(days_as_text(made, given.dropna()), given.dtype)
    elif known.kind == "duration":
        given = durations_of(given, known.name)
    places = np.flatnonzero(gaps)
    if not gaps.any() and cast(given, made.dtype) is None:
        return given.copy()
    if given.dtype == made.dtype:
        out, cells = given.copy(), made[gaps]
    elif (typed := cast(given[~gaps], made.dtype)) is not None:
        out, cells, places = made.copy(), typed, np.flatnonzero(~gaps)
    elif (typed := cast(made[gaps], given.dtype)) is not None:
        out, cells = given.copy(), typed
    else:
        out, cells = given.astype(object), made[gaps].astype(object)
    out.iloc[places] = cells.array
    return out


def same_dates(given: Any, made: Any, known: FrameColumn) -> tuple[Any, Any]:
    """Both as dates of one kind: text as dates, and Python's dates as those that were given where these are others."""
    if not known.form:
        given, zone = times_of(given, known.name, ", " in known.dtype), getattr(given.dtype, "tz", None)
        # A model of dates without a zone takes those of one for UTC.
        return given, made if zone is None or ", " in known.dtype else made.dt.tz_localize("UTC").dt.tz_convert(zone)
    if are_days(given):
        return given, made
    if is_time(given):
        return given, of_objects(made).astype(given.dtype)
    return times_of(given, known.name).dt.date.astype(object), made


def days_as_text(made: Any, there: Any) -> Any:
    """Dates as text in the form of those that are there, as year-month-day where these have none."""
    cells = [str(cell).strip() for cell in there if isinstance(cell, str) and not is_missing_text(cell)]
    found = dates_like(in_zone(made, None).to_numpy().astype("datetime64[us]"), cells)
    return made.dt.strftime("%Y-%m-%d") if found is None else pandas().Series(found, dtype=object)


def in_zone(made: Any, zone: Any) -> Any:
    """Dates in a time zone, or in UTC without one."""
    made = made if getattr(made.dtype, "tz", None) is not None else made.dt.tz_localize("UTC")
    return made.dt.tz_convert("UTC").dt.tz_localize(None) if zone is None else made.dt.tz_convert(zone)


def cast(column: Any, dtype: Any) -> Any:
    """A column as another type; None where it can't hold some cell as it is."""
    try:
        made = column.astype(dtype)
        kept = bool((made.astype(object) == column.astype(object)).all())
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        return None
    return made if kept else None
