"""Tables as text: numbers become x, one column may be the labels.

What differs from program to program (separator, decimal mark, encoding, names of columns) is found out where it can be;
:class:`~aevum.data.layout.TextOptions` tells the rest.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aevum.data.columns import (
    bad_cell,
    column_text,
    is_missing_text,
    label_array,
    label_position,
    missing_labels,
    refuse_unusable,
    without_index,
)
from aevum.data.dataset import Dataset
from aevum.data.decimals import COMMA, POINT, evidence, is_number, marks_of, number, words
from aevum.data.files import listed, quoted, shown
from aevum.data.kinds import stem
from aevum.data.layout import Layout, TextOptions, layout_of, table_rows
from aevum.data.missing import DROP, ERROR, settled
from aevum.data.selection import TableOptions
from aevum.errors import InputError


def open_csv(
    path: Path,
    labels: str | None = None,
    options: TextOptions | None = None,
    table_options: TableOptions | None = None,
    without: Sequence[str] = (),
) -> Dataset:
    """A table of numbers: x is (N, F) float64 with every column but the labels and those that number the rows.

    A nameless first column is the row index that pandas and R write. Where the first row holds no names, ``labels`` is
    a column's number, counted from 1. Columns called as in ``without`` aren't read.

    :raises InputError: text, missing or infinite values in x, rows of unequal length, no such column.
    """
    options = (options or TextOptions()).checked()
    wanted = (table_options or TableOptions()).checked()
    layout = layout_of(path, options)
    label = None if labels is None else label_position(layout.names, layout.width, labels, path)
    unread = {i for i in range(layout.width) if layout.names is not None and layout.names[i] in without}
    kept = wanted.kept(layout.names, layout.width, path)
    features = [i for i in kept if i not in {label, *unread} and not (i == 0 and layout.has_index)]
    if not features:
        beside = f" beside the labels {shown(labels)}" if labels is not None else ""
        raise InputError(f"{shown(path)} has no column left for the data{beside}")
    _refuse_repeated(path, layout.names, features)
    table = _read(path, layout, features, label, options.decimal)
    table, features = _without_empty(table, layout, features)
    columns = [column_text(layout.names, i) for i in features]
    refuse_unusable(path, table.x, columns, "line", table.lines, wanted.gaps)
    cells, gaps = ([], []) if label is None else _labels(path, layout, label, table, wanted.gaps)
    x, rows, said = settled(table.x, path, columns, wanted.gaps, empty_labels=gaps)
    cells = cells if rows is None else [cells[i] for i in rows if cells]
    y = None if label is None else label_array(cells, path, options.decimal)
    words_for_none = sorted({cell for cell in cells if is_missing_text(cell)})
    if words_for_none:
        table.notes.append(f"labels {listed([quoted(cell) for cell in words_for_none])} are taken for a class")
    names = None if layout.names is None else tuple(layout.names[i] or f"column {i + 1}" for i in features)
    notes = (*layout.notes, *(f"{path.name}: {note}" for note in table.notes), *said)
    about = f"{path.name}, {len(features)} columns"
    return without_index(
        Dataset(x, y, name=stem(path), description=about, feature_names=names, notes=notes, row_numbers=rows)
    )


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
        table = _read(path, each, [], column, None)
        y = label_array(_labels(path, layout, column, table)[0], path)
        if layout.names is None or (len(y) == rows and not layout.has_index):
            break
    return y


class _Table(NamedTuple):
    """The numbers (N, F), the line of each row, the labels' cells, and what should be said of the numbers."""

    x: NDArray[np.float64]
    lines: Sequence[int]
    cells: list[str]
    notes: list[str]


class _OtherMarksError(Exception):
    """A cell is a number, but not with a plain decimal point."""


def _read(path: Path, layout: Layout, features: list[int], label: int | None, decimal: str | None) -> _Table:
    if decimal == COMMA:
        return _numbers(path, layout, features, label, [decimal] * len(features))
    try:
        return _numbers(path, layout, features, label, None)
    except _OtherMarksError:
        found = _evidence(path, layout, features)
    names = [column_text(layout.names, i) for i in features]
    marks = [decimal] * len(features) if decimal else marks_of(found)
    if isinstance(marks, tuple):
        raise InputError(
            f"{shown(path)}: {names[marks[0]]} {marks[1]}; say which mark is the decimal one with --decimal . or"
            " --decimal , (decimal= in Python)"
        )
    return _numbers(path, layout, features, label, marks)._replace(notes=words(marks, found, names))


