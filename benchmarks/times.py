"""Seconds of what one does with a model every day: train, encode, score, evaluate, sample, save, load, report.

Digits and irises of scikit-learn, and 10,000 images of MNIST; medians of ``--rounds`` after a first round that is not
counted. ``against.py`` sets them beside another checkout's.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from common import arguments, report

from aevum import VAE, load, open_data, write_run
from aevum.evaluation import evaluate


def main() -> None:
    options = arguments(__doc__, rounds={"type": int, "default": 3}, rows={"type": int, "default": 10_000})
    warnings.simplefilter("ignore")
    digits, iris = open_data("digits"), open_data("iris")
    images = open_data("mnist", data_dir=options.data / "mnist").x[: options.rows]
    epochs = options.epochs or 5

    def fit_digits() -> VAE:
        return VAE(latent_dim=8, epochs=4 * epochs, random_state=options.seed).fit(digits)

    def fit_images() -> VAE:
        return VAE(latent_dim=20, hidden=400, network="mlp", epochs=epochs, random_state=options.seed).fit(images)

    small, large = fit_digits(), fit_images()
    codes = large.transform(images)
    with tempfile.TemporaryDirectory() as scratch:
        saved = large.save(Path(scratch) / "model")
        acts: dict[str, Callable[[], object]] = {
            "fit_digits": fit_digits,
            "fit_irises": lambda: VAE(2, epochs=20 * epochs, random_state=options.seed).fit(iris),
            "fit_images": fit_images,
            "transform": lambda: large.transform(images),
            "decode": lambda: large.inverse_transform(codes),
            "score": lambda: large.score(images[:1000]),
            "score_k_100": lambda: large.score_samples(images[:500], k=100),
            "evaluate_k_100": lambda: evaluate(small, digits.x[:500], digits.y[:500], k=100),
            "sample": lambda: large.sample(len(images), random_state=0),
            "save": lambda: large.save(saved, overwrite=True),
            "load": lambda: load(saved),
            "write_run": lambda: write_run(small, digits, Path(scratch) / "run", overwrite=True),
        }
        found: dict[str, list[float]] = {name: [] for name in acts}
        for _ in range(options.rounds + 1):
            for name, act in acts.items():
                started = time.perf_counter()
                act()
                found[name].append(time.perf_counter() - started)
    report(**{name: statistics.median(seconds[1:]) for name, seconds in found.items()})


if __name__ == "__main__":
    main()
