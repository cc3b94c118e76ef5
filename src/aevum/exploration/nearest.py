"""The data that the model holds to be alike: nearest codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree
from sklearn.neighbors import NearestNeighbors

from aevum.errors import InputError
from aevum.estimators.inputs import whole_number
from aevum.exploration.codes import codes_of
from aevum.typing import Codes, Labels, Rows

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

Array = NDArray[Any]
# A tree pays off from this many comparisons on; below, it takes longer to build than to do without.
WORTH_A_TREE = 10**8
# Squares of what is larger overflow in float32.
FARTHEST = 1e15
# Latents of which a tree finds the nearest sooner than all distances are computed.
MOST_IN_A_TREE = 8


def neighbours(
    estimator: LatentVariableEstimator,
    X: Rows,
    among: Rows,
    k: int = 5,
    *,
    y: Labels | None = None,
    y_among: Labels | None = None,
) -> tuple[NDArray[np.intp], Array]:
    """Of each example or code, the k rows whose codes are nearest: which ones, and how far.

    Args:
        estimator: a fitted one.
        X: rows ``(N, *event)``, or codes ``(N, D)``; where a row has as many values as a code, rows are meant. A row
            that is itself among the others is its own first neighbour.
        among: the rows to choose from ``(M, *event)``, a data set or its name, or codes ``(M, D)``.
        k: how many.
        y, y_among: for a conditional model and rows.

    Returns:
        Indices into ``among`` and Euclidean distances between codes, ``(N, k)`` each, the nearest first.

    Raises:
        InputError: shapes that don't fit, or fewer than k rows.

    Example:
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit(digits)
        >>> index, distance = vae.neighbours(digits.x[:2], among=digits, k=3)
        >>> index[:, 0].tolist(), distance.shape
        ([0, 1], (2, 3))
    """
    return nearest_codes(codes_of(estimator, among, y_among), codes_of(estimator, X, y), k)


def nearest_codes(codes: Codes, z: Codes, k: int) -> tuple[NDArray[np.intp], Array]:
    """The k rows of codes ``(M, D)`` that are nearest to each of z ``(N, D)``: indices and distances, ``(N, k)`` each.

    >>> nearest_codes([[0.0], [3.0], [5.0]], [[4.5]], 2)
    (array([[2, 1]]), array([[0.5, 1.5]]))
    """
    count, a, b = whole_number("k", k), np.asarray(codes), np.asarray(z)
    _check(b, count, len(a), _near(a))
    few = len(a) * len(b) < WORTH_A_TREE
    found = NearestNeighbors(n_neighbors=count, algorithm="brute" if few else "auto").fit(a)
    indices = found.kneighbors(b, return_distance=False)
    # Once more by the difference: a matrix product rounds, and a row is at a distance of exactly 0 of itself.
    distances = np.linalg.norm(a[indices].astype(np.float64) - b[:, None].astype(np.float64), axis=-1)
    order = np.argsort(distances, axis=1, kind="stable")
    return np.take_along_axis(indices, order, axis=1), np.take_along_axis(distances, order, axis=1)


class Nearest:
    """:func:`nearest_codes` of the same codes ``(M, D)`` again and again: of few latents, in a tree that is built once.

    Of several codes that lie equally far away at the k-th place it may take others; distances are the same.

    >>> Nearest(np.array([[0.0], [3.0], [5.0]])).of([[4.5]], 2)
    (array([[2, 1]]), array([[0.5, 1.5]]))
    """

    def __init__(self, codes: Array) -> None:
        self.codes = codes
        # Balanced ones answer no sooner, and take ten times as long to build.
        trees = codes.shape[1] <= MOST_IN_A_TREE and _near(codes)
        self._tree = KDTree(codes, balanced_tree=False, compact_nodes=False) if trees else None

    def of(self, z: Codes, k: int) -> tuple[NDArray[np.intp], Array]:
        """Indices and distances of the k nearest of each, ``(N, k)`` each."""
        if self._tree is None:
            return nearest_codes(self.codes, z, k)
        count, b = whole_number("k", k), np.asarray(z)
        _check(b, count, len(self.codes))
        distances, indices = self._tree.query(b, range(1, count + 1))
        order = np.lexsort((indices, distances))
        return np.take_along_axis(indices, order, axis=1), np.take_along_axis(distances, order, axis=1)


def _near(codes: Array) -> bool:
    """Whether they lie near enough to have distances; what is no number does not."""
    return not len(codes) or bool(np.abs(codes).max() <= FARTHEST)


def _check(z: Array, count: int, rows: int, near: bool = True) -> None:
    """Raise for codes that have no distances from so many rows, or too few of them."""
    if not (near and _near(z)):
        raise InputError(f"a code lies too far out for its distances: its values must stay below {FARTHEST:g}")
    if not len(z):
        raise InputError("X has no rows to look for neighbours of")
    if count > rows:
        raise InputError(f"k={count} neighbours can't be found among {rows} row(s); give more, or a smaller k")
