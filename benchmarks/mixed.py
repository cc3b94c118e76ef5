"""Tables of words, numbers and gaps: held-out log p a row, and what synthetic rows are worth beside TVAE's.

    python -m venv tvae-env && tvae-env/bin/pip install torch==2.13.0 ctgan==0.12.1
    python benchmarks/mixed.py --tvae tvae-env/bin/python [--splits 3] [--rows 9000] [--only adult titanic]

A third of the rows is held out. **log p**, nats a row, over the cells that a row has, of three models in one measure:
`VAE()` as it comes on the frame; `VAE()` of its numbers alone, with each class column a share of its own; and
`VAE(likelihood="gaussian")` of numbers and one-hot columns, missing cells at their means. Columns of text, and of 20
values or fewer, are masses in all three: of the last its densities at the one-hot rows, given z, divided by their sum,
and a hundredth of each class's share, without which a mistake costs thousands of nats. Other whole numbers
are masses too, Gaussian ones over ±½, and of ours the density where a column has one (steps are
1).

**Synthetic rows**, as many as training rows, of `VAE()` and of ctgan's TVAE, both fitted to the rows without missing
cells (TVAE takes no others) and as they come, one thread each: a classifier trained on them and tested on the real rows
held out; how well a classifier tells them from these (ROC AUC by five folds; 0.5 where it can't); the share of cells
that are of the right type, of a class that there is, and not below 0 where none is.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from common import arguments, report
from numpy.typing import NDArray
from scipy.special import log_ndtr, logsumexp
from scipy.stats import norm
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import accuracy_score, roc_auc_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from aevum import VAE

Array = NDArray[np.float64]
Frame = pd.DataFrame
HERE = Path(__file__).resolve().parent
# Name ↦ what is to be predicted, and what would tell it.
TARGETS = {"adult": ("income", []), "titanic": ("survived", ["alive"])}
MOST_CLASSES = 20
# Of a Gaussian, between which and its mean a deviation lies.
ONE_DEVIATION = math.erf(math.sqrt(0.5))
DRAWN_AT_ONCE = 25
# Of a class's mass, its share in training: without it one mistake of a Gaussian costs thousands of nats.
BY_SHARE = 0.01


def classes_of(rows: Frame) -> list[str]:
    """Columns whose values are masses."""
    return [name for name in rows if rows[name].dtype.kind not in "iuf" or rows[name].nunique() <= MOST_CLASSES]


def known(test: Frame, train: Frame) -> Frame:
    """The held-out rows; a class that no training row has is missing."""
    return test.assign(**{name: test[name].where(test[name].isin(train[name].unique())) for name in classes_of(train)})


def as_shares(train: Frame, test: Frame) -> Array:
    """log p of the class cells, each column by its own shares."""
    total = np.zeros(len(test))
    for name in classes_of(train):
        counts = train[name].value_counts()
        total += test[name].map(np.log((counts + 0.5) / (counts + 0.5).sum())).astype(float).fillna(0.0).to_numpy()
    return total


class OneHot:
    """Numbers, and a column of zeros and ones for each class; missing cells are at their column's mean."""

    def __init__(self, train: Frame) -> None:
        self.classes = {name: sorted(train[name].dropna().unique(), key=str) for name in classes_of(train)}
        self.numbers = [name for name in train if name not in self.classes]
        self.whole = [bool((train[name].dropna() % 1 == 0).all()) for name in self.numbers]
        self.means = np.zeros(0)
        self.means = np.nanmean(self(train), axis=0)

    def __call__(self, rows: Frame) -> Array:
        blocks = [rows[self.numbers].to_numpy(float)]
        for name, values in self.classes.items():
            hot = np.array([rows[name] == value for value in values], float).T
            blocks.append(np.where(rows[name].isna().to_numpy()[:, None], np.nan, hot))
        x = np.concatenate(blocks, axis=1)
        return np.where(np.isnan(x), self.means, x) if len(self.means) else x

    def log_mass(self, rows: Frame, mean: Array, deviation: Array) -> Array:
        """Σ log p of the cells that rows have, ``(K, N)``, given μ and σ of each value, ``(K, N, W)``."""
        total, start = np.zeros(mean.shape[:2]), len(self.numbers)
        for place, name in enumerate(self.numbers):
            x, mu, sigma = rows[name].to_numpy(float), mean[..., place], deviation[..., place]
            if self.whole[place]:
                far = np.abs(x - mu)
                high, low = log_ndtr((0.5 - far) / sigma), log_ndtr((-0.5 - far) / sigma)
                cell = high + np.log(-np.expm1(np.minimum(low - high, -1e-300)))
            else:
                cell = norm.logpdf(x, mu, sigma)
            total += np.where(np.isnan(x), 0.0, cell)
        for name, values in self.classes.items():
            here = slice(start, start + len(values))
            start += len(values)
            mu, sigma = mean[..., here], deviation[..., here]
            # log N(1; μ, σ) − log N(0; μ, σ): what tells the row with a one here from all zeros.
            logits = (mu - 0.5) / sigma**2
            place = rows[name].map({value: i for i, value in enumerate(values)}).to_numpy(float)
            index = np.broadcast_to(np.nan_to_num(place).astype(int)[:, None], (*logits.shape[:2], 1))
            cell = np.take_along_axis(logits, index, axis=-1)[..., 0] - logsumexp(logits, axis=-1)
            share = np.log(np.maximum(self.means[here], 1e-12))[index[..., 0]]
            cell = np.logaddexp(math.log1p(-BY_SHARE) + cell, math.log(BY_SHARE) + share)
            total += np.where(np.isnan(place), 0.0, cell)
        return total


