"""What a model is conditioned on: classes of any type as one-hot vectors, or real-valued vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import listed
from aevum.data.missing import lacking
from aevum.errors import InputError
from aevum.schema import given, real, several, text, text_like, truth, whole

Array = NDArray[Any]
Encoded = NDArray[np.float32]
MIX_TOLERANCE = 1e-4
SHOWN = 6

# The number types a config may name; text is bounded, since numpy allocates its full width for every label.
LABEL_TYPE = r"[<>|=]?(b1|[iu][1248]|f[248]|U[0-9]{1,4})"
# A column of the network's input each.
MOST_CLASSES = 2**17


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
        labels = self.classes.tolist()
        index = {label: i for i, label in enumerate(labels)}
        texts = {str(label): i for i, label in enumerate(labels)}  # what numbers become beside text in an array
        place = [index.get(each, texts.get(each, -1) if isinstance(each, str) else -1) for each in values.tolist()]
        if -1 in place:
            shown = ", ".join(map(str, self.classes[:12])) + (", …" if len(self.classes) > 12 else "")
            hint = ""
            if self.classes.dtype.kind in "iuf" and values.dtype.kind in "iuf":
                hint = '; to ask for any number, fit with condition="vector"'
            raise InputError(f"unknown label {values[place.index(-1)]!s}; this model knows {shown}{hint}")
        encoded: Encoded = np.eye(self.width, dtype=np.float32)[place]
        return encoded

    def numbers(self, y: object, rows: int = 1) -> NDArray[np.float64]:
        """One-hot vectors, or mixes of classes: between them lie others, ``(rows, C)``."""
        return self.encode(y, rows).astype(np.float64)

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
        """The mean and deviation of the values that there are."""
        y = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
        with np.errstate(over="ignore"):
            deviation = np.nanstd(y, axis=0)
        if not np.isfinite(deviation).all():
            raise InputError("y holds values so large that their variance overflows; divide them by a constant")
        return cls(np.nanmean(y, axis=0), np.where(deviation > 0, deviation, 1.0))

    @property
    def width(self) -> int:
        return len(self.mean)

    def encode(self, y: object, rows: int) -> Encoded:
        """One vector for all rows, or one a row."""
        values = self.numbers(y, rows)
        if not np.isfinite(values).all():
            raise InputError("y contains NaN or infinity")
        with np.errstate(over="ignore"):
            encoded: Encoded = ((values - self.mean) / self.deviation).astype(np.float32)
        if not np.isfinite(encoded).all():
            raise InputError("y lies too far from the vectors that this model was fitted on to be told from infinity")
        return encoded

    def numbers(self, y: object, rows: int = 1) -> NDArray[np.float64]:
        """y as it is, ``(rows, C)``."""
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
        return values

    def refitted(self, numbers: Array) -> VectorContext:
        """The same of other vectors."""
        return VectorContext.fit(numbers)

    def unknown(self, rows: int) -> Encoded:
        """What stands for rows whose vector isn't known, where a model can do without: the mean."""
        return np.zeros((rows, self.width), dtype=np.float32)

    def to_config(self) -> dict[str, Any]:
        return {"kind": "vectors", "mean": self.mean.tolist(), "deviation": self.deviation.tolist()}


def as_labels(y: object) -> Array:
    """y as an array; bytes become text, so that they can be written down.

    Raises:
        InputError: not a rectangular array.
    """
    try:
        # A row of a text and a number is no row of texts, whether it is one of several or alone.
        values = np.asarray(y)
        alone = isinstance(y, (list, tuple)) and not all(isinstance(value, str) for value in y)
        if values.dtype.kind == "U" and (values.ndim == 2 or alone):
            values = np.asarray(y, dtype=object)
        return np.char.decode(values, "utf-8") if values.dtype.kind == "S" else values
    except ValueError as error:
        raise InputError("y must be a rectangular array: one label a row, or one vector a row") from error


def refuse_gaps(values: Array, name: str = "y") -> None:
    """Raise for labels of which some are missing.

    Raises:
        InputError: says in which rows.
    """
    gaps = lacking(values)
    if not gaps.any():
        return
    value = values[gaps].ravel()[0]
    text = "NaN" if isinstance(value, float) else str(value) or "empty text"
    rows = np.flatnonzero(gaps.reshape(len(values), -1).any(axis=1)) if values.ndim else np.zeros(1, np.intp)
    where = f"row{'s' * (len(rows) > 1)} {listed([str(row) for row in rows.tolist()], SHOWN)}"
    raise InputError(
        f"{name} has no label at {where} ({int(gaps.sum())} in all, as {text}); drop such rows or give the gaps a label"
    )


def labels_from_config(config: Any, where: str) -> LabelContext:
    """The inverse of ``to_config``."""
    name = text_like(LABEL_TYPE)(given(config, "dtype", where), f"{where}: dtype")
    value = text(encodable=False) if "U" in name else truth if "b" in name else real() if "f" in name else None
    found = several(value or whole(-(2**63), 2**64 - 1), least=1, most=MOST_CLASSES)(
        given(config, "classes", where), f"{where}: classes"
    )
    classes = np.array(found, dtype=np.dtype(name))
    if classes.tolist() != list(found) or len(set(found)) != len(found):
        raise ValueError(f"{where}: classes don't fit into their type, or are not distinct")
    return LabelContext(classes)


def vectors_from_config(config: Any, where: str) -> VectorContext:
    """The inverse of ``to_config``."""
    mean = several(real(), least=1, most=MOST_CLASSES)(given(config, "mean", where), f"{where}: mean")
    deviation = several(real(0.0, above=True), len(mean))(given(config, "deviation", where), f"{where}: deviation")
    return VectorContext(np.array(mean), np.array(deviation))
