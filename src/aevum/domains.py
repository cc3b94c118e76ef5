"""What a parameter may be: whether a value is that, how it is said in words, and how it is read from a command line.

Nothing here loads a library, and domains are plain values, so that ``aevum train --help`` can show what the recipes
declare without loading them.

>>> patience = maybe(Whole(1))
>>> patience.words, patience.holds(0), patience.read("none"), patience.read("12")
('None or a whole number of at least 1', False, None, 12)
>>> to_plain(patience)
{'kind': 'AnyOf', 'domains': [{'kind': 'Nothing'}, {'kind': 'Whole', 'least': 1, 'most': None}]}
>>> from_plain(to_plain(patience)) == patience
True
"""

from __future__ import annotations

import ast
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from numbers import Integral, Real
from typing import Any, ClassVar


class Domain(ABC):
    """The values that a parameter may have.

    One of your own has :meth:`holds` and ``words``; :meth:`parse` as well, where it is not a Python literal's.
    """

    metavar: ClassVar[str] = "VALUE"
    hint: ClassVar[str] = ""
    # Whether a list or tuple may be one of these, and so stands in a saved model.
    lists: ClassVar[bool] = False

    @property
    @abstractmethod
    def words(self) -> str:
        """What a value must be, as a sentence says it: "a whole number of at least 1"."""

    @abstractmethod
    def holds(self, value: Any) -> bool:
        """Whether a value is one of these."""

    def parse(self, text: str) -> Any:
        """What a text on the command line says: a Python literal, or else itself.

        Raises:
            ValueError: it can't be one of these.
        """
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return text

    def read(self, text: str) -> Any:
        """The value that a text on the command line says.

        Raises:
            ValueError: it is none of these; says what is.
        """
        try:
            value = self.parse(text)
        except (ValueError, OverflowError):
            value = text
        if not self.holds(value):
            raise ValueError(f"must be {self.words}{self.hint}, not {text!r}")
        return value


@dataclass(frozen=True)
class Anything(Domain):
    """Whatever it is, the part that it is meant for says whether it can use it."""

    metavar: ClassVar[str] = "NAME"

    @property
    def words(self) -> str:
        return "anything"

    def holds(self, value: Any) -> bool:
        return True


@dataclass(frozen=True)
class Nothing(Domain):
    """None, for what is left out."""

    @property
    def words(self) -> str:
        return "None"

    def holds(self, value: Any) -> bool:
        return value is None

    def parse(self, text: str) -> Any:
        return None if text.lower() == "none" else text


@dataclass(frozen=True)
class Truth(Domain):
    """True or False; ``true``, ``yes``, ``on`` and ``false``, ``no``, ``off`` say so too.

    >>> Truth().read("false"), Truth().read("True"), Truth().holds(1)
    (False, True, False)
    """

    metavar: ClassVar[str] = "true|false"

    @property
    def words(self) -> str:
        return "True or False"

    def holds(self, value: Any) -> bool:
        return isinstance(value, bool)

    def parse(self, text: str) -> Any:
        said = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
        return said.get(text.lower(), text)


@dataclass(frozen=True)
class OneOf(Domain):
    """One of these names."""

    names: tuple[str, ...]
    metavar: ClassVar[str] = "NAME"

    @property
    def words(self) -> str:
        return f"one of {', '.join(self.names)}" if len(self.names) > 1 else repr(self.names[0])

    def holds(self, value: Any) -> bool:
        return isinstance(value, str) and value in self.names

    def parse(self, text: str) -> Any:
        return text


@dataclass(frozen=True)
class Whole(Domain):
    """A whole number within bounds; no float and no boolean stands for one."""

    least: int = 0
    most: int | None = None
    metavar: ClassVar[str] = "N"

    @property
    def words(self) -> str:
        bounds = f"of at least {self.least}" if self.most is None else f"from {self.least} to {self.most}"
        return f"a whole number {bounds}"

    def holds(self, value: Any) -> bool:
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        return whole and self.least <= int(value) and (self.most is None or int(value) <= self.most)

    def parse(self, text: str) -> Any:
        return int(text)


