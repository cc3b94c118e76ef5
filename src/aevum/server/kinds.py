"""A kind of argument reads a value, or refuses it, and describes what it takes as JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from aevum.server.subject import Run

Schema = dict[str, Any]
Bound = int | Callable[[Run], int]
# So many values are 128 MiB of an answer; a number in JSON takes some 20 bytes and as many nanoseconds, so that what is
# larger goes over the WebSocket.
MOST_VALUES, MOST_JSON_VALUES = 2**25, 2**21
NULL: Schema = {"type": "null"}


class Kind(Protocol):
    """What one argument may be."""

    def required(self, run: Run) -> bool:
        """Whether it has to be given; null is as if it were not."""
        ...

    def read(self, run: Run, name: str, value: Any, rows: int) -> Any:
        """The value as an operation takes it; ``value`` is None where it is not given.

        Raises:
            InputError: it is not of this kind.
        """
        ...

    def schema(self, run: Run) -> Schema:
        """The values that :meth:`read` takes, but None, as JSON Schema; as for null where it takes no other."""
        ...


def bound(value: Bound, run: Run) -> int:
    """A bound for this run."""
    return value if isinstance(value, int) else value(run)


def most_examples(run: Run, values: int | None = None) -> int:
    """So many examples may be in one answer of so many values."""
    return max(1, (MOST_VALUES if values is None else values) // math.prod(run.event))


def in_json(most: int) -> Callable[[Run], int]:
    """So many examples, or as many as an answer in JSON has room for."""
    return lambda run: min(most, most_examples(run, MOST_JSON_VALUES))


def reals(most: float) -> Schema:
    """Numbers of at most that size."""
    return {"type": "number", "minimum": -most, "maximum": most}


def nested(axes: Sequence[int | tuple[int, int] | None], element: Schema) -> Schema:
    """Lists of lists: of each axis its length, its least and largest length, or None for any.

    >>> nested([(1, 9), 2], {"type": "number"})["items"]
    {'type': 'array', 'items': {'type': 'number'}, 'minItems': 2, 'maxItems': 2}
    """
    found = element
    for axis in reversed(axes):
        found = {"type": "array", "items": found}
        if axis is not None:
            least, most = (axis, axis) if isinstance(axis, int) else axis
            found |= {"minItems": least, "maxItems": most}
    return found


class Needed:
    """What has to be given."""

    def required(self, run: Run) -> bool:
        return True


class Left:
    """What may be left out."""

    def required(self, run: Run) -> bool:
        return False


def described(takes: Mapping[str, Kind], run: Run) -> Schema:
    """An object of such arguments."""
    properties = {name: kind.schema(run) for name, kind in takes.items()}
    required = [name for name, kind in takes.items() if kind.required(run)]
    for name, each in properties.items():
        if name not in required and each is not NULL:
            properties[name] = or_null(each)
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return found | {"required": required} if required else found


def or_null(schema: Schema) -> Schema:
    """The same, or null.

    >>> or_null({"type": "string", "enum": ["a"]})
    {'type': ['string', 'null'], 'enum': ['a', None]}
    """
    more = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return schema | {"type": [schema["type"], "null"]} | more
