"""Values from a request as numbers, or refused in words."""

from __future__ import annotations

import reprlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError

Array = NDArray[Any]
SHOWN = 20
FLOAT32 = float(np.finfo(np.float32).max)

_short = reprlib.Repr()
_short.maxlevel, _short.maxlist, _short.maxdict, _short.maxstring, _short.maxother = 4, 3, 2, 60, 60


def shown(value: object) -> str:
    """A value from a request for a message: on one line, and neither all of a long one nor the depths of a nested one.

    >>> shown("7"), shown([[[[1]]]] * 9)
    ("'7'", '[[[[1]]], [[[1]]], [[[1]]], ...]')
    """
    return " ".join(_short.repr(value).split())


def numbers(name: str, value: Any) -> Array:
    """An array of real numbers of any shape.

    >>> numbers("z", [[1, 0.5]]), numbers("z", [10**30])
    (array([[1. , 0.5]]), array([1.e+30]))
    """
    if value is None:
        raise InputError(f"{name} is missing")
    try:
        found: Array = np.asarray(value)
        if found.dtype.kind == "O" and {*map(type, found.ravel())} == {int}:  # whole numbers of more than 64 bits
            found = found.astype(np.float64)
    except (ValueError, OverflowError):  # lists of unequal lengths; a number beyond all floats
        found = np.empty(0, object)
    if found.dtype.kind in "fiu" and not (isinstance(value, list) and _holds_truth(value)):
        return found
    raise InputError(f"{name} must be a rectangular array of numbers")


def _holds_truth(values: list[Any]) -> bool:
    """Whether there is a true or a false among numbers, which NumPy takes for 1 and 0."""
    kinds = {*map(type, values)}
    return bool in kinds or (list in kinds and any(_holds_truth(part) for part in values))


def finite_numbers(values: Array, name: str) -> Array:
    """The values.

    Raises:
        InputError: some are NaN or infinite.
    """
    if not np.isfinite(values).all():
        raise InputError(f"{name} contains NaN or infinity")
    return values


def float32(values: Array, name: str) -> NDArray[np.float32]:
    """The values as the network takes them; those beyond its largest number are refused as infinite.

    >>> float32(np.array([1e39]), "z")
    Traceback (most recent call last):
    aevum.errors.InputError: z contains NaN or infinity
    """
    if not (np.abs(values) <= FLOAT32).all():  # some that are a little beyond would be rounded to it
        raise InputError(f"{name} contains NaN or infinity")
    return values.astype(np.float32)


def whole_number(name: str, value: Any, low: int, high: int) -> int:
    """A whole number from ``low`` to ``high``, however it is written: JSON knows one kind of number.

    >>> whole_number("n", 3.0, 1, 9)
    3
    """
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float))
        or value != value // 1
        or not low <= value <= high
    ):
        raise InputError(f"{name} must be a whole number from {low} to {high}, not {shown(value)}")
    return int(value)
