"""What a conditional model is conditioned on: classes of any type as one-hot vectors, or real-valued vectors."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.labels import is_quantity
from aevum.data.missing import is_missing
from aevum.errors import DataWarning, InputError
from aevum.schema import choice, given, real, several, text, text_like, truth, whole

Array = NDArray[Any]
Encoded = NDArray[np.float32]
MIX_TOLERANCE = 1e-4


@dataclass(frozen=True)
class LabelContext:
    """Classes (integers, strings, booleans) as one-hot vectors, ``(N, number of classes)``.

    Example:
        >>> LabelContext.fit(np.array(["cat", "dog", "cat"])).encode(["dog"], 1)
        array([[0., 1.]], dtype=float32)
    """

    classes: Array

    @classmethod
    def fit(cls, y: Array) -> LabelContext:
        return cls(np.unique(y))

    @property
    def width(self) -> int:
        return len(self.classes)

    def encode(self, y: object, rows: int) -> Encoded:
        """One label for all rows, or one a row; or mixes of classes, ``(rows, C)`` weights that sum to one."""
        values = as_labels(y)
        if values.ndim == 2 and values.dtype.kind == "f" and values.shape[1] == self.width > 1:
            return mixes(values, rows)
        if self.classes.dtype.kind == "U":
            values = values.astype(str)
        if values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        values = np.broadcast_to(values, (rows,)) if values.shape in ((), (1,)) else values
        if values.ndim != 1:
            mix = "; weights of classes are floats" if values.shape[1:] == (self.width,) else ""
            raise InputError(f"y has shape {values.shape}; this model was fitted on one label a row, so ({rows},){mix}")
        if len(values) != rows:
            mix = f"; one mix of classes is a row of weights, (1, {self.width})" if len(values) == self.width else ""
            raise InputError(f"y has {len(values)} labels for {rows} rows{mix}")
        # Python's own equality: 1, 1.0 and True are one label, and integers past 2**53 stay apart.
        index = {label: i for i, label in enumerate(self.classes.tolist())}
        place = [index.get(label, -1) for label in values.tolist()]
        if -1 in place:
            shown = ", ".join(map(str, self.classes[:12])) + (", …" if len(self.classes) > 12 else "")
            hint = ""
            if self.classes.dtype.kind in "iuf" and values.dtype.kind in "iuf":
                hint = '; to ask for any number, fit with condition="vector"'
            raise InputError(f"unknown label {values[place.index(-1)]!s}; this model knows {shown}{hint}")
        encoded: Encoded = np.eye(self.width, dtype=np.float32)[place]
        return encoded

    def unknown(self, rows: int) -> Encoded:
        """What stands for rows whose label isn't known, where a model can do without: no class at all."""
        return np.zeros((rows, self.width), dtype=np.float32)

    def to_config(self) -> dict[str, Any]:
        return {"kind": "labels", "dtype": self.classes.dtype.str, "classes": self.classes.tolist()}


def mixes(weights: Array, rows: int) -> Encoded:
    """Class weights, one row for all or one a row, where a one-hot vector would stand.

    Raises:
        InputError: another number of rows, or weights that are negative or don't sum to one.
    """
    if len(weights) not in (1, rows):
        raise InputError(f"y has {len(weights)} rows of class weights for {rows} rows")
    # A NaN fails both comparisons.
    if not ((weights >= 0).all() and (np.abs(weights.sum(axis=1) - 1.0) <= MIX_TOLERANCE).all()):
        raise InputError("each row of class weights in y must be at least 0 and sum to 1")
    # A copy, since a broadcast array is read-only.
    return np.array(np.broadcast_to(weights, (rows, weights.shape[1])), dtype=np.float32)


