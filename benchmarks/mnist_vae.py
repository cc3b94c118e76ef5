"""A 784-400-20 VAE with a soft Bernoulli on MNIST, 10 epochs: the setting of PyTorch's own example.

Prints the test loss (distortion + rate, nats per image, one draw of z, all 10,000 test images). PyTorch's example
reaches about 105.6 with it.

    python benchmarks/mnist_vae.py [--data ../shared/data/mnist]
"""

from __future__ import annotations

import time

from common import arguments, report

from aevum import VAE, open_data


def main() -> None:
    options = arguments(__doc__)
    train, test = (open_data("mnist", data_dir=options.data / "mnist", split=split) for split in ("train", "test"))
    started = time.perf_counter()
    vae = VAE(
        latent_dim=20,
        hidden=400,
        network="mlp",
        likelihood="bernoulli",
        binarize="soft",
        epochs=options.epochs or 10,
        learning_rate=4e-3,
        validation_fraction=0.0,
        random_state=options.seed,
    ).fit(train)
    seconds = time.perf_counter() - started
    distortion, rate = vae.distortion_and_rate(test)
    report(
        test_loss=distortion.mean() + rate.mean(),
        distortion=distortion.mean(),
        rate=rate.mean(),
        active_units=len(vae.latent_summary_.active),
        seconds=seconds,
        images_per_second=len(train) * len(vae.history_) / seconds,
        goal="test_loss <= 105.6",
    )


if __name__ == "__main__":
    main()
