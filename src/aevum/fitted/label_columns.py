"""What a model is conditioned on where y has several columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import listed, quoted
from aevum.data.labels import columns_of
from aevum.data.missing import lacking
from aevum.errors import InputError
from aevum.fitted.conditions import (
    MOST_CLASSES,
    Encoded,
    LabelContext,
    VectorContext,
    as_labels,
    labels_from_config,
    refuse_gaps,
    vectors_from_config,
)
from aevum.numerals import class_text
from aevum.schema import fields, maybe, several, text

Array = NDArray[Any]


@dataclass(frozen=True)
class ColumnsContext:
    """Several columns, each of classes or of numbers, ``(N, C)``: all one-hot vectors and numbers side by side, less
    their mean; numbers in units of their deviation.

    Args:
        names: of the columns.
        parts: the classes of each; None for one of numbers.
        mean, deviation: of the C numbers, 1 for the deviation of a class.

    Example:
        >>> context = ColumnsContext.fit({"kind": np.array(["a", "b", "b"]), "size": np.array([0.0, 1.0, 2.0])}, [0])
        >>> context.encode(["a", 1.0], 1).round(2), context.text({"kind": "a", "size": 1.0})
        (array([[ 0.67, -0.67,  0.  ]], dtype=float32), 'kind = a, size = 1')
    """

    names: tuple[str, ...]
    parts: tuple[LabelContext | None, ...]
    mean: Array
    deviation: Array

    @classmethod
    def fit(cls, columns: Mapping[str, Array], classes: Collection[int]) -> ColumnsContext:
        """The context of these columns, NaN or empty where a row has none; those at these places are of classes."""
        parts = tuple(
            LabelContext.fit(_typed(values[~lacking(values)])) if place in classes else None
            for place, values in enumerate(columns.values())
        )
        empty = np.zeros(sum(_widths(parts)))
        found = cls(tuple(columns), parts, empty, empty + 1.0)
        return found.refitted(found.numbers(columns, len(next(iter(columns.values())))))

    def refitted(self, numbers: Array) -> ColumnsContext:
        """The same classes, and the mean and deviation of these numbers."""
        found = VectorContext.fit(numbers)
        one = np.repeat([part is not None for part in self.parts], _widths(self.parts))
        return ColumnsContext(self.names, self.parts, found.mean, np.where(one, 1.0, found.deviation))

    @property
    def width(self) -> int:
        return len(self.mean)

    def encode(self, y: object, rows: int, *, gaps: bool = False) -> Encoded:
        """What each column says, for all rows or one a row; or ``(rows, C)`` numbers, class weights among them.

        With ``gaps`` a column may say nothing of a row, which then stands at its mean.
        """
        found = self.numbers(y, rows)
        if not gaps and np.isnan(found).any():
            for name, values in zip(self.names, self._columns(y, rows), strict=True):
                refuse_gaps(values, f"column {quoted(name)} of y")
        return VectorContext(self.mean, self.deviation).encode(np.where(np.isnan(found), self.mean, found), rows)

    def numbers(self, y: object, rows: int = 1) -> NDArray[np.float64]:
        """One-hot vectors and numbers side by side, ``(rows, C)``, NaN where a column says nothing."""
        weights = y if isinstance(y, np.ndarray) and y.dtype.kind == "f" and y.shape[1:] == (self.width,) else None
        if weights is not None and any(self.parts):  # class weights among numbers
            return np.broadcast_to(weights, (rows, self.width)).astype(np.float64)
        found = [self._column(values, part, name, rows) for name, part, values in zip(
            self.names, self.parts, self._columns(y, rows), strict=True)]  # fmt: skip
        return np.concatenate(found, axis=1)

    def _column(self, values: Array, part: LabelContext | None, name: str, rows: int) -> NDArray[np.float64]:
        if values.shape not in ((), (1,), (rows,)):
            raise InputError(f"column {quoted(name)} of y has shape {values.shape} for {rows} rows")
        values = np.broadcast_to(values, (rows,))
        gaps = lacking(values)
        made = np.full((rows, 1 if part is None else part.width), np.nan)
        there = _typed(values[~gaps])
        try:
            if len(there):
                made[~gaps] = there.astype(np.float64)[:, None] if part is None else part.encode(there, len(there))
        except InputError as error:
            raise InputError(f"column {quoted(name)} of y: {error}") from error
        except (TypeError, ValueError) as error:
            raise InputError(f"column {quoted(name)} of y is of numbers, got {there[0]!s}") from error
        return made

    def _columns(self, y: object, rows: int) -> list[Array]:
        """The values of each column, by name where there are names, else by position."""
        named = columns_of(y)
        if named is not None:
            if sorted(named) != sorted(self.names):
                expected, theirs = (listed([quoted(name) for name in names], 6) for names in (self.names, named))
                raise InputError(f"y has the columns {theirs}; this model was fitted on {expected}")
            return [named[name] for name in self.names]
        values = as_labels(y)
        if values.shape == (len(self.names),):
            values = values[None]
        if values.ndim != 2 or values.shape[1] != len(self.names) or len(values) not in (1, rows):
            expected = listed([quoted(name) for name in self.names], 6)
            raise InputError(
                f"y has shape {values.shape}; expected a value for each of {expected}: ({rows}, {len(self.names)}), "
                f"a DataFrame, or a dictionary"
            )
        return list(values.T)

    def text(self, y: object) -> str:
        """What one row of y says."""
        [row] = zip(*(np.atleast_1d(values).tolist() for values in self._columns(y, 1)), strict=True)
        return ", ".join(f"{name} = {class_text(value)}" for name, value in zip(self.names, row, strict=True))

    def unknown(self, rows: int) -> Encoded:
        """What stands for rows of which nothing is known, where a model can do without: the mean."""
        return np.zeros((rows, self.width), dtype=np.float32)

    def to_config(self) -> dict[str, Any]:
        columns = [
            {"name": name, "classes": None if part is None else part.to_config()}
            for name, part in zip(self.names, self.parts, strict=True)
        ]
        return {"kind": "columns", "columns": columns, "mean": self.mean.tolist(), "deviation": self.deviation.tolist()}


def _typed(values: Array) -> Array:
    """Values of any type as numbers or text, which a model can be saved with."""
    return np.array(values.tolist()) if values.dtype.kind == "O" else values


def _widths(parts: Iterable[LabelContext | None]) -> list[int]:
    """How many numbers stand for each column."""
    return [1 if part is None else part.width for part in parts]


def columns_from_config(config: Any, where: str) -> ColumnsContext:
    """The inverse of ``to_config``."""
    column = fields(name=text(encodable=False), classes=maybe(labels_from_config))
    found = fields(columns=several(column, least=1, most=MOST_CLASSES))(config, where)["columns"]
    names, parts = (tuple(each[key] for each in found) for key in ("name", "classes"))
    numbers = vectors_from_config(config, where)
    if len(set(names)) < len(names) or sum(_widths(parts)) != numbers.width:
        raise ValueError(f"{where}: {len(names)} columns don't fit {numbers.width} numbers")
    return ColumnsContext(names, parts, numbers.mean, numbers.deviation)
