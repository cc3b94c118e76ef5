import html
import importlib
import json
import os
import re
import shutil
import socket
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from aevum import TrainingError, load
from aevum.cli.opening import load_run, open_for
from aevum.cli.plain import one_line
from aevum.data import open_data
from aevum.data.origin import signed
from aevum.recipes import ESTIMATORS
from aevum.runs import recorded_opening, writing

train = importlib.import_module("aevum.cli.train")
SMALL = ("--epochs", 1, "--hidden", 16)


@pytest.fixture
def written(monkeypatch):
    """Runs hold the model only, so that tests are quick; the calls of ``write_run`` are kept."""
    calls = []

    def write_run(estimator, X, folder, y=None, *, overwrite=False, **more):
        estimator.save(folder / "model", overwrite=overwrite)
        (folder / "report.html").touch()
        calls.append({"estimator": estimator, "X": X, "folder": folder, "y": y, "overwrite": overwrite, **more})
        return folder

    monkeypatch.setattr(writing, "write_run", write_run)
    return calls


def callback_raising(error, epoch):
    """A progress bar whose callback raises at the end of an epoch, as Ctrl-C would."""

    @contextmanager
    def bar(shown, total):
        def move(record):
            if record["epoch"] == epoch:
                raise error

        yield move

    return bar


def test_the_demonstration_writes_a_whole_run(run):
    text = run("train", *SMALL).stdout
    assert load("runs/digits-vae").latent_dim == 2
    for name in ("model", "history.jsonl", "metrics.json", "report.html", "figures", "model_card.md"):
        assert Path("runs/digits-vae", name).exists()
    assert "VAE of digits: 1,797 examples of 8×8" in text and "one σ is learned" in text
    assert "residual 16" in text and "distortion" in text and "latent dimensions are active" in text
    *others, last = text.partition("Next:\n")[2].splitlines()
    assert last == "  aevum explore runs/digits-vae"  # which would not end
    for line in others:
        run(*line.split()[1:])
    assert str(Path("runs/digits-vae/report.html")) in run("info", "runs/digits-vae").stdout
    run("train", *SMALL, "--out", "runs/digits-vae", "--force")


@pytest.mark.parametrize("model", [name.lower() for name in ESTIMATORS if name != "VAE"])
def test_every_model_writes_a_whole_run(run, model):
    answer = json.loads(run("train", "digits", "--model", model, *SMALL, "--latent-dim", 3, "--json").stdout)
    assert answer["model"] == model and answer["latent_dim"] == 3 and Path(answer["report"]).is_file()
    assert answer["run"] == str(Path("runs") / f"digits-{model}")


def test_json_is_all_that_is_printed(run, written):
    found = run("train", "digits", *SMALL, "--json", "--seed", 7)
    answer = json.loads(found.stdout)
    assert not found.stderr
    assert answer["rows"] == 1797 and answer["latent_dim"] == 20 and answer["epochs"] == 1
    assert answer["likelihood"] == "gaussian:shared" and answer["network"] == "residual" and answer["hidden"] == [16]
    assert answer["loss"] == pytest.approx(answer["loss_distortion"] + answer["loss_rate"], abs=1e-3)
    assert answer["parameters"]["random_state"] == 7 and answer["seconds"] > 0


def test_options_reach_the_estimator(run, written):
    words = (
        "--model dae --corruption masking --noise 0.4 --likelihood gaussian:emitted --batch-size 64 --network residual"
    )
    words += (
        " --learning-rate 0.01 --patience 3 --validation-fraction 0.2 --device cpu --precision float32 --hidden 16,16"
    )
    run("train", "iris", "--epochs", 1, "--latent-dim", 2, *words.split())
    found = written[0]["estimator"].get_params()
    assert found["corruption"] == "masking" and found["noise"] == 0.4 and found["likelihood"] == "gaussian:emitted"
    assert found["batch_size"] == 64 and found["network"] == "residual" and found["learning_rate"] == 0.01
    assert found["patience"] == 3 and found["validation_fraction"] == 0.2 and found["hidden"] == (16, 16)
    assert found["device"] == "cpu" and found["precision"] == "float32" and found["callbacks"] is None


