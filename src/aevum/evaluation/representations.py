"""How much the codes tell of the classes: classifiers on top of them, and the clusters that they fall into."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score, silhouette_score
from sklearn.neighbors import KNeighborsClassifier

from aevum.errors import InputError
from aevum.estimators.inputs import whole_number
from aevum.evaluation.factors import read_codes
from aevum.typing import Codes, Labels

Array = NDArray[Any]
NEIGHBOURS = 5
TEST_SHARE = 0.25
STEPS = 1000
# The silhouette takes the distance of each row to each other: this many rows at most.
SILHOUETTE_ROWS = 2000
# A dimension whose deviation is less than a hundredth of the widest one's is collapsed; put on one scale with the
# others, its rounding and noise would count as much as they do.
COLLAPSED = 0.01
ROUNDING = 1e-6


@dataclass(frozen=True)
class RepresentationQuality:
    """What :func:`representation_quality` found, all of it on rows that nothing was fitted to.

    Args:
        neighbour_accuracy: the share of rows whose class the 5 nearest neighbours tell right.
        logistic_accuracy: the share for logistic regression: classes that a line can tell apart.
        chance: the share for always guessing the most frequent class.
        adjusted_rand: agreement of k-means' clusters with the classes: 1 for the same, 0 for chance.
        normalised_mutual_information: of clusters and classes, 0 to 1; above 0 by chance where rows are few.
        silhouette: of the clusters, −1 to 1: how much nearer a row lies to its own than to the next; None where
            fewer than two clusters have rows.
        classes: how many.
        rows: that were fitted to.
        test_rows: that were scored.
        active: how many dimensions vary.
        latent_dim: how many there are.
    """

    neighbour_accuracy: float
    logistic_accuracy: float
    chance: float
    adjusted_rand: float
    normalised_mutual_information: float
    silhouette: float | None
    classes: int
    rows: int
    test_rows: int
    active: int
    latent_dim: int

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as JSON can hold them."""
        return dict(vars(self))

    def __str__(self) -> str:
        silhouette = "–" if self.silhouette is None else f"{self.silhouette:.3f}"
        return (
            f"{NEIGHBOURS} nearest neighbours {100 * self.neighbour_accuracy:.1f} %, logistic regression "
            f"{100 * self.logistic_accuracy:.1f} % right on {self.test_rows:,} held-out rows "
            f"(chance {100 * self.chance:.1f} %)\n"
            f"k-means with {self.classes} clusters: adjusted Rand index {self.adjusted_rand:.3f}, normalised mutual "
            f"information {self.normalised_mutual_information:.3f}, silhouette {silhouette}\n"
            f"{self.active} of {self.latent_dim} dimensions vary"
        )


def representation_quality(
    Z: Codes, y: Labels, *, Z_test: Any = None, y_test: Any = None, seed: int = 0
) -> RepresentationQuality:
    """Whether classes can be read from codes, by classifiers and by clusters.

    Codes are standardised by the training rows, collapsed dimensions (whose deviation is below a hundredth of the
    widest one's) left out. The 5 nearest neighbours, logistic regression and k-means, with as many clusters as
    classes, are fitted to the training rows and judged on the test rows.

    Sources: *Comparing partitions*, L. Hubert, P. Arabie, 1985 (adjusted Rand index); *Silhouettes*, P. J. Rousseeuw,
    1987.

    Args:
        Z: codes ``(N, D)``.
        y: ``(N,)`` classes, as numbers or words.
        Z_test: codes ``(M, D)`` to judge on, with
        y_test: their classes; without them a quarter of each class is held out.
        seed: of the split and of k-means.

    Returns:
        The scores, with the chance level beside them.

    Raises:
        InputError: codes or classes can't be used, there are fewer than two classes, only one of Z_test and y_test is
            given, or (without them) a class has only one row, or the seed is no whole number.

    Example:
        >>> y = np.arange(60) % 3
        >>> print(representation_quality(np.column_stack([y == 0, y == 1, 0 * y]), y))
        5 nearest neighbours 100.0 %, logistic regression 100.0 % right on 15 held-out rows (chance 33.3 %)
        k-means with 3 clusters: adjusted Rand index 1.000, normalised mutual information 1.000, silhouette 1.000
        2 of 3 dimensions vary
    """
    whole_number("seed", seed, least=0)
    codes = read_codes(Z)
    labels = read_classes(y, len(codes))
    if (Z_test is None) != (y_test is None):
        raise InputError("Z_test and y_test belong together: give both, or neither for a split of Z and y")
    if Z_test is None:
        train, test = stratified(labels, seed)
        codes, labels, others, truth = codes[train], labels[train], codes[test], labels[test]
    else:
        others = read_codes(Z_test, "Z_test")
        truth = read_classes(y_test, len(others), "y_test")
        if (labels.dtype.kind in "SU") != (truth.dtype.kind in "SU"):
            raise InputError("one of y and y_test holds words and the other numbers: give the same classes in both")
    if others.shape[1] != codes.shape[1]:
        raise InputError(f"Z has {codes.shape[1]} dimensions and Z_test {others.shape[1]}; expected codes of one model")
    classes, count = np.unique(labels, return_counts=True)
    if len(classes) < 2:
        raise InputError(f"y holds one class only ({classes[0]}): there is nothing to tell apart")
    fitted, judged, active = standardised(codes, others)
    return RepresentationQuality(
        **_classified(fitted, labels, judged, truth),
        chance=float((truth == classes[count.argmax()]).mean()),
        **_clustered(fitted, judged, truth, len(classes), seed),
        classes=len(classes),
        rows=len(codes),
        test_rows=len(others),
        active=active,
        latent_dim=codes.shape[1],
    )


