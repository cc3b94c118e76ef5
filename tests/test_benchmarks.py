"""The figures that the benchmarks promise, by running their scripts."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

SCRIPTS = Path(__file__).resolve().parent.parent / "benchmarks"
EVIDENCE = ("negative_log_likelihood", 100.0, 300.0)
Run = Callable[..., dict[str, float]]


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


@pytest.fixture
def short(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], quick_detectors: None
) -> Run:
    """Run a script within this process, which saves its imports; the JSON line that it prints."""
    monkeypatch.setenv("AEVUM_TEST_DATA", str(data_folder))
    monkeypatch.syspath_prepend(str(SCRIPTS))

    def call(script: str, *words: str) -> dict[str, float]:
        monkeypatch.setattr(sys, "argv", [script, *words])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            runpy.run_path(str(SCRIPTS / script), run_name="__main__")
        return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))

    return call


FEW = ("--rows", "600", "--epochs", "2", "--images", "100")
SMALL = (*FEW, "--layers", "1", "--k", "20")


@pytest.mark.parametrize(
    ("script", "words", "figure", "low", "high"),
    [
        ("mnist_evidence.py", ("--protocol", "fast", "--batch", "50", *SMALL), *EVIDENCE),
        ("mnist_evidence.py", ("--protocol", "iwae", "--batch", "50", *SMALL), *EVIDENCE),
        ("mnist_evidence.py", ("--protocol", "vamp", "--set", "components=20", "--batch", "50", *SMALL), *EVIDENCE),
        pytest.param(
            "mnist_evidence.py", ("--protocol", "static", "--batch", "50", *SMALL), *EVIDENCE, marks=pytest.mark.slow
        ),
        pytest.param(
            "mnist_cvae.py",
            ("--rows", "1500", "--epochs", "1", "--samples", "20", "--k", "5", "--images", "50"),
            "bits_per_dim",
            1.5,
            6.0,
            marks=pytest.mark.slow,
        ),
        ("mnist_quadrants.py", SMALL, "negative_conditional_log_likelihood", 60.0, 250.0),
        ("freyfaces.py", ("--epochs", "2", "--k", "20"), "bits_per_dim", 4.0, 8.0),
        ("adbench.py", ("--seeds", "1", "--only", "breastw", "--detectors", "vae"), "vae_roc_auc", 0.9, 1.0),
        pytest.param(
            "adbench.py",
            ("--seeds", "1", "--sets", "sklearn", "--protocol", "ordinary", "--only", "wine 0"),
            "outliers_roc_auc",
            0.8,
            1.0,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "olivetti_glasses.py", ("--splits", "1", "--epochs", "2"), "put_on", 0.1, 1.0, marks=pytest.mark.slow
        ),
        (
            "learned_priors.py",
            ("--sets", "moons", "--latents", "2", "--seeds", "1", "--epochs", "2", "--k", "20"),
            "moons 2 VAE",
            -20.0,
            12.0,
        ),
        pytest.param("counts.py", ("--splits", "1", "--k", "20"), "ours_score", -720.0, -620.0, marks=pytest.mark.slow),
        pytest.param(
            "mixed.py",
            ("--only", "titanic", "--splits", "1", "--rows", "300", "--parts", "synthetic"),
            "vae_valid",
            1.0,
            1.0,
            marks=pytest.mark.slow,
        ),
        pytest.param(
            *("sprites_disentanglement.py", ("--betas", "4", "--epochs", "1", "--every", "11"), "mig", 0.0, 0.3),
            marks=pytest.mark.slow,
        ),
    ],
    ids=[
        "dynamic",
        "iwae",
        "vamp",
        "static",
        "cvae",
        "quadrants",
        "freyfaces",
        "adbench",
        "ordinary rows",
        "glasses",
        "priors",
        "counts",
        "mixed",
        "sprites",
    ],
)
def test_a_short_run(short: Run, script: str, words: tuple[str, ...], figure: str, low: float, high: float) -> None:
    """The scripts behind the published tables work; a run this short says nothing of what they reach."""
    assert low <= short(script, *words)[figure] <= high


def test_the_products_of_a_step_are_counted(short: Run) -> None:
    """Forward, by the weights and by the inputs: two operations a weight each, but for the pixels' own gradient."""
    found = short("roofline.py", "--rounds", "1", "--steps", "20", "--clock", "process")
    weights = 784 * 400 + 400 * 2 * 20 + 20 * 400 + 400 * 784
    assert found["mflop_an_image"] == pytest.approx((6 * weights - 2 * 784 * 400) / 1e6, rel=1e-4)
    assert 0.0 < found["ratio"] < 1.5
    found = short("roofline.py", "--rounds", "1", "--steps", "20", "--clock", "process", "--task", "transform")
    assert found["mflop_an_image"] == pytest.approx(2 * (784 * 400 + 400 * 2 * 20) / 1e6, rel=1e-4)


