"""What is answered to a page that lets a model learn on: some steps of a lesson, and what it has come to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.estimators.lesson import MOST_WEIGHTS, Lesson
from aevum.exploration.steps import Steps
from aevum.server.answers import Answer, by_blocks
from aevum.server.arguments import Arguments
from aevum.server.kinds import most_examples
from aevum.server.lessons import rows_to_learn
from aevum.server.subject import Run

Array = NDArray[Any]
MOST_STEPS, MOST_STEP, MOST_BETA = 1024, 10**9, 1000.0
WEIGHTS, NOISE, SHOWS = ("lesson", "run"), ("on", "off"), ("all", "numbers")
# Of its own work: a slow model makes fewer steps than it was asked for, and is asked again.
MOST_SECONDS = 1.0
# Rows whose reconstructions are shown.
PICTURES = 6
QUARTILES = (0.25, 0.5, 0.75)


class State(TypedDict):
    """Where a lesson is, and what it has come to, in nats an example; null where a number is none."""

    begun: bool
    step: int
    steps_per_epoch: int
    rows: int
    learning_rate: float
    beta: float
    own_beta: float
    noise: str
    weighs_rate: bool
    has_noise: bool
    has_rate: bool
    objective: str
    distortion: float
    still_distortion: float
    rate: float


def needs_room(run: Run) -> None:
    """Raise where a run's model can't learn on here.

    Raises:
        InputError: says why.
    """
    if run.version is not None:
        raise InputError("this model is still learning by itself; it can learn on here when that has ended")
    if run.posterior is None:
        raise InputError("a draw of this model's posterior is no known function of noise, so it can't learn on here")
    weights = sum(each.numel() for each in run.estimator.fitted_.model.parameters())
    if weights > MOST_WEIGHTS:
        raise InputError(
            f"this model has {weights:,} weights, and the page lets at most {MOST_WEIGHTS:,} learn; train it in Python"
        )


def own_beta(run: Run) -> float:
    """The weight of the rate that the run was fitted by."""
    return min(MOST_BETA, float(run.estimator.beta))


def lesson(run: Run, given: Arguments) -> Steps[Answer]:
    """Some steps, unless the lesson is elsewhere than where they were asked for: a request may come twice.

    A lesson that is not there begins at the run's weights.
    """
    name, at, steps, beta = (given[each] for each in ("lesson", "at", "steps", "beta"))
    anew, noisy, all_of_it = given["weights"] == "run", given["noise"] == "on", given["shows"] == "all"
    found = run.lessons.find(run, name)
    begun = found is None or (anew and found.step > 0)
    held = run.lessons.begin(run, name) if found is None or begun else found
    if begun:
        yield
    own, last = 0.0, held.step + steps if at in (-1, held.step) else held.step
    while held.step < last and own < MOST_SECONDS:
        started = time.monotonic()
        held.learn(beta, noisy=noisy)
        own += time.monotonic() - started
        yield
    look = yield from held.looking(beta, noisy=noisy, pulled=all_of_it)
    terms = look.terms
    values: State = {
        "begun": begun,
        "step": held.step,
        "steps_per_epoch": held.steps_per_epoch,
        "rows": len(held.x),
        "learning_rate": held.rate,
        "beta": beta,
        "own_beta": own_beta(run),
        "noise": "on" if noisy and held.has_noise else "off",
        "weighs_rate": held.weighs_rate,
        "has_noise": held.has_noise,
        "has_rate": run.estimator.has_density,
        "objective": type(run.estimator.fitted_.objective).__name__,
        "distortion": terms.distortion,
        "still_distortion": terms.still,
        "rate": terms.rate,
    }
    arrays = _spreads(held, look.deviation[: held.scored_rows])
    if look.pulls is not None:
        arrays |= {"pull_of_rate": look.pulls.rate, "pull_of_distortion": look.pulls.distortion}
        arrays |= {"indices": rows_to_learn(run).astype(np.int32), "codes": look.mean.astype(np.float32)}
        arrays |= _pictures(run, held)
    return Answer({**values}, arrays)


def _spreads(held: Lesson, deviation: Array) -> dict[str, Array]:
    """Quartiles of σ over rows and latents, and over rows for each latent; nothing of a point."""
    if not held.has_noise:
        return {}
    each = np.quantile(deviation, QUARTILES, axis=0).T
    return {"sigma": np.quantile(deviation, QUARTILES).astype(np.float32), "sigmas": each.astype(np.float32)}


def _pictures(run: Run, held: Lesson) -> Mapping[str, Array]:
    """The first rows, what is made of them without noise and, where there is some, of one draw of it."""
    few = slice(max(1, min(PICTURES, most_examples(run) // 3)))
    found = {"x": np.asarray(held.x[few]), "still": held.made(few, noisy=False)}
    return found | ({"drawn": held.made(few, noisy=True)} if held.has_noise else {})


def decode(run: Run, given: Arguments) -> Steps[Answer]:
    """What codes decode to, by a lesson's weights where there is one of this name."""
    z = given["z"]
    given.afford(len(z))
    with_y = given.context(len(z))
    held = run.lessons.find(run, given["lesson"])
    model = run.estimator if held is None else held.estimator
    return (yield from by_blocks(run, z, with_y, lambda z, y: {"x": model.inverse_transform(z, y)}))
