"""What CSV and Parquet tables share: which column is the labels, and what is said about a cell that isn't a number."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.dataset import Dataset
from aevum.data.decimals import evidence, marks_of, number
from aevum.data.files import listed, quoted, shown
from aevum.data.missing import ERROR, HOW
from aevum.errors import InputError

# Texts that programs write for no value, spreadsheets for a formula that failed, and those that people use, which may
# also be words like any other.
SHEET_ERRORS = {"#n/a", "#n/a n/a", "#na", "#value!", "#div/0!", "#ref!", "#name?", "#num!", "#null!"}
_NOT_NUMBERS = {"nan", "-nan", "1.#ind", "-1.#ind", "1.#qnan", "-1.#qnan"}
ALWAYS_EMPTY = {"", "null", "<na>", "nat", *_NOT_NUMBERS, *SHEET_ERRORS}
MISSING = {*ALWAYS_EMPTY, "na", "n/a", "none", "?", "-", "."}
# In fewer rows, 1, 2, 3 may be values like any other.
_FEWEST_COUNTED = 10
# One long text would widen every label of numpy's fixed-width array.
_MAX_LABEL = 1000
_INDEX_NAME = re.compile(
    r"(?i:unnamed: \d+|id|index|idx|row[ _.-]?(id|num|number|names?|index)?|.+[ _.-]id)|.*[a-z]I[dD]"
)


def column_text(names: Sequence[str] | None, position: int) -> str:
    """``column "age"``, or the column's number from 1 where it has no name."""
    return f"column {quoted(names[position])}" if names is not None and names[position] else f"column {position + 1}"


def column_texts(names: Sequence[str]) -> list[str]:
    """:func:`column_text` of every column."""
    return [column_text(names, i) for i in range(len(names))]


def label_position(names: Sequence[str] | None, width: int, labels: str, path: Path) -> int:
    """The position of the column called ``labels``; where columns have no names, its number counted from 1.

    :raises InputError: no such column, or several.
    """
    if names is None:
        if labels.isascii() and labels.isdigit() and len(labels) < 9 and 1 <= int(labels) <= width:
            return int(labels) - 1
        raise InputError(
            f"{shown(path)} has no row of column names, so there is no column {quoted(labels)}; name the column of"
            f" labels by its number, 1 to {width}, or make names of the first row with --header (header=True in Python)"
        )
    found = [i for i, name in enumerate(names) if name == labels.strip()]
    if len(found) > 1:
        raise InputError(f"{shown(path)} has {len(found)} columns called {quoted(labels)}; rename all but one")
    if not found:
        near = difflib.get_close_matches(labels, names, n=1)
        hint = f"did you mean {quoted(near[0])}? " if near else ""
        raise InputError(f"{shown(path)} has no column {quoted(labels)}; {hint}it has: {listed(list(names))}")
    return found[0]


def missing_cells(path: Path, tallies: Sequence[tuple[str, int]], where: str) -> InputError:
    """The error for cells without a value: the columns with how many each, the first of them at ``where``."""
    total = sum(count for _, count in tallies)
    more = listed([f"{column.removeprefix('column ')}: {count}" for column, count in tallies])
    also = f" ({total} cells have none: column {more})" if total > 1 else ""
    return InputError(f"{shown(path)}, {where}: {tallies[0][0]} has no value{also}; {HOW}")


def missing_labels(path: Path, column: str, count: int, where: str) -> InputError:
    """The error for labels without a value, which only the rows' removal mends."""
    also = f" ({count} cells have none)" if count > 1 else ""
    return InputError(
        f"{shown(path)}, {where}: {column} has no value{also}; it is the label: --missing drop (missing= in Python)"
        " leaves such rows out"
    )


def refuse_unusable(
    path: Path, x: NDArray[np.float64], columns: Sequence[str], word: str, lines: Sequence[int], missing: str
) -> None:
    """Refuse a table ``(N, F)`` with infinite cells, and with empty ones where these are an error."""
    nan = np.isnan(x) if missing == ERROR else np.zeros((), dtype=np.bool_)
    bad = nan if nan.any() else np.isinf(x)
    if bad.any():
        raise _unusable_cells(path, x, bad, columns, word, lines)


def _unusable_cells(
    path: Path, x: NDArray[np.float64], bad: NDArray[np.bool_], columns: Sequence[str], word: str, lines: Sequence[int]
) -> InputError:
    row = int(bad.any(axis=1).argmax())
    counts, first = bad.sum(axis=0), int(bad[row].argmax())
    where = f"{word} {lines[row]}"
    order = [first, *(int(j) for j in np.flatnonzero(counts) if j != first)]
    if np.isnan(x[row, first]):
        return missing_cells(path, [(columns[j], int(counts[j])) for j in order], where)
    also = f" ({bad.sum()} cells are)" if bad.sum() > 1 else ""
    return InputError(f"{shown(path)}, {where}: {columns[first]} is infinite{also}; replace it by a finite number")


def is_missing_text(cell: str) -> bool:
    """Whether a cell's text is one of those that stand for no value."""
    return cell.strip().lower() in MISSING


