"""How many factors the linear model has that a fit to a table starts from."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.estimators.factors import LEAST_NOISE, WIDE, alternated, moments_of, turned
from aevum.training.robust import held_mean

Array = NDArray[np.float64]
# Up to so many features the number of factors is chosen by folds; more of them and one split has to do.
FOLDED, FOLDS = 64, 5
NUMBERS = (0, 1, 2, 3, 4, 5, 7, 10, 14, 20, 28, 40)


def choose_factors(
    x: Array,
    most: int,
    *,
    shared: bool = False,
    noise: Array | None = None,
    least: Array | float = LEAST_NOISE,
    weights: Array | None = None,
) -> int:
    """How many factors, at most so many, give rows that they were not fitted to the greatest log p(x).

    By five folds, each far row held near the others; where the features are many, by one split.
    """
    numbers = sorted({k for k in NUMBERS if k < most} | {most})
    if len(numbers) == 1 or x.shape[1] > min(len(x), WIDE):
        return most
    folds = np.random.RandomState(0).permutation(len(x)) % FOLDS
    scores: Any = {k: [] for k in numbers}
    splits = [folds == fold for fold in range(FOLDS if x.shape[1] <= FOLDED else 1)]
    fitted = [moments_of(x[~left], None if weights is None else weights[~left]) for left in splits]
    covariances = np.stack([covariance for _, covariance in fitted])
    psi = None
    for k in numbers:
        directions, psi = alternated(covariances, k, shared, noise, least, psi)
        for left, (mean, _), *law in zip(splits, fitted, directions, psi, strict=True):
            scores[k].append(turned(mean, *law).score_samples(x[left]))
    counted = [] if weights is None else [weights[left] for left in splits]
    left_weights = torch.as_tensor(np.concatenate(counted)) if counted else None
    means = {k: -held_mean(-torch.as_tensor(np.concatenate(each)), left_weights) for k, each in scores.items()}
    return max(numbers, key=lambda k: means[k])
