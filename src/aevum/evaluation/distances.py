"""How far apart two sets of features are as distributions: the Fréchet and the kernel distance."""

from __future__ import annotations

import math

import numpy as np

from aevum.errors import InputError
from aevum.estimators.inputs import whole_number
from aevum.evaluation.rows import Floats, feature_pair


def frechet_distance(real: object, generated: object) -> float:
    r"""The squared Fréchet distance between Gaussians of the two sets' means and covariances ("FID").

    .. math:: \lVert\mu_1 - \mu_2\rVert^2 + \operatorname{tr}\bigl(
              \Sigma_1 + \Sigma_2 - 2(\Sigma_1\Sigma_2)^{1/2}\bigr)

    0 is best. It is biased upwards by roughly (number of features) / (number of rows), so only compare values of equal
    numbers of rows, and of the same features. Covariances are the unbiased ones; they may be singular.

    Args:
        real: features ``(N, F)``; further axes are flattened.
        generated: features ``(M, F)``.

    Raises:
        InputError: fewer than two rows, different numbers of features, values that aren't finite.

    Source: *GANs trained by a two time-scale update rule converge to a local Nash equilibrium*, M. Heusel et al.,
    NeurIPS 2017.

    >>> frechet_distance([[0.0, 0.0], [2.0, 0.0]], [[3.0, 4.0], [5.0, 4.0]])
    25.0
    """
    x, y = feature_pair(real, generated, 2)
    return _frechet(x.mean(axis=0) - y.mean(axis=0), _factor_of_rows(x), _factor_of_rows(y))


def gaussian_frechet(mean1: object, cov1: object, mean2: object, cov2: object) -> float:
    r"""The squared Fréchet (2-Wasserstein) distance of two Gaussians.

    .. math:: \lVert\mu_1 - \mu_2\rVert^2 + \operatorname{tr}\bigl(
              \Sigma_1 + \Sigma_2 - 2(\Sigma_1\Sigma_2)^{1/2}\bigr)

    Args:
        mean1: ``(F,)``, as ``mean2``.
        cov1: symmetric and positive semi-definite, ``(F, F)``, as ``cov2``.

    Raises:
        InputError: other shapes, or a matrix that is no covariance.

    Source: *The Fréchet distance between multivariate normal distributions*, D. C. Dowson, B. V. Landau, Journal of
    Multivariate Analysis 12, 1982.

    >>> gaussian_frechet([0.0], [[1.0]], [3.0], [[4.0]])
    10.0
    """
    means = [np.asarray(mean, dtype=np.float64) for mean in (mean1, mean2)]
    covs = [np.asarray(cov, dtype=np.float64) for cov in (cov1, cov2)]
    width = means[0].shape
    if len(width) != 1 or means[1].shape != width or any(cov.shape != width * 2 for cov in covs):
        shapes = ", ".join(str(array.shape) for array in (means[0], covs[0], means[1], covs[1]))
        raise InputError(f"two means (F,) and two covariances (F, F) are needed; mean1, cov1, mean2, cov2 are {shapes}")
    for name, mean, cov in zip("12", means, covs, strict=True):
        if not (np.isfinite(mean).all() and np.isfinite(cov).all() and np.allclose(cov, cov.T, rtol=1e-6, atol=0)):
            raise InputError(f"mean{name} and cov{name} must be finite, and cov{name} symmetric")
        spectrum = np.linalg.eigvalsh(cov)
        if spectrum[0] < -1e-8 * abs(spectrum[-1]):
            raise InputError(f"cov{name} is no covariance: its eigenvalue {spectrum[0]:.4g} is negative")
    return _frechet(means[0] - means[1], _factor(covs[0]), _factor(covs[1]))


def _frechet(shift: Floats, a: Floats, b: Floats) -> float:
    """The distance from factors Σ = aᵀa, of any number of rows.

    The eigenvalues of Σ₁Σ₂ are the squared singular values of abᵀ, so that tr (Σ₁Σ₂)^½ is their plain sum: no root of
    a rounded, non-symmetric product is ever taken.
    """
    cross = np.linalg.svd(a @ b.T, compute_uv=False).sum()
    return max(0.0, float(shift @ shift + np.vdot(a, a) + np.vdot(b, b) - 2 * cross))


