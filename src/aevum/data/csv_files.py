"""Tables as text: comma, semicolon or tab; numbers become x, one column may be the labels."""

from __future__ import annotations

import csv
from array import array
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aevum.data.columns import bad_cell, column_text, label_array, label_position, missing_cell
from aevum.data.dataset import Dataset
from aevum.data.files import MAX_BYTES, file_size, refuse_too_big, shown
from aevum.errors import InputError

_DELIMITERS = (",", ";", "\t")
_SNIFFED_ROWS = 20
# Two characters of text ("1,") become eight bytes of numbers.
_MAX_TEXT = MAX_BYTES // 4


class _Layout(NamedTuple):
    delimiter: str
    width: int
    names: tuple[str, ...] | None

    @property
    def has_index(self) -> bool:
        """Whether the first column is a row index, as pandas and R write it: without a name."""
        return self.names is not None and self.width > 1 and self.names[0] == ""


def open_csv(path: Path, labels: str | None = None) -> Dataset:
    """A table of numbers: x is (N, F) float64 with every column but the labels and a nameless first one.

    A nameless first column is the row index that pandas and R write; it is left out. Where the first row holds no
    names, ``labels`` is a column's number, counted from 1.

    :raises InputError: text, missing or infinite values in x, rows of unequal length, no such column.
    """
    layout = _layout(path)
    label = None if labels is None else label_position(layout.names, layout.width, labels, path)
    features = [i for i in range(layout.width) if i != label and not (i == 0 and layout.has_index)]
    if not features:
        raise InputError(f"{shown(path)} has no column left for the data beside the labels {shown(labels)}")
    x, y = _read(path, layout, features, label)
    names = None if layout.names is None else tuple(layout.names[i] for i in features)
    return Dataset(x, y, name=path.stem, description=f"{path.name}, {len(features)} columns", feature_names=names)


def read_csv_column(path: Path, rows: int) -> NDArray[Any]:
    """The labels (N,) in a file of a single column (beside a nameless row index), with or without a name.

    Where the labels are text, only ``rows``, the number expected, tells whether the first of them is a name.

    :raises InputError: more than one column, or missing values.
    """
    layout = _layout(path)
    column = 1 if layout.has_index else 0
    if layout.width != column + 1:
        raise InputError(f"{shown(path)} has {layout.width} columns; a file of labels has one")
    y = _read(path, layout._replace(names=None), [], column)[1]
    if layout.names is not None and (layout.has_index or y is None or len(y) != rows):
        y = _read(path, layout, [], column)[1]
    if y is None:
        raise InputError(f"{shown(path)} holds no labels")
    return y


def _read(
    path: Path, layout: _Layout, features: list[int], label: int | None
) -> tuple[NDArray[np.float64], NDArray[Any] | None]:
    numbers, lines, cells = array("d"), array("q"), list[str]()
    for line, row in islice(_rows(path, layout.delimiter), 0 if layout.names is None else 1, None):
        if len(row) != layout.width:
            raise InputError(f"{shown(path)}, line {line}: {len(row)} cells where the first row has {layout.width}")
        values = [row[i] for i in features]
        try:
            # float() reads "2021_03" as 202103, and nobody means that.
            numbers.extend(map(float, values if "_" not in "".join(values) else [v.replace("_", "?") for v in values]))
        except ValueError:
            raise _first_bad_cell(path, layout, features, row, line) from None
        lines.append(line)
        if label is not None:
            if not row[label].strip():
                raise missing_cell(path, column_text(layout.names, label), f"line {line}")
            cells.append(row[label])
    if not lines:
        raise InputError(f"{shown(path)} has no rows below its first one, which holds the names of the columns")
    x = np.frombuffer(numbers, dtype=np.float64).reshape(len(lines), len(features))
    _refuse_infinite(path, layout, features, x, lines)
    return x, None if label is None else label_array(cells, path)


def _rows(path: Path, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row that isn't blank."""
    line = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, delimiter=delimiter)
            for row in reader:
                line = reader.line_num
                if row and not (len(row) == 1 and row[0].isspace()):
                    yield line, row
    except UnicodeDecodeError:
        raise InputError(f"{shown(path)} isn't UTF-8 text (somewhere after line {line}); save it as UTF-8") from None
    except csv.Error:
        raise InputError(
            f"{shown(path)}: the row after line {line} can't be read; a cell is far too long"
            " or a closing quote is missing"
        ) from None


def _layout(path: Path) -> _Layout:
    refuse_too_big(path, file_size(path), _MAX_TEXT)
    heads = {delimiter: _head(path, delimiter) for delimiter in _DELIMITERS}
    even = {d: len(rows[0]) for d, rows in heads.items() if rows and len({len(row) for row in rows}) == 1}
    # Where no separator gives rows of one length, the widest first row serves to name the line that differs.
    widths = {d: w for d, w in even.items() if w > 1} or {d: len(rows[0]) for d, rows in heads.items() if rows}
    if not widths:
        next(_rows(path, ","), None)  # says what can't be read, where that is why there are no rows
        raise InputError(f"{shown(path)} holds no rows")
    delimiter = max(widths, key=lambda d: widths[d])
    first, *rest = heads[delimiter]
    names = tuple(cell.strip() for cell in first) if _is_header(first, rest) else None
    return _Layout(delimiter, len(first), names)


def _head(path: Path, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    # A first line that is too long for one cell may be split by another separator; later errors are met again.
    with suppress(InputError):
        for _, row in islice(_rows(path, delimiter), _SNIFFED_ROWS):
            rows.append(row)
    return rows


def _is_header(first: list[str], rest: list[list[str]]) -> bool:
    """Names where no cell is a number, or where a column goes from text to numbers, or over pandas' row index."""
    numeric = [_is_number(cell) for cell in first]
    if not any(numeric):
        return True
    if not first[0].strip():
        return [cell.strip() for cell in first[1:]] == [str(i) for i in range(len(first) - 1)]
    second = rest[0] if rest else []
    return any(
        cell.strip() and not n and _is_number(below) for cell, n, below in zip(first, numeric, second, strict=False)
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _first_bad_cell(path: Path, layout: _Layout, features: list[int], row: list[str], line: int) -> InputError:
    position = next(i for i in features if not _is_number(row[i]) or "_" in row[i])
    return bad_cell(path, column_text(layout.names, position), row[position], f"line {line}")


def _refuse_infinite(
    path: Path, layout: _Layout, features: list[int], x: NDArray[np.float64], lines: Sequence[int]
) -> None:
    rows, columns = np.nonzero(~np.isfinite(x))
    if len(rows):
        where, value = column_text(layout.names, features[columns[0]]), x[rows[0], columns[0]]
        raise bad_cell(path, where, str(value), f"line {lines[rows[0]]}")
