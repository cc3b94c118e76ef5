"""Seconds of training until a VAE 784-400-20 has a test loss, beside PyTorch's example and pythae 0.1.2.

The loss is that of PyTorch's example: cross-entropy with the grey values of MNIST as targets, plus the rate, nats an
image; the example has 105.6 on the test images after its ten epochs. Three trainings in turn, each a process of its
own, all with the same network, and timed without what they spend on test images:

- the example's loop: Adam at 1e-3, batches of 128 from a DataLoader, epoch after epoch until the loss is reached;
- pythae's trainer with its Adam at 1e-3 and batches of 128, likewise;
- ours: as few epochs as reach it, with the batch and the rate below. They, and the number of epochs, were chosen on
  the last 10,000 of the training images, by a training on the others (``--choose`` prints that table).

    python benchmarks/seconds_to.py [--pythae ENV/bin/python] [--rounds 3] [--loss 105.6] [--threads 1]
"""

from __future__ import annotations

import contextlib
import json
import math
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from pythae_peer import LATENT, WIDTH, mlp, pythae_vae

BATCH, RATE, EPOCHS = 64, 1e-2, 2
CHOICES = [
    (1, 32, 1e-2), (2, 32, 4e-3), (2, 64, 4e-3), (2, 64, 6e-3), (2, 64, 8e-3), (2, 64, 1e-2), (2, 64, 1.5e-2),
    (2, 80, 1e-2), (2, 80, 1.2e-2), (2, 80, 1.5e-2), (2, 96, 1.2e-2), (2, 96, 2e-2), (2, 128, 1.6e-2), (3, 64, 4e-3),
    (3, 128, 8e-3), (3, 128, 1e-2), (3, 256, 1.6e-2),
]  # fmt: skip
MOST = 40


def loss_of(logits: Any, x: Any, mean: Any, log_variance: Any) -> Any:
    """The sum over rows of cross-entropy and rate."""
    from torch.nn.functional import binary_cross_entropy_with_logits

    rate = 0.5 * (mean**2 + log_variance.exp() - 1.0 - log_variance).sum()
    return binary_cross_entropy_with_logits(logits, x, reduction="sum") + rate


def example(train: Any, test: Any, loss: float) -> dict[str, float]:
    """PyTorch's example, its loop and its network."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    class Example(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc1, self.fc21, self.fc22 = nn.Linear(784, WIDTH), nn.Linear(WIDTH, LATENT), nn.Linear(WIDTH, LATENT)
            self.fc3, self.fc4 = nn.Linear(LATENT, WIDTH), nn.Linear(WIDTH, 784)

        def forward(self, x):  # type: ignore[no-untyped-def]
            h = self.fc1(x).relu()
            mean, log_variance = self.fc21(h), self.fc22(h)
            z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
            return self.fc4(self.fc3(z).relu()), x, mean, log_variance

    x, unseen = (torch.from_numpy(each).flatten(1).float() / 255 for each in (train, test))
    model = Example()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(x), batch_size=128, shuffle=True)
    seconds, epochs, found = 0.0, 0, math.inf
    while found > loss and epochs < MOST:
        epochs += 1
        started = time.perf_counter()
        for (batch,) in loader:
            optimizer.zero_grad()
            loss_of(*model(batch)).backward()
            optimizer.step()
        seconds += time.perf_counter() - started
        with torch.no_grad():
            found = float(loss_of(*model(unseen))) / len(unseen)
    return {"seconds": seconds, "loss": found, "epochs": epochs}


def pythae(train: Any, test: Any, loss: float) -> dict[str, float]:
    """pythae's trainer; the test loss is looked at, off the clock, after each epoch."""
    import logging

    import numpy as np
    import torch
    from pythae.pipelines import TrainingPipeline
    from pythae.trainers import BaseTrainerConfig
    from pythae.trainers.training_callbacks import TrainingCallback

    logging.disable(logging.CRITICAL)
    x, unseen = (each[:, None].astype(np.float32) / 255 for each in (train, test))
    rows = torch.from_numpy(unseen)
    model = pythae_vae()
    spent, begun, losses = [], [], []

    class ReachedError(Exception):
        """The loss is reached: pythae's trainer has no other way to stop."""

    class Clock(TrainingCallback):
        def on_epoch_begin(self, *args: object, **kwargs: object) -> None:
            begun.append(time.perf_counter())

        def on_epoch_end(self, *args: object, **kwargs: object) -> None:
            spent.append(time.perf_counter() - begun[-1])
            with torch.no_grad():
                encoded = model.encoder(rows)
                mean, log_variance = encoded.embedding, encoded.log_covariance
                z = mean + torch.randn_like(mean) * (0.5 * log_variance).exp()
                logits = model.decoder(z).reconstruction.flatten(1).logit(eps=1e-7)
                losses.append(float(loss_of(logits, rows.flatten(1), mean, log_variance)) / len(rows))
            if losses[-1] <= loss:
                raise ReachedError

    with tempfile.TemporaryDirectory() as folder:
        settings = BaseTrainerConfig(
            output_dir=folder, num_epochs=MOST, per_device_train_batch_size=128, learning_rate=1e-3, no_cuda=True
        )
        with contextlib.suppress(ReachedError):
            TrainingPipeline(training_config=settings, model=model)(train_data=x, callbacks=[Clock()])
    return {"seconds": sum(spent), "loss": losses[-1], "epochs": len(losses)}


