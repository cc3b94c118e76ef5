"""Scores of disentanglement of VAEs of growing β on the sprites, whose six factors are known.

The likelihood is a soft Bernoulli. One JSON line a model: every score (1 is the best), how well a picture is
reconstructed, and how many dimensions are active. Codes are the posterior means of all 11,664 pictures, the full grid
of factors.

    python benchmarks/sprites_disentanglement.py [--betas 1 4 16] [--figure runs/sprites.png]

The figure is of the last β: which code dimension tells of which factor.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from common import arguments, report

from aevum import VAE
from aevum.evaluation.disentangled import Disentanglement, disentanglement
from aevum.plots.disentanglement import disentanglement_figure
from aevum.plots.style import png_bytes

LATENTS = 10


def main() -> None:
    options = arguments(
        __doc__,
        betas={"type": float, "nargs": "+", "default": [1.0, 4.0, 16.0]},
        every={"type": int, "default": 1, "help": "one of so many sprites, for a short run"},
        figure={"type": Path, "default": None, "help": "where to write the picture of the last model"},
    )
    with np.load(options.data / "sprites_static.npz") as file:
        x, factors = file["x"][:: options.every], file["factors"][:: options.every]
        names = [str(name) for name in file["factor_names"]]
    for beta in options.betas:
        started = time.perf_counter()
        vae = VAE(
            LATENTS,
            beta=beta,
            # With a learned σ, β and σ trade places: 4 changes little. Here the likelihood's scale is fixed.
            likelihood="bernoulli",
            binarize="soft",
            epochs=options.epochs or "auto",
            validation_fraction=0.0,
            random_state=options.seed,
        ).fit(x)
        fitted = time.perf_counter()
        found = disentanglement(vae.transform(x), factors, names, seed=options.seed)
        seconds = {"fit_seconds": fitted - started, "score_seconds": time.perf_counter() - fitted}
        report(beta=beta, seed=options.seed, **figures(found), **of_model(vae, x), **seconds)
    if options.figure:
        options.figure.parent.mkdir(parents=True, exist_ok=True)
        title = f"Sprites: VAE of {LATENTS} latents, β = {options.betas[-1]:g}"
        picture = disentanglement_figure(found.share, factor_names=names, title=title)
        options.figure.write_bytes(png_bytes(picture))


def figures(found: Disentanglement) -> dict[str, Any]:
    """The scores, each under its name."""
    return {
        "mig": found.mutual_information_gap,
        "sap": found.separated_attribute_predictability,
        "modularity": found.modularity,
        "dci_disentanglement": found.dci.disentanglement,
        "dci_completeness": found.dci.completeness,
        "dci_informativeness": found.dci.informativeness,
        "informativeness_by_chance": found.dci.chance,
        "factor_vae": found.factor_vae.score,
        "factor_vae_by_chance": found.factor_vae.chance,
    }


def of_model(vae: VAE, x: np.ndarray) -> dict[str, Any]:
    """What the separate codes cost: the rate, and the share of the pixels' variance that is lost."""
    rows = x[:: len(x) // 1000]
    spread = rows.reshape(len(rows), -1).astype(np.float64).var(axis=0).sum()
    return {
        "active": len(vae.latent_summary_.active),
        "rate": sum(vae.latent_summary_.rate),
        "unexplained_variance": vae.reconstruction_error(rows).mean() / spread,
        "epochs": len(vae.history_),
    }


if __name__ == "__main__":
    main()
