"""Both sides of every ratio of speed that is promised: ``make bench`` runs this.

Each line is another script's run, which measures the two sides in turn, and prints its own figures as JSON; here they
are set in one table with the processor's name and the goal. It ends with 1 where a script failed, not where a goal is
missed. Other work on the machine spoils the wall's times.

    python benchmarks/ratios.py [--pythae ENV/bin/python] [--rounds 5] [--only roofline large] [--gigabytes 20]
"""

from __future__ import annotations

import math
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import ROOT, arguments, printed, processor

# Which both sides are to reach, nats an image.
LOSS = 105.6


@dataclass
class Line:
    """What is compared, by which script, and which of its figures are looked at."""

    what: str
    command: str
    # The names of our figure, of what it is set beside, and of their ratio; of a bound on one figure its name alone.
    figures: tuple[str, ...]
    least: float = 0.0
    most: float = math.inf

    @property
    def goal(self) -> str:
        return f"≥ {self.least:g}" if self.least else f"≤ {self.most:g}"


def lines(rounds: int, gigabytes: float, pythae: str | None, cuda: bool) -> list[Line]:
    """All of them; those beside pythae only where there is one."""
    speed = ("auto_images_per_second", "pythae_images_per_second")
    single = ("float32_images_per_second", "pythae_images_per_second", "float32_ratio")
    step, found = ("step_ms", "products_ms", "ratio"), []
    to_loss = f"seconds_to.py --rounds {rounds}"
    if pythae:
        beside = f"--pythae {pythae} --rounds {rounds}"
        to_loss += f" --pythae {pythae}"
        train = (*speed, "default_ratio")
        least = 3.5 if "bfloat16" in processor() else 2.5
        found = [
            Line("MLP, batch 128, float32: images/s, pythae's", f"pythae_speed.py {beside}", single, 2.5),
            Line("the same, defaults", f"pythae_speed.py {beside}", train, least),
            Line("MLP, batch 512, float32: the same", f"pythae_speed.py {beside} --batch 512", single, 2.5),
            Line("the same, defaults", f"pythae_speed.py {beside} --batch 512", train, least),
            Line("convolutions: the same", f"pythae_speed.py {beside} --model convolutional --epochs 2", train, 3.0),
            Line("log p(x), k = 5000: the same", f"pythae_nll.py {beside}", (*speed, "ratio_auto"), 10.0),
            Line("s to a test loss of 105.6: ours, pythae's", to_loss, named("{}_seconds", "aevum", "pythae"), 5.0),
        ]
        if cuda:
            found.append(Line("MLP on the GPU: images/s", f"pythae_speed.py {beside} --device cuda", train, 20.0))
    large = f"large.py --gigabytes {gigabytes:g}"
    return [
        *found,
        Line("the same: ours, PyTorch's example", to_loss, named("{}_seconds", "aevum", "example"), 5.0),
        Line("MLP, batch 128: ms a step, products", f"roofline.py --rounds {rounds}", step, 0.65),
        Line("MLP, batch 512: the same", f"roofline.py --rounds {rounds} --batch 512 --steps 117", step, 0.65),
        Line("convolutions: the same", f"roofline.py --rounds {rounds} --model convolutional --batch 32", step, 0.5),
        Line("transform: ms, products", f"roofline.py --rounds {rounds} --task transform", step, 0.6),
        *(
            Line(f"fit on {gigabytes:g} GB, {kind}: images/s, in memory", large, figures, 0.7)
            for kind in ("mapped", "shards", "parquet")
            for figures in [(f"{kind}_images_per_second", f"{kind}_in_memory", f"{kind}_ratio")]
        ),
        *(Line(f"the same, {kind}: peak, GB", large, (f"{kind}_peak_gb",), most=2.0) for kind in ("mapped", "parquet")),
        Line("transform of a million mapped rows: peak, GB", large, ("transform_peak_gb",), most=1.0),
        Line("import aevum: s", f"start.py --rounds {rounds}", ("import_aevum_seconds",), most=0.2),
        Line("aevum --help: s", f"start.py --rounds {rounds}", ("help_seconds",), most=0.3),
        Line("aevum train to its first step: s", f"start.py --rounds {rounds}", ("first_step_seconds",), most=4.0),
    ]


def named(pattern: str, own: str, other: str) -> tuple[str, str, str]:
    """The figures of ours and of another, and how many times as large the other's is."""
    return pattern.format(own), pattern.format(other), f"{other}_ratio"


def main() -> int:
    import torch

    options = arguments(
        __doc__,
        pythae={"help": "a Python that has pythae 0.1.2; without it those lines are left out"},
        rounds={"type": int, "default": 5},
        gigabytes={"type": float, "default": 20.0},
        only={"nargs": "+", "default": [""], "help": "scripts whose names begin so"},
    )
    cuda, failed = torch.cuda.is_available(), False
    print(f"{processor()}; PyTorch {torch.__version__}; {time.strftime('%Y-%m-%d')}")
    print("a GPU: " + (torch.cuda.get_device_name() if cuda else "not measured, since there is none here"))
    print("\n| what, and beside what | ours | the other | ratio | goal | |\n| --- | --- | --- | --- | --- | --- |")
    found: dict[str, dict[str, Any]] = {}
    for line in lines(options.rounds, options.gigabytes, options.pythae, cuda):
        if not line.command.startswith(tuple(options.only)):
            continue
        if line.command not in found:
            found[line.command] = run(line.command, str(options.data))
        if missing := [name for name in line.figures if name not in found[line.command]]:
            failed = True
            print(f"{line.command} gave no {', '.join(missing)}", file=sys.stderr)
        own, *other = (f"{found[line.command].get(name, math.nan):,.5g}" for name in line.figures)
        value = float(found[line.command].get(line.figures[-1], math.nan))
        met = "met" if line.least <= value <= line.most else "missed"
        if any(each > LOSS for name, each in found[line.command].items() if name.endswith("_loss")):
            met = "one of them did not reach it"
        beside, ratio = other or ("", "")
        print(f"| {line.what} | {own} | {beside} | {ratio} | {line.goal} | {met} |", flush=True)
    if not options.pythae:
        print("\nThe lines beside pythae are left out: --pythae names a Python that has it.")
    if not cuda:
        print("\nNot measured without a GPU: 20 × pythae for the MLP, half of the card's rate for a residual network.")
    return int(failed)


def run(command: str, data: str) -> dict[str, Any]:
    """The figures of a script; none where it failed, which is said."""
    script, *words = command.split()
    process = [sys.executable, "-W", "ignore", str(Path(__file__).parent / script), *words]
    try:
        return dict(printed(process, AEVUM_TEST_DATA=data, PYTHONPATH=str(ROOT / "src")))
    except subprocess.CalledProcessError:
        print(f"{command} failed", file=sys.stderr)
        return {}


if __name__ == "__main__":
    sys.exit(main())
