"""What a table's columns are, and how each became numbers: numbers, categories, yes and no, dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from aevum.data.files import listed, quoted, shown
from aevum.data.like_numbers import said_of
from aevum.errors import InputError

NUMBER, CATEGORY, BOOLEAN, DATE, DURATION = "number", "category", "boolean", "date", "duration"
KINDS = (NUMBER, CATEGORY, BOOLEAN, DATE, DURATION)

# Up to so many different texts are categories in any table; more of them where they are few beside the rows.
FEW_CATEGORIES, MOST_CATEGORIES = 50, 1000
LONGEST_CATEGORY = 1000
_PAIRS = (("false", "true"), ("no", "yes"), ("n", "y"), ("f", "t"))


class Levels(NamedTuple):
    """Of a column of codes 0 to K − 1: how many classes there are, and whether their order means something."""

    classes: int
    ordered: bool = False


@dataclass(frozen=True)
class Column:
    """One column of a table, whose cells are numbers in ``x``, NaN where a cell is empty.

    :param name: its name; its number from 1 where the table has no names.
    :param kind: ``"number"``; ``"category"``, a code 0 … K−1 for each text of ``categories``; ``"boolean"``, 0 or 1;
        ``"date"``, days since 1970-01-01, with fractions for times (UTC); ``"duration"``, seconds.
    :param categories: the texts of a category in sorted order, or its own; of a boolean the two texts for 0 and 1.
    :param dtype: the type that pandas has for it, such as that of dates in a zone; nothing where any will do.
    :param ordered: whether a category's order means something.
    :param form: how numbers with a sign of per cent or a currency are written.

    >>> Column("colour", "category", ("blue", "red"))
    Column(name='colour', kind='category', categories=('blue', 'red'))
    """

    name: str
    kind: str = NUMBER
    categories: tuple[str, ...] = ()
    dtype: str = field(default="", repr=False, compare=False)
    ordered: bool = field(default=False, repr=False, compare=False)
    form: str = field(default="", repr=False, compare=False)


def arranged(schema: Sequence[Column], names: Sequence[str] | None) -> tuple[Column, ...]:
    """The columns in the order of these names; one that isn't known is of numbers.

    >>> arranged([Column("a"), Column("b", "date")], ["b", "c"])
    (Column(name='b', kind='date', categories=()), Column(name='c', kind='number', categories=()))
    """
    if names is None:
        return tuple(schema)
    known = {column.name: column for column in schema}
    return tuple(known.get(name, Column(name)) for name in names)


def coded(schema: Sequence[Column]) -> list[int]:
    """The positions of columns whose numbers are codes."""
    return [i for i, column in enumerate(schema) if column.kind in (CATEGORY, BOOLEAN)]


def boolean_pair(texts: Iterable[str]) -> tuple[str, str] | None:
    """The texts for no and yes where these are all that there are; a single letter needs the other.

    >>> boolean_pair(["Yes", "No"]), boolean_pair(["True"]), boolean_pair(["f", "m"])
    (('No', 'Yes'), ('False', 'True'), None)
    """
    found: dict[str, str] = {}
    for text in texts:
        found.setdefault(text.lower(), text)
    for no, yes in _PAIRS:
        if found and set(found) <= {no, yes} and (len(no) > 1 or len(found) == 2):
            one = next(iter(found.values()))
            like = str.upper if one.isupper() else str.title if one[0].isupper() else str.lower
            return found.get(no, like(no)), found.get(yes, like(yes))
    return None


def text_column(name: str, texts: Sequence[str]) -> tuple[Column, dict[str, int]]:
    """A column of these different texts, and the number of each.

    >>> text_column("c", ["red", "blue"])[1]
    {'blue': 0, 'red': 1}
    """
    pair = boolean_pair(texts)
    if pair is not None:
        return Column(name, BOOLEAN, pair), {text: int(text.lower() == pair[1].lower()) for text in texts}
    categories = tuple(sorted(texts))
    return Column(name, CATEGORY, categories), {text: code for code, text in enumerate(categories)}


def most_categories(rows: int) -> int:
    """How many different texts a column of so many rows may have to be one of categories."""
    return max(FEW_CATEGORIES, min(rows // 2, MOST_CATEGORIES))


def too_many(path: Path, column: str, examples: Sequence[str], rows: int, count: int | None = None) -> InputError:
    """The error for a column of texts that are no categories: an id, a name, free text."""
    many = f"{count:,}" if count is not None else f"over {most_categories(rows):,}"
    such = ", ".join(quoted(text) for text in examples[:2])
    if like := said_of(examples):
        return InputError(
            f"{shown(path)}: {column} holds {many} different texts in {rows:,} rows ({such}, …), which {like}; or"
            " leave it out with --drop (drop= in Python)"
        )
    return InputError(
        f"{shown(path)}: {column} isn't numeric: it holds {many} different texts in {rows:,} rows ({such}, …), like an"
        " id or free text; leave it out with --drop (drop= in Python), or name it with --labels if it is the label"
    )


def all_unread(errors: Mapping[str, InputError]) -> InputError:
    """The error for all columns that can't be read, by their names: the first one's, which is the one for a single one,
    and which the others are.
    """
    first, *others = errors.values()
    if not others:
        return first
    names = listed([quoted(name) for name in list(errors)[1:]], 20)
    return InputError(f"{first}; column{'s' if len(others) > 1 else ''} {names} can't be read either")


def too_long(path: Path, column: str, length: int) -> InputError:
    """The error for a text that can hardly be a category."""
    return InputError(
        f"{shown(path)}: {column} isn't numeric: one of its texts is {length} characters long; leave it out with --drop"
        " (drop= in Python)"
    )


def notes_of(name: str, schema: Sequence[Column]) -> list[str]:
    """What should be said of columns that weren't numbers in the file and look like some now."""
    said = {
        BOOLEAN: "read as 0 and 1: {}",
        DATE: "read as days since 1970-01-01: {}",
        DURATION: "read as seconds: {}",
    }
    found = {kind: [_told(column) for column in schema if column.kind == kind] for kind in said}
    return [f"{name}: {said[kind].format('column ' + listed(told, 6))}" for kind, told in found.items() if told]


def _told(column: Column) -> str:
    texts = f" ({', '.join(map(quoted, column.categories))})" if column.kind == BOOLEAN else ""
    return quoted(column.name) + texts
