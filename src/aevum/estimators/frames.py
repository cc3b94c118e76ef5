"""DataFrames of any columns: text, categories and dates as numbers, and numbers as they were."""

from __future__ import annotations

import reprlib
import warnings
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data import Dataset
from aevum.data.codes import as_numbers, is_code, looked_up
from aevum.data.files import listed, quoted
from aevum.data.schema import CATEGORY, DATE, DURATION, NUMBER, Column, Levels
from aevum.errors import DataWarning, InputError
from aevum.estimators.columns import Matched, unmatched
from aevum.estimators.day_columns import DAY
from aevum.estimators.frame_classes import class_codes, different
from aevum.estimators.frame_columns import (
    COLUMN,
    SHOWN,
    FrameColumn,
    codes_of,
    described,
    is_frame,
    needs_code,
    of_numbers,
    plain_number,
)
from aevum.estimators.frame_labels import label_from_config, labels_of, listed_labels
from aevum.estimators.frame_shown import shown
from aevum.estimators.frame_text import doubt
from aevum.estimators.frame_times import pandas, shown_times
from aevum.estimators.frame_types import read_classes, written_classes
from aevum.schema import UnfitError, fields, fields_of, maybe, several

Array = NDArray[Any]
# What a file's columns are once they are in a model's numbers: dates in its days, or a DataFrame's in seconds.
_READ = {"class": CATEGORY, "date": DATE, "duration": DURATION, "time": "time", "period": "period"}
_DATES = ("time", "date", "period")


