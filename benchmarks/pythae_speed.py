"""Training speed and peak memory side by side with pythae 0.1.2: the same network, batch, epochs and images.

The MLP is 784-400-20-400-784 on MNIST's training images; the convolutional network has four strided layers each way,
for images of 64 × 64 in three colours, here of random pixels.

Each run is a process of its own, in turn (pythae, ours in float32, ours with its defaults; repeated), so that a busy
machine slows all alike. Images per second are those of the median epoch after the first; memory is the process's peak.

    python -m venv pythae-env && pythae-env/bin/pip install torch==2.13.0 pythae==0.1.2
    python benchmarks/pythae_speed.py --pythae pythae-env/bin/python [--model mlp|convolutional] [--rounds 3]
        [--batch 128] [--device cpu|cuda]
"""

from __future__ import annotations

import itertools
import json
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

from pythae_peer import CODE, LATENT, convolutions, mlp, pythae_convolutional_vae, pythae_vae


def pythae_run(images: str, epochs: int, batch: int, device: str) -> dict[str, float]:
    """pythae's VAE in its own trainer: with a 784-400-20 network (its own default has 512 in the middle), or with
    convolutions where the images have colours.
    """
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

    x = np.load(images)
    colours = x.ndim == 4
    x = (np.moveaxis(x, -1, 1) if colours else x[:, None]).astype(np.float32) / 255
    with tempfile.TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder,
            num_epochs=epochs,
            per_device_train_batch_size=batch,
            learning_rate=1e-3,
            no_cuda=device == "cpu",
        )
        model = pythae_convolutional_vae() if colours else pythae_vae()
        TrainingPipeline(training_config=settings, model=model)(train_data=x, callbacks=[Clock()])
    return {"seconds": statistics.median(b - a for a, b in itertools.pairwise(ends[1:])), "images": len(x)}


def aevum_run(images: str, epochs: int, batch: int, device: str, precision: str) -> dict[str, float]:
    """The same network of the user's own modules, in our loop."""
    import numpy as np
    from torch import nn

    from aevum import VAE

    class Moved(nn.Module):
        """Its dimensions in another order."""

        def __init__(self, *order: int) -> None:
            super().__init__()
            self.order = order

        def forward(self, x):  # type: ignore[no-untyped-def]
            return x.permute(self.order)

    x = np.load(images)
    colours = x.ndim == 4
    inward, outward = convolutions() if colours else mlp()
    if colours:  # which lie last in ours
        inward, outward = [Moved(0, 3, 1, 2), *inward], [*outward, Moved(0, 2, 3, 1)]
    vae = VAE(
        latent_dim=CODE if colours else LATENT,
        network=(nn.Sequential(*inward), nn.Sequential(*outward)),
        likelihood="bernoulli",
        binarize="soft",
        epochs=epochs,
        batch_size=batch,
        learning_rate=1e-3,
        validation_fraction=0.0,
        precision=precision,
        device=device,
        random_state=0,
    ).fit(x)
    return {"seconds": statistics.median(r["seconds"] for r in vae.history_[1:]), "images": len(x)}


def worker(kind: str, images: str, epochs: int, batch: int, device: str) -> None:
    """One run; prints its figures."""
    if kind == "pythae":
        made = pythae_run(images, epochs, batch, device)
    else:
        made = aevum_run(images, epochs, batch, device, kind)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"images_per_second": made["images"] / made["seconds"], "peak_mib": peak}))


def main() -> None:
    import numpy as np
    from common import arguments, printed, processor, report

    from aevum import open_data

    options = arguments(
        __doc__,
        pythae={"required": True, "help": "a Python that has pythae"},
        model={"choices": ["mlp", "convolutional"], "default": "mlp"},
        rounds={"type": int, "default": 3},
        batch={"type": int, "default": 128},
        device={"default": "cpu"},
    )
    epochs = options.epochs or 4
    with tempfile.TemporaryDirectory() as folder:
        images = str(Path(folder) / "images.npy")
        if options.model == "mlp":
            np.save(images, open_data("mnist", data_dir=options.data / "mnist").x)
        else:
            shape = (20 * options.batch, 64, 64, 3)
            np.save(images, np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8))
        found: dict[str, list[dict[str, float]]] = {"pythae": [], "float32": [], "auto": []}
        for _ in range(options.rounds):
            for kind, runs in found.items():
                python = options.pythae if kind == "pythae" else sys.executable
                words = [kind, images, str(epochs), str(options.batch), options.device]
                command = [python, __file__, "--worker", *words]
                runs.append(printed(command))
    speed = {kind: [run["images_per_second"] for run in runs] for kind, runs in found.items()}
    report(
        processor=processor(),
        device=options.device,
        model=options.model,
        batch=options.batch,
        **{f"{kind}_images_per_second": statistics.median(values) for kind, values in speed.items()},
        float32_ratio=statistics.median(a / b for a, b in zip(speed["float32"], speed["pythae"], strict=True)),
        default_ratio=statistics.median(a / b for a, b in zip(speed["auto"], speed["pythae"], strict=True)),
        **{f"{kind}_peak_mib": max(run["peak_mib"] for run in runs) for kind, runs in found.items()},
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        kind, images, epochs, batch, device = sys.argv[2:]
        worker(kind, images, int(epochs), int(batch), device)
    else:
        main()
