"""Training speed and peak memory side by side with pythae 0.1.2: the same network, batch and epochs on MNIST.

Each run is a process of its own, in turn (pythae, ours in float32, ours with its defaults; repeated), so that a busy
machine slows all alike. Images per second are those of the median epoch after the first; memory is the process's peak.

    python -m venv pythae-env && pythae-env/bin/pip install torch==2.13.0 pythae==0.1.2
    python benchmarks/pythae_speed.py --pythae pythae-env/bin/python [--rounds 3] [--batch 128]
"""

from __future__ import annotations

import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from pythae_peer import LATENT, WIDTH, pythae_vae


def pythae_run(images: str, epochs: int, batch: int) -> dict[str, float]:
    """pythae's VAE with a 784-400-20 network (its own default has 512 in the middle), ReLU, in its own trainer."""
    import logging

    import numpy as np
    from pythae.pipelines import TrainingPipeline
    from pythae.trainers import BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    logging.disable(logging.CRITICAL)
    ends: list[float] = []

    class Clock(TrainingCallback):
        def on_epoch_begin(self, *args: object, **kwargs: object) -> None:
            ends.append(time.perf_counter())

        def on_train_end(self, *args: object, **kwargs: object) -> None:
            ends.append(time.perf_counter())

    x = np.load(images)[:, None].astype(np.float32) / 255
    with tempfile.TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder, num_epochs=epochs, per_device_train_batch_size=batch, learning_rate=1e-3, no_cuda=True
        )
        model = pythae_vae()
        TrainingPipeline(training_config=settings, model=model)(train_data=x, callbacks=[Clock()])
    return {"seconds": statistics.median(b - a for a, b in itertools.pairwise(ends[1:])), "images": len(x)}


def aevum_run(images: str, epochs: int, batch: int, precision: str) -> dict[str, float]:
    """The same network of the user's own modules, in our loop."""
    import numpy as np
    from torch import nn

    from aevum import VAE

    x = np.load(images)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(784, WIDTH), nn.ReLU())
    decoder = nn.Sequential(nn.Linear(LATENT, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 784))
    vae = VAE(
        latent_dim=LATENT,
        network=(encoder, decoder),
        likelihood="bernoulli",
        binarize="soft",
        epochs=epochs,
        batch_size=batch,
        learning_rate=1e-3,
        validation_fraction=0.0,
        precision=precision,
        random_state=0,
    ).fit(x)
    return {"seconds": statistics.median(r["seconds"] for r in vae.history_[1:]), "images": len(x)}


def worker(kind: str, images: str, epochs: int, batch: int) -> None:
    """One run; prints its figures."""
    made = pythae_run(images, epochs, batch) if kind == "pythae" else aevum_run(images, epochs, batch, kind)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"images_per_second": made["images"] / made["seconds"], "peak_mib": peak}))


def main() -> None:
    import numpy as np
    from common import arguments, report

    from aevum import open_data

    options = arguments(
        __doc__,
        pythae={"required": True, "help": "a Python that has pythae"},
        rounds={"type": int, "default": 3},
        batch={"type": int, "default": 128},
    )
    epochs = options.epochs or 4
    with tempfile.TemporaryDirectory() as folder:
        images = str(Path(folder) / "images.npy")
        np.save(images, open_data("mnist", data_dir=options.data / "mnist").x)
        found: dict[str, list[dict[str, float]]] = {"pythae": [], "float32": [], "auto": []}
        for _ in range(options.rounds):
            for kind, runs in found.items():
                python = options.pythae if kind == "pythae" else sys.executable
                command = [python, __file__, "--worker", kind, images, str(epochs), str(options.batch)]
                out = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ}).stdout
                runs.append(json.loads(out.strip().splitlines()[-1]))
    speed = {kind: [run["images_per_second"] for run in runs] for kind, runs in found.items()}
    report(
        batch=options.batch,
        **{f"{kind}_images_per_second": statistics.median(values) for kind, values in speed.items()},
        float32_ratio=statistics.median(a / b for a, b in zip(speed["float32"], speed["pythae"], strict=True)),
        default_ratio=statistics.median(a / b for a, b in zip(speed["auto"], speed["pythae"], strict=True)),
        **{f"{kind}_peak_mib": max(run["peak_mib"] for run in runs) for kind, runs in found.items()},
        goal="float32_ratio >= 1.5, default_ratio >= 2.5, memory no higher",
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        worker(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    else:
        main()