def read_classes(y: Any, rows: int, name: str = "y") -> Array:
    """Classes ``(N,)``: numbers or words, of which those of mixed kinds become words.

    Raises:
        InputError: not one a row, a missing one, or numbers that aren't whole.

    Example:
        >>> read_classes(["a", 1], 2).tolist()
        ['a', '1']
    """
    values = np.asarray(y)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.shape != (rows,):
        raise InputError(f"{name} has shape {np.shape(y)}; expected one class for each of {rows} rows of codes")
    if values.dtype.kind == "O":
        if any(value is None or value != value for value in values):
            raise InputError(f"{name} has missing classes: leave these rows out")
        # What they are, of one kind if they can be: whole numbers, or words.
        values = np.asarray(values.tolist())
    if values.dtype.kind == "f" and not np.isfinite(values).all():
        raise InputError(f"{name} contains NaN or infinity: leave these rows out")
    if values.dtype.kind not in "biufSU" or (values.dtype.kind == "f" and (values != np.round(values)).any()):
        raise InputError(f"{name} is no list of classes (whole numbers or words); cut numbers into bins (np.digitize)")
    return values


def stratified(labels: Array, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows to fit and rows to judge: a quarter of each class, at least one row, is held out.

    Raises:
        InputError: a class has only one row.

    Example:
        >>> train, test = stratified(np.array(["a"] * 8 + ["b"] * 2), seed=0)
        >>> len(train), len(test)
        (7, 3)
    """
    rng = np.random.default_rng(seed)
    train, test = [], []
    for value in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == value))
        if len(rows) < 2:
            raise InputError(
                f"class {value} has only one row, which can't be both fitted to and judged: leave it out, or give "
                f"Z_test and y_test"
            )
        held = max(1, round(TEST_SHARE * len(rows)))
        test.append(rows[:held])
        train.append(rows[held:])
    return np.concatenate(train), np.concatenate(test)


def standardised(codes: Array, others: Array) -> tuple[Array, Array, int]:
    """Both with mean 0 and deviation 1 in the first, without its collapsed dimensions, and how many remain.

    Where none remains, one column of zeros does: classifiers then know the classes' frequencies and nothing else.
    """
    mean, deviation = codes.mean(axis=0), codes.std(axis=0)
    kept = deviation > np.maximum(COLLAPSED * deviation.max(), ROUNDING * np.abs(codes).max(axis=0))
    if not kept.any():
        return np.zeros((len(codes), 1)), np.zeros((len(others), 1)), 0
    first, second = ((z[:, kept] - mean[kept]) / deviation[kept] for z in (codes, others))
    return first, second, int(kept.sum())


def _classified(codes: Array, labels: Array, others: Array, truth: Array) -> dict[str, float]:
    neighbours = KNeighborsClassifier(min(NEIGHBOURS, len(codes))).fit(codes, labels)
    with warnings.catch_warnings():
        # A regression that stops a little early tells as much of the codes.
        warnings.simplefilter("ignore", ConvergenceWarning)
        regression = LogisticRegression(max_iter=STEPS).fit(codes, labels)
    return {
        "neighbour_accuracy": float((neighbours.predict(others) == truth).mean()),
        "logistic_accuracy": float((regression.predict(others) == truth).mean()),
    }


def _clustered(codes: Array, others: Array, truth: Array, count: int, seed: int) -> dict[str, Any]:
    with warnings.catch_warnings():
        # Codes that are all the same make fewer clusters than asked for; the scores say so.
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = KMeans(count, n_init=10, random_state=seed).fit(codes).predict(others)
    rows = np.random.default_rng(seed).permutation(len(others))[:SILHOUETTE_ROWS]
    clusters = len(np.unique(found[rows]))
    return {
        "adjusted_rand": float(adjusted_rand_score(truth, found)),
        "normalised_mutual_information": float(normalized_mutual_info_score(truth, found)),
        "silhouette": float(silhouette_score(others[rows], found[rows])) if 1 < clusters < len(rows) else None,
    }
