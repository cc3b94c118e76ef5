"""A column of a DataFrame as numbers, and back."""

from __future__ import annotations

import datetime
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.cell_forms import CELLS, NumberForm
from aevum.errors import InputError
from aevum.estimators.columns import as_numbers
from aevum.estimators.day_columns import DAY, days_in
from aevum.estimators.frame_classes import check_cells, class_codes, different, plain
from aevum.estimators.frame_periods import ordinals_of
from aevum.estimators.frame_text import FORM, decimal_form, doubt, form_of
from aevum.estimators.frame_times import (
    durations_of,
    held,
    is_arrow_time,
    is_duration,
    is_period,
    is_time,
    of_objects,
    pandas,
    seconds_of,
    times_of,
)
from aevum.estimators.frame_types import PLAIN, name_of
from aevum.schema import choice, fields, maybe, real, several, text, text_like, truth

Array = NDArray[Any]
KINDS = ("number", "class", "time", "date", "duration", "period")
# More texts than this, and than a half of the rows, tell rows apart rather than into classes.
FEW_CLASSES, SHOWN, MOST_CLASSES = 20, 10, 2**16
# Numbers of more are measured rather than written.
MOST_DECIMALS = 4
SECOND = 1.0


def plain_value(value: Any, where: str) -> Any:
    """A class as JSON holds it."""
    if isinstance(value, (bool, int, float)):
        return value if abs(value) < 2**63 and value == value else real()(value, where)
    return text(encodable=False)(value, where)


def class_value(value: Any, where: str) -> Any:
    """The same of one that is written as several, such as an interval."""
    return several(plain_value, most=99)(value, where) if isinstance(value, list) else plain_value(value, where)


COLUMN = fields(
    name=text(encodable=False),
    dtype=text(200),
    kind=choice(KINDS),
    classes=several(class_value, most=MOST_CLASSES),
    ordered=truth,
    step=maybe(real(0.0, above=True)),
    least=maybe(real()),
    form=text_like(FORM),
    of=text(200),
)


@dataclass(frozen=True)
class FrameColumn:
    """A column of a DataFrame.

    Args:
        name: what it is called.
        dtype: its type, as pandas writes it.
        kind: "number"; "class", coded 0 to K − 1; "time", in seconds since 1970; "date", of a file, in days since 1970;
            "duration", in seconds; or "period", in steps of its own since 1970.
        classes: the K classes, in the order of their codes.
        ordered: whether a category's order means something.
        step: what numbers and times are multiples of, such as whole numbers and days; None for any.
        least: what none lies below; None for any.
        form: how numbers were written that are text or Python's decimals, or "date" of Python's dates; nothing for all
            others.
        of: the type of a category's categories, as pandas writes it; nothing where it isn't known.
    """

    name: str
    dtype: str
    kind: str
    classes: tuple[Any, ...] = ()
    ordered: bool = False
    step: float | None = None
    least: float | None = None
    form: str = ""
    of: str = ""

    @property
    def unit(self) -> str:
        """In what its numbers are, where it isn't one of numbers; nothing for the others."""
        if self.kind == "period":
            return f"periods ({self.dtype[7:-1]}) since 1970"
        return {"time": "seconds since 1970", "date": "days since 1970", "duration": "seconds"}.get(self.kind, "")


def is_frame(X: Any) -> bool:
    """Whether X is a DataFrame of pandas."""
    return type(X).__module__.partition(".")[0] == "pandas" and hasattr(X, "columns")


def is_truth(column: Any) -> bool:
    """Whether a column is of yes and no by its type."""
    return getattr(getattr(column.dtype, "numpy_dtype", column.dtype), "kind", "") == "b"


def needs_code(column: Any) -> bool:
    """Whether a column is none of numbers: text, categories, dates, periods, lengths of time, yes and no with gaps."""
    dtype = column.dtype
    if any(is_such(column) for is_such in (is_time, is_duration, is_period, is_arrow_time)) or str(dtype) == "category":
        return True
    if getattr(dtype, "kind", "O") not in "OSU" or is_truth(column):
        return False
    return held(column) in ("string", "boolean") or not reads_as_numbers(column)


def reads_as_numbers(column: Any) -> bool:
    """Whether cells are numbers, none yes or no, and those of text the text of numbers and no more, such as "007"."""
    if not as_numbers(column) or held(column) == "boolean":
        return False
    there = column.dropna()
    texts = [value for value in there if isinstance(value, str)]
    return not any(isinstance(value, (bool, np.bool_)) for value in there) and (not texts or form_of(texts) is not None)


def are_days(column: Any) -> bool:
    """Whether a column of objects holds Python's dates, and none with a time."""
    return held(column) == "date" and all(type(value) is datetime.date for value in column.dropna())


def described(name: str, column: Any) -> FrameColumn:
    """What a column is."""
    made = of_objects(column)
    dtype, there = name_of(column.dtype if is_arrow_time(column) else made.dtype), made.dropna()
    if is_period(made):
        return FrameColumn(name, dtype, "period", step=1.0)
    if is_time(made) or is_duration(made):
        dates = column.dtype == object and are_days(column)
        seconds = seconds_of(there)
        steps = [step for step in (DAY, SECOND) if len(seconds) and bool((seconds % step == 0.0).all())]
        if is_time(made):
            step = DAY if DAY in steps else SECOND
            return FrameColumn(name, "object" if dates else dtype, "time", step=step, form="date" if dates else "")
        least = 0.0 if len(seconds) and float(seconds.min()) >= 0.0 else None
        return FrameColumn(name, dtype, "duration", step=next(iter(steps), None), least=least)
    if dtype == "category" or is_truth(column) or (needs_code(column) and not reads_as_numbers(column)):
        return of_classes(name, dtype, column, there)
    return of_numbers(name, dtype, np.asarray(there, dtype=np.float64), number_form(there))


