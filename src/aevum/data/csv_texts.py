"""Columns of a table as text that hold words: categories, yes and no, dates; or ids, which are refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from aevum.data import schema
from aevum.data.cell_forms import NumberForm
from aevum.data.codes import POWER, are_codes
from aevum.data.columns import ALWAYS_EMPTY, bad_cell, column_text, is_missing_text
from aevum.data.csv_cells import uneven
from aevum.data.dates import DAY_FIRST, ISO, MONTH_FIRST, days, forms, zone_in
from aevum.data.decimals import POINT, evidence, is_number, marks_of, number, unsigned
from aevum.data.files import quoted, shown
from aevum.data.layout import Layout, table_rows
from aevum.data.like_numbers import CLOCK, said_of, said_of_brackets
from aevum.data.schema import LONGEST_CATEGORY, MOST_CATEGORIES, Column, most_categories
from aevum.errors import InputError

# A word such as "none" is a category where it stands in more cells than a value that is missing does as a rule.
_RARE = 0.2
# A column of so many numbers, and not a few different ones, has a cell that is wrong rather than categories.
_STRAY, _FEW_NUMBERS = 0.8, 10


@dataclass
class Seen:
    """What the cells of a column are: different texts with their number and first line, as far as they are few."""

    texts: dict[str, list[int]] = field(default_factory=dict)
    more: int = 0
    numbers: int = 0  # different ones
    first: tuple[int, str] | None = None
    dates: frozenset[str] | None = None
    signs: set[str] = field(default_factory=set)
    zones: set[str] = field(default_factory=set)
    marks: dict[str, tuple[int, str]] = field(default_factory=dict)

    def add(self, line: int, cell: str) -> None:
        text = cell.strip()
        known = self.texts.get(text)
        if known is not None:
            known[0] += 1
        elif len(self.texts) <= MOST_CATEGORIES:
            self.texts[text] = [1, line]
            self.look(line, text)
        elif not is_missing_text(text):
            self.more += 1
            self.look(line, text)

    def look(self, line: int, text: str) -> None:
        """At a text that is new, or one of too many to be remembered."""
        if is_missing_text(text):
            return
        if is_number(text):
            self.numbers += 1
            self.signs.add("")
            return
        signed = unsigned(text)
        self.signs.add("" if signed is None else signed[0])
        if signed is not None and (kind := evidence(signed[1])) is not None:
            self.marks.setdefault(kind, (line, text))
        if self.first is None:
            self.first = (line, text)
        if self.dates is None or self.dates:
            found = forms(text)
            self.dates = found if self.dates is None else self.dates & found
            self.zones.add(zone_in(text))

    @property
    def dtype(self) -> str:
        """The type of dates in the zone that all have, else in UTC; nothing where none has one."""
        zone = next(iter(self.zones)) if len(self.zones) == 1 else "UTC"
        return f"datetime64[us, {zone}]" if zone else ""

    @property
    def sign(self) -> str:
        """That of per cent or of a currency which every cell has; nothing where that isn't so."""
        return next(iter(self.signs)) if len(self.signs) == 1 else ""

    @property
    def there(self) -> list[str]:
        """The different texts of cells that have a value, as far as they are remembered."""
        return [text for text in self.texts if not is_missing_text(text)]

    def are_few_codes(self, rows: int) -> bool:
        """Whether every cell is a code, and there are as few different ones as of categories."""
        return not self.more and len(self.there) <= most_categories(rows) and are_codes(self.there)

    @property
    def are_dates(self) -> bool:
        """Whether every cell is a date."""
        return bool(self.dates) and not self.numbers


@dataclass(frozen=True)
class TextColumn:
    """What a column of words is, and the number of each; of dates, the form that they are in; of numbers with a sign of
    per cent or of a currency, the sign and the decimal mark.
    """

    column: Column
    codes: Mapping[str, int]
    form: str | None = None
    sign: str | None = None
    mark: str = POINT

    def value(self, cell: str) -> float:
        """A cell as a number, NaN where it is empty."""
        text = cell.strip()
        if self.sign is not None:
            return np.nan if is_missing_text(text) or (found := unsigned(text)) is None else number(found[1], self.mark)
        if self.form is None:
            return float(self.codes.get(text, np.nan))
        return float("nan") if is_missing_text(text) else days(text, self.form)


def column_name(layout: Layout, i: int) -> str:
    """A column's name, its number from 1 where it has none."""
    return (layout.names[i] if layout.names is not None else "") or f"{'column ' if layout.names else ''}{i + 1}"


def text_columns(path: Path, layout: Layout, features: list[int], decimal: str | None = None) -> dict[int, TextColumn]:
    """The columns that hold anything but numbers, by position.

    :raises InputError: a column of ids or free text, one of numbers with a word among them, or of dates that can be
        read in two ways.
    """
    found, rows = [Seen() for _ in features], 0
    for line, row in islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None):
        if len(row) != layout.width:
            raise uneven(path, layout, row, line)
        rows += 1
        for seen, i in zip(found, features, strict=True):
            seen.add(line, row[i])
    each = dict(zip(features, found, strict=True))
    words = {i: seen for i, seen in each.items() if seen.first is not None or seen.are_few_codes(rows)}
    _refuse_other_separator(path, layout, words)
    read, unread = {}, {}
    for i, seen in words.items():
        try:
            read[i] = _text_column(path, layout, i, seen, rows, decimal)
        except InputError as error:
            unread[column_name(layout, i)] = error
    if unread:
        raise schema.all_unread(unread)
    return read


