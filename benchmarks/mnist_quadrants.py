"""MNIST quadrants, one observed: log p(the other three | lower left), by a CVAE (Sohn, Lee, Yan 2015: 63.91).

The images are binarized by draws of their grey levels: the training images ten times (seeds 1 to 10), each draw a row
of its own, the test images once (seed 0). What is given is the lower left quadrant's 196 binary pixels; scored are the
other 588, with k = 5000 draws from q(z|x, y), on all 10,000 test images. Sohn et al. do not say how they binarize.
`aevum reproduce mnist-quadrants`, with more options.

    python benchmarks/mnist_quadrants.py [--data ../shared/data]
"""

from __future__ import annotations

from common import arguments, report

from aevum.protocols.digits import quadrants_given_one


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
    found = quadrants_given_one(
        options.data,
        seed=options.seed,
        epochs=options.epochs or 3,
        layers=options.layers,
        latents=options.latent,
        prior=options.prior,
        k=options.k,
        validation=options.validation,
        rows=options.rows,
        images=options.images,
    )
    report(**found, goal="<= 63.91")


if __name__ == "__main__":
    main()
