"""From the bytes of a request to the bytes of its answer, the same operations behind both transports."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from aevum.errors import AevumError, InputError
from aevum.exploration.steps import Result, Steps
from aevum.server import kinds, wire
from aevum.server.about import describe
from aevum.server.answers import Answer
from aevum.server.given import shown
from aevum.server.lessons import Lessons
from aevum.server.openapi import document
from aevum.server.operations import OPERATIONS, perform
from aevum.server.subject import Run
from aevum.server.uploads import example_from
from aevum.storage import finite
from aevum.version import VERSION

OK, BAD, MISSING, FULL, BUG = 200, 400, 404, 503, 500
logger = logging.getLogger(__name__)


class UnknownNameError(InputError):
    """A run or an operation that is not there."""


class Exchange:
    """Answers to requests about some runs; each is worked out in steps.

    Args:
        runs: with distinct ids.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.shown: dict[str, Run] = {}
        self.runs: dict[str, Run] = {}
        # Few in all, however many runs there are.
        self.lessons = Lessons()
        for run in runs:
            self.show(run)

    def show(self, run: Run) -> None:
        """Answer for this run from now on; what is asked of an earlier one of its id is answered by that."""
        self.shown[run.id] = run
        for each in (run, *run.checkpoints):
            self.runs[each.id], each.lessons = each, self.lessons

    def run(self, id: object) -> Run:
        """A run by its id; no other name, and no path, leads to one.

        Raises:
            UnknownNameError: there is none.
        """
        if not isinstance(id, str) or id not in self.runs:
            raise UnknownNameError(f"there is no run {shown(id)}; there are {', '.join(self.shown)}")
        return self.runs[id]

    def message(self, message: bytes) -> Steps[bytes]:
        """The answer to a message of the WebSocket, which is read at once; whatever it holds, there is one."""
        id: int | str | None = None
        try:
            header, start = wire.read_header(message)
            id = wire.id_of(header)
            given = _merged(header.get("args"), wire.read_arrays(header, message, start))
            run, name = self.run(header.get("run")), _operation(header.get("op"))
        except Exception as error:
            return _done(as_refusal(wire.claimed_id(message) if id is None else id, error))
        return _answered(id, run, name, given)

    def json(self, run: str, operation: str, body: bytes) -> Steps[tuple[int, bytes]]:
        """Status and answer to a JSON request, which is read at once."""
        try:
            found, name = self.run(run), _operation(operation)
            given = wire.read_json(body or b"{}", "the request")
        except Exception as error:
            return _done(refused(error))
        return _answered_as_json(found, name, given)

    def about(self, run: str) -> Steps[tuple[int, bytes]]:
        """Status and description of one run."""
        try:
            return OK, as_json(Answer((yield from describe(self.run(run)))))
        except Exception as error:
            return refused(error)

    def everything(self) -> Steps[tuple[int, bytes]]:
        """Status and description of all runs."""
        try:
            found = {}
            for run in list(self.shown.values()):
                found[run.id] = yield from describe(run)
            return OK, as_json(Answer({"runs": list(found.values()), "version": VERSION}))
        except Exception as error:
            return refused(error)

    def openapi(self, cookie: str) -> Steps[tuple[int, bytes]]:
        """Status and the OpenAPI description of all that can be asked."""
        try:
            return OK, json.dumps((yield from document(list(self.shown.values()), cookie))).encode()
        except Exception as error:
            return refused(error)

    def upload(self, run: str, body: bytes) -> tuple[int, bytes]:
        """Status and the example that a picture becomes; no model is called for it."""
        try:
            x, (width, height) = example_from(self.run(run), body)
            return OK, as_json(Answer({"width": width, "height": height}, {"x": x}))
        except Exception as error:
            return refused(error)


def _answered(id: int | str | None, run: Run, operation: str, given: Mapping[str, Any]) -> Steps[bytes]:
    try:
        answer = yield from perform(run, operation, given)
        return wire.encode({"id": id, "ok": True, "args": finite(dict(answer.values))}, answer.arrays)
    except Exception as error:
        return as_refusal(id, error)


def _answered_as_json(run: Run, operation: str, given: Mapping[str, Any]) -> Steps[tuple[int, bytes]]:
    try:
        return OK, as_json((yield from perform(run, operation, given)))
    except Exception as error:
        return refused(error)


def _done(result: Result) -> Steps[Result]:
    """Work that is done already."""
    yield from ()
    return result


def as_json(answer: Answer) -> bytes:
    """Values and arrays as one JSON object.

    Raises:
        InputError: the arrays are too large for it.
    """
    size = sum(array.size for array in answer.arrays.values())
    if size > kinds.MOST_JSON_VALUES:
        raise InputError(f"the answer holds {size:,} numbers, too many for JSON; ask for less, or over the WebSocket")
    # As ASCII: the name of a folder may be no text in any encoding, and is written with escapes then.
    plain = json.dumps(finite(dict(answer.values)), allow_nan=False)[1:-1]
    lists = [f"{json.dumps(name)}:{wire.json_text(array)}" for name, array in answer.arrays.items()]
    return f"{{{','.join([plain] * bool(plain) + lists)}}}".encode()


def as_refusal(id: int | str | None, error: Exception) -> bytes:
    """A message for an error, to whoever asked."""
    return wire.encode({"id": id, "ok": False, "error": explained(error)[1]}, {})


def refused(error: Exception) -> tuple[int, bytes]:
    """Status and answer for an error."""
    status, sentence = explained(error)
    return status, error_json(sentence)


def error_json(sentence: str) -> bytes:
    """An error as JSON."""
    return json.dumps({"error": sentence}).encode()


def explained(error: Exception) -> tuple[int, str]:
    """Status and one sentence for an error; nothing but the sentence leaves the server.

    >>> explained(InputError("z is missing"))
    (400, 'z is missing')
    """
    text = " ".join(str(error).split())
    if isinstance(error, UnknownNameError):
        return MISSING, text
    if isinstance(error, AevumError):
        return BAD, text
    if isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text:
        return FULL, "not enough memory; ask for less at once"
    if isinstance(error, ValueError):  # scikit-learn's checks, of which the first line is the answer
        return BAD, (str(error).strip().splitlines() or ["the values can't be used"])[0]
    logger.error("a bug in aevum, please report it: %s: %s", type(error).__name__, text)
    logger.debug("where it was", exc_info=error)
    return BUG, f"a bug in aevum, please report it: {type(error).__name__}: {text}"


def _operation(name: object) -> str:
    if not isinstance(name, str) or name not in OPERATIONS:
        raise UnknownNameError(f"there is no operation {shown(name)}; there are {', '.join(OPERATIONS)}")
    return name


def _merged(values: Any, arrays: Mapping[str, Any]) -> dict[str, Any]:
    """Plain arguments and arrays by their names."""
    values = {} if values is None else values
    if not isinstance(values, dict):
        raise InputError("args must be an object")
    both = sorted(values.keys() & arrays.keys())
    if both:
        raise InputError(f"{shown(both[0])} is given twice, in args and as an array")
    return {**values, **arrays}
