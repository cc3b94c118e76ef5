"""A column of labels beside the rows: categories, a quantity, or a name for each row; some cells may have no value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from aevum.data.columns import ALWAYS_EMPTY
from aevum.data.dates import days, form_of
from aevum.data.files import quoted
from aevum.data.labels import columns_of
from aevum.errors import InputError
from aevum.numerals import class_text

Array = NDArray[Any]
Kind = Literal["category", "quantity", "name"]
KINDS: tuple[Kind, ...] = ("category", "quantity", "name")
# More different labels than these are a quantity, or a name for each row: no list of them helps anyone.
MOST_LABELS = 1000
# So many whole numbers are classes, however few rows there are; of more, each has to have some rows.
FEW_LABELS, ROWS_A_LABEL = 20, 10
LONGEST_NAME, LONGEST_TEXT, MOST_COLUMNS = 80, 200, 200
# "None" may well be a class, of damages say.
EMPTY = {*ALWAYS_EMPTY, "na", "n/a", "<na>", "?"}
UNIT = re.compile(r"^(.*\S)\s*[(\[]([^()\[\]]{1,24})[)\]]$", re.DOTALL)


@dataclass(frozen=True, eq=False)
class TraitColumn:
    """What the rows have in one column.

    Args:
        name: the column's.
        kind: "category", "quantity" or "name", a text of its own for (nearly) every row.
        values: of a quantity ``(N,)``, NaN where there is none; else empty.
        categories: the words, in their order; of names the distinct ones.
        index: of categories and names ``(N,)``, each row's place among them, -1 where there is none; else empty.
        unit: in which a quantity is told, where the name says it.
    """

    name: str
    kind: Kind
    values: NDArray[np.float64]
    categories: tuple[str, ...]
    index: NDArray[np.int32]
    unit: str | None = None

    def __len__(self) -> int:
        return max(len(self.values), len(self.index))

    @property
    def known(self) -> NDArray[np.bool_]:
        """Which rows have a value, ``(N,)``."""
        return np.isfinite(self.values) if self.kind == "quantity" else self.index >= 0

    @property
    def float32(self) -> NDArray[np.float32]:
        """A quantity's values as a page takes them, NaN also where they are too large for that."""
        with np.errstate(over="ignore"):
            found = self.values.astype(np.float32)
        return np.where(np.isfinite(found), found, np.float32("nan"))

    def text(self, row: int) -> str:
        """A row's value as text; empty where it has none."""
        if self.kind == "quantity":
            value = float(self.values[row])
            return class_text(value) if np.isfinite(value) else ""
        return self.categories[self.index[row]] if self.index[row] >= 0 else ""

    def take(self, rows: NDArray[np.intp]) -> TraitColumn:
        """The same column of some of the rows."""
        values = self.values[rows] if len(self.values) else self.values
        index = self.index[rows] if len(self.index) else self.index
        return TraitColumn(self.name, self.kind, values, self.categories, index, self.unit)


def trait_columns(labels: Any, rows: int, kinds: Mapping[str, str] | None = None) -> tuple[TraitColumn, ...]:
    """The columns of a DataFrame, a mapping, a structured array, or of one array without a name ("label").

    Columns in which no row has a value are left out, and so are those of other things than numbers, words, truth and
    dates.

    Args:
        labels: one value a row in each column; None for no columns.
        rows: how many rows there are.
        kinds: of some columns by name, what they are: "category", "quantity" or "name".

    Raises:
        InputError: a column of another length, several of one name, or a kind that can't be.

    >>> found = trait_columns({"age (years)": [41.5, None, 60.25], "sex": ["f", "m", ""]}, 3)
    >>> [(column.name, column.kind, column.unit, column.known.tolist()) for column in found]
    [('age (years)', 'quantity', 'years', [True, False, True]), ('sex', 'category', None, [True, True, False])]
    """
    if labels is None:
        return ()
    named = _named(labels)
    wanted = dict(kinds or {})
    for name, kind in wanted.items():
        if name not in named or kind not in KINDS:
            known = ", ".join(named) if name not in named else ", ".join(KINDS)
            raise InputError(f"{quoted(name)} can't be {quoted(kind)}: choose from {known}")
    found = [trait_column(name, values, rows, wanted.get(name)) for name, values in named.items()]
    return tuple(column for column in found if column is not None)[:MOST_COLUMNS]


