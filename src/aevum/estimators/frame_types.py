"""Types of a DataFrame's columns by their names, and the categories of a category, which may be anything hashable."""

from __future__ import annotations

import importlib
import math
import re
from collections.abc import Sequence
from typing import Any

from aevum.estimators.frame_times import pandas

PLAIN = (str, bool, int, float)
NO_TYPE = (TypeError, ValueError, NotImplementedError, ArithmeticError, ImportError)
ARROW = "[pyarrow]"
_DECIMAL = re.compile(r"decimal(\d+)\((\d+), (-?\d+)\)")
_DICTIONARY = re.compile(r"dictionary<values=(\w+), indices=(\w+), ordered=([01])>")


def name_of(dtype: Any) -> str:
    """What :func:`type_named` knows a type by."""
    storage = getattr(dtype, "storage", "")
    if storage and str(dtype) == "string" and dtype != pandas().api.types.pandas_dtype("string"):
        return f"string[{storage}]"
    return str(dtype)


def type_named(name: str) -> Any:
    """The type that has this name.

    pandas takes ``string[pyarrow]`` for a type of its own, and of Arrow's types with parameters it reads times alone.

    Raises:
        TypeError, ValueError, NotImplementedError, ImportError: there is none here.
    """
    package = pandas()
    base = name.removesuffix(ARROW)
    if base == name:
        return package.api.types.pandas_dtype(name)
    decimal, coded = _DECIMAL.fullmatch(base), _DICTIONARY.fullmatch(base)
    if base != "string" and not decimal and not coded:
        return package.api.types.pandas_dtype(name)
    arrow = importlib.import_module("pyarrow")
    if decimal:
        return package.ArrowDtype(getattr(arrow, f"decimal{decimal[1]}")(int(decimal[2]), int(decimal[3])))
    if coded:
        values, indices = arrow.type_for_alias(coded[1]), arrow.type_for_alias(coded[2])
        return package.ArrowDtype(arrow.dictionary(indices, values, coded[3] == "1"))
    return package.ArrowDtype(arrow.string())


def as_was(column: Any, dtype: Any) -> Any:
    """Objects as a type that is known by its name; as they are where pandas can't tell a type by it."""
    try:
        return column.astype(type_named(dtype) if isinstance(dtype, str) else dtype)
    except (*NO_TYPE, AttributeError):
        return column


def categories(classes: Sequence[Any], of: str) -> Any:
    """The categories of a category: an index of these classes, of the type that it had."""
    package = pandas()
    try:
        made = package.Index(list(classes), dtype=type_named(of) if of else None, tupleize_cols=False)
        if made.is_unique and not made.hasnans:
            return made
    except NO_TYPE:  # written by another version
        pass
    return package.Index(list(classes), tupleize_cols=False)


def written_classes(classes: Sequence[Any], of: str) -> list[Any]:
    """Classes as JSON: intervals by their ends, dates, periods and lengths of time by their ticks, tuples as lists, and
    what JSON has no word for by its text.

    >>> import pandas as pd
    >>> found = pd.cut([1.0, 5.0], [0.0, 2.0, float("inf")]).categories
    >>> written_classes(tuple(found), str(found.dtype))
    [[0.0, 2.0], [2.0, 'inf']]
    """
    if of.startswith("interval["):
        ends = categories(classes, of)
        return [list(pair) for pair in zip(_numbers(ends.left), _numbers(ends.right), strict=True)]
    if of.startswith(("datetime64[", "timedelta64[", "period[")):
        return _numbers(categories(classes, of))
    return [list(map(_word, value)) if isinstance(value, tuple) else _word(value) for value in classes]


def _numbers(index: Any) -> list[Any]:
    return list(map(_word, (index.asi8 if hasattr(index, "asi8") else index).tolist()))


def _word(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, PLAIN) else str(value)


def read_classes(found: Sequence[Any], of: str) -> tuple[Any, ...]:
    """The inverse of :func:`written_classes`.

    Raises:
        TypeError, ValueError and what else pandas raises: these are no classes of that type.
    """
    if of.startswith("interval["):
        kind = type_named(of)
        low, high = ([pair[end] for pair in found] for end in (0, 1))
        low, high = (_index(ends, str(kind.subtype)) for ends in (low, high))
        made = pandas().IntervalIndex.from_arrays(low, high, closed=kind.closed)
    elif of.startswith(("datetime64[", "timedelta64[", "period[")):
        made = _index(found, of)
    elif of.startswith(("float", "Float", "double")):
        return tuple(float(value) if value in ("inf", "-inf") else value for value in found)
    else:
        return tuple(tuple(value) if isinstance(value, (list, tuple)) else value for value in found)
    if made.hasnans or not made.is_unique:
        raise ValueError("a class is missing, or there twice")
    return tuple(made)


def _index(values: Sequence[Any], of: str) -> Any:
    package, kind = pandas(), type_named(of)
    if of.startswith("period["):
        return package.PeriodIndex.from_ordinals(list(values), freq=kind.freq)
    if of.startswith("datetime64[") and getattr(kind, "tz", None) is not None:
        return package.Index(list(values), dtype=f"datetime64[{kind.unit}]").tz_localize("UTC").tz_convert(kind.tz)
    return package.Index([float(value) if isinstance(value, str) else value for value in values], dtype=kind)
