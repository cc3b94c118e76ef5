r"""Factor analysis: the linear model that a fit to a table starts from.

.. math:: x = m + W^\top z + \varepsilon, \quad z \sim \mathcal N(0, I), \quad \varepsilon \sim \mathcal N(0, \Psi).

It is fitted to second moments alone, once for any number of factors; the rows are only scored.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.utils.extmath import randomized_svd

Array = NDArray[np.float64]
Maybe = Array | None
Bound = Array | float
# Of a feature whose variance is 1: what is left over is at least this, or a density could be infinite.
LEAST_NOISE = 1e-6
MOST_ITERATIONS, CONVERGED = 300, 1e-5
# More features than this are decomposed by rows; what is worked on at once where values are missing.
WIDE, EM_VALUES, EM_STEPS, EM_RIDGE = 500, 2**21, 50, 1e-6


@dataclass(frozen=True)
class Factors:
    """A fitted factor analysis of k factors.

    Args:
        mean: m, ``(D,)``.
        directions: W, ``(k, D)``, turned so that WΨ⁻¹Wᵀ is diagonal: then so is the posterior's covariance.
        noise: the diagonal of Ψ, ``(D,)``.
    """

    mean: Array
    directions: Array
    noise: Array

    @property
    def strengths(self) -> Array:
        """λ, the diagonal of WΨ⁻¹Wᵀ, ``(k,)``: the posterior's variances are 1/(1 + λ)."""
        found: Array = (self.directions**2 / self.noise).sum(axis=1)
        return found

    def awake(self, k: int, least: Array | float = LEAST_NOISE) -> Factors:
        """The same Gaussian with k factors: those that are missing each take half of what one column keeps for itself.

        WᵀW + Ψ stays what it is, and so do log p and the ELBO. But a code that tells nothing is a saddle: neither
        encoder nor decoder gains by being the first to use it, and what depends on each other without being correlated
        has no factor at all.

        Args:
            k: the number of factors; with fewer columns whose Ψ may be halved, there are fewer.
            least: what Ψ is at least, for all or ``(D,)``.

        Example:
            >>> factor = Factors(np.zeros(3), np.zeros((0, 3)), np.ones(3)).awake(2)
            >>> factor.noise.tolist(), factor.score_samples(np.zeros((1, 3))).round(6).tolist()
            ([0.5, 0.5, 1.0], [-2.756816])
        """
        own = np.where(self.noise >= 2.0 * np.asarray(least), self.noise, 0.0)
        columns = np.argsort(-own, kind="stable")[: min(max(0, k - len(self.directions)), int((own > 0.0).sum()))]
        noise = self.noise.copy()
        noise[columns] /= 2.0
        more = np.diag(np.sqrt(noise))[columns]
        return turned(self.mean, np.concatenate([self.directions, more]), noise)

    @property
    def posterior(self) -> tuple[Array, Array]:
        """P ``(k, D)`` and the variances ``(k,)`` of p(z|x) = N(P(x − m), diag)."""
        variance = 1.0 / (1.0 + self.strengths)
        return variance[:, None] * self.directions / self.noise, variance

    def score_samples(self, x: Array) -> Array:
        """log p(x) of rows ``(N, D)``, ``(N,)``; of the values that a row has, where some are NaN."""
        if np.isnan(x).any():
            return self._of_what_is_there(x)
        away = (x - self.mean) / np.sqrt(self.noise)
        explained = (away @ (self.directions / np.sqrt(self.noise)).T) ** 2 / (1.0 + self.strengths)
        log_det = np.log(self.noise).sum() + np.log1p(self.strengths).sum()
        found: Array = -0.5 * (
            (away**2).sum(axis=1) - explained.sum(axis=1) + log_det + x.shape[1] * math.log(2 * math.pi)
        )
        return found

    def _of_what_is_there(self, x: Array) -> Array:
        there = ~np.isnan(x)
        away = np.where(there, x - self.mean, 0.0) / np.sqrt(self.noise)
        scaled = self.directions / np.sqrt(self.noise)
        inner = np.eye(len(scaled)) + np.einsum("kd,nd,ld->nkl", scaled, there, scaled)
        pulled = away @ scaled.T
        explained = (pulled * np.linalg.solve(inner, pulled[..., None])[..., 0]).sum(axis=1)
        log_det = np.linalg.slogdet(inner)[1] + there @ np.log(self.noise)
        constant = log_det + there.sum(axis=1) * math.log(2.0 * math.pi)
        found: Array = -0.5 * ((away**2).sum(axis=1) - explained + constant)
        return found


