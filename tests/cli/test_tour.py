"""``aevum tour``, and tours on pages that are served or exported."""

import json
import os
import re

import numpy as np
import pytest

import aevum.server
from aevum import VAE
from aevum.errors import InputError
from aevum.runs import TOUR, read_tour, tour_of
from aevum.runs.tours import checked
from aevum.runs.writing import write_run

pytestmark = pytest.mark.usefixtures("one_registry")

LESSON = {
    "aevum": "tour",
    "version": 1,
    "title": {"en": "Two places", "zh": "两个地方"},
    "steps": [
        {"title": "Here", "text": "One place, [and another](#z=1,1&panel=sliders).", "state": "z=0,1&layers=points"},
        {"title": "There", "text": {"en": "The other.", "zh": "另一个。"}, "state": ""},
    ],
}


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch):
    """Reports without figures are written at once."""
    monkeypatch.setattr("aevum.runs.writing.panels_of", lambda subject: [])


@pytest.fixture
def folder(digits, tmp_path):
    return write_run(VAE(2, hidden=8, epochs=1, random_state=0).fit(digits.x[:64]), digits.x[:64], tmp_path / "run")


@pytest.fixture
def lesson(tmp_path):
    file = tmp_path / "lesson.json"
    file.write_text(json.dumps(LESSON), encoding="utf-8")
    return file


@pytest.fixture
def served(monkeypatch):
    """The tours of the runs that would be served."""
    tours = []

    def serve(runs, **options):
        tours.append([run.tour for run in runs])
        return True

    monkeypatch.setattr(aevum.server, "serve", serve)
    return tours


def test_a_tour_is_kept_with_a_run_shown_and_removed(run, refused, folder, lesson, served):
    assert "no tour is kept with" in refused("tour", folder)
    assert run("tour", folder, lesson).stdout == f"Two places, kept in {folder / TOUR}\n  1  Here\n  2  There\n"
    assert "--force" in refused("tour", folder, lesson)
    run("tour", folder, lesson, "--force")
    assert run("tour", folder / "model").stdout == "Two places\n  1  Here\n  2  There\n"
    assert json.loads(run("tour", folder, "--json").stdout)["steps"] == ["Here", "There"]
    run("explore", folder)
    assert json.loads(served.pop()[0]) == LESSON
    assert f"removed {folder / TOUR}" in run("tour", folder, "--remove").stdout
    run("explore", folder)
    assert served.pop() == [None]
    assert "no tour is kept" in refused("tour", folder, "--remove")
    assert "takes no FILE" in refused("tour", folder, lesson, "--remove")


def test_a_file_goes_before_the_tour_of_the_run(run, refused, folder, lesson, served, tmp_path):
    run("tour", folder, lesson)
    other = tmp_path / "other.json"
    other.write_text(json.dumps({**LESSON, "title": "Another"}), encoding="utf-8")
    run("explore", folder, "--tour", other)
    assert json.loads(served.pop()[0])["title"] == "Another"
    assert "holds no tour: it is no JSON" in refused("explore", folder, "--tour", __file__)
    assert "no such file" in refused("explore", folder, "--tour", tmp_path / "nothing.json")
    assert served == []


def test_a_damaged_tour_does_not_keep_a_run_from_being_shown(run, folder, served):
    (folder / TOUR).write_text("{")
    assert "holds no tour: it is no JSON" in run("explore", folder).stderr
    assert served == [[None]]


def test_a_tour_stays_where_a_run_is_written_anew(folder, lesson, digits):
    (folder / TOUR).write_bytes(lesson.read_bytes())
    model = VAE(2, hidden=8, epochs=1, random_state=1).fit(digits.x[:64])
    write_run(model, digits.x[:64], folder, overwrite=True)
    assert json.loads(tour_of(folder)) == LESSON


def test_an_exported_file_carries_the_tour(run, refused, folder, lesson, tmp_path):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    assert "a tour" in refused("export", folder, "--onnx", tmp_path / "a.onnx", "--tour", lesson)
    run("export", folder, "--html", tmp_path / "a.html", "--tour", lesson)
    text = (tmp_path / "a.html").read_text(encoding="utf-8")
    catalogue = json.loads(text.split('id="catalogue">')[1].split("</script>")[0])
    assert json.loads(catalogue["runs"][0]["tour"]) == LESSON