def test_tables_with_labels(run, written, table):
    words = ("--labels", "species", "--latent-dim", 2)
    run("train", table, "--model", "CVAE", *SMALL, *words, "--prior", "learned")
    assert written[0]["estimator"].classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert written[0]["feature_names"] == ("a", "b", "c", "d") and written[0]["name"] == "flowers"
    text = run("train", table, *SMALL, *words, "--beta", 0.5, "--network", "mlp").stdout
    assert written[1]["y"][0] == "setosa" and "0.5 × rate" in text
    assert f"aevum encode {written[1]['folder']} {table} --labels species -o codes.csv" in text


def test_rows_of_ones_own_choose_the_epoch(run, refused, written, tmp_path):
    rows = np.random.RandomState(0).randn(60, 3)
    for name, part in (("t", rows[:40]), ("v", rows[40:]), ("w", rows[:, :2])):
        np.savetxt(tmp_path / f"{name}.csv", part, delimiter=",", header="a,b,c"[: 2 * part.shape[1] - 1], comments="")
    run("train", "t.csv", "--validation", "v.csv", *SMALL, "--out", "m")
    [call] = written
    assert not call["estimator"].splits_ and len(call["X"]) == 40
    np.testing.assert_array_equal(call["held_out"][0], rows[40:])  # which the report is judged on
    assert "without" in refused("train", "t.csv", "--validation", "w.csv", *SMALL)


def test_folders_of_images(run, written, pictures):
    run("train", pictures, *SMALL, "--image-size", 8, "--out", "run")
    assert written[0]["X"].shape == (24, 8, 8, 3) and set(written[0]["y"]) == {"dark", "light"}
    run("encode", "run", pictures, "-o", "z.npy")  # the images are resized to what the model takes
    assert np.load("z.npy").shape == (24, 20)


def test_arrays_in_a_npz_file(run, written):
    digits = open_data("digits")
    np.savez("digits.npz", x=digits.x, y=digits.y)
    run("train", "digits.npz::x", "--labels", "y", "--model", "cvae", *SMALL)
    assert written[0]["estimator"].parts_.context == 10


def test_mnist_is_judged_on_its_test_split(run, written, shared):
    run("train", "mnist", "--data-dir", shared, "--binarize", "dynamic", *SMALL)
    held_out = written[0]["held_out"]
    assert (
        len(written[0]["X"]) == 60_000
        and len(held_out[0]) == len(held_out[1]) == 10_000
        and written[0]["y"] is not None
    )


def test_runs_are_numbered_and_never_overwritten(run, refused, written, tmp_path):
    for name in ("iris-vae", "iris-vae-2", "iris-vae-3"):
        run("train", "iris", *SMALL, "--latent-dim", 2)
        assert written[-1]["folder"] == Path("runs") / name
    assert "--force" in refused("train", "iris", "--out", "runs/iris-vae")
    run("train", "iris", *SMALL, "--latent-dim", 2, "--out", "runs/iris-vae", "--force")
    assert written[-1]["overwrite"]
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("mine")
    assert "is no run" in refused("train", "iris", "--out", "home", "--force")


def test_a_folder_that_appears_meanwhile_costs_no_model(run, written, monkeypatch):
    fit = train._fit

    def slow(*args, **more):
        Path("mine/own").mkdir(parents=True)
        return fit(*args, **more)

    monkeypatch.setattr(train, "_fit", slow)
    assert "mine-2" in run("train", "iris", *SMALL, "--latent-dim", 2, "--out", "mine").stdout


def test_warnings_are_one_plain_line(run, written):
    found = run(
        "train", "iris", "--epochs", 60, "--hidden", 16, "--beta", 1000, "--learning-rate", 0.01, "--latent-dim", 20
    )
    lines = found.stderr.splitlines()
    assert len(lines) == 1 and lines[0].startswith("warning: ") and "latent_dim=20" in lines[0]
    # Of the collapse the findings of the run speak.
    assert found.stdout.splitlines()[0].startswith("VAE of iris")


