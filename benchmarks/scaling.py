"""What a step costs by width, batch and processes: a cost model, fitted to measured points, held to one it hasn't seen.

For a network of W weights, B rows a step and P processes,

    t = a + b · 6WB/P + c · B/P + d · W + (e + f · 4W) if P > 1

a: what a step costs whatever it computes; b: seconds a multiply or add of forward and backward pass; c: seconds a row,
of the likelihood and the layers' passes; d: seconds a weight, of the optimizer; e, f: the latency of the sums over
processes, and seconds a byte of gradients. A VAE 784-w-w-20 of random rows, one thread a process, gloo; of a point the
least seconds a step of its epochs. The terms are at least zero, and relative errors are least in the mean square.
"""

from __future__ import annotations

import itertools
import json
import os
import socket
import subprocess
import sys
from typing import Any

import numpy as np
from common import arguments, report
from scipy.optimize import nnls

WIDTHS, BATCHES = (128, 256, 512), (64, 256, 512)
UNSEEN = (384, 384)
STEPS, EPOCHS = 8, 8
NAMES = ("a_seconds", "b_seconds_a_flop", "c_seconds_a_row", "d_seconds_a_weight", "e_seconds", "f_seconds_a_byte")


def measure(points: list[tuple[int, int]]) -> list[tuple[int, float]]:
    """Weights, and seconds a step, of each width and batch; with the others of the group, where there is one."""
    import torch

    from aevum import VAE

    torch.set_num_threads(1)
    found = []
    for width, batch in points:
        x = np.random.default_rng(0).random((STEPS * batch, 784), dtype=np.float32)
        settings: dict[str, Any] = {
            "hidden": (width, width),
            "latent_dim": 20,
            "network": "mlp",
            "precision": "float32",
        }
        vae = VAE(**settings, epochs=EPOCHS, batch_size=batch, patience=None, random_state=0).fit(x, X_val=x[:50])
        seconds = min(record["seconds"] for record in vae.history_) / STEPS
        found.append((sum(p.numel() for p in vae.fitted_.model.parameters()), seconds))
    return found


def work(points: list[tuple[int, int]]) -> None:
    """What each of several processes does; the first prints."""
    import torch.distributed as group

    group.init_process_group("gloo")
    found = measure(points)
    if group.get_rank() == 0:
        print(json.dumps(found))
    group.destroy_process_group()


def measured(processes: int, points: list[tuple[int, int]]) -> list[tuple[int, float]]:
    """:func:`measure`, by so many processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = []
    for rank in range(processes):
        known = {**os.environ, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "RANK": str(rank)}
        known |= {"WORLD_SIZE": str(processes), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-W", "ignore", __file__, "--work", json.dumps(points)]
        started.append(subprocess.Popen(command, env=known, stdout=subprocess.PIPE, text=True))
    said = [process.communicate()[0] for process in started]
    return [(int(weights), float(seconds)) for weights, seconds in json.loads(said[0])]


def terms(weights: int, batch: int, processes: int) -> list[float]:
    """What the constants are multiplied by."""
    many = float(processes > 1)
    return [1.0, 6.0 * weights * batch / processes, batch / processes, float(weights), many, many * 4.0 * weights]


def main() -> None:
    """Measure, fit, and print what the model says of the point that it hasn't seen."""
    options = arguments(__doc__, work={"default": None}, processes={"type": int, "nargs": "*", "default": [1, 2]})
    if options.work is not None:
        work([(width, batch) for width, batch in json.loads(options.work)])
        return
    points = [*itertools.product(WIDTHS, BATCHES), UNSEEN]
    rows, seconds, unseen = [], [], []
    for processes in options.processes:
        for (width, batch), (weights, took) in zip(points, measured(processes, points), strict=True):
            print(f"{processes} processes, width {width}, batch {batch}: {1000 * took:.2f} ms a step", flush=True)
            if (width, batch) == UNSEEN:
                unseen.append((processes, terms(weights, batch, processes), took))
            else:
                rows.append(terms(weights, batch, processes))
                seconds.append(took)
    scaled = np.array(rows) / np.array(seconds)[:, None]  # relative errors count
    size = scaled.max(axis=0)
    size[size == 0.0] = 1.0
    constants = nnls(scaled / size, np.ones(len(scaled)))[0] / size
    errors = np.array(rows) @ constants / np.array(seconds) - 1.0
    for processes, factors, took in unseen:
        said = float(np.array(factors) @ constants)
        print(f"not fitted to: {processes} processes, width and batch {UNSEEN}: {1000 * took:.2f} ms a step, "
              f"the model says {1000 * said:.2f} ms, {100 * (said / took - 1.0):+.0f} %")  # fmt: skip
    report(**dict(zip(NAMES, constants.tolist(), strict=True)), gflops_a_process=1e-9 / constants[1],
           mean_relative_error=float(np.abs(errors).mean()), largest=float(np.abs(errors).max()),
           unseen_errors=[round(float(np.array(f) @ constants / t - 1.0), 3) for _, f, t in unseen])  # fmt: skip


if __name__ == "__main__":
    main()