def gaussian_score(train: Frame, test: Frame, k: int, seed: int) -> Array:
    """log p of the held-out rows' cells under a Gaussian VAE of numbers and one-hot columns, by k draws from q."""
    code = OneHot(train)
    vae = VAE(likelihood="gaussian", random_state=seed).fit(code(train))
    mean, deviation = vae.encode(code(test))
    random, weights = np.random.RandomState(seed), []
    for first in range(0, k, DRAWN_AT_ONCE):
        noise = random.randn(min(DRAWN_AT_ONCE, k - first), *mean.shape)
        z = mean + deviation * noise
        low, high = vae.decode_interval(z.reshape(-1, z.shape[-1]).astype(np.float32), level=ONE_DEVIATION)
        shape = (*z.shape[:2], -1)
        middle, width = ((high + low) / 2).reshape(shape), ((high.astype(float) - low) / 2).reshape(shape)
        ratio = 0.5 * (noise**2 - z**2).sum(axis=-1) + np.log(deviation).sum(axis=-1)
        weights.append(code.log_mass(test, middle, width) + ratio)
    found: Array = logsumexp(np.concatenate(weights), axis=0) - math.log(k)
    return found


def scores(train: Frame, test: Frame, k: int, seed: int) -> dict[str, Array]:
    """log p of the held-out rows, by model."""
    numbers = [name for name in train if name not in classes_of(train)]
    alone = VAE(random_state=seed).fit(train[numbers]).score_samples(test[numbers], k=k)
    return {
        "mixed": VAE(random_state=seed).fit(train).score_samples(test, k=k),
        "numbers": alone + as_shares(train, test),
        "one_hot": gaussian_score(train, test, k, seed),
    }


def ours(train: Frame, seed: int) -> tuple[Frame, float]:
    """Synthetic rows of ours, and the seconds of the fit."""
    begun = time.perf_counter()
    vae = VAE(random_state=seed).fit(train)
    seconds = time.perf_counter() - begun
    return vae.sample(len(train), random_state=seed), seconds


def theirs(train: Frame, seed: int, python: str) -> tuple[Frame, float]:
    """Synthetic rows of TVAE, in an environment of its own."""
    with tempfile.TemporaryDirectory() as folder:
        given, out = f"{folder}/in.csv", f"{folder}/out.csv"
        train.to_csv(given, index=False)
        words = [python, str(HERE / "tvae_peer.py"), given, out, ",".join(classes_of(train)), str(seed)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "PYTHONPATH": ""}
        done = subprocess.run(words, capture_output=True, text=True, env=environment, cwd=folder)
        if done.returncode:
            raise SystemExit(f"{' '.join(words)} failed:\n{done.stderr[-2000:]}")
        return pd.read_csv(out), float(done.stdout.split()[-1])


def features(rows: Frame, like: Frame) -> Frame:
    """Words as categories, numbers as they are, for scikit-learn's trees."""
    words = {name: sorted(map(str, like[name].unique())) for name in like if like[name].dtype.kind not in "iuf"}
    return rows.assign(**{name: pd.Categorical(rows[name].astype(str), words[name]) for name in words})


def trees() -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(categorical_features="from_dtype", random_state=0)


