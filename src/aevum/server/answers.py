"""What is answered to each operation: functions of a run and the arguments that were given."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.exploration import curve_length, direction, interpolate, manifold
from aevum.exploration.paths import interpolation
from aevum.exploration.steps import Steps
from aevum.exploration.walks import settling
from aevum.fitted.inside import Inside
from aevum.fitted.threads import threads_for
from aevum.server.about import describe
from aevum.server.arguments import Arguments, rows_of_context
from aevum.server.blocks import Clock, LateError, blocks_of
from aevum.server.law import law_under
from aevum.server.subject import Run

Array = NDArray[Any]
MOST_CODES_SENT = 131_072
# Codes whose neighbours are looked for before the next pause.
AT_ONCE = 64
# Of its own work; what others asked for in between doesn't count.
MOST_SECONDS = 30.0


@dataclass(frozen=True)
class Answer:
    """What an operation gives: plain values and named arrays."""

    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array] = field(default_factory=dict)


# -------------------------------------------------------------------- the rows


def about(run: Run, given: Arguments) -> Steps[Answer]:
    return Answer((yield from describe(run)))


def codes(run: Run, given: Arguments) -> Steps[Answer]:
    start, most = given["start"], min(run.rows, given["start"] + MOST_CODES_SENT)
    stop = given["stop"] if given.has("stop") else most
    if not start < stop <= most:
        raise InputError(f"stop must be a whole number from {start + 1} to {most}, not {stop}")
    yield from run.codes.fill(start, stop)
    return Answer(arrays={"codes": run.codes.values[start:stop]})


def labels(run: Run, given: Arguments) -> Answer:
    found = run.labelled
    return Answer(arrays={"labels": np.full(run.rows, -1, np.int32) if found is None else found[1]})


def label_values(run: Run, given: Arguments) -> Answer:
    found = run.measured
    return Answer(arrays={"values": np.full(run.rows, np.nan, np.float32) if found is None else found})


def scores(run: Run, given: Arguments) -> Steps[Answer]:
    yield from run.scores.fill(0, run.rows)
    return Answer(arrays={"scores": run.scores.values})


def rows(run: Run, given: Arguments) -> Answer:
    chosen = given["indices"]
    given.afford(len(chosen))
    return Answer(arrays={"x": run.examples(chosen)})


# -------------------------------------------------------------------- codes to data and back


def decode(run: Run, given: Arguments) -> Steps[Answer]:
    z = given["z"]
    given.afford(len(z))
    with_y = given.context(len(z))
    return (yield from by_blocks(run, z, with_y, lambda z, y: {"x": run.estimator.inverse_transform(z, y)}))


def interval(run: Run, given: Arguments) -> Steps[Answer]:
    z, level = given["z"], given["level"]
    given.afford(2 * len(z))

    def between(z: Array, y: Any) -> Mapping[str, Array]:
        return dict(zip(("low", "high"), run.estimator.decode_interval(z, y, level=level), strict=True))

    return (yield from by_blocks(run, z, given.context(len(z)), between))


def encode(run: Run, given: Arguments) -> Steps[Answer]:
    x = given["x"]

    def moments(x: Array, y: Any) -> Mapping[str, Array]:
        return dict(zip(("mean", "deviation"), run.estimator.encode(x, y), strict=True))

    return (yield from by_blocks(run, x, given.context(len(x)), moments))


def score(run: Run, given: Arguments) -> Steps[Answer]:
    x = given["x"]
    return (yield from by_blocks(run, x, given.context(len(x)), lambda x, y: {"score": run.score(x, y)}))


def inside(run: Run, given: Arguments) -> Steps[Answer]:
    """The first of the draws says of what kind all are."""
    x, y, epsilon = given["x"], given.context(1), given["epsilon"]
    epsilon = np.zeros((1, run.posterior[1]), np.float32) if epsilon is None and run.posterior else epsilon
    given.afford(len(epsilon))
    parts: list[Inside] = []
    for part in blocks_of(len(epsilon), run.event):
        if parts:
            yield
        with threads_for((part.stop - part.start) * math.prod(run.event)):
            parts.append(run.estimator.inside(x, y, noise=epsilon[part]))
    first = parts[0]
    each = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ("z", "x", "distortion", "rate")}
    own = {"mean": first.mean, "deviation": first.deviation, "epsilon": epsilon}
    more = {} if first.rates is None else {"rates": first.rates}
    return Answer({"kind": first.kind, "exact": first.exact}, {**own, **each, **more})


def by_blocks(run: Run, rows: Array, y: Any, work: Callable[[Array, Any], Mapping[str, Array]]) -> Steps[Answer]:
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
    a, b, points, kind, y = (given[name] for name in ("a", "b", "n", "path", "y"))
    given.afford(points)
    z, x = yield from interpolation(run.estimator, a, b, points, kind, y=y)
    line = z if kind == "linear" else interpolate(run.estimator, a, b, points, "linear", y=y).z
    lengths = {name: curve_length(run.estimator, curve, y=y) for name, curve in (("length", z), ("straight", line))}
    return Answer(lengths, {"z": z, "x": x})


def manifold_of(run: Run, given: Arguments) -> Answer:
    across, dims, y = (given[name] for name in ("n", "dims", "y"))
    given.afford(across**2)
    at = given["at"]
    z, x = manifold(run.estimator, across, dims=dims, at=at, y=y)
    return Answer(arrays={"z": z, "x": x})


def settled(run: Run, given: Arguments) -> Steps[Answer]:
    steps, x = given["steps"], given["x"]
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


# -------------------------------------------------------------------- what codes have in common


def neighbours(run: Run, given: Arguments) -> Steps[Answer]:
    z, k = given["z"], given["k"]
    yield from run.codes.fill(0, run.rows)
    found = []
    for start in range(0, len(z), AT_ONCE):
        found.append(run.nearest.of(z[start : start + AT_ONCE], min(k, run.rows)))
        yield
    indices, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Answer(arrays={"indices": indices.astype(np.int32), "distances": distances.astype(np.float32)})


def attribute(run: Run, given: Arguments) -> Steps[Answer]:
    """The direction from the rows without to those with it, and what labels are found in the two groups."""
    chosen = _group(run, given)
    others = np.ones(run.rows, bool)
    others[chosen] = False
    without = given["without"] if given.has("without") else np.flatnonzero(others)
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
        rows: NDArray[np.intp] = given["with"]
        return rows
    label = given["label"]
    assert run.labelled is not None
    known, index = run.labelled
    return np.flatnonzero(index == known.index(label))


def _label_shares(run: Run, chosen: NDArray[np.intp]) -> dict[str, float]:
    """The share of each label in a group of rows, the largest first."""
    if run.labelled is None or not len(chosen):
        return {}
    known, index = run.labelled
    counts = np.bincount(index[chosen], minlength=len(known))
    order = np.argsort(-counts, kind="stable")
    return {known[d]: float(counts[d] / len(chosen)) for d in order.tolist() if counts[d]}
