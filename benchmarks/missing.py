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
import os
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from common import ROOT
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - scikit-learn's switch
from sklearn.impute import IterativeImputer, KNNImputer, SimpleImputer

from aevum.protocols.gaps import DRAWS, PUBLISHED, TABLES, error, not_at_random, rows_of, standardised

Array = NDArray[np.float64]


def at_random(x: Array, random: np.random.RandomState) -> Array:
    """Half of the cells, whatever they are."""
    return np.where(random.random_sample(x.shape) < 0.5, np.nan, x)


DATA = Path(os.environ.get("AEVUM_TEST_DATA", ROOT.parent / "shared" / "data")) / "tables"
PROTOCOLS = {"mnar": not_at_random, "mcar": at_random}


def filled_by_others(gaps: Array, seed: int) -> dict[str, Array]:
    """What scikit-learn fills in."""
    return {
        "mean": SimpleImputer().fit_transform(gaps),
        "nearest": KNNImputer().fit_transform(gaps),
        "iterative": IterativeImputer(random_state=seed).fit_transform(gaps),
    }


def one_run(name: str, protocol: str, seed: int) -> dict[str, float]:
    """Errors by method, the share of cells inside our intervals, and the seconds of our fits."""
    import torch

    from aevum import VAE

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    random = np.random.RandomState(seed)
    x = standardised(rows_of(DATA, name), random)
    gaps = PROTOCOLS[protocol](x, random)
    found = {method: error(x, gaps, filled) for method, filled in filled_by_others(gaps, seed).items()}
    methods = {"VAE()": "ignorable", **({"known": "self-masking-known"} if protocol == "mnar" else {})}
    for method, missingness in methods.items():
        started = time.perf_counter()
        model = VAE(missingness=missingness, random_state=seed).fit(gaps)
        found[f"{method} s"] = time.perf_counter() - started
        if protocol == "mcar":
            filled, low, high = model.impute(gaps, k=DRAWS, interval=0.9)
            found["held"] = float(((low <= x) & (x <= high))[np.isnan(gaps)].mean())
        else:
            filled = model.impute(gaps, k=DRAWS)
        found[method] = error(x, gaps, filled)
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
