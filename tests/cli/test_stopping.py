"""What ends a command early, and what is written all the same."""

import importlib
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aevum import DataWarning, InputError, load, runs, storage
from aevum.cli.opening import load_run
from aevum.cli.stopping import leave_the_terminal, stoppable
from aevum.runs import writing

train, placing = (importlib.import_module(f"aevum.cli.{name}") for name in ("train", "writing"))
SMALL = ("--epochs", 2, "--hidden", 8, "--latent-dim", 2, "--model", "ae")
REST = ("history.jsonl", "metrics.json", "figures", "report.html", "model_card.md", "data.json")


@pytest.fixture
def quick(monkeypatch):
    """Runs without figures, which take most of the time."""
    monkeypatch.setattr("aevum.runs.writing.panels_of", lambda subject: [])
    monkeypatch.setattr("aevum.estimators.fitting.warn_of_collapse", lambda *_: None)


def when(monkeypatch, epoch, act):
    """Do something at the end of an epoch."""

    @contextmanager
    def bar(shown, total):
        yield lambda record: act() if record["epoch"] == epoch else None

    monkeypatch.setattr(train, "progress_bar", bar)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "name", "code"), [(signal.SIGINT, "Ctrl-C", 130), (signal.SIGTERM, "SIGTERM", 143), (1, "SIGHUP", 129)]
)
def test_a_signal_ends_a_training_as_ctrl_c_does(run, quick, monkeypatch, number, name, code):
    when(monkeypatch, 1, lambda: os.kill(os.getpid(), number))
    before = signal.signal(number, signal.default_int_handler)  # whoever runs the tests may have it ignored, as nohup
    try:
        found = run("train", "iris", *SMALL, "--out", "r", code=code)
        assert signal.getsignal(number) == signal.default_int_handler
    finally:
        signal.signal(number, before)
    assert found.stderr.splitlines() == [
        f"stopped by {name}; writing what was learned so far (Ctrl-C again drops it)",
        "what was learned so far is in r; aevum train --resume r goes on",
    ]
    assert load("r").history_[-1].get("interrupted") and all(Path("r", each).exists() for each in REST)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_signal_before_anything_was_learned(run, monkeypatch):
    monkeypatch.setattr("aevum.data.open_data", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
    found = run("train", "iris", *SMALL, code=143)
    assert found.stderr == "error: stopped; nothing was written\n" and not Path("runs").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_what_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stoppable():
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal that can go away")
def test_a_terminal_that_is_gone_is_not_written_to():
    child = os.fork()
    if not child:
        end, terminal = os.openpty()
        os.dup2(terminal, 2)
        os.close(end)
        try:
            leave_the_terminal()
            os.write(2, b"x")
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def failing(error):
    def fail(*_, **__):
        raise error

    return fail


@pytest.mark.parametrize(
    "error", [OSError(28, "No space left on device"), UnicodeEncodeError("utf-8", "x", 0, 1, "no")]
)
@pytest.mark.parametrize(
    ("where", "missing"),
    [
        ("page", ["report.html"]),
        ("model_card", ["model_card.md"]),
        ("panels_of", ["figures", "report.html"]),
        ("subject_of", ["metrics.json", "figures", "report.html", "model_card.md"]),
    ],
)
def test_what_fails_beside_the_model_costs_nothing_else(run, quick, monkeypatch, where, missing, error):
    monkeypatch.setattr(f"aevum.runs.writing.{where}", failing(error))
    found = run("train", "iris", *SMALL, "--out", "r", "--json", code=3)
    assert (
        found.stderr.startswith(f"error: {', '.join(missing)} could not be written: ") and found.stderr.count("\n") == 1
    )
    assert json.loads(found.stdout)["left_out"] == [", ".join(missing)]
    assert load("r").latent_dim == 2
    assert {path.name for path in Path("r").iterdir()} == {"model", *REST} - set(missing)


def test_a_second_signal_while_writing_leaves_the_model(run, quick, monkeypatch):
    when(monkeypatch, 1, lambda: os.kill(os.getpid(), signal.SIGINT))
    monkeypatch.setattr("aevum.runs.writing.page", lambda *_: os.kill(os.getpid(), signal.SIGINT))
    assert "the model is in r, without its report" in run("train", "iris", *SMALL, "--out", "r", code=130).stderr
    assert load("r").latent_dim == 2 and {path.name for path in Path("r").iterdir()} == {"model", "training"}


def test_a_model_that_can_not_be_written_where_it_should_is_written_elsewhere(run, quick, monkeypatch, tmp_path):
    plain = writing.write_run

    def write_run(estimator, X, folder, *words, **more):
        if Path(folder).parent == Path():
            raise InputError(f"can't write the run to {folder}: No space left on device")
        return plain(estimator, X, folder, *words, **more)

    monkeypatch.setattr(writing, "write_run", write_run)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = run("train", "iris", *SMALL, "--out", "r", "--json")
    assert "No space left on device; the run is in" in found.stderr
    assert load(json.loads(found.stdout)["run"]).latent_dim == 2
    assert [path.name for path in Path("r").iterdir()] == ["training"]  # from which it can be written there yet


def test_a_folder_that_another_training_writes_to_is_refused_before_the_training(run, refused, quick, monkeypatch):
    monkeypatch.setattr(train, "_fit", lambda *_, **__: pytest.fail("trained"))
    with storage.Reservation.take(Path("r")):
        assert "in use" in refused("train", "iris", *SMALL, "--out", "r")
    assert not Path("r").exists()


def test_names_of_runs_that_start_at_once_differ(run, quick):
    with storage.Reservation.take(Path("runs/iris-ae")):
        run("train", "iris", *SMALL)
    assert load("runs/iris-ae-2").latent_dim == 2 and not Path("runs/iris-ae").exists()


def test_a_run_that_was_being_replaced_is_told_and_completed(run, quick, monkeypatch):
    run("train", "iris", *SMALL, "--out", "r")
    plain, calls = os.replace, []

    def dying(source, target):
        calls.append(Path(target))
        if calls[-1] == Path("r/history.jsonl").absolute():
            raise SystemError  # as SIGKILL, but for what follows
        return plain(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", dying)
        patched.setattr("aevum.storage.entries.backward", lambda *_: None)
        run("train", "iris", *SMALL, "--out", "r", "--force", "--seed", 1, code=70)
    assert "new one is in place now" in run("info", "r").stderr
    assert not run("info", "r").stderr and load("r").random_state == 1
    assert {path.name for path in Path("r").iterdir()} == {"model", "training", *REST}


# -------------------------------------------------------------------- names that are no UTF-8


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes")
def test_names_that_are_no_utf8_are_written_with_replacement_characters(run, tmp_path):
    folder = Path(os.fsdecode(b"bytes\xff"))
    for name, level in ((b"caf\xe9", 40), (b"light", 200)):
        (folder / os.fsdecode(name)).mkdir(parents=True)
        for i in range(8):
            pixels = np.random.default_rng(i).integers(level, level + 40, (6, 6)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / os.fsdecode(name) / f"{i}.png")
    out = Path(os.fsdecode(b"run\xfe"))
    run("train", folder, *SMALL, "--model", "cvae", "--out", out)
    assert {path.name for path in out.iterdir()} == {"model", *REST}
    report = (out / "report.html").read_text(encoding="utf-8")
    assert "bytes\ufffd" in report and "bytes\ufffd" in (out / "model_card.md").read_text(encoding="utf-8")
    run("encode", out, folder, "-o", "codes.csv")
    assert "caf\ufffd" in Path("codes.csv").read_text(encoding="utf-8")
    assert "run\ufffd" in run("info", out, code=0).output or "run?" in run("info", out).output
    from aevum.cli.explore import run_with_rows

    shown = run_with_rows("r", str(out), {})
    assert shown.no_data is None and shown.rows == 16, "data.json leads to the data again"


# -------------------------------------------------------------------- nobody to print to, and zeros


def shell(command, tmp_path):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True)


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_closed_output_is_quiet(tmp_path):
    aevum = f"{sys.executable} -m aevum"
    done = shell(f"{aevum} datasets >&-; echo $? >&2", tmp_path)
    assert done.stderr == "0\n"
    done = shell(f"{aevum} info nowhere 2>&-; echo $?", tmp_path)
    assert done.stdout == "2\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_is_full_is_an_error_of_one_line(tmp_path):
    done = shell(f"{sys.executable} -m aevum datasets > /dev/full; echo $? >&2", tmp_path)
    assert done.stderr.splitlines()[-1] == "2" and "No space left" in done.stderr and done.stderr.count("\n") == 2


@pytest.mark.parametrize(
    "option",
    ["latent-dim", "epochs", "batch-size", "learning-rate", "patience", "image-size", "hidden"],
)
def test_a_number_that_is_0_is_not_a_number_that_is_missing(refused, option):
    assert not Path("runs").exists()
    message = refused("train", f"--{option}", 0)
    assert option in message or option.replace("-", "_") in message


def test_load_run_says_where_a_model_was_left(run):
    (Path("runs/.aevum-abc/old/model")).mkdir(parents=True)  # as versions before this one left it
    with pytest.raises(InputError, match=r"aevum-abc.old was left by"):
        load_run("runs/gone")


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("where", ["after the fit", "before the writing", "after the writing"])
def test_a_signal_between_the_fit_and_the_writing_loses_nothing(run, quick, monkeypatch, where):
    module, name = {
        "after the fit": (runs, "opening_record"),
        "before the writing": (placing, "places"),
        "after the writing": (runs, "report_of"),
    }[where]
    plain = getattr(module, name)

    def struck(*words, **more):
        os.kill(os.getpid(), signal.SIGTERM)
        return plain(*words, **more)

    monkeypatch.setattr(module, name, struck)
    found = run("train", "iris", *SMALL, "--out", "r", code=143)
    assert found.stderr == "what was learned so far is in r\n"
    assert load("r").latent_dim == 2 and {path.name for path in Path("r").iterdir()} == {"model", *REST}


def test_what_a_killed_process_leaves_while_another_writes_does_not_keep_it_from_its_folder(run, quick, monkeypatch):
    run("train", "iris", *SMALL, "--out", "r")
    monkeypatch.setattr("aevum.storage.locks.locked.__wrapped__.__defaults__", (0.0,))
    left = Path("r/.aevum-left/new/model")
    monkeypatch.setattr("aevum.runs.writing.page", lambda *_: left.mkdir(parents=True) or "")
    assert not run("train", "iris", *SMALL, "--out", "r", "--force", "--seed", 1).stderr
    assert not Path("r-2").exists()
    with pytest.warns(DataWarning, match="its model is in r-2"):  # what was left, by the next that looks
        assert load("r").random_state == 1


def test_a_folder_with_a_report_and_a_model_of_someone_else_is_no_run(refused):
    mine = {Path("r/model/weights.bin"): "mine", Path("r/report.html"): "my thesis"}
    Path("r/model").mkdir(parents=True)
    for path, text in mine.items():
        path.write_text(text)
    assert "r is no run" in refused("train", "iris", *SMALL, "--out", "r", "--force")
    assert {path: path.read_text() for path in mine} == mine
