"""A column of a DataFrame as numbers, and back."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import listed, quoted
from aevum.data.missing import is_missing
from aevum.errors import DataWarning, InputError, MissingPackageError
from aevum.estimators.columns import as_numbers
from aevum.estimators.day_columns import DAY, days_in, moments
from aevum.schema import choice, fields, maybe, real, several, text, truth

Array = NDArray[Any]
KINDS = ("number", "class", "time", "date", "duration")
# More texts than this, and than a half of the rows, tell rows apart rather than into classes.
FEW_CLASSES, SHOWN, MOST_CLASSES = 20, 10, 2**16
# Numbers of more are measured rather than written.
MOST_DECIMALS = 4
SECOND = 1.0
_LIKE: dict[str, tuple[Any, ...]] = {
    "false": ("false", "False", "FALSE", False),
    "true": ("true", "True", "TRUE", True),
}


def plain_value(value: Any, where: str) -> Any:
    """A class as JSON holds it."""
    if isinstance(value, (bool, int, float)):
        return value if abs(value) < 2**63 and value == value else real()(value, where)
    return text(encodable=False)(value, where)


COLUMN = fields(
    name=text(encodable=False),
    dtype=text(200),
    kind=choice(KINDS),
    classes=several(plain_value, most=MOST_CLASSES),
    ordered=truth,
    step=maybe(real(0.0, above=True)),
    least=maybe(real()),
)


@dataclass(frozen=True)
class FrameColumn:
    """A column of a DataFrame.

    Args:
        name: what it is called.
        dtype: its type, as pandas writes it.
        kind: "number"; "class", coded 0 to K − 1; "time", in seconds since 1970; "date", of a file, in days since 1970;
            or "duration", in seconds.
        classes: the K classes, in the order of their codes.
        ordered: whether a category's order means something.
        step: what numbers and times are multiples of, such as whole numbers and days; None for any.
        least: what none lies below; None for any.
    """

    name: str
    dtype: str
    kind: str
    classes: tuple[Any, ...] = ()
    ordered: bool = False
    step: float | None = None
    least: float | None = None

    @property
    def unit(self) -> str:
        """In what its numbers are, where it isn't one of numbers; nothing for the others."""
        return {"time": "seconds since 1970", "date": "days since 1970", "duration": "seconds"}.get(self.kind, "")


def pandas() -> Any:
    """The package.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        return importlib.import_module("pandas")
    except ImportError as error:
        raise MissingPackageError("this model gives DataFrames: pip install 'aevum[tables]'") from error


def is_frame(X: Any) -> bool:
    """Whether X is a DataFrame of pandas."""
    return type(X).__module__.partition(".")[0] == "pandas" and hasattr(X, "columns")


def is_time(column: Any) -> bool:
    """Whether a column holds dates."""
    return str(column.dtype).startswith("datetime64")


def is_duration(column: Any) -> bool:
    """Whether a column holds lengths of time."""
    return str(column.dtype).startswith("timedelta64")


def needs_code(column: Any) -> bool:
    """Whether a column is no column of numbers: text, categories, dates, lengths of time."""
    dtype = column.dtype
    if is_time(column) or is_duration(column) or str(dtype) == "category":
        return True
    return getattr(dtype, "kind", "O") in "OSU" and not as_numbers(column)


def described(name: str, column: Any) -> FrameColumn:
    """What a column is."""
    dtype, there = str(column.dtype), column.dropna()
    if is_time(column) or is_duration(column):
        seconds = seconds_of(there)
        steps = [step for step in (DAY, SECOND) if len(seconds) and bool((seconds % step == 0.0).all())]
        if is_time(column):
            return FrameColumn(name, dtype, "time", step=DAY if DAY in steps else SECOND)
        least = 0.0 if len(seconds) and float(seconds.min()) >= 0.0 else None
        return FrameColumn(name, dtype, "duration", step=next(iter(steps), None), least=least)
    if needs_code(column) or dtype in ("bool", "boolean"):
        return of_classes(name, dtype, column, there)
    numbers = np.asarray(there, dtype=np.float64)
    least = 0.0 if len(numbers) and float(numbers.min()) >= 0.0 else None
    return FrameColumn(name, dtype, "number", step=decimal_step(numbers), least=least)


def decimal_step(numbers: NDArray[np.float64]) -> float | None:
    """What numbers are multiples of: 1 or, with so many decimals at most, a tenth, a hundredth and so on.

    >>> decimal_step(np.array([0.5, 7.25])), decimal_step(np.array([3.0])), decimal_step(np.array([1 / 3]))
    (0.01, 1.0, None)
    """
    steps = (decimals for decimals in range(MOST_DECIMALS + 1) if (numbers == np.round(numbers, decimals)).all())
    decimals = next(steps, None) if len(numbers) else None
    return None if decimals is None else 10.0**-decimals


def of_classes(name: str, dtype: str, column: Any, there: Any) -> FrameColumn:
    """A column of classes: a category's own, in their order, or the different values, sorted."""
    if dtype == "category":
        classes = [plain(value) for value in column.cat.categories]
    else:
        classes = sorted({plain(value) for value in there}, key=lambda value: (type(value).__name__, value))
    if not all(isinstance(value, (str, bool, int, float)) for value in classes):
        raise InputError(f"column {name!r} holds values that are neither text nor numbers; write them as text")
    if len(classes) > max(FEW_CLASSES, len(there) / 2) or len(classes) > MOST_CLASSES:
        raise InputError(
            f"column {name!r} has {len(classes)} different values in {len(there)} rows, which tell rows apart rather "
            f"than into classes: leave it out"
        )
    ordered = dtype == "category" and bool(column.cat.ordered)
    return FrameColumn(name, dtype, "class", tuple(classes), ordered)


