"""What a conditional model is conditioned on: classes of any type as one-hot vectors, or real-valued vectors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError

Array = NDArray[Any]
Encoded = NDArray[np.float32]


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
        """One label for all rows, or one a row."""
        values = np.asarray(y)
        values = np.broadcast_to(values, (rows,)) if values.ndim == 0 else values.reshape(len(values), -1)
        if values.ndim == 2:
            if values.shape[1] != 1:
                raise InputError(f"y has shape {values.shape}; this model was fitted on one label a row")
            values = values[:, 0]
        if len(values) != rows:
            raise InputError(f"y has {len(values)} labels for {rows} rows")
        known, wanted = self.classes.astype(str), values.astype(str)
        if self.classes.dtype.kind in "biuf" and values.dtype.kind in "biuf":
            known, wanted = self.classes.astype(float), values.astype(float)
        order = np.argsort(known)
        place = order[np.searchsorted(known, wanted, sorter=order).clip(max=len(known) - 1)]
        wrong = np.flatnonzero(known[place] != wanted)
        if len(wrong):
            shown = ", ".join(map(str, self.classes[:12])) + (", …" if len(self.classes) > 12 else "")
            raise InputError(f"unknown label {values[wrong[0]]!s}; this model knows {shown}")
        encoded: Encoded = np.eye(self.width, dtype=np.float32)[place]
        return encoded

    def to_config(self) -> dict[str, Any]:
        return {"kind": "labels", "dtype": self.classes.dtype.str, "classes": self.classes.tolist()}


@dataclass(frozen=True)
class VectorContext:
    """Real-valued vectors, standardised, ``(N, C)``."""

    mean: Array
    deviation: Array

    @classmethod
    def fit(cls, y: Array) -> VectorContext:
        y = np.asarray(y, dtype=np.float64).reshape(len(y), -1)
        deviation = y.std(axis=0)
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
        return ((values - self.mean) / self.deviation).astype(np.float32)

    def to_config(self) -> dict[str, Any]:
        return {"kind": "vectors", "mean": self.mean.tolist(), "deviation": self.deviation.tolist()}


Context = LabelContext | VectorContext


def fit_context(y: object, rows: int) -> Context:
    """Labels or vectors, read off y: fractions or several columns make it real-valued.

    Raises:
        InputError: wrong length, missing values, or one class only.
    """
    values = np.asarray(y)
    if values.ndim not in (1, 2) or len(values) != rows:
        raise InputError(f"y has shape {values.shape}; expected {rows} labels or ({rows}, C) real numbers")
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.dtype.kind == "O":
        missing = np.array([value is None or value != value for value in values.ravel()])
        if missing.any():
            raise InputError(f"y has no label at row {int(missing.argmax())}; drop the row or give the gap a label")
        values = values.astype(str) if any(isinstance(v, str) for v in values.ravel()) else np.array(values.tolist())
    if values.dtype.kind not in "biufUS":
        raise InputError(f"y has type {values.dtype}; expected labels (integers, strings, booleans) or real numbers")
    if values.dtype.kind == "f":
        if not np.isfinite(values).all():
            raise InputError("y contains NaN or infinity")
        if values.ndim == 2 or (values != np.round(values)).any():
            return VectorContext.fit(values)
    if values.ndim == 2:
        return VectorContext.fit(values)
    return LabelContext.fit(values)


def context_from_config(config: dict[str, Any]) -> Context:
    """The inverse of ``to_config``.

    Raises:
        InputError: not what ``to_config`` writes.
    """
    try:
        if config["kind"] == "labels":
            dtype = np.dtype(str(config["dtype"]))
            if dtype.kind not in "biufUS":
                raise ValueError(f"labels of type {dtype}")
            return LabelContext(np.array(config["classes"], dtype=dtype))
        if config["kind"] == "vectors":
            mean, deviation = (np.array(config[name], dtype=np.float64) for name in ("mean", "deviation"))
            if mean.ndim != 1 or mean.shape != deviation.shape or not (deviation > 0).all():
                raise ValueError("mean and deviation")
            return VectorContext(mean, deviation)
        raise ValueError(f"kind {config['kind']!r}")
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"the context in the config is none that aevum wrote: {error}") from error