def changed(**changes):
    return {**LESSON, **changes}


def stepped(**changes):
    return changed(steps=[LESSON["steps"][0], {**LESSON["steps"][1], **changes}])


@pytest.mark.parametrize(
    ("tour", "told"),
    [
        ([], "it is no tour"),
        ({"aevum": "tour"}, "not of version 1"),
        (changed(version=True), "not of version 1"),
        (changed(version=2), "not of version 1"),
        (changed(steps=[]), "it has no steps"),
        (changed(steps={}), "it has no steps"),
        (changed(steps=LESSON["steps"] * 31), "more than 60 steps"),
        (changed(title=""), "its title is no text"),
        (changed(title={"xx": "a"}), "its title is no text"),
        (changed(title={"en": 3}), "its title is no text"),
        (changed(steps=[3]), "step 1: it is no object"),
        (stepped(title="a" * 201), "step 2: its title is no text of at most 200 characters"),
        (stepped(text=None), "step 2: its text is no text"),
        (stepped(text="a" * 4001), "step 2: its text is no text of at most 4000"),
        (stepped(text="[see](https://example.org)"), "step 2: 'see' links to 'https://example.org'"),
        (stepped(text="[see](javascript:alert)"), "links can only move the page"),
        (stepped(text="[see](javascript:alert(1))"), "'[see](javascript:alert(1))' is no link"),
        (stepped(text="[one](#only=3) and [two](#only = 3)"), "'[two](#only = 3)' is no link"),
        (stepped(text="[see](#only=3"), "is no link"),
        (stepped(text="[x [y]](javascript:alert(1))"), "is no link"),
        (stepped(text="[one\n\ntwo](#only=3)"), "is no link"),
        (stepped(text="[](#only=3)"), "'[](#only=3)' is no link"),
        (stepped(text="[see](#only=3\ufeff)"), "is no link"),
        (stepped(text="[see](//example.org)"), "links can only move the page"),
        (stepped(text="[see](#a=b#c)"), "links can only move the page"),
        (stepped(text={"en": "fine", "zh": "[看](data:text/html,x)"}), "links can only move the page"),
        (stepped(state="https://example.org"), "step 2: its state is none"),
        (stepped(state=["panel=morph"]), "step 2: its state is none"),
        (stepped(state="z=1 2"), "step 2: its state is none"),
        (stepped(state="z=" + "1" * 40_000), "step 2: its state is none"),
    ],
)
def test_what_is_no_tour_is_told_by_its_step(tour, told):
    with pytest.raises(InputError, match=f"^[^\n]*{re.escape(told)}[^\n]*$"):
        checked(json.dumps(tour).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 100_000, b'"' + b"a" * 2**18 + b'"', b"NaN"])
def test_other_bytes_are_no_tour(data):
    with pytest.raises(InputError):
        checked(data)


def test_only_files_are_read(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for place in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(InputError, match="it is no file"):
            read_tour(place)


def test_a_tour_from_python(folder, lesson):
    from aevum import load

    with load(folder).explore(tour=lesson, open_browser=False) as page:
        assert json.loads(page.runs[0].tour) == json.loads(read_tour(lesson))
    with pytest.raises(InputError, match="is no file"):
        load(folder).explore(tour=lesson.parent, open_browser=False)


def test_a_file_says_which_steps_take_a_running_model(run, folder, lesson, tmp_path):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    told = run("export", folder, "--html", tmp_path / "a.html", "--tour", lesson).stderr
    assert "Training" not in told
    steps = [LESSON["steps"][0], {**LESSON["steps"][1], "state": "z=1,1&panel=training"}]
    lesson.write_text(json.dumps({**LESSON, "steps": steps}), encoding="utf-8")
    told = run("export", folder, "--html", tmp_path / "b.html", "--tour", lesson).stderr
    assert (
        "warning: step 2 of the tour shows Training, which takes a running model: in a file the panel says so" in told
    )


def test_texts_are_never_markup_in_a_file(folder, tmp_path):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    from aevum import load
    from aevum.server import Run
    from aevum.server.page_file import page_file

    tour = json.dumps(stepped(text="</script><img src=x onerror=alert(1)>"))
    run = Run("run", "run", load(folder), np.zeros((4, 8, 8), np.uint8), tour=checked(tour.encode()))
    text = page_file([run], tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<img src=x" not in text
