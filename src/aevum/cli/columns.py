"""Columns of labels for a page: a table that --labels names, and what the data's own file has beside their features."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.plain import say
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.data.trait_columns import TraitColumn
    from aevum.estimators import LatentVariableEstimator

KIND = click.option(
    "--kind",
    multiple=True,
    metavar="NAME=KIND",
    help="What a column of labels is where it is guessed wrong: category, quantity or name.",
)
MOST_OF_Y = 2
# Of more cells that are dates a column was meant to be of dates.
MOSTLY = 0.9
TEXT = ("sep", "decimal", "encoding", "header")


def kinds_of(texts: Sequence[str]) -> dict[str, str]:
    """Kinds by name, from texts such as "grade=quantity".

    Raises:
        InputError: a text is none of these.

    >>> kinds_of(["grade=quantity"])
    {'grade': 'quantity'}
    """
    from aevum.data.trait_columns import KINDS

    found = {}
    for text in texts:
        name, separator, kind = text.rpartition("=")
        if not separator or not name.strip() or kind.strip() not in KINDS:
            raise InputError(
                f"--kind takes NAME=KIND with one of {', '.join(KINDS)}, such as grade=quantity, not {text!r}"
            )
        found[name.strip()] = kind.strip()
    return found


def apart(given: dict[str, Any], estimator: LatentVariableEstimator) -> tuple[dict[str, Any], str | None]:
    """What is said of opening the data, and the table of labels beside them, if that is what --labels names.

    A conditional model's one column of labels, perhaps beside files' names, is what it is conditioned on: its reader
    takes it.
    """
    from aevum.data.label_tables import holds_label_table, read_label_table

    named = given.get("labels")
    if named is None or not holds_label_table(named):
        return given, None
    if estimator.conditional and len(read_label_table(named).columns) <= MOST_OF_Y:
        return given, None
    return {key: value for key, value in given.items() if key != "labels"}, named


def columns_for(
    data: Dataset, source: str, beside: str | None, kinds: Mapping[str, str] | None, opening: Mapping[str, Any]
) -> tuple[TraitColumn, ...]:
    """The columns of the table beside the data, and those of the data's file that are none of its features.

    Raises:
        InputError: the table can't be read or has other rows than the data, or a kind is said of no column.
    """
    from aevum.data.label_tables import labels_beside, other_columns, read_label_table
    from aevum.data.layout import TextOptions
    from aevum.data.trait_columns import trait_column, trait_columns

    text = TextOptions(**{name: opening.get(name) for name in TEXT})
    tables: list[Any] = [] if beside is None else [labels_beside(data, read_label_table(beside), beside)]
    tables.append(other_columns(source, data, text))
    named: dict[str, Any] = {}
    for table in tables:
        for name in () if table is None else table.columns:
            named.setdefault(str(name), table[name])
    wanted = kinds or {}
    if wanted:
        trait_columns({name: [] for name in named}, 0, wanted)  # names that are no column's
    found = [trait_column(str(name), values, len(data), wanted.get(name)) for name, values in named.items()]
    own = () if beside is None else tables[0].columns
    for name, column in zip(named, found, strict=True):
        unknown = column is not None and column.kind == "name" and name in own and name not in wanted
        if unknown and [str(value) for value in named[name]] != list(data.row_names or ()):
            say(f"{beside}: {_why_names(name, named[name])}")
    return tuple(column for column in found if column is not None)


def _why_names(name: str, values: Any) -> str:
    """What a column of texts of which nearly all differ is good for; of dates but for a few cells, which they are."""
    from aevum.data.dates import forms
    from aevum.data.files import quoted

    texts = [str(value) for value in values if str(value).strip()]
    counted = Counter(form for text in texts for form in forms(text))
    told = f"column {quoted(name)} names rows, which / finds, and colours nothing"
    form, dates = counted.most_common(1)[0] if counted else ("", 0)
    if dates > MOSTLY * len(texts):
        odd = next((text for text in texts if form not in forms(text)), None)
        if odd is None:
            return f"{told}: which part of its dates is the day and which the month can't be told"
        return f"{told}: its cells are dates but for {len(texts) - dates} of {len(texts)}, such as {quoted(odd)}"
    return f"{told}: nearly all of its texts differ (--kind {quoted(name + '=category')} makes each a class)"
