"""How unusual rows are, told from what encoder and decoder give at the posterior mean.

A file of the page holds these two networks alone. The script in it computes the same for pictures that are drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.distributions import Bernoulli
from aevum.encoding import Affine
from aevum.evaluation.given import rows_of
from aevum.fitted.law import ONE_SIGMA
from aevum.server.subject import Run

Floats = NDArray[np.float64]
GAUSSIAN, BERNOULLI, SQUARES, STANDARD = "gaussian", "bernoulli", "squares", "standard"
# Of these a rate, in nats, is no part.
NO_DENSITY = (SQUARES, STANDARD)
# float32 beside 1: a probability nearer to it was rounded to it.
NEAREST = 2.0**-24


def scoring_of(run: Run) -> str:
    """The kind of distortion that what the decoder gives is enough for: a density's, or squared errors; of a table's
    columns, each in a unit of its own, in deviations.
    """
    fitted = run.estimator.fitted_
    # The page knows shift and scale of an encoding, and no other.
    if not isinstance(fitted.encoding, Affine):
        return STANDARD
    if not _has_known_prior(run):
        return SQUARES
    if fitted.interval:
        return GAUSSIAN
    return BERNOULLI if issubclass(fitted.kind_of_likelihood, Bernoulli) else SQUARES


def _has_known_prior(run: Run) -> bool:
    """Whether the rate can be had from the file: a Gaussian's against a Gaussian whose numbers are there, which they
    are not where they depend on a number y: that needs a network.
    """
    estimator = run.estimator
    if not estimator.has_density:
        return True
    if estimator.latent_summary_.rate is None:
        return False
    if not estimator.conditional or run.classes is not None:
        return True
    context: Any = estimator.context_
    y = context.mean + context.deviation * np.array([[-1.0], [0.0], [1.0]])
    return all(bool((moment == moment[0]).all()) for moment in estimator.law_of_codes(y, rows=len(y)).moments())


def score_name(run: Run, scoring: str) -> dict[str, str]:
    """What the scores are called, and their unit."""
    higher = {"higher": "more unusual"}
    if scoring in NO_DENSITY:
        unit = "squared units of the data" if scoring == SQUARES else "squared deviations of the columns"
        return {"name": "squared error", "unit": unit, **higher}
    name = "−ELBO at the mean" if run.estimator.has_density else "distortion"
    return {"name": name, "unit": "nats", **higher}


def scores_at_the_mean(run: Run, start: int, stop: int, scoring: str) -> Floats:
    r"""Scores of the rows from start to stop, ``(n,)``.

    .. math:: -\log p(x|z{=}\mu(x)) + \mathrm{KL}(q(z|x)\,\|\,p(z)) \quad\text{or}\quad \lVert x - g(\mu(x))\rVert^2,

    of a table's columns each in its deviations, and without the cells that are missing.
    """
    estimator = run.estimator
    given = rows_of(run.x, np.arange(start, stop))
    y = run.y[start:stop] if estimator.conditional and run.y is not None else None
    mean, deviation = estimator.encode(given, y)
    distortion = _distortion(run, np.asarray(given).astype(np.float64), mean.astype(np.float32), y, scoring)
    if scoring in NO_DENSITY or not estimator.has_density:
        return distortion
    prior_mean, prior_deviation = estimator.law_of_codes(y, rows=stop - start).moments()
    ratio, away = deviation / prior_deviation, (mean - prior_mean) / prior_deviation
    rate: Floats = (0.5 * (away**2 + ratio**2 - 1.0) - np.log(ratio)).sum(axis=1)
    return distortion + rate


def _distortion(run: Run, x: Floats, codes: NDArray[np.float32], y: Any, scoring: str) -> Floats:
    """Of rows x ``(n, *event)`` at their codes, in the data's units."""
    estimator = run.estimator
    found = estimator.inverse_transform(codes, y).astype(np.float64)
    if scoring == GAUSSIAN:
        low, high = (end.astype(np.float64) for end in estimator.decode_interval(codes, y, level=ONE_SIGMA))
        sigma = (high - low) / 2
        changes = sigma > 0.0
        sigma = np.where(changes, sigma, 1.0)
        terms = np.where(changes, 0.5 * ((x - found) / sigma) ** 2 + np.log(sigma) + 0.5 * np.log(2 * np.pi), 0.0)
        if (departed := estimator.encoding_.departures(x)) is not None:
            terms[departed] = np.inf
    elif scoring == BERNOULLI:
        shift, scale = estimator.fitted_.units()
        share, p = (x - shift) / scale, np.clip((found - shift) / scale, NEAREST, 1 - NEAREST)
        terms = -(share * np.log(p) + (1 - share) * np.log1p(-p))
    elif scoring == STANDARD:
        terms = np.nan_to_num(((x - found) / estimator.fitted_.units()[1]) ** 2, nan=0.0, posinf=np.inf)
    else:
        terms = (x - found) ** 2
    total: Floats = terms.reshape(len(x), -1).sum(axis=1)
    return total
