"""Nearest neighbours in feature space, block by block, and what they say of samples: how true and how diverse."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from aevum.estimators.inputs import whole_number
from aevum.evaluation.rows import Floats, feature_pair

# One block of distances takes 64 MiB, however many rows there are.
_ROWS, _COLUMNS = 1024, 8192
# Equal distances come out equal to some twelve digits of the norms; a neighbour at the radius counts as inside.
_ROUNDING = 1e-12

Block = tuple[slice, slice, Floats]


@dataclass(frozen=True)
class PrecisionRecall:
    """How many samples look real, and how much of what is real they reach; 1 is best.

    Args:
        precision: share of samples that lie among the real rows.
        recall: share of real rows that lie among the samples.
        density: among how many real rows a sample lies, over the number expected; may exceed 1.
        coverage: share of real rows with a sample in their neighbourhood.
        k: the neighbour whose distance is the radius.
    """

    precision: float
    recall: float
    density: float
    coverage: float
    k: int

    def to_dict(self) -> dict[str, float]:
        """The fields as plain numbers."""
        return asdict(self)

    def __str__(self) -> str:
        return (
            f"precision {self.precision:.3f}, recall {self.recall:.3f}, density {self.density:.3f}, "
            f"coverage {self.coverage:.3f} (k = {self.k})"
        )


def precision_recall_density_coverage(real: object, generated: object, k: int = 5) -> PrecisionRecall:
    r"""Precision and recall, density and coverage by balls out to each row's k-th neighbour in its own set.

    With :math:`B(x)` the closed ball around x up to its k-th nearest other row:

    .. math:: \text{precision} = \tfrac1M\#\{j : y_j \in \textstyle\bigcup_i B(x_i)\}, \qquad
              \text{recall} = \tfrac1N\#\{i : x_i \in \textstyle\bigcup_j B(y_j)\},
    .. math:: \text{density} = \tfrac1{kM}\textstyle\sum_{i,j} 1[y_j \in B(x_i)], \qquad
              \text{coverage} = \tfrac1N\#\{i : \exists j,\ y_j \in B(x_i)\}.

    Fresh draws of the real distribution have a density of 1 on average and, for N = M, a coverage of about
    :math:`1 - 2^{-k}`. Precision and recall suffer from outliers, whose balls are large; density and coverage don't.

    Args:
        real: x, features ``(N, F)``; further axes are flattened.
        generated: y, features ``(M, F)``.
        k: which neighbour; five is usual.

    Raises:
        InputError: fewer than k + 1 rows, different numbers of features, values that aren't finite.

    Source: *Improved precision and recall metric for assessing generative models*, T. Kynkäänniemi et al., NeurIPS
    2019; *Reliable fidelity and diversity metrics for generative models*, M. F. Naeem et al., ICML 2020.

    >>> print(precision_recall_density_coverage([[0.0], [1.0], [9.0]], [[0.2], [0.5], [0.6]], k=1))
    precision 1.000, recall 0.333, density 2.000, coverage 0.667 (k = 1)
    """
    k = whole_number("k", k)
    x, y = feature_pair(real, generated, k + 1)
    real_radii, generated_radii = _squared_radii(x, k), _squared_radii(y, k)
    balls = np.zeros(len(y), dtype=np.int64)
    covered, recalled = np.zeros(len(x), dtype=bool), np.zeros(len(x), dtype=bool)
    for rows, columns, block in _squared_distances(x, y, _ROUNDING):
        inside = block <= real_radii[rows, None]
        balls[columns] += inside.sum(axis=0)
        covered[rows] |= inside.any(axis=1)
        recalled[rows] |= (block <= generated_radii[columns]).any(axis=1)
    return PrecisionRecall(
        precision=float((balls > 0).mean()),
        recall=float(recalled.mean()),
        density=float(balls.mean() / k),
        coverage=float(covered.mean()),
        k=k,
    )


def nearest_rows(queries: Floats, references: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Of each query ``(Q, F)`` its nearest reference ``(R, F)``: the index and the Euclidean distance, ``(Q,)`` each.

    >>> nearest_rows(np.array([[0.0], [7.0]]), np.array([[9.0], [0.0]]))
    (array([1, 0]), array([0., 2.]))
    """
    best = np.full(len(queries), np.inf)
    index = np.zeros(len(queries), dtype=np.intp)
    for rows, columns, block in _squared_distances(queries, references):
        here = block.argmin(axis=1)
        least = block[np.arange(len(block)), here]
        closer = least < best[rows]
        index[rows] = np.where(closer, here + columns.start, index[rows])
        best[rows] = np.where(closer, least, best[rows])
    # Once more by the difference: a copy is at a distance of exactly 0.
    exact = [
        np.linalg.norm(queries[at : at + _ROWS] - references[index[at : at + _ROWS]], axis=1)
        for at in range(0, len(queries), _ROWS)
    ]
    return index, np.concatenate(exact)


def _squared_radii(x: Floats, k: int) -> Floats:
    """The squared distance of each row to its k-th nearest other row."""
    nearest = np.full((len(x), k), np.inf)
    for rows, columns, block in _squared_distances(x, x):
        own = np.arange(max(rows.start, columns.start), min(rows.stop, columns.stop, len(x)))
        block[own - rows.start, own - columns.start] = np.inf
        found = np.hstack([nearest[rows], block])
        found.partition(k - 1, axis=1)
        nearest[rows] = found[:, :k]
    radii: Floats = nearest.max(axis=1)
    return radii


def _squared_distances(x: Floats, y: Floats, slack: float = 0.0) -> Iterator[Block]:
    """‖xᵢ − yⱼ‖² in blocks, less ``slack`` times the squared norms.

    By the matrix product, an order of magnitude faster than by differences; centring keeps its digits.
    """
    centre = x.mean(axis=0)
    for top in range(0, len(x), _ROWS):
        a = x[top : top + _ROWS] - centre
        a_norms = np.einsum("ij,ij->i", a, a)[:, None] * (1 - slack)
        for left in range(0, len(y), _COLUMNS):
            b = y[left : left + _COLUMNS] - centre
            block = a @ (-2 * b).T
            block += a_norms
            block += np.einsum("ij,ij->i", b, b) * (1 - slack)
            np.maximum(block, 0, out=block)
            yield slice(top, top + _ROWS), slice(left, left + _COLUMNS), block
