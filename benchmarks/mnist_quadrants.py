"""MNIST quadrants, one observed: log p(the other three | lower left), by a CVAE (Sohn, Lee, Yan 2015: 63.91).

The images are binarized by draws of their grey levels: the training images ten times (seeds 1 to 10), each draw a row
of its own, the test images once (seed 0). What is given is the lower left quadrant's 196 binary pixels; scored are the
other 588, with k = 5000 draws from q(z|x, y), on all 10,000 test images. Sohn et al. do not say how they binarize.

    python benchmarks/mnist_quadrants.py [--data ../shared/data]
"""

from __future__ import annotations

import time

import numpy as np
from common import arguments, report
from numpy.typing import NDArray

from aevum import CVAE, open_data
from aevum.evaluation import evidence

Bits = NDArray[np.uint8]
DRAWS, EPOCHS = 10, 3


def quadrants(x: NDArray[np.uint8], seed: int) -> tuple[Bits, Bits]:
    """Binary images drawn from the grey levels, as (the three other quadrants, the lower left one)."""
    drawn = (np.random.RandomState(seed).random_sample(x.shape) * 255 < x).astype(np.uint8)
    given = np.zeros((28, 28), bool)
    given[14:, :14] = True
    return drawn[:, ~given], drawn[:, given]


def main() -> None:
    options = arguments(
        __doc__,
        k={"type": int, "default": 5000},
        layers={"type": int, "default": 4},
        latent={"type": int, "default": 40},
        prior={"default": "learned"},
        images={"type": int, "default": None, "help": "test images; all"},
        rows={"type": int, "default": None, "help": "training images; all"},
        validation={"action": "store_true", "help": "test on the last 5,000 training images, held out"},
    )
    train, test = (open_data("mnist", data_dir=options.data / "mnist", split=split).x for split in ("train", "test"))
    if options.validation:
        train, test = train[:-5000], train[-5000:]
    train = train[: options.rows]
    parts = [quadrants(train, seed) for seed in range(1, DRAWS + 1)]
    x, y = (np.concatenate(part) for part in zip(*parts, strict=True))
    started = time.perf_counter()
    cvae = CVAE(
        options.latent,
        prior=options.prior,
        network="residual",
        hidden=(512,) * options.layers,
        epochs=options.epochs or EPOCHS,
        batch_size=250,
        validation_fraction=0.0,
        random_state=options.seed,
    ).fit(x, y.astype(np.float32))
    seconds = time.perf_counter() - started
    rest, given = quadrants(test, 0)
    rest, given = rest[: options.images], given[: options.images]
    found = evidence(cvae, rest, given.astype(np.float32), k=options.k)
    report(
        training_images=len(train),
        draws_of_each=DRAWS,
        epochs=options.epochs or EPOCHS,
        latents=options.latent,
        layers=options.layers,
        prior=options.prior,
        seed=options.seed,
        k=found.k,
        images=len(rest),
        negative_conditional_log_likelihood=-found.mean,
        negative_elbo=-found.elbo,
        shortfall=found.shortfall,
        training_seconds=seconds,
        goal="<= 63.91",
    )


if __name__ == "__main__":
    main()
