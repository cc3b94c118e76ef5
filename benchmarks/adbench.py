"""Anomalies in tables: ROC AUC and average precision of our detector beside scikit-learn's.

``--sets adbench``: eight of ADBench's (*ADBench: anomaly detection benchmark*, S. Han, X. Hu, H. Huang, M. Jiang,
Y. Zhao, NeurIPS 2022), which the detector was chosen on, among others. ``--sets sklearn``: made from scikit-learn's own
data, one class against the rest with 1 anomaly in 20, which it was not; ``--sets tables``: in the same way of shared
tables, of which settings have been compared on banknotes and wines.

``--protocol contaminated`` is ADBench's: a stratified split of 70 % and 30 % a seed, detectors fitted to the training
rows *with* the anomalies among them and without labels, scored on the test rows. ``--protocol ordinary``: fitted to a
random half of the ordinary rows, scored on the other half and all anomalies. Features are scaled to [0, 1] by the
training rows; mean over seeds. Ours is one fixed setting for all sets, ``OutlierDetector(contaminated=…)``.

    python benchmarks/adbench.py [--protocol ordinary] [--sets tables] [--markdown] [--only musk] [--seeds 5]
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import arguments, report
from numpy.typing import NDArray
from scipy.spatial.distance import cdist
from sklearn import datasets
from sklearn.decomposition import PCA
from sklearn.ensemble import IsolationForest
from sklearn.metrics import average_precision_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.neighbors import NearestNeighbors
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from aevum.errors import CollapseWarning, DataWarning
from aevum.evaluation import OutlierDetector
from aevum.evaluation.anomalies import anomaly_scores, threshold
from aevum.evaluation.trimmed import detector, fit_trimmed

Array = NDArray[np.float64]
SETS = ("Ionosphere", "annthyroid", "breastw", "cardio", "musk", "pendigits", "satimage-2", "thyroid")
# Components of no variance have no eigenvalue to divide by: musk's last ones, up to rounding.
NO_VARIANCE = 1e-10


# The data set, and the class that is odd there: of scikit-learn's, and of shared tables by their column of labels.
MADE = {
    "breast cancer": ("breast_cancer", 0),
    "wine 0": ("wine", 0),
    "wine 1": ("wine", 1),
    "digits 0": ("digits", 0),
    "digits 3": ("digits", 3),
    "digits 8": ("digits", 8),
    "iris 2": ("iris", 2),
}
TABLES = {
    "penguins Adelie": ("penguins", "species", "Adelie"),
    "penguins Gentoo": ("penguins", "species", "Gentoo"),
    "banknote 0": ("banknote", "Class", 0),
    "banknote 1": ("banknote", "Class", 1),
    "red wine 4": ("winequality-red", "quality", 4),
    "red wine 7": ("winequality-red", "quality", 7),
    "white wine 4": ("winequality-white", "quality", 4),
    "white wine 8": ("winequality-white", "quality", 8),
}
NAMES = {"adbench": SETS, "sklearn": tuple(MADE), "tables": tuple(TABLES)}
ODD_SHARE, LEAST_ODD = 1 / 20, 8


def rows_of(name: str, folder: Path) -> tuple[Array, NDArray[np.int64]]:
    """A set by its name: rows, and 1 where they are anomalies."""
    if name in SETS:
        with np.load(folder / "adbench" / f"{name}.npz") as found:
            return found["X"].astype(np.float64), found["y"].astype(np.int64)
    if name in MADE:
        source, odd = MADE[name]
        x, is_odd = getattr(datasets, f"load_{source}")(return_X_y=True)
        is_odd = is_odd == odd
    else:
        file, label, value = TABLES[name]
        frame = pd.read_csv(folder / "tables" / f"{file}.csv")
        frame = frame.dropna(subset=frame.select_dtypes("number").columns)
        x, is_odd = frame.drop(columns=label).select_dtypes("number").to_numpy(), (frame[label] == value).to_numpy()
    common, rare = np.flatnonzero(~is_odd), np.flatnonzero(is_odd)
    rare = np.random.default_rng(1).permutation(rare)[: max(LEAST_ODD, int(ODD_SHARE * len(common)))]
    return x[np.concatenate([common, rare])].astype(np.float64), np.repeat([0, 1], [len(common), len(rare)])


def divided(x: Array, y: NDArray[np.int64], protocol: str, seed: int) -> tuple[Array, Array, NDArray[np.int64]]:
    """Training rows, test rows, and which of these are anomalies."""
    if protocol == "contaminated":
        train, test, _, truth = train_test_split(x, y, test_size=0.3, stratify=y, random_state=seed)
        return train, test, truth
    ordinary = np.random.default_rng(seed).permutation(np.flatnonzero(y == 0))
    half = len(ordinary) // 2
    rows = np.concatenate([ordinary[half:], np.flatnonzero(y == 1)])
    return x[ordinary[:half]], x[rows], y[rows]


def standardised(train: Array, test: Array) -> tuple[Array, Array]:
    """Mean 0 and deviation 1 by the training rows."""
    scaler = StandardScaler().fit(train)
    return scaler.transform(train), scaler.transform(test)


def outliers(train: Array, test: Array, seed: int, contaminated: bool = True) -> Array:
    """The recommended detector."""
    return -OutlierDetector(contaminated=contaminated, random_state=seed).fit(train).score_samples(test)


def vae(train: Array, test: Array, seed: int, **trimming: Any) -> Array:
    """−log p(x) of a small VAE, fitted to the training rows but for those that are oddest to it."""
    train, test = standardised(train, test)
    return anomaly_scores(fit_trimmed(detector(len(train), random_state=seed), train, **trimming), test)


def pca(train: Array, test: Array, seed: int) -> Array:
    """−log p(x) of probabilistic PCA; nine tenths of the variance, since all components leave no noise to speak of."""
    train, test = standardised(train, test)
    return -PCA(0.9, random_state=seed).fit(train).score_samples(test)


def pca_pyod(train: Array, test: Array, seed: int) -> Array:
    """PyOD's PCA, which is ADBench's: Σ over components of the distance to it, divided by its share of the variance."""
    train, test = standardised(train, test)
    found = PCA(random_state=seed).fit(train)
    kept = found.explained_variance_ratio_ > NO_VARIANCE
    return (cdist(test, found.components_[kept]) / found.explained_variance_ratio_[kept]).sum(axis=1)


def pca_mahalanobis(train: Array, test: Array, seed: int) -> Array:
    """Σ over components of the squared projection, divided by its variance: PCA weighted by its eigenvalues."""
    train, test = standardised(train, test)
    found = PCA(random_state=seed).fit(train)
    kept = found.explained_variance_ratio_ > NO_VARIANCE
    return (np.square(found.transform(test)[:, kept]) / found.explained_variance_[kept]).sum(axis=1)


def pca_trimmed(train: Array, test: Array, seed: int) -> Array:
    """Probabilistic PCA with the same trimming as ours: what is left is the VAE's own doing."""
    train, test = standardised(train, test)
    return trimmed(lambda rows: lambda x: -PCA(0.9, random_state=seed).fit(rows).score_samples(x), train)(test)


