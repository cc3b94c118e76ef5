"""Everything that can be asked of a run, in one table: a name ↦ what it takes, what it gives, and a function.

The server reads requests by this table, and describes itself by it (:mod:`aevum.server.openapi`).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Mapping, Sequence
from typing import Any, TypedDict

from aevum.errors import InputError
from aevum.exploration.nearest import FARTHEST
from aevum.exploration.steps import Steps
from aevum.fitted.law import ONE_SIGMA
from aevum.fitted.prediction import check_interval
from aevum.server import answers, teaching, traits
from aevum.server.about import About
from aevum.server.answers import Answer
from aevum.server.arguments import Arguments
from aevum.server.arrays import Context, Examples, Indices, ManyCodes, Noise, OneCode, PerhapsCode, tell_codes_apart
from aevum.server.declared import Numbers, Operation, event_of
from aevum.server.given import shown
from aevum.server.kinds import MOST_JSON_VALUES, Schema, in_json, most_examples
from aevum.server.single import Amount, Choice, Name, Share, Text, TwoLatents, Whole
from aevum.server.subject import Run

MOST_ROWS, MOST_DECODED, MOST_ENCODED, MOST_NOISE = 256, 4096, 1024, 256
MOST_POINTS, MOST_NEIGHBOURS, MOST_ACROSS, MOST_STEPS = 200, 64, 40, 100
MOST_TEXT = 200
PATHS = ("linear", "spherical", "geodesic")


class Lengths(TypedDict):
    """Of a curve, and of the straight line between its ends, on the model's scale."""

    length: float
    straight: float


class Posterior(TypedDict):
    """Of what kind q(z|x) is, and whether its rate is in closed form; else it is of each draw."""

    kind: str
    exact: bool


Shares = TypedDict("Shares", {"with": dict[str, float], "without": dict[str, float]})


class Groups(TypedDict):
    """Of the rows with an attribute and of those without it: each label's share, and how many they are."""

    share: Shares
    n_with: int
    n_without: int


def perform(run: Run, operation: str, given: Mapping[str, Any]) -> Steps[Answer]:
    """Do what is asked for, with a pause wherever it takes long.

    Raises:
        InputError: there is no such operation, or an argument can't be used.
    """
    if operation not in OPERATIONS:
        raise InputError(f"there is no operation {shown(operation)}; there are {', '.join(OPERATIONS)}")
    return (yield from done(run, OPERATIONS[operation], given))


def done(run: Run, asked: Operation, given: Mapping[str, Any]) -> Steps[Answer]:
    """The same of an operation of any table."""
    arguments = Arguments(run, given, asked.takes)
    for needed in asked.needs:
        needed(run)
    found = asked.does(run, arguments)
    return (yield from found) if isinstance(found, Generator) else found


# -------------------------------------------------------------------- what they need


def _rows(run: Run) -> int:
    return run.rows


def _width(run: Run) -> int:
    return run.latent_dim


def _labels(run: Run) -> Sequence[str]:
    return run.labelled[0] if run.labelled is not None else ()


def _columns(run: Run) -> Sequence[str]:
    return list(run.traits)


def _with_columns(run: Run) -> None:
    run.needs_rows()
    if not run.traits:
        raise InputError(NO_COLUMNS)


def _intervals(run: Run) -> None:
    check_interval(run.estimator.fitted_, ONE_SIGMA)


def _two_latents(run: Run) -> None:
    if run.latent_dim < 2:
        raise InputError("this model has one latent, and a plane needs two")


def _known_draws(run: Run) -> None:
    if run.posterior is None:
        raise InputError("a draw of this model's posterior is no known function of noise")


def _across(run: Run) -> int:
    return min(MOST_ACROSS, math.isqrt(most_examples(run, MOST_JSON_VALUES)))


NO_COLUMNS = "the rows have no labels"
ROWS, COLUMNS = (Run.needs_rows,), (_with_columns,)
CODES, DECODED = (None, _width), Numbers((None, event_of))
ONE_OF_TWO: Schema = {
    "oneOf": [
        {"required": ["with"], "properties": {"with": {"type": "array"}}},
        {"required": ["label"], "properties": {"label": {"type": "string"}}},
    ]
}

