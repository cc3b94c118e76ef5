"""A run appears whole or not at all, and nothing that is not a run's is touched."""

import os
import shutil
import stat
from pathlib import Path

import pytest
from tests.reports.reading import checked

from aevum import CVAE, VAE, open_data
from aevum.errors import InputError
from aevum.runs import check_free
from aevum.runs.writing import write_run

TINY = {"epochs": 1, "hidden": (16,), "random_state": 0}
DIGITS = open_data("digits")
X, Y = DIGITS.x[:60], DIGITS.y[:60]


# Tiny models may be poor.
pytestmark = [
    pytest.mark.usefixtures("without_layout"),
    pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning"),
]


@pytest.fixture(scope="module")
def vae():
    return VAE(2, **TINY).fit(X)


@pytest.fixture(scope="module")
def written(vae, tmp_path_factory):
    return write_run(vae, X, tmp_path_factory.mktemp("written") / "run")


def test_an_existing_run_is_replaced_only_when_asked(vae, written, tmp_path):
    run = Path(shutil.copytree(written, tmp_path / "run"))
    (run / "notes.txt").write_text("mine")
    (run / "figures" / "history.png").write_bytes(b"old")
    before = stat.S_IMODE(run.stat().st_mode)
    with pytest.raises(InputError, match=r"overwrite=True .*--force"):
        write_run(vae, X, run)
    assert (run / "figures" / "history.png").read_bytes() == b"old"
    write_run(vae, X, run, overwrite=True)
    assert (run / "notes.txt").read_text() == "mine"
    (run / "notes.txt").unlink()
    checked(run)
    assert stat.S_IMODE(run.stat().st_mode) == before
    assert os.listdir(tmp_path) == ["run"]  # noqa: PTH208 - hidden files as well


def test_an_empty_folder_is_as_good_as_none(vae, tmp_path):
    (tmp_path / "run").mkdir()
    checked(write_run(vae, X, tmp_path / "run"))


def test_what_is_no_run_is_never_replaced(vae, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("x")
    (tmp_path / "file").write_text("x")
    for name in ("thesis", "file"):
        with pytest.raises(InputError, match="is no run"):
            write_run(vae, X, tmp_path / name, overwrite=True)
        with pytest.raises(InputError, match="exists"):
            check_free(tmp_path / name)
    with pytest.raises(InputError, match="can't"):
        write_run(vae, X, tmp_path / "file" / "run")
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "x"
    assert sorted(os.listdir(tmp_path)) == ["file", "thesis"]  # noqa: PTH208


def test_a_link_to_a_run_stays_a_link(vae, written, tmp_path):
    run = Path(shutil.copytree(written, tmp_path / "run"))
    link = tmp_path / "link"
    link.symlink_to(run)
    write_run(vae, X, link, overwrite=True)
    assert link.is_symlink()
    checked(run)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("bug")])
def test_a_write_that_fails_leaves_nothing_behind(vae, written, tmp_path, monkeypatch, error):
    run = Path(shutil.copytree(written, tmp_path / "old"))
    (run / "notes.txt").write_text("mine")

    def fail(*args, **options):
        raise error

    # The last file of all: everything else has been written by then.
    monkeypatch.setattr("aevum.runs.writing.model_card", fail)
    monkeypatch.setattr("aevum.runs.writing.panels_of", lambda subject: [])
    expected = InputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        write_run(vae, X, tmp_path / "a" / "b" / "run")
    with pytest.raises(expected):
        write_run(vae, X, run, overwrite=True)
    assert os.listdir(tmp_path) == ["old"]  # noqa: PTH208
    (run / "notes.txt").unlink()
    checked(run)


def test_a_swap_that_fails_brings_the_old_run_back(vae, written, tmp_path, monkeypatch):
    run = Path(shutil.copytree(written, tmp_path / "run"))
    replace = Path.replace

    def fail(self, target):
        if self.name == "report.html" and self.parent.name == "new" and target.parent == run:
            raise OSError(5, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InputError, match="Input/output error"):
        write_run(vae, X, run, overwrite=True)
    monkeypatch.undo()
    checked(run)
    assert os.listdir(tmp_path) == ["run"]  # noqa: PTH208


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(vae, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="can't"):
        write_run(vae, X, tmp_path / "run")
    tmp_path.chmod(0o700)


def test_data_that_do_not_fit_are_refused(vae, tmp_path):
    conditional = CVAE(2, **TINY).fit(X, Y)
    with pytest.raises(InputError, match="pass y"):
        write_run(conditional, X, tmp_path / "run")
    with pytest.raises(InputError, match="59 labels for 60 rows"):
        write_run(vae, X, tmp_path / "run", Y[1:])
    with pytest.raises(InputError, match="shape"):
        write_run(vae, X[:, :4], tmp_path / "run")
    with pytest.raises(InputError, match="shape"):
        write_run(vae, X[0, 0], tmp_path / "run")
    assert not list(tmp_path.iterdir())
