"""Held-out log p(x) of tables: `VAE()` as it comes beside Gaussian, mixture, PCA and factor analysis.

    python benchmarks/tables.py [--splits 5] [--jobs 2] [--only iris wine]

Each table is split at random, a fifth of the rows held out, as often as asked. The others' numbers of components are
chosen on the training rows alone: the mixture's by BIC over 1 to 10 full covariances (with scikit-learn's 10⁻⁶ added,
on standardised columns), those of PCA and factor analysis by five folds. `truth` is the density that generated rows
were drawn from. Scores are importance-sampled with k = 1000, in nats a row in the data's units. Columns that are labels
are left out, and those that don't change in the training rows.

A cell to which the VAE gives a probability (a level of a scale, a count, a value that comes again and again) has no
density. All are then scored with uniform noise as wide as a step added to such cells, of which the VAE's density is its
probability by the width; the others are fitted to rows with such noise, or a component of a mixture could put a density
without bound on a value that comes again (uniform dequantization: *A note on the evaluation of generative models*,
L. Theis, A. van den Oord, M. Bethge, ICLR 2016).
"""

from __future__ import annotations

import argparse
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from common import ROOT
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.stats import multivariate_normal, multivariate_t
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris, load_wine
from sklearn.decomposition import PCA, FactorAnalysis
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV

from aevum.protocols.gaps import numbers_of

Array = NDArray[np.float64]
Density = Callable[[Array], Array]
RIVALS = ("gaussian", "mixture", "pca", "factors")


def factors(rows: int, seed: int) -> tuple[Array, Density]:
    """Three Gaussian factors in twelve columns."""
    random = np.random.RandomState(seed)
    weights, noise = random.randn(3, 12), np.exp(0.5 * random.randn(12) - 0.5)
    x = random.randn(rows, 3) @ weights + random.randn(rows, 12) * noise
    return x, multivariate_normal(np.zeros(12), weights.T @ weights + np.diag(noise**2)).logpdf


def collinear(rows: int, seed: int) -> tuple[Array, Density]:
    """Eight columns of which three nearly are sums of others."""
    random = np.random.RandomState(seed)
    mixing = np.vstack([np.eye(5), random.randn(3, 5)])
    covariance = mixing @ mixing.T + np.diag([0.0] * 5 + [1e-4] * 3)
    law = multivariate_normal(np.zeros(8), covariance)
    return law.rvs(rows, random_state=random), law.logpdf


def heavy(rows: int, seed: int) -> tuple[Array, Density]:
    """Student's t with three degrees of freedom in ten columns."""
    random = np.random.RandomState(seed)
    weights = random.randn(3, 10)
    law = multivariate_t(np.zeros(10), weights.T @ weights + 0.25 * np.eye(10), df=3)
    return law.rvs(rows, random_state=random), law.logpdf


def clusters(rows: int, seed: int) -> tuple[Array, Density]:
    """Five Gaussians of their own covariances in twelve columns."""
    random = np.random.RandomState(seed)
    laws = []
    for _ in range(5):
        weights = random.randn(4, 12)
        laws.append(multivariate_normal(2.0 * random.randn(12), 0.5 * weights.T @ weights + 0.3 * np.eye(12)))
    which = random.randint(5, size=rows)
    x = np.stack([laws[c].rvs(random_state=random) for c in which])
    return x, lambda x: np.logaddexp.reduce([law.logpdf(x) for law in laws], axis=0) - np.log(5.0)


def bent(rows: int, seed: int) -> tuple[Array, Density]:
    """Twelve columns, each bent and widened by those before it: a triangular map of Gaussian noise."""
    random = np.random.RandomState(seed)
    shift = [random.randn(2, j) / np.sqrt(max(j, 1)) for j in range(12)]
    u, x = random.randn(rows, 12), np.zeros((rows, 12))

    def moments(x: Array, j: int) -> tuple[Array, Array]:
        a, b = (x[:, :j] @ each for each in shift[j])
        return np.sin(2.0 * a) + a, 0.5 * np.tanh(b) - 0.5

    for j in range(12):
        mean, log_sigma = moments(x, j)
        x[:, j] = mean + np.exp(log_sigma) * u[:, j]

    def density(x: Array) -> Array:
        total = np.zeros(len(x))
        for j in range(12):
            mean, log_sigma = moments(x, j)
            total += -0.5 * (((x[:, j] - mean) / np.exp(log_sigma)) ** 2 + np.log(2.0 * np.pi)) - log_sigma
        return total

    return x, density


def shared(name: str) -> Array:
    """A table of the shared data, without its labels."""
    return numbers_of(Path(os.environ.get("AEVUM_TEST_DATA", ROOT.parent / "shared" / "data")) / "tables", name)


TABLES: dict[str, Callable[[], tuple[Array, Density | None]]] = {
    "iris": lambda: (load_iris().data, None),
    "wine": lambda: (load_wine().data, None),
    "breast cancer": lambda: (load_breast_cancer().data, None),
    "diabetes": lambda: (load_diabetes(scaled=False).data, None),
    "banknote": lambda: (shared("banknote"), None),
    "concrete": lambda: (shared("concrete"), None),
    "red wine": lambda: (shared("winequality-red"), None),
    "white wine": lambda: (shared("winequality-white"), None),
    "yeast": lambda: (shared("yeast"), None),
    "penguins": lambda: (shared("penguins"), None),
    "factors 400": lambda: factors(400, 1),
    "factors 7500": lambda: factors(7500, 2),
    "collinear 400": lambda: collinear(400, 3),
    "heavy 1500": lambda: heavy(1500, 4),
    "clusters 1000": lambda: clusters(1000, 5),
    "clusters 7500": lambda: clusters(7500, 6),
    "bent 7500": lambda: bent(7500, 7),
}


