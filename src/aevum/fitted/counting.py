"""Is a table a matrix of counts, such as genes by cells or words by texts? Judged by which density holds for values
that it wasn't fitted to, all columns together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.encoding import chunks
from aevum.fitted.choosing import MOST_LEVELS, cells_of_a_column, values_of
from aevum.fitted.densities import FEWEST_CELLS, LARGEST_COUNT, SMALL_COUNTS, held_out, wins
from aevum.fitted.shapes import NEGATIVE_BINOMIAL, POISSON, ZERO_INFLATED, Shape, Values

Array = NDArray[Any]
# Of fewer columns, or where a smaller share of them are counts, each is looked at for itself; so many are looked at. Of
# under so many columns every one must be counts, and none levels.
FEWEST_COLUMNS, MANY_COLUMNS, MOST_COUNTS, LOOKED_AT = 5, 20, 0.9, 60
# Of the columns, the share that must go beyond where most end: on one scale of answers all end together.
BEYOND = 0.1
FAMILIES = {
    "poisson": POISSON,
    "negative_binomial": NEGATIVE_BINOMIAL,
    "zero_inflated_negative_binomial": ZERO_INFLATED,
}


def shares_of(values: Values) -> Values:
    """log of the share of each of 0, 1, …, the largest, with half a value added to each, and to what lies above."""
    counted = np.bincount(values.astype(np.intp)) + 0.5
    total = counted.sum() + 0.5
    return np.append(np.log(counted / total), np.log(0.5 / total))


LEVELS = Shape(
    "ordinal", shares_of, lambda shares, x: np.asarray(shares[np.minimum(x.astype(np.intp), len(shares) - 1)])
)


def counts_of(x: Array) -> list[Values]:
    """Values of some columns of a table of whole numbers from 0 on, of nearly all of which a tenth is at most 10; none
    of other tables, nor where hardly a column goes beyond where most end, as on one scale of answers.
    """
    if x.shape[1] < FEWEST_COLUMNS or len(x) < FEWEST_CELLS:
        return []
    for part in chunks(x):
        known = part[~np.isnan(part)] if part.dtype.kind == "f" else part
        if len(known) and (known.min() < 0 or known.max() > LARGEST_COUNT or (known != np.round(known)).any()):
            return []
    looked = np.unique(np.linspace(0, x.shape[1] - 1, LOOKED_AT).astype(np.intp))
    columns = [values for values in (values_of(x[:, place]) for place in looked) if len(np.unique(values)) > 1]
    small = [values for values in columns if np.quantile(values, 0.1) <= SMALL_COUNTS]
    share = MOST_COUNTS if x.shape[1] >= MANY_COLUMNS else 1.0
    if not small or len(small) < share * len(columns):
        return []
    ends, times = np.unique([values.max() for values in small], return_counts=True)
    beyond = times[ends > ends[times.argmax()]].sum()
    most = cells_of_a_column(x)
    random = np.random.default_rng(0)
    return [] if beyond < BEYOND * len(small) else [random.permutation(values)[:most] for values in small]


def counted(x: Array) -> tuple[str, str] | None:
    """The likelihood of counts that holds best for values that it wasn't fitted to, and why; None where levels with a
    share each hold better, as the answers of a questionnaire do, or these are no counts.

    Args:
        x: a table, ``(N, F)``.

    Example:
        >>> random = np.random.default_rng(0)
        >>> rates = np.exp(random.normal(0.0, 1.0, 40) - 1.0)
        >>> counted(random.poisson(rates * random.gamma(2.0, 0.5, (300, 1))))[0]
        'negative_binomial'
        >>> counted(random.integers(0, 5, (300, 40))) is None
        True
    """
    columns = counts_of(x)
    if not columns:
        return None
    scores = {name: [held_out(shape, values) for values in columns] for name, shape in FAMILIES.items()}
    every = {name: np.concatenate(score) for name, score in scores.items()}
    best = "poisson"
    for name in ("negative_binomial", "zero_inflated_negative_binomial"):
        if wins(every[name] - every[best], 1.0):
            best = name
    gains = [
        held_out(LEVELS, values) - score
        for values, score in zip(columns, scores[best], strict=True)
        if values.max() < MOST_LEVELS
    ]
    if gains and any(wins(gain, 1.0) for gain in ([np.concatenate(gains)] if x.shape[1] >= MANY_COLUMNS else gains)):
        return None
    told = ", ".join(f"{name} {score.mean():.3f}" for name, score in every.items())
    zeros = float(np.mean([(values == 0.0).mean() for values in columns]))
    return best, f"the columns are counts, {zeros:.0%} of them 0; nats a cell held out: {told}"
