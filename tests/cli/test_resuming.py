"""A training that is cut off goes on by its folder alone, and ends with the weights that it would have had."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import aevum
from aevum import load, storage
from aevum.training import loop

SMALL = ("--epochs", 4, "--hidden", 8, "--latent-dim", 2, "--model", "ae", "--batch-size", 40)


class Killed(BaseException):
    """What no part of a command may catch."""


@pytest.fixture
def drawn(monkeypatch):
    """Runs without figures, which take most of the time."""
    monkeypatch.setattr("aevum.runs.writing.panels_of", lambda subject: [])
    monkeypatch.setattr("aevum.estimators.fitting.warn_of_collapse", lambda *_: None)


@pytest.fixture
def killed(run, monkeypatch, drawn):
    """Run a training that is killed after so many steps, and leave its folder as a power cut would."""

    def call(*words, steps=5):
        done, one_step = iter(range(10**6)), loop.one_step

        def step(*given):
            if next(done) == steps:
                raise Killed
            one_step(*given)

        with monkeypatch.context() as patch:
            patch.setattr(loop, "one_step", step)
            with pytest.raises(Killed):
                run(*words)

    return call


def bytes_of(folder):
    return (Path(folder) / "model" / "model.safetensors").read_bytes()


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def test_a_killed_training_goes_on_by_its_folder(run, killed, refused, tmp_path, monkeypatch):
    run("train", "iris", *SMALL, "--out", "whole")
    killed("train", "iris", *SMALL, "--out", "r", "--save-every", 0)
    assert names("r") == ["training"] and len(storage.states(Path("r/training"))) == 2
    assert "holds a training that was cut off; --resume r goes on" in refused("train", "iris", "--out", "r")
    assert "aevum train --resume r goes on" in refused("info", "r")
    assert "--epochs can't be changed" in refused("train", "--resume", "r", "--epochs", 9)
    assert "--resume names the run's folder" in refused("train", "--resume", "r", "--out", "s")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    run("train", "--resume", "../r")
    monkeypatch.chdir(tmp_path)
    assert bytes_of("r") == bytes_of("whole") and names("r") == names("whole")
    assert "is finished: there is nothing to go on with" in refused("train", "--resume", "r")


def test_data_options_and_models_of_ones_own_are_those_of_the_beginning(run, killed, tmp_path, own_registry):
    """Paths that were given from the folder of then, words given again, and a class of the user's own."""
    rows = np.random.default_rng(0).normal(size=(90, 4))
    lines = [",".join(map(str, row)) + f",{'ab'[i % 2]},{i}" for i, row in enumerate(rows)]
    Path("t.csv").write_text("\n".join(["p,q,r,s,kind,id", *lines]))
    Path("v.csv").write_text("\n".join(["p,q,r,s,kind,id", *lines[:20]]))
    Path("mine.py").write_text("import aevum\n\n@aevum.register\nclass Resumed(aevum.CVAE):\n    pass\n")
    words = ("train", "t.csv", "--labels", "kind", "--drop", "id", "--validation", "v.csv", "--seed", 5, "--model",
             "mine.py:Resumed", "--epochs", 3, "--hidden", 8, "--latent-dim", 2, "--set", "patience=7")  # fmt: skip
    run(*words, "--out", "whole")
    killed(*words, "--out", "r", "--save-every", 0, steps=3)
    here = Path.cwd()
    os.chdir("/")
    try:
        run("train", "--resume", here / "r", "--json")
    finally:
        os.chdir(here)
    assert bytes_of("r") == bytes_of("whole")
    assert load("r").get_params() == load("whole").get_params()
    assert json.loads(Path("r/data.json").read_text()) == json.loads(Path("whole/data.json").read_text())


def test_one_command_begins_goes_on_and_is_done(run, killed):
    """What a scheduler starts again and again is the same each time."""
    run("train", "iris", *SMALL, "--out", "whole")
    words = ("train", "iris", *SMALL, "--resume", "r", "--save-every", 0)
    killed(*words, steps=0)
    killed(*words, steps=3)
    killed(*words, steps=1)
    run(*words)
    assert bytes_of("r") == bytes_of("whole")
    assert "finished: there is nothing to go on with" in run(*words).stderr


