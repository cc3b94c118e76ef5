"""The figures that the benchmarks promise, by running their scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "benchmarks"


def run(script: str, data: Path) -> dict[str, float]:
    """The JSON line that a script prints."""
    environment = {**os.environ, "AEVUM_TEST_DATA": str(data)}
    command = [sys.executable, "-W", "ignore", str(SCRIPTS / script)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "figure", "low", "high"),
    [
        ("mnist_pca.py", "test_squared_error", 13.86, 13.88),
        ("mnist_vae.py", "test_loss", 90.0, 105.6),
        ("mnist_cvae.py", "agreement", 0.97, 1.0),
        ("mnist_ae.py", "test_squared_error", 1.0, 4.0),
    ],
)
def test_figure(script: str, figure: str, low: float, high: float, data_folder: Path) -> None:
    assert low <= run(script, data_folder)[figure] <= high
