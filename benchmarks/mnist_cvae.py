"""Does a CVAE draw the digit it is asked for? A classifier trained on real MNIST digits judges.

For each digit c, ``--samples`` pictures are drawn: z from p(z|c), then x from p(x|z,c), as grey levels 0 to 255. The
figure is the share that the classifier calls c; ``means`` are the same with the likelihood's mean for x. The classifier
is scikit-learn's MLP, trained on the real training images alone; the goal is its accuracy on the real test images.

Draws that are right could still be one picture a digit. So they are also compared with the test images, on the features
of another classifier (Fréchet distance, precision, recall; as many real training images beside, as the level to reach),
and log p(x|y) of the first ``--images`` test images is given, which such a model would have low.

    python benchmarks/mnist_cvae.py [--picture digits.png]
    python benchmarks/mnist_cvae.py --protocol beta3    # soft Bernoulli at β = 3, the goal of which were the means
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from common import arguments, report
from numpy.typing import NDArray
from sklearn.neural_network import MLPClassifier

from aevum import CVAE, open_data
from aevum.evaluation import classifier_features, evidence, sample_quality
from aevum.plots import class_rows_figure

Pictures = NDArray[Any]
PROTOCOLS: dict[str, dict[str, Any]] = {
    # As pixels of 256 grey levels, with a prior that leaves no gaps between the codes of a class.
    "draws": {
        "latent_dim": 5,
        "prior": "flow",
        "likelihood": "discretized_logistic:emitted",
        "network": "residual",
        "hidden": (512,) * 3,
        "batch_size": 250,
        "learning_rate": 1e-3,
        "epochs": 10,
        "validation_fraction": 0.0,
    },
    # At β = 1 this one's codes of a class leave gaps in N(0, I), and 93 % of its means are called right.
    "beta3": {
        "latent_dim": 20,
        "likelihood": "bernoulli",
        "binarize": "soft",
        "network": "mlp",
        "beta": 3.0,
        "learning_rate": 2e-3,
        "epochs": 10,
    },
}
GOALS = {"draws": "agreement >= classifier_accuracy_on_real", "beta3": "agreement_of_means >= 0.97"}
DIGITS, SHOWN = 10, 10


def main() -> None:
    options = arguments(
        __doc__,
        protocol={"choices": tuple(PROTOCOLS), "default": "draws"},
        samples={"type": int, "default": 1000, "help": "pictures a digit"},
        rows={"type": int, "default": None, "help": "training images; all"},
        latent={"type": int, "default": None, "help": "latents; the protocol's own number"},
        k={"type": int, "default": 100, "help": "draws of z for log p(x|y)"},
        images={"type": int, "default": 1000, "help": "test images for log p(x|y)"},
        picture={"type": Path, "default": None, "help": f"write {SHOWN} draws of each digit to this .png"},
    )
    train, test = (open_data("mnist", data_dir=options.data / "mnist", split=split) for split in ("train", "test"))
    x, y = train.x[: options.rows], train.y[: options.rows]
    judge = MLPClassifier((256,), early_stopping=True, max_iter=40, random_state=0).fit(rows(x), y)
    chosen = {"epochs": options.epochs, "latent_dim": options.latent}
    settings = PROTOCOLS[options.protocol] | {name: value for name, value in chosen.items() if value}
    started = time.perf_counter()
    cvae = CVAE(**settings, random_state=options.seed).fit(x, y)
    seconds = time.perf_counter() - started
    drawn = {
        mean: [cvae.sample(options.samples, y=digit, random_state=digit, mean=mean) for digit in range(DIGITS)]
        for mean in (True, False)
    }
    if options.picture is not None:
        shown = {str(digit): pictures[:SHOWN] for digit, pictures in enumerate(drawn[False])}
        class_rows_figure(shown, limits=(0.0, 255.0)).savefig(options.picture)
    report(
        **agreement(judge, drawn[False], "agreement"),
        **agreement(judge, drawn[True], "agreement_of_means"),
        classifier_accuracy_on_real=judge.score(rows(test.x), test.y),
        **variety(x, y, test.x, np.concatenate(drawn[False])),
        **log_evidence(cvae, test.x[: options.images], test.y[: options.images], options.k),
        protocol=options.protocol,
        latents=settings["latent_dim"],
        epochs=len(cvae.history_),
        seconds=seconds,
        goal=GOALS[options.protocol],
    )


def agreement(judge: MLPClassifier, drawn: list[Pictures], name: str) -> dict[str, float]:
    """The share of pictures that are called the digit they were asked for; of the digit with the least, too."""
    right = [float((judge.predict(rows(pictures)) == digit).mean()) for digit, pictures in enumerate(drawn)]
    worst = int(np.argmin(right))
    return {name: float(np.mean(right)), f"{name}_worst": right[worst], f"{name}_worst_digit": worst}


def variety(x: Pictures, y: Pictures, test: Pictures, drawn: Pictures) -> dict[str, float]:
    """Draws beside test images, and as many real training images beside them."""
    features = classifier_features(x, y)
    found: dict[str, float] = {}
    real = x[np.random.default_rng(0).permutation(len(x))[: len(drawn)]]
    for name, pictures in (("", drawn), ("_of_real", real)):
        quality = sample_quality(test, pictures, features=features)
        found |= {
            f"frechet{name}": quality.frechet,
            f"precision{name}": quality.neighbours.precision,
            f"recall{name}": quality.neighbours.recall,
        }
    return found


def log_evidence(cvae: CVAE, x: Pictures, y: Pictures, k: int) -> dict[str, float]:
    """−log p(x|y) by importance weights, where the likelihood is a mass."""
    if cvae.binarize == "soft":
        return {}
    found = evidence(cvae, x, y, k=k)
    return {"negative_log_likelihood": -found.mean, "bits_per_dim": found.bits_per_dim}


def rows(x: Pictures) -> NDArray[np.float64]:
    return np.asarray(x, dtype=np.float64).reshape(len(x), -1) / 255.0


if __name__ == "__main__":
    main()
