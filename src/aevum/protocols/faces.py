"""Frey faces, a film of one man's face (B. Frey), by the usual split."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from aevum.errors import InputError
from aevum.evaluation import evidence
from aevum.recipes import VAE

SHAPE, TRAINING, VALIDATION = (1965, 28, 20), 1565, 200


def frey(
    folder: Path,
    *,
    seed: int = 0,
    epochs: int = 200,
    k: int = 5000,
    latents: int = 40,
    hidden: Sequence[int] = (512, 512),
    likelihood: str = "discretized_logistic:emitted",
    learning_rate: float = 1e-3,
    batch: int = 100,
    network: str = "residual",
) -> dict[str, Any]:
    """Bits a pixel of 200 test images: 1,565 train, 200 choose the epoch, by a random permutation (seed 0).

    A split in time would be harder.

    Raises:
        InputError: the file holds something else.
    """
    with np.load(folder / "freyfaces.npz") as file:
        x = file["x"] if "x" in file else np.empty(0)
    if x.shape != SHAPE:
        raise InputError(f"{folder / 'freyfaces.npz'} holds no array x of shape {SHAPE}, but {x.shape}")
    x = x[np.random.RandomState(0).permutation(len(x))]
    # The fit holds out the rows that it chooses the epoch by: 200 of the first 1,765.
    fitted, test = x[: TRAINING + VALIDATION], x[TRAINING + VALIDATION :]
    started = time.perf_counter()
    model = VAE(
        latents, likelihood=likelihood, network=network, hidden=tuple(hidden), epochs=epochs, batch_size=batch,
        learning_rate=learning_rate, validation_fraction=VALIDATION / len(fitted), patience=None, random_state=seed,
    ).fit(fitted)  # fmt: skip
    seconds = time.perf_counter() - started
    found = evidence(model, test, k=k)
    return {
        "training_images": TRAINING, "validation_images": VALIDATION, "test_images": len(test), "latents": latents,
        "likelihood": likelihood, "epochs": len(model.history_), "best_epoch": model.history_[-1]["best_epoch"],
        "seed": seed, "k": found.k, "bits_per_dim": found.bits_per_dim, "negative_log_likelihood": -found.mean,
        "shortfall": found.shortfall,
        "validation_bits_per_dim": min(each["validation_loss"] for each in model.history_) / x[0].size / np.log(2),
        "active_units": len(model.latent_summary_.active), "training_seconds": seconds,
    }  # fmt: skip
