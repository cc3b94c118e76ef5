"""``aevum explore``, and what ``aevum train`` writes down for it: where the data were."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import numpy as np
import pytest

import aevum.server
from aevum import VAE, open_data
from aevum.errors import InputError
from aevum.runs import opening_record, recorded_opening
from aevum.runs.writing import write_run

SOURCE = str(Path(__file__).parents[2] / "src")
SMALL = ("--epochs", 1, "--hidden", 16, "--latent-dim", 2)


@pytest.fixture
def served(monkeypatch):
    """What would be served, instead of serving it."""
    calls = []

    def serve(runs, *, host, port, open_browser, tell):
        with aevum.server.Explorer(runs, host=host, port=port) as page:
            tell(page)
        calls.append({"runs": list(runs), "host": host, "port": port, "open_browser": open_browser})
        return True

    monkeypatch.setattr(aevum.server, "serve", serve)
    return calls


@pytest.fixture(autouse=True)
def _no_figures(monkeypatch):
    """Reports without figures are written at once."""
    monkeypatch.setattr("aevum.runs.writing.panels_of", lambda subject: [])


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A whole run of the digits, which says which data it was trained on."""
    digits = open_data("digits")
    vae = VAE(2, hidden=16, epochs=1, random_state=0).fit(digits.x[:200])
    folder = tmp_path_factory.mktemp("runs") / "digits"
    return write_run(vae, digits.x[:200], folder, opening=opening_record("digits", None, None, None))


# -------------------------------------------------------------------- the command


def test_the_data_of_the_run_are_opened_again(run, served, trained):
    text = run("explore", trained).stdout
    (call,) = served
    shown = call["runs"][0]
    assert (shown.id, shown.name, shown.rows, shown.data) == ("digits", str(trained), 1797, "digits")
    assert text.startswith("http://127.0.0.1:") and "/?token=" in text and text.endswith("  (Ctrl-C ends it)\n")
    assert text.count("\n") == 1 and call["open_browser"] and call["host"] == "127.0.0.1"
    assert call["port"] == aevum.server.ports_for(str(trained))


def test_a_run_has_the_same_port_each_time_however_it_is_named(run, served, trained, monkeypatch):
    for folder, name in ((trained.parent, "digits"), (trained, "model"), (trained, "../digits/"), (trained, trained)):
        monkeypatch.chdir(folder)
        run("explore", name, "--no-browser")
    run("explore", trained, "--port", 0)
    assert len({call["port"] for call in served[:-1]}) == 1 and served[-1]["port"] == 0


def test_it_says_what_it_opens_meanwhile(run, served, trained, monkeypatch):
    monkeypatch.setattr("rich.console.Console.is_terminal", property(lambda self: True))
    assert f"opening {trained}" in run("explore", trained).stderr.replace("\n", "")
    assert "opening" not in run("explore", trained, "--json").stderr


def test_a_run_that_does_not_say_has_no_points(run, served, models):
    found = run("explore", models.vae, "--no-browser")
    assert found.stderr.startswith(f"warning: {models.vae} doesn't say which data it was trained on; name the data")
    assert served[0]["runs"][0].rows == 0 and served[0]["runs"][0].no_data.endswith("name the data with --data")
    assert not served[0]["open_browser"]


def test_several_runs_and_other_data(run, served, models, trained, table):
    run("explore", models.ae, models.vae, models.cvae, trained, "--data", "digits")
    assert [shown.id for shown in served[0]["runs"]] == ["ae", "vae", "cvae", "digits"]
    assert all(shown.rows == 1797 for shown in served[0]["runs"])
    run("explore", models.iris, "--data", table, "--labels", "species")
    shown = served[1]["runs"][0]
    assert shown.data == "flowers" and shown.labelled[0] == ["setosa", "versicolor", "virginica"]
    assert shown.label_name == "species"  # which the page calls them


