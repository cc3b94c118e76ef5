"""Which defaults serve: VAEs on seven data sets, one setting changed at a time from the constructor's own.

Each line is one fit: the loss (−ELBO, nats per example, data scaled by the model) on a fixed tenth of the rows that
neither training nor the choice of the epoch has seen, mean of three draws, and the seconds.

    python benchmarks/defaults.py [--only digits] [--settings default learning_rate]
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
from common import arguments, report

from aevum import VAE, open_data

SETTINGS: dict[str, list[dict[str, Any]]] = {
    "default": [{}],
    "learning_rate": [{"learning_rate": rate} for rate in (5e-4, 2e-3)],
    "network": [{"network": "mlp"}, {"network": "convolutional"}],
    "hidden": [{"hidden": (256, 256)}, {"hidden": (512,)}],
    "latent_dim": [{"latent_dim": 5}, {"latent_dim": 10}],
    "epochs": [{"epochs": epochs} for epochs in (25, 50, 100, 200)],
    "batch_size": [{"batch_size": 64}, {"batch_size": 256}],
}


def data_sets(folder: Any) -> dict[str, np.ndarray]:
    """Images of three kinds, binary images and tables, at most 10,000 rows each."""
    rng = np.random.RandomState(0)
    paths = {
        "digits": "digits",
        "freyfaces": folder / "freyfaces.npz",
        "olivetti": folder / "olivetti.npz",
        "silhouettes": folder / "caltech101_silhouettes_28.npz",
        "cardio": folder / "adbench" / "cardio.npz",
        "satimage-2": folder / "adbench" / "satimage-2.npz",
    }
    found = {name: open_data(path).x for name, path in paths.items()}
    found["mnist"] = open_data("mnist", data_dir=folder / "mnist").x
    return {name: x[rng.permutation(len(x))[:10_000]] for name, x in found.items()}


def main() -> None:
    several = {"nargs": "*", "default": None}
    options = arguments(__doc__, only=several, settings=several)
    for name, x in data_sets(options.data).items():
        if options.only and name not in options.only:
            continue
        cut = len(x) // 10
        for group in options.settings or SETTINGS:
            for setting in SETTINGS[group]:
                if setting.get("network") == "convolutional" and x.ndim < 3:
                    continue
                started = time.perf_counter()
                vae = VAE(random_state=options.seed, **({"epochs": options.epochs} if options.epochs else {}) | setting)
                vae.fit(x[cut:])
                seconds = time.perf_counter() - started
                terms = [sum(vae.distortion_and_rate(x[:cut], random_state=draw)) for draw in range(3)]
                report(
                    data=name,
                    setting=str(setting),
                    loss=np.mean(terms),
                    epochs=len(vae.history_),
                    best_epoch=vae.history_[-1]["best_epoch"],
                    active=len(vae.latent_summary_.active),
                    seconds=seconds,
                )


if __name__ == "__main__":
    main()