GROUPS_OR_COLUMN: Schema = {
    "oneOf": [
        {"required": ["with"], "properties": {"with": {"type": "array"}}},
        {"required": ["column"], "properties": {"column": {"type": "string"}}},
    ]
}

OPERATIONS: dict[str, Operation] = {
    "about": Operation("What a run is: its model, its data, its latents, its labels.", answers.about, values=About),
    "codes": Operation(
        f"Posterior means of the rows from start to stop, at most {answers.MOST_CODES_SENT:,}.", answers.codes,
        {"start": Whole(0, lambda run: run.rows - 1, 0), "stop": Whole(1, _rows, _rows)},
        {"codes": Numbers(CODES)}, needs=ROWS,
    ),
    "labels": Operation(
        "Each row's place in the run's labels; -1 where they are no classes.", answers.labels,
        arrays={"labels": Numbers((_rows,), whole=True)}, needs=ROWS,
    ),
    "label_values": Operation(
        "Each row's label, where labels are a quantity.", answers.label_values,
        arrays={"values": Numbers((_rows,))}, needs=ROWS,
    ),
    "column": Operation(
        "What each row has in a column of labels: its place in the words, -1 where it has none, or a number.",
        traits.column, {"column": Choice(_columns, none=NO_COLUMNS)},
        {"index": Numbers((_rows,), whole=True, always=False), "values": Numbers((_rows,), always=False)},
        traits.Words, COLUMNS,
    ),
    "find": Operation(
        "Rows by a text that their names hold.", traits.find,
        {"text": Text(MOST_TEXT, needed=True), "k": Whole(1, MOST_NEIGHBOURS, 8)}, values=traits.Hits, needs=ROWS,
    ),
    "scores": Operation(
        "How unusual each row is: −ELBO, or an auto-encoder's distortion, in nats.", answers.scores,
        arrays={"scores": Numbers((_rows,))}, needs=ROWS,
    ),
    "rows": Operation(
        "Rows by their numbers, as they are stored.", answers.rows,
        {"indices": Indices(MOST_ROWS, told=in_json(MOST_ROWS))}, {"x": DECODED}, needs=ROWS,
    ),
    "decode": Operation(
        "What codes decode to.", answers.decode,
        {"z": ManyCodes(MOST_DECODED), "y": Context(MOST_DECODED)}, {"x": DECODED},
    ),
    "interval": Operation(
        "The likelihood's central interval at codes.", answers.interval,
        {"z": ManyCodes(MOST_DECODED, 2), "y": Context(MOST_DECODED), "level": Share(ONE_SIGMA)},
        {"low": DECODED, "high": DECODED}, needs=(_intervals,),
    ),
    "encode": Operation(
        "The posterior's mean and deviation at examples.", answers.encode,
        {"x": Examples(MOST_ENCODED), "y": Context(MOST_ENCODED)},
        {"mean": Numbers(CODES), "deviation": Numbers(CODES)},
    ),
    "score": Operation(
        "How unusual examples are.", answers.score, {"x": Examples(MOST_ENCODED), "y": Context(MOST_ENCODED)},
        {"score": Numbers((None,))},
    ),
    "inside": Operation(
        "One example's way through the model: posterior, noise ε, codes, what they decode to, distortion and rate.",
        answers.inside, {"x": Examples(1), "y": Context(), "epsilon": Noise(MOST_NOISE)},
        {
            "mean": Numbers((_width,)), "deviation": Numbers((_width,)), "epsilon": Numbers((None, None)),
            "z": Numbers(CODES), "x": DECODED, "distortion": Numbers((None,)), "rate": Numbers((None,)),
            "rates": Numbers((_width,), always=False),
        },
        Posterior, needs=(_known_draws,),
    ),
    "law": Operation(
        "Mean and deviation of the codes; with draws where these don't say all.", answers.law, {"y": Context()},
        {"mean": Numbers((_width,)), "deviation": Numbers((_width,)), "draws": Numbers(CODES, always=False)},
    ),
    "path": Operation(
        "A walk of n codes from one to another, and what they decode to.", answers.path,
        {
            "a": OneCode(), "b": OneCode(), "n": Whole(2, MOST_POINTS, 11, told=in_json(MOST_POINTS)),
            "path": Choice(lambda run: PATHS), "y": Context(),
        },
        {"z": Numbers(CODES), "x": DECODED}, Lengths, needs=(tell_codes_apart,),
    ),
    "neighbours": Operation(
        "The rows whose codes are nearest to each of some codes.", answers.neighbours,
        {"z": ManyCodes(MOST_DECODED, 0, FARTHEST), "k": Whole(1, MOST_NEIGHBOURS, 5)},
        {"indices": Numbers((None, None), whole=True), "distances": Numbers((None, None))}, needs=ROWS,
    ),
    "attribute": Operation(
        "The direction of the codes from the rows without an attribute to those with it.", answers.attribute,
        {
            "with": Indices(_rows, needed=False), "without": Indices(_rows, needed=False),
            "label": Choice(_labels, first=False, none="the rows have no labels"),
        },
        {"vector": Numbers((_width,))}, Groups, ROWS, ONE_OF_TWO,
    ),
    "trait": Operation(
        "How well a trait is read off held-out rows' codes, the codes' change per unit of it, and what comes along.",
        traits.trait,
        {
            "column": Choice(_columns, first=False, none=NO_COLUMNS),
            "value": Text(MOST_TEXT), "other": Text(MOST_TEXT),
            "with": Indices(_rows, needed=False), "without": Indices(_rows, needed=False),
        },
        {"vector": Numbers((_width,)), "origin": Numbers((_width,))}, traits.Read, ROWS, GROUPS_OR_COLUMN,
    ),
    "manifold": Operation(
        "A grid of n × n codes in two latents, and what they decode to.", answers.manifold_of,
        {"n": Whole(1, MOST_ACROSS, 20, told=_across), "dims": TwoLatents(), "at": PerhapsCode(), "y": Context()},
        {"z": Numbers((None, None, _width)), "x": Numbers((None, None, event_of))}, needs=(_two_latents,),
    ),
    "settle": Operation(
        "Examples encoded and decoded, again and again.", answers.settled,
        {"x": Examples(MOST_ENCODED), "steps": Whole(1, MOST_STEPS, 20), "y": Context(MOST_ENCODED)},
        {"z": Numbers((None, *CODES)), "x": Numbers((None, None, event_of))},
    ),
    "lesson": Operation(
        "A copy of the model learns on from its weights: some steps, and what it has come to. The run stays as it is.",
        teaching.lesson,
        {
            "lesson": Name(), "weights": Choice(lambda run: teaching.WEIGHTS), "at": Whole(-1, teaching.MOST_STEP, -1),
            "steps": Whole(0, teaching.MOST_STEPS, 0), "beta": Amount(teaching.MOST_BETA, teaching.own_beta),
            "noise": Choice(lambda run: teaching.NOISE), "shows": Choice(lambda run: teaching.SHOWS),
        },
        {
            "sigma": Numbers((3,), always=False), "sigmas": Numbers((_width, 3), always=False),
            "indices": Numbers((None,), whole=True, always=False), "codes": Numbers(CODES, always=False),
            "pull_of_rate": Numbers(CODES, always=False), "pull_of_distortion": Numbers(CODES, always=False),
            "x": Numbers((None, event_of), always=False), "still": Numbers((None, event_of), always=False),
            "drawn": Numbers((None, event_of), always=False),
        },
        teaching.State, needs=(Run.needs_rows, teaching.needs_room), changes=True,
    ),
    "lesson_decode": Operation(
        "What codes decode to by the weights of a lesson, where there is one of this name; else by the run's.",
        teaching.decode, {"lesson": Name(), "z": ManyCodes(MOST_DECODED), "y": Context(MOST_DECODED)}, {"x": DECODED},
        needs=(Run.needs_rows,), changes=True,
    ),
}  # fmt: skip
