"""log p(x) of MNIST images by importance sampling, side by side with pythae 0.1.2's get_nll: same network, same k.

Each run is a process of its own, in turn, so that a busy machine slows all alike; ratios are pairwise in a round, and
their median is given. pythae takes as many draws at once as its documentation's default says (100), or as many as are
asked for; aevum once with its defaults (bfloat16 products where the processor gains, corrected in float32), once in
float32. The weights are random but the same in each run, since speed does not depend on them.

    python -m venv pythae-env && pythae-env/bin/pip install torch==2.13.0 pythae==0.1.2
    python benchmarks/pythae_nll.py --pythae pythae-env/bin/python [--rounds 5] [--k 5000]
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pythae_peer import LATENT, mlp, pythae_vae


def pythae_run(images: str, k: int) -> float:
    """Images a second of pythae's own estimate."""
    import logging

    import numpy as np
    import torch

    logging.disable(logging.CRITICAL)
    x = torch.from_numpy(np.load(images)[:, None].astype(np.float32))
    model = pythae_vae().eval()
    with torch.no_grad():
        model.get_nll(x[:5], n_samples=k, batch_size=100)
        started = time.perf_counter()
        model.get_nll(x, n_samples=k, batch_size=100)
    return len(x) / (time.perf_counter() - started)


def aevum_run(images: str, k: int, precision: str) -> float:
    """Images a second of the same network of the user's own modules."""
    import numpy as np
    from torch import nn

    from aevum import VAE

    x = np.load(images)
    encoder, decoder = (nn.Sequential(*layers) for layers in mlp())
    vae = VAE(LATENT, network=(encoder, decoder), likelihood="bernoulli", epochs=1, validation_fraction=0.0).fit(x)
    vae.importance_sample(x[:5], k=k, precision=precision)
    started = time.perf_counter()
    vae.importance_sample(x, k=k, precision=precision)
    return len(x) / (time.perf_counter() - started)


def main() -> None:
    import numpy as np
    from common import arguments, printed, report

    from aevum import open_data

    options = arguments(
        __doc__,
        pythae={"required": True, "help": "a Python that has pythae"},
        rounds={"type": int, "default": 5},
        k={"type": int, "default": 5000},
        images={"type": int, "default": None, "help": "how many; enough for a few seconds a run by default"},
    )
    test = open_data("mnist", data_dir=options.data / "mnist", split="test")
    count = options.images or max(20, min(2000, 400_000 // options.k))
    found: dict[str, list[float]] = {"pythae": [], "auto": [], "float32": []}
    with tempfile.TemporaryDirectory() as folder:
        images = Path(folder) / "images.npy"
        np.save(images, (test.x[:count] > 127).astype(np.uint8))
        for _ in range(options.rounds):
            for kind, figures in found.items():
                python = options.pythae if kind == "pythae" else sys.executable
                command = [python, __file__, "--worker", kind, str(images), str(options.k)]
                figures.append(printed(command))
    ratios = {
        f"ratio_{kind}": statistics.median(b / a for a, b in zip(found["pythae"], found[kind], strict=True))
        for kind in ("auto", "float32")
    }
    speeds = {f"{kind}_images_per_second": statistics.median(figures) for kind, figures in found.items()}
    report(k=options.k, images=count, rounds=options.rounds, **speeds, **ratios, goal="ratio_auto >= 10")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        kind, images, k = sys.argv[2:5]
        print(json.dumps(pythae_run(images, int(k)) if kind == "pythae" else aevum_run(images, int(k), kind)))
    else:
        main()
