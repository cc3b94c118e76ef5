"""How many factors the linear model has that a fit to a table starts from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.estimators.factors import (
    LEAST_NOISE,
    WIDE,
    Factors,
    alternated,
    columns_moments,
    factor_analysis,
    is_wide,
    moments_of,
    turned,
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
    for kind in kinds:
        for k, laws in fitted(parts, kind, numbers, shared, noise, least):
            found = np.concatenate([law.score_samples(x[left]) for law, left in zip(laws, splits, strict=True)])
            means[replace(kind, k=k)] = -float(held_mean(-torch.as_tensor(found), counted))
    return max(means, key=lambda each: means[each])


def fitted(
    parts: list[tuple[Array, Array | None]],
    kind: Chosen,
    numbers: list[int],
    shared: bool,
    noise: Array | None,
    least: Array | float,
) -> Iterator[tuple[int, list[Factors]]]:
    """The factors of each part of the rows, for one number of them after the other."""
    floors = [kind.least(x, least, weights) for x, weights in parts]
    if is_wide(parts[0][0]):
        how: Any = {"shared": shared, "noise": noise}
        for k in numbers:
            of_parts = zip(parts, floors, strict=True)
            yield k, [factor_analysis(x, k, least=floor, weights=weights, **how) for (x, weights), floor in of_parts]
        return
    moments = [moments_of(x, weights) for x, weights in parts]
    covariances = np.stack([covariance for _, covariance in moments])
    floor: Any = np.stack(floors) if isinstance(floors[0], np.ndarray) else least
    psi = None
    for k in numbers:
        directions, psi = alternated(covariances, k, shared, noise, floor, psi)
        yield k, [turned(mean, *law) for (mean, _), *law in zip(moments, directions, psi, strict=True)]
