"""log p(x) of MNIST by published protocols: one stochastic layer, k = 5000 on all 10,000 test images.

    python benchmarks/mnist_evidence.py --protocol fast      VAE, dynamic; published 86.76 (Burda et al. 2016)
    python benchmarks/mnist_evidence.py --protocol best      the same, longer; published 84.45 (Exemplar VAE's table)
    python benchmarks/mnist_evidence.py --protocol iwae      IWAE, k = 5; published 85.54 (k = 50: 84.78)
    python benchmarks/mnist_evidence.py --protocol vamp      VampPrior, K = 500; published 82.43 (Tomczak, Welling 2018)
    python benchmarks/mnist_evidence.py --protocol mixture   a mixture of 500 Gaussians as prior
    python benchmarks/mnist_evidence.py --protocol flow      a spline flow as prior
    python benchmarks/mnist_evidence.py --protocol static    VAE, static; published 88.71 to 89.78

With --rows, --epochs, --images and --k it is short enough for a test, and its figure says nothing. --held-out 5000
scores training images that it kept out, to choose settings by; --set NAME=VALUE is a setting.

Dynamic: each grey level is a probability, drawn anew each epoch; the test images are drawn once (random_state=0).
Static: training images are drawn once too, from the same seed. All 60,000 training images, no augmentation, seed 0. The
network was chosen on the last 5,000 training images, held out for that; the test images were used once, here.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from common import arguments, report

import aevum
from aevum import open_data
from aevum.evaluation import evidence, latent_diagnostics

LATENT = 40
WIDTH = 512


@dataclass(frozen=True)
class Protocol:
    """What is trained, for how long, and what was published."""

    layers: int
    epochs: int
    published: str
    goal: float
    binarize: str = "dynamic"
    make: str = "VAE"
    more: Mapping[str, Any] = field(default_factory=dict)


PROTOCOLS = {
    "fast": Protocol(5, 60, "86.76 (VAE, 3280 passes)", 86.76),
    "best": Protocol(5, 95, "84.45 (plain VAE)", 84.45),
    "iwae": Protocol(5, 60, "85.54 (IWAE, k = 5)", 84.2, make="IWAE", more={"k": 5}),
    "vamp": Protocol(5, 95, "82.43 (VampPrior, K = 500)", 82.8, make="VampVAE", more={"components": 500}),
    "mixture": Protocol(5, 95, "none", 83.36, make="MixtureVAE", more={"components": 500}),
    "flow": Protocol(5, 95, "none", 83.36, make="FlowVAE", more={"transforms": 3, "flow_width": 128}),
    "static": Protocol(5, 25, "88.71 (VAE, Burda et al., appendix D); 89.78 (pythae)", 88.0, binarize="static"),
}


def main() -> None:
    options = arguments(
        __doc__,
        protocol={"choices": [*PROTOCOLS], "default": "fast"},
        k={"type": int, "default": None, "help": "draws at test; 5000"},
        images={"type": int, "default": None, "help": "test images; all"},
        rows={"type": int, "default": None, "help": "training images; all"},
        layers={"type": int, "default": None},
        batch={"type": int, "default": 250},
        set={"action": "append", "default": [], "metavar": "NAME=VALUE", "help": "instead of the protocol's own"},
        held_out={"type": int, "default": 0, "help": "keep the last so many training images out, and score those"},
        trace={"action": "store_true", "help": "each epoch's record as it ends, on standard error"},
        save={"default": None, "help": "a folder for the model"},
    )
    chosen = PROTOCOLS[options.protocol]
    train, test = (open_data("mnist", data_dir=options.data / "mnist", split=split).x for split in ("train", "test"))
    if options.held_out:
        train, test = train[: -options.held_out], train[-options.held_out :]
    train, images = train[: options.rows], test[: options.images]
    settings = {
        "likelihood": "bernoulli",
        "binarize": chosen.binarize,
        "network": "residual",
        "hidden": (WIDTH,) * (options.layers or chosen.layers),
        "epochs": options.epochs or chosen.epochs,
        "batch_size": options.batch,
        "learning_rate": 1e-3,
        "validation_fraction": 0.0,
        "random_state": options.seed,
        "callbacks": [traced] if options.trace else None,
    }
    more = {**chosen.more, **dict(map(parsed, options.set))}
    model = getattr(aevum, chosen.make)(LATENT, **{**settings, **more})
    started = time.perf_counter()
    model.fit(train)
    seconds = time.perf_counter() - started
    if options.save:
        model.save(options.save, overwrite=True)
    started = time.perf_counter()
    found = evidence(model, images, k=options.k or 5000)
    report(
        protocol=options.protocol,
        binarize=chosen.binarize,
        training_images=len(train),
        latents=LATENT,
        hidden=list(settings["hidden"]),
        batch=options.batch,
        epochs=settings["epochs"],
        parameters=more,
        held_out=options.held_out,
        seed=options.seed,
        k=found.k,
        images=len(images),
        negative_log_likelihood=-found.mean,
        monte_carlo_error=found.mean_standard_error,
        shortfall=found.shortfall,
        negative_elbo=-found.elbo,
        rate=found.rate.mean(),
        gap=found.gap,
        active_units=len(latent_diagnostics(model, images).active),
        training_seconds=seconds,
        evaluation_seconds=time.perf_counter() - started,
        published=chosen.published,
        goal=chosen.goal,
    )


def parsed(text: str) -> tuple[str, Any]:
    """A parameter's name and its value, a number or a name."""
    name, _, value = text.partition("=")
    for kind in (int, float):
        with suppress(ValueError):
            return name, kind(value)
    return name, value


def traced(record: dict[str, Any]) -> None:
    """Show an epoch's record."""
    print(json.dumps(record), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