def bad_cell(path: Path, column: str, value: str, where: str, others: Sequence[str] = ()) -> InputError:
    """The error for a cell of x that is no number, with what would work; ``others`` are columns that are none too."""
    also = f" (nor {'are columns' if len(others) > 1 else 'is column'} {listed(list(others))})" if others else ""
    split = where.startswith("line") and any(mark in value.strip() for mark in " ,;:|\t")
    sep = "; another separator is said with --sep (sep= in Python)" if split else ""
    return InputError(
        f"{shown(path)}, {where}: {column} isn't numeric: {quoted(value)}{also}; if it is the label, name it with"
        " --labels (labels= in Python), else leave it out with --drop (drop= in Python) or encode it as numbers" + sep
    )


def without_index(found: Dataset) -> Dataset:
    """The table without the columns that number its rows, which say nothing about them; they are kept beside it.

    By name and by content: what is called an id or an index, or pandas' "Unnamed: 0", and holds a whole number of its
    own in every row.
    """
    names = found.feature_names or ()
    counting = numbering(names, found.x)
    if not counting or len(counting) == len(names):
        return replace(found, notes=(*found.notes, *_counting_notes(found)))
    kept = [j for j in range(len(names)) if j not in counting]
    return replace(
        found,
        x=found.x[:, kept],
        feature_names=tuple(names[j] for j in kept),
        left_out={names[j]: found.x[:, j].copy() for j in counting},
        notes=(*found.notes, *(_index_note(found, j) for j in counting)),
    )


def numbering(names: Sequence[str], x: NDArray[Any]) -> list[int]:
    """Which columns of a table ``(N, F)`` number its rows, by their name and by what they hold."""
    return [j for j, name in enumerate(names) if _INDEX_NAME.fullmatch(name) and _is_numbering(x[:, j])]


def _is_numbering(column: NDArray[Any]) -> bool:
    return bool((column == np.round(column)).all()) and len(np.unique(column)) == len(column)


def _counting_notes(found: Dataset) -> list[str]:
    """What is said of columns that count the rows without being called an index: they may be time."""
    rows = len(found.x)
    if rows < _FEWEST_COUNTED:
        return []
    starts = [j for j in np.flatnonzero(np.isin(found.x[0], (0, 1))) if np.ptp(found.x[:, j]) == rows - 1]
    return [
        f"{found.name}: {column_text(found.feature_names, int(j))} counts the rows and is used as data; name it Id in"
        " the table's first row to leave it out"
        for j in starts
        if (np.diff(found.x[:, j]) == 1).all()
    ]


def _index_note(found: Dataset, j: int) -> str:
    values = ", ".join(f"{value:.15g}" for value in found.x[:3, j])
    return (
        f"{found.name}: column {quoted(found.feature_names[j])} ({values}, …) numbers the rows and is left out of the"  # type: ignore[index]
        " data; give it another name to keep it"
    )


def refuse_long_labels(cells: Sequence[str], path: Path) -> None:
    """Refuse a text so long that it can hardly be a label."""
    longest = max((len(cell) for cell in cells if isinstance(cell, str)), default=0)
    if longest > _MAX_LABEL:
        raise InputError(f"{shown(path)}: a label is {longest} characters long; is this the right column?")


def labels_with_gaps(cells: list[str], gaps: Sequence[int], path: Path, decimal: str | None = None) -> NDArray[Any]:
    """Labels (N,) as :func:`label_array` reads those that there are; at ``gaps`` NaN among numbers, "" among words.

    >>> labels_with_gaps(["1", "", "2"], [1], Path("t.csv")), labels_with_gaps(["a", "NA"], [1], Path("t.csv"))
    (array([ 1., nan,  2.]), array(['a', ''], dtype='<U1'))
    """
    there = np.ones(len(cells), dtype=np.bool_)
    there[list(gaps)] = False
    known = label_array([cell for cell, known in zip(cells, there, strict=True) if known], path, decimal)
    if there.all():
        return known
    words = known.dtype.kind == "U" or not len(known)
    found = np.full(len(cells), "" if words else np.nan, dtype=known.dtype if known.dtype.kind == "U" else None)
    found[there] = known
    return found


def label_array(cells: list[str], path: Path, decimal: str | None = None) -> NDArray[Any]:
    """Labels (N,) as integers where all are, else as floats where all are, else as text.

    >>> label_array(["1", "2"], Path("t.csv")).dtype.kind, label_array(["1", "b"], Path("t.csv")).dtype.kind
    ('i', 'U')
    """
    refuse_long_labels(cells, path)
    if not any("_" in cell for cell in cells):  # int() and float() read "2021_03" as 202103
        for convert, dtype in ((int, np.int64), (float, np.float64)):
            try:
                return np.array([convert(cell) for cell in cells], dtype=dtype)
            except (ValueError, OverflowError):
                continue
    if cells and all(evidence(cell) for cell in cells):
        found = {kind: (row + 1, cell) for row, cell in enumerate(cells) if (kind := evidence(cell))}
        marks = [decimal] if decimal else marks_of([found])
        if isinstance(marks, tuple):
            raise InputError(
                f"{shown(path)}: the labels are unclear: one is {quoted(cells[0])}; say which mark is the decimal one"
                " with --decimal (decimal= in Python)"
            )
        return np.array([number(cell, marks[0]) for cell in cells])
    return np.array(cells, dtype=np.str_)