def test_the_folder_of_a_set_is_for_the_runs_that_learned_from_it(run, served, trained):
    digits = open_data("digits").x[:50]
    vae = VAE(2, hidden=4, epochs=1, random_state=0).fit(digits)
    write_run(vae, digits, "other", opening=opening_record("mnist", None, "gone", None))
    Path("files").mkdir()
    refused = run("explore", trained, "other", "--data-dir", "files", code=2).stderr
    assert "needs none" not in refused and "files" in refused  # which lacks MNIST's
    assert "digits needs none" in run("explore", trained, "--data-dir", "files", code=2).stderr


def test_models_within_a_run_know_its_data(run, served, trained):
    shutil.copytree(trained, "run")
    shutil.copytree("run/model", "run/checkpoints/epoch-00001")
    run("explore", "run/model", "run/checkpoints/epoch-00001")
    assert [(shown.id, shown.rows) for shown in served[0]["runs"]] == [("run", 1797), ("epoch-00001", 1797)]
    os.chdir("run/model")
    run("explore", ".")
    assert served[1]["runs"][0].rows == 1797


def test_json(run, served, models, trained):
    found = run("explore", trained, models.ae, "--json", "--no-browser")
    answer = json.loads(found.stdout)
    assert answer["url"] == f"http://127.0.0.1:{answer['port']}/?token={answer['token']}"
    assert answer["runs"] == [
        {"id": "digits", "run": str(trained), "rows": 1797},
        {"id": "ae", "run": str(models.ae), "rows": 0},
    ]


def test_others_are_warned_of(run, served, trained):
    found = run("explore", trained, "--host", "0.0.0.0")
    assert "warning: whoever can reach 0.0.0.0 and has this address can use the page" in found.stderr
    assert "unencrypted" in found.stderr and found.stderr.count("\n") == 1


def test_refusals(run, refused, models, trained, table, tmp_path):
    assert "holds no model" in refused("explore", tmp_path)
    assert "does not exist" in refused("explore", trained, "nowhere")
    assert "doesn't exist" in refused("explore", trained, "--data", "missing.csv")
    assert "was fitted on 8×8" in refused("explore", trained, "--data", "iris")
    assert "doesn't say which data" in refused("explore", models.vae, "--labels", "species")
    bare = tmp_path / "bare.csv"
    bare.write_text("1,2,3,4\n" * 5)
    assert "name them with --labels" in refused("explore", models.named, "--data", bare)
    assert "has no split" in refused("explore", trained, "--split", "test")
    assert "no address" in refused("explore", trained, "--host", "no.such.host.invalid")
    assert "from 0 to 65535" in refused("explore", trained, "--port", 65536)
    assert "Missing argument" in refused("explore")


def test_data_that_are_gone_leave_the_model(run, served, trained, tmp_path):
    digits = open_data("digits")
    np.save("digits.npy", digits.x)
    run("train", "digits.npy", *SMALL, "--out", "run")
    run("explore", "run")
    assert served[0]["runs"][0].rows == 1797
    Path("digits.npy").rename("other.npy")
    found = run("explore", "run")
    assert (
        f"warning: {tmp_path / 'digits.npy'} doesn't exist; check the path; name the data with --data" in found.stderr
    )
    np.save("digits.npy", digits.x[:, :4])
    found = run("explore", "run")
    assert "but the model was fitted on 8×8" in found.stderr
    assert [call["runs"][0].rows for call in served[1:]] == [0, 0]


