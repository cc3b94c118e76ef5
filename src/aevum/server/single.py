"""Arguments that are one value, or two: numbers, words, latents."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from aevum.errors import InputError
from aevum.server.given import SHOWN, shown, whole_number
from aevum.server.kinds import NULL, Bound, Left, Needed, Schema, bound, nested
from aevum.server.subject import Run


@dataclass(frozen=True)
class Whole(Left):
    """A whole number from ``low`` to ``high``.

    Args:
        low, high: its bounds.
        default: what it is where it is not given.
        told: the upper bound that a request in JSON is told of, where answers in JSON have room for less.
    """

    low: Bound
    high: Bound
    default: Bound
    told: Bound | None = None

    def read(self, run: Run, name: str, value: Any, rows: int) -> int:
        if value is None:
            return bound(self.default, run)
        return whole_number(name, value, bound(self.low, run), bound(self.high, run))

    def schema(self, run: Run) -> Schema:
        high = bound(self.high if self.told is None else self.told, run)
        found = {"type": "integer", "minimum": bound(self.low, run), "maximum": high}
        return found | {"default": min(high, bound(self.default, run))}


@dataclass(frozen=True)
class Share(Left):
    """A number between 0 and 1."""

    default: float

    def read(self, run: Run, name: str, value: Any, rows: int) -> float:
        value = self.default if value is None else value
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0.0 < value < 1.0:
            raise InputError(f"{name} must lie between 0 and 1, not {shown(value)}")
        return float(value)

    def schema(self, run: Run) -> Schema:
        return {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1, "default": self.default}


@dataclass(frozen=True)
class Amount(Left):
    """A number from 0 to ``most``; ``default`` of a run where none is given."""

    most: float
    default: Callable[[Run], float]

    def read(self, run: Run, name: str, value: Any, rows: int) -> float:
        value = self.default(run) if value is None else value
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0.0 <= value <= self.most:
            raise InputError(f"{name} must lie between 0 and {self.most:g}, not {shown(value)}")
        return float(value)

    def schema(self, run: Run) -> Schema:
        return {"type": "number", "minimum": 0, "maximum": self.most, "default": self.default(run)}


@dataclass(frozen=True)
class Name(Needed):
    """A name of one's own choice: letters, digits and hyphens."""

    longest: int = 64

    def read(self, run: Run, name: str, value: Any, rows: int) -> str:
        if not isinstance(value, str) or not re.fullmatch(self._pattern, value):
            what = "is missing" if value is None else f"is {shown(value)}"
            raise InputError(f"{name} {what}; give 1 to {self.longest} letters, digits and hyphens of your own choice")
        return value

    def schema(self, run: Run) -> Schema:
        return {"type": "string", "pattern": f"^{self._pattern}$"}

    @property
    def _pattern(self) -> str:
        return f"[A-Za-z0-9-]{{1,{self.longest}}}"


@dataclass(frozen=True)
class Choice(Left):
    """One of some words.

    Args:
        options: the words.
        first: whether it is the first of them where none is given; else None.
        none: what is said where there are no words.
    """

    options: Callable[[Run], Sequence[str]]
    first: bool = True
    none: str = "there is nothing to choose from"

    def read(self, run: Run, name: str, value: Any, rows: int) -> str | None:
        if value is None and not self.first:
            return None
        options = self.options(run)
        if not options:
            raise InputError(self.none)
        value = options[0] if value is None else value
        if not isinstance(value, str) or value not in options:
            some = ", ".join(options[:SHOWN]) + (", …" if len(options) > SHOWN else "")
            raise InputError(f"{name} must be one of {some}, not {shown(value)}")
        return value

    def schema(self, run: Run) -> Schema:
        options = list(self.options(run))
        found: Schema = {"type": "string", "enum": options} if options else NULL
        return found | {"default": options[0]} if self.first else found


@dataclass(frozen=True)
class Text(Left):
    """A text of at most so many characters; None where none is given."""

    most: int
    needed: bool = False

    def required(self, run: Run) -> bool:
        return self.needed

    def read(self, run: Run, name: str, value: Any, rows: int) -> str | None:
        if value is None and not self.needed:
            return None
        if not isinstance(value, str) or len(value) > self.most:
            raise InputError(f"{name} must be a text of at most {self.most} characters, not {shown(value)}")
        return value

    def schema(self, run: Run) -> Schema:
        return {"type": "string", "maxLength": self.most}


@dataclass(frozen=True)
class TwoLatents(Left):
    """Two different dimensions of a code; the first two where none are given."""

    def read(self, run: Run, name: str, value: Any, rows: int) -> tuple[int, int]:
        width, value = run.latent_dim, [0, 1] if value is None else value
        dims = [int(d) for d in value if type(d) in (int, float) and d in range(width)] if type(value) is list else []
        if len(dims) != 2 or dims != value or dims[0] == dims[1]:
            raise InputError(f"{name} must be two different numbers from 0 to {width - 1}, not {shown(value)}")
        return dims[0], dims[1]

    def schema(self, run: Run) -> Schema:
        element = {"type": "integer", "minimum": 0, "maximum": run.latent_dim - 1}
        return nested([2], element) | {"uniqueItems": True, "default": [0, 1]}
