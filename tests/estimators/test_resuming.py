"""A fit that is cut off goes on from its last checkpoint as if nothing had happened: every model, at any step."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.compositions.cases import CASES, data
from torch import nn

from aevum import AE, CVAE, VAE, DataWarning, InputError, storage
from aevum.data import Dataset, corpus_source
from aevum.data.corpora import Corpus, in_blocks
from aevum.estimators.fitting import kept_start
from aevum.recipes import ESTIMATORS
from aevum.training import Checkpoints, loop

pytestmark = pytest.mark.usefixtures("asked_anew")
RECIPES = list(ESTIMATORS)
SMALL = {"latent_dim": 2, "hidden": 12, "epochs": 4, "batch_size": 50, "random_state": 3}
X = np.random.default_rng(0).normal(size=(120, 5)) @ np.random.default_rng(1).normal(size=(5, 5))
Y = (X[:, 0] > 0).astype(int)


class Killed(BaseException):
    """What no part of a fit may catch."""


def cut(monkeypatch, model, steps, *given, **more):
    """Fit, and be killed in the middle of a step, when so many are done."""
    done = iter(range(10**6))
    one_step = loop.one_step

    def torn(run, *others):
        if next(done) == steps:
            if run.done:
                run.own.step(0.0)  # the weights have moved already, but nothing else has
            raise Killed
        one_step(run, *others)

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(loop, "one_step", torn)
        model.fit(*given, **more)


def weights(model):
    return {name: value.clone() for name, value in model.fitted_.model.state_dict().items()}


def assert_equal(first, second):
    """Bit for bit, the seconds of the history apart."""
    one, two = weights(first), weights(second)
    assert one.keys() == two.keys()
    for name, value in one.items():
        assert torch.equal(value, two[name]), name
    histories = [
        [{k: v for k, v in record.items() if k != "seconds"} for record in m.history_] for m in (first, second)
    ]
    assert histories[0] == histories[1]


def goes_on(monkeypatch, folder, make, steps, *given, **more):
    """Compare a fit that was cut off twice with one that wasn't."""
    whole = make().fit(*given, **more)
    cut(monkeypatch, make(), steps, *given, checkpoints=Checkpoints(folder, seconds=0.0), **more)
    cut(monkeypatch, make(), 1, *given, checkpoints=Checkpoints(folder, seconds=0.0), resume=folder, **more)
    assert_equal(whole, make().fit(*given, resume=folder, **more))


@pytest.mark.parametrize("name", RECIPES)
def test_every_model_goes_on_bit_for_bit(name, tmp_path, monkeypatch):
    kind = ESTIMATORS[name]
    goes_on(monkeypatch, tmp_path, lambda: kind(**SMALL), 4, X, *([Y] if kind.conditional else []))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_models_of_the_users_own_go_on_bit_for_bit(case, tmp_path, monkeypatch):
    goes_on(monkeypatch, tmp_path, lambda: case.make(epochs=3), 9, *data(case.data))


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 6])
def test_at_any_step(steps, tmp_path, monkeypatch):
    """The first, those at an epoch's end, and those of the next one."""
    make = lambda: VAE(**SMALL)  # noqa: E731
    if steps:
        goes_on(monkeypatch, tmp_path, make, steps, X)
    else:  # nothing was learned: there is nothing to go on from
        cut(monkeypatch, make(), 0, X, checkpoints=Checkpoints(tmp_path, seconds=0.0))
        with pytest.raises(InputError, match="holds no checkpoints"):
            make().fit(X, resume=tmp_path)


def custom():
    torch.manual_seed(0)
    encoder = nn.Sequential(nn.Linear(5, 8), nn.Dropout(0.2), nn.BatchNorm1d(8), nn.Tanh())
    return VAE(
        **{**SMALL, "hidden": None}, network=(encoder, nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 5)))
    )


@pytest.mark.parametrize(
    ("make", "more"),
    [
        (lambda: VAE(**SMALL, likelihood="columns"), {}),
        (lambda: VAE(**SMALL, beta=4.0), {"sample_weight": np.linspace(0.5, 2.0, len(X))}),
        (lambda: VAE(**SMALL, validation_fraction=0.0), {}),
        (lambda: VAE(**SMALL), {"X_val": X[:30] + 0.1}),
        (custom, {}),
        (lambda: VAE(**SMALL, warm_start=True).fit(X), {}),
    ],
    ids=["columns", "weights", "no validation", "own validation", "custom", "warm"],
)
def test_whatever_the_fit_depends_on(make, more, tmp_path, monkeypatch):
    goes_on(monkeypatch, tmp_path, make, 4, X, **more)