def _numbers(path: Path, layout: Layout, features: list[int], label: int | None, marks: list[str] | None) -> _Table:
    """Every row; cells without a value are NaN. Without ``marks``, all numbers are as Python writes them.

    :raises _OtherMarksError: without ``marks``, for a number that isn't.
    """
    numbers, lines, cells = array("d"), array("q"), list[str]()
    # Where all columns agree, a row is read at once: ten times as fast as cell by cell.
    mark = POINT if marks is None else marks[0] if len(set(marks)) == 1 else None
    for line, row in islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None):
        if len(row) != layout.width:
            raise _uneven(path, layout, row, line)
        values = [row[i] for i in features]
        text = "".join(values)
        try:
            # float() reads "2021_03" as 202103, and nobody means that.
            if mark is None or "_" in text or (mark == COMMA and POINT in text):
                raise ValueError
            found = list(map(float, values if mark == POINT else [cell.replace(COMMA, POINT) for cell in values]))
        except ValueError:
            found = [_number(path, layout, features, row, j, line, marks) for j in range(len(features))]
        numbers.extend(found)
        lines.append(line)
        if label is not None:
            cells.append(row[label].strip())
    if not lines:
        raise InputError(f"{shown(path)} has no rows below its first one, which holds the names of the columns")
    return _Table(np.frombuffer(numbers, dtype=np.float64).reshape(len(lines), len(features)), lines, cells, [])


def _number(
    path: Path, layout: Layout, features: list[int], row: list[str], j: int, line: int, marks: list[str] | None
) -> float:
    cell = row[features[j]]
    if is_missing_text(cell):
        return float("nan")
    with suppress(ValueError):
        if marks is not None:
            return number(cell, marks[j])
        if "_" not in cell:
            return float(cell)
    if marks is None and evidence(cell) is not None:
        raise _OtherMarksError
    others = [i for i in features if i != features[j] and not is_missing_text(row[i]) and not is_number(row[i])]
    names = [column_text(layout.names, i).removeprefix("column ") for i in others]
    column = column_text(layout.names, features[j])
    if marks is not None and evidence(cell) is not None:
        raise InputError(
            f"{shown(path)}, line {line}: {column} is {quoted(cell.strip())}, which is no number with the decimal mark"
            f" {quoted(marks[j])}; --decimal (decimal= in Python) says which it is"
        )
    raise bad_cell(path, column, cell, f"line {line}", names)


def _evidence(path: Path, layout: Layout, features: list[int]) -> list[dict[str, tuple[int, str]]]:
    """What each column's cells say about its decimal mark, with the first line and cell that say so."""
    found: list[dict[str, tuple[int, str]]] = [{} for _ in features]
    for line, row in islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None):
        if len(row) != layout.width:
            raise _uneven(path, layout, row, line)
        for own, i in zip(found, features, strict=True):
            cell = row[i]
            if (COMMA in own or COMMA not in cell) and (POINT in own or POINT not in cell):
                continue  # it can say nothing new, which is so of most
            kind = evidence(cell)
            if kind is not None and kind not in own:
                own[kind] = (line, cell.strip())
    return found


def _uneven(path: Path, layout: Layout, row: list[str], line: int) -> InputError:
    return InputError(
        f"{shown(path)}, line {line}: {len(row)} cells where the first row has {layout.width}; if another separator or"
        " decimal mark is meant, say --sep or --decimal (sep=, decimal= in Python)"
    )


def _refuse_repeated(path: Path, names: Sequence[str] | None, features: list[int]) -> None:
    own = [names[i] for i in features if names[i]] if names is not None else []
    repeated = next((name for name in own if own.count(name) > 1), None) if len(set(own)) < len(own) else None
    if repeated is not None:
        raise InputError(
            f"{shown(path)} has {own.count(repeated)} columns called {quoted(repeated)}; rename all but one"
        )


def _without_empty(table: _Table, layout: Layout, features: list[int]) -> tuple[_Table, list[int]]:
    """Without columns that have neither a name nor a value: rows that end with a separator make one."""
    nameless = [j for j, i in enumerate(features) if layout.names is None or not layout.names[i]]
    empty = {j for j in nameless if np.isnan(table.x[:, j]).all()}
    kept = [j for j in range(len(features)) if j not in empty]
    if not empty or not kept:
        return table, features
    return table._replace(x=table.x[:, kept]), [features[j] for j in kept]


def _labels(
    path: Path, layout: Layout, label: int, table: _Table, missing: str = ERROR
) -> tuple[list[str], Sequence[int]]:
    """The labels' cells, and the rows where they are empty, or hold a word for that where all others are numbers.

    :raises InputError: there are such rows, and they aren't to be dropped.
    """
    cells = table.cells
    gaps = [row for row, cell in enumerate(cells) if is_missing_text(cell)]
    if any(cells[row] for row in gaps) and not all(is_number(cell) for cell in cells if not is_missing_text(cell)):
        gaps = [row for row in gaps if not cells[row]]  # among words, "none" may be one
    if missing != DROP and any(cells[row].lower() != "nan" for row in gaps):  # which float() reads: refused later
        raise missing_labels(path, column_text(layout.names, label), len(gaps), f"line {table.lines[gaps[0]]}")
    return cells, gaps
