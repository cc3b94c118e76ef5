"""Which code tells of which factor, in nats, and the scores that read it off: the gap and modularity."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtri

from aevum.estimators.inputs import whole_number
from aevum.evaluation.factors import need_two, read_codes, read_factors
from aevum.typing import Codes, Labels

Array = NDArray[Any]
BINS = 20
# A code of which the information would be found by chance once in a million carries none that could be judged.
CHANCE = 1e-6
# Codes are often float32: a spread below its last digits is rounding.
ROUNDING = 1e-6


def mutual_information(Z: Codes, factors: Labels, *, bins: int = BINS) -> Array:
    r"""The mutual information of each code dimension with each factor.

    .. math:: I(z_d; v_k) = \sum_{b, v} p(b, v) \log\frac{p(b, v)}{p(b)\,p(v)}

    where b is the bin of :math:`z_d` among equally wide ones from its least to its greatest value. Independent ones
    do not give zero but about :math:`(B-1)(V-1) / 2N` (B bins in use, V values), a bias that needs N ≫ BV.

    Source: *Challenging common assumptions in the unsupervised learning of disentangled representations*,
    F. Locatello, S. Bauer, M. Lucic, G. Rätsch, S. Gelly, B. Schölkopf, O. Bachem, ICML 2019, for the 20 bins.

    Args:
        Z: codes ``(N, D)``.
        factors: ``(N, K)`` whole numbers.
        bins: how many bins a dimension is cut into; one of fewer distinct values should have no more than that.

    Returns:
        ``(D, K)``, in nats.

    Raises:
        InputError: codes or factors can't be used, or fewer than 2 bins.

    Example:
        >>> factors = np.stack(np.meshgrid(range(4), range(5)), -1).reshape(-1, 2)
        >>> np.exp(mutual_information(-3.0 * factors, factors)).round(6).tolist()
        [[4.0, 1.0], [1.0, 5.0]]
    """
    codes = read_codes(Z)
    return information_of(codes, read_factors(factors, len(codes)), bins)


def factor_entropy(factors: Any) -> Array:
    r"""The entropy of each factor, :math:`-\sum_v p(v) \log p(v)`, ``(K,)`` in nats.

    Raises:
        InputError: the factors can't be used.

    Example:
        >>> np.exp(factor_entropy([[0], [1], [2], [3]] * 5))
        array([4.])
    """
    return entropy_of(read_factors(factors, len(np.atleast_1d(factors))))


def mutual_information_gap(Z: Codes, factors: Labels, *, bins: int = BINS) -> float:
    r"""How far the code that tells most of a factor is ahead of the second: 1 for one code a factor, 0 for none or two.

    .. math:: \mathrm{MIG} = \frac1K \sum_k \frac{I(z_{(1)}; v_k) - I(z_{(2)}; v_k)}{H(v_k)}

    Source: *Isolating sources of disentanglement in variational autoencoders*, R. T. Q. Chen, X. Li, R. Grosse,
    D. Duvenaud, NeurIPS 2018; from posterior means in bins (``mutual_information``), as is usual, instead of
    draws of z.

    Args:
        Z: codes ``(N, D)``, at least two dimensions.
        factors: ``(N, K)`` whole numbers.
        bins: of each code dimension.

    Returns:
        A number from 0 to 1.

    Raises:
        InputError: codes or factors can't be used, or there is only one code dimension.

    Example:
        >>> factors = np.stack(np.meshgrid(range(4), range(5)), -1).reshape(-1, 2)
        >>> round(mutual_information_gap(factors, factors), 6)
        1.0
        >>> round(mutual_information_gap(np.hstack([factors, factors]), factors), 6)
        0.0
    """
    codes = read_codes(Z)
    found = read_factors(factors, len(codes))
    need_two("dimensions of Z", codes.shape[1], "the mutual information gap")
    return float(gaps(information_of(codes, found, bins) / entropy_of(found)).mean())


def modularity(Z: Codes, factors: Labels, *, bins: int = BINS) -> float:
    r"""Whether each code tells of one factor alone (of which several codes may tell): 1 if so.

    .. math:: 1 - \frac{\sum_{k \ne k^*} I(z_d; v_k)^2}{(K - 1)\, I(z_d; v_{k^*})^2},
              \quad k^* = \arg\max_k I(z_d; v_k)

    in the mean over the dimensions d that tell of any factor more than chance would (a G-test at 10⁻⁶), since for the
    others it compares noise with noise; 0 where none does.

    Source: *Learning deep disentangled embeddings with the F-statistic loss*, K. Ridgeway, M. C. Mozer, NeurIPS 2018.

    Args:
        Z: codes ``(N, D)``.
        factors: ``(N, K)`` whole numbers, at least two factors.
        bins: of each code dimension.

    Returns:
        A number from 0 to 1.

    Raises:
        InputError: codes or factors can't be used, or there is only one factor.

    Example:
        >>> factors = np.stack(np.meshgrid(range(4), range(5)), -1).reshape(-1, 2).repeat(9, axis=0)
        >>> round(modularity(np.hstack([factors, -factors]), factors), 6)
        1.0
    """
    codes = read_codes(Z)
    found = read_factors(factors, len(codes))
    need_two("factors", found.shape[1], "modularity")
    return modularity_of(information_of(codes, found, bins), codes, found, bins)


def information_of(codes: Array, factors: NDArray[np.intp], bins: int = BINS) -> Array:
    """:func:`mutual_information` of arrays that are read already."""
    binned = discretised(codes, whole_number("bins", bins, least=2))
    found = [[_shared(b, v) for v in factors.T] for b in binned.T]
    return np.asarray(found, dtype=np.float64).reshape(binned.shape[1], factors.shape[1])


def entropy_of(factors: NDArray[np.intp]) -> Array:
    """:func:`factor_entropy` of factors that are read already."""
    return np.array([_entropy(np.bincount(column)) for column in factors.T])


def discretised(codes: Array, bins: int) -> NDArray[np.intp]:
    """Each value's bin, counted from 0, among equally wide ones of its column; 0 for a column that never changes.

    Example:
        >>> discretised(np.array([[0.0, 5.0], [1.0, 5.0], [9.0, 5.0], [10.0, 5.0]]), 10).T.tolist()
        [[0, 1, 9, 9], [0, 0, 0, 0]]
    """
    low, high = codes.min(axis=0), codes.max(axis=0)
    steady = high - low <= ROUNDING * np.maximum(np.abs(low), np.abs(high))
    share = (codes - low) / np.where(steady, 1.0, high - low)
    binned: NDArray[np.intp] = np.minimum((bins * share).astype(np.intp), bins - 1)
    binned[:, steady] = 0
    return binned


def gaps(share: Array) -> Array:
    """The greatest less the second greatest value of each column, ``(K,)``.

    Example:
        >>> gaps(np.array([[0.9, 0.5], [0.1, 0.5], [0.3, 0.0]])).round(6).tolist()
        [0.6, 0.0]
    """
    second, first = np.sort(share, axis=0)[-2:]
    return np.asarray(first - second)


def modularity_of(information: Array, codes: Array, factors: NDArray[np.intp], bins: int) -> float:
    """:func:`modularity` from mutual information that is known already."""
    used = np.array([len(np.unique(column)) for column in discretised(codes, bins).T])
    freedom = np.maximum(np.outer(used - 1, factors.max(axis=0)), 1)
    telling = (information > chdtri(freedom, CHANCE) / (2 * len(codes))).any(axis=1)
    if not telling.any():
        return 0.0
    squares = np.square(information[telling])
    most = squares.max(axis=1)
    others = (squares.sum(axis=1) - most) / (most * (factors.shape[1] - 1))
    return float((1.0 - others).mean())


def _shared(first: NDArray[np.intp], second: NDArray[np.intp]) -> float:
    """I = H(first) + H(second) − H(both), which rounding must not make negative."""
    across = int(second.max()) + 1
    both = np.bincount(first * across + second, minlength=(int(first.max()) + 1) * across).reshape(-1, across)
    return max(0.0, _entropy(both.sum(axis=1)) + _entropy(both.sum(axis=0)) - _entropy(both.ravel()))


def _entropy(counts: NDArray[np.intp]) -> float:
    share = counts[counts > 0] / counts.sum()
    return float(-(share * np.log(share)).sum())