def test_other_data_and_another_command_are_refused(run, killed, refused):
    killed("train", "iris", *SMALL, "--out", "r", "--save-every", 0)
    assert "epochs was 4 and is 5" in refused("train", "iris", *SMALL, "--epochs", 5, "--resume", "r")
    assert "data were others" in refused("train", "wine", *SMALL, "--resume", "r")
    assert names("r") == ["training"]
    run("train", "wine", *SMALL, "--out", "r", "--force")  # which begins anew
    assert names("r")[-1] == "report.html"


def test_a_training_from_elsewhere_runs_nothing(run, killed, refused):
    """Its command could name any file, and any code."""
    killed("train", "iris", *SMALL, "--out", "r", "--save-every", 0)
    file = Path("r/training/command.json")
    record = json.loads(file.read_text())
    record["command"]["options"]["model"] = "evil.py:Evil"
    Path("evil.py").write_text("raise SystemExit('it ran')")
    file.write_text(json.dumps(record))
    assert "was not begun by you on this machine" in refused("train", "--resume", "r")
    file.write_text("{")
    assert "can't be read" in refused("train", "--resume", "r")
    shutil.rmtree("r/training")
    assert "holds no training" in refused("train", "--resume", "r")
    run("train", "iris", *SMALL, "--resume", "r")


def test_nothing_is_left_by_what_never_began_or_failed(run, refused, monkeypatch, drawn):
    refused("train", "iris", "--latent-dim", 2, "--hidden", 8, "--out", "r", "--model", "cvae", "--condition", "vector",
            "--labels", "species")  # fmt: skip
    assert not Path("r").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_what_ctrl_c_ended_can_be_gone_on_with(run, drawn, monkeypatch):
    run("train", "iris", *SMALL, "--out", "whole")
    one_step, done = loop.one_step, iter(range(10**6))

    def step(*given):
        if next(done) == 5:
            signal.raise_signal(signal.SIGINT)  # in the middle of it: it is done to its end
        one_step(*given)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(loop, "one_step", step)
            found = run("train", "iris", *SMALL, "--out", "r", code=130)
    finally:
        signal.signal(signal.SIGINT, before)
    assert "what was learned so far is in r; aevum train --resume r goes on" in found.stderr
    assert load("r").history_[-1]["interrupted"] and "training" in names("r")
    run("train", "--resume", "r")
    assert bytes_of("r") == bytes_of("whole") and names("r") == names("whole")
    assert "interrupted" not in load("r").history_[-1]


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_sigkill_of_the_real_command(tmp_path):
    """As it is installed, in a process of its own, at whatever moment."""
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(40):
        Image.fromarray(np.random.default_rng(i).integers(0, 255, (8, 8), np.uint8)).save(pictures / f"{i}.png")
    words = ["train", str(pictures), "--epochs", "100", "--hidden", "8", "--latent-dim", "2", "--patience", "200"]
    command = [sys.executable, "-m", "aevum"]
    known = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(aevum.__file__).parents[1])}

    def start(*more):
        return subprocess.Popen([*command, *more], env=known, cwd=tmp_path, stderr=subprocess.PIPE, text=True)

    run = tmp_path / "r"
    first = start(*words, "--out", "r", "--save-every", "0.01")
    while not storage.states(run / "training"):
        assert first.poll() is None, first.stderr.read()
    first.kill()
    first.communicate()
    second = start("train", "--resume", "r")
    whole = start(*words, "--out", "whole")
    for process in (second, whole):
        said = process.communicate()[1]
        assert process.returncode == 0, said
    assert bytes_of(run) == bytes_of(tmp_path / "whole")


@pytest.mark.slow
def test_killed_while_the_run_is_written(run, tmp_path, drawn):
    """The model is there, its report is not."""
    run("train", "iris", *SMALL, "--out", "whole")
    program = (
        "import os; from aevum.runs import writing; writing.panels_of = lambda subject: os._exit(9); "
        "from aevum.cli import main; main()"
    )
    words = [sys.executable, "-c", program, "train", "iris", *map(str, SMALL), "--out", "r"]
    known = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(aevum.__file__).parents[1])}
    assert subprocess.run(words, env=known, cwd=tmp_path, capture_output=True, check=False).returncode == 9
    assert storage.is_model(tmp_path / "r" / "model")
    run("train", "--resume", "r")
    left = [name for name in names("r") if name.startswith(storage.OWN)]
    assert not left and names("r") == names("whole")