def steps_of(columns: Any, x: Array) -> tuple[Array, Array]:
    """Of each cell, how wide its step is (0 for none) and what its probability is to be divided by, ``(N, F)`` each."""
    widths, told = np.zeros(x.shape), np.zeros(x.shape[1], bool)
    for place, column in enumerate(columns):
        if column.kind.startswith("spiked"):
            spiked = x[:, place] == column.shift
            widths[spiked, place] = np.abs(np.unique(x[~spiked, place]) - column.shift).min(initial=np.ptp(x[:, place]))
        elif column.kind in ("binary", "ordinal", "poisson", "negative_binomial", "zero_inflated", "heaped"):
            widths[:, place] = column.scale
            told[place] = column.kind == "heaped"  # by which the VAE has divided
    return widths, np.where((widths > 0.0) & ~told, widths, 1.0)


def rivals(train: Array, test: Array) -> dict[str, Array]:
    """log p of the test rows, which are standardised as the training rows are."""
    width = train.shape[1]
    components = {"n_components": sorted({1, 2, 3, 4, 5, 7, 10, 14, 20, width - 1} & set(range(1, width)))}
    mixtures = [GaussianMixture(k, random_state=0).fit(train) for k in range(1, 11)]
    return {
        "gaussian": mixtures[0].score_samples(test),
        "mixture": min(mixtures, key=lambda each: each.bic(train)).score_samples(test),
        "pca": GridSearchCV(PCA(), components).fit(train).best_estimator_.score_samples(test),
        "factors": GridSearchCV(FactorAnalysis(), components).fit(train).best_estimator_.score_samples(test),
    }


def one_split(name: str, split: int) -> dict[str, Any]:
    """All scores of one split, ``(rows,)`` each, and the seconds of the fit."""
    import torch

    from aevum import VAE

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    x, truth = TABLES[name]()
    order = np.random.RandomState(split).permutation(len(x))
    test, train = x[order[: len(x) // 5]], x[order[len(x) // 5 :]]
    varies = train.std(axis=0) > 0.0
    if truth is None:
        test, train = test[:, varies], train[:, varies]
    started = time.perf_counter()
    model = VAE(random_state=split).fit(train)
    seconds = time.perf_counter() - started
    scores = model.score_samples(test, k=1000, random_state=0)
    widths, steps = steps_of(getattr(model.fitted_.encoding, "columns", ()), np.concatenate([train, test]))
    noise = widths * np.random.RandomState(split).uniform(-0.5, 0.5, widths.shape)
    wide, rows = train + noise[: len(train)], test + noise[len(train) :]
    mean, deviation = wide.mean(axis=0), wide.std(axis=0)
    found = rivals((wide - mean) / deviation, (rows - mean) / deviation)
    found = {rival: each - np.log(deviation).sum() for rival, each in found.items()}
    found["vae"] = scores - np.log(steps[len(train) :]).sum(axis=1)
    if truth is not None:
        found["truth"] = truth(test)
    return {"scores": found, "seconds": seconds, "rows": len(train), "columns": train.shape[1],
            "epoch": model.history_[-1]["best_epoch"], "masses": int((widths > 0.0).any(axis=0).sum())}  # fmt: skip


def told(name: str, splits: list[dict[str, Any]]) -> tuple[bool, bool]:
    """Print a table's line; whether the VAE is at or above the best linear one within two standard errors, and above
    the mixture.
    """
    every = {key: np.concatenate([each["scores"][key] for each in splits]) for key in splits[0]["scores"]}
    vae = every["vae"]

    def ahead(rival: str) -> tuple[float, float]:
        gain = vae - every[rival]
        return float(gain.mean()), float(gain.std() / np.sqrt(len(gain)))

    linear = [ahead(rival) for rival in ("gaussian", "pca", "factors")]
    level = all(gain >= -2.0 * error for gain, error in linear)
    above = ahead("mixture")[0] > 0.0
    cells = " | ".join(f"{every[r].mean():.2f} ({ahead(r)[0]:+.3f} ± {ahead(r)[1]:.3f})" for r in RIVALS)
    truth = f"{every['truth'].mean():.2f} ({ahead('truth')[0]:+.2f})" if "truth" in every else "–"
    first = splits[0]
    print(
        f"| {name} | {first['rows']} × {first['columns']} | **{vae.mean():.2f}** | {cells} | {truth} | "
        f"{np.median([each['seconds'] for each in splits]):.0f} s | {[each['epoch'] for each in splits]} | "
        f"{first['masses']} | "
        f"{'yes' if level else 'NO'} | {'yes' if above else 'no'} |",
        flush=True,
    )
    return level, above


def main() -> None:
    """Print a line a table, and how many lines hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--splits", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=list(TABLES))
    asked = parser.parse_args()
    print("| table | rows × columns | VAE | Gaussian (VAE ahead by) | mixture | PCA | factor analysis | truth | fit |"
          " best epochs | columns of steps | level with the linear ones | above the mixture |\n"
          + "| --- " * 13 + "|")  # fmt: skip
    found = []
    for name in asked.only:
        splits = Parallel(n_jobs=asked.jobs)(delayed(one_split)(name, split) for split in range(asked.splits))
        found.append(told(name, splits))
    level, above = (sum(each) for each in zip(*found, strict=True))
    print(f"{level} of {len(found)} level with the linear ones, {above} above the mixture")


if __name__ == "__main__":
    main()
