"""What programs that speak the Model Context Protocol may ask: the page's operations, and two more, as tools."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import numpy as np

from aevum.errors import EstimateWarning, InputError
from aevum.evaluation import evaluate
from aevum.evaluation.latents import FEWEST_ROWS
from aevum.exploration import traverse
from aevum.exploration.steps import Steps
from aevum.networks.layout import ImageLayout
from aevum.server.answers import Answer
from aevum.server.arguments import Arguments
from aevum.server.arrays import Context, PerhapsCode
from aevum.server.declared import Numbers, Operation
from aevum.server.given import shown
from aevum.server.kinds import NULL, Schema, described, in_json
from aevum.server.openapi import given_by
from aevum.server.operations import (
    CODES,
    DECODED,
    MOST_POINTS,
    OPERATIONS,
    done,
)
from aevum.server.single import Whole
from aevum.server.subject import Run

# A tool's answer is read by a language model: so many numbers are some 50,000 words of it.
MOST_NUMBERS = 2**14
MOST_DRAWS, MOST_EVALUATED = 1000, 2000
# What each argument means, beyond its schema.
MEANS = {
    "run": "Which run is meant, by its id.",
    "start": "The first row.",
    "stop": "The row after the last.",
    "indices": "Rows by their numbers, from 0.",
    "z": "Codes, one a row: each holds a number for every latent of the run. The tool codes gives those of rows.",
    "y": "What a conditional model is conditioned on: of classes one row of weights, in the order of classes that about"
    " gives, 1 for the class that is meant and 0 for the others; of quantities one row of numbers.",
    "level": "The share that the interval holds.",
    "x": "Examples, one a row, in the data's own units and the shape that about calls event.",
    "epsilon": "The noise that draws codes, z = μ + σ·ε of a Gaussian posterior, a row a draw; without it zeros.",
    "a": "The code where the walk begins.",
    "b": "The code where it ends.",
    "n": "How many points; of manifold, how many to a side.",
    "path": "How the walk goes.",
    "k": "How many; of evaluate, draws of z a row for log p(x).",
    "with": "Rows that have the attribute, by their numbers.",
    "without": "Rows that lack it; without them all others.",
    "label": "A label instead: the rows that have it.",
    "column": "A column of labels, by its name; label is the one that colours the map at first.",
    "value": "The word of that column that is the trait; of a column of numbers none is said.",
    "other": "The word of the rows that lack it; without one all others that have a word.",
    "text": "A part of the name of a row.",
    "dims": "The latent from left to right, and the one from the bottom up.",
    "at": "The code whose other latents are held; without it the middle of the law of the codes.",
    "steps": "How often.",
    "dim": "Which latent is changed, from 0.",
    "rows": "How many rows, evenly from all over the data.",
}


class Evaluated(TypedDict):
    """What rows say about a model, in nats; null where it has no density."""

    summary: str
    rows: int
    squared_error: float
    unexplained_variance: float
    log_evidence: float
    monte_carlo_error: float
    elbo: float
    distortion: float
    rate: float
    notes: list[str]


@dataclass(frozen=True)
class Tool:
    """A tool, as a client is told of it."""

    name: str
    says: str
    takes: Schema
    gives: Schema


@dataclass(frozen=True)
class Result:
    """What a tool gives.

    Args:
        answer: values and arrays, few enough to be read.
        shown: the name of examples that are pictures, ``(…, *event)``; None where there are none.
        pictures: they.
        left_out: the names of arrays that are shown as pictures alone.
    """

    run: Run
    operation: Operation
    answer: Answer
    shown: str | None
    pictures: np.typing.NDArray[Any] | None
    left_out: Sequence[str]


# -------------------------------------------------------------------- the two more


def _traversed(run: Run, given: Arguments) -> Answer:
    points, y = given["n"], given["y"]
    given.afford(points)
    z, x = traverse(run.estimator, given["dim"], n=points, at=given["at"], y=y)
    return Answer(arrays={"z": z, "x": x})


def _evaluated(run: Run, given: Arguments) -> Answer:
    chosen = np.linspace(0, run.rows - 1, given["rows"]).round().astype(np.intp)
    y = None if run.y is None else run.y[chosen]
    k = given["k"] if run.estimator.has_density else None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", EstimateWarning)
        found = evaluate(run.estimator, run.examples(chosen), y, k=k)
    parts: Mapping[str, Any] = {} if found.evidence is None else found.evidence.to_dict()
    values: Evaluated = {
        "summary": str(found),
        "rows": found.rows,
        "squared_error": found.squared_error,
        "unexplained_variance": found.unexplained_variance,
        "log_evidence": parts.get("log_evidence", math.nan),
        "monte_carlo_error": parts.get("monte_carlo_error", math.nan),
        "elbo": parts.get("elbo", math.nan),
        "distortion": parts.get("distortion", math.nan),
        "rate": parts.get("rate", math.nan),
        "notes": [str(each.message) for each in caught],
    }
    return Answer({**values})


def _enough_rows(run: Run) -> None:
    run.needs_rows()
    if run.rows < FEWEST_ROWS:
        raise InputError(f"an evaluation needs at least {FEWEST_ROWS} rows; this run has {run.rows}")


def _few_rows(run: Run) -> None:
    run.needs_rows()
    if run.rows > MOST_NUMBERS:
        raise InputError(f"this run has {run.rows:,} rows, too many for one answer")


TOOLS: dict[str, Operation] = {
    **{name: operation for name, operation in OPERATIONS.items() if not operation.changes},
    "traverse": Operation(
        "A walk along one latent while the others are held, and what its codes decode to.", _traversed,
        {
            "dim": Whole(0, lambda run: run.latent_dim - 1, 0),
            "n": Whole(2, MOST_POINTS, 11, told=in_json(MOST_POINTS)), "at": PerhapsCode(), "y": Context(),
        },
        {"z": Numbers(CODES), "x": DECODED},
    ),
    "evaluate": Operation(
        "Whether the model is good: log p(x) or distortion, reconstruction, latents and findings in words, on rows of"
        " the run. These are the ones it learned from, unless others were named when the server was started.",
        _evaluated,
        {
            "k": Whole(1, MOST_DRAWS, 100),
            "rows": Whole(
                FEWEST_ROWS, lambda run: min(run.rows, MOST_EVALUATED), lambda run: min(run.rows, MOST_EVALUATED // 4)
            ),
        },
        values=Evaluated, needs=(_enough_rows,),
    ),
}  # fmt: skip
# These give a number for every row.
A_NUMBER_A_ROW = ("labels", "label_values", "column", "scores")


# -------------------------------------------------------------------- as clients see them


def tools(runs: Sequence[Run]) -> list[Tool]:
    """Every tool that some of these runs can be asked by, with the bounds of their shapes."""
    found = []
    for name, operation in TOOLS.items():
        able = [run for run in runs if _can(name, run)]
        if able:
            found.append(
                Tool(name, _says(operation, able), _takes(operation, able, len(runs)), _gives(operation, able))
            )
    return found


def call(runs: Mapping[str, Run], name: str, given: Mapping[str, Any]) -> Steps[Result]:
    """Do what a tool is for, with a pause wherever it takes long.

    Args:
        runs: by their ids; no other word leads to one.
        name: of the tool.
        given: the run's id, which may be left out where there is but one, and the arguments.

    Raises:
        InputError: there is no such tool or run, an argument can't be used, or the answer would be too long.
    """
    if name not in TOOLS:
        raise InputError(f"there is no tool {shown(name)}; there are {', '.join(TOOLS)}")
    id = given.get("run", next(iter(runs)) if len(runs) == 1 else None)
    if id is None:
        raise InputError(f"there is no run without its name: say one of {', '.join(runs)}")
    if not isinstance(id, str) or id not in runs:
        raise InputError(f"there is no run {shown(id)}; there are {', '.join(runs)}")
    run, operation = runs[id], TOOLS[name]
    if name in A_NUMBER_A_ROW:
        _few_rows(run)
    rest = {word: value for word, value in given.items() if word != "run"}
    answer = yield from done(run, operation, rest)
    return _readable(run, operation, answer)


def _readable(run: Run, operation: Operation, answer: Answer) -> Result:
    """The same, short enough: what pictures show needs no numbers."""
    examples = [name for name, each in operation.arrays.items() if each.examples and name in answer.arrays]
    first = examples[0] if examples and ImageLayout.of(run.event) is not None else None
    arrays, left_out = dict(answer.arrays), list[str]()
    if _size(arrays) > MOST_NUMBERS and first is not None:
        left_out = [name for name in examples if arrays.pop(name).size]
    if _size(arrays) > MOST_NUMBERS:
        raise InputError(
            f"the answer holds {_size(arrays):,} numbers, and one tool call has room for {MOST_NUMBERS:,}; ask for less"
        )
    return Result(run, operation, Answer(answer.values, arrays), first, answer.arrays.get(first or ""), left_out)


def _size(arrays: Mapping[str, Any]) -> int:
    return sum(array.size for array in arrays.values())


def _can(name: str, run: Run) -> bool:
    return TOOLS[name].possible(run) and not (name in A_NUMBER_A_ROW and run.rows > MOST_NUMBERS)


def _says(operation: Operation, runs: Sequence[Run]) -> str:
    """What it is for; what can't stand at the top of a tool's schema is said in words."""
    one_of = [each["required"][0] for each in operation.among.get("oneOf", [])]
    more = [f"Give exactly one of {' and '.join(one_of)}."] if one_of else []
    if any(each.examples for each in operation.arrays.values()) and any(ImageLayout.of(run.event) for run in runs):
        more.append("Of pictures, one image shows them, left to right and top to bottom.")
    return " ".join([operation.says, *more])


def _takes(operation: Operation, runs: Sequence[Run], of: int) -> Schema:
    """An object of the arguments: of each what some of the runs take, since clients read no alternatives above it."""
    each = [described(operation.takes, run) for run in runs]
    which: Schema = {"type": "string", "enum": [run.id for run in runs]}
    found = {"run": which, **_merged(each, operation.takes)}
    properties = {name: {"description": MEANS[name], **schema} for name, schema in found.items()}
    required = ["run"] * (of > 1) + [
        name for name in operation.takes if name in found and all(name in schema.get("required", ()) for schema in each)
    ]
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return schema | {"required": required} if required else schema


def _gives(operation: Operation, runs: Sequence[Run]) -> Schema:
    each = [given_by(operation, run) for run in runs]
    names = list(dict.fromkeys(name for schema in each for name in schema["properties"]))
    pictures = [name for name, numbers in operation.arrays.items() if numbers.examples]
    required = [name for name in names if all(name in schema["required"] for schema in each) and name not in pictures]
    return {"type": "object", "properties": _merged(each, names), "required": required, "additionalProperties": False}


def _merged(schemas: Sequence[Schema], names: Iterable[str]) -> dict[str, Schema]:
    """Of each property the one that all agree on, or the different ones; none where it can only be null."""
    found: dict[str, Schema] = {}
    for name in names:
        different: list[Schema] = []
        for schema in schemas:
            its = schema["properties"].get(name, NULL)
            if its != NULL and its not in different:
                different.append(its)
        if different:
            found[name] = different[0] if len(different) == 1 else {"anyOf": different}
    return found
