"""The figures that the benchmarks promise, by running their scripts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "benchmarks"


def run(script: str, data: Path, *words: str) -> dict[str, float]:
    """The JSON line that a script prints."""
    environment = {**os.environ, "AEVUM_TEST_DATA": str(data)}
    command = [sys.executable, "-W", "ignore", str(SCRIPTS / script), *words]
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


FEW = ("--rows", "2000", "--epochs", "2", "--images", "200")


@pytest.mark.parametrize(
    ("script", "words", "figure", "low", "high"),
    [
        ("mnist_evidence.py", ("--protocol", "fast", *FEW, "--k", "20"), "negative_log_likelihood", 100.0, 300.0),
        ("mnist_evidence.py", ("--protocol", "iwae", *FEW, "--k", "20"), "negative_log_likelihood", 100.0, 300.0),
        ("mnist_evidence.py", ("--protocol", "static", *FEW, "--k", "20"), "negative_log_likelihood", 100.0, 300.0),
        ("mnist_quadrants.py", (*FEW, "--k", "20"), "negative_conditional_log_likelihood", 60.0, 250.0),
        ("freyfaces.py", ("--epochs", "3", "--k", "20"), "bits_per_dim", 4.0, 8.0),
        ("adbench.py", ("--seeds", "1", "--only", "breastw", "--detectors", "vae"), "vae_roc_auc", 0.9, 1.0),
        ("olivetti_glasses.py", ("--splits", "1", "--epochs", "10"), "put_on", 0.1, 1.0),
        ("sprites_disentanglement.py", ("--betas", "4", "--epochs", "2", "--every", "7"), "mig", 0.0, 0.3),
    ],
    ids=["dynamic", "iwae", "static", "quadrants", "freyfaces", "adbench", "glasses", "sprites"],
)
def test_a_short_run(
    script: str, words: tuple[str, ...], figure: str, low: float, high: float, data_folder: Path
) -> None:
    """The scripts behind the published tables work; a run this short says nothing of what they reach."""
    assert low <= run(script, data_folder, *words)[figure] <= high


def test_a_short_comparison(data_folder: Path) -> None:
    found = run("mnist_compare.py", data_folder, *FEW, "--k", "5", "--samples", "200")
    assert list(found) == ["PCA", "AE", "DAE", "VAE", "CVAE"]
