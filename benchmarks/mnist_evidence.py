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
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from common import arguments, report

from aevum.protocols import protocol
from aevum.protocols.digits import evidence_of

# Those that were published, by their names in `aevum reproduce`, and two priors that were not.
PUBLISHED = {
    "fast": "mnist-nll",
    "best": "mnist-nll-long",
    "iwae": "mnist-nll-iwae",
    "vamp": "mnist-nll-vamp",
    "static": "mnist-nll-static",
}
MORE: Mapping[str, Mapping[str, Any]] = {
    "mixture": {"make": "MixtureVAE", "epochs": 95, "more": {"components": 500}},
    "flow": {"make": "FlowVAE", "epochs": 95, "more": {"transforms": 3, "flow_width": 128}},
}
GOALS = {"fast": 86.76, "best": 84.45, "iwae": 84.2, "vamp": 82.8, "mixture": 83.36, "flow": 83.36, "static": 88.0}


def main() -> None:
    options = arguments(
        __doc__,
        protocol={"choices": [*GOALS], "default": "fast"},
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
    name = options.protocol
    published = protocol(PUBLISHED[name]) if name in PUBLISHED else None
    settings = dict(published.settings if published else MORE[name])
    settings["more"] = {**settings.get("more", {}), **dict(map(parsed, options.set))}
    given = {name: getattr(options, name) for name in ("epochs", "layers", "k", "rows", "images")}
    found = evidence_of(
        options.data,
        **{**settings, **{name: value for name, value in given.items() if value is not None}},
        seed=options.seed,
        batch=options.batch,
        held_out=options.held_out,
        callbacks=[traced] if options.trace else None,
        save=options.save,
    )
    report(protocol=name, **found, published=published.published if published else None, goal=GOALS[name])


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
