"""Runs that are there, and places for those to come."""

import json

import pytest

from aevum import AE, InputError, open_data
from aevum.cli.options import OPENING
from aevum.data import Dataset
from aevum.runs import (
    checkpoints_of,
    data_of,
    find_run,
    free_folder,
    metrics_of,
    opening_record,
    read_metrics,
    recorded_opening,
    report_of,
    run_folder,
    trained_on,
)
from aevum.runs.record import OPTIONS


@pytest.fixture(scope="module")
def model():
    return AE(2, hidden=4, epochs=1, random_state=0).fit(open_data("iris"))


@pytest.fixture
def run(model, tmp_path):
    """What every part of the package takes for a run, and no more."""
    folder = tmp_path / "run"
    model.save(folder / "model")
    (folder / "report.html").write_text("<main></main>")
    (folder / "metrics.json").write_text(json.dumps({"data": {"name": "iris", "shape": [150, 4]}}))
    return folder


def test_a_run_is_found_by_its_folder_and_by_its_model(run):
    assert find_run(str(run)) == run and find_run(str(run / "model")) == run / "model"
    assert report_of(run) == report_of(run / "model") == run / "report.html"


@pytest.mark.parametrize(("text", "why"), [("", "no run is named"), ("gone", "gone")])
def test_what_is_no_run_is_said(text, why):
    with pytest.raises(InputError, match=why):
        find_run(text)


def test_a_folder_of_runs_names_those_in_it(run):
    with pytest.raises(InputError, match="holds .*run"):
        find_run(str(run.parent))


def test_checkpoints_are_those_whose_name_is_an_epoch(run):
    for name in ("epoch-00004", "epoch-00001", "epoch-x", "mine"):
        (run / "checkpoints" / name).mkdir(parents=True)
    assert {epoch: path.name for epoch, path in checkpoints_of(str(run)).items()} == {
        1: "epoch-00001",
        4: "epoch-00004",
    }


def test_numbers_of_a_run(run):
    metrics = read_metrics(run)
    assert trained_on(metrics, open_data("iris")) and not trained_on(metrics, open_data("wine"))
    assert not trained_on(metrics, Dataset(open_data("iris").x, name="mine")), "as many rows under another name"
    assert data_of([str(run)]) == "iris"
    (run / "metrics.json").write_text("[1")
    with pytest.raises(InputError, match="is damaged"):
        read_metrics(run)
    assert metrics_of(run) == {} == metrics_of(run / "model")
    with pytest.raises(InputError, match="--data"):
        data_of([str(run)])


# -------------------------------------------------------------------- places


def test_a_place_is_free_where_nothing_is_but_what_is_on_its_way(tmp_path):
    wished = tmp_path / "run"
    assert free_folder(wished) == wished
    (wished / ".aevum-1").mkdir(parents=True)
    assert free_folder(wished) == wished
    (wished / "notes.txt").touch()
    (tmp_path / "run-2").symlink_to(tmp_path / "gone")
    assert free_folder(wished) == tmp_path / "run-3"


def test_a_folder_that_was_asked_for_is_free_or_a_run_to_replace(run, tmp_path):
    assert run_folder(str(tmp_path / "new"), force=False) == tmp_path / "new"
    assert run_folder(str(run), force=True) == run
    with pytest.raises(InputError, match="--force replaces"):
        run_folder(str(run), force=False)
    with pytest.raises(InputError, match="is no run"):
        run_folder(str(tmp_path), force=True)
    with pytest.raises(InputError, match="names no folder"):
        run_folder("", force=False)


# -------------------------------------------------------------------- where the data were


def test_every_option_that_opens_data_is_recorded_and_on_the_command_line():
    # Whether rows may lack their label follows from the model.
    assert set(OPTIONS) == {*OPENING, "split", "label_gaps"}


def test_a_record_is_read_back_from_anywhere_in_the_run(run):
    (run / "data.json").write_text(json.dumps(opening_record("iris")))
    (run / "checkpoints" / "epoch-00001").mkdir(parents=True)
    places = (run, run / "model", run / "checkpoints" / "epoch-00001")
    assert [recorded_opening(str(place))["data"] for place in places] == ["iris"] * 3


@pytest.mark.parametrize("text", ["", "[]", '{"data": 3}', '{"data": "iris", "image_size": "8"}', "{" * 10])
def test_a_record_that_is_none_is_refused(run, text):
    (run / "data.json").write_text(text)
    with pytest.raises(InputError, match="can't be read|holds nothing that aevum wrote"):
        recorded_opening(str(run))
