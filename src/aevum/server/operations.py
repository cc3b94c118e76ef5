"""Everything that can be asked of a run, in one table: a name ↦ the arguments and a function."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.exploration import curve_length, direction, interpolate, manifold, nearest_codes
from aevum.exploration.paths import interpolation
from aevum.exploration.steps import Steps
from aevum.exploration.walks import settling
from aevum.fitted.law import ONE_SIGMA
from aevum.fitted.threads import threads_for
from aevum.server.about import describe
from aevum.server.arguments import Arguments, rows_of_context, shown
from aevum.server.blocks import Clock, LateError, blocks_of
from aevum.server.law import law_under
from aevum.server.subject import Run

Array = NDArray[Any]
MOST_CODES_SENT, MOST_ROWS, MOST_DECODED, MOST_ENCODED = 131_072, 256, 4096, 1024
MOST_POINTS, MOST_NEIGHBOURS, MOST_ACROSS, MOST_STEPS = 200, 64, 40, 100
# Codes whose neighbours are looked for before the next pause.
AT_ONCE = 64
# Of its own work; what others asked for in between doesn't count.
MOST_SECONDS = 30.0
PATHS = ("linear", "spherical", "geodesic")


@dataclass(frozen=True)
class Answer:
    """What an operation gives: plain values and named arrays."""

    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)


def perform(run: Run, operation: str, given: Mapping[str, Any]) -> Steps[Answer]:
    """Do what is asked for, with a pause wherever it takes long.

    Raises:
        InputError: there is no such operation, or an argument can't be used.
    """
    if operation not in OPERATIONS:
        raise InputError(f"there is no operation {shown(operation)}; there are {', '.join(OPERATIONS)}")
    function, known = OPERATIONS[operation]
    found = function(run, Arguments(run, given, known))
    return (yield from found) if isinstance(found, Generator) else found


# -------------------------------------------------------------------- the rows


def about(run: Run, given: Arguments) -> Steps[Answer]:
    return Answer((yield from describe(run)))


def codes(run: Run, given: Arguments) -> Steps[Answer]:
    run.needs_rows()
    start = given.whole("start", 0, run.rows - 1, 0)
    most = min(run.rows, start + MOST_CODES_SENT)
    stop = given.whole("stop", start + 1, most, most)
    yield from run.codes.fill(start, stop)
    return Answer(arrays={"codes": run.codes.values[start:stop]})


def labels(run: Run, given: Arguments) -> Answer:
    run.needs_rows()
    found = run.labelled
    return Answer(arrays={"labels": np.full(run.rows, -1, np.int32) if found is None else found[1]})


def label_values(run: Run, given: Arguments) -> Answer:
    run.needs_rows()
    found = run.measured
    return Answer(arrays={"values": np.full(run.rows, np.nan, np.float32) if found is None else found})


def scores(run: Run, given: Arguments) -> Steps[Answer]:
    run.needs_rows()
    yield from run.scores.fill(0, run.rows)
    return Answer(arrays={"scores": run.scores.values})


def rows(run: Run, given: Arguments) -> Answer:
    run.needs_rows()
    chosen = given.indices("indices", MOST_ROWS)
    given.afford(len(chosen))
    return Answer(arrays={"x": run.examples(chosen)})


# -------------------------------------------------------------------- codes to data and back


def decode(run: Run, given: Arguments) -> Steps[Answer]:
    z = given.codes("z", MOST_DECODED)
    given.afford(len(z))
    with_y = given.context(len(z))
    return (yield from _by_blocks(run, z, with_y, lambda z, y: {"x": run.estimator.inverse_transform(z, y)}))


def interval(run: Run, given: Arguments) -> Steps[Answer]:
    z, level = given.codes("z", MOST_DECODED), given.share("level", ONE_SIGMA)
    given.afford(2 * len(z))

    def between(z: Array, y: Any) -> Mapping[str, Array]:
        return dict(zip(("low", "high"), run.estimator.decode_interval(z, y, level=level), strict=True))

    return (yield from _by_blocks(run, z, given.context(len(z)), between))


def encode(run: Run, given: Arguments) -> Steps[Answer]:
    x = given.examples("x", MOST_ENCODED)

    def moments(x: Array, y: Any) -> Mapping[str, Array]:
        return dict(zip(("mean", "deviation"), run.estimator.encode(x, y), strict=True))

    return (yield from _by_blocks(run, x, given.context(len(x)), moments))


def score(run: Run, given: Arguments) -> Steps[Answer]:
    x = given.examples("x", MOST_ENCODED)
    return (yield from _by_blocks(run, x, given.context(len(x)), lambda x, y: {"score": run.score(x, y)}))


def _by_blocks(run: Run, rows: Array, y: Any, work: Callable[[Array, Any], Mapping[str, Array]]) -> Steps[Answer]:
    """What ``work`` gives of all rows, a block at a time, with a pause after each but the last."""
    found: list[Mapping[str, Array]] = []
    for part in blocks_of(len(rows), run.event):
        if found:
            yield
        with threads_for((part.stop - part.start) * math.prod(run.event)):
            found.append(work(rows[part], rows_of_context(y, part)))
    return Answer(arrays={name: np.concatenate([each[name] for each in found]) for name in found[0]})


# -------------------------------------------------------------------- the law of the codes


def law(run: Run, given: Arguments) -> Answer:
    return Answer(arrays=law_under(run, given.context(1)))


# -------------------------------------------------------------------- walks


def path(run: Run, given: Arguments) -> Steps[Answer]:
    _tell_codes_apart(run)
    a, b = given.code("a"), given.code("b")
    points, kind, y = given.whole("n", 2, MOST_POINTS, 11), given.choice("path", PATHS), given.context(1)
    given.afford(points)
    z, x = yield from interpolation(run.estimator, a, b, points, kind, y=y)
    line = z if kind == "linear" else interpolate(run.estimator, a, b, points, "linear", y=y).z
    lengths = {name: curve_length(run.estimator, curve, y=y) for name, curve in (("length", z), ("straight", line))}
    return Answer(lengths, {"z": z, "x": x})


def manifold_of(run: Run, given: Arguments) -> Answer:
    across, dims, y = given.whole("n", 1, MOST_ACROSS, 20), given.two_latents("dims"), given.context(1)
    given.afford(across**2)
    at = None
    if given.has("at"):
        _tell_codes_apart(run)
        at = given.code("at")
    z, x = manifold(run.estimator, across, dims=dims, at=at, y=y)
    return Answer(arrays={"z": z, "x": x})


def settled(run: Run, given: Arguments) -> Steps[Answer]:
    steps, x = given.whole("steps", 1, MOST_STEPS, 20), given.examples("x", MOST_ENCODED)
    given.afford((steps + 1) * len(x))
    y, walks, clock = given.context(len(x)), [], Clock(MOST_SECONDS)
    for part in blocks_of(len(x), run.event):
        walk = settling(run.estimator, x[part], steps, rows_of_context(y, part))
        try:
            walks.append((yield from clock.within(walk)))
        except LateError:
            share = (len(walks) * steps + clock.steps_of_last) * (part.stop - part.start) / (steps * len(x))
            raise InputError(
                f"{len(x):,} examples and {steps} steps take this machine longer than {MOST_SECONDS:g} s: "
                f"{100 * min(share, 0.99):.0f} % were done when it was given up; ask for fewer steps or examples"
            ) from None
    z, seen = (np.concatenate(parts, axis=1) for parts in zip(*walks, strict=True))
    return Answer(arrays={"z": z, "x": seen})


def _tell_codes_apart(run: Run) -> None:
    """Raise where a walk from a code would be taken for one from an example."""
    if run.event == (run.latent_dim,):
        raise InputError("this model's codes have as many values as its examples, and walks can't tell them apart")


# -------------------------------------------------------------------- what codes have in common


def neighbours(run: Run, given: Arguments) -> Steps[Answer]:
    run.needs_rows()
    z, k = given.codes("z", MOST_DECODED), given.whole("k", 1, MOST_NEIGHBOURS, 5)
    yield from run.codes.fill(0, run.rows)
    found = []
    for start in range(0, len(z), AT_ONCE):
        found.append(nearest_codes(run.codes.values, z[start : start + AT_ONCE], min(k, run.rows)))
        yield
    indices, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Answer(arrays={"indices": indices.astype(np.int32), "distances": distances.astype(np.float32)})


def attribute(run: Run, given: Arguments) -> Steps[Answer]:
    """The direction from the rows without to those with it, and what labels are found in the two groups."""
    run.needs_rows()
    chosen = _group(run, given)
    others = np.ones(run.rows, bool)
    others[chosen] = False
    without = given.indices("without", run.rows) if given.has("without") else np.flatnonzero(others)
    with_codes, without_codes = (yield from run.codes.of(chosen)), (yield from run.codes.of(without))
    found = {
        "share": {"with": _label_shares(run, chosen), "without": _label_shares(run, without)},
        "n_with": len(chosen),
        "n_without": len(without),
    }
    return Answer(found, {"vector": direction(with_codes, without_codes)})


def _group(run: Run, given: Arguments) -> NDArray[np.intp]:
    """The rows with the attribute: those that are listed, or all of one label."""
    if given.has("with") == given.has("label"):
        raise InputError("say either with, a list of row numbers, or label")
    if given.has("with"):
        return given.indices("with", run.rows)
    known, index = run.labelled or ([], np.empty(0, np.int32))
    if not known:
        raise InputError("the rows have no labels")
    return np.flatnonzero(index == known.index(given.choice("label", known)))


def _label_shares(run: Run, chosen: NDArray[np.intp]) -> dict[str, float]:
    """The share of each label in a group of rows, the largest first."""
    if run.labelled is None or not len(chosen):
        return {}
    known, index = run.labelled
    counts = np.bincount(index[chosen], minlength=len(known))
    order = np.argsort(-counts, kind="stable")
    return {known[d]: float(counts[d] / len(chosen)) for d in order.tolist() if counts[d]}


Operation = Callable[[Run, Arguments], "Answer | Steps[Answer]"]
OPERATIONS: dict[str, tuple[Operation, tuple[str, ...]]] = {
    "about": (about, ()),
    "codes": (codes, ("start", "stop")),
    "labels": (labels, ()),
    "label_values": (label_values, ()),
    "scores": (scores, ()),
    "rows": (rows, ("indices",)),
    "decode": (decode, ("z", "y")),
    "interval": (interval, ("z", "y", "level")),
    "encode": (encode, ("x", "y")),
    "score": (score, ("x", "y")),
    "law": (law, ("y",)),
    "path": (path, ("a", "b", "n", "path", "y")),
    "neighbours": (neighbours, ("z", "k")),
    "attribute": (attribute, ("with", "without", "label")),
    "manifold": (manifold_of, ("n", "dims", "at", "y")),
    "settle": (settled, ("x", "steps", "y")),
}