@pytest.mark.parametrize("epoch", [1, 2])
def test_ctrl_c_keeps_what_was_learned(run, written, monkeypatch, epoch):
    monkeypatch.setattr(train, "progress_bar", callback_raising(KeyboardInterrupt(), epoch))
    found = run("train", "digits", "--epochs", 5, "--hidden", 16, code=130)
    assert found.stderr.startswith("stopped by Ctrl-C; writing")
    assert found.stderr.splitlines()[-1].startswith("what was learned so far is in runs")
    assert "stopped by Ctrl-C" in run("info", "runs/digits-vae").stdout
    assert len(written) == 1


def test_a_terminal_sees_the_progress(run, written, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich then takes stderr for a terminal
    found = run("train", "digits", "--epochs", 2, "--hidden", 16)
    assert "epoch" in found.stderr and "2/2" in found.stderr and "validation" in found.stderr
    assert "epoch " not in run("train", "digits", "--epochs", 2, "--hidden", 16, "--json").stderr


def test_ctrl_c_before_the_training(run, written, monkeypatch):
    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("aevum.data.open_data", stopped)
    assert "nothing was written" in run("train", "digits", *SMALL, code=130).stderr
    assert not written and not Path("runs").exists()


def test_a_training_that_fails_keeps_the_last_good_weights(run, written, monkeypatch):
    monkeypatch.setattr(train, "progress_bar", callback_raising(TrainingError("loss was not finite"), 3))
    found = run("train", "digits", "--epochs", 5, "--hidden", 16, code=1)
    assert "error: loss was not finite; the run so far is in runs" in found.stderr
    assert json.loads(run("info", "runs/digits-vae", "--json").stdout)["epochs"] == 3


def test_a_training_that_fails_at_once_writes_nothing(run, written):
    found = run("train", "digits", "--learning-rate", 1e30, "--epochs", 1, "--hidden", 16, code=1)
    assert found.stderr.count("\n") == 1 and "learning_rate" in found.stderr
    assert not written


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("nowhere.csv",), "doesn't exist"),
        (("digit",), "did you mean digits"),
        (("digits", "--model", "gan"), "ae, dae, vae, cvae"),
        (("digits", "--model", "ae", "--beta", 2), "--beta doesn't go with --model ae; it is for vae and cvae"),
        (("digits", "--noise", 0.1), "it is for dae"),
        (("digits", "--colour", "red"), "--colour"),
        (("digits", "iris"), "iris"),
        (("digits", "--latent-dim", "two"), "'two'"),
        (("digits", "--latent-dim", 0), "latent_dim"),
        (("digits", "--epochs", 0), "epochs"),
        (("digits", "--hidden", "wide"), "512,256"),
        (("digits", "--hidden", "-5"), "hidden"),
        (("digits", "--likelihood", "normal"), "gaussian"),
        (("digits", "--likelihood", "bernoulli"), "Rescale"),
        (("digits", "--binarize", "maybe"), "dynamic"),
        (("digits", "--network", "transformer"), "residual"),
        (("digits", "--device", "tpu"), "cpu"),
        (("digits", "--precision", "int8"), "bfloat16"),
        (("digits", "--seed", -1), "from 0"),
        (("digits", "--labels", "y"), "--labels"),
        (("digits", "--image-size", 8), "--image-size"),
        (("digits", "--data-dir", "."), "--data-dir"),
        (("mnist", "--data-dir", "."), "MNIST"),
        (("diabetes.npy", "--model", "cvae"), "--labels"),
        (("nan.npy",), "NaN"),
        (("one.npy",), "1 sample"),
        (("digits", "--out", "file.txt"), "exists"),
        (("digits", "--out", "file.txt", "--force"), "is no run"),
        (("digits", "--out", "file.txt/run"), "can't write"),
    ],
)
def test_refused(refused, written, words, part):
    Path("file.txt").write_text("mine")
    np.save("diabetes.npy", open_data("diabetes").x)
    np.save("nan.npy", np.full((9, 3), np.nan))
    np.save("one.npy", np.zeros((1, 3)))
    assert part in refused("train", *words)
    assert not written and not Path("runs").exists()


