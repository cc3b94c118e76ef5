"""Seconds until something happens: ``import aevum``, ``aevum --help``, and ``aevum train`` until its first step.

Each a process of its own, medians of ``--rounds`` after one that is not counted; the wall's seconds, and the
processor's, which other work disturbs less. A bare ``import torch`` and scikit-learn's base class, which a training
can't do without, are timed in the same way.

    python benchmarks/start.py [--rounds 5]
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

from common import arguments, processor, report

FIRST_STEP = """
import os, sys
from aevum.training import loop
one_step = loop.one_step
def first(*args):
    one_step(*args)
    os._exit(0)
loop.one_step = first
from aevum.cli import main
sys.argv = ["aevum", "train", "digits", "--out", sys.argv[1]]
main()
raise SystemExit("no step was made")
"""
ACTS = {
    "import_aevum": "import aevum",
    "help": "import sys; from aevum.cli import main; sys.argv = ['aevum', '--help']; main()",
    "libraries": "import torch, sklearn.base",
    "first_step": FIRST_STEP,
}


def timed(code: str, *words: str) -> tuple[float, float]:
    """Seconds of the wall and of the processor."""

    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before, started = spent(), time.perf_counter()
    subprocess.run([sys.executable, "-c", code, *words], check=True, stdout=subprocess.DEVNULL, env={**os.environ})
    return time.perf_counter() - started, spent() - before


def main() -> None:
    options = arguments(__doc__, rounds={"type": int, "default": 5})
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in ACTS}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.rounds + 1):
            for name, code in ACTS.items():
                found[name].append(timed(code, f"{folder}/{number}"))
    report(
        processor=processor(),
        **{f"{name}_seconds": statistics.median(wall for wall, _ in each[1:]) for name, each in found.items()},
        **{f"{name}_processor": statistics.median(own for _, own in each[1:]) for name, each in found.items()},
    )


if __name__ == "__main__":
    main()
