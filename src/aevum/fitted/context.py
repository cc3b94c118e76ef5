"""From y as it is given to what a model is conditioned on."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import quoted
from aevum.data.labels import columns_of, is_quantity
from aevum.data.missing import lacking
from aevum.errors import DataWarning, InputError
from aevum.fitted.conditions import (
    Encoded,
    LabelContext,
    VectorContext,
    as_labels,
    labels_from_config,
    refuse_gaps,
    vectors_from_config,
)
from aevum.fitted.label_columns import ColumnsContext, columns_from_config
from aevum.schema import choice, given

Array = NDArray[Any]
Context = LabelContext | VectorContext | ColumnsContext
CONDITIONS = ("auto", "label", "vector")
# Up to so many numbers nobody doubts that they are classes; more are, where they count from 0 or 1 and each has rows.
MOST_PLAIN_CLASSES, FEW_ROWS = 10, 3


def fit_context(y: object, rows: int, condition: str = "auto", *, gaps: bool = False) -> Context:
    """Labels or vectors: as ``condition`` says, or read off y, where fractions or over 50 different floats are vectors.

    Of several columns with names, or with words among them, each is of its own kind: of classes where it is of words,
    and of numbers what ``condition`` says. With ``gaps`` rows may lack theirs, and what the others have is learned
    from.

    Raises:
        InputError: wrong length, missing values, or no numbers where vectors are asked for.
    """
    if (named := named_columns(y, condition)) is not None:
        return _fit_columns(named, rows, condition, gaps)
    values = _known(as_labels(y), rows, gaps)
    if condition == "vector" and values.dtype.kind == "U":
        raise InputError(
            'condition="vector" takes y as numbers, and these are text; condition="label" makes classes of it'
        )
    if condition == "label" or (condition == "auto" and values.ndim == 1 and not is_quantity(values)):
        if condition == "auto" and _many(values):
            warnings.warn(
                f"y has {len(np.unique(values))} different numbers, and each is a class of its own: nothing between "
                'them can be asked for. condition="vector" takes them as a quantity, condition="label" leaves it at '
                "classes",
                DataWarning,
                stacklevel=4,
            )
        return LabelContext.fit(values)
    return VectorContext.fit(values)


def named_columns(y: object, condition: str) -> dict[str, Array] | None:
    """The columns of a y of several, by name or number; None for one of labels, and for vectors."""
    if (named := columns_of(y)) is not None:
        return named
    values = as_labels(y)
    if values.ndim != 2 or values.shape[1] < 2:
        return None
    words = values.dtype.kind == "U" or any(isinstance(value, str) for value in values.ravel().tolist())
    return {str(place): column for place, column in enumerate(values.T)} if words or condition == "label" else None


def _fit_columns(columns: dict[str, Array], rows: int, condition: str, gaps: bool) -> ColumnsContext:
    """Columns of classes and of numbers."""
    known = {}
    for name, values in columns.items():
        try:
            known[name] = _known(values, rows, gaps)
        except InputError as error:
            raise InputError(f"column {quoted(name)} of y: {error}") from error
    classes = {
        place
        for place, values in enumerate(known.values())
        if values.dtype.kind in "Ub"
        or condition == "label"
        or (condition == "auto" and not is_quantity(values) and not _many(values))
    }
    if condition == "vector" and len(classes) == len(known):
        raise InputError('condition="vector" takes y as numbers, and no column is; condition="label" makes classes')
    return ColumnsContext.fit(columns, classes)


def _known(values: Array, rows: int, gaps: bool) -> Array:
    """Labels or vectors that are there, as numbers or text.

    Raises:
        InputError: none is, or one isn't and needs to be.
    """
    if values.ndim not in (1, 2) or len(values) != rows:
        raise InputError(f"y has shape {values.shape}; expected {rows} labels or ({rows}, C) real numbers")
    if not gaps:
        refuse_gaps(values)
    elif not (known := known_rows(values)).all():
        if not known.any():
            raise InputError("y has no label at all; give some rows theirs")
        values = values[known]
    return _numbers_or_text(values)


def known_rows(values: Array) -> NDArray[np.bool_]:
    """Which rows of y have their values, ``(N,)``; the others have none.

    Raises:
        InputError: a row has some of its values.
    """
    gaps = lacking(values).reshape(len(values), -1)
    partly = gaps.any(axis=1) & ~gaps.all(axis=1)
    if partly.any():
        raise InputError(
            f"y has some numbers of row {int(np.argmax(partly))} and lacks others ({int(partly.sum())} such rows); "
            f"give all of them or none"
        )
    return np.asarray(~gaps.any(axis=1))


def encode_with_gaps(context: Context, y: object, rows: int, *, gaps: bool = True) -> Encoded:
    """y as ``context`` encodes it, and :meth:`unknown` for rows that have none, where there may be ``gaps``.

    Raises:
        InputError: it can't be encoded, or has gaps where there may be none.
    """
    if isinstance(context, ColumnsContext):
        return context.encode(y, rows, gaps=gaps)
    values = as_labels(y)
    if not gaps and not (isinstance(context, LabelContext) and values.ndim == 2):  # weights of classes
        refuse_gaps(values)
    if not gaps or values.ndim == 0 or len(values) != rows or (known := known_rows(values)).all():
        return context.encode(y, rows)
    encoded = context.unknown(rows)
    if known.any():
        some = values[known]
        encoded[known] = context.encode(np.array(some.tolist()) if some.dtype.kind == "O" else some, int(known.sum()))
    return encoded


def _numbers_or_text(values: Array) -> Array:
    """y as finite numbers or text, one value or vector a row.

    Raises:
        InputError: it is anything else.
    """
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.dtype.kind == "O":
        is_text = any(isinstance(value, str) for value in values.ravel())
        values = values.astype(str) if is_text else np.array(values.tolist())
    if values.dtype.kind not in "biufU":
        raise InputError(f"y has type {values.dtype}; expected labels (integers, strings, booleans) or real numbers")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        raise InputError(f"y contains infinity, first at row {row}; replace it by a finite number")
    return values


def _many(values: Array) -> bool:
    """Whether numbers look like a quantity: many, with gaps or few rows each."""
    if values.dtype.kind not in "iuf":
        return False
    found = np.unique(values)
    count = len(found)
    codes = found[0] in (0, 1) and found[-1] - found[0] == count - 1
    return count > MOST_PLAIN_CLASSES and not (codes and len(values) >= FEW_ROWS * count)


def context_from_config(config: Any, where: str = "context") -> Context:
    """The inverse of ``to_config``.

    Raises:
        ValueError: not what ``to_config`` writes.
    """
    kind = choice(tuple(READERS))(given(config, "kind", where), f"{where}: kind")
    return READERS[kind](config, where)


READERS: dict[str, Callable[[Any, str], Context]] = {
    "labels": labels_from_config,
    "vectors": vectors_from_config,
    "columns": columns_from_config,
}
