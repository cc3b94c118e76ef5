import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from aevum import __version__
from aevum.cli import aevum
from aevum.cli.recipes import declarations
from aevum.fitted.families import OURS
from aevum.fitted.likelihoods import BINARIZATIONS, SCALES
from aevum.networks.build import NETWORKS
from aevum.posteriors import CORRUPTIONS
from aevum.training.device import PRECISIONS

HEAVY = ("torch", "sklearn", "matplotlib", "numpy", "scipy", "pandas", "rich")
SOURCE = str(Path(__file__).parents[2] / "src")


def python(*words, **environment):
    known = {**os.environ, "PYTHONPATH": SOURCE, **environment}
    return subprocess.run([sys.executable, *words], env=known, capture_output=True, timeout=60)


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("train", "--help"), ("frobnicate",)])
def test_help_and_mistakes_load_nothing_heavy(words):
    found = python("-X", "importtime", "-m", "aevum", *words).stderr.decode()
    loaded = {line.rsplit("|", 1)[1].strip() for line in found.splitlines() if line.startswith("import time:")}
    assert "click" in loaded
    assert not [name for name in loaded if name.split(".")[0] in HEAVY]


def test_datasets_load_neither_torch_nor_sklearn():
    code = (
        "import sys; from aevum.cli import main\n"
        "try: main()\n"
        "finally: assert not {'torch', 'sklearn', 'matplotlib'} & set(sys.modules)"
    )
    found = python("-c", code, "datasets")
    assert found.returncode == 0 and b"digits" in found.stdout and not found.stderr


@pytest.mark.parametrize("name", list(aevum.commands))
def test_every_command_has_examples(run, name):
    text = run(name, "--help").stdout
    assert "Examples:\n    aevum " in text
    assert text == run(name, "-h").stdout


def test_alone_it_shows_its_help(run):
    assert run().stdout == run("--help").stdout
    assert run("--version").stdout == f"aevum {__version__}\n"


def test_help_names_everything_that_can_be_chosen(run):
    text = run("train", "--help").stdout
    names = declarations()["models"]
    for name in [*names, *OURS, *SCALES, *BINARIZATIONS, *NETWORKS, *CORRUPTIONS, *PRECISIONS]:
        assert name in text


@pytest.mark.parametrize("locale", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_a_terminal_without_unicode(locale):
    for words in (["datasets"], ["train", "--help"], ["σ"]):
        found = python("-m", "aevum", *words, **locale)
        assert b"Traceback" not in found.stderr
        assert found.returncode == (2 if words == ["σ"] else 0), found.stderr


def test_info_without_unicode(models):
    found = CliRunner(charset="cp1252").invoke(aevum, ["info", str(models.vae)])
    assert found.exit_code == 0 and "one ? is learned" in found.stdout


def test_a_reader_that_leaves_early():
    command = f"{sys.executable} -m aevum datasets --json | true"
    known = {**os.environ, "PYTHONPATH": SOURCE}
    found = subprocess.run(["bash", "-c", command], env=known, capture_output=True, timeout=60)
    assert found.stderr == b""


def test_a_bug_is_one_line_unless_debugging(run, monkeypatch):
    def broken():
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("aevum.data.datasets", broken)
    found = run("datasets", code=70)
    assert found.stderr.startswith("error: a bug in aevum") and found.stderr.count("\n") == 1
    monkeypatch.setenv("AEVUM_DEBUG", "1")
    found = run("datasets", code=1)
    assert isinstance(found.exception, RuntimeError)
