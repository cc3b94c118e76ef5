"""PCA, AE, DAE, VAE and CVAE on MNIST in one table, by aevum.evaluation.compare: 20 latents, the defaults, 10 epochs.

Trained on the 60,000 training images as grey levels (Gaussian with one learned σ), measured on the 10,000 test images.
Samples are compared on the features of a small classifier trained on the training labels.

    python benchmarks/mnist_compare.py [--data ../shared/data] [--html page.html]
"""

from __future__ import annotations

from pathlib import Path

from common import arguments, report

from aevum import AE, CVAE, DAE, VAE, open_data
from aevum.evaluation import compare
from aevum.reports import comparison_page


def main() -> None:
    options = arguments(
        __doc__,
        k={"type": int, "default": 500},
        latent={"type": int, "default": 20},
        rows={"type": int, "default": None, "help": "training images; all"},
        images={"type": int, "default": None, "help": "test images; all"},
        samples={"type": int, "default": 10_000, "help": "of each model"},
        html={"default": None, "help": "a page with pictures side by side"},
    )
    train, test = (open_data("mnist", data_dir=options.data / "mnist", split=split) for split in ("train", "test"))
    x, y = train.x[: options.rows], train.y[: options.rows]
    models = {
        kind.__name__: kind(options.latent, epochs=options.epochs or 10, random_state=options.seed).fit(x, y)
        for kind in (AE, DAE, VAE, CVAE)
    }
    found = compare(
        models,
        test.x[: options.images],
        test.y[: options.images],
        train=x,
        y_train=y,
        k=options.k,
        samples=options.samples,
        random_state=options.seed,
    )
    if options.html:
        Path(options.html).write_text(comparison_page(found, "mnist"), encoding="utf-8")
    print(found)
    report(**{entry.name: entry.to_dict() for entry in found.entries})


if __name__ == "__main__":
    main()
