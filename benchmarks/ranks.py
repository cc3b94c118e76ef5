"""SIGKILL of one of several processes under torchrun: does the run end by itself, with an undisturbed one's weights?

``torchrun --nproc-per-node 2 --max-restarts 3 -m aevum train digits …`` is started, and one of its processes is killed:
rank 0 or rank 1, before there is a checkpoint, while it trains (at a random moment), or while the report is written.
torchrun starts both again. What it did and what became of it is printed a line each; the weights are compared, bit for
bit, with those of a run of as many processes that nobody disturbed, and its loss curve with that of one process. Linux.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from common import arguments, report

WORDS = ("train", "digits", "--epochs", "60", "--hidden", "128", "--latent-dim", "4", "--patience", "60",
         "--save-every", "0.2")  # fmt: skip
MOMENTS = ("before a checkpoint", "training", "report")
# Seconds after which a run that has not ended hangs.
LONGEST = 300.0


def start(out: Path, processes: int) -> subprocess.Popen[bytes]:
    """A run in a process of its own, or several under torchrun."""
    many = ["torch.distributed.run", "--nproc-per-node", str(processes), "--max-restarts", "3", "--master-port", "0"]
    many += ["--rdzv-backend", "c10d", "--rdzv-endpoint", "localhost:0", "-m"]
    command = [sys.executable, "-m", *(many if processes > 1 else []), "aevum", *WORDS, "--out", str(out)]
    known = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=known, stdout=subprocess.DEVNULL, stderr=out.with_suffix(".err").open("wb"))


def worker(agent: int, rank: int) -> int | None:
    """The process of this rank that torchrun has started."""
    for child in Path(f"/proc/{agent}/task/{agent}/children").read_text().split():
        try:
            known = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
        except OSError:
            continue
        if f"RANK={rank}".encode() in known:
            return int(child)
    return None


def reached(run: Path, moment: str) -> bool:
    """Whether the run has got there."""
    if moment == "before a checkpoint":
        return (run / "training" / "command.json").exists()
    if moment == "training":
        return any(run.glob("training/0*"))
    return any(run.glob("model/model.safetensors")) or any(run.glob(".aevum-*/new/**/model.safetensors"))


def wait(process: subprocess.Popen[bytes], until: Callable[[], bool]) -> None:
    """Go on when it holds."""
    ends = time.monotonic() + LONGEST
    while not until():
        if process.poll() is not None or time.monotonic() > ends:
            raise SystemExit("the run ended, or hangs, before it was disturbed")
        time.sleep(0.01)


def disturbed(run: Path, processes: int, rank: int, moment: str, later: float) -> tuple[int, float]:
    """The exit code of a run of which one process is killed then, and the seconds that it took from there."""
    process = start(run, processes)
    wait(process, lambda: reached(run, moment))
    time.sleep(later)
    victim, killed = worker(process.pid, rank), time.monotonic()
    if victim is not None:
        os.kill(victim, signal.SIGKILL)
    try:
        return process.wait(LONGEST), time.monotonic() - killed
    except subprocess.TimeoutExpired:
        process.terminate()
        process.wait()
        return -1, LONGEST


def curve(run: Path) -> list[float]:
    """Loss and validation loss of each epoch."""
    records = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
    return [record[name] for record in records for name in ("loss", "validation_loss")]


def main() -> None:
    """Kill as often as asked for, and print what became of it."""
    more = {"kills": {"type": int, "default": 6}, "processes": {"type": int, "default": 2},
            "moments": {"nargs": "*", "choices": MOMENTS, "default": MOMENTS}}  # fmt: skip
    options = arguments(__doc__, **more)
    chance, equal, slowest = random.Random(options.seed), 0, 0.0
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch)
        for name, processes in (("alone", 1), ("whole", options.processes)):
            if start(home / name, processes).wait(LONGEST):
                raise SystemExit((home / f"{name}.err").read_text())
        whole = (home / "whole" / "model" / "model.safetensors").read_bytes()
        apart = max(abs(a - b) for a, b in zip(curve(home / "alone"), curve(home / "whole"), strict=True))
        print(f"loss curves of 1 and {options.processes} processes differ by at most {apart:.1e}", flush=True)
        for number in range(options.kills):
            # Each rank at each moment in turn, the last rank first.
            rank = (number + 1) % options.processes
            moment = options.moments[number // options.processes % len(options.moments)]
            run, later = home / f"run-{number}", chance.uniform(0.0, 0.2 if moment == "before a checkpoint" else 1.5)
            code, seconds = disturbed(run, options.processes, rank, moment, later)
            model = run / "model" / "model.safetensors"
            same = code == 0 and model.exists() and model.read_bytes() == whole
            left = sorted(path.name for path in run.glob(".aevum-*")) + [path.name for path in run.glob("training")]
            equal, slowest = equal + same, max(slowest, seconds)
            print(f"rank {rank} killed {later:.2f} s after: {moment}. exit code {code} {seconds:.0f} s later, "
                  f"{'equal' if same else 'NOT EQUAL'}{f', left: {left}' if left else ''}", flush=True)  # fmt: skip
            if not same:
                print(run.with_suffix(".err").read_text()[-3000:], flush=True)
    report(kills=options.kills, processes=options.processes, equal=equal, curves_apart=apart, slowest_seconds=slowest,
           goal="equal == kills, curves_apart < 1e-4")  # fmt: skip


if __name__ == "__main__":
    main()