@dataclass(frozen=True)
class VectorContext:
    """Real-valued vectors, standardised, ``(N, C)``."""

    mean: Array
    deviation: Array

    @classmethod
    def fit(cls, y: Array) -> VectorContext:
        y = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
        with np.errstate(over="ignore"):
            deviation = y.std(axis=0)
        if not np.isfinite(deviation).all():
            raise InputError("y holds values so large that their variance overflows; divide them by a constant")
        return cls(y.mean(axis=0), np.where(deviation > 0, deviation, 1.0))

    @property
    def width(self) -> int:
        return len(self.mean)

    def encode(self, y: object, rows: int) -> Encoded:
        """One vector for all rows, or one a row."""
        try:
            values = np.asarray(y, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise InputError("y must be numbers: this model was fitted on real-valued vectors") from error
        if values.ndim < 2:
            single = values.size == self.width and (self.width > 1 or rows == 1 or values.ndim == 0)
            values = values.reshape(1, -1) if single else values.reshape(-1, 1)
        if len(values) == 1:
            values = np.broadcast_to(values, (rows, values.shape[1]))
        if values.shape != (rows, self.width):
            raise InputError(f"y has shape {values.shape}; expected ({rows}, {self.width}), one vector a row")
        if not np.isfinite(values).all():
            raise InputError("y contains NaN or infinity")
        with np.errstate(over="ignore"):
            encoded: Encoded = ((values - self.mean) / self.deviation).astype(np.float32)
        if not np.isfinite(encoded).all():
            raise InputError("y lies too far from the vectors that this model was fitted on to be told from infinity")
        return encoded

    def unknown(self, rows: int) -> Encoded:
        """What stands for rows whose vector isn't known, where a model can do without: the mean."""
        return np.zeros((rows, self.width), dtype=np.float32)

    def to_config(self) -> dict[str, Any]:
        return {"kind": "vectors", "mean": self.mean.tolist(), "deviation": self.deviation.tolist()}


Context = LabelContext | VectorContext
CONDITIONS = ("auto", "label", "vector")
# Up to so many numbers nobody doubts that they are classes; more are, where they count from 0 or 1 and each has rows.
MOST_PLAIN_CLASSES, FEW_ROWS = 10, 3

# The number types a config may name; text is bounded, since numpy allocates its full width for every label.
LABEL_TYPE = r"[<>|=]?(b1|[iu][1248]|f[248]|U[0-9]{1,4})"
# A column of the network's input each.
MOST_CLASSES = 2**17


def as_labels(y: object) -> Array:
    """y as an array; bytes become text, so that they can be written down.

    Raises:
        InputError: not a rectangular array.
    """
    try:
        values = np.asarray(y)
        return np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values
    except ValueError as error:
        raise InputError("y must be a rectangular array: one label a row, or one vector a row") from error


def fit_context(y: object, rows: int, condition: str = "auto", *, gaps: bool = False) -> Context:
    """Labels or vectors: as ``condition`` says, or read off y, where fractions or over 50 different floats are vectors.

    With ``gaps`` rows may lack theirs, and what the others have is learned from.

    Raises:
        InputError: wrong length, missing values, or no numbers where vectors are asked for.
    """
    given = as_labels(y)
    if gaps and given.ndim and len(given) == rows and not (known := known_rows(given)).all():
        if not known.any():
            raise InputError("y has no label at all; give some rows theirs")
        given, rows = given[known], int(known.sum())
    values = _numbers_or_text(given, rows)
    columns = values.shape[1] if values.ndim == 2 else 1
    is_text = values.dtype.kind == "U"
    if columns > 1 and (is_text or condition == "label"):
        what = "text" if is_text else "numbers"
        raise InputError(f"y has {columns} columns of {what}; give one label a row, or columns of numbers")
    if condition == "vector" and is_text:
        raise InputError(
            'condition="vector" takes y as numbers, and these are text; condition="label" makes classes of it'
        )
    if condition == "label" or (condition == "auto" and columns == 1 and not is_quantity(values)):
        if condition == "auto":
            _warn_of_many(values)
        return LabelContext.fit(values)
    return VectorContext.fit(values)


def known_rows(values: Array) -> NDArray[np.bool_]:
    """Which rows of y have their values, ``(N,)``; the others have none.

    Raises:
        InputError: a row has some of its values.
    """
    if values.dtype.kind not in "fO":
        return np.ones(len(values), dtype=np.bool_)
    gaps = np.array([is_missing(value) for value in values.ravel()], dtype=np.bool_).reshape(len(values), -1)
    partly = gaps.any(axis=1) & ~gaps.all(axis=1)
    if partly.any():
        raise InputError(
            f"y has some numbers of row {int(np.argmax(partly))} and lacks others ({int(partly.sum())} such rows); "
            f"give all of them or none"
        )
    return np.asarray(~gaps.any(axis=1))


def encode_with_gaps(context: Context, y: object, rows: int, *, gaps: bool = True) -> Encoded:
    """y as ``context`` encodes it, and :meth:`unknown` for rows that have none, where there may be ``gaps``."""
    values = as_labels(y)
    if not gaps or values.ndim == 0 or len(values) != rows or (known := known_rows(values)).all():
        return context.encode(y, rows)
    encoded = context.unknown(rows)
    if known.any():
        some = values[known]
        encoded[known] = context.encode(np.array(some.tolist()) if some.dtype.kind == "O" else some, int(known.sum()))
    return encoded


def _numbers_or_text(values: Array, rows: int) -> Array:
    """y as numbers or text, one value or vector a row and none of them missing.

    Raises:
        InputError: it is anything else.
    """
    if values.ndim not in (1, 2) or len(values) != rows:
        raise InputError(f"y has shape {values.shape}; expected {rows} labels or ({rows}, C) real numbers")
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.dtype.kind in "fO":
        gaps = np.array([is_missing(value) for value in values.ravel()]).reshape(values.shape)
        if gaps.any():
            value = values[gaps][0]
            text = "NaN" if isinstance(value, float) else str(value)
            count, row = int(gaps.sum()), int(np.argwhere(gaps)[0][0])
            raise InputError(
                f"y has no label at row {row} ({count} in all, as {text}); drop such rows or give the gaps a label"
            )
    if values.dtype.kind == "O":
        is_text = any(isinstance(value, str) for value in values.ravel())
        values = values.astype(str) if is_text else np.array(values.tolist())
    if values.dtype.kind not in "biufU":
        raise InputError(f"y has type {values.dtype}; expected labels (integers, strings, booleans) or real numbers")
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        raise InputError(f"y contains infinity, first at row {row}; replace it by a finite number")
    return values


def _warn_of_many(values: Array) -> None:
    """Say that numbers are taken for classes where they look like a quantity: many, with gaps or few rows each."""
    if values.dtype.kind not in "iuf":
        return
    found = np.unique(values)
    count = len(found)
    codes = found[0] in (0, 1) and found[-1] - found[0] == count - 1
    if count > MOST_PLAIN_CLASSES and not (codes and len(values) >= FEW_ROWS * count):
        warnings.warn(
            f"y has {count} different numbers, and each is a class of its own: nothing between them can be asked for."
            ' condition="vector" takes them as a quantity, condition="label" leaves it at classes',
            DataWarning,
            stacklevel=5,
        )


def context_from_config(config: Any, where: str = "context") -> Context:
    """The inverse of ``to_config``.

    Raises:
        ValueError: not what ``to_config`` writes.
    """
    kind = choice(("labels", "vectors"))(given(config, "kind", where), f"{where}: kind")
    return _labels_from_config(config, where) if kind == "labels" else _vectors_from_config(config, where)


def _labels_from_config(config: Any, where: str) -> LabelContext:
    name = text_like(LABEL_TYPE)(given(config, "dtype", where), f"{where}: dtype")
    value = text(encodable=False) if "U" in name else truth if "b" in name else real() if "f" in name else None
    found = several(value or whole(-(2**63), 2**64 - 1), least=1, most=MOST_CLASSES)(
        given(config, "classes", where), f"{where}: classes"
    )
    classes = np.array(found, dtype=np.dtype(name))
    if classes.tolist() != list(found) or len(set(found)) != len(found):
        raise ValueError(f"{where}: classes don't fit into their type, or are not distinct")
    return LabelContext(classes)


def _vectors_from_config(config: Any, where: str) -> VectorContext:
    mean = several(real(), least=1, most=MOST_CLASSES)(given(config, "mean", where), f"{where}: mean")
    deviation = several(real(0.0, above=True), len(mean))(given(config, "deviation", where), f"{where}: deviation")
    return VectorContext(np.array(mean), np.array(deviation))
