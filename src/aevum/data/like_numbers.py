"""Text that looks like a measure in a form that no reader takes: a time of day, a negative number in brackets."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aevum.data.decimals import is_number, unsigned
from aevum.data.files import quoted
from aevum.data.like_dates import MOST, said_of_dates

CLOCK = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::[0-5][0-9](?:[.,][0-9]+)?)?(?: ?[ap]m)?", re.IGNORECASE)
_BRACKETS = re.compile(r"\((.+)\)")


def said_of(texts: Sequence[str]) -> str:
    """What is said of texts that look like dates, times of day or negative numbers, and how to write them; nothing of
    others.

    >>> print(said_of(["06:15", "22:40"]))
    look like times of day; write them as numbers: "06:15" as 6.25 hours
    >>> said_of(["red", "blue"])
    ''
    """
    return said_of_dates(texts) or _said_of_clocks(texts) or said_of_brackets(texts)


def said_of_brackets(texts: Sequence[str]) -> str:
    """The same of negative numbers as accounts have them, where all texts that aren't numbers are such.

    >>> print(said_of_brackets(["0.25", "(0.13)"]).partition(" (in")[0])
    look like numbers with the negative ones in brackets; write "(0.13)" as "-0.13"
    """
    words = [text for text in texts if not is_number(text)]
    inner = [match[1] for match in map(_BRACKETS.fullmatch, words) if match is not None]
    if not words or len(inner) < len(words) or not all(is_number(text) or unsigned(text) for text in inner):
        return ""
    how = r'in pandas by .str.replace(r"\((.+)\)", r"-\1", regex=True)'
    example = f"{quoted(words[0])} as {quoted('-' + inner[0])}"
    return f"look like numbers with the negative ones in brackets; write {example} ({how})"


def _said_of_clocks(texts: Sequence[str]) -> str:
    like = [match for match in map(CLOCK.fullmatch, texts) if match is not None]
    if not like or len(like) < MOST * len(texts):
        return ""
    hours = int(like[0][1]) + int(like[0][2]) / 60
    how = f"{quoted(like[0][0])} as {hours:.4g} hours" if like[0][0][-1].isdigit() else "as hours"
    return f"look like times of day; write them as numbers: {how}"
