"""Several processes train one model by one command, under torchrun."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch.distributed as group
from click.exceptions import Exit

import aevum
from aevum import storage
from aevum.cli import together
from aevum.cli.together import CODE, FOLDER, GO, Company
from aevum.errors import InputError, PeerError, TrainingError
from aevum.training.ranks import Ranks

SMALL = ("digits", "--epochs", "8", "--hidden", "32", "--latent-dim", "3", "--save-every", "0.1")


@pytest.fixture
def two():
    """The first of two processes, and the second; threads, here, with a store of theirs."""
    store = group.HashStore()
    own = group.PrefixStore("0", store)
    return [Company(Ranks(rank, 2), store, own) for rank in range(2)]


def beside(work):
    """What another thread gave, or raised."""
    found = []

    def call():
        try:
            found.append(work())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    return lambda: (thread.join(30), found[0])[1]


def test_the_first_tells_and_the_others_end_with_its_code(two):
    first, second = two
    told = beside(lambda: second.through(lambda: (second.agree(GO), int(second.told(FOLDER)[0]), second.told(CODE))[2]))

    def work():
        first.agree(GO)
        first.tell(FOLDER, ("7", None))
        return 3

    assert first.through(work) == 3 and told() == 3


def test_of_the_same_error_one_is_said(two, capsys):
    first, second = two

    def refuse():
        raise InputError("no such file")

    told = beside(lambda: second.through(refuse))
    with pytest.raises(InputError, match="^no such file$"):
        first.through(refuse)
    # By its own error; or by the first's code, where it came to its own work after that had ended.
    assert told().exit_code == 2 if isinstance(told(), Exit) else told() == 2


@pytest.mark.parametrize(
    ("error", "kind"), [(InputError("no file here"), InputError), (TrainingError("nan"), PeerError)]
)
def test_the_first_says_what_another_could_not(two, error, kind):
    first, second = two

    def fail():
        raise error

    told = beside(lambda: second.through(fail))

    def work():
        told()
        raise PeerError("connection closed")  # as a sum over processes of which one has ended

    with pytest.raises(kind, match=f"^rank 1: {error}$"):
        first.through(work)


def test_who_waits_for_the_first_ends_when_it_has_ended(two):
    first, second = two
    told = beside(lambda: second.through(lambda: second.told(FOLDER)))
    assert first.through(lambda: 2) == 2 and told() == 2


def test_those_that_are_started_again_know_that_all_is_done(two, tmp_path, capsys):
    first, second = two
    (tmp_path / "training").mkdir()
    first.finish(tmp_path)
    told = beside(lambda: second.through(lambda: 1))
    assert first.through(lambda: 1) == 0 and told() == 0
    assert "is finished: there is nothing to go on with" in capsys.readouterr().err


def test_one_process_has_no_company():
    with together.together() as company:
        assert company is None


# ---------------------------------------------------------------- the real command


def started(folder, *words, processes=2, restarts=0, **more):
    """torchrun of so many, in this folder."""
    command = [sys.executable, "-m", "torch.distributed.run", "--rdzv-backend", "c10d", "--rdzv-endpoint",
               "localhost:0", "--nproc-per-node", str(processes), "--max-restarts", str(restarts)]  # fmt: skip
    if processes == 1:
        command = [sys.executable]
    known = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(Path(aevum.__file__).parents[1]), **more}
    command += ["-m", "aevum", "train", *words]
    return subprocess.Popen(command, env=known, cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def ended(process):
    """Exit code, and what our own processes said."""
    said = process.communicate(timeout=240)[1]
    return process.returncode, [line for line in said.splitlines() if re.match("error|warning|stopped|what was", line)]


def curve(run):
    records = map(json.loads, (Path(run) / "history.jsonl").read_text().splitlines())
    return [record[name] for record in records for name in ("loss", "validation_loss") if name in record]


def bytes_of(run):
    return (Path(run) / "model" / "model.safetensors").read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="it looks for processes in /proc")
def test_a_killed_process_costs_nothing(tmp_path):
    """One loss curve; of several processes one is killed, and torchrun starts them again; then other numbers go on."""
    for name, processes in (("alone", 1), ("whole", 2)):
        assert ended(started(tmp_path, *SMALL, "--out", name, processes=processes)) == (0, [])
    assert curve(tmp_path / "whole") == pytest.approx(curve(tmp_path / "alone"), abs=1e-4)
    process = started(tmp_path, *SMALL, "--out", "r", restarts=3)
    while not storage.states(tmp_path / "r" / "training"):
        assert process.poll() is None
        time.sleep(0.01)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(children[-1]), signal.SIGKILL)
    assert ended(process)[0] == 0
    assert bytes_of(tmp_path / "r") == bytes_of(tmp_path / "whole")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_all_stop_at_one_step_and_go_on(tmp_path):
    """Also in another number."""
    long = (*SMALL, "--epochs", "40", "--patience", "40")
    assert ended(started(tmp_path, *long, "--out", "whole")) == (0, [])
    process = started(tmp_path, *long, "--out", "r")
    while not storage.states(tmp_path / "r" / "training"):
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    code, said = ended(process)
    assert code != 0 and said[0].startswith("stopped by SIGTERM") and "--resume r goes on" in said[-1]
    assert ended(started(tmp_path, "--resume", "r"))[0] == 0
    assert bytes_of(tmp_path / "r") == bytes_of(tmp_path / "whole")


@pytest.mark.slow
def test_bad_input_is_one_error(tmp_path):
    code, said = ended(started(tmp_path, "nothing.csv", "--out", "r"))
    assert code != 0 and said == ["error: nothing.csv doesn't exist; check the path"]
