"""Tables as text: numbers become x, one column may be the labels.

What differs from program to program (separator, decimal mark, encoding, names of columns) is found out where it can be;
:class:`~aevum.data.layout.TextOptions` tells the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.codes import POWER, lost
from aevum.data.columns import (
    column_text,
    is_missing_text,
    label_array,
    label_position,
    labels_with_gaps,
    missing_labels,
    numbering,
    refuse_unusable,
    without_index,
)
from aevum.data.csv_cells import Table, TextError, read_numbers
from aevum.data.csv_texts import all_powers, column_name, notes_of_texts, read_texts, text_columns
from aevum.data.dataset import Dataset
from aevum.data.decimals import is_number
from aevum.data.excel import is_excel, other_sheets
from aevum.data.files import listed, quoted, shown
from aevum.data.kinds import stem
from aevum.data.layout import Layout, TextOptions, layout_of, table_rows
from aevum.data.missing import DROP, settled
from aevum.data.schema import Column, coded, notes_of
from aevum.data.selection import TableOptions
from aevum.errors import InputError


def open_csv(
    path: Path,
    labels: str | None = None,
    options: TextOptions | None = None,
    table_options: TableOptions | None = None,
) -> Dataset:
    """A table: x is (N, F) float64 with every column but the labels and those that number the rows.

    Words become the codes of categories, yes and no 1 and 0, dates days: ``schema`` says which. A nameless first column
    is the row index that pandas and R write. Where the first row holds no names, ``labels`` is a column's number,
    counted from 1.

    :raises InputError: ids or free text, missing or infinite values in x, rows of unequal length, no such column.
    """
    options = (options or TextOptions()).checked()
    if is_excel(path):
        options = replace(options, sep=",", encoding="utf-8")
    wanted = (table_options or TableOptions()).checked()
    layout = layout_of(path, options)
    label, features = _chosen(path, layout, labels, wanted)
    table, schema = _read(path, layout, features, label, options.decimal)
    table, features = _without_empty(table, layout, features)
    columns = [column_text(layout.names, i) for i in features]
    known = tuple(schema[i] for i in features)
    refuse_unusable(path, table.x, columns, "line", table.lines, wanted.gaps)
    cells, gaps = ([], []) if label is None else _labels(path, layout, label, table, wanted)
    x, rows, said = settled(table.x, path, columns, wanted.gaps, coded=coded(known), empty_labels=gaps)
    cells = cells if rows is None else [cells[i] for i in rows if cells]
    empty = gaps if wanted.label_gaps and wanted.gaps != DROP else ()
    y = None if label is None else labels_with_gaps(cells, empty, path, options.decimal)
    names = None if layout.names is None else tuple(layout.names[i] or f"column {i + 1}" for i in features)
    sheets = other_sheets(path) if is_excel(path) else []
    told = [f"{path.name}: {note}" for note in (*table.notes, *_words_for_none(cells, empty))]
    notes = (*layout.notes, *sheets, *told, *notes_of(path.name, known), *said)
    about = f"{path.name}, {len(features)} columns"
    called = _row_names(path, layout, rows)
    found = Dataset(
        x,
        y,
        name=stem(path),
        description=about,
        feature_names=names,
        notes=notes,
        row_names=called,
        label_gaps=wanted.label_gaps,
    )
    return without_index(replace(found, row_numbers=rows, columns=known))


def _chosen(path: Path, layout: Layout, labels: str | None, wanted: TableOptions) -> tuple[int | None, list[int]]:
    """The positions of the labels and of the columns of the data."""
    label = None if labels is None else label_position(layout.names, layout.width, labels, path)
    kept = wanted.kept(layout.names, layout.width, path)
    features = [i for i in kept if i != label and not (i == 0 and layout.has_index)]
    if not features:
        beside = f" beside the labels {shown(labels)}" if labels is not None else ""
        raise InputError(f"{shown(path)} has no column left for the data{beside}")
    _refuse_repeated(path, layout.names, features)
    return label, features


def _row_names(path: Path, layout: Layout, rows: NDArray[np.intp] | None) -> tuple[str, ...] | None:
    """What a nameless first column calls the rows that are left; None where it only counts them."""
    if not layout.has_index:
        return None
    table = islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None)
    names = [shown(row[0].strip()) for _, row in table]
    if any(names == [str(i + start) for i in range(len(names))] for start in (0, 1)):
        return None
    return tuple(names if rows is None else (names[i] for i in rows))


def _words_for_none(cells: Sequence[str], empty: Sequence[int]) -> list[str]:
    """What is said of labels such as "NA", which are words among words; those of ``empty`` rows are no labels."""
    none = set(empty)
    words = sorted({cell for row, cell in enumerate(cells) if row not in none and is_missing_text(cell)})
    return [f"labels {listed([quoted(cell) for cell in words])} are taken for a class"] if words else []


def read_csv_column(path: Path, rows: int) -> NDArray[Any]:
    """The labels (N,) in a file of a single column (beside a nameless row index), with or without a name.

    Where the labels are text, only ``rows``, the number expected, tells whether the first of them is a name.

    :raises InputError: more than one column, or missing values.
    """
    layout = layout_of(path, TextOptions(), single=True)
    column = 1 if layout.has_index else 0
    if layout.width != column + 1:
        raise InputError(f"{shown(path)} has {layout.width} columns; a file of labels has one")
    for each in (layout._replace(names=None, skip=0), layout):
        table = read_numbers(path, each, [], column, None)
        y = label_array(_labels(path, layout, column, table, TableOptions())[0], path)
        if layout.names is None or (len(y) == rows and not layout.has_index):
            break
    return y


def _read(
    path: Path, layout: Layout, features: list[int], label: int | None, decimal: str | None
) -> tuple[Table, dict[int, Column]]:
    """The columns as numbers, and what each is, by its position."""
    schema = {i: Column(column_name(layout, i)) for i in features}
    try:
        table = read_numbers(path, layout, features, label, decimal)
        texts = text_columns(path, layout, list(table.codes), decimal) if table.codes else {}
        if not texts:
            return table._replace(notes=[*table.notes, *_lost_codes(path, table, layout, features)]), schema
    except TextError:
        texts = text_columns(path, layout, features, decimal)
    numbers = [i for i in features if i not in texts]
    table = read_numbers(path, layout, numbers, label, decimal)
    x = np.empty((len(table.lines), len(features)))
    x[:, [features.index(i) for i in numbers]] = table.x
    read_texts(path, layout, texts, {i: x[:, features.index(i)] for i in texts})
    said = [*table.notes, *_lost_codes(path, table, layout, numbers), *notes_of_texts(texts)]
    return table._replace(x=x, notes=said), {**schema, **{i: text.column for i, text in texts.items()}}


def _lost_codes(path: Path, table: Table, layout: Layout, numbers: list[int]) -> list[str]:
    """What is said of codes that became numbers all the same, but for those that number the rows and are left out."""
    powers = [i for i, cell in table.codes.items() if POWER.fullmatch(cell.strip())]
    mixed = set(powers) - (all_powers(path, layout, powers) if powers else set())  # numbers as people write them
    return [
        lost(column_text(layout.names, i), cell)
        for i, cell in table.codes.items()
        if i not in mixed and not numbering([(layout.names or {i: ""})[i]], table.x[:, [numbers.index(i)]])
    ]


def _refuse_repeated(path: Path, names: Sequence[str] | None, features: list[int]) -> None:
    own = [names[i] for i in features if names[i]] if names is not None else []
    repeated = next((name for name in own if own.count(name) > 1), None) if len(set(own)) < len(own) else None
    if repeated is not None:
        raise InputError(
            f"{shown(path)} has {own.count(repeated)} columns called {quoted(repeated)}; rename all but one"
        )


def _without_empty(table: Table, layout: Layout, features: list[int]) -> tuple[Table, list[int]]:
    """Without columns that have neither a name nor a value: rows that end with a separator make one."""
    nameless = [j for j, i in enumerate(features) if layout.names is None or not layout.names[i]]
    empty = {j for j in nameless if np.isnan(table.x[:, j]).all()}
    kept = [j for j in range(len(features)) if j not in empty]
    if not empty or not kept:
        return table, features
    return table._replace(x=table.x[:, kept]), [features[j] for j in kept]


def _labels(
    path: Path, layout: Layout, label: int, table: Table, wanted: TableOptions
) -> tuple[list[str], Sequence[int]]:
    """The labels' cells, and the rows where they are empty, or hold a word for that where all others are numbers.

    :raises InputError: there are such rows, which may neither be there nor are to be dropped.
    """
    cells = table.cells
    gaps = [row for row, cell in enumerate(cells) if is_missing_text(cell)]
    if any(cells[row] for row in gaps) and not all(is_number(cell) for cell in cells if not is_missing_text(cell)):
        gaps = [row for row in gaps if not cells[row]]  # among words, "none" may be one
    settled_by = wanted.label_gaps or wanted.gaps == DROP
    if not settled_by and any(cells[row].lower() != "nan" for row in gaps):  # which float() reads: refused later
        raise missing_labels(path, column_text(layout.names, label), len(gaps), f"line {table.lines[gaps[0]]}")
    return cells, gaps
