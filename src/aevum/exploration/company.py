"""What comes along with a trait: other columns that differ between its groups, or go with its values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from aevum.data.trait_columns import TraitColumn

Floats = NDArray[np.float64]
Association = Literal["d", "V", "r", "η"]
# Weaker ones are of no account; below so likely by chance alone, one is none.
WEAKEST, BY_CHANCE = 0.1, 1e-3
# A class of fewer rows has no mean to speak of.
FEWEST = 5


@dataclass(frozen=True)
class Company:
    """A column that comes along with a trait.

    Args:
        column: its name.
        measure: "d", the standardised difference of two groups' means; "V", Cramér's of two groups and classes; "r",
            Pearson's of two quantities; "η", the correlation ratio of a quantity between classes.
        value: of that measure.
        strength: the same as a correlation, from 0 to 1.
        word: of V the class whose share differs most, of η the one of the largest mean.
        other: of η the class of the least mean.
        with_: the share of the class, or the mean, among the rows with the trait, or in the class ``word``.
        without: the same among those without, or in the class ``other``.
    """

    column: str
    measure: Association
    value: float
    strength: float
    word: str | None = None
    other: str | None = None
    with_: float | None = None
    without: float | None = None


def company(t: Floats, groups: bool, columns: Sequence[TraitColumn]) -> list[Company]:
    """The columns that come along with a trait, the strongest first.

    Of two groups, means are compared by the standardised difference, of which 0.1 is taken for negligible, and classes
    by Cramér's V; a quantity is compared by Pearson's r and by the correlation ratio η. What chance alone would give in
    one of a thousand columns is left out.

    Source: *Balance diagnostics for comparing the distribution of baseline covariates*, P. C. Austin, Statistics in
    Medicine 28, 2009; *Mathematical Methods of Statistics*, H. Cramér, 1946.

    Args:
        t: ``(N,)``, NaN where a row has no value; of groups 1 and 0.
        groups: whether it tells two groups apart.
        columns: the others.
    """
    found = []
    for column in columns:
        known = np.isfinite(t) & column.known
        if column.kind == "name" or known.sum() < 2 * FEWEST or not _differ(t[known]):
            continue
        other = column.values[known] if column.kind == "quantity" else column.index[known]
        if not _differ(other):
            continue
        with np.errstate(all="ignore"):  # of numbers near the largest float nothing can be told
            compared = _groups(t[known], other, column) if groups else _quantity(t[known], other, column)
        if compared is not None and np.isfinite(compared.strength):
            found.append(compared)
    return sorted(found, key=lambda each: -each.strength)


def _differ(values: NDArray[Any]) -> bool:
    return bool(values.max() > values.min())


def _groups(t: Floats, other: NDArray[Any], column: TraitColumn) -> Company | None:
    with_, without = other[t == 1.0], other[t == 0.0]
    if len(with_) < 2 or len(without) < 2:
        return None
    if column.kind == "quantity":
        means = float(with_.mean()), float(without.mean())
        spread = float(np.sqrt((with_.var(ddof=1) + without.var(ddof=1)) / 2.0))
        if not spread > 0.0:
            return None
        d = (means[0] - means[1]) / spread
        sizes = len(with_), len(without)
        strength = abs(d) / float(np.sqrt(d * d + (sizes[0] + sizes[1]) ** 2 / (sizes[0] * sizes[1])))
        by_chance = 2.0 * float(stats.norm.sf(abs(d) / np.sqrt(1.0 / sizes[0] + 1.0 / sizes[1])))
        if abs(d) < WEAKEST or by_chance > BY_CHANCE:
            return None
        return Company(column.name, "d", d, strength, with_=means[0], without=means[1])
    counts = np.stack([np.bincount(rows, minlength=len(column.categories)) for rows in (with_, without)])
    counts = counts.astype(np.float64)
    used = counts.sum(axis=0) > 0
    table = counts[:, used]
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
    chi2 = float((np.square(table - expected) / expected).sum())
    v = float(np.sqrt(chi2 / table.sum()))
    if v < WEAKEST or stats.chi2.sf(chi2, table.shape[1] - 1) > BY_CHANCE:
        return None
    shares = counts / counts.sum(axis=1, keepdims=True)
    most = int(np.abs(shares[0] - shares[1]).argmax())
    if len(column.categories) == 2:  # of two the one that is found more often with it
        most = int((shares[0] - shares[1]).argmax())
    return Company(
        column.name, "V", v, v, column.categories[most], with_=float(shares[0, most]), without=float(shares[1, most])
    )


def _quantity(t: Floats, other: NDArray[Any], column: TraitColumn) -> Company | None:
    if column.kind == "quantity":
        r = _correlation(t, other)
        if abs(r) < WEAKEST or 2.0 * float(stats.norm.sf(abs(r) * np.sqrt(len(t)))) > BY_CHANCE:
            return None
        return Company(column.name, "r", r, abs(r))
    counts = np.bincount(other, minlength=len(column.categories)).astype(np.float64)
    centred = (t - t.mean()) / np.abs(t - t.mean()).max()
    sums = np.bincount(other, centred, minlength=len(column.categories))
    means = np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0)
    total, between = float(centred @ centred), float(counts @ np.square(means))
    eta = float(np.sqrt(min(1.0, between / total)))
    free = int((counts > 0).sum()) - 1, len(t) - int((counts > 0).sum())
    if free[0] < 1 or free[1] < 1 or eta < WEAKEST:
        return None
    f = (between / free[0]) / max((total - between) / free[1], np.finfo(float).tiny)
    if stats.f.sf(f, *free) > BY_CHANCE:
        return None
    able = np.flatnonzero(counts >= FEWEST)
    if len(able) < 2:
        return None
    high, low = int(able[means[able].argmax()]), int(able[means[able].argmin()])
    real = [float(t[other == place].mean()) for place in (high, low)]
    words = column.categories[high], column.categories[low]
    return Company(column.name, "η", eta, eta, *words, with_=real[0], without=real[1])


def _correlation(a: Floats, b: Floats) -> float:
    a, b = ((each - each.mean()) / np.abs(each - each.mean()).max() for each in (a, b))
    return float(np.clip(a @ b / np.sqrt((a @ a) * (b @ b)), -1.0, 1.0))