@pytest.mark.skipif(os.name != "posix", reason="needs a place where nobody may write")
def test_a_place_that_cannot_be_written_is_found_before_the_training(refused, written, monkeypatch):
    monkeypatch.setattr(train, "_fit", lambda *_, **__: pytest.fail("trained"))
    assert "can't write" in refused("train", "digits", "--out", "/proc/run")
    Path("runs").write_text("a file where the folder of runs would be")
    assert "can't write" in refused("train", "digits")


def test_checkpoints_are_models_of_their_own(run):
    run("train", "digits", "--latent-dim", 2, "--hidden", "8", "--epochs", 4, "--out", "r", "--checkpoints")
    folders = sorted(Path("r/checkpoints").iterdir())
    assert [folder.name for folder in folders] == ["epoch-00001", "epoch-00002", "epoch-00003", "epoch-00004"]
    assert [len(load(folder).history_) for folder in folders] == [1, 2, 3, 4]
    run("train", "digits", "--latent-dim", 2, "--hidden", "8", "--epochs", 1, "--out", "r", "--force")
    assert not Path("r/checkpoints").exists()


def test_the_map_is_shown_while_it_learns_and_stays(run, monkeypatch):
    from aevum.server import Explorer

    ends = []
    monkeypatch.setattr(Explorer, "open_browser", lambda self: ends.append("browser") or True)
    monkeypatch.setattr(Explorer, "wait", lambda self: ends.append(self._exchange.runs["r"]) or self.close())
    found = run("train", "digits", "--hidden", "8", "--epochs", 2, "--out", "r", "--explore", "--checkpoints")
    # The address is told, whether or not a browser opens: it may be on another machine's screen.
    assert "the map while it learns: http://127.0.0.1:" in found.stderr and "(Ctrl-C ends it)" in found.stdout
    assert ends[0] == "browser" and ends[1].version is None and ends[1].id == "r"
    assert [earlier.epoch for earlier in ends[1].checkpoints] == [1, 2]
    assert Path("r/checkpoints/epoch-00002").is_dir()


def test_how_a_table_was_opened_is_kept(run, written):
    lines = [f"h\u00f6he|{i % 7},5|{i % 3},25" for i in range(40)]
    Path("t.txt").write_bytes("\n".join(["kind|a|b", *lines]).encode("cp1252"))
    options = ("--sep", "|", "--decimal", ",", "--encoding", "cp1252", "--header", "--labels", "kind")
    said = run("train", "t.txt", "--epochs", 1, "--latent-dim", 1, "--hidden", 4, "--out", "r", *options).output
    assert "encode r t.txt --labels kind --sep '|' --decimal , --encoding cp1252 --header -o codes.csv" in said
    Path("r/data.json").write_text(json.dumps(signed(written[0]["opening"])))
    recorded = recorded_opening("r")
    opened = open_for(load_run("r"), recorded.pop("data"), **recorded)
    assert opened.x[:2].tolist() == [[0.5, 0.25], [1.5, 1.25]]
    assert opened.y[0] == "h\u00f6he"


def test_the_page_of_a_training_has_the_port_of_its_run_or_the_one_that_is_asked_for(run, refused, monkeypatch):
    from aevum.server import Explorer, ports_for

    ends = []
    monkeypatch.setattr(Explorer, "open_browser", lambda self: pytest.fail("opened a browser"))
    monkeypatch.setattr(Explorer, "wait", lambda self: ends.append(self.port) or self.close())
    small = ("digits", "--hidden", "8", "--epochs", 1, "--explore", "--no-browser", "--out")
    run("train", *small, "r")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    found = run("train", *small, "s", "--port", port)
    assert ends[0] in ports_for("r") and ends[1] == port and f"http://127.0.0.1:{port}/?token=" in found.stderr
    for option in (("--port", 8000), ("--no-browser",)):
        assert "--explore" in refused("train", "digits", *option)