@dataclass(frozen=True)
class Schema:
    """The columns of the DataFrame that a model was fitted on, of which some are no numbers.

    Example:
        >>> import pandas as pd
        >>> frame = pd.DataFrame({"size": [1, 2, 3, 4], "kind": ["a", "b", None, "a"]})
        >>> schema = Schema.of(frame)
        >>> schema.levels, schema.coded(frame).to_numpy().tolist()
        ({1: Levels(classes=2, ordered=False)}, [[1.0, 0.0], [2.0, 1.0], [3.0, nan], [4.0, 0.0]])
        >>> schema.frame(np.array([[1.8, 1.0]]))
           size kind
        0     2    b
    """

    columns: tuple[FrameColumn, ...]
    labels: tuple[Any, ...] | None = None  # what the columns are called, where that isn't all text

    @classmethod
    def of(cls, X: Any) -> Schema | None:
        """The schema of a DataFrame of which a column holds text, categories or dates; None for all else.

        Raises:
            InputError: a column tells rows apart rather than into classes, or holds what no class can be.
        """
        if not is_frame(X) or len(set(X.columns)) < X.shape[1]:
            return None
        if not any(needs_code(X.iloc[:, place]) for place in range(X.shape[1])):
            return None
        columns = tuple(described(str(name), X.iloc[:, place]) for place, name in enumerate(X.columns))
        return cls(columns, labels_of(X.columns))

    @classmethod
    def of_files(cls, columns: Sequence[Column], x: Array) -> Schema | None:
        """The schema of a table ``(N, F)`` that was read from a file; None for one of numbers alone."""
        if all(column.kind == NUMBER and not column.form for column in columns):
            return None
        found = []
        for place, column in enumerate(columns):
            if column.categories == ("False", "True"):
                found.append(FrameColumn(column.name, column.dtype or "bool", "class", (False, True)))
                continue
            if column.categories:
                dtype = column.dtype or "object"
                found.append(FrameColumn(column.name, dtype, "class", column.categories, column.ordered))
                continue
            values = x[~np.isnan(x[:, place]), place]
            if column.kind == DATE:
                days = bool((values == np.round(values)).all())
                dtype, step = column.dtype or "datetime64[us]", 1.0 if days else 1.0 / DAY
                found.append(FrameColumn(column.name, dtype, "date", step=step))
                continue
            dtype = column.dtype or ("object" if column.form else "float64")
            known = of_numbers(column.name, dtype, values, column.form)
            if column.kind == DURATION:
                whole = 1.0 if known.step == 1.0 else None
                known = replace(known, dtype=column.dtype or "timedelta64[us]", kind="duration", step=whole)
            elif known.step == 1.0 and not (column.dtype or column.form):
                known = replace(known, dtype="int64")
            found.append(known)
        return cls(tuple(found))

    def recoded(self, data: Dataset) -> Dataset:
        """A table that was read from a file with the codes of these classes for those of its own.

        Raises:
            InputError: it holds a class that isn't known, or words where there were numbers.
        """
        theirs = {column.name: column for column in data.columns or ()}
        x = np.array(data.x, dtype=np.float64)
        for place, name in enumerate(data.feature_names or ()):
            mine, other = self.columns[place], theirs.get(name)
            words = () if other is None else other.categories
            if mine.kind != "class":
                x[:, place] = self._recoded(mine, x[:, place], NUMBER if other is None else other.kind, words)
                continue
            found = x[:, place]
            there = ~np.isnan(found)
            numbers = {float(text): text for text in map(str, mine.classes) if is_code(text)}  # "00501", for 501
            texts = [words[int(code)] if words else numbers.get(code, f"{code:.15g}") for code in found[there]]
            x[there, place] = class_codes(texts, mine.name, mine.classes)
        read = [(each.name, _READ.get(each.kind, NUMBER), tuple(map(str, each.classes))) for each in self.columns]
        return replace(data, x=x, columns=tuple(Column(*each) for each in read))

    def _recoded(self, mine: FrameColumn, values: Array, kind: str, words: Sequence[str]) -> Array:
        """A column that isn't one of classes."""
        if (mine.kind == "period" and (words or kind == DATE)) or (mine.kind == "duration" and words):
            dates = () if words else shown_times(values * DAY, mine.name, "datetime64[us]")
            cells = [None if code != code else words[int(code)] for code in values] if words else dates
            return codes_of(pandas().Series(cells), mine)
        if kind == DURATION and mine.kind != "duration":
            raise InputError(f"column {mine.name!r} holds lengths of time, and was of {mine.kind}s in training")
        if mine.kind not in _DATES and (numbers := as_numbers(words)) is not None:  # codes, read as numbers in training
            return looked_up(values, numbers)
        if words:
            was, hint = ("dates", "; write year-month-day") if mine.kind in _DATES else ("numbers", "")
            such = quoted(words[0])
            raise InputError(f"column {mine.name!r} holds words ({such}, …), and was of {was} in training{hint}")
        self._compare(mine, kind, bool(np.isnan(values).all()))
        return values * DAY if mine.kind == "time" and kind == DATE else values  # seconds, as a DataFrame's dates are

    @staticmethod
    def _compare(mine: FrameColumn, kind: str, empty: bool) -> None:
        """Refuse numbers where there were dates; say where it is the other way, as models of before know dates."""
        if mine.kind in _DATES and kind not in (DATE, mine.kind) and not empty:
            raise InputError(f"column {mine.name!r} holds numbers, and was of dates in training; write year-month-day")
        if kind == DATE and mine.kind not in _DATES:
            warnings.warn(
                f"column {mine.name!r} holds dates, and was of numbers in training: they are taken as days since "
                f"1970-01-01",
                DataWarning,
                stacklevel=7,
            )

    def refusal(self, likelihood: object) -> InputError:
        """Why a likelihood of one kind for all columns can't take these."""
        words = [column.name for column in self.columns if column.kind != "number"]
        return InputError(
            f"likelihood={likelihood!r} is for columns of numbers; use likelihood='columns' (or 'auto') for columns "
            f"such as {self._texts(words)}, or leave them out"
        )

    @cached_property
    def levels(self) -> dict[int, Levels]:
        """Of the columns of classes, how many there are, and whether in order."""
        classes = [(place, column) for place, column in enumerate(self.columns) if column.kind == "class"]
        return {place: Levels(len(column.classes), column.ordered) for place, column in classes}

    def coded(self, X: Any) -> Any:
        """A DataFrame of numbers with the same columns, NaN where a cell is missing; an array of numbers as it is.

        Raises:
            InputError: X is no DataFrame, or holds a class that the model doesn't know.
        """
        if isinstance(X, np.ndarray) and X.dtype.kind in "biuf":  # the model's own numbers
            return X.view(Matched)
        if not is_frame(X):
            raise InputError(
                f"this model was fitted on a DataFrame with columns that are no numbers "
                f"({self._texts([c.name for c in self.columns if c.kind != 'number'])}); give it a DataFrame"
            )
        known = {column.name: column for column in self.columns}
        found = {
            name: codes_of(X.iloc[:, place], known[str(name)]) if str(name) in known else X.iloc[:, place]
            for place, name in enumerate(X.columns)
        }
        return type(X)(found, index=X.index)

    def matched(self, X: Any) -> Matched:
        """A DataFrame's cells as numbers, its columns found by name, ``(N, F)``.

        Raises:
            InputError: its columns are others; names those that differ.
        """
        names, expected = [str(name) for name in X.columns], [column.name for column in self.columns]
        if sorted(names) != sorted(expected):
            twice = [f"{name} (twice)" for name in dict.fromkeys(names) if names.count(name) > 1]
            missing, unknown = (
                [name for name in some if name not in others] for some, others in ((expected, names), (names, expected))
            )
            raise unmatched(names, expected, missing, unknown or twice)
        coded = self.coded(X).iloc[:, [names.index(name) for name in expected]]
        found: Matched = coded.to_numpy(dtype=np.float64, na_value=np.nan).view(Matched)
        return found

    def place(self, name: Any) -> int | None:
        """Where a column stands that has this name or label; None where none has."""
        if self.labels is not None and name in self.labels:
            return self.labels.index(name)
        return next((place for place, column in enumerate(self.columns) if column.name == name), None)

    def code(self, place: int, value: Any) -> float:
        """The number that stands for a value of a column."""
        column = self.columns[place]
        if column.kind == "number":
            return float(plain_number(value, column.form))
        if column.kind == "class" and isinstance(value, str) and value not in column.classes:
            value = next((each for each in column.classes if str(each).lower() == value.lower()), value)
        if column.kind == "class":
            return float(class_codes([value], column.name, column.classes, strict=True)[0])
        return float(codes_of(pandas().Series([value]), column)[0])

    def frame(self, values: Array, strict: bool = False) -> Any:
        """A DataFrame of the model's numbers ``(n, F)``: whole numbers whole, classes by name, dates as dates.

        Raises:
            InputError: a date lies beyond its type, where that is ``strict``.
        """
        made = {column.name: shown(values[:, place], column, strict) for place, column in enumerate(self.columns)}
        frame = pandas().DataFrame(made)
        if self.labels is not None:
            frame.columns = pandas().Index(list(self.labels))
        return frame

    def warn(self, X: Any) -> None:
        """Say which columns of text were read as numbers, and which are classes that look like something else."""
        text = [column for column in self.columns if column.kind == "number" and column.form]
        read = [quoted(column.name) for column in text if not column.form.startswith("decimal")]
        if read:
            warnings.warn(
                f"column {listed(read, SHOWN)} is text and was read as numbers; where numbers stand for classes, make "
                f"them a category: X[…].astype('category')",
                DataWarning,
                stacklevel=3,
            )
        for place, column in enumerate(self.columns):
            if column.kind != "class" or column.dtype == "category":
                continue
            hint = doubt(column.name, [value for value in X.iloc[:, place] if isinstance(value, str)])
            if hint:
                warnings.warn(
                    f"column {column.name!r} is learned as {len(column.classes)} classes without an order, and {hint}",
                    DataWarning,
                    stacklevel=3,
                )

    @staticmethod
    def _texts(names: Sequence[str]) -> str:
        return listed([quoted(name) for name in names], SHOWN)

    def to_config(self) -> dict[str, Any]:
        """As JSON."""
        columns = [{**asdict(column), "classes": written_classes(column.classes, column.of)} for column in self.columns]
        return {"columns": columns, "labels": None if self.labels is None else listed_labels(self.labels)}


