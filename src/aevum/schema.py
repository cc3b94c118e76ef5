"""What a file may hold, declared: a check takes a value and the name of its place, and gives it back or refuses it.

>>> codes = fields(latents=whole(1, 8), names=maybe(several(text(), 2)))
>>> codes({"latents": 3, "names": ["a", "b"], "more": 1}, "config.json")
{'latents': 3, 'names': ('a', 'b')}
>>> codes({"latents": 3, "names": ["a"]}, "config.json")
Traceback (most recent call last):
    ...
aevum.schema.UnfitError: config.json: names holds 1, expected 2
"""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Callable, Collection, Mapping
from typing import Any

Check = Callable[[Any, str], Any]
MOST_TEXT, MOST_ITEMS = 10_000, 2**20


class UnfitError(ValueError):
    """A value that doesn't fit what is declared: says where, what is there, and what belongs there."""


def unfit(where: str, value: object, expected: str) -> UnfitError:
    """The error for a value of another kind; a long one is not shown to its end."""
    return UnfitError(f"{where} is {reprlib.repr(value)}, expected {expected}")


def whole(low: int, high: int) -> Check:
    """A whole number within bounds; no float and no boolean stands for one."""

    def check(value: Any, where: str) -> int:
        if type(value) is not int or not low <= value <= high:
            expected = f"{low}" if low == high else f"a whole number from {low} to {high}"
            raise unfit(where, value, expected)
        return value

    return check


def real(low: float = -math.inf, *, above: bool = False) -> Check:
    """A finite number of at least ``low``, or above it."""

    def check(value: Any, where: str) -> float:
        number = type(value) in (int, float) and abs(value) < 2.0**1023
        if not number or value < low or (above and value <= low):
            bound = "" if low == -math.inf else f" {'above' if above else 'of at least'} {low:g}"
            raise unfit(where, value, f"a finite number{bound}")
        return float(value)

    return check


def text(most: int = MOST_TEXT, *, encodable: bool = True) -> Check:
    """Text of bounded length; names of files and columns, and they alone, may hold what no encoding has."""

    def check(value: Any, where: str) -> str:
        if (
            not isinstance(value, str)
            or len(value) > most
            or (encodable and any("\ud800" <= c <= "\udfff" for c in value))
        ):
            raise unfit(where, value, f"text of at most {most} characters")
        return value

    return check


def text_like(pattern: str) -> Check:
    """Text that a regular expression describes in full."""

    def check(value: Any, where: str) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise unfit(where, value, f"text like {pattern}")
        return value

    return check


def choice(known: Collection[Any]) -> Check:
    """One of these; as it stands among them, since 4.0 equals 4 within a list."""

    def check(value: Any, where: str) -> Any:
        for each in known:
            if type(value) is type(each) and value == each:
                return each
        raise unfit(where, value, f"one of {', '.join(map(str, known))}")

    return check


def truth(value: Any, where: str) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise unfit(where, value, "true or false")
    return value


def maybe(check: Check) -> Check:
    """None, or what ``check`` lets through."""
    return lambda value, where: None if value is None else check(value, where)


def several(check: Check, exactly: int | None = None, *, least: int = 0, most: int = MOST_ITEMS) -> Check:
    """A list, each item of which fits; as a tuple."""

    def checked(value: Any, where: str) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise unfit(where, value, "a list")
        if exactly is not None and len(value) != exactly:
            raise UnfitError(f"{where} holds {len(value)}, expected {exactly}")
        if not least <= len(value) <= most:
            raise UnfitError(f"{where} holds {len(value)}, expected {least} to {most}")
        return tuple(check(item, f"{where}[{i}]") for i, item in enumerate(value))

    return checked


def fields(**checks: Check) -> Check:
    """An object that has all of these fields, each of which fits; other fields, of a later version, are left out."""

    def check(value: Any, where: str) -> dict[str, Any]:
        return {name: part(given(value, name, where), f"{where}: {name}") for name, part in checks.items()}

    return check


def fields_of(value: Any, where: str) -> dict[str, Any]:
    """An object, as a copy."""
    if not isinstance(value, Mapping):
        raise unfit(where, value, "an object")
    return dict(value)


def given(value: Any, name: str, where: str) -> Any:
    """A field of an object."""
    found = fields_of(value, where)
    if name not in found:
        raise UnfitError(f"{where}: {name} is missing")
    return found[name]
