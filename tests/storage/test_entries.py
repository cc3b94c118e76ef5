"""What is replaced is there whole, old or new, wherever its process dies; what is the user's is never touched."""

import json
import os
import subprocess
import sys
import threading
from pathlib import PurePosixPath

import pytest

from aevum import InputError
from aevum.storage import Lock, Reservation, Scratch, Staging, locked, recover, spelled, write_bytes, written
from aevum.storage.entries import forward

OLD = {"model/weights": "old", "report.html": "old", "figures/a.png": "old", "checkpoints/1": "old"}
NEW = {"model/weights": "new", "report.html": "new", "figures/a.png": "new", "card.md": "new"}
USERS = {"notes.txt": "mine", "figures/thesis.png": "mine", "thesis/chapter/1.tex": "mine", "model/readme": "mine"}
ENTRIES = ("model", "report.html", "figures", "checkpoints", "card.md")
OURS = {*OLD, *NEW}


def fill(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def replace(home):
    with Staging(home) as staging:
        fill(staging.new, NEW)
        staging.commit(ENTRIES, lambda path: path.as_posix() in OURS)


class Died(BaseException):
    pass


def dying(step, error=Died):
    """``os.replace`` that raises in place of its n-th call, and whether it did."""
    plain, calls = os.replace, []

    def call(*words, **more):
        calls.append(words)
        if len(calls) == step:
            raise error
        return plain(*words, **more)

    return call, calls


def test_all_entries_are_replaced_and_what_is_the_users_stays(tmp_path):
    fill(tmp_path, {**OLD, **USERS})
    replace(tmp_path)
    assert contents(tmp_path) == {**NEW, **USERS}


@pytest.mark.parametrize("step", range(1, 12))
def test_a_failing_rename_leaves_the_old_entries(step, tmp_path, monkeypatch):
    fill(tmp_path, {**OLD, **USERS})
    call, calls = dying(step, OSError(5, "Input/output error"))
    monkeypatch.setattr(os, "replace", call)
    if step <= 9:  # the journal, four old ones and four new ones
        with pytest.raises(OSError, match="Input/output"):
            replace(tmp_path)
        assert contents(tmp_path) == {**OLD, **USERS}
    else:  # all is in place, and only what the old ones held is not
        replace(tmp_path)
        monkeypatch.undo()
        recover(tmp_path)
        assert contents(tmp_path) == {**NEW, **USERS}
    assert len(calls) >= step


def forked(home, name, step, patch):
    """A process that dies before its n-th call; whether it did, and what is said by the next that looks."""
    child = os.fork()
    if not child:
        try:
            module, _, attribute = name.partition(".")
            plain, left = getattr(os, attribute), [step]

            def dying(*words, **more):
                left[0] -= 1
                if not left[0]:
                    os._exit(9)
                return plain(*words, **more)

            patch.setattr(sys.modules[module], attribute, dying)
            replace(home)
        finally:
            os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    said = recover(home)
    assert recover(home) == []
    return code == 9, said


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a process that can be killed at a given call")
@pytest.mark.parametrize("name", ["os.replace", "os.unlink", "os.rmdir", "os.mkdir", "os.fsync", "os.open"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_process_that_is_killed_at_any_step_leaves_the_old_or_the_new(name, tmp_path, monkeypatch):
    for step in range(1, 100):
        home = tmp_path / str(step)
        fill(home, {**OLD, **USERS})
        died, said = forked(home, name, step, monkeypatch)
        found = contents(home)
        beside = home.with_name(f"{home.name}-2")  # a model that was made, and had not begun to replace the old one
        assert found in ({**OLD, **USERS}, {**NEW, **USERS}), (step, said, found)
        assert not beside.exists() or contents(beside)["model/weights"] == "new"
        if not died:
            break
    assert step > 1 and not died, "every step was tried"


def test_a_link_among_the_entries_is_replaced_and_what_it_leads_to_stays(tmp_path):
    fill(tmp_path / "elsewhere", {"a.png": "mine"})
    home = tmp_path / "run"
    fill(home, {"model/weights": "old"})
    (home / "figures").symlink_to(tmp_path / "elsewhere")
    replace(home)
    assert contents(home) == NEW and contents(tmp_path / "elsewhere") == {"a.png": "mine"}


@pytest.mark.parametrize(
    "journal",
    [
        {"new": [], "old": [], "gone": ["../../../thesis.txt"]},
        {"new": [], "old": [], "gone": ["/thesis.txt"]},
        {"new": ["../thesis.txt"], "old": ["../thesis.txt"], "gone": []},
        {"new": [], "old": [], "gone": ["figures/thesis.txt"]},
        {"new": [], "old": 3},
        [],
    ],
)
@pytest.mark.parametrize("file", ["journal.json", "done.json"])
def test_a_strangers_journal_moves_and_deletes_nothing_elsewhere(journal, file, tmp_path):
    fill(tmp_path, {"thesis.txt": "mine"})
    scratch = tmp_path / "run" / ".aevum-x"
    fill(scratch, {file: json.dumps(journal), "old/report.html": "old"})
    (scratch / "old" / "figures").symlink_to(tmp_path)
    recover(tmp_path / "run")
    assert (tmp_path / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize(
    "made",
    [
        {"old": "mine", "done.json": {"new": [], "old": [], "gone": ["thesis.txt"]}},
        {"old": "mine", "journal.json": {"new": [], "old": [], "gone": ["thesis.txt"]}},
        {"new": "mine", "journal.json": {"new": ["thesis.txt"], "old": [], "gone": []}},
        {"new": "mine"},
        {"new/model": {}, "journal.json.part": "mine/thesis.txt"},
        {"lock": "mine/made"},
        {"../.aevum-lock": "mine/made", "new/model": {}},
    ],
    ids=str,
)
def test_a_strangers_links_lead_to_nothing_of_the_users(made, tmp_path):
    mine = {"thesis.txt": "mine", "model/weights": "mine"}
    fill(tmp_path / "mine", mine)
    scratch = tmp_path / "run" / ".aevum-x"
    scratch.mkdir(parents=True)
    for name, content in made.items():
        (scratch / name).parent.mkdir(exist_ok=True)
        if isinstance(content, str):
            (scratch / name).symlink_to(tmp_path / content)
        elif name.endswith(".json"):
            (scratch / name).write_text(json.dumps(content))
        else:
            (scratch / name).mkdir()
    recover(tmp_path / "run")
    assert contents(tmp_path / "mine") == mine


def test_a_name_that_appeared_meanwhile_is_not_written_over(tmp_path):
    with Staging(tmp_path) as staging:
        fill(staging.new, {"a": "new", "b": "new"})
        fill(tmp_path, {"b": "mine"})
        with pytest.raises(OSError, match="appeared"):
            staging.commit()
    assert contents(tmp_path) == {"b": "mine"}


def test_what_a_live_process_makes_is_left_alone(tmp_path):
    with Scratch(tmp_path) as first, Scratch(tmp_path) as second:
        assert recover(tmp_path) == []
        assert first.new.is_dir() and second.new.is_dir()
    assert not list(tmp_path.iterdir())


def test_what_a_killed_process_was_writing_is_cleaned_up(tmp_path):
    fill(tmp_path / ".aevum-abc", {"new/half.csv": "1,2", "lock": ""})
    write_bytes(tmp_path / "b", b"x")
    assert contents(tmp_path) == {"b": "x"}


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path):
    fill(tmp_path, {"a": "old"})
    with pytest.raises(InputError, match="can't write"), written(tmp_path / "a") as part:
        part.write_text("half")
        raise OSError(28, "No space left on device")
    assert contents(tmp_path) == {"a": "old"}


# -------------------------------------------------------------------- two at once


def test_one_holder_at_a_time(tmp_path):
    held, most, done = [], [], []

    def work():
        for _ in range(20):
            with locked(tmp_path):
                held.append(1)
                most.append(len(held))
                held.pop()
                done.append(1)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(most) == {1} and len(done) == 120
    assert not list(tmp_path.iterdir())


def test_a_lock_ends_with_its_process(tmp_path):
    code = f"import os; from aevum.storage import Lock; Lock({tmp_path / 'lock'!r}).acquire(); os._exit(9)"
    code = "from pathlib import PosixPath, WindowsPath; " + code
    assert subprocess.run([sys.executable, "-c", code]).returncode == 9
    lock = Lock(tmp_path / "lock")
    assert lock.acquire()
    assert not Lock(tmp_path / "lock").acquire()
    lock.release()


def test_a_folder_is_reserved_once_and_goes_where_it_was_not_used(tmp_path):
    folder = tmp_path / "runs" / "a"
    taken = []
    threads = [threading.Thread(target=lambda: taken.append(Reservation.take(folder))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (first,) = [each for each in taken if each]
    first.release()
    assert contents(tmp_path) == {}
    with Reservation.take(tmp_path / "other" / "b"):
        pass
    assert not (tmp_path / "other").exists()
    with Reservation.take(folder) as second:
        fill(second.folder, {"model": "x"})
        assert not second.is_free()
    assert contents(tmp_path) == {"runs/a/model": "x"}
    assert Reservation.take(folder) is None and Reservation.take(folder, replacing=True)


def test_names_of_no_encoding_are_spelled():
    assert spelled(os.fsdecode(b"caf\xe9 \xf0")) == "caf\ufffd \ufffd"
    assert spelled(PurePosixPath("plain/猫")) == "plain/猫"


def test_forward_can_be_repeated(tmp_path):
    fill(tmp_path, {"a": "old", ".aevum-x/new/a": "new"})
    journal = {"new": ["a"], "old": ["a"], "gone": ["a"]}
    for _ in range(2):
        forward(tmp_path, tmp_path / ".aevum-x", journal)
    assert (tmp_path / "a").read_text() == "new" and (tmp_path / ".aevum-x/old/a").read_text() == "old"