# -------------------------------------------------------------------- verdicts


def test_terminal_report_metrics_and_card_say_the_same_worst_first(run, tmp_path):
    """A model after four steps: no place calls it good, and each says what to do."""
    words = ["train", "digits", "--latent-dim", 2, "--epochs", 1, "--batch-size", 512, "--hidden", 16]
    said = run(*words, "--out", "r").stdout
    metrics = json.loads((tmp_path / "r" / "metrics.json").read_text(encoding="utf-8"))
    report, card = ((tmp_path / "r" / name).read_text(encoding="utf-8") for name in ("report.html", "model_card.md"))
    assert metrics["findings"][0]["severity"] == "bad" and metrics["figures"]["steps"] == 4
    assert "Hardly trained: 4 steps" in said and "good:" not in said and 'class="callout good' not in report
    for found in metrics["findings"]:
        assert one_line(f"{found['severity']}: {found['title']}. {found['text']}") in said
        assert html.escape(found["title"]) in report and html.escape(found["text"]) in report
        assert f"**Warning: {found['title']}.**" in card
    assert f"σ = {metrics['sigma']['low']:.3f}" in said
    for text in (said, card, re.sub('base64,[^"]+', "", report)):
        assert not re.search(r"\d e?\+\d\d %|\de\+\d", text)
    assert "Hardly trained" in run("info", "r").stdout
    evaluated = run("evaluate", "r", "digits", "-n", 60, "--k", 50).stdout
    assert "bad: Hardly trained" in evaluated and "good:" not in evaluated
    assert 'class="callout good' not in (tmp_path / "r" / "report.html").read_text(encoding="utf-8")


def test_sigma_of_each_column_is_told_with_names(run, table):
    said = run("train", table, "--labels", "species", "--likelihood", "gaussian:per-feature", "--epochs", 8).stdout
    assert re.search(r"σ from 0\.\d+ \([abcd]\) to \d\.\d+ \([abcd]\) in the data's units", said)


@pytest.mark.slow
def test_findings_of_a_strangers_metrics_harm_no_terminal(run, tmp_path, models):
    folder = Path(shutil.copytree(models.ae, tmp_path / "r"))
    for findings in ([{"severity": "bad", "title": "\x1b[2J", "text": 3}, 5], "none", {"a": 1}):
        (folder / "metrics.json").write_text(json.dumps({"findings": findings, "sigma": {"low": "x"}}))
        assert "\x1b" not in run("info", folder).stdout


def test_a_fit_that_no_epoch_bettered_says_the_loss_of_its_start(run, tmp_path):
    random = np.random.default_rng(0)
    table = random.normal(size=(150, 2)) @ random.normal(size=(2, 5)) + 0.3 * random.normal(size=(150, 5))
    np.savetxt(tmp_path / "t.csv", table, delimiter=",", header="a,b,c,d,e", comments="", fmt="%.3f")
    said = run("train", tmp_path / "t.csv", "--epochs", 2, "--hidden", 8, "--learning-rate", 1e-6, "--out", "r").stdout
    history = [json.loads(line) for line in Path("r/history.jsonl").read_text().splitlines()]
    assert history[-1]["best_epoch"] == 0
    loss = re.search(r"loss +([−\d.]+) nats on the validation rows: the start's, whose weights were kept", said)
    assert loss is not None and float(loss[1].replace("−", "-")) == pytest.approx(
        history[0]["validation_begun"], rel=1e-3
    )
    assert "none better than the start" in said and "weights of the start" in Path("r/model_card.md").read_text()
    assert json.loads(run("info", "r", "--json").stdout)["best_epoch"] == 0
    page = Path("r/report.html").read_text()
    assert "Validation, start" in page and "epoch None" not in page
