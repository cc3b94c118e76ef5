"""What the benchmark scripts share: their arguments, and one line of JSON for what they measured."""

from __future__ import annotations

import argparse
import json
import os
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


def report(**figures: Any) -> None:
    """One JSON object on one line, numbers to five digits."""

    def short(value: Any) -> Any:
        return float(f"{value:.5g}") if isinstance(value, (float, np.floating)) else value

    print(json.dumps({name: short(value) for name, value in figures.items()}))