def _named(labels: Any) -> dict[str, Any]:
    if isinstance(labels, pd.DataFrame):
        columns_of(labels)  # names that are there twice
        return {str(name): labels[name] for name in labels.columns}
    if isinstance(labels, Mapping):
        return {str(name): values for name, values in labels.items()}
    several = columns_of(labels)
    if several is not None:
        return several
    if isinstance(labels, pd.Series):
        return {str(labels.name or "label"): labels}
    values = labels.detach().cpu().numpy() if hasattr(labels, "detach") else np.asarray(labels)
    if values.ndim == 2:
        return {f"label {place + 1}": values[:, place] for place in range(values.shape[1])}
    return {"label": values}


def trait_column(name: str, values: Any, rows: int, kind: str | None = None) -> TraitColumn | None:
    """One column; None where no row has a value that could be shown.

    Raises:
        InputError: it has another length than there are rows, or is no quantity though it should be one.
    """
    series = pd.Series(values.reshape(-1) if isinstance(values, np.ndarray) and values.ndim == 2 else values)
    if len(series) != rows:
        raise InputError(f"the column of labels {quoted(name)} has {len(series):,} values for {rows:,} rows")
    title = short(name, LONGEST_NAME) or "label"
    unit = unit_in(title)
    if isinstance(series.dtype, pd.CategoricalDtype) and kind in (None, "category"):
        return _categories(
            title, series.cat.codes.to_numpy(), [class_text(c) for c in series.cat.categories], "category"
        )
    years = _years_of_texts(series) if kind in (None, "quantity") else None
    numbers = _numbers(series) if years is None else years
    if numbers is not None and kind not in ("category", "name"):
        known = numbers[np.isfinite(numbers)]
        if not len(known):
            return None
        truth = series.dtype.kind == "b" if isinstance(series.dtype, np.dtype) else str(series.dtype) == "boolean"
        if kind == "quantity" or (not truth and is_quantity(known, len(np.unique(known)), whole=_whole(series))):
            dated = years is not None or pd.api.types.is_datetime64_any_dtype(series)
            empty = np.empty(0, np.int32)
            return TraitColumn(title, "quantity", numbers, (), empty, "year" if dated else unit)
    if kind == "quantity":
        raise InputError(f"the column of labels {quoted(name)} holds words, which are no quantity")
    return _words(title, series, numbers if years is None else None, kind)


def unit_in(title: str) -> str | None:
    """What stands in brackets at the end of a name.

    >>> unit_in("age (years)"), unit_in("age")
    ('years', None)
    """
    match = UNIT.match(title)
    return None if match is None else match[2].strip() or None


def _words(title: str, series: Any, numbers: Array | None, kind: str | None) -> TraitColumn | None:
    """Categories, or names where they are too many."""
    if numbers is not None:
        found, index = np.unique(np.where(np.isfinite(numbers), numbers, np.nan), return_inverse=True)
        truth = bool(pd.api.types.is_bool_dtype(series.dropna().infer_objects()))
        words = [str(bool(each)) if truth else class_text(each) for each in found[np.isfinite(found)]]
        places = np.where(np.isfinite(numbers), index.reshape(-1), -1)
    else:
        if any(isinstance(value, (list, tuple, dict, set, np.ndarray)) for value in series.tolist()):
            return None
        texts = [_cell(value) for value in series.tolist()]
        words = sorted({text for text in texts if text})
        place = {text: i for i, text in enumerate(words)}
        places = np.fromiter((place.get(text, -1) for text in texts), np.int64, len(texts))
    counted = int((places >= 0).sum())
    if not counted:
        return None
    many = len(words) > MOST_LABELS or (numbers is None and len(words) > FEW_LABELS and 2 * len(words) > counted)
    return _categories(title, places, words, "name" if kind == "name" or (many and kind != "category") else "category")


def _categories(title: str, places: Array, words: list[str], kind: Kind) -> TraitColumn | None:
    """Without words that no row has; more than can be told apart are names."""
    places = np.asarray(places, np.int64)
    used = np.unique(places[places >= 0])
    if not len(used):
        return None
    renumbered = np.full(len(words) + 1, -1, np.int64)
    renumbered[used] = np.arange(len(used))
    if len(used) > MOST_LABELS:
        kind = "name"
    shown = tuple(short(words[place], LONGEST_TEXT) for place in used.tolist())
    index = np.where(places >= 0, renumbered[places], -1).astype(np.int32)
    return TraitColumn(title, kind, np.empty(0), shown, index)


