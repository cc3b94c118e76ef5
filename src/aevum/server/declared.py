"""What an operation is: what it takes, what it gives, and a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from aevum.errors import InputError
from aevum.exploration.steps import Steps
from aevum.server.answers import Answer
from aevum.server.arguments import Arguments
from aevum.server.kinds import Kind, Schema
from aevum.server.subject import Run


class Nothing(TypedDict):
    """No plain values."""


def event_of(run: Run) -> tuple[int, ...]:
    """The shape of one example."""
    return run.event


@dataclass(frozen=True)
class Numbers:
    """An array of an answer.

    Args:
        axes: of each its length, or what that is of a run: a length, or the lengths of several; None for any length.
        whole: whether they are whole numbers. Others may be null, where they are none.
        always: whether it is there in every answer.
    """

    axes: Sequence[int | Callable[[Run], int | tuple[int, ...]] | None]
    whole: bool = False
    always: bool = True

    @property
    def examples(self) -> bool:
        """Whether they are examples in the data's units, or bounds of them."""
        return event_of in self.axes


@dataclass(frozen=True)
class Operation:
    """One operation.

    Args:
        says: what it is for, in one sentence.
        does: what is asked for.
        takes: its arguments.
        arrays: of its answer.
        values: plain values of its answer, a TypedDict.
        needs: each raises InputError for a run of which it can't be asked.
        among: what else is true of its arguments, as JSON Schema.
        changes: whether it changes something that the server holds; it is no tool of an assistant's then.
    """

    says: str
    does: Callable[[Run, Arguments], Answer | Steps[Answer]]
    takes: Mapping[str, Kind] = field(default_factory=dict)
    arrays: Mapping[str, Numbers] = field(default_factory=dict)
    values: type = Nothing
    needs: Sequence[Callable[[Run], object]] = ()
    among: Schema = field(default_factory=dict)
    changes: bool = False

    def possible(self, run: Run) -> bool:
        """Whether it can be asked of this run."""
        try:
            for needed in self.needs:
                needed(run)
        except InputError:
            return False
        return True