def all_powers(path: Path, layout: Layout, features: list[int]) -> set[int]:
    """Which of these columns have an ``e`` between digits in every cell."""
    left = set(features)
    for _, row in islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None):
        left = {i for i in left if is_missing_text(row[i]) or POWER.fullmatch(row[i].strip())}
        if not left:
            break
    return left


def read_texts(
    path: Path, layout: Layout, texts: Mapping[int, TextColumn], into: Mapping[int, NDArray[np.float64]]
) -> None:
    """The numbers of these columns' cells."""
    for k, (_, row) in enumerate(islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None)):
        for i, text in texts.items():
            into[i][k] = text.value(row[i])


def _text_column(path: Path, layout: Layout, i: int, seen: Seen, rows: int, decimal: str | None) -> TextColumn:
    name, told = column_name(layout, i), column_text(layout.names, i)
    if seen.first is None:
        return TextColumn(*schema.text_column(name, seen.there))
    line, cell = seen.first
    if seen.sign:
        return signed_column(name, seen.sign, _mark(path, told, seen.marks, decimal), seen.texts)
    if seen.are_dates:
        dates = Column(name, schema.DATE, dtype=seen.dtype)
        return TextColumn(dates, {}, form_of(path, told, seen, f"line {line}"))
    filled = {text: count for text, (count, _) in seen.texts.items() if not is_missing_text(text)}
    numbers = sum(count for text, count in filled.items() if is_number(text))
    many = seen.more > 0 or len(filled) > most_categories(rows)
    words = [text for text in filled if not is_number(text)]
    if (many or len(filled) > _FEW_NUMBERS) and numbers and (said := said_of_brackets(words)):
        raise InputError(f"{shown(path)}, line {line}: {told} holds texts that {said}")
    if numbers >= _STRAY * (sum(filled.values())) and (many or len(filled) > _FEW_NUMBERS):
        raise bad_cell(path, told, cell, f"line {line}")
    if many:
        raise schema.too_many(path, told, words, rows, None if seen.more else len(filled))
    longest = max(map(len, filled))
    if longest > LONGEST_CATEGORY:
        raise schema.too_long(path, told, longest)
    marks = {text: count for text, (count, _) in seen.texts.items() if is_missing_text(text)}
    common = {text for text in marks if text.lower() not in ALWAYS_EMPTY and marks[text] > _RARE * rows}
    return TextColumn(*schema.text_column(name, [*filled, *common]))


def signed_column(name: str, sign: str, mark: str, texts: Iterable[str]) -> TextColumn:
    """A column of numbers with a sign, of which these are some."""
    found = TextColumn(Column(name), {}, sign=sign, mark=mark)
    there = [text for text in islice(texts, MOST_CATEGORIES) if not is_missing_text(text)]
    form = NumberForm.of(there, map(found.value, there), mark)
    return replace(found, column=replace(found.column, form=form.name))


def _mark(path: Path, told: str, found: Mapping[str, tuple[int, str]], decimal: str | None) -> str:
    """The decimal mark of numbers with a sign."""
    marks = [decimal] if decimal else marks_of([found])
    if isinstance(marks, tuple):
        raise InputError(
            f"{shown(path)}: {told} {marks[1]}; say which mark is the decimal one with --decimal . or --decimal ,"
            " (decimal= in Python)"
        )
    return marks[0]


def notes_of_texts(texts: Mapping[int, TextColumn]) -> list[str]:
    """What should be said of columns whose cells are numbers with a sign, or classes that look like dates."""
    dates = {
        text.column.name: (text.column.categories, said)
        for text in texts.values()
        if (said := said_of(text.column.categories))
    }
    signs = [
        f"column {quoted(text.column.name)} is read as numbers, without the sign {quoted(text.sign)}"
        for text in texts.values()
        if text.sign is not None
    ]
    return signs + [
        f"column {quoted(name)} is learned as {len(classes)} classes without an order, and its texts {said}"
        for name, (classes, said) in dates.items()
    ]


def form_of(path: Path, told: str, seen: Seen, where: str) -> str:
    """The form of a column's dates.

    :raises InputError: the day can't be told from the month.
    """
    if seen.dates == frozenset((DAY_FIRST, MONTH_FIRST)):
        cell = "" if seen.first is None else seen.first[1]
        raise InputError(
            f"{shown(path)}, {where}: {told} holds dates such as {quoted(cell)}, whose first number may be the day"
            " or the month; write them as year-month-day, or leave the column out with --drop (drop= in Python)"
        )
    return next(form for form in (ISO, DAY_FIRST, MONTH_FIRST) if form in (seen.dates or ()))


def _refuse_other_separator(path: Path, layout: Layout, words: Mapping[int, Seen]) -> None:
    """Refuse cells that are several numbers: the separator is another. Times of day beside other columns are none."""
    wrong = {
        i: seen.first
        for i, seen in words.items()
        if seen.first is not None and not (seen.are_dates or seen.sign) and _several_numbers(seen.first[1], layout)
    }
    if wrong:
        (i, (line, cell)), *more = wrong.items()
        others = [column_text(layout.names, j).removeprefix("column ") for j, _ in more]
        raise bad_cell(path, column_text(layout.names, i), cell, f"line {line}", others)


def _several_numbers(cell: str, layout: Layout) -> bool:
    if layout.width > 1 and CLOCK.fullmatch(cell):
        return False
    parts = [part for part in re.split(r"[\s,;:|]+", cell) if part]
    return len(parts) > 1 and all(map(is_number, parts))
