"""What papers did with MNIST. Each function is called with the folder of the data, and gives figures by name."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA

from aevum.data import open_data
from aevum.evaluation import evidence, latent_diagnostics
from aevum.protocols.moved import moved
from aevum.recipes import AE, CVAE, ESTIMATORS, VAE

Figures = dict[str, Any]
Images = NDArray[np.uint8]
LATENTS, WIDTH = 40, 512
HIDDEN = {"residual": (512, 512, 512), "mlp": (1000, 500, 250)}
# Of each image, drawn from its grey levels.
BINARY_DRAWS = 10


def both(folder: Path, rows: int | None = None, images: int | None = None) -> tuple[Images, Images]:
    """The first of the 60,000 training images and of the 10,000 test images; all where no number is given."""
    train, test = (open_data("mnist", data_dir=folder, split=split).x for split in ("train", "test"))
    return train[:rows], test[:images]


def pca(folder: Path, *, seed: int = 0, components: int = 30, **some: Any) -> Figures:
    """Squared error of PCA: sum over the 784 pixels in [0, 1], mean over the test images."""
    train, test = (x.reshape(-1, 784) / 255.0 for x in both(folder, **some))
    found = PCA(components, svd_solver="covariance_eigh").fit(train)
    error = np.square(test - found.inverse_transform(found.transform(test))).sum(axis=1).mean()
    return {"test_squared_error": float(error)}


def autoencoder(
    folder: Path, *, seed: int = 0, network: str = "residual", copies: int = 7, epochs: int = 4, **some: Any
) -> Figures:
    """The same of an auto-encoder with 30 codes, which sees slightly moved copies beside the training images.

    Without a regulariser such networks overfit. The likelihood is a soft Bernoulli, whose mean stays in [0, 1]; the
    error is the mean's.
    """
    train, test = both(folder, **some)
    started = time.perf_counter()
    model = AE(
        30, hidden=HIDDEN[network], network=network, likelihood="bernoulli", binarize="soft", epochs=epochs,
        learning_rate=2e-3, validation_fraction=0.0, random_state=seed,
    ).fit(np.concatenate([train, *(moved(train, copy) for copy in range(copies))]))  # fmt: skip
    seconds = time.perf_counter() - started
    seen, unseen = (float(model.reconstruction_error(x).mean()) / 255**2 for x in (train, test))
    return {
        "train_squared_error": seen, "test_squared_error": unseen, "copies": copies, "epochs": len(model.history_),
        "seconds": seconds,
    }  # fmt: skip


def vae(folder: Path, *, seed: int = 0, epochs: int = 10, **some: Any) -> Figures:
    """Distortion and rate of a VAE 784-400-20 with a soft Bernoulli, one draw of z a test image."""
    train, test = both(folder, **some)
    started = time.perf_counter()
    model = VAE(
        20, hidden=400, network="mlp", likelihood="bernoulli", binarize="soft", epochs=epochs, learning_rate=4e-3,
        validation_fraction=0.0, random_state=seed,
    ).fit(train)  # fmt: skip
    seconds = time.perf_counter() - started
    distortion, rate = (float(part.mean()) for part in model.distortion_and_rate(test))
    return {
        "test_loss": distortion + rate, "distortion": distortion, "rate": rate,
        "active_units": len(model.latent_summary_.active), "seconds": seconds,
        "images_per_second": len(train) * len(model.history_) / seconds,
    }  # fmt: skip


def evidence_of(
    folder: Path,
    *,
    seed: int = 0,
    make: str = "VAE",
    epochs: int = 60,
    binarize: str = "dynamic",
    layers: int = 5,
    batch: int = 250,
    k: int = 5000,
    held_out: int = 0,
    more: Mapping[str, Any] | None = None,
    callbacks: Sequence[Any] | None = None,
    save: str | Path | None = None,
    rows: int | None = None,
    images: int | None = None,
) -> Figures:
    """−log p(x) of the test images: 40 latents, residual networks, a Bernoulli.

    Dynamic: each grey level is a probability, drawn anew each epoch; the test images are drawn once. Static: training
    images are drawn once too.

    Args:
        folder: of the data.
        seed: of the fit.
        make: the model's name.
        layers: of 512 units, in encoder and decoder.
        held_out: so many of the last training images are kept out, and scored instead of the test images.
        more: parameters of the model.
        callbacks: of the fit.
        save: a folder for the model.
        rows, images: so many to train and to test on; all.
    """
    train, test = both(folder)
    if held_out:
        train, test = train[:-held_out], train[-held_out:]
    train, test = train[:rows], test[:images]
    hidden, more = (WIDTH,) * layers, dict(more or {})
    settings = {
        "likelihood": "bernoulli", "binarize": binarize, "network": "residual", "hidden": hidden, "epochs": epochs,
        "batch_size": batch, "learning_rate": 1e-3, "validation_fraction": 0.0, "random_state": seed,
        "callbacks": callbacks,
    }  # fmt: skip
    model: Any = ESTIMATORS[make](latent_dim=LATENTS, **{**settings, **more})
    started = time.perf_counter()
    model.fit(train)
    trained = time.perf_counter() - started
    if save:
        model.save(save, overwrite=True)
    started = time.perf_counter()
    found = evidence(model, test, k=k)
    return {
        "binarize": binarize, "training_images": len(train), "latents": LATENTS, "hidden": list(hidden), "batch": batch,
        "epochs": epochs, "parameters": more, "held_out": held_out, "seed": seed, "k": found.k, "images": len(test),
        "negative_log_likelihood": -found.mean, "monte_carlo_error": found.mean_standard_error,
        "shortfall": found.shortfall, "negative_elbo": -found.elbo, "rate": float(found.rate.mean()), "gap": found.gap,
        "active_units": len(latent_diagnostics(model, test).active), "training_seconds": trained,
        "evaluation_seconds": time.perf_counter() - started,
    }  # fmt: skip


def quadrants(x: Images, seed: int) -> tuple[Images, Images]:
    """Binary images drawn from the grey levels, as (the three other quadrants, the lower left one)."""
    drawn = (np.random.RandomState(seed).random_sample(x.shape) * 255 < x).astype(np.uint8)
    given = np.zeros((28, 28), bool)
    given[14:, :14] = True
    return drawn[:, ~given], drawn[:, given]


def quadrants_given_one(
    folder: Path,
    *,
    seed: int = 0,
    epochs: int = 3,
    layers: int = 4,
    latents: int = LATENTS,
    prior: str = "learned",
    k: int = 5000,
    validation: bool = False,
    rows: int | None = None,
    images: int | None = None,
) -> Figures:
    """−log p of a test image's other 588 binary pixels, given the 196 of its lower left quadrant.

    The training images are drawn ten times (seeds 1 to 10), each draw a row of its own, the test images once (seed 0).

    Args:
        folder: of the data.
        seed: of the fit.
        layers: of 512 units.
        prior: of p(z given y).
        validation: the last 5,000 training images are kept out, and scored instead of the test images.
        rows, images: so many to train and to test on; all.
    """
    train, test = both(folder)
    if validation:
        train, test = train[:-5000], train[-5000:]
    train = train[:rows]
    parts = [quadrants(train, draw) for draw in range(1, BINARY_DRAWS + 1)]
    x, y = (np.concatenate(part) for part in zip(*parts, strict=True))
    started = time.perf_counter()
    model = CVAE(
        latents, prior=prior, network="residual", hidden=(WIDTH,) * layers, epochs=epochs, batch_size=250,
        validation_fraction=0.0, random_state=seed,
    ).fit(x, y.astype(np.float32))  # fmt: skip
    seconds = time.perf_counter() - started
    rest, given = (part[:images] for part in quadrants(test, 0))
    found = evidence(model, rest, given.astype(np.float32), k=k)
    return {
        "training_images": len(train), "draws_of_each": BINARY_DRAWS, "epochs": epochs, "latents": latents,
        "layers": layers, "prior": prior, "seed": seed, "k": found.k, "images": len(rest),
        "negative_conditional_log_likelihood": -found.mean, "negative_elbo": -found.elbo,
        "shortfall": found.shortfall, "training_seconds": seconds,
    }  # fmt: skip
