"""What the page draws and computes with of the law of the codes: moments where they say all, else draws of it."""

from __future__ import annotations

from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

from aevum.server.subject import Run

Array = NDArray[Any]
Floats = NDArray[np.float64]
Codes = NDArray[np.float32]
# Values of so many draws are 2 MiB of an answer.
MOST_DRAWS, FEWEST_DRAWS, DRAWN_VALUES = 8192, 512, 2**19
# In a file, of one class.
MOST_KEPT, FEWEST_KEPT, MOST_POINTS = 4096, 64, 4096
# Shares evenly spaced, the outermost of which are finite numbers for every law.
QUANTILES, OUTERMOST = 257, 1e-4


class Moments(TypedDict):
    """Of a code's dimensions, (D,) each."""

    mean: list[float]
    deviation: list[float]


class LawSays(TypedDict):
    """Whether mean and deviation say all, and whether they depend on y."""

    gaussian: bool
    varies: bool


class LawOfCodes(TypedDict):
    """What :func:`describe_law` tells."""

    prior: Moments
    law: LawSays


def describe_law(run: Run) -> LawOfCodes:
    """Mean and deviation ``(D,)`` of the prior, or of an auto-encoder's training codes, and what they leave unsaid.

    A prior that depends on y is one of each class in equal shares, or the one at the mean y.
    """
    estimator = run.estimator
    context: Any = estimator.context_
    y, rows = None, 1
    if run.classes is not None:
        y, rows = estimator.classes_, len(run.classes)
    elif estimator.conditional:
        y, rows = context.mean + context.deviation * np.array([[-1.0], [0.0], [1.0]]), 3
    law = estimator.law_of_codes(y, rows=rows)
    mean, deviation = law.moments()
    same = law.is_gaussian and all(bool((part == part[0]).all()) for part in (mean, deviation))
    varies = len(mean) > 1 and not same
    if varies and run.classes is None:
        mean, deviation = mean[1:2], deviation[1:2]
    middle = mean.mean(axis=0)
    pooled = np.sqrt((deviation**2 + (mean - middle) ** 2).mean(axis=0))
    return {
        "prior": {"mean": middle.tolist(), "deviation": pooled.tolist()},
        "law": {"gaussian": law.is_gaussian, "varies": varies},
    }


def law_under(run: Run, y: Any) -> dict[str, Array]:
    """Mean and deviation ``(D,)`` of the codes under one y; with draws ``(n, D)`` where these don't say all."""
    law = run.estimator.law_of_codes(y)
    mean, deviation = (part[0] for part in law.moments())
    found: dict[str, Array] = {"mean": mean, "deviation": deviation}
    if not law.is_gaussian:
        n = int(np.clip(DRAWN_VALUES // run.latent_dim, FEWEST_DRAWS, MOST_DRAWS))
        found["draws"] = run.estimator.law_of_codes(y, rows=n).representatives(n, 0).astype(np.float32, copy=False)
    return found


def law_for_file(run: Run, values: int) -> dict[str, Array]:
    """Of each of C classes (or of one law for all): mean and deviation ``(C, D)``; where these don't say all, draws
    ``(C, n, D)`` and quantiles ``(C, D, Q)`` too, and of a law on points the points ``(K, D)`` that are drawn.

    Args:
        run: whose codes they are.
        values: so many numbers at most are draws, as long as each class has some.
    """
    estimator = run.estimator
    each: list[Any] = [None]
    if run.classes is not None:
        labels = estimator.classes_
        varies = len(estimator.law_of_codes(labels, rows=len(labels)).moments()[0]) > 1
        each = list(labels) if varies else [labels[0]]
    elif estimator.conditional:
        each = [estimator.context_.mean[None]]  # type: ignore[union-attr]
    laws = [estimator.law_of_codes(y) for y in each]
    mean, deviation = (np.concatenate(parts) for parts in zip(*(law.moments() for law in laws), strict=True))
    found: dict[str, Array] = {"prior_mean": mean, "prior_deviation": deviation}
    if all(law.is_gaussian for law in laws):
        return found
    n = int(np.clip(values // (len(each) * run.latent_dim), FEWEST_KEPT, MOST_KEPT))
    drawn = [estimator.draw_prior(max(n, MOST_KEPT), y, random_state=0).astype(np.float32) for y in each]
    shares = np.linspace(0.0, 1.0, QUANTILES).clip(*((OUTERMOST, 1 - OUTERMOST) if estimator.can_sample else (0, 1)))
    tables = [[law.quantiles(d, shares) for d in range(run.latent_dim)] for law in laws]
    found["draws"] = np.stack([codes[:n] for codes in drawn])
    found["quantiles"] = np.array(tables, dtype=np.float32)
    probes = drawn[0][:8] + np.float32(0.01) * deviation[0].astype(np.float32)
    if not np.array_equal(laws[0].nearest(probes), probes):
        found["points"] = np.unique(np.concatenate(drawn), axis=0)[:MOST_POINTS]
    return found
