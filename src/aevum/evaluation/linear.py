"""Principal component analysis with the face that comparisons need: what a model has to beat."""

from __future__ import annotations

import math
import time
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from aevum.errors import InputError
from aevum.evaluation.rows import feature_rows

Array = NDArray[Any]


class PrincipalComponents:
    """PCA as a linear auto-encoder with a Gaussian density (probabilistic PCA), on rows of any shape.

    Source: *Probabilistic principal component analysis*, M. E. Tipping, C. M. Bishop, JRSS B 1999.

    Args:
        components: D, how many.
        seed: of the randomized solver that scikit-learn uses for large data.

    Example:
        >>> X = np.random.RandomState(0).randn(50, 4, 3)
        >>> PrincipalComponents(2).fit(X).reconstruct(X).shape
        (50, 4, 3)
    """

    def __init__(self, components: int, seed: int = 0) -> None:
        self.components, self.seed = components, seed

    def fit(self, X: Array) -> Self:
        """Fit to rows ``(N, *event)``.

        Raises:
            InputError: fewer than two rows, values that aren't finite, or more components than there can be.
        """
        flat = feature_rows(X, "train", 2)
        if not 1 <= self.components <= min(flat.shape):
            raise InputError(
                f"PCA of {flat.shape[0]:,} rows of {flat.shape[1]:,} values has 1 to {min(flat.shape):,} components, "
                f"not {self.components}"
            )
        started = time.perf_counter()
        self.pca = PCA(self.components, random_state=self.seed).fit(flat)
        self.seconds, self.event = time.perf_counter() - started, X.shape[1:]
        return self

    @property
    def weights(self) -> int:
        """How many numbers it learned: components, mean, variances."""
        return int(self.pca.components_.size + self.pca.mean_.size + self.components + 1)

    def transform(self, X: Array) -> Array:
        """The codes, ``(N, D)``."""
        codes: Array = self.pca.transform(rows_of(X))
        return codes

    def reconstruct(self, X: Array) -> Array:
        """Back from the codes, ``(N, *event)``."""
        found: Array = self.pca.inverse_transform(self.transform(X)).reshape(-1, *self.event)
        return found

    def score_samples(self, X: Array) -> Array:
        """log p(x) of probabilistic PCA, ``(N,)``; −∞ where it has no noise at all."""
        flat = rows_of(X)
        if self.pca.noise_variance_ <= 0.0:
            return np.full(len(flat), -math.inf)
        scores: Array = self.pca.score_samples(flat)
        return scores

    def sample(self, n: int, seed: int, mean: bool = False) -> Array:
        """Samples of probabilistic PCA, or with ``mean`` their means: what noise covers in pictures."""
        random = np.random.RandomState(seed)
        # The observed variance along a component holds the noise's too, which comes last.
        spread = self.pca.explained_variance_ - self.pca.noise_variance_
        z = random.standard_normal((n, self.components)) * np.sqrt(np.maximum(spread, 0.0))
        x: Array = self.pca.inverse_transform(z)
        if not mean:
            x = x + math.sqrt(max(self.pca.noise_variance_, 0.0)) * random.standard_normal(x.shape)
        return x.reshape(-1, *self.event)


def rows_of(X: Array) -> Array:
    """Examples of any shape as rows, ``(N, F)`` in float64."""
    return np.asarray(X, dtype=np.float64).reshape(len(X), -1)
