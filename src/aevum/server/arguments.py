"""What a request gives an operation, checked value by value: nothing of it reaches a model before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aevum.errors import InputError
from aevum.server.given import shown
from aevum.server.kinds import Kind, most_examples
from aevum.server.subject import Run


class Arguments:
    """The arguments of one request by name; each is read, and refused where it can't be used, when it is looked at.

    Args:
        run: what they are about: its shapes are what they must fit.
        given: plain values, nested lists and arrays.
        known: the kinds of those that the operation takes, by their names.

    Raises:
        InputError: a name that the operation does not take.
    """

    def __init__(self, run: Run, given: Mapping[str, Any], known: Mapping[str, Kind]) -> None:
        unknown = [name for name in given if name not in known]
        if unknown:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise InputError(f"there is no argument {shown(unknown[0])} here; {takes}")
        self.run, self.given, self.known = run, given, known

    def has(self, name: str) -> bool:
        """Whether it is given, and not null."""
        return self.given.get(name) is not None

    def __getitem__(self, name: str) -> Any:
        """An argument as its kind reads it."""
        return self.known[name].read(self.run, name, self.given.get(name), 1)

    def context(self, rows: int) -> Any:
        """y for so many rows."""
        return self.known["y"].read(self.run, "y", self.given.get("y"), rows)

    def afford(self, count: int) -> None:
        """Raise where an answer of so many examples would be too large to hold and to send."""
        most = most_examples(self.run)
        if count > most:
            raise InputError(f"{count:,} examples are too many for one answer; ask for at most {most:,} at once")


def rows_of_context(y: Any, part: slice) -> Any:
    """What :meth:`Arguments.context` gives for all rows, for some of them: one row, or one label, is for each."""
    return y[part] if getattr(y, "ndim", 0) == 2 and len(y) > 1 else y
