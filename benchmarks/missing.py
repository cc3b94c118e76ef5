"""Cells that are missing: how far off they are filled, beside scikit-learn's imputers.

    python benchmarks/missing.py [--seeds 0 1 2 3 4] [--jobs 1] [--only banknote] [--protocols mnar mcar]

Not at random (mnar), as in *not-MIWAE: deep generative modelling with missing not at random data*, N. B. Ipsen, P.-A.
Mattei, J. Frellsen, ICLR 2021: of standardised columns the first half lose all values above their mean. At random
(mcar): half of the cells. Error: the root of the mean squared error over the cells that were taken out, in deviations
of their columns; "held" is the share of them inside the intervals of level 0.9. Each run has a seed of its own, for the
order of the rows, the cells at random and the fit. `VAE()` is as it comes; `known` is
`VAE(missingness="self-masking-known")`.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - scikit-learn's switch
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer
from tables import shared

Array = NDArray[np.float64]
TABLES: dict[str, Callable[[], Array]] = {
    "banknote": lambda: shared("banknote"),
    "concrete": lambda: shared("concrete"),
    "red wine": lambda: shared("winequality-red"),
    "white wine": lambda: shared("winequality-white"),
    "yeast": lambda: shared("yeast"),
    "breast cancer": lambda: load_breast_cancer().data,
}
# Of the paper's table 1, in the order of the tables.
PUBLISHED = {
    "MIWAE": (1.19, 1.66, 1.62, 1.55, 1.72, 1.20),
    "not-MIWAE": (0.74, 1.12, 1.07, 1.04, 1.38, 0.76),
    "linear not-MIWAE": (0.57, 1.31, 1.13, 0.99, 0.77, 0.72),
}
# Of z a row: a third of what estimators take by default.
DRAWS = 300


def not_at_random(x: Array, random: np.random.RandomState) -> Array:
    """The first half of the columns without what lies above their means."""
    half = x.shape[1] // 2
    lost = np.zeros(x.shape, np.bool_)
    lost[:, :half] = x[:, :half] > x[:, :half].mean(axis=0)
    return np.where(lost, np.nan, x)


def at_random(x: Array, random: np.random.RandomState) -> Array:
    """Half of the cells, whatever they are."""
    return np.where(random.random_sample(x.shape) < 0.5, np.nan, x)


PROTOCOLS = {"mnar": not_at_random, "mcar": at_random}


def error(x: Array, gaps: Array, filled: Array) -> float:
    """√ of the mean squared error over the gaps."""
    return float(np.sqrt(np.square(filled - x)[np.isnan(gaps)].mean()))


def filled_by_others(gaps: Array, seed: int) -> dict[str, Array]:
    """What scikit-learn fills in."""
    return {
        "mean": SimpleImputer().fit_transform(gaps),
        "nearest": KNNImputer().fit_transform(gaps),
        "iterative": IterativeImputer(random_state=seed).fit_transform(gaps),
    }


def one_run(table: str, protocol: str, seed: int) -> dict[str, float]:
    """Errors by method, the share of cells inside our intervals, and the seconds of our fits."""
    import torch

    from aevum import VAE

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    random = np.random.RandomState(seed)
    x = random.permutation(TABLES[table]())
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    gaps = PROTOCOLS[protocol](x, random)
    found = {name: error(x, gaps, filled) for name, filled in filled_by_others(gaps, seed).items()}
    names = {"VAE()": "ignorable", **({"known": "self-masking-known"} if protocol == "mnar" else {})}
    for name, missingness in names.items():
        started = time.perf_counter()
        model = VAE(missingness=missingness, random_state=seed).fit(gaps)
        found[f"{name} s"] = time.perf_counter() - started
        if protocol == "mcar":
            filled, low, high = model.impute(gaps, k=DRAWS, interval=0.9)
            found["held"] = float(((low <= x) & (x <= high))[np.isnan(gaps)].mean())
        else:
            filled = model.impute(gaps, k=DRAWS)
        found[name] = error(x, gaps, filled)
    return found


def told(table: str, runs: list[dict[str, float]]) -> dict[str, Any]:
    """Print a table's line, means and standard deviations over the runs; its means."""
    means = {name: float(np.mean([run[name] for run in runs])) for name in runs[0]}
    shown = {name: f"{means[name]:.3f} ± {np.std([run[name] for run in runs]):.3f}" for name in runs[0]}
    print(f"| {table} | " + " | ".join(shown.values()) + " |", flush=True)
    return means


def main() -> None:
    """Print a table of each protocol, and means over its lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)), help="one run each")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=list(TABLES))
    parser.add_argument("--protocols", nargs="*", default=list(PROTOCOLS), choices=list(PROTOCOLS))
    asked = parser.parse_args()
    for protocol in asked.protocols:
        found = []
        for table in asked.only:
            runs = Parallel(n_jobs=asked.jobs)(delayed(one_run)(table, protocol, seed) for seed in asked.seeds)
            if not found:
                print(f"| {protocol} | " + " | ".join(runs[0]) + " |\n" + "| --- " * (len(runs[0]) + 1) + "|")
            found.append(told(table, runs))
        means = {name: np.mean([each[name] for each in found]) for name in found[0]}
        print("| mean | " + " | ".join(f"{value:.3f}" for value in means.values()) + " |", flush=True)
    if "mnar" in asked.protocols and asked.only == list(TABLES):
        for name, figures in PUBLISHED.items():
            print(f"published, {name}: {' '.join(map(str, figures))}, mean {np.mean(figures):.3f}")


if __name__ == "__main__":
    main()
