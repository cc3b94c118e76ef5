"""What a learned prior gains on small data: log p(x) of held-out rows under VAE, MixtureVAE, VampVAE and FlowVAE.

    python benchmarks/learned_priors.py [--sets digits wine moons] [--latents 2 8] [--seeds 3]

Everything by default but the latents, so each model runs as long as its own "auto" says. A fifth of the rows, another
one for each seed, is kept out of the fit; their log p(x) by importance sampling, k = 1000, in nats a row. One line for
each fit, and at the end the medians over the seeds of what each model's log p(x) is above the VAE's of the same seed.
"""

from __future__ import annotations

import itertools
import sys
import time
import warnings

import numpy as np
from common import arguments, report
from sklearn.datasets import make_moons

from aevum import VAE, FlowVAE, MixtureVAE, VampVAE, open_data
from aevum.evaluation import evidence

MODELS = (VAE, MixtureVAE, VampVAE, FlowVAE)
SETS = ("digits", "wine", "moons")


def main() -> None:
    options = arguments(
        __doc__,
        sets={"nargs": "+", "choices": SETS, "default": list(SETS)},
        latents={"nargs": "+", "type": int, "default": [2, 8]},
        seeds={"type": int, "default": 3},
        k={"type": int, "default": 1000},
    )
    found: dict[str, list[float]] = {}
    for name, latents, seed in itertools.product(options.sets, options.latents, range(options.seeds)):
        values = {kind.__name__: measured(kind, name, latents, seed, options) for kind in MODELS}
        standard = values.pop("VAE")
        found.setdefault(f"{name} {latents} VAE", []).append(standard)
        for model, value in values.items():
            found.setdefault(f"{name} {latents} {model} above", []).append(value - standard)
    report(k=options.k, seeds=options.seeds, **{name: float(np.median(values)) for name, values in found.items()})


def measured(kind, name: str, latents: int, seed: int, options) -> float:
    """The mean log p(x) of the rows kept out."""
    x = rows(name)
    order = np.random.RandomState(seed).permutation(len(x))
    kept = len(x) // 5
    more = {} if options.epochs is None else {"epochs": options.epochs}
    started = time.perf_counter()
    model = kind(latents, random_state=seed, **more).fit(x[order[kept:]])
    seconds = time.perf_counter() - started
    value = evidence(model, x[order[:kept]], k=options.k).mean
    print(f"{name} {latents} {seed} {kind.__name__}: {value:.2f} nats, {seconds:.0f} s", file=sys.stderr, flush=True)
    return value


def rows(name: str):
    """A data set's rows; moons are two half circles with noise, in ten columns that are turned into each other."""
    if name != "moons":
        return open_data(name).x
    flat, _ = make_moons(1000, noise=0.05, random_state=0)
    turn = np.random.RandomState(0).standard_normal((2, 10))
    noise = 0.05 * np.random.RandomState(1).standard_normal((1000, 10))
    return (flat @ turn + noise).astype(np.float32)


if __name__ == "__main__":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        main()