@pytest.mark.slow
def test_data_larger_than_memory_take_little_of_it(data_folder: Path) -> None:
    """Four gigabytes on disk, less than two at the peak, and a million mapped rows encoded within one."""
    found = run("large.py", data_folder, "--gigabytes", "4", "--steps", "60", "--pairs", "1")
    assert max(found[f"{kind}_peak_gb"] for kind in ("mapped", "shards", "parquet")) < 2.0
    assert found["transform_peak_gb"] < 1.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "words", "figures"),
    [
        ("seconds_to.py", ("--rows", "2000", "--loss", "400"), ["aevum_loss", "aevum_seconds", "example_ratio"]),
        ("start.py", (), ["import_aevum_seconds", "help_seconds", "first_step_seconds", "libraries_seconds"]),
    ],
)
def test_the_scripts_behind_the_ratios(short: Run, script: str, words: tuple[str, ...], figures: list[str]) -> None:
    found = short(script, "--rounds", "1", *words)
    assert all(np.isfinite(found[name]) for name in figures)


@pytest.mark.slow
def test_a_short_comparison(short: Run) -> None:
    found = short("mnist_compare.py", *FEW, "--k", "5", "--samples", "200")
    assert list(found) == ["PCA", "AE", "DAE", "VAE", "CVAE"]


@pytest.mark.slow
def test_short_times(short: Run) -> None:
    found = short("times.py", "--rows", "600", "--epochs", "1", "--rounds", "1")
    assert len(found) == 12 and min(found.values()) > 0


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills processes")
@pytest.mark.parametrize(
    "kinds",
    # What a process leaves that is killed at a rename, at each of them: tests/storage.
    [pytest.param(["killed_at_a_rename"], marks=pytest.mark.slow), ["killed_at_a_moment", "two_trainings"]],
    ids=" and ".join,
)
def test_nothing_is_lost(kinds: list[str], data_folder: Path) -> None:
    """A fault of each kind, all by one process; the table is of twenty."""
    found = run("faults.py", data_folder, "--times", "1", "--only", *kinds)
    assert list(found) == kinds and all(str(each).startswith("lost: 0 of 1") for each in found.values()), found


def test_masses_of_numbers_and_one_hot_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over all classes and all whole numbers they sum to one; a cell that a row lacks adds nothing."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    script = runpy.run_path(str(SCRIPTS / "mixed.py"))
    train = pd.DataFrame({"age": range(30, 60), "job": ["cook", "clerk", None] * 10})
    code = script["OneHot"](train)
    assert code(train).shape == (30, 3) and not np.isnan(code(train)).any()
    mean, deviation = np.array([40.3, 0.9, 0.4]), np.array([3.0, 0.2, 0.3])

    def mass(rows: pd.DataFrame) -> float:
        shape = (1, len(rows), 3)
        return float(np.exp(code.log_mass(rows, np.broadcast_to(mean, shape), np.broadcast_to(deviation, shape))).sum())

    assert mass(pd.DataFrame({"age": [np.nan] * 2, "job": ["cook", "clerk"]})) == pytest.approx(1.0)
    assert mass(pd.DataFrame({"age": range(10, 70), "job": [None] * 60})) == pytest.approx(1.0)
    assert mass(pd.DataFrame({"age": [np.nan], "job": [None]})) == pytest.approx(1.0)


def test_what_synthetic_rows_are_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of rows drawn as the real ones are, and of others, whose types and classes are wrong in part."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    script = runpy.run_path(str(SCRIPTS / "mixed.py"))
    random = np.random.RandomState(0)
    x = random.randn(600)
    rows = pd.DataFrame({"x": np.exp(x), "income": np.where(x + 0.1 * random.randn(600) > 0, "high", "low")})
    train, test = rows[:300].reset_index(drop=True), rows[300:].reset_index(drop=True)
    good = script["judged"](train, 1.0, train, test, "adult")
    assert good["auc"] > 0.95 and 0.3 < good["told_apart"] < 0.7 and good["valid"] == 1.0
    bad = script["judged"](train.assign(x=-train["x"]), 1.0, train, test, "adult")
    assert bad["auc"] < 0.6 and bad["told_apart"] > 0.95 and bad["valid"] == 0.5


def test_cells_are_taken_out_as_the_protocols_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    script = runpy.run_path(str(SCRIPTS / "missing.py"))
    x = np.random.RandomState(0).randn(2000, 5)
    lost = np.isnan(script["not_at_random"](x, np.random.RandomState(1)))
    np.testing.assert_array_equal(lost[:, :2], x[:, :2] > x[:, :2].mean(axis=0))
    assert not lost[:, 2:].any()
    gaps = script["at_random"](x, np.random.RandomState(1))
    assert abs(np.isnan(gaps).mean() - 0.5) < 0.02
    assert script["error"](x, gaps, np.where(np.isnan(gaps), x + 2.0, 77.0)) == pytest.approx(2.0)