def _numbers(series: Any) -> NDArray[np.float64] | None:
    """The values as numbers, NaN where there are none; dates as years with a fraction; None where there are words."""
    if pd.api.types.is_datetime64_any_dtype(series):
        return _years(series)
    if pd.api.types.is_timedelta64_dtype(series) or pd.api.types.is_complex_dtype(series):
        return None
    if pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series):
        found = pd.to_numeric(series, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        texts = [None if value is None or _cell(value) == "" else value for value in series.tolist()]
        if any(isinstance(value, (bytes, list, tuple, dict, set, np.ndarray)) for value in texts):
            return None
        try:
            found = np.array([np.nan if value is None else float(value) for value in texts], dtype=np.float64)
        except (TypeError, ValueError, OverflowError):
            return None
    return np.where(np.isfinite(found), found, np.nan)


def _years_of_texts(series: Any) -> NDArray[np.float64] | None:
    """Dates that are written, all in one form, as years with a fraction; None for other texts and where there are none.

    >>> _years_of_texts(pd.Series(["1.7.2021", "", "31.12.2022"])).round(2).tolist()
    [2021.5, nan, 2023.0]
    """
    if not (series.dtype == object or isinstance(series.dtype, pd.StringDtype)):
        return None
    if not all(_lacks(value) or isinstance(value, str | bytes | date) for value in series.tolist()):
        return None
    texts = [_cell(value) for value in series.tolist()]
    distinct = {text for text in texts if text}
    form = form_of(distinct)
    if form is None:
        return None
    epoch = np.datetime64("1970-01-01", "s")
    moments = {text: epoch + np.timedelta64(round(days(text, form) * 86_400.0), "s") for text in distinct}
    return _years(pd.Series([moments.get(text, np.datetime64("NaT", "s")) for text in texts], dtype="datetime64[s]"))


def _years(series: Any) -> NDArray[np.float64]:
    """Dates as years with a fraction, which read well on a scale."""
    dates = series.dt.tz_localize(None) if getattr(series.dt, "tz", None) is not None else series
    leap = dates.dt.is_leap_year.to_numpy(dtype=bool, na_value=False)
    day = dates.dt.day_of_year.to_numpy(dtype=np.float64, na_value=np.nan)
    year = dates.dt.year.to_numpy(dtype=np.float64, na_value=np.nan)
    found: NDArray[np.float64] = year + (day - 1.0) / np.where(leap, 366.0, 365.0)
    return found


def _whole(series: Any) -> bool:
    """Whether its numbers are stored as whole ones, which are rather classes than floats are."""
    return bool(pd.api.types.is_integer_dtype(series) or series.dtype == object)


def is_quantity(values: Array, distinct: int, whole: bool | None = None) -> bool:
    """Whether labels are numbers on a scale: not all whole, too many, or so many that hardly two rows share one.

    >>> x = np.array([1.5, 2.0]), np.arange(10).repeat(30), np.arange(300), np.arange(36.0).repeat(30)
    >>> [is_quantity(values, len(np.unique(values))) for values in x], is_quantity(np.array(["a"]), 1)
    ([True, False, True, True], False)
    """
    if values.dtype.kind not in "iuf" or not distinct:
        return False
    if values.dtype.kind == "f" and not (np.isfinite(values).all() and (values == np.round(values)).all()):
        return True
    if distinct <= FEW_LABELS:
        return False
    floats = values.dtype.kind == "f" if whole is None else not whole
    return floats or distinct > MOST_LABELS or len(values) < ROWS_A_LABEL * distinct


def _lacks(value: Any) -> bool:
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and value != value)


def _cell(value: Any) -> str:
    """A cell as text; nothing where it holds no value."""
    if _lacks(value):
        return ""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else class_text(value)
    return "" if text.strip().lower() in EMPTY else text


def short(text: str, most: int) -> str:
    """On one line, without what can't be printed, and not too long."""
    line = " ".join("".join(mark if mark.isprintable() else " " for mark in str(text)).split())
    return line if len(line) <= most else line[: most - 1] + "…"
