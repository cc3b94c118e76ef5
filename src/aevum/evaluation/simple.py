"""log p(x) of what costs nothing: columns that know nothing of each other, probabilistic PCA, a Gaussian."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from aevum.conditionals import IGNORABLE
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.factors import LEAST_NOISE, Factors, alternated, columns_moments, moments_of, turned
from aevum.estimators.resolving import has_own_scales
from aevum.typing import Labels

Array = NDArray[np.float64]
# Of the model's estimate: draws of z a row, rows, and values that are decoded for all of them.
DRAWS, FEWEST_DRAWS, MOST_ROWS, FEWEST_ROWS, MOST_VALUES = 100, 10, 1000, 50, 2**23
# Of a covariance, which takes the cube of it, and of rows with gaps, of which each takes that.
MOST_COLUMNS, MOST_GAPPED = 1000, 100
INDEPENDENT, MEAN, PCA, GAUSSIAN = "independent columns", "the mean and one σ", "PCA", "Gaussian"


def beside_laws(model: LatentVariableEstimator, given: Any, y: Labels, x: Array, known: Array) -> dict[str, Any] | None:
    r"""Mean log p of held-out rows by the model, and by simple laws that were fitted to the training rows.

    .. math:: \log p(x) = \log \mathcal N(x_c; m, C) + \sum_{d \notin c} \log p_d(x_d)

    with c the columns that have a density, over the cells that a row has. C is diagonal, probabilistic PCA's with as
    many components as the model has latents, or any: of maximum likelihood, by expectation and maximisation where cells
    are missing. Classes, levels, counts, and the one value of a column that comes again and again have probabilities,
    and are independent of all else. Of pictures, whose σ is one, C is σ²I or probabilistic PCA's.

    Source: *Probabilistic principal component analysis*, M. E. Tipping, C. M. Bishop, JRSS B 1999.

    Args:
        model: a fitted model with a density.
        given, y: held-out rows as it takes them, and what it is conditioned on; :func:`rows_for` says how many will do.
        x, known: these and training rows as it sees them, ``(N, F)``, NaN for a missing cell.

    Returns:
        ``rows``, ``draws`` a row of the model's estimate (a lower bound in the mean), ``columns`` that vary, how many
        of them are ``dense``, whether it is ``given_y``, its mean ``nats``, and ``laws``: of each its ``name`` and
        ``nats``, by how much the model is ``ahead`` in the mean, and the ``error`` of that (the standard error of the
        rows' differences). None where its log p is of something else: of binary images drawn from grey levels, of
        counts given their sum, of which cells are missing.
    """
    measures, own = measures_of(model, x.shape[1]), has_own_scales(model.encoding_, model.parts_.event)
    if measures is None or len(known) < 2:
        return None
    draws = draws_for(x.shape[1])
    ours = model.score_samples(given, y, k=draws)
    dense = np.array([measure == "density" for measure in measures])
    shared = apart(x, known, measures) + volume(model, given)
    found = {name: shared + scores for name, scores in of_density(x[:, dense], known[:, dense], model, own).items()}
    fine = np.isfinite([ours, *found.values()]).all(axis=0)
    if fine.sum() < 2:
        return None
    return {
        "rows": int(fine.sum()), "draws": draws, "columns": sum(measure != "none" for measure in measures),
        "dense": int(dense.sum()), "given_y": bool(model.conditional), "nats": float(ours[fine].mean()),
        "laws": [compared(name, ours[fine], theirs[fine]) for name, theirs in found.items()],
    }  # fmt: skip


def rows_for(width: int) -> int:
    """How many rows of so many values are scored in seconds."""
    return min(MOST_ROWS, max(FEWEST_ROWS, MOST_VALUES // (DRAWS * width)))


def draws_for(width: int) -> int:
    """How many draws of z for each of these rows."""
    return min(DRAWS, max(FEWEST_DRAWS, MOST_VALUES // (FEWEST_ROWS * width)))


def compared(name: str, ours: Array, theirs: Array) -> dict[str, Any]:
    """A law's line: its nats, and how far the model is ahead of it."""
    ahead = ours - theirs
    error = float(ahead.std(ddof=1)) / math.sqrt(len(ahead))
    return {"name": name, "nats": float(theirs.mean()), "ahead": float(ahead.mean()), "error": error}


def measures_of(model: LatentVariableEstimator, width: int) -> list[str] | None:
    """What log p of each value is of; None where that of a row is not the sum of theirs."""
    likelihood, encoding = model.likelihood_, model.encoding_
    if likelihood.missingness != IGNORABLE:
        return None
    if not encoding.missing:  # no table of columns by kind
        constant = set(model.fitted_.constant_columns)
        kinds = ["none" if d in constant else "density" for d in range(width)]
        return kinds if likelihood.continuous and model.fitted_.interval else None
    return encoding.measures()


def volume(model: LatentVariableEstimator, given: Any) -> Array:
    """What a row's log p has more in the data's units than on the model's scale, ``(N,)``."""
    fitted = model.fitted_
    parts = fitted.blocks(np.asarray(given), None)
    return np.concatenate([fitted.log_abs_det(part).double().cpu().numpy() for part, _ in parts])


def apart(x: Array, known: Array, measures: list[str]) -> Array:
    """log p of the cells that have no density, each column by itself, summed, ``(N,)``.

    >>> one = np.array([[0.0], [1.0], [1.0], [np.nan]])
    >>> np.exp(apart(one, one, ["mass"])).round(3).tolist()
    [0.333, 0.5, 0.5, 1.0]
    """
    found = np.zeros(len(x))
    laws = {"mass": shares, "count": counted, "mixed": mixed}
    for d, measure in enumerate(measures):
        there, seen = ~np.isnan(x[:, d]), known[~np.isnan(known[:, d]), d]
        if measure in laws and there.any() and len(seen):
            found[there] += laws[measure](x[there, d], seen)
    return found


def shares(x: Array, known: Array) -> Array:
    """log of the share of each value, one more of each being counted, and one of what was never seen."""
    values, count = np.unique(known, return_counts=True)
    place = np.minimum(np.searchsorted(values, x), len(values) - 1)
    seen = values[place] == x
    found: Array = np.log((np.where(seen, count[place], 0) + 1.0) / (len(known) + len(values) + 1.0))
    return found


def counted(x: Array, known: Array) -> Array:
    """Poisson's law, or where counts vary by more the negative binomial one, by their moments."""
    mean, variance = max(float(known.mean()), 0.5 / len(known)), float(known.var())
    if variance <= mean:
        return np.asarray(stats.poisson.logpmf(x, mean))
    return np.asarray(stats.nbinom.logpmf(x, mean**2 / (variance - mean), mean / variance))


def mixed(x: Array, known: Array) -> Array:
    """The share of 0, and for the other values a Gaussian beside it."""
    rest, share = known[known != 0.0], (np.sum(known == 0.0) + 1.0) / (len(known) + 2.0)
    deviation = float(rest.std()) or 1.0
    gaussian = stats.norm.logpdf(x, float(rest.mean()) if len(rest) else 0.0, deviation)
    return np.where(x == 0.0, math.log(share), math.log1p(-share) + gaussian)


def of_density(x: Array, known: Array, model: LatentVariableEstimator, own: bool) -> dict[str, Array]:
    """log p ``(N,)`` of the columns with a density by each law that the training rows can tell of."""
    width, latents = x.shape[1], model.parts_.latent_dim
    if not width:
        return {INDEPENDENT: np.zeros(len(x))}
    mean, variance = columns_moments(known)
    unit = np.sqrt(np.where(variance > 0.0, variance, 1.0)) if own else np.ones(width)
    x, known = (x - mean) / unit, (known - mean) / unit
    of_units = (~np.isnan(x)) @ -np.log(unit)
    none = np.zeros((0, width))
    one = np.full(width, max(float(variance.mean()), LEAST_NOISE))
    laws = {INDEPENDENT if own else MEAN: Factors(np.zeros(width), none, np.ones(width) if own else one)}
    gaps = bool(np.isnan(known).any() or np.isnan(x).any())
    if 1 < width <= (MOST_GAPPED if gaps else MOST_COLUMNS) and len(known) > 2:
        centre, covariance = moments_of(known)
        if latents < min(width - 1, len(known) - 1):
            laws[PCA] = turned(centre, *alternated(covariance, latents, shared=True))
        if own and len(known) > width + 1:  # of all components but one, nothing is left for σ² to average
            laws[GAUSSIAN] = turned(centre, *alternated(covariance, width - 1, shared=True))
    return {name: law.score_samples(x) + of_units for name, law in laws.items()}