def plain(value: Any) -> Any:
    """A value as Python has it."""
    return value.item() if isinstance(value, np.generic) else value


def seconds_of(column: Any) -> NDArray[np.float64]:
    """Dates in seconds since 1970, lengths of time in seconds, NaN for none."""
    package = pandas()
    if is_duration(column):
        return np.asarray(column / package.Timedelta(seconds=1), dtype=np.float64)
    origin = package.Timestamp(0, tz="UTC") if getattr(column.dtype, "tz", None) is not None else package.Timestamp(0)
    return np.asarray((column - origin) / package.Timedelta(seconds=1), dtype=np.float64)


def codes_of(column: Any, known: FrameColumn) -> NDArray[np.float64]:
    """A column as numbers, NaN where a cell is missing.

    Raises:
        InputError: it holds a class that isn't known, or no numbers where there were some.
    """
    if known.kind == "time":
        made = column if is_time(column) else pandas().to_datetime(column)
        if getattr(made.dtype, "tz", None) is None and ", " in known.dtype:
            made = made.dt.tz_localize("UTC")
        return seconds_of(made)
    if known.kind == "date":
        return seconds_of(column) / DAY if is_time(column) else days_in(known.name, list(column))
    if known.kind == "duration":
        return seconds_of(column if is_duration(column) else pandas().to_timedelta(column))
    if known.kind == "number":
        if getattr(column.dtype, "kind", "O") in "mMSU" or not (column.dtype != object or as_numbers(column)):
            raise InputError(
                f"column {known.name!r} has type {column.dtype}, and was of numbers when the model learned"
            )
        found: NDArray[np.float64] = column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        return found
    return class_codes(list(column), known)


def class_codes(values: Sequence[Any], known: FrameColumn, strict: bool = False) -> NDArray[np.float64]:
    """The codes of classes, NaN for what is missing, and for what isn't known, with a warning.

    Raises:
        InputError: one isn't known, where that is ``strict``.
    """
    # By their texts too: what is True in a DataFrame was "True" in a file.
    place: dict[Any, float] = {str(value): float(code) for code, value in enumerate(known.classes)}
    place |= {value: float(code) for code, value in enumerate(known.classes)}
    if {str(value).lower() for value in known.classes} == {"false", "true"}:  # which pandas reads in any letters
        place |= {like: place[text] for text in tuple(map(str, known.classes)) for like in _LIKE[text.lower()]}
    codes = [
        np.nan if is_missing(value) else place.get(plain(value), place.get(str(plain(value)), -1.0)) for value in values
    ]
    if -1.0 in codes:
        value = plain(values[codes.index(-1.0)])
        names = listed([quoted(str(each)) for each in known.classes], SHOWN)
        count = codes.count(-1.0)
        if strict:
            raise InputError(f"column {known.name!r} has no {value!r}, which the model doesn't know; it knows {names}")
        warnings.warn(
            f"column {known.name!r} holds {value!r}, which the model doesn't know ({count} cell{'s' * (count > 1)}, "
            f"taken for missing); it knows {names}",
            DataWarning,
            stacklevel=6,
        )
    return np.array([np.nan if code == -1.0 else code for code in codes], dtype=np.float64)


def rounded(values: Array, step: float) -> Array:
    """The nearest multiples of a step, those of a tenth as they are written: 0.3 and not 3 × 0.1."""
    if step >= 1.0:
        return np.asarray(np.round(values / step) * step)
    each = round(1.0 / step)
    return np.asarray(np.round(values * each) / each)


def shown(values: Array, column: FrameColumn) -> Any:
    """A column as it was, out of numbers."""
    package = pandas()
    if column.kind == "class":
        codes = np.clip(np.round(values), 0, max(len(column.classes) - 1, 0)).astype(np.int64)
        if column.dtype == "category":
            return package.Categorical.from_codes(codes, list(column.classes), ordered=column.ordered)
        made = np.array([*column.classes, None], dtype=object)[codes]
        return package.Series(made).astype(column.dtype)
    numbers = values if column.step is None else rounded(values, column.step)
    numbers = numbers if column.least is None else np.maximum(numbers, column.least)
    if column.kind == "time":
        zone = column.dtype.partition(", ")[2].rstrip("]")
        made = package.to_datetime(package.Series(np.round(numbers * 1e3)), unit="ms", utc=bool(zone))
        return made.dt.tz_convert(zone).astype(column.dtype) if zone else made.astype(column.dtype)
    if column.kind == "date":
        return package.Series(moments(numbers))
    if column.kind == "duration":
        return package.to_timedelta(package.Series(np.round(numbers * 1e6)), unit="us").astype(column.dtype)
    return package.Series(numbers).astype(column.dtype if column.dtype != "object" else "float64")
