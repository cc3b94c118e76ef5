"""Arguments that are arrays: codes, examples, what they are conditioned on, numbers of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.server.given import FLOAT32, finite_numbers, float32, numbers
from aevum.server.kinds import NULL, Bound, Left, Needed, Schema, bound, in_json, nested, reals
from aevum.server.subject import Run

Array = NDArray[Any]
Codes = NDArray[np.float32]
FLOAT64 = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class ManyCodes(Needed):
    """Codes ``(n, D)`` with n from 1 to ``most``.

    Args:
        most: how many.
        answers: with so many examples each is answered.
        farthest: values of at most that size are answered.
    """

    most: int
    answers: int = 1
    farthest: float = FLOAT32

    def read(self, run: Run, name: str, value: Any, rows: int) -> Codes:
        z, width = numbers(name, value), run.latent_dim
        if z.ndim != 2 or z.shape[1] != width or not 1 <= len(z) <= self.most:
            raise InputError(f"{name} has shape {z.shape}; expected (n, {width}) with n from 1 to {self.most}")
        found = float32(z, name)
        if (np.abs(z) > self.farthest).any():
            raise InputError(f"a code of {name} lies too far out: its values must stay below {self.farthest:g}")
        return found

    def schema(self, run: Run) -> Schema:
        most = in_json(self.most * self.answers)(run) // self.answers if self.answers else self.most
        return nested([(1, max(1, most)), run.latent_dim], reals(self.farthest))


@dataclass(frozen=True)
class OneCode(Needed):
    """One code, ``(D,)``."""

    def read(self, run: Run, name: str, value: Any, rows: int) -> Codes:
        z, width = numbers(name, value), run.latent_dim
        if z.shape != (width,):
            raise InputError(f"{name} has shape {z.shape}; expected ({width},), one code")
        return float32(z, name)

    def schema(self, run: Run) -> Schema:
        return nested([run.latent_dim], reals(FLOAT32))


@dataclass(frozen=True)
class PerhapsCode(OneCode):
    """One code, ``(D,)``, or None; where codes look like examples, none can be given."""

    def required(self, run: Run) -> bool:
        return False

    def read(self, run: Run, name: str, value: Any, rows: int) -> Any:
        if value is None:
            return None
        tell_codes_apart(run)
        return super().read(run, name, value, rows)

    def schema(self, run: Run) -> Schema:
        return NULL if run.event == (run.latent_dim,) else super().schema(run)


@dataclass(frozen=True)
class Examples(Needed):
    """Rows ``(n, *event)`` in the data's units, with n from 1 to ``most``; NaN stands for a cell that a row lacks, for
    models that know such rows. (JSON has no NaN.)
    """

    most: int

    def read(self, run: Run, name: str, value: Any, rows: int) -> Array:
        x, event = numbers(name, value), run.event
        if x.shape[1:] != event or x.ndim != len(event) + 1 or not 1 <= len(x) <= self.most:
            expected = ", ".join(map(str, ("n", *event)))
            raise InputError(f"{name} has shape {x.shape}; expected ({expected}) with n from 1 to {self.most}")
        finite_numbers(x[~np.isnan(x)] if run.estimator.encoding_.missing else x, name)
        return x

    def schema(self, run: Run) -> Schema:
        return nested([(1, self.most), *run.event], reals(FLOAT64))


@dataclass(frozen=True)
class Context:
    """y as the estimator takes it: class weights or real vectors, one row for all or one a row; None without.

    Args:
        most: rows that there may be.
    """

    most: int = 1

    def required(self, run: Run) -> bool:
        return bool(run.estimator.conditional)

    def read(self, run: Run, name: str, value: Any, rows: int) -> Any:
        estimator = run.estimator
        if not estimator.conditional:
            if value is not None:
                raise InputError("this model is conditioned on nothing: leave y out")
            return None
        width, classes = estimator.parts_.context, run.classes
        what = f"{width} class weights" if classes is not None else f"{width} numbers"
        if value is None:
            raise InputError(f"this model is conditioned on y and needs it: {what}, one row for all or one a row")
        y = numbers(name, value).astype(np.float64)
        if y.ndim != 2 or y.shape[1] != width or len(y) not in (1, rows):
            many = "(1, " if rows == 1 else f"({rows}, {width}) or (1, "
            raise InputError(f"y has shape {y.shape}; expected {many}{width}), {what} a row")
        finite_numbers(y, name)
        if classes is not None and width == 1:  # the weight of an only class says nothing: its label does
            return estimator.classes_[0]
        return y

    def schema(self, run: Run) -> Schema:
        if not run.estimator.conditional:
            return NULL
        width = run.estimator.parts_.context
        weights = run.classes is not None and width > 1
        element = {"type": "number", "minimum": 0, "maximum": 1} if weights else reals(FLOAT64)
        return nested([(1, self.most), width], element)


@dataclass(frozen=True)
class Noise(Left):
    """ε for n draws of one code, ``(n, E)`` with n from 1 to ``most``; None for zeros, once."""

    most: int

    def read(self, run: Run, name: str, value: Any, rows: int) -> Codes | None:
        if value is None:
            return None
        found, width = numbers(name, value), _noise(run)
        if found.ndim != 2 or found.shape[1] != width or not 1 <= len(found) <= self.most:
            raise InputError(f"{name} has shape {found.shape}; expected (n, {width}) with n from 1 to {self.most}")
        return float32(found, name)

    def schema(self, run: Run) -> Schema:
        return nested([(1, in_json(self.most)(run)), _noise(run)], reals(FLOAT32))


def _noise(run: Run) -> int:
    return run.posterior[1] if run.posterior is not None else 0


@dataclass(frozen=True)
class Indices:
    """From 1 to ``most`` rows by their numbers, from 0; where they may be left out, None then.

    Args:
        most: how many.
        needed: whether they have to be given.
        told: how many a request in JSON is told that it may name, where answers in JSON have room for fewer.
    """

    most: Bound
    needed: bool = True
    told: Bound | None = None

    def required(self, run: Run) -> bool:
        return self.needed

    def read(self, run: Run, name: str, value: Any, rows: int) -> NDArray[np.intp] | None:
        if value is None and not self.needed:
            return None
        found, last, most = numbers(name, value), run.rows - 1, bound(self.most, run)
        whole = found.dtype.kind in "iu" or (found.dtype.kind == "f" and bool((found == np.trunc(found)).all()))
        if found.ndim != 1 or not whole or not len(found):
            raise InputError(f"{name} must be a list of row numbers")
        if len(found) > most:
            raise InputError(f"{name} holds {len(found):,} row numbers; ask for at most {most:,} at once")
        if found.min() < 0 or found.max() > last:
            raise InputError(f"{name} holds a row number that is not from 0 to {last}")
        return found.astype(np.intp)

    def schema(self, run: Run) -> Schema:
        most = bound(self.most if self.told is None else self.told, run)
        return nested([(1, most)], {"type": "integer", "minimum": 0, "maximum": run.rows - 1})


def tell_codes_apart(run: Run) -> None:
    """Raise where a walk from a code would be taken for one from an example."""
    if run.event == (run.latent_dim,):
        raise InputError("this model's codes have as many values as its examples, and walks can't tell them apart")
