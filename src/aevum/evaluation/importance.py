"""How well classifiers read each factor from the codes, and from which: SAP, and the three scores of DCI."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

from aevum.estimators.inputs import whole_number
from aevum.evaluation.factors import need_two, read_codes, read_factors
from aevum.evaluation.information import gaps
from aevum.typing import Codes, Labels

Array = NDArray[Any]
TREES = 10
# Rows that classifiers are fitted to, and as many that judge them: more cost time and change little.
MOST_ROWS = 5000


@dataclass(frozen=True)
class DCI:
    """What :func:`~aevum.evaluation.dci` found.

    Args:
        disentanglement: 1 where each code matters for one factor alone.
        completeness: 1 where each factor is read from one code alone.
        informativeness: the share of held-out values that the codes tell right, the mean over factors.
        chance: that share for always guessing each factor's most frequent value.
        accuracy: ``(K,)``, the share of each factor; their mean is the informativeness.
        importance: ``(D, K)``, how much each code matters for each factor; columns sum to 1 (or are 0).
    """

    disentanglement: float
    completeness: float
    informativeness: float
    chance: float
    accuracy: tuple[float, ...]
    importance: Array

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON can hold them."""
        return {**vars(self), "accuracy": list(self.accuracy), "importance": self.importance.tolist()}

    def __str__(self) -> str:
        return (
            f"disentanglement {self.disentanglement:.3f}, completeness {self.completeness:.3f}, "
            f"informativeness {self.informativeness:.3f} (chance {self.chance:.3f})"
        )


def dci(Z: Codes, factors: Labels, *, seed: int = 0) -> DCI:
    r"""Disentanglement, completeness and informativeness, from the importances of a classifier for each factor.

    With R the importance of code d for factor k, and entropies to the base of the number of terms,

    .. math:: D = \sum_d \rho_d \, (1 - H_K(R_{d\cdot} / \textstyle\sum_k R_{dk})), \quad
              \rho_d = \textstyle\sum_k R_{dk} / \sum_{dk} R_{dk}, \quad
              C = \frac1K \sum_k (1 - H_D(R_{\cdot k} / \textstyle\sum_d R_{dk})).

    The classifier is a random forest of 10 trees that weighs all codes at each split, fitted to half of the rows (at
    most 5,000) and judged on the others; R is its mean decrease in impurity. The classifier decides the values: those
    of programs that use gradient boosting or lasso are others.

    Source: *A framework for the quantitative evaluation of disentangled representations*, C. Eastwood,
    C. K. I. Williams, ICLR 2018; informativeness is the accuracy here, where they give the error.

    Args:
        Z: codes ``(N, D)``, at least two dimensions.
        factors: ``(N, K)`` whole numbers, at least two factors.
        seed: of the halves and of the forests.

    Returns:
        The three scores and the importance matrix.

    Raises:
        InputError: codes or factors can't be used, or there is only one code dimension or factor.

    Example:
        >>> factors = np.stack(np.meshgrid(range(4), range(5)), -1).reshape(-1, 2).repeat(9, axis=0)
        >>> print(dci(-factors[:, ::-1], factors))
        disentanglement 1.000, completeness 1.000, informativeness 1.000 (chance ...)
    """
    codes = read_codes(Z)
    found = read_factors(factors, len(codes))
    need_two("dimensions of Z", codes.shape[1], "completeness")
    need_two("factors", found.shape[1], "DCI disentanglement")
    train, test = halves(len(codes), seed)
    importance = np.zeros((codes.shape[1], found.shape[1]))
    accuracy, chance = [], []
    for k, values in enumerate(found.T):
        forest = RandomForestClassifier(TREES, max_features=None, random_state=seed).fit(codes[train], values[train])
        importance[:, k] = forest.feature_importances_
        accuracy.append(float((forest.predict(codes[test]) == values[test]).mean()))
        chance.append(float((values[test] == np.bincount(values[train]).argmax()).mean()))
    return DCI(
        disentanglement=concentration(importance, axis=1),
        completeness=concentration(importance, axis=0),
        informativeness=float(np.mean(accuracy)),
        chance=float(np.mean(chance)),
        accuracy=tuple(accuracy),
        importance=importance,
    )


