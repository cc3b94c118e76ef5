"""SIGKILL at random moments of a training, also within a checkpoint: are its weights those of an undisturbed one?

A process trains a VAE with a state after every step, and is killed after a random while; another goes on in the same
folder, and is killed, until one ends. Its weights are then compared, bit for bit, with those of a training that
nobody disturbed; the next begins anew, until there were as many kills as asked for. A kill fell within a checkpoint
where what was being written lies there unfinished.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import arguments, report

PROGRAM = """
import sys, warnings
import torch
torch.set_num_threads(1)
from pathlib import Path
from aevum import VAE, open_data
from aevum.training import Checkpoints
folder, out = sys.argv[1:]
there = any(Path(folder).glob("training/0*"))
model = VAE(latent_dim=8, hidden=(256,), epochs=15, patience=None, random_state=0)
x = open_data("digits").x
print("ready", flush=True)
model.fit(x, checkpoints=Checkpoints(folder, seconds=0.0), resume=folder if there else None)
model.save(out, overwrite=True)
"""


def start(folder: Path, out: Path) -> subprocess.Popen[bytes]:
    """A training that begins or goes on in the folder, and saves its model at the end."""
    known = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(folder), str(out)]
    process = subprocess.Popen(command, env=known, stdout=subprocess.PIPE)
    assert process.stdout is not None
    if process.stdout.readline() != b"ready\n":
        raise SystemExit("the training can't be started")
    return process


def main() -> None:
    """Kill until there were as many as asked for, and print what became of it."""
    options = arguments(__doc__, kills={"type": int, "default": 100})
    moments = random.Random(options.seed)
    kills = within = before = 0
    ended: list[bool] = []
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        process, begun = start(home / "undisturbed", home / "whole"), time.perf_counter()
        if process.wait():
            raise SystemExit("the undisturbed training failed")
        whole, took = (home / "whole" / "model.safetensors").read_bytes(), time.perf_counter() - begun
        while kills < options.kills:
            folder, out = home / f"run-{len(ended)}", home / f"out-{len(ended)}"
            while True:
                process = start(folder, out)
                try:
                    if process.wait(moments.uniform(0.0, 0.5) * took if kills < options.kills else None):
                        raise SystemExit("a training failed that was to go on")
                    break
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                    kills += 1
                    within += any((folder / "training").glob(".aevum-*"))
                    before += not any((folder / "training").glob("0*"))
                    print(f"{kills} kills", file=sys.stderr, flush=True)
            ended.append((out / "model.safetensors").read_bytes() == whole)
    report(kills=kills, within_a_checkpoint=within, before_the_first=before, trainings=len(ended), equal=sum(ended),
           seconds_undisturbed=took, goal="equal == trainings, bit for bit")  # fmt: skip


if __name__ == "__main__":
    main()