@pytest.mark.skipif(sys.platform == "win32", reason="sends Ctrl-C as POSIX does")
def test_ctrl_c_ends_it_cleanly(trained):
    command = [sys.executable, "-m", "aevum", "explore", str(trained), "--no-browser", "--json"]
    known = {**os.environ, "PYTHONPATH": SOURCE, "OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, env=known, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        lines = []
        while not lines or lines[-1] != "}\n":
            lines.append(process.stdout.readline())
            assert lines[-1], process.stderr.read()
        page = json.loads("".join(lines))
        base = f"http://127.0.0.1:{page['port']}"
        request = urllib.request.Request(base + "/api/runs", headers={"Authorization": f"Bearer {page['token']}"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer)["runs"][0]["rows"] == 1797
        started = time.perf_counter()
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert (process.returncode, out, errors) == (0, "", "") and time.perf_counter() - started < 10


# -------------------------------------------------------------------- what a run knows of its data


def test_training_writes_down_where_the_data_were(run):
    run("train", "digits", *SMALL, "--out", "run")
    assert json.loads(Path("run/data.json").read_text()) == {
        "data": "digits",
        "labels": None,
        "image_size": None,
        "data_dir": None,
        "split": "train",
        "rows": 1797,
        "shape": [8, 8],
    }
    assert recorded_opening("run")["data"] == "digits"
    run("train", "iris", *SMALL, "--out", "run", "--force")
    assert recorded_opening("run")["data"] == "iris"
    write_run(VAE(2, hidden=16, epochs=20, beta=0.1, random_state=0).fit("iris"), "iris", "run", overwrite=True)
    with pytest.raises(InputError, match="doesn't say which data"):
        recorded_opening("run")


def test_tables_folders_and_archives(run, served, table, pictures):
    shutil.copy(table, "flowers.csv")
    shutil.copytree(pictures, "pictures")
    digits = open_data("digits")
    np.savez("digits.npz", x=digits.x, kind=digits.y)
    np.save("x.npy", digits.x)
    np.save("y.npy", digits.y)
    sets = {
        "table": (("flowers.csv", "--labels", "species", "--model", "cvae"), 150),
        "folder": (("pictures", "--image-size", 8), 24),
        "archive": (("digits.npz::x", "--labels", "kind"), 1797),
        "arrays": (("x.npy", "--labels", "y.npy"), 1797),
    }
    for name, (words, _) in sets.items():
        run("train", *words, *SMALL, "--out", name)
    Path("elsewhere").mkdir()
    os.chdir("elsewhere")
    for (name, (_, rows)), call in zip(sets.items(), range(4), strict=True):
        found = run("explore", f"../{name}")
        assert found.stderr == "" and served[call]["runs"][0].rows == rows and served[call]["runs"][0].labelled
    assert served[1]["runs"][0].event == (8, 8, 3)


def test_paths_are_recorded_from_the_root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder.csv").mkdir()
    root = str(tmp_path)
    cases = {
        ("digits", None): ("digits", None),
        ("./digits", None): (f"{root}/digits", None),
        ("a.csv", "kind"): (f"{root}/a.csv", "kind"),
        ("A.NPZ::x", "kind"): (f"{root}/A.NPZ::x", "kind"),
        ("a.npz", "kind"): (f"{root}/a.npz", "kind"),
        ("a.npy", "kind"): (f"{root}/a.npy", f"{root}/kind"),
        ("folder.csv", "kind"): (f"{root}/folder.csv", f"{root}/kind"),
        ("a::b.npy", None): (f"{root}/a::b.npy", None),
        ("~/a.csv", None): (str(Path("~/a.csv").expanduser()), None),
    }
    for (data, labels), expected in cases.items():
        record = opening_record(data, labels, None, None)
        assert (record["data"], record["labels"]) == expected
    assert opening_record("mnist", None, "files", None)["data_dir"] == f"{root}/files"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "{}", '{"data": 1}', '{"data": "digits", "image_size": "8"}', "[" * 9999, "\xff"]
)
def test_a_record_that_aevum_did_not_write(run, served, trained, text):
    shutil.copytree(trained, "run")
    Path("run/data.json").write_bytes(text.encode("latin-1"))
    found = run("explore", "run")
    assert "data.json" in found.stderr and found.stderr.count("\n") == 1 and served[0]["runs"][0].rows == 0