@pytest.mark.parametrize("steps", [2, 4, 7])
def test_within_an_epoch_of_parts(steps, tmp_path, monkeypatch):
    """Whose order is drawn window by window: it goes on within a window, and at the end of one."""
    monkeypatch.setattr(corpus_source, "PARTS", 2)
    monkeypatch.setattr(corpus_source, "BYTES", 1)
    corpus = Corpus(in_blocks(X, budget=17 * X[:1].nbytes), X.shape[1:], X.dtype)
    assert len(corpus.parts) == 8
    goes_on(monkeypatch, tmp_path, lambda: CVAE(**{**SMALL, "batch_size": 20}), steps, Dataset(corpus, Y))


def test_a_start_that_is_kept_and_patience_that_ends(tmp_path, monkeypatch):
    def make():
        return VAE(**{**SMALL, "epochs": 30}, patience=2)

    goes_on(monkeypatch, tmp_path, make, 2, X)
    again = make().fit(X, resume=tmp_path)  # which is over
    assert again.history_ == make().fit(X, resume=tmp_path).history_ and kept_start(again.history_)
    assert len(again.history_) < 30


def test_without_an_integer_for_a_seed_the_first_fits_is_taken(tmp_path, monkeypatch):
    model = VAE(**{**SMALL, "random_state": None})
    cut(monkeypatch, model, 4, X, checkpoints=Checkpoints(tmp_path, seconds=0.0))
    model.fit(X, resume=tmp_path)
    assert_equal(model, VAE(**{**SMALL, "random_state": None}).fit(X, resume=tmp_path))


def test_ctrl_c_ends_a_step_and_can_be_gone_on_from(tmp_path):
    """Whenever it comes, the state that is left is whole."""
    whole = AE(**SMALL).fit(X)
    moments = []

    def stop(record):
        moments.append(record["epoch"])
        if record["epoch"] == 2:
            signal.raise_signal(signal.SIGINT)

    model = AE(**SMALL, callbacks=[stop]).fit(X, checkpoints=Checkpoints(tmp_path, seconds=1e9))
    assert "interrupted" in model.history_[-1] and moments == [1, 2]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert_equal(whole, AE(**SMALL).fit(X, resume=tmp_path))


def test_a_damaged_checkpoint_is_passed_over(tmp_path, monkeypatch):
    cut(monkeypatch, VAE(**SMALL), 5, X, checkpoints=Checkpoints(tmp_path, seconds=0.0))
    last, _ = storage.states(tmp_path / "training")
    file = last / "state.safetensors"
    data = file.read_bytes()
    file.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.warns(DataWarning, match="damaged.*going on from the checkpoint before it"):
        model = VAE(**SMALL).fit(X, resume=tmp_path)
    assert_equal(model, VAE(**SMALL).fit(X))
    for place in storage.states(tmp_path / "training"):
        (place / "state.json").write_text("{}")
    with pytest.raises(InputError, match="can be gone on from"):
        VAE(**SMALL).fit(X, resume=tmp_path)


def test_what_belongs_to_another_fit_is_refused(tmp_path):
    VAE(**SMALL).fit(X, checkpoints=tmp_path)
    with pytest.raises(InputError, match="holds the checkpoints of a fit already"):
        VAE(**SMALL).fit(X, checkpoints=tmp_path)
    with pytest.raises(InputError, match="epochs was 4 and is 5"):
        VAE(**{**SMALL, "epochs": 5}).fit(X, resume=tmp_path)
    with pytest.raises(InputError, match="its data were others"):
        VAE(**SMALL).fit(X + 1.0, resume=tmp_path)
    with pytest.raises(InputError, match="its model was 'VAE'"):
        AE(**SMALL).fit(X, resume=tmp_path)
    with pytest.raises(InputError, match="give one folder"):
        VAE(**SMALL).fit(X, checkpoints=tmp_path / "other", resume=tmp_path)
    with pytest.raises(InputError, match="must be the folder"):
        VAE(**SMALL).fit(X, resume=True)
    with pytest.raises(InputError, match="seconds must be"):
        Checkpoints(tmp_path, seconds=-1.0)
    with pytest.raises(InputError, match="epochs must be"):
        Checkpoints(tmp_path, epochs=0)