def gaussian_trimmed(train: Array, test: Array, seed: int) -> Array:
    """Independent Gaussians, the least of densities, with the same trimming: what a VAE is that ignores its code."""

    def fit(rows: Array) -> Callable[[Array], Array]:
        variance = rows.var(axis=0) + 1e-9
        return lambda x: (np.square(x - rows.mean(axis=0)) / variance).sum(axis=1)

    train, test = standardised(train, test)
    return trimmed(fit, train)(test)


def trimmed(fit: Callable[[Array], Callable[[Array], Array]], train: Array) -> Callable[[Array], Array]:
    """The score of a detector fitted without the quarter of the rows that are oddest to it, in three rounds."""
    score = fit(train)
    for _ in range(3):
        found = score(train)
        score = fit(train[found <= threshold(found, contamination=0.25)])
    return score


def isolation_forest(train: Array, test: Array, seed: int) -> Array:
    """100 trees of 256 rows: scikit-learn's defaults."""
    return -IsolationForest(n_estimators=100, random_state=seed).fit(train).score_samples(test)


def neighbours(train: Array, test: Array, seed: int) -> Array:
    """The distance to the fifth nearest training row: PyOD's KNN."""
    return NearestNeighbors(n_neighbors=5).fit(train).kneighbors(test)[0][:, -1]


