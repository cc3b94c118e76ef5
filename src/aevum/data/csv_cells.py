"""The cells of a table as text, as numbers."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from aevum.data.codes import JOINT, has_code, is_code
from aevum.data.columns import column_text, is_missing_text
from aevum.data.decimals import COMMA, POINT, evidence, marks_of, maybe_thousands, number, words
from aevum.data.files import quoted, shown
from aevum.data.layout import Layout, table_rows
from aevum.errors import InputError


class Table(NamedTuple):
    """The numbers (N, F), the line of each row, the labels' cells, what should be said of the numbers, and the first
    cell of each column that may be a code.
    """

    x: NDArray[np.float64]
    lines: Sequence[int]
    cells: list[str]
    notes: list[str]
    codes: Mapping[int, str]


class TextError(Exception):
    """A cell is no number at all."""


class _OtherMarksError(Exception):
    """A cell is a number, but not with a plain decimal point."""


def read_numbers(path: Path, layout: Layout, features: list[int], label: int | None, decimal: str | None) -> Table:
    """The columns ``features`` as numbers, and the cells of the labels.

    :raises TextError: a cell is neither a number nor empty.
    :raises InputError: rows of several lengths, or a decimal mark that isn't clear.
    """
    if decimal == COMMA:
        return _numbers(path, layout, features, label, [decimal] * len(features))
    names = [column_text(layout.names, i) for i in features]
    try:
        table = _numbers(path, layout, features, label, None)
        if decimal is None and layout.delimiter == ";":  # where programs write it, points often separate thousands
            table = table._replace(notes=maybe_thousands(_evidence(path, layout, features), names))
        return table
    except _OtherMarksError:
        found = _evidence(path, layout, features)
    marks = [decimal] * len(features) if decimal else marks_of(found)
    if isinstance(marks, tuple):
        raise InputError(
            f"{shown(path)}: {names[marks[0]]} {marks[1]}; say which mark is the decimal one with --decimal . or"
            " --decimal , (decimal= in Python)"
        )
    return _numbers(path, layout, features, label, marks)._replace(notes=words(marks, found, names))


def _numbers(path: Path, layout: Layout, features: list[int], label: int | None, marks: list[str] | None) -> Table:
    """Every row; cells without a value are NaN. Without ``marks``, all numbers are as Python writes them.

    :raises _OtherMarksError: without ``marks``, for a number that isn't.
    :raises TextError: for what is none.
    """
    numbers, lines, cells, codes = array("d"), array("q"), list[str](), dict[int, str]()
    # Where all columns agree, a row is read at once: ten times as fast as cell by cell.
    mark = POINT if marks is None else marks[0] if len(set(marks)) == 1 else None
    for line, row in islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None):
        if len(row) != layout.width:
            raise uneven(path, layout, row, line)
        values = [row[i] for i in features]
        text = JOINT.join(["", *values, ""])
        if text.count(POINT) < len(values) and has_code(text):  # where all are fractions, none is a code
            for i, cell in zip(features, values, strict=True):
                if i not in codes and is_code(cell):
                    codes[i] = cell
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
    return Table(np.frombuffer(numbers, dtype=np.float64).reshape(len(lines), len(features)), lines, cells, [], codes)


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
    column = column_text(layout.names, features[j])
    if marks is not None and evidence(cell) is not None:
        raise InputError(
            f"{shown(path)}, line {line}: {column} is {quoted(cell.strip())}, which is no number with the decimal mark"
            f" {quoted(marks[j])}; --decimal (decimal= in Python) says which it is"
        )
    raise TextError


def _evidence(path: Path, layout: Layout, features: list[int]) -> list[dict[str, tuple[int, str]]]:
    """What each column's cells say about its decimal mark, with the first line and cell that say so."""
    found: list[dict[str, tuple[int, str]]] = [{} for _ in features]
    for line, row in islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None):
        if len(row) != layout.width:
            raise uneven(path, layout, row, line)
        for own, i in zip(found, features, strict=True):
            cell = row[i]
            if (COMMA in own or COMMA not in cell) and (POINT in own or POINT not in cell):
                continue  # it can say nothing new, which is so of most
            kind = evidence(cell)
            if kind is not None and kind not in own:
                own[kind] = (line, cell.strip())
    return found


def uneven(path: Path, layout: Layout, row: list[str], line: int) -> InputError:
    return InputError(
        f"{shown(path)}, line {line}: {len(row)} cells where the first row has {layout.width}; if another separator or"
        " decimal mark is meant, say --sep or --decimal (sep=, decimal= in Python)"
    )