def schema_from_config(value: Any, where: str) -> Schema:
    """The inverse of ``to_config``."""
    # What a column's numbers were written like, and labels that aren't text, an earlier version didn't keep.
    earlier = {"labels": None, **fields_of(value, where)}
    if isinstance(earlier.get("columns"), list):
        earlier["columns"] = [{"form": "", "of": "", **fields_of(each, where)} for each in earlier["columns"]]
    found = fields(columns=several(COLUMN, least=1), labels=maybe(several(label_from_config)))(earlier, where)
    columns, labels = tuple(_column(each, where) for each in found["columns"]), found["labels"]
    if labels is not None and len(labels) != len(columns):
        raise UnfitError(f"{where}: {len(labels)} labels of {len(columns)} columns")
    for column in columns:
        if column.classes and column.kind != "class":
            raise UnfitError(f"{where}: column {reprlib.repr(column.name)} is of numbers and has classes")
        if column.form and column.kind != ("time" if column.form == "date" else "number"):
            raise UnfitError(f"{where}: column {reprlib.repr(column.name)} is written as {column.form!r}")
    return Schema(columns, labels)


def _column(found: dict[str, Any], where: str) -> FrameColumn:
    """A column of a config, its classes as they were."""
    try:
        column = FrameColumn(**{**found, "classes": read_classes(found["classes"], found["of"])})
        one_by_one = set(column.classes) if column.dtype == "category" else different(column.classes)
        if len(one_by_one) < len(column.classes):
            raise ValueError("a class is there twice")
        return column
    except (TypeError, ValueError, LookupError, ArithmeticError, ImportError, AttributeError) as error:
        raise UnfitError(f"{where}: the classes of {reprlib.repr(found['name'])} are none of {found['of']}") from error
