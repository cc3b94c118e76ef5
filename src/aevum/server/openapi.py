"""The server's OpenAPI description, made of the tables by which it reads requests and answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypedDict, Union, get_args, get_origin, get_type_hints, is_typeddict

from aevum.exploration.steps import Steps
from aevum.networks.layout import ImageLayout
from aevum.server.about import About
from aevum.server.declared import Numbers, Operation
from aevum.server.kinds import Schema, described, nested
from aevum.server.operations import OPERATIONS
from aevum.server.subject import Run
from aevum.server.uploads import FORMATS, MOST_BYTES
from aevum.version import VERSION

API, JSON = "/api", "application/json"
MOST_BODY = 16 * 2**20
REFUSALS = {
    400: "The request can't be used: its body is not as described, or the model can't take its values.",
    401: "The token is missing.",
    403: "The request came by another name or from another site's page.",
    404: "There is no such run or operation.",
    408: "The request's body did not come in time.",
    413: "The request's body is too large.",
    500: "A bug in aevum.",
    503: "Not enough memory, or the server was ended.",
}
AT_ALL = (401, 403, 500, 503)
READING = (401, 403, 404, 500, 503)
WRITING = (400, 401, 403, 404, 408, 413, 500, 503)
ERROR: Schema = {
    "type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"], "additionalProperties": False,
}  # fmt: skip
ABOUT_ALL = f"""
Answers about fitted models, in JSON: each is a run, with addresses of its own. NaN and infinity, which JSON lacks, are
null in answers. Larger answers, and arrays as bytes, come over the WebSocket `{API}/ws`: the operations are the same.
""".strip()


class Everything(TypedDict):
    """All runs."""

    runs: list[About]
    version: str


@dataclass(frozen=True)
class Address:
    """An address that can be asked.

    Args:
        name: of the function that answers.
        method, path: of the request; ``{run}`` and ``{operation}`` stand for names.
        says: what it is for, in one sentence.
        refusals: the statuses of its refusals.
        answer: a run ↦ the answer's schema; None where each operation has its own.
        media: types of a request's body of bytes.
        can: whether a run has it.
    """

    name: str
    method: str
    path: str
    says: str = ""
    refusals: Sequence[int] = READING
    answer: Callable[[Run], Schema] | None = None
    media: Sequence[str] = ()
    can: Callable[[Run], bool] = lambda run: True


def _picture(run: Run) -> Schema:
    """What an upload gives."""
    size, x = {"type": "integer", "minimum": 1}, nested(run.event, {"type": "number"})
    return _object({"width": size, "height": size, "x": x})


def _object(properties: Mapping[str, Schema], required: Sequence[str] | None = None) -> Schema:
    needed = list(properties) if required is None else list(required)
    return {"type": "object", "properties": dict(properties), "required": needed, "additionalProperties": False}


def typed(kind: Any) -> Schema:
    """JSON Schema of a type that JSON can hold; a float that is no number is null.

    >>> typed(list[int] | None)
    {'anyOf': [{'type': 'array', 'items': {'type': 'integer'}}, {'type': 'null'}]}
    """
    if is_typeddict(kind):
        return _object({name: typed(each) for name, each in get_type_hints(kind).items()})
    origin, parts = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return {"anyOf": [typed(part) for part in parts]}
    if origin is Literal:
        return {"enum": list(parts)}
    if origin is list:
        return {"type": "array", "items": typed(parts[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": typed(parts[1])}
    names = {str: "string", int: "integer", float: ["number", "null"], bool: "boolean", NoneType: "null"}
    return {"type": names[kind]}


ADDRESSES = (
    Address("openapi", "GET", "/openapi.json", "This description.", AT_ALL, lambda run: {"type": "object"}),
    Address("everything", "GET", "/runs", "All runs.", AT_ALL, lambda run: typed(Everything)),
    Address("about", "GET", "/runs/{run}", "What the page needs to know of a run.", READING, lambda run: typed(About)),
    Address(
        "upload", "POST", "/runs/{run}/upload",
        f"A picture of at most {MOST_BYTES // 2**20} MB as an example of the run's data.", WRITING, _picture,
        [f"image/{each.lower()}" for each in FORMATS], lambda run: ImageLayout.of(run.event) is not None,
    ),
    Address("operation", "POST", "/runs/{run}/{operation}", refusals=WRITING),
)  # fmt: skip


def document(runs: Sequence[Run], cookie: str) -> Steps[Schema]:
    """The description, with a pause after each run.

    Args:
        runs: each with addresses of its own, with the bounds of its own shapes; its checkpoints are asked as it is.
        cookie: the name of the one that holds the token.
    """
    paths: dict[str, dict[str, Schema]] = {}
    for run in runs:
        for path, method, asked in _asked(run):
            paths.setdefault(API + path, {})[method] = asked
        for earlier in run.checkpoints:
            own, its = (f"{API}/runs/{each.id}" for each in (run, earlier))
            for path in [each for each in paths if each == own or each.startswith(f"{own}/")]:
                same = path.replace("/", "~1")
                paths[its + path.removeprefix(own)] = {"$ref": f"#/paths/{same}"}  # type: ignore[dict-item]
        yield
    token = {
        "token": {"type": "http", "scheme": "bearer", "description": "The token of the address that was printed."},
        "cookie": {"type": "apiKey", "in": "cookie", "name": cookie, "description": "For the page, with its Origin."},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "aevum explore", "version": VERSION, "description": ABOUT_ALL},
        "paths": paths,
        "components": {
            "securitySchemes": token,
            "responses": {str(status): _answer(says, ERROR) for status, says in REFUSALS.items()},
        },
        "security": [{"token": []}, {"cookie": []}],
    }


def _asked(run: Run) -> Iterator[tuple[str, str, Schema]]:
    """Path, method and description of each request that can be made of a run."""
    for address in ADDRESSES:
        path, method = address.path.replace("{run}", run.id), address.method.lower()
        if address.answer is None:
            for name, operation in OPERATIONS.items():
                if operation.possible(run):
                    body = _body(operation, run)
                    answer = given_by(operation, run)
                    found = _described(f"{method}.{run.id}.{name}", operation.says, address, answer) | {
                        "requestBody": body
                    }
                    yield path.replace("{operation}", name), method, found
        elif address.can(run):
            id = f"{method}.{run.id}.{address.name}" if "{run}" in address.path else f"{method}.{address.name}"
            found = _described(id, address.says, address, address.answer(run))
            if address.media:
                # Of bytes JSON Schema knows nothing.
                found["requestBody"] = {"required": True, "content": {media: {} for media in address.media}}
            yield path, method, found


def _described(id: str, says: str, address: Address, answer: Schema) -> Schema:
    refusals = {str(status): {"$ref": f"#/components/responses/{status}"} for status in address.refusals}
    return {"operationId": id, "summary": says, "responses": {"200": _answer("The answer.", answer), **refusals}}


def _answer(says: str, schema: Schema) -> Schema:
    return {"description": says, "content": {JSON: {"schema": schema}}}


def _body(operation: Operation, run: Run) -> Schema:
    """What an operation takes; nothing at all stands for an object of nothing."""
    takes = described(operation.takes, run) | operation.among
    return {"required": not {"required", "oneOf"}.isdisjoint(takes), "content": {JSON: {"schema": takes}}}


def given_by(operation: Operation, run: Run) -> Schema:
    """What an operation gives: its values and its arrays."""
    values = typed(operation.values)
    arrays = {name: _numbers(numbers, run) for name, numbers in operation.arrays.items()}
    always = [name for name, numbers in operation.arrays.items() if numbers.always]
    return _object({**values["properties"], **arrays}, [*values["required"], *always])


def _numbers(numbers: Numbers, run: Run) -> Schema:
    axes: list[int | tuple[int, int] | None] = []
    for axis in numbers.axes:
        found = axis(run) if callable(axis) else axis
        axes += found if isinstance(found, tuple) else [found]
    return nested(axes, {"type": "integer" if numbers.whole else ["number", "null"]})
