"""What the benchmark scripts share: their arguments, and one line of JSON for what they measured."""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent


def arguments(description: str | None, **more: dict[str, Any]) -> argparse.Namespace:
    """--data, --seed, --epochs, and a script's own options."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    default = Path(os.environ.get("AEVUM_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=default, help="the folder of data sets")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=None, help="instead of the script's own number")
    for name, options in more.items():
        parser.add_argument("--" + name.replace("_", "-"), **options)
    return parser.parse_args()


def processor() -> str:
    """The processor's name, what of its vector units PyTorch uses, and whether it multiplies bfloat16."""
    import torch

    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    units = torch.backends.cpu.get_cpu_capability()
    more = " with bfloat16" if {"avx512_bf16", "amx_bf16"} & {*flags} else ""
    return f"{names[0] if names else platform.processor() or platform.machine()}, {units}{more}, {os.cpu_count()} cores"


def printed(command: Sequence[str], **environment: str) -> Any:
    """What a process prints last, as one line of JSON: what a worker of a script measured.

    Raises:
        subprocess.CalledProcessError: it failed; only then its own words are on stderr.
    """
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        done.check_returncode()
    return json.loads(done.stdout.splitlines()[-1])


def report(**figures: Any) -> None:
    """One JSON object on one line, numbers to five digits."""

    def short(value: Any) -> Any:
        return float(f"{value:.5g}") if isinstance(value, (float, np.floating)) else value

    print(json.dumps({name: short(value) for name, value in figures.items()}))