DETECTORS: dict[str, Callable[[Array, Array, int], Array]] = {
    "outliers": outliers,
    "vae": vae,
    "vae_untrimmed": partial(vae, rounds=0),
    "pca": pca,
    "pca_pyod": pca_pyod,
    "pca_mahalanobis": pca_mahalanobis,
    "pca_trimmed": pca_trimmed,
    "gaussian_trimmed": gaussian_trimmed,
    "isolation_forest": isolation_forest,
    "neighbours": neighbours,
}


def measured(
    x: Array, y: NDArray[Any], find: Callable[[Array, Array, int], Array], protocol: str, seeds: range
) -> tuple[float, ...]:
    """Mean ROC AUC, mean average precision, and seconds a seed."""
    figures = []
    for seed in seeds:
        train, test, truth = divided(x, y, protocol, seed)
        scaler = MinMaxScaler().fit(train)
        started = time.perf_counter()
        scores = find(scaler.transform(train), scaler.transform(test), seed)
        seconds = time.perf_counter() - started
        scores = np.minimum(scores, np.finfo(np.float64).max)  # a row of probability 0 is the oddest, NaN is a fault
        figures.append((roc_auc_score(truth, scores), average_precision_score(truth, scores), seconds))
    return tuple(np.mean(figures, axis=0))


def markdown(table: dict[str, dict[str, tuple[float, ...]]], detectors: list[str]) -> None:
    """ROC AUC / average precision, a line a set and their mean at the end."""
    print("| set | " + " | ".join(name.replace("_", " ") for name in detectors) + " |")
    print("| --- |" + " --- |" * len(detectors))
    for name, row in table.items():
        print(f"| {name} | " + " | ".join(f"{row[of][0]:.3f} / {row[of][1]:.3f}" for of in detectors) + " |")


def main() -> None:
    several: dict[str, Any] = {"nargs": "*", "default": None}
    options = arguments(
        __doc__,
        protocol={"choices": ["contaminated", "ordinary"], "default": "contaminated"},
        sets={"choices": [*NAMES], "default": "adbench"},
        only=several,
        detectors=several,
        seeds={"type": int, "default": 5},
        trim={"type": float, "default": None},
        markdown={"action": "store_true"},
    )
    # A set so small that 20 passes teach it little, and columns that no longer change once odd rows are left out.
    warnings.simplefilter("ignore", CollapseWarning)
    warnings.simplefilter("ignore", DataWarning)
    known = {**DETECTORS, "outliers": partial(outliers, contaminated=options.protocol == "contaminated")}
    if options.trim is not None:
        known["vae"] = partial(vae, trim=options.trim)
    chosen = options.detectors or list(known)
    seeds = range(options.seed, options.seed + options.seeds)
    table = {}
    for name in options.only or NAMES[options.sets]:
        x, y = rows_of(name, options.data)
        table[name] = {of: measured(x, y, known[of], options.protocol, seeds) for of in chosen}
        tell(name, table[name])
    table["mean"] = {of: tuple(np.mean([row[of] for row in table.values()], axis=0)) for of in chosen}
    tell("mean", table["mean"])
    if options.markdown:
        markdown(table, chosen)


def tell(name: str, row: dict[str, tuple[float, ...]]) -> None:
    """One JSON line a set."""
    figures: dict[str, Any] = {}
    for of, (roc_auc, precision, seconds) in row.items():
        figures |= {f"{of}_roc_auc": roc_auc, f"{of}_average_precision": precision, f"{of}_seconds": seconds}
    report(data=name, **figures)


if __name__ == "__main__":
    main()