def test_another_number_of_threads_is_said(tmp_path, monkeypatch):
    cut(monkeypatch, VAE(**SMALL), 5, X, checkpoints=Checkpoints(tmp_path, seconds=0.0))
    for place in storage.states(tmp_path / "training"):
        state = json.loads((place / "state.json").read_text())
        state["surroundings"]["threads"] = 64
        (place / "state.json").write_text(json.dumps(state))
        sums = json.loads((place / "checksums.json").read_text())
        sums["state.json"] = storage.states.__globals__["_digest"](place / "state.json")
        (place / "checksums.json").write_text(json.dumps(sums))
    with pytest.warns(DataWarning, match="threads 64, now 1.*to rounding"):
        VAE(**SMALL).fit(X, resume=tmp_path)


def test_a_full_disk_does_not_cost_the_training(tmp_path, monkeypatch):
    def full(*_, **__):
        raise InputError("can't write: No space left on device")

    monkeypatch.setattr("aevum.storage.write_state", full)
    with pytest.warns(DataWarning, match="No space left on device; the training goes on"):
        model = VAE(**SMALL).fit(X, checkpoints=tmp_path)
    monkeypatch.undo()
    assert_equal(model, VAE(**SMALL).fit(X))


def test_two_states_are_kept_and_the_conditional_one_sees_y(tmp_path):
    CVAE(**SMALL).fit(X, Y, checkpoints=Checkpoints(tmp_path, epochs=1))
    assert [place.name for place in storage.states(tmp_path / "training")] == ["000000000005", "000000000004"]
    with pytest.raises(InputError, match="data were others"):
        CVAE(**SMALL).fit(X, 1 - Y, resume=tmp_path)


PROGRAM = textwrap.dedent("""
    import sys, time
    import numpy as np, torch
    torch.set_num_threads(1)
    from pathlib import Path
    from aevum import VAE
    from aevum.training import Checkpoints
    X = np.random.default_rng(0).normal(size=(400, 6))
    folder = sys.argv[1]
    there = any(Path(folder).glob("training/0*"))
    print("ready", flush=True)
    slow = [lambda record: time.sleep(float(sys.argv[3]))]
    model = VAE(latent_dim=2, hidden=16, epochs=40, batch_size=50, patience=None, random_state=0, callbacks=slow)
    model.fit(X, checkpoints=Checkpoints(folder, seconds=0.005), resume=folder if there else None)
    model.save(sys.argv[2])
""")


def program(folder: Path, out: Path, pause: float) -> subprocess.Popen:
    command = [sys.executable, "-c", PROGRAM, str(folder), str(out), str(pause)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


def ended(process: subprocess.Popen) -> None:
    said = process.communicate()[1]
    assert process.returncode == 0, said


@pytest.mark.parametrize("kills", [1, pytest.param(6, marks=pytest.mark.slow)])
def test_sigkill_again_and_again_and_the_weights_are_those_of_an_undisturbed_run(tmp_path, monkeypatch, kills):
    monkeypatch.setattr(sys, "argv", ["", str(tmp_path / "a"), str(tmp_path / "whole"), "0"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(PROGRAM, {})  # here: nothing disturbs it
    random = np.random.default_rng(0)
    for _ in range(kills):
        process = program(tmp_path / "b", tmp_path / "cut", 0.01)
        try:
            process.wait(random.uniform(0.05, 0.7))
        except subprocess.TimeoutExpired:
            process.kill()
        process.communicate()
    ended(program(tmp_path / "b", tmp_path / "cut", 0.0))
    assert (tmp_path / "cut" / "model.safetensors").read_bytes() == (
        tmp_path / "whole" / "model.safetensors"
    ).read_bytes()
    assert len(storage.states(tmp_path / "b" / "training")) == 2


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGTERM to be heard")
def test_sigterm_leaves_a_checkpoint_and_ends_with_a_word(tmp_path):
    process = program(tmp_path / "a", tmp_path / "out", 0.05)
    while not storage.states(tmp_path / "a" / "training"):
        assert process.poll() is None, process.stderr.read()
    process.terminate()
    _, said = process.communicate()
    assert process.returncode == -signal.SIGTERM
    assert "SIGTERM: the training so far is in" in said and "Traceback" not in said
    assert not (tmp_path / "out").exists()