def told_apart(real: Frame, drawn: Frame) -> float:
    """ROC AUC of a classifier that tells real rows from drawn ones, held out by folds."""
    both = pd.concat([real, drawn[: len(real)]], ignore_index=True)
    which = np.repeat([1, 0], [len(real), len(both) - len(real)])
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    sure = cross_val_predict(trees(), features(both, both), which, cv=folds, method="predict_proba")[:, 1]
    return float(roc_auc_score(which, sure))


def predicted(drawn: Frame, test: Frame, train: Frame, table: str) -> tuple[float, float]:
    """Accuracy and ROC AUC on real rows of a classifier that has seen the drawn ones."""
    target, tells = TARGETS[table]
    first = sorted(train[target].unique())[0]
    learned, asked = (
        features(rows.drop(columns=[target, *tells]), train.drop(columns=[target, *tells])) for rows in (drawn, test)
    )
    sure = trees().fit(learned, drawn[target] != first).predict_proba(asked)[:, 1]
    truth = test[target] != first
    return float(accuracy_score(truth, sure > 0.5)), float(roc_auc_score(truth, sure))


def valid(drawn: Frame, train: Frame) -> float:
    """The share of cells that could be of the table."""
    found = []
    for name in train:
        cells = drawn[name]
        right = np.full(len(cells), cells.dtype == train[name].dtype)
        if name in classes_of(train):
            right &= cells.isin(train[name].unique()).to_numpy()
        elif train[name].min() >= 0:
            right &= (cells >= 0).to_numpy()
        found.append(right)
    return float(np.mean(found))


def judged(drawn: Frame, seconds: float, train: Frame, test: Frame, table: str) -> dict[str, float]:
    """What synthetic rows are worth."""
    accuracy, auc = predicted(drawn, test, train, table)
    found = {"accuracy": accuracy, "auc": auc, "told_apart": told_apart(test, drawn), "valid": valid(drawn, train)}
    return {**found, "seconds": seconds}


def one_split(table: str, rows: Frame, seed: int, k: int, tvae: str | None, parts: list[str]) -> dict[str, float]:
    """Every figure of one split."""
    order = np.random.RandomState(seed).permutation(len(rows))
    test, train = (rows.iloc[some].reset_index(drop=True) for some in np.split(order, [len(rows) // 3]))
    found: dict[str, float] = {}
    if "log_p" in parts:
        for name, each in scores(train, known(test, train), k, seed).items():
            found |= {name: float(each.mean()), f"{name}_median": float(np.median(each))}
    if "synthetic" in parts:
        sparse = [name for name in rows if rows[name].isna().mean() > 0.5]
        test, train = (each.drop(columns=sparse).dropna().reset_index(drop=True) for each in (test, train))
        judge: dict[str, Any] = {"vae": ours(train, seed), "real": (train, 0.0)}
        if tvae:
            judge["tvae"] = theirs(train, seed, tvae)
        for name, (drawn, seconds) in judge.items():
            each = judged(drawn, seconds, train, test, table)
            found |= {f"{name}_{key}": value for key, value in each.items()}
    return found


def main() -> None:
    import torch

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    options = arguments(
        __doc__,
        tvae={"default": os.environ.get("TVAE_PYTHON"), "help": "a Python that has ctgan; or TVAE_PYTHON"},
        splits={"type": int, "default": 3},
        rows={"type": int, "default": 9000, "help": "of a table at most, drawn anew for each split"},
        k={"type": int, "default": 500},
        only={"nargs": "*", "default": list(TARGETS), "choices": list(TARGETS)},
        parts={"nargs": "*", "default": ["log_p", "synthetic"], "choices": ["log_p", "synthetic"]},
    )
    for table in options.only:
        every = pd.read_csv(options.data / "tables" / f"{table}.csv", na_values="?", skipinitialspace=True)
        runs = []
        for seed in range(options.seed, options.seed + options.splits):
            rows = every.sample(min(options.rows, len(every)), random_state=seed)
            runs.append(one_split(table, rows, seed, options.k, options.tvae, options.parts))
            print(f"{table}, split {seed}: {runs[-1]}", file=sys.stderr, flush=True)
        figures = {}
        for name in runs[0]:
            each = np.array([run[name] for run in runs])
            figures[name] = float(each.mean())
            figures[f"{name}_sd"] = float(each.std(ddof=1)) if len(each) > 1 else math.nan
        report(table=table, splits=options.splits, **figures)


if __name__ == "__main__":
    main()
