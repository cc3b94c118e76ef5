"""A 784-400-20 VAE with a soft Bernoulli on MNIST, 10 epochs: the setting of PyTorch's own example.

Prints the test loss (distortion + rate, nats per image, one draw of z, all 10,000 test images). PyTorch's example
reaches about 105.6 with it. `aevum reproduce mnist-vae`, as a line of JSON.

    python benchmarks/mnist_vae.py [--data ../shared/data/mnist]
"""

from __future__ import annotations

from common import arguments, report

from aevum.protocols.digits import vae


def main() -> None:
    options = arguments(__doc__)
    report(**vae(options.data, seed=options.seed, epochs=options.epochs or 10), goal="test_loss <= 105.6")


if __name__ == "__main__":
    main()
