"""How many factors the linear model has that a fit to a table starts from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.estimators.factors import (
    LEAST_NOISE,
    WIDE,
    Factors,
    alternated,
    columns_moments,
    is_wide,
    moments_of,
    turned,
    wide_analyses,
)
from aevum.training.robust import held_mean

Array = NDArray[np.float64]
# Up to so many features the number of factors is chosen by folds; more of them and one split has to do.
FOLDED, FOLDS = 64, 5
NUMBERS = (0, 1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40)
# Of its variance, what a column keeps for itself at least, where rows are fewer than so many a column: factors of few
# rows explain whole columns by chance.
SHARES, FEW = (0.0, 0.05, 0.2, 0.5), 10


@dataclass(frozen=True)
class Chosen:
    """The number of factors, and the least share of its variance that a column keeps for itself."""

    k: int
    share: float = 0.0

    def least(self, x: Array, least: Array | float, weights: Array | None = None) -> Array | float:
        """What Ψ is at least for rows x ``(N, D)``, where it is ``least`` for other reasons."""
        return np.maximum(self.share * columns_moments(x, weights)[1], least) if self.share else least

    def gain(self, width: int, rows: int, more: int) -> float:
        r"""What a row not learned from gains in log p if there are ``more`` rows to learn from:
        :math:`\tfrac m2 (\tfrac1n - \tfrac1{n'})` of m numbers that are fitted.

        Source: *A new look at the statistical model identification*, H. Akaike, IEEE Transactions on Automatic Control
        1974.

        >>> Chosen(1).gain(4, 50, 100)
        0.06
        """
        numbers = width * (self.k + 2) - self.k * (self.k - 1) // 2
        return 0.5 * numbers * (1.0 / rows - 1.0 / more)


def is_few(rows: int, width: int) -> bool:
    """Whether rows are so few that what is chosen by folds may be luck."""
    return rows < FEW * width


def choose_factors(
    x: Array,
    most: int,
    *,
    shared: bool = False,
    noise: Array | None = None,
    least: Array | float = LEAST_NOISE,
    weights: Array | None = None,
) -> Chosen:
    """How many factors, at most so many, give rows that they were not fitted to the greatest log p(x), and where rows
    are few, with what share of its variance at least for each column alone.

    By five folds, each far row held near the others; where the features are many, by one split.
    """
    rows, width = x.shape
    if not most or (width > WIDE and rows >= width):
        return Chosen(most)
    numbers = sorted({k for k in NUMBERS if k < most} | {most})
    few = is_few(rows, width) and not shared and noise is None
    kinds = [Chosen(0, share) for share in (SHARES if few else SHARES[:1])]
    folds = np.random.RandomState(0).permutation(rows) % FOLDS
    splits = [folds == fold for fold in range(FOLDS if width <= FOLDED else 1)]
    parts = [(x[~left], None if weights is None else weights[~left]) for left in splits]
    counted = None if weights is None else torch.as_tensor(np.concatenate([weights[left] for left in splits]))
    means: dict[Chosen, float] = {}
    for each, laws in fitted(parts, kinds, numbers, shared, noise, least):
        found = np.concatenate([law.score_samples(x[left]) for law, left in zip(laws, splits, strict=True)])
        means[each] = -float(held_mean(-torch.as_tensor(found), counted))
    every = [replace(kind, k=k) for kind in kinds for k in numbers]
    return max(every, key=lambda each: means[each])


def fitted(
    parts: list[tuple[Array, Array | None]],
    kinds: list[Chosen],
    numbers: list[int],
    shared: bool,
    noise: Array | None,
    least: Array | float,
) -> Iterator[tuple[Chosen, list[Factors]]]:
    """The factors of each part of the rows, for one number of them after the other."""
    floors = [[kind.least(x, least, weights) for kind in kinds] for x, weights in parts]
    if is_wide(parts[0][0]):
        whole = [(columns_moments(x, weights)[0], x, weights) for x, weights in parts]
        filled = [(np.where(np.isnan(x), mean, x), mean, weights) for mean, x, weights in whole]
        for k in numbers:
            found = [
                wide_analyses(x, mean, k, shared, noise, leasts, weights)
                for (x, mean, weights), leasts in zip(filled, floors, strict=True)
            ]
            yield from (
                (replace(kind, k=k), list(laws)) for kind, laws in zip(kinds, zip(*found, strict=True), strict=True)
            )
        return
    moments = [moments_of(x, weights) for x, weights in parts]
    covariances = np.stack([covariance for _, covariance in moments])
    size = covariances.shape[-1]
    floor = np.array([[np.broadcast_to(each, size) for each in kind] for kind in zip(*floors, strict=True)])
    stacked = np.broadcast_to(covariances, (len(kinds), *covariances.shape))
    psi = None
    for k in numbers:
        directions, psi = alternated(stacked, k, shared, noise, floor, psi)
        for kind, *laws in zip(kinds, directions, psi, strict=True):
            yield (
                replace(kind, k=k),
                [turned(mean, *law) for (mean, _), *law in zip(moments, *laws, strict=True)],
            )