def of_numbers(name: str, dtype: str, numbers: NDArray[np.float64], form: str = "") -> FrameColumn:
    """A column of these numbers: of as many decimals as they have, and not below 0 where none is."""
    least = 0.0 if len(numbers) and float(numbers.min()) >= 0.0 else None
    return FrameColumn(name, dtype, "number", step=decimal_step(numbers), least=least, form=form)


def number_form(there: Any) -> str:
    """How the numbers of a column are written that are text or Python's decimals; nothing for others."""
    what = "" if getattr(there.dtype, "kind", "O") not in "OSU" else held(there)
    if what == "decimal":
        return decimal_form(list(there))
    return (form_of(list(there)) if what == "string" else None) or ""


def decimal_step(numbers: NDArray[np.float64]) -> float | None:
    """What numbers are multiples of: 1 or, with so many decimals at most, a tenth, a hundredth and so on; also where
    they are in single precision.

    >>> decimal_step(np.array([0.5, 7.25])), decimal_step(np.array([3.0])), decimal_step(np.array([1 / 3]))
    (0.01, 1.0, None)
    """
    if not len(numbers):
        return None
    numbers = numbers.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        single = bool((numbers == numbers.astype(np.float32)).all())
        for decimals in range(MOST_DECIMALS + 1):
            near = np.round(numbers, decimals)
            if bool(((near.astype(np.float32) if single else near) == numbers).all()):
                return 10.0**-decimals
    return None


def of_classes(name: str, dtype: str, column: Any, there: Any) -> FrameColumn:
    """A column of classes: a category's own, in their order, or the different values, sorted."""
    if dtype == "category":
        classes = list(map(plain, column.cat.categories))
    else:
        check_cells(name, column)
        classes = different(there)
        if other := [value for value in classes if not isinstance(value, PLAIN)]:
            raise InputError(
                f"column {name!r} holds values that are neither text nor numbers ({other[0]!r}); "
                f"X[{name!r}].astype('category') makes classes of them"
            )
        classes.sort(key=lambda value: (type(value).__name__, value))
    if len(classes) > max(FEW_CLASSES, len(there) / 2) or len(classes) > MOST_CLASSES:
        hint = doubt(name, [value for value in classes if isinstance(value, str)])
        if not hint and any(isinstance(value, bool) for value in classes) and as_numbers(there):
            hint = f"holds True or False beside numbers; if they are 1 and 0, write X[{name!r}].astype(float)"
        raise InputError(
            f"column {name!r} has {len(classes)} different values in {len(there)} rows, which tell rows apart rather "
            f"than into classes: " + (f"it {hint}, or leave it out" if hint else "leave it out")
        )
    if dtype != "category":
        return FrameColumn(name, dtype, "class", tuple(classes))
    of = name_of(column.cat.categories.dtype)
    return FrameColumn(name, dtype, "class", tuple(classes), bool(column.cat.ordered), of=of)


def codes_of(column: Any, known: FrameColumn) -> NDArray[np.float64]:
    """A column as numbers, NaN where a cell is missing.

    Raises:
        InputError: it holds a class that isn't known, or no numbers where there were some.
    """
    check_cells(known.name, column if column.dtype == object else ())
    if known.kind == "time":
        return seconds_of(times_of(column, known.name, ", " in known.dtype))
    if known.kind == "period":
        return ordinals_of(column, known.name, known.dtype)
    if known.kind == "date":
        return seconds_of(column) / DAY if is_time(column) else days_in(known.name, list(column))
    if known.kind == "duration":
        return seconds_of(durations_of(column, known.name))
    if known.kind == "number":
        return numbers_of(unsigned_cells(column, known.form), known.name)
    return class_codes(list(column), known.name, known.classes)


def unsigned_cells(column: Any, form: str) -> Any:
    """A column whose texts have a sign of per cent or of a currency, in a file's form, as numbers where they are."""
    if not form.startswith(CELLS) or getattr(column.dtype, "kind", "O") not in "OSU":
        return column
    return column.astype(object).map(lambda cell: plain_number(cell, form), na_action="ignore")


def plain_number(cell: Any, form: str) -> Any:
    """A cell in a file's form as a number; as it is where it is none."""
    if isinstance(cell, str) and form.startswith(CELLS):
        with suppress(ValueError):
            return NumberForm.named(form).number(cell)
    return cell


def numbers_of(column: Any, name: str) -> NDArray[np.float64]:
    """A column as numbers, also of text that says numbers.

    Raises:
        InputError: a cell is none; says in which row.
    """
    if is_time(column) or is_duration(column) or getattr(column.dtype, "kind", "O") in "mMc":
        raise InputError(f"column {name!r} has type {column.dtype}, and was of numbers when the model learned")
    if getattr(column.dtype, "kind", "O") not in "OSU" and str(column.dtype) != "category":
        found: NDArray[np.float64] = column.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        return found
    values = column.astype(object)
    read = pandas().to_numeric(values, errors="coerce")
    lost = np.flatnonzero((read.isna() & values.notna()).to_numpy())
    if len(lost):
        more = "" if len(lost) == 1 else f" ({len(lost)} such cells)"
        raise InputError(
            f"column {name!r} holds {values.iloc[lost[0]]!r} at row {lost[0]}{more}, and was of numbers when the model "
            f"learned; a cell without a value is None or NaN"
        )
    return np.asarray(read, dtype=np.float64)