def _factor(cov: Floats) -> Floats:
    """a ``(rank, F)`` with aᵀa = Σ, by the symmetric eigendecomposition."""
    spectrum, vectors = np.linalg.eigh(cov)
    kept = spectrum > len(cov) * np.finfo(np.float64).eps * spectrum[-1]
    factor: Floats = np.sqrt(spectrum[kept])[:, None] * vectors[:, kept].T
    return factor


def _factor_of_rows(x: Floats) -> Floats:
    """The factor of the rows' covariance; where they are fewer than the features, they are one as they stand."""
    centred = (x - x.mean(axis=0)) / math.sqrt(len(x) - 1)
    return centred if len(x) <= x.shape[1] else _factor(centred.T @ centred)


def kernel_distance(
    real: object, generated: object, *, subset_size: int = 1000, subsets: int = 100, seed: int = 0
) -> tuple[float, float]:
    r"""The squared maximum mean discrepancy with a cubic kernel ("KID"), and its standard error.

    .. math:: k(x, y) = \Bigl(\frac{x\cdot y}{F} + 1\Bigr)^3, \qquad
              \frac{\sum_{i\ne j} k(x_i, x_j) + k(y_i, y_j)}{m(m-1)} - \frac{2\sum_{i,j} k(x_i, y_j)}{m^2}

    averaged over random subsets of m rows of each set. It is unbiased at any number of rows, hence may be negative;
    0 is best.

    Subsets share rows, so that the error is more than their deviation s over :math:`\sqrt{n}`: with f = m / (rows of
    the smaller set) it is :math:`s\sqrt{1/n + f/(1-f)}`, which is on the safe side for distributions that are nearly
    equal.

    Args:
        real: features ``(N, F)``; further axes are flattened.
        generated: features ``(M, F)``.
        subset_size: m; at most half of the smaller set is taken.
        subsets: n, how many subsets are drawn.
        seed: which rows they hold.

    Raises:
        InputError: fewer than four rows, different numbers of features, values that aren't finite.

    Source: *Demystifying MMD GANs*, M. Bińkowski, D. J. Sutherland, M. Arbel, A. Gretton, ICLR 2018.

    >>> rng = np.random.default_rng(0)
    >>> value, error = kernel_distance(rng.normal(size=(400, 2)), rng.normal(size=(400, 2)) + 1)
    >>> value > 5 * error
    True
    """
    x, y = feature_pair(real, generated, 4)
    smaller = min(len(x), len(y))
    m, n = min(whole_number("subset_size", subset_size, 2), smaller // 2), whole_number("subsets", subsets, 2)
    rng = np.random.default_rng(whole_number("seed", seed, 0))
    values = [
        kernel_mmd(x[rng.choice(len(x), m, replace=False)], y[rng.choice(len(y), m, replace=False)]) for _ in range(n)
    ]
    share = m / smaller
    return float(np.mean(values)), float(np.std(values, ddof=1)) * math.sqrt(1 / n + share / (1 - share))


def kernel_mmd(x: Floats, y: Floats) -> float:
    """The unbiased estimate on all of two checked sets of at least two rows."""
    n, m = len(x), len(y)
    within = (_kernel_sum(x, x) - _diagonal_sum(x)) / (n * (n - 1)) + (_kernel_sum(y, y) - _diagonal_sum(y)) / (
        m * (m - 1)
    )
    return within - 2 * _kernel_sum(x, y) / (n * m)


def _kernel_sum(x: Floats, y: Floats) -> float:
    """Σᵢⱼ k(xᵢ, yⱼ)."""
    base = x @ y.T
    base /= x.shape[1]
    base += 1
    return float(np.vdot(base * base, base))


def _diagonal_sum(x: Floats) -> float:
    """Σᵢ k(xᵢ, xᵢ)."""
    return float(((np.einsum("ij,ij->i", x, x) / x.shape[1] + 1) ** 3).sum())
