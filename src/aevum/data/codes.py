"""Cells of digits that are names rather than numbers: ``01234``, and ``12e4`` where every cell is of that form."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import quoted

PADDED, POWER = re.compile(r"0[0-9]+"), re.compile(r"[0-9]+[eE][0-9]+")
DIGITS = re.compile(r"[0-9]+")
# In a row whose cells are joined by a sign that no cell has: quicker by far than cell by cell.
JOINT = "\0"
_IN_ROW = re.compile(rf"{JOINT} *0[0-9]+ *(?={JOINT})")
_POWER_IN_ROW = re.compile(rf"{JOINT} *[0-9]+[eE][0-9]+ *(?={JOINT})")


def has_code(row: str) -> bool:
    """Whether a row of numbers, each between two joints, has a cell that may be a code."""
    return _IN_ROW.search(row) is not None or (
        ("e" in row or "E" in row) and _POWER_IN_ROW.search(row) is not None  # most rows have neither
    )


def is_code(cell: str) -> bool:
    """Whether a cell says more than its number does.

    >>> [is_code(cell) for cell in ("01234", "12e4", "0", "0.5", "10", "1.0e5", "1e+05")]
    [True, True, False, False, False, False, False]
    """
    text = cell.strip()
    return bool(PADDED.fullmatch(text) or POWER.fullmatch(text))


def are_codes(texts: Sequence[str]) -> bool:
    """Whether different texts are codes: all digits, of which one begins with a zero, or all digits, an e and digits.

    Where one number is written in two ways, zeros in front mean nothing.

    >>> are_codes(["01234", "98765"]), are_codes(["12e4", "13E5"]), are_codes(["12e4", "7"]), are_codes(["007", "1.5"])
    (True, True, False, False)
    >>> are_codes(["00031", "40", "31"])
    False
    """
    stripped = [text.strip() for text in texts]
    if all(map(POWER.fullmatch, stripped)):
        return bool(stripped)
    if not all(map(DIGITS.fullmatch, stripped)) or not any(map(PADDED.fullmatch, stripped)):
        return False
    return len({text.lstrip("0") for text in stripped}) == len(stripped)


def as_numbers(texts: Sequence[str]) -> list[float] | None:
    """Codes as the numbers that they were read as before any was a class, or are where too many are different; None
    for words.

    >>> as_numbers(["00501", "10001"]), as_numbers(["a", "b"])
    ([501.0, 10001.0], None)
    """
    known = all(DIGITS.fullmatch(text) or POWER.fullmatch(text) for text in texts)
    return list(map(float, texts)) if texts and known else None


def looked_up(codes: NDArray[Any], values: Sequence[float]) -> NDArray[np.float64]:
    """The value of each code 0, 1, …; NaN of one that is missing.

    >>> looked_up(np.array([1.0, np.nan, 0.0]), [501.0, 10001.0]).tolist()
    [10001.0, nan, 501.0]
    """
    found: NDArray[np.float64] = np.array([*values, np.nan])[
        np.where(np.isnan(codes), len(values), codes).astype(np.intp)
    ]
    return found


def lost(column: str, cell: str) -> str:
    """What is said of codes that are read as numbers."""
    zeros = "the zeros in front" if PADDED.fullmatch(cell.strip()) else "how they are written"
    return (
        f"{column} holds cells such as {quoted(cell.strip())} and is read as numbers, without {zeros}: too many are"
        " different for classes, not all are digits, or a number is written in two ways; if they are codes, leave the"
        " column out with --drop (drop= in Python), write all alike, or keep fewer of their digits"
    )
