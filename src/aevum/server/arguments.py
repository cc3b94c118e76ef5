"""What a request gives an operation, checked value by value: nothing of it reaches a model before."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.server.subject import Run

Array = NDArray[Any]
Codes = NDArray[np.float32]
# So many values are 128 MiB of an answer.
MOST_VALUES = 2**25
SHOWN = 20

_short = reprlib.Repr()
_short.maxlevel, _short.maxlist, _short.maxdict, _short.maxstring, _short.maxother = 4, 3, 2, 60, 60


class Arguments:
    """The arguments of one request by name; each reader checks one of them.

    Args:
        run: what they are about: its shapes are what they must fit.
        given: plain values, nested lists and arrays.
        known: the names that the operation takes.

    Raises:
        InputError: a name that the operation does not take.
    """

    def __init__(self, run: Run, given: Mapping[str, Any], known: Sequence[str]) -> None:
        unknown = [name for name in given if name not in known]
        if unknown:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise InputError(f"there is no argument {shown(unknown[0])} here; {takes}")
        self.run, self.given = run, given

    def has(self, name: str) -> bool:
        """Whether it is given, and not null."""
        return self.given.get(name) is not None

    # ------------------------------------------------------------ arrays

    def codes(self, name: str, most: int) -> Codes:
        """Codes ``(n, D)`` with n from 1 to ``most``."""
        z, width = self._numbers(name), self.run.latent_dim
        if z.ndim != 2 or z.shape[1] != width or not 1 <= len(z) <= most:
            raise InputError(f"{name} has shape {z.shape}; expected (n, {width}) with n from 1 to {most}")
        return _float32(z, name)

    def code(self, name: str) -> Codes:
        """One code, ``(D,)``."""
        z, width = self._numbers(name), self.run.latent_dim
        if z.shape != (width,):
            raise InputError(f"{name} has shape {z.shape}; expected ({width},), one code")
        return _float32(z, name)

    def examples(self, name: str, most: int) -> Array:
        """Rows ``(n, *event)`` in the data's units, with n from 1 to ``most``."""
        x, event = self._numbers(name), self.run.event
        if x.shape[1:] != event or x.ndim != len(event) + 1 or not 1 <= len(x) <= most:
            expected = ", ".join(map(str, ("n", *event)))
            raise InputError(f"{name} has shape {x.shape}; expected ({expected}) with n from 1 to {most}")
        if not np.isfinite(x).all():
            raise InputError(f"{name} contains NaN or infinity")
        return x

    def context(self, rows: int) -> Any:
        """y as the estimator takes it: class weights or real vectors, one row for all or one a row; None without."""
        estimator = self.run.estimator
        if not estimator.conditional:
            if self.has("y"):
                raise InputError("this model is conditioned on nothing: leave y out")
            return None
        width, classes = estimator.parts_.context, self.run.classes
        what = f"{width} class weights" if classes is not None else f"{width} numbers"
        if not self.has("y"):
            raise InputError(f"this model is conditioned on y and needs it: {what}, one row for all or one a row")
        y = self._numbers("y").astype(np.float64)
        if y.ndim != 2 or y.shape[1] != width or len(y) not in (1, rows):
            many = "(1, " if rows == 1 else f"({rows}, {width}) or (1, "
            raise InputError(f"y has shape {y.shape}; expected {many}{width}), {what} a row")
        if not np.isfinite(y).all():
            raise InputError("y contains NaN or infinity")
        if classes is not None and width == 1:  # the weight of an only class says nothing: its label does
            return estimator.classes_[0]
        return y

    def indices(self, name: str, most: int) -> NDArray[np.intp]:
        """From 1 to ``most`` rows by their numbers, from 0."""
        rows = self._numbers(name)
        last = self.run.rows - 1
        if rows.ndim != 1 or rows.dtype.kind not in "iu" or not len(rows):
            raise InputError(f"{name} must be a list of row numbers")
        if len(rows) > most:
            raise InputError(f"{name} holds {len(rows):,} row numbers; ask for at most {most:,} at once")
        if int(rows.min()) < 0 or int(rows.max()) > last:
            raise InputError(f"{name} holds a row number that is not from 0 to {last}")
        return rows.astype(np.intp)

    def _numbers(self, name: str) -> Array:
        """An array of real numbers of any shape."""
        if not self.has(name):
            raise InputError(f"{name} is missing")
        try:
            found: Array = np.asarray(self.given[name])
        except ValueError:  # lists of unequal lengths
            found = np.empty(0, object)
        if found.dtype.kind == "f" or found.dtype.kind in "iu":
            return found
        if not found.size and found.dtype.kind != "O":
            return found.astype(np.float64)
        raise InputError(f"{name} must be a rectangular array of numbers")

    # ------------------------------------------------------------ single values

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """A whole number from ``low`` to ``high``."""
        value = self.given.get(name)
        value = default if value is None else value
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise InputError(f"{name} must be a whole number from {low} to {high}, not {shown(value)}")
        return value

    def share(self, name: str, default: float) -> float:
        """A number between 0 and 1."""
        value = self.given.get(name)
        value = default if value is None else value
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0.0 < value < 1.0:
            raise InputError(f"{name} must lie between 0 and 1, not {shown(value)}")
        return float(value)

    def choice(self, name: str, options: Sequence[str]) -> str:
        """One of some words; the first where none is given."""
        value = self.given.get(name)
        value = options[0] if value is None else value
        if not isinstance(value, str) or value not in options:
            some = ", ".join(options[:SHOWN]) + (", …" if len(options) > SHOWN else "")
            raise InputError(f"{name} must be one of {some}, not {shown(value)}")
        return value

    def two_latents(self, name: str) -> tuple[int, int]:
        """Two different dimensions of a code; the first two where none are given."""
        width, value = self.run.latent_dim, self.given.get(name)
        if width < 2:
            raise InputError("this model has one latent, and a plane needs two")
        value = [0, 1] if value is None else value
        dims = [d for d in value if type(d) is int and 0 <= d < width] if isinstance(value, list) else []
        if len(dims) != 2 or dims != value or dims[0] == dims[1]:
            raise InputError(f"{name} must be two different numbers from 0 to {width - 1}, not {shown(value)}")
        return dims[0], dims[1]

    def afford(self, count: int) -> None:
        """Raise where an answer of so many examples would be too large to hold and to send."""
        most = max(1, MOST_VALUES // math.prod(self.run.event))
        if count > most:
            raise InputError(f"{count:,} examples are too many for one answer; ask for at most {most:,} at once")


def rows_of_context(y: Any, part: slice) -> Any:
    """What :meth:`Arguments.context` gives for all rows, for some of them: one row, or one label, is for each."""
    return y[part] if getattr(y, "ndim", 0) == 2 and len(y) > 1 else y


def shown(value: object) -> str:
    """A value from a request for a message: on one line, and neither all of a long one nor the depths of a nested one.

    >>> shown("7"), shown([[[[1]]]] * 9)
    ("'7'", '[[[[1]]], [[[1]]], [[[1]]], ...]')
    """
    return " ".join(_short.repr(value).split())


def _float32(values: Array, name: str) -> Codes:
    """The values as the network takes them; what overflows there is refused as infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        found = values.astype(np.float32)
    if not np.isfinite(found).all():
        raise InputError(f"{name} contains NaN or infinity")
    return found
