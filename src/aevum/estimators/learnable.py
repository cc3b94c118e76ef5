"""The rows that a fit reads: those given and those that choose the epoch, far values at their column's median."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.corpora import joined
from aevum.data.large import is_corpus, is_large
from aevum.data.schema import Levels
from aevum.data.sparse_rows import is_sparse_rows
from aevum.encoding import one_unit
from aevum.estimators import resolving
from aevum.estimators.budget import held_out_share
from aevum.estimators.far import without_far_values
from aevum.estimators.given import Given
from aevum.fitted import families, likelihoods
from aevum.fitted.likelihoods import Likelihood

Array = NDArray[Any]
Rows = NDArray[np.intp]


@dataclass(frozen=True)
class Learnable:
    """Rows as the training reads them: x ``(N, *event)``, their context ``(N, C)`` and weights ``(N,)`` or None, which
    of them are learned from and which choose the epoch.
    """

    x: Array
    context: NDArray[np.float32] | None
    weights: NDArray[np.float64] | None
    training: Rows
    held_out: Rows


def together(given: Given, validation: Given | None) -> tuple[Array, NDArray[np.float64] | None]:
    """The rows of both, and their weights."""
    if validation is None:
        return given.x, given.weights
    both = [given, validation]
    if given.weights is None and validation.weights is None:
        weights = None
    else:
        weights = np.concatenate([np.ones(len(each.x)) if each.weights is None else each.weights for each in both])
    if is_large(given.x) or is_large(validation.x):
        return joined(given.x, validation.x), weights  # type: ignore[return-value]  # what rows are asked for it answers
    return np.concatenate([each.x for each in both]), weights


def divided(share: float | str, x: Array, own: int, seed: int) -> tuple[Rows, Rows]:
    """Which rows are learned from, and which choose the epoch: those that come after X's own, else some that are split
    off, by this share (:func:`~aevum.estimators.budget.held_out_share`). A corpus' are in the order in which they lie.
    """
    asked = held_out_share(share, len(x), x.ndim == 2, is_corpus(x)) if len(x) == own else 0.0
    training, held_out = resolving.split(own, asked, seed)
    if len(x) > own:
        held_out = np.arange(own, len(x))
    if is_corpus(x):  # in place, since there may be many
        training.sort()
        held_out.sort()
    return training, held_out


def learnable(estimator: Any, x: Array, levels: Mapping[int, Levels], own: int) -> tuple[Likelihood, Array]:
    """The likelihood, and the rows to learn by it (X's, so many, before X_val's): what lies too far off is at its
    column's median, or missing.
    """
    names, mended, spread = estimator.feature_names_, x, resolving.spread_for(estimator)

    def resolved(rows: Array) -> Likelihood:
        more = (levels, spread, estimator.size_factors, estimator.missingness)
        return likelihoods.resolve(estimator.likelihood, estimator.binarize, rows, *more)

    table = estimator.likelihood == "auto" and likelihoods.is_table(x)
    if table and likelihoods.counts_in(x, levels, spread) is None:  # one far value makes no heavy tails
        mended = without_far_values(x, names, False, own)
        likelihood = resolved(mended)
    else:
        likelihood = resolved(x)
        if families.FAMILIES[likelihood.family].counts:  # a count is a count, however large
            return likelihood, x
        mended = without_far_values(x, names, one_unit(x), own)
    if mended is not x and not is_sparse_rows(x) and families.FAMILIES[likelihood.family].encoding.missing:
        mended = np.where((mended == x) | np.isnan(x), x, np.nan)
    return likelihood, mended
