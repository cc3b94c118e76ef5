r"""
Two ranks: one training by several processes
============================================

``torchrun`` starts the processes, and each is told its number, its *rank*. They share the rows of every batch, add up
their gradients, and hold the same weights: the loss curve is that of one process. On a cluster the ranks are GPUs;
two of them on one machine without any show all that matters.

The command is the one of a single process, with ``torchrun`` before it. (Here it is run from Python; at a terminal
the line that is printed does it.)
"""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

work = TemporaryDirectory()
starts = {"python": [sys.executable], "torchrun": [sys.executable, "-m", "torch.distributed.run"]}


def run(command):
    print("$", command)
    first, *rest = shlex.split(command)
    environment = os.environ | {"OMP_NUM_THREADS": "1"}  # a thread a process
    done = subprocess.run(starts[first] + rest, cwd=work.name, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr)


training = "-m aevum train digits --latent-dim 2 --epochs 6 --device cpu"
run(f"python {training} --out one")
run(f"torchrun --standalone --nproc-per-node 2 {training} --out two")

# %%
# The loss curves of both:

curves = {}
for name in ("one", "two"):
    records = (Path(work.name) / name / "history.jsonl").read_text().splitlines()
    curves[name] = [json.loads(record)["loss"] for record in records]
for epoch, (one, two) in enumerate(zip(*curves.values(), strict=True), start=1):
    print(f"epoch {epoch}: {one:.5f} by one process, {two:.5f} by two")

# %%
# Drawn together, the second lies on the first.

import matplotlib.pyplot as plt

figure, axis = plt.subplots(figsize=(6, 3.2), layout="constrained")
for name, style in (("one", {"linewidth": 5, "alpha": 0.35}), ("two", {"linewidth": 1.5, "marker": "o"})):
    axis.plot(range(1, 7), curves[name], label=f"{name} process{'es' if name == 'two' else ''}", **style)
axis.set(xlabel="epoch", ylabel="loss, nats per digit")
axis.legend()
work.cleanup()

# %%
# The batch size is that of all processes together, so that more of them change no result. What differs is the order
# in which numbers are added, here by about one part in 100,000.
#
# On eight GPUs of one machine, going on by itself after a crash::
#
#     torchrun --standalone --nproc-per-node 8 --max-restarts 3 -m aevum train big.npy --resume runs/big
#
# Slurm, Kubernetes and Ray, and from which size a second process pays: :doc:`/scale`.
