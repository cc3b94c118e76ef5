"""A run that came from elsewhere opens no file that its user did not name; one's own goes on as ever."""

import json
import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from aevum import VAE, open_data, write_run
from aevum.data.origin import is_own, signed
from aevum.runs import recorded_opening

SMALL = ("--latent-dim", 2, "--hidden", "8", "--epochs", 1)


@pytest.fixture
def served(monkeypatch):
    """What explore would serve."""
    calls = []
    monkeypatch.setattr("aevum.server.serve", lambda runs, **options: calls.append(runs) or True)
    return calls


@pytest.fixture
def opened(monkeypatch):
    """Every path that is opened as data from here on."""
    from aevum.data import open as module

    seen, usual = [], module._open_path
    monkeypatch.setattr(
        module, "_open_path", lambda spec, *more, **options: seen.append(str(spec)) or usual(spec, *more, **options)
    )
    return seen


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A run of a file, made here."""
    folder = tmp_path_factory.mktemp("own")
    x = open_data("digits").x[:60]
    np.save(folder / "x.npy", x)
    model = VAE(2, hidden=8, epochs=1, random_state=0).fit(x)
    with pytest.MonkeyPatch.context() as patch:  # nobody looks at its figures
        patch.setattr("aevum.runs.writing.panels_of", lambda subject: [])
        return write_run(model, x, folder / "run", opening={"data": str(folder / "x.npy"), "labels": None})


def elsewhere(own, **changes):
    """A copy of a run whose record somebody has changed."""
    shutil.copytree(own, "stranger")
    record = json.loads(Path("stranger/data.json").read_text())
    Path("stranger/data.json").write_text(json.dumps({**record, **changes}))
    return "stranger"


def test_ones_own_run_is_opened_wherever_it_is_moved(run, served, opened, own):
    shutil.copytree(own, "moved")
    found = run("explore", "moved")
    assert found.stderr.count("warning") == 0 and served[0][0].rows == 60
    assert opened == [str(own.parent / "x.npy")]


@pytest.mark.parametrize(
    "changes",
    [
        {"data": "secret.csv"}, {"data": "{root}/secret.csv"}, {"data": "~/secret.csv"}, {"data": "/dev/zero"},
        {"data": "//host/share/x.npy"}, {"data": "\\\\host\\share\\x.npy"}, {"data": "http://host/x.npy"},
        {"data": "{own}", "labels": "{root}/secret.csv"}, {"data": "digits", "labels": "{root}/secret.csv"},
        {"data": "mnist", "data_dir": "{root}"}, {"signature": None}, {"signature": "0" * 64}, {"signature": "\ud800"},
        {"signature": ["a"]}, {"image_size": 8}, {"more": "x"},
    ],
    ids=str,
)  # fmt: skip
def test_a_strangers_run_opens_nothing(run, served, opened, own, changes):
    Path("secret.csv").write_text("a,b\n1,2\n3,4\n")
    root = Path.cwd()
    names = {k: v.format(root=root, own=own.parent / "x.npy") if isinstance(v, str) else v for k, v in changes.items()}
    stranger = elsewhere(own, **names)
    found = run("explore", stranger)
    assert not opened and served[0][0].rows == 0
    assert "is not opened; name the data with --data" in found.stderr and found.stderr.count("warning: ") == 1
    assert "is not opened" in served[0][0].no_data


def test_a_file_that_the_user_names_is_opened(run, served, opened, own):
    stranger = elsewhere(own, data="/etc/passwd")
    run("explore", stranger, "--data", own.parent / "x.npy")
    assert opened == [str(own.parent / "x.npy")] and served[0][0].rows == 60


def test_options_name_no_data(run, refused, opened, own):
    stranger = elsewhere(own, data="/etc/passwd")
    assert "is not opened" in refused("explore", stranger, "--labels", "kind").splitlines()[-1]
    assert not opened


def test_named_sets_need_nobodys_word(run, served, monkeypatch, tmp_path, own):
    record = signed({"data": "digits", "labels": None})
    assert "signature" not in record
    monkeypatch.setenv("AEVUM_CACHE", str(tmp_path / "another"))
    elsewhere(own, **record)
    assert recorded_opening("stranger")["data"] == "digits"


def test_another_user_or_machine_has_another_key(monkeypatch, tmp_path):
    record = signed({"data": "/x.npy", "labels": None})
    assert is_own(record) and is_own({**record, "rows": 3, "shape": [2]}) and signed(record) == record
    monkeypatch.setenv("AEVUM_CACHE", str(tmp_path / "another"))
    assert not is_own(record) and not (tmp_path / "another").exists()
    assert is_own(signed({"data": "/x.npy"})) and not is_own(record)
    if os.name == "posix":
        assert (tmp_path / "another" / "key").stat().st_mode & 0o077 == 0


def test_without_a_place_for_a_key_there_is_no_signature(monkeypatch, tmp_path):
    """Training goes on; its data are to be named."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("AEVUM_CACHE", str(tmp_path / "file" / "below"))
    record = signed({"data": "/x.npy"})
    assert record == {"data": "/x.npy"} and not is_own(record)


def test_two_at_once_make_one_key(monkeypatch, tmp_path):
    monkeypatch.setenv("AEVUM_CACHE", str(tmp_path / "fresh"))
    records = []
    threads = [threading.Thread(target=lambda: records.append(signed({"data": "/x.npy"}))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(records) == 8 and all(record == records[0] and is_own(record) for record in records)
    assert [path.name for path in (tmp_path / "fresh").iterdir()] == ["key"]


def test_a_record_of_any_size_is_not_read(run, served, own):
    elsewhere(own)
    with Path("stranger/data.json").open("r+b") as file:
        file.truncate(2**33)
    run("explore", "stranger")
    assert "can't be read" in served[0][0].no_data
