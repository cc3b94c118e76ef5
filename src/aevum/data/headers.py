"""Whether the first row of a table as text holds the names of its columns."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from aevum.data.columns import is_missing_text
from aevum.data.decimals import is_number
from aevum.data.files import shown
from aevum.errors import InputError

_YEARS = range(1800, 2201)
_CERTAIN_RUN = 5


def is_header(path: Path, first: list[str], rest: list[list[str]], ask: bool) -> tuple[bool, tuple[str, ...]]:
    """Names where no cell is a number, where a column goes from text to numbers, or where numbers count columns."""
    if not any(map(is_number, first)):
        return True, ()
    if not first[0].strip():
        return [cell.strip() for cell in first[1:]] == [str(i) for i in range(len(first) - 1)], ()
    below = [next((c for c in column if not is_missing_text(c)), "") for column in zip(*rest, strict=False)]
    if any(
        not is_missing_text(cell) and not is_number(cell) and is_number(under)
        for cell, under in zip(first, below, strict=False)
    ):
        return True, ()
    told = _counts_columns(first, rest)
    text = ", ".join(cell.strip() for cell in first[:3]) + (", …" if len(first) > 3 else "")
    if told is None and ask:
        raise InputError(
            f"{shown(path)}, line 1: {text} may be the names of the columns or data; say --header or --no-header"
            " (header=True or False in Python)"
        )
    if not told:
        return False, ()
    return True, (f"{path.name}: line 1 ({text}) is read as the names of the columns; --no-header makes it data",)


def _counts_columns(first: list[str], rest: list[list[str]]) -> bool | None:
    """Whether a row of whole numbers names columns: pandas' 0, 1, 2, …, years, an even ladder; None where unclear."""
    found = [n for n in map(_whole, first) if n is not None]
    if len(found) < len(first) or not rest:
        return False
    steps = {b - a for a, b in pairwise(found)}
    if len(found) > 1 and min(steps) > 0 and all(n in _YEARS for n in found):
        return not any(_whole(cell) in _YEARS for row in rest for cell in row)
    below = [row for row in rest if all(map(is_number, row))]
    if found == list(range(len(found))):
        if _whole(rest[0][0]) == len(found) and len(found) > 1:
            return False  # counting goes on in the next row, as in np.arange(12).reshape(4, 3)
        fractions = all("." in cell or "," in cell or "e" in cell.lower() for row in below for cell in row)
        return True if len(found) > 2 or fractions else None
    ladders = [[n for n in map(_whole, row) if n is not None] for row in below]
    return (
        len(found) >= _CERTAIN_RUN
        and len(steps) == 1
        and steps != {0}
        and not any({b - a for a, b in pairwise(ladder)} == steps for ladder in ladders)
    )


def _whole(cell: str) -> int | None:
    text = cell.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None
