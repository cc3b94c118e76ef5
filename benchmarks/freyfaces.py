"""Frey faces by the usual split: 1,565 training, 200 validation, 200 test images, discretized logistic, bits/dim.

The order is that of a random permutation (seed 0), as in the papers that report about 4.6 (a split in time would be
harder). The 200 validation images choose the epoch. k = 5000 at test. `aevum reproduce frey-faces`, with more options.

    python benchmarks/freyfaces.py [--data ../shared/data]
"""

from __future__ import annotations

from common import arguments, report

from aevum.protocols.faces import frey


def main() -> None:
    options = arguments(
        __doc__,
        k={"type": int, "default": 5000},
        latent={"type": int, "default": 40},
        hidden={"default": "512,512"},
        likelihood={"default": "discretized_logistic:emitted"},
        learning_rate={"type": float, "default": 1e-3},
        batch={"type": int, "default": 100},
        network={"default": "residual"},
    )
    found = frey(
        options.data,
        seed=options.seed,
        epochs=options.epochs or 200,
        k=options.k,
        latents=options.latent,
        hidden=tuple(map(int, options.hidden.split(","))),
        likelihood=options.likelihood,
        learning_rate=options.learning_rate,
        batch=options.batch,
        network=options.network,
    )
    report(**found, goal="bits_per_dim <= 4.5; published about 4.6")


if __name__ == "__main__":
    main()
