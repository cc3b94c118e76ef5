"""Classes of a DataFrame's columns, and the codes that stand for them."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import listed, quoted
from aevum.data.missing import is_missing
from aevum.errors import DataWarning, InputError

SHOWN = 10
_LIKE: dict[str, tuple[Any, ...]] = {
    "false": ("false", "False", "FALSE", False),
    "true": ("true", "True", "TRUE", True),
}


def plain(value: Any) -> Any:
    """A value as Python has it."""
    return value.item() if isinstance(value, np.generic) else value


def check_cells(name: str, column: Any) -> None:
    """Raise where a cell holds several values: a list, an array, a dictionary."""
    for row, value in enumerate(column):
        if isinstance(value, (list, tuple, set, dict, np.ndarray)):
            raise InputError(
                f"column {name!r} holds a {type(value).__name__} at row {row}; a cell is one number, text or date: "
                f"give each of its values a column of its own, or leave the column out"
            )


def different(values: Iterable[Any]) -> list[Any]:
    """The different values, as they come first; True is none of 1, though it equals it.

    >>> different([1, True, 1.0, "1", True])
    [1, True, '1']
    """
    found: dict[tuple[bool, Any], Any] = {}
    for value in map(plain, {(type(value), value): value for value in values}.values()):
        found.setdefault(_key(value), value)
    return list(found.values())


def _key(value: Any) -> tuple[bool, Any]:
    return isinstance(value, bool), value


def class_codes(values: Sequence[Any], name: str, classes: Sequence[Any], strict: bool = False) -> NDArray[np.float64]:
    """The codes of a column's classes, NaN for what is missing, and for what isn't known, with a warning.

    Raises:
        InputError: one isn't known, where that is ``strict``.
    """
    places = {_key(value): float(code) for code, value in enumerate(classes)}
    # By their texts too: what is True in a DataFrame was "True" in a file.
    texts = {str(value): float(code) for code, value in enumerate(classes)}
    if {text.lower() for text in texts} == {"false", "true"}:  # which pandas reads in any letters
        texts |= {str(like): code for text, code in list(texts.items()) for like in _LIKE[text.lower()]}

    def code(value: Any) -> float:
        if is_missing(value):
            return np.nan
        value = plain(value)
        if (place := places.get(_key(value), texts.get(str(value)))) is not None:
            return place
        return places.get((not isinstance(value, bool), value), -1.0)  # yes and no with gaps may be 1.0 and 0.0

    found: dict[tuple[type, Any], float] = {}  # of cells that are there, so that few are looked at closely
    codes = []
    for value in values:
        if (known := found.get(key := (type(value), value))) is None:
            known = code(value)
            if known == known:
                found[key] = known
        codes.append(known)
    if -1.0 in codes:
        value = plain(values[codes.index(-1.0)])
        names = listed([quoted(str(each)) for each in classes], SHOWN)
        count = codes.count(-1.0)
        if strict:
            raise InputError(f"column {name!r} has no {value!r}, which the model doesn't know; it knows {names}")
        warnings.warn(
            f"column {name!r} holds {value!r}, which the model doesn't know ({count} cell{'s' * (count > 1)}, "
            f"taken for missing); it knows {names}",
            DataWarning,
            stacklevel=6,
        )
    return np.array([np.nan if code == -1.0 else code for code in codes], dtype=np.float64)