def moments_of(x: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """Mean ``(D,)`` and covariance ``(D, D)`` of rows, as a Gaussian's maximum likelihood has them where some values
    are missing: by expectation and maximisation, each value taken for what the others of its row say. With weights
    ``(N,)`` a row counts by its own.

    Source: *Statistical analysis with missing data*, R. J. A. Little, D. B. Rubin, 1987.

    >>> x = np.random.RandomState(0).randn(4000, 1) * np.ones(2) + 0.1 * np.random.RandomState(1).randn(4000, 2)
    >>> gaps = np.where((x[:, :1] > 0) & [[False, True]], np.nan, x)
    >>> bool(np.abs(moments_of(gaps)[0] - x.mean(axis=0)).max() < 0.02)
    True
    """
    if not np.isnan(x).any():
        mean = x.mean(axis=0) if weights is None else np.average(x, axis=0, weights=weights)
        return mean, covariance_of(x, weights)
    x = x[: max(2, EM_VALUES // x.shape[1] ** 2)]
    weights = None if weights is None else weights[: len(x)]
    there = ~np.isnan(x)
    # What is solved for a row depends on which values it has, and not on them: P patterns stand for all rows.
    seen, pattern = np.unique(there, axis=0, return_inverse=True)
    pattern = pattern.ravel()
    counts = np.bincount(pattern, weights)
    mean, variance = columns_moments(x, weights)
    covariance = np.diag(variance + EM_RIDGE)
    both, neither = (each[:, :, None] & each[:, None, :] for each in (seen, ~seen))
    diagonal = np.arange(x.shape[1])
    for _ in range(EM_STEPS):
        known = np.where(both, covariance, 0.0)
        known[:, diagonal, diagonal] += ~seen
        inverse = np.where(both, np.linalg.inv(known), 0.0)
        pulled = covariance @ inverse  # (P, D, D)
        expected = mean + np.einsum("nij,nj->ni", pulled[pattern], np.where(there, x - mean, 0.0))
        expected = np.where(there, x, expected)
        left = np.where(neither, covariance - pulled @ covariance, 0.0)
        mean = np.average(expected, axis=0, weights=weights)
        unsure = np.average(left, axis=0, weights=counts)
        covariance = covariance_of(expected, weights) + unsure + EM_RIDGE * np.eye(x.shape[1])
    return mean, covariance


def covariance_of(x: Array, weights: Array | None) -> Array:
    """The covariance of rows without gaps, ``(D, D)``."""
    return np.cov(x.T, bias=True, aweights=weights).reshape(x.shape[1], x.shape[1])


def columns_moments(x: Array, weights: Array | None = None) -> tuple[Array, Array]:
    """Mean and variance of the values that each column has, ``(D,)`` each."""
    there = ~np.isnan(x) * (np.ones(len(x)) if weights is None else weights)[:, None]
    count = np.where(there.any(axis=0), there.sum(axis=0), 1.0)
    mean = (there * np.nan_to_num(x)).sum(axis=0) / count
    return mean, (there * np.nan_to_num(x - mean) ** 2).sum(axis=0) / count


def factor_analysis(
    x: Array, k: int, *, shared: bool = False, noise: Maybe = None, least: Bound = LEAST_NOISE, weights: Maybe = None
) -> Factors:
    r"""The maximum-likelihood factors of rows x ``(N, D)``.

    Alternates between W, which for a given Ψ is the leading eigenvectors of :math:`\Psi^{-1/2} S \Psi^{-1/2}`, and
    Ψ = diag(S − WᵀW); with one shared σ (probabilistic PCA) both are in closed form.

    Source: *Bayesian reasoning and machine learning*, D. Barber, 2012, algorithm 21.1; *Probabilistic principal
    component analysis*, M. E. Tipping, C. M. Bishop, JRSS B 1999.

    Args:
        x: rows, NaN where a value is missing.
        k: the number of factors.
        shared: one σ² for all features.
        noise: Ψ where it is stated, ``(D,)``.
        least: what Ψ is at least, for all or ``(D,)``.
        weights: how much each row counts, ``(N,)``, 1 in the mean.

    Example:
        >>> x = np.random.RandomState(0).randn(200, 1) * np.ones(3) + 0.1 * np.random.RandomState(1).randn(200, 3)
        >>> factor_analysis(x, 1).noise.round(2).tolist()
        [0.01, 0.01, 0.01]
    """
    if is_wide(x):
        mean = columns_moments(x, weights)[0]
        return wide_analysis(np.where(np.isnan(x), mean, x), mean, k, shared, noise, least, weights)
    mean, covariance = moments_of(x, weights)
    return turned(mean, *alternated(covariance, k, shared, noise, least))


def is_wide(x: Array) -> bool:
    """Whether rows are decomposed instead of their covariance."""
    return bool(x.shape[1] > min(len(x), WIDE))


def wide_analysis(
    x: Array, mean: Array, k: int, shared: bool, noise: Maybe, least: Bound = LEAST_NOISE, weights: Maybe = None
) -> Factors:
    """The same for wide rows, by scikit-learn's randomised decomposition of the rows themselves."""
    return wide_analyses(x, mean, k, shared, noise, [least], weights)[0]


def wide_analyses(
    x: Array, mean: Array, k: int, shared: bool, noise: Maybe, leasts: Sequence[Bound], weights: Maybe = None
) -> list[Factors]:
    """The same for each of several bounds of Ψ."""
    k = max(0, min(k, len(x) - 1, x.shape[1] - 1))
    away = (x - mean) * (1.0 if weights is None else np.sqrt(weights)[:, None])
    own = (away**2).mean(axis=0)
    if noise is not None or shared:
        return [decomposed(away, own, mean, k, noise) for _ in leasts]
    free = wide_noise(away, k, weights) if k else own
    return [decomposed(away, own, mean, k, np.maximum(free, least)) for least in leasts]


def decomposed(away: Array, own: Array, mean: Array, k: int, noise: Array | None) -> Factors:
    """Of rows whose mean was taken off; one σ² where no Ψ is given."""
    width = away.shape[1]
    weight = np.ones(width) if noise is None else np.sqrt(noise)
    s, v = np.zeros(0), np.zeros((0, width))
    if k:
        _, s, v = randomized_svd(away / weight, k, random_state=0)
    variance = s**2 / len(away)
    left = max((own.sum() - variance.sum()) / (width - k), LEAST_NOISE) if noise is None else 1.0
    directions = np.sqrt(np.maximum(variance - left, 0.0))[:, None] * v * weight
    return turned(mean, directions, np.full(width, left) if noise is None else noise)


def wide_noise(away: Array, k: int, weights: Array | None) -> Array:
    """Ψ of rows whose mean is 0."""
    if weights is not None:  # rows and their mirror images, since these have the mean 0
        away = np.concatenate([away, -away])
    from sklearn.decomposition import FactorAnalysis  # half a second of imports, which not every model needs

    found = FactorAnalysis(k, svd_method="randomized", iterated_power=3, random_state=0).fit(away)
    return np.asarray(found.noise_variance_, np.float64)


def turned(mean: Array, directions: Array, noise: Array) -> Factors:
    """The same law, its axes turned so that WΨ⁻¹Wᵀ is diagonal, the strongest first.

    Each has its largest value above 0, since an eigenvector's sign differs from one build of LAPACK to another.
    """
    if not len(directions):
        return Factors(mean, directions, noise)
    scaled = directions / np.sqrt(noise)
    turn = np.linalg.eigh(scaled @ scaled.T)[1][:, ::-1]
    found = turn.T @ directions
    largest = np.take_along_axis(found, np.abs(found).argmax(axis=1)[:, None], axis=1)
    return Factors(mean, np.where(largest < 0.0, -found, found), noise)


def alternated(
    covariance: Array,
    k: int,
    shared: bool = False,
    noise: Maybe = None,
    least: Bound = LEAST_NOISE,
    start: Maybe = None,
) -> tuple[Array, Array]:
    """W ``(…, k, D)`` and Ψ ``(…, D)`` of covariances ``(…, D, D)``, each until it has settled."""
    size = covariance.shape[-1]
    own = np.diagonal(covariance, axis1=-2, axis2=-1)
    if shared and noise is None:
        return with_shared_noise(covariance, k)
    first = np.maximum(own, least) if start is None or not k else start
    psi = first if noise is None else np.broadcast_to(noise, own.shape)
    shape, count = own.shape, math.prod(own.shape[:-1])
    least, covariance = np.broadcast_to(least, shape).reshape(count, size), covariance.reshape(count, size, size)
    own, psi = own.reshape(count, size), psi.reshape(count, size).copy()
    directions = np.empty((len(own), k, size))
    moving, before = np.arange(len(own)), np.full(len(own), -math.inf)
    for step in range(MOST_ITERATIONS):  # thousands in a choice: NumPy's eigh takes a third of SciPy's time
        root = np.sqrt(psi[moving])
        values, vectors = np.linalg.eigh(covariance[moving] / (root[:, None, :] * root[:, :, None]))
        strong, axes = values[:, size - k :], vectors[..., size - k :]
        high = np.maximum(strong, 1.0)
        # log-likelihood of W given this Ψ, but for constants
        own_and_strong = np.log(psi[moving]).sum(-1) + (np.log(high) + strong / high).sum(-1)
        now = -0.5 * (own_and_strong + values[:, : size - k].sum(-1))
        going = ~(now - before < CONVERGED) & (noise is None)
        if step + 1 == MOST_ITERATIONS or not going.all():
            directions[moving] = directions_of(axes, high - 1.0) * root[:, None, :]
        left = np.maximum(own[moving] - psi[moving] * (axes**2 @ (high - 1.0)[..., None])[..., 0], least[moving])
        moving, before = moving[going], now[going]
        if not len(moving):
            break
        psi[moving] = left[going]
    return directions.reshape(*shape[:-1], k, size), psi.reshape(shape)


def with_shared_noise(covariance: Array, k: int) -> tuple[Array, Array]:
    """The same with one σ² for all features, in closed form."""
    size = covariance.shape[-1]
    values, vectors = np.linalg.eigh(covariance)
    weak = values[..., : size - k]
    left = np.maximum(weak.mean(axis=-1, keepdims=True) if k < size else 0.0 * values[..., :1], LEAST_NOISE)
    gain = np.maximum(values[..., size - k :] - left, 0.0)
    return directions_of(vectors[..., size - k :], gain), np.broadcast_to(left, covariance.shape[:-1]).copy()


def directions_of(axes: Array, gain: Array) -> Array:
    """Directions ``(…, k, D)``, the strongest first, of eigenvectors ``(…, D, k)`` and what each adds, ascending."""
    found: Array = np.swapaxes(np.sqrt(gain)[..., None, :] * axes, -1, -2)[..., ::-1, :]
    return found