@dataclass(frozen=True)
class Finite(Domain):
    """A finite real number, with or without bounds."""

    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None
    metavar: ClassVar[str] = "X"

    @property
    def words(self) -> str:
        bounds = {"above": self.above, "of at least": self.least, "below": self.below, "of at most": self.most}
        given = [f"{words} {bound:g}" for words, bound in bounds.items() if bound is not None]
        if given == ["above 0"]:
            return "a positive number"
        if self.least is not None and len(given) == 2:
            return f"a number from {self.least:g} to {given[1].removeprefix('of at most ')}"
        return f"a number {' and '.join(given)}" if given else "a finite number"

    def holds(self, value: Any) -> bool:
        try:
            number = float(value) if isinstance(value, Real) else math.nan
        except OverflowError:
            return False
        return (
            math.isfinite(number)
            and (self.least is None or number >= self.least)
            and (self.above is None or number > self.above)
            and (self.most is None or number <= self.most)
            and (self.below is None or number < self.below)
        )

    def parse(self, text: str) -> Any:
        return float(text)


@dataclass(frozen=True)
class Widths(Domain):
    """A layer's width, or several layers' as a list."""

    most: int
    layers: int
    metavar: ClassVar[str] = "W,W,…"
    hint: ClassVar[str] = ", such as 512,256"
    lists: ClassVar[bool] = True

    @property
    def words(self) -> str:
        return f"a width or a list of widths from 1 to {self.most}"

    def holds(self, value: Any) -> bool:
        width = Whole(1, self.most)
        if isinstance(value, (list, tuple)):
            return len(value) <= self.layers and all(map(width.holds, value))
        return width.holds(value)

    def parse(self, text: str) -> Any:
        return tuple(int(width) for width in text.split(","))


@dataclass(frozen=True)
class AnyOf(Domain):
    """What any of these holds; a text is read by the first that can."""

    domains: tuple[Domain, ...]

    @property
    def metavar(self) -> str:  # type: ignore[override]
        return self.domains[-1].metavar

    @property
    def hint(self) -> str:  # type: ignore[override]
        return self.domains[-1].hint

    @property
    def lists(self) -> bool:  # type: ignore[override]
        return any(domain.lists for domain in self.domains)

    @property
    def words(self) -> str:
        *others, last = (domain.words for domain in self.domains)
        return ", ".join(others) + (", " if " or " in last else " or ") + last

    def holds(self, value: Any) -> bool:
        return any(domain.holds(value) for domain in self.domains)

    def read(self, text: str) -> Any:
        for domain in self.domains:
            with suppress(ValueError):
                return domain.read(text)
        raise ValueError(f"must be {self.words}{self.hint}, not {text!r}")


def maybe(domain: Domain) -> AnyOf:
    """None, or what the domain holds."""
    return AnyOf((Nothing(), domain))


KINDS: dict[str, type[Domain]] = {
    kind.__name__: kind for kind in (Anything, Nothing, OneOf, Whole, Finite, Widths, AnyOf)
}


def to_plain(domain: Domain) -> dict[str, Any] | None:
    """A domain as plain values; None for one that is not of this module."""
    if KINDS.get(type(domain).__name__) is not type(domain):
        return None
    found: dict[str, Any] = {"kind": type(domain).__name__}
    for field in fields(domain):  # type: ignore[arg-type]
        value = getattr(domain, field.name)
        if field.name == "domains":
            value = [to_plain(part) for part in value]
            if None in value:
                return None
        found[field.name] = list(value) if isinstance(value, tuple) else value
    return found


def from_plain(plain: Mapping[str, Any]) -> Domain:
    """The inverse of :func:`to_plain`."""
    given: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}
    if "domains" in given:
        given["domains"] = tuple(map(from_plain, given["domains"]))
    return KINDS[given.pop("kind")](**given)
