"""A deep auto-encoder of MNIST with 30 codes: 784-512-…-512-30 and back, in residual blocks.

Prints the squared error per test image (sum over the 784 pixels in [0, 1], all 10,000 test images); Hinton and
Salakhutdinov (Science 2006) report 3.00 for 784-1000-500-250-30, which ``--network mlp`` is (`aevum reproduce
mnist-ae`), and 13.87 for PCA. Without a regulariser such networks overfit (training 3.0, test 4.2 after 20 epochs of
theirs). Here they see slightly moved copies of the training images beside the originals: each rotated, scaled, sheared
and shifted a little, at random but for the seed.

    python benchmarks/mnist_ae.py [--network residual] [--copies 7] [--epochs 4]
"""

from __future__ import annotations

from common import arguments, report

from aevum.protocols.digits import HIDDEN, autoencoder


def main() -> None:
    options = arguments(
        __doc__,
        copies={"type": int, "default": 7, "help": "moved copies of the training set"},
        network={"choices": [*HIDDEN], "default": "residual"},
    )
    found = autoencoder(
        options.data, seed=options.seed, network=options.network, copies=options.copies, epochs=options.epochs or 4
    )
    report(**found, goal="test_squared_error <= 2.5 within 600 s")


if __name__ == "__main__":
    main()