def separated_attribute_predictability(Z: Codes, factors: Labels, *, seed: int = 0) -> float:
    r"""How far the code that predicts a factor best, taken alone, is ahead of the second (SAP).

    .. math:: \mathrm{SAP} = \frac1K \sum_k (S_{(1)k} - S_{(2)k})

    where S is the balanced accuracy, on held-out rows, of thresholds on one code that tell a factor's V values apart
    (a tree of at most V leaves), adjusted so that guessing is 0 instead of 1/V: unadjusted, one code a factor would
    score 1 − 1/V.

    Source: *Variational inference of disentangled latent concepts from unlabeled observations*, A. Kumar,
    P. Sattigeri, A. Balakrishnan, ICLR 2018, where S is not adjusted.

    Args:
        Z: codes ``(N, D)``, at least two dimensions.
        factors: ``(N, K)`` whole numbers.
        seed: of the halves: thresholds are set on one (of at most 5,000 rows) and judged on the other.

    Returns:
        A number from 0 to 1.

    Raises:
        InputError: codes or factors can't be used, or there is only one code dimension.

    Example:
        >>> factors = np.stack(np.meshgrid(range(4), range(5)), -1).reshape(-1, 2).repeat(9, axis=0)
        >>> separated_attribute_predictability(-factors[:, ::-1], factors)
        1.0
    """
    codes = read_codes(Z)
    found = read_factors(factors, len(codes))
    need_two("dimensions of Z", codes.shape[1], "separated attribute predictability")
    train, test = halves(len(codes), seed)
    return float(gaps(predictability(codes[train], found[train], codes[test], found[test])).mean())


def predictability(codes: Array, factors: NDArray[np.intp], test: Array, truth: NDArray[np.intp]) -> Array:
    """Each code's balanced accuracy for each factor, ``(D, K)``, guessing being 0: its thresholds set on the first two
    arrays and judged on the last two.

    Example:
        >>> z, f = np.array([[0.0, 3.0], [1.0, 3.0]] * 5), np.array([[0], [1]] * 5)
        >>> predictability(z, f, z, f).tolist()
        [[1.0], [0.0]]
    """
    found = np.zeros((codes.shape[1], factors.shape[1]))
    for k, values in enumerate(factors.T):
        count = np.bincount(truth[:, k])
        there, leaves = count > 0, max(2, len(np.unique(values)))
        for d in range(codes.shape[1]):
            tree = DecisionTreeClassifier(max_leaf_nodes=leaves, class_weight="balanced", random_state=0)
            right = tree.fit(codes[:, [d]], values).predict(test[:, [d]]) == truth[:, k]
            recall = np.bincount(truth[:, k], weights=right)[there] / count[there]
            found[d, k] = (recall.mean() * there.sum() - 1.0) / max(there.sum() - 1.0, 1.0)
    return np.maximum(found, 0.0)


def halves(rows: int, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Two sets of rows that share none, each of half of them and at most 5,000.

    Example:
        >>> train, test = halves(7, seed=0)
        >>> len(train), len(test), sorted({*train, *test}) == sorted([*train, *test])
        (3, 3, True)
    """
    order = np.random.default_rng(whole_number("seed", seed, least=0)).permutation(rows)
    size = min(rows // 2, MOST_ROWS)
    return order[:size], order[size : 2 * size]


def concentration(importance: Array, *, axis: int) -> float:
    """One less the entropy along an axis, to the base of its length, weighted by how much each line has in all; 0 for
    a matrix of zeros.

    Example:
        >>> concentration(np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]]), axis=1)
        1.0
        >>> round(concentration(np.ones((3, 2)), axis=0), 6)
        0.0
    """
    line = importance if axis == 1 else importance.T
    total = line.sum(axis=1)
    used = total > 0
    if not used.any():
        return 0.0
    share = line[used] / total[used, None]
    entropy = -(share * np.log(np.where(share > 0, share, 1.0))).sum(axis=1) / np.log(line.shape[1])
    return max(0.0, float(((1.0 - entropy) * total[used]).sum() / total.sum()))