def aevum(train: Any, test: Any, epochs: int = EPOCHS, batch: int = BATCH, rate: float = RATE) -> dict[str, float]:
    """Ours: the whole of ``fit`` is timed."""
    from torch import nn

    from aevum import VAE

    encoder, decoder = (nn.Sequential(*layers) for layers in mlp())
    vae = VAE(
        latent_dim=LATENT,
        network=(encoder, decoder),
        likelihood="bernoulli",
        binarize="soft",
        epochs=epochs,
        batch_size=batch,
        learning_rate=rate,
        validation_fraction=0.0,
    )
    started = time.perf_counter()
    vae.fit(train)
    return {"seconds": time.perf_counter() - started, "loss": -vae.score(test), "epochs": epochs}


def worker(kind: str, folder: str, loss: float, threads: int) -> None:
    """One training; prints its figures."""
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    train, test = (np.load(Path(folder) / f"{name}.npy") for name in ("train", "test"))
    if kind == "aevum":
        print(json.dumps(aevum(train, test)))
    else:
        print(json.dumps({"example": example, "pythae": pythae}[kind](train, test, loss)))


def main() -> None:
    import numpy as np
    from common import arguments, printed, processor, report

    from aevum import open_data

    options = arguments(
        __doc__,
        pythae={"help": "a Python that has pythae; without it that column is left out"},
        rounds={"type": int, "default": 3},
        loss={"type": float, "default": 105.6},
        threads={"type": int, "default": 1},
        rows={"type": int, "default": 60_000, "help": "of the training images"},
        choose={"action": "store_true", "help": "instead: settings on training images that are held back"},
    )
    train = open_data("mnist", data_dir=options.data / "mnist").x[: options.rows]
    test = open_data("mnist", split="test", data_dir=options.data / "mnist").x
    if options.choose:
        import torch

        torch.set_num_threads(options.threads)
        for choice in CHOICES:
            found = aevum(train[: len(train) * 5 // 6], train[len(train) * 5 // 6 :], *choice)
            print(
                "{} epochs, batches of {}, rate {:g}:".format(*choice), "{loss:.2f} in {seconds:.1f} s".format(**found)
            )
        return
    kinds = ["example", *(["pythae"] if options.pythae else []), "aevum"]
    found: dict[str, list[dict[str, float]]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "train.npy", train)
        np.save(Path(folder) / "test.npy", test)
        for _ in range(options.rounds):
            for kind, runs in found.items():
                python = options.pythae if kind == "pythae" else sys.executable
                command = [python, __file__, "--worker", kind, folder, str(options.loss), str(options.threads)]
                runs.append(printed(command))
    seconds = {kind: [run["seconds"] for run in runs] for kind, runs in found.items()}
    report(
        processor=processor(),
        threads=options.threads,
        **{f"{kind}_seconds": statistics.median(each) for kind, each in seconds.items()},
        **{f"{kind}_loss": statistics.median(run["loss"] for run in runs) for kind, runs in found.items()},
        **{f"{kind}_epochs": statistics.median(run["epochs"] for run in runs) for kind, runs in found.items()},
        **{
            f"{kind}_ratio": statistics.median(a / b for a, b in zip(seconds[kind], seconds["aevum"], strict=True))
            for kind in kinds[:-1]
        },
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        kind, folder, loss, threads = sys.argv[2:]
        worker(kind, folder, float(loss), int(threads))
    else:
        main()
