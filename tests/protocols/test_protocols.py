"""Published protocols: each works in its quick form, says what it lacks, and stands on the page as in its record."""

import json
import math
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from aevum.cli import aevum
from aevum.errors import InputError
from aevum.protocols import PROTOCOLS, digits, gaps, reproduce, scoreboard
from aevum.protocols.moved import moved
from aevum.protocols.records import figure

ROOT = Path(__file__).parents[2]
# Between which figures a quick run ends: of a network that has seen a thousand images twice.
QUICK = {
    "mnist-pca": (13.5, 16.5),
    "mnist-ae": (20.0, 90.0),
    "mnist-vae": (120.0, 300.0),
    "mnist-quadrants": (60.0, 250.0),
    "frey-faces": (4.3, 8.0),
    "missing-not-at-random": (0.3, 2.5),
}


@pytest.fixture
def command(monkeypatch, tmp_path):
    """The command line, where nothing was ever downloaded."""
    monkeypatch.setenv("AEVUM_CACHE", str(tmp_path / "cache"))

    def call(*words, code=0):
        result = CliRunner().invoke(aevum, ["reproduce", *map(str, words)])
        assert result.exit_code == code and "Traceback" not in result.output, result.output
        return result

    return call


@pytest.mark.parametrize("name", PROTOCOLS)
def test_a_quick_run_gives_its_figure(name, data_folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = reproduce(name, data_folder, quick=True)
    low, high = QUICK.get(name, (100.0, 300.0))
    assert found.quick and found.protocol.name == name
    assert low < found.value == found.figures[found.protocol.figure] < high
    assert found.ahead == pytest.approx(found.protocol.published - found.value)


@pytest.mark.slow
def test_pca_of_all_images_is_what_was_published(data_folder):
    """A whole protocol: nothing of it is random."""
    found = reproduce("mnist-pca", data_folder)
    assert found.value == pytest.approx(13.87, abs=0.01) and found.value == pytest.approx(
        PROTOCOLS["mnist-pca"].ours.value, abs=0.001
    )
    assert found.ahead == pytest.approx(0.0, abs=0.01)


# -------------------------------------------------------------------- what is done to the data


def test_the_cells_above_the_mean_are_taken_out_of_the_first_half_of_the_columns():
    x = np.array([[1.0, 9, 5, 0], [3, 9, 5, 1], [5, 0, 5, 8]])
    found = gaps.not_at_random(x, None)
    np.testing.assert_array_equal(np.isnan(found), [[0, 1, 0, 0], [0, 1, 0, 0], [1, 0, 0, 0]])
    assert gaps.error(x, found, np.where(np.isnan(found), x + 2, 0)) == pytest.approx(2.0)


def test_the_linear_forms_mean_is_that_of_the_papers_six_tables():
    published = {name: np.mean(figures) for name, figures in gaps.PUBLISHED.items()}
    assert published["linear not-MIWAE"] == pytest.approx(PROTOCOLS["missing-not-at-random"].published, abs=1e-9)
    assert published["not-MIWAE"] == pytest.approx(1.018, abs=1e-3)


def test_a_quadrant_is_the_lower_left_one():
    x = np.zeros((1, 28, 28), np.uint8)
    x[0, 14:, :14] = 255
    rest, given = digits.quadrants(x, 0)
    assert rest.shape == (1, 588) and given.shape == (1, 196) and not rest.any() and given.all()


def test_moved_copies_keep_their_ink_and_are_the_same_each_time():
    x = np.zeros((40, 28, 28), np.uint8)
    x[:, 10:18, 10:18] = 200
    found = moved(x, 3)
    np.testing.assert_array_equal(found, moved(x, 3))
    assert (found != moved(x, 4)).any() and (found != x).any(axis=(1, 2)).mean() > 0.9
    # A side shrinks or grows by at most 7 %, and a shear and a turn hardly change an area.
    shares = found.sum(axis=(1, 2)) / x[0].sum()
    assert (np.abs(shares - 1) < 0.2).all() and shares.mean() == pytest.approx(1.0, abs=0.05)


# -------------------------------------------------------------------- records and their page


def test_every_record_is_whole():
    for each in PROTOCOLS.values():
        assert each.paper.authors and each.paper.title and each.where and each.measure and each.says
        assert math.isfinite(each.published) and math.isfinite(each.ours.value) and each.minutes > 0
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", each.ours.date) and re.search("cores|thread", each.ours.processor)
        # Whoever is behind says so, and where.
        assert bool(each.loses) or each.ours.value < each.published
    assert [each.name for each in PROTOCOLS.values() if each.ours.value > each.published] == ["mnist-nll-vamp"]


def test_the_page_is_made_of_the_records():
    page = ROOT / "docs" / "scoreboard.md"
    assert page.read_text(encoding="utf-8") == scoreboard(), "make scoreboard"
    text = scoreboard()
    for each in PROTOCOLS.values():
        assert f"`{each.name}`" in text and figure(each.ours.value) in text and each.paper.title in text
        assert each.loses in text


def test_the_benchmarks_tell_the_same_figures():
    told = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    for each in PROTOCOLS.values():
        value = each.ours.value
        assert any(f"{value:.{digits}f}" in told for digits in (2, 3)), each.name


# -------------------------------------------------------------------- the command


def test_the_list_names_all_and_loads_no_pytorch():
    code = (
        "import sys; from aevum.cli import main\n"
        "try: main()\n"
        "finally: assert not {'torch', 'sklearn', 'matplotlib'} & {*sys.modules}, 'loaded'"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    found = subprocess.run([sys.executable, "-c", code, "reproduce"], env=environment, capture_output=True, text=True)
    assert found.returncode == 0 and not found.stderr
    assert [line.split()[0] for line in found.stdout.splitlines()[1:]] == [*PROTOCOLS]


def test_the_list_as_json(command):
    listed = json.loads(command("--json").stdout)["protocols"]
    assert [each["name"] for each in listed] == [*PROTOCOLS]
    assert listed[0]["published"] == 13.87 and listed[0]["paper"].endswith("Science, 2006")


def test_a_run_is_set_beside_the_paper(command, data_folder):
    text = command("mnist-pca", "--data-dir", data_folder).stdout
    assert "published" in text and "13.87  (caption of figure 2B)" in text
    assert re.search(r"ours +13\.866  \(better by 0\.00\d+\)", text)
    assert re.search(r"where we lose +nowhere", text)
    quick = command("mnist-pca", "--data-dir", data_folder / "mnist", "--quick").stdout
    assert "no reproduction" in quick and "better by" not in quick
    found = json.loads(command("mnist-pca", "--data-dir", data_folder, "--quick", "--json").stdout)
    assert found["quick"] and found["value"] == found["figures"]["test_squared_error"] and found["published"] == 13.87


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["mnist"], "there is no protocol 'mnist'; there are mnist-pca, "),
        (["mnist-vae"], "needs MNIST, and .* lacks train-images-idx3-ubyte, .*--data-dir, or let `aevum train mnist"),
        (["frey-faces"], r"needs Frey faces \(freyfaces.npz: an array x .*\); name their folder with --data-dir"),
        (["frey-faces", "--data-dir", "."], "lacks freyfaces.npz, which frey-faces needs"),
        (["missing-not-at-random", "--data-dir", "."], "lacks banknote.csv, concrete.csv, .*UCI"),
        (["mnist-pca", "--data-dir", "nowhere"], "nowhere is no folder"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_downloaded(command, monkeypatch, tmp_path, words, sentence):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("aevum.data.mnist.fetch", lambda *given, **named: pytest.fail("a download"))
    found = command(*words, code=2)
    assert re.search(f"error: .*{sentence}", found.stderr) and not found.stdout


def test_a_file_that_is_something_else_is_refused(tmp_path):
    np.savez(tmp_path / "freyfaces.npz", x=np.zeros((3, 28, 20)))
    with pytest.raises(InputError, match=r"no array x of shape \(1965, 28, 20\), but \(3, 28, 20\)"):
        reproduce("frey-faces", tmp_path, quick=True)
