"""``aevum evaluate`` and ``aevum compare``: numbers that agree with Python's, files that hold them, plain errors."""

import json
import re
from pathlib import Path

import numpy as np
import pytest

from aevum import AE, CVAE, VAE, load, open_data, write_run
from aevum.evaluation import compare, evaluate

SMALL = {"latent_dim": 2, "hidden": 16, "epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Run folders of the digits: an AE, a VAE and a CVAE."""
    folder, digits = tmp_path_factory.mktemp("runs"), open_data("digits")
    for name, kind in (("ae", AE), ("vae", VAE), ("cvae", CVAE)):
        options = {} if kind is AE else {"beta": 0.5}
        write_run(kind(**SMALL, **options).fit(digits), digits, folder / name, name="digits")
    return folder


def test_evaluate_says_what_python_says_and_writes_it_down(run, runs):
    done = json.loads(run("evaluate", runs / "vae", "digits", "--k", 20, "-n", 300, "--json").stdout)
    digits = open_data("digits")
    expected = evaluate(load(runs / "vae"), digits.x[:300], digits.y[:300], k=20).to_dict()
    assert done["evidence"]["log_evidence"] == pytest.approx(expected["evidence"]["log_evidence"], abs=1e-4)
    assert done["representation"] == pytest.approx(expected["representation"])
    metrics = json.loads((runs / "vae" / "metrics.json").read_text())
    assert metrics["evaluations"]["digits (first 300 rows)"]["evidence"] == done["evidence"]
    assert metrics["evaluation"], "what the run said before is still there"
    text = run("evaluate", runs / "vae", "digits", "--k", 20, "-n", 300).stdout
    assert f"{done['evidence']['log_evidence']:.2f} ±".replace("-", "−") in text
    assert "intervals" in text and "labels" in text
    report = (runs / "vae" / "report.html").read_text()
    assert report.count("<h2>Evaluation on digits (first 300 rows)</h2>") == 1, (
        "the second evaluation replaces the first"
    )
    assert report.count("<h2>Calibration</h2>") == 1 and report.count("<h2>What to try next</h2>") == 1
    assert report.index("Evaluation on digits") < report.index("What to try next")
    assert (runs / "vae" / "figures" / "calibration.png").read_bytes()[:4] == b"\x89PNG"
    assert load(runs / "vae").latent_dim == 2


def test_two_data_sets_stand_beside_each_other(run, tmp_path):
    digits = open_data("digits")
    write_run(VAE(**SMALL, beta=0.5).fit(digits), digits, tmp_path / "vae", name="digits")
    name = tmp_path / "other <b>.npy"
    np.save(name, open_data("digits").x[:100])
    run("evaluate", tmp_path / "vae", "digits", "--k", 5, "-n", 100)
    run("evaluate", tmp_path / "vae", name, "--k", 5)
    report = (tmp_path / "vae" / "report.html").read_text()
    assert len(re.findall("<h2>Evaluation on", report)) == 2 and "<b>.npy" not in report
    assert len(json.loads((tmp_path / "vae" / "metrics.json").read_text())["evaluations"]) == 2


def test_a_run_without_its_report_keeps_the_numbers(run, tmp_path):
    digits = open_data("digits")
    write_run(VAE(**SMALL, beta=0.5).fit(digits), digits, tmp_path / "vae", name="digits")
    (tmp_path / "vae" / "report.html").unlink()
    (tmp_path / "vae" / "metrics.json").unlink()
    assert "log p(x)" in run("evaluate", tmp_path / "vae", "digits", "--k", 5, "-n", 50).stdout
    assert "digits (first 50 rows)" in json.loads((tmp_path / "vae" / "metrics.json").read_text())["evaluations"]


def test_rows_that_the_model_was_trained_on_are_not_new(run, runs):
    assert "was trained on digits too" in run("evaluate", runs / "vae", "digits", "--k", 5, "-n", 50).stderr
    compared = run("compare", runs / "vae", runs / "ae", "--k", 5, "--samples", 50, "-n", 50).stderr
    assert "vae was trained on digits too" in compared and "ae was trained on digits too" in compared


def test_other_rows_of_the_same_name_are_new(run, runs, tmp_path):
    np.save(tmp_path / "digits.npy", open_data("digits").x[:200])
    assert "trained on" not in run("evaluate", runs / "vae", tmp_path / "digits.npy", "--k", 5).stderr


def test_few_draws_are_a_bound_and_not_a_bad_estimate(run, tmp_path):
    digits = open_data("digits")
    write_run(VAE(**SMALL).fit(digits), digits, tmp_path / "vae", name="digits")
    text = run("evaluate", tmp_path / "vae", "digits", "--k", 1, "-n", 50).stdout
    report = (tmp_path / "vae" / "report.html").read_text()
    assert "nan" not in text and "nan nats" not in report
    assert "A bound" in report and "log p(x) is too low" not in report


def test_what_is_wrong_is_said_once_however_often_a_command_looks(run, models, tmp_path):
    np.savetxt(tmp_path / "times100.csv", 100 * open_data("iris").x, delimiter=",")
    done = run("evaluate", models.iris, tmp_path / "times100.csv", "--k", 60)
    lines = done.stderr.splitlines()
    assert len(lines) == 1 and "elsewhere than in training" in lines[0]
    assert done.stdout.count("log p(x) is too low") == 1


def test_columns_in_another_order_are_matched_by_name(run, models, tmp_path):
    iris = open_data("iris")
    names = list(iris.feature_names)[::-1]
    lines = [",".join(map(str, row[::-1])) for row in iris.x.tolist()]
    (tmp_path / "turned.csv").write_text("\n".join([",".join(names), *lines]) + "\n")
    for command, *options in (("evaluate", "--k", 5), ("score",)):
        found = [json.loads(run(command, models.iris / "model", data, *options, "--json").stdout) for data in
                 ("iris", tmp_path / "turned.csv")]  # fmt: skip
        unlike = {"data": None, "representation": None}  # the turned table has no labels
        assert {**found[0], **unlike} == {**found[1], **unlike}
    for command in ("encode", "reconstruct"):
        for data in ("iris", tmp_path / "turned.csv"):
            run(command, models.iris, data, "-o", f"{Path(data).stem}.npy", "--force")
        np.testing.assert_array_equal(np.load("iris.npy"), np.load("turned.npy"))


def test_other_columns_are_refused_with_both_lists(refused, models, tmp_path):
    iris = open_data("iris")
    names = ["id", *iris.feature_names[:3]]
    lines = [",".join(map(str, [1.5, *row[:3]])) for row in iris.x.tolist()]
    (tmp_path / "other.csv").write_text("\n".join([",".join(names), *lines]) + "\n")
    for command, *options in (("evaluate",), ("score",), ("encode", "-o", "c.npy"), ("reconstruct", "-o", "r.npy")):
        said = refused(command, models.iris, tmp_path / "other.csv", *options)
        assert 'fitted on "sepal length (cm)"' in said and 'these data have "id"' in said
        assert 'without "petal width (cm)" and with unknown "id"' in said


def test_an_auto_encoder_is_measured_but_for_its_evidence(run, refused, runs):
    text = run("evaluate", runs / "ae", "digits", "-n", 100).stdout
    assert "none: an auto-encoder has no density" in text and "squared error" in text
    assert "an auto-encoder has no density" in refused("evaluate", runs / "ae", "digits", "--k", 100)


def test_a_model_directory_alone_gets_no_files(run, runs):
    text = run("evaluate", runs / "vae" / "model", "digits", "--k", 5, "-n", 50).stdout
    assert "model directory and no run folder" in text
    assert not (runs / "vae" / "model" / "metrics.json").exists()


def test_a_conditional_model_takes_the_labels(run, refused, runs, tmp_path):
    text = run("evaluate", runs / "cvae", "digits", "--k", 5, "-n", 200).stdout
    assert "given y" in text and "labels" not in text
    np.save(tmp_path / "x.npy", open_data("digits").x[:50])
    assert "conditioned on labels" in refused("evaluate", runs / "cvae", tmp_path / "x.npy")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--k", "0"], "at least 1"),
        (["--k", "many"], "--k"),
        (["--chunk", "0"], "at least 1"),
        (["--precision", "half"], "precision='half' is not one of"),
        (["-n", "5"], "at least 20 rows; these are 5"),
    ],
)
def test_bad_options(refused, runs, words, message):
    assert message in refused("evaluate", runs / "vae", "digits", *words)


def test_bad_data_and_damaged_runs(refused, runs, tmp_path):
    np.save(tmp_path / "wide.npy", np.zeros((30, 9)))
    assert "fitted on 8×8" in refused("evaluate", runs / "vae", tmp_path / "wide.npy")
    assert "nowhere" in refused("evaluate", tmp_path / "nowhere", "digits")
    assert "aevum compare takes several runs" in refused("evaluate", runs / "vae", runs / "ae")
    (tmp_path / "photos" / "model").mkdir(parents=True)
    assert "is a run" not in refused("evaluate", runs / "vae", tmp_path / "photos"), "a class may have this name"
    other = tmp_path / "other"
    load(runs / "vae").save(other / "model")
    (other / "metrics.json").write_text('{"data": []}')
    assert "say with --data" in refused("compare", other)
    damaged = tmp_path / "damaged"
    load(runs / "vae").save(damaged / "model")
    (damaged / "metrics.json").write_text("{")
    assert "metrics.json is damaged" in refused("evaluate", damaged, "digits", "--k", 5, "-n", 50)


def test_compare_says_what_python_says(run, runs, tmp_path):
    words = ("compare", runs / "ae", runs / "vae", runs / "cvae", "--k", 10, "--samples", 200, "-n", 300)
    text = run(*words).stdout
    assert re.search(r"^model +latents", text, re.M) and "PCA" not in text.splitlines()[1]
    done = json.loads(run(*words, "--json", "--html", tmp_path / "c.html").stdout)
    digits = open_data("digits")
    models = {name: load(runs / name) for name in ("ae", "vae", "cvae")}
    expected = compare(models, digits.x[:300], digits.y[:300], k=10, samples=200).to_dict()
    for found, wanted in zip(done["models"], expected["models"], strict=True):
        for field, value in wanted.items():
            expected = pytest.approx(value, rel=1e-4) if isinstance(value, float) else value
            assert found[field] == expected, (found["name"], field)
    page = (tmp_path / "c.html").read_text()
    assert "3 models of digits" in page and "<script" not in page and "http" not in page.replace("http-equiv", "")
    assert page.count("data:image/png;base64,") == 2
    assert "ae, vae and cvae were trained on these rows too" in page


def test_compare_with_training_rows_has_principal_components(run, runs):
    done = json.loads(
        run(
            "compare", runs / "vae", "--train", "digits", "--pca", 3, "-n", 200, "--k", 5, "--samples", 100, "--json"
        ).stdout
    )
    assert [entry["name"] for entry in done["models"]] == ["PCA", "vae"]
    assert done["models"][0]["latent_dim"] == 3 and "classifier" in done["features"]


def test_compare_refuses(refused, runs, models, tmp_path):
    assert "named twice" in refused("compare", runs / "vae", runs / "vae")
    assert "named twice" in refused("compare", runs / "vae", f"{runs}/./vae/")
    assert "--train" in refused("compare", runs / "vae", "--pca", 3)
    assert "--data" in refused("compare", models.iris, models.named)
    assert "different shapes" in refused("compare", runs / "vae", models.iris, "--data", "digits")
    (tmp_path / "there.html").write_text("mine")
    assert "--force" in refused("compare", runs / "vae", "--html", tmp_path / "there.html")
    assert (tmp_path / "there.html").read_text() == "mine"
    assert "1 to 64 components" in refused("compare", runs / "vae", "--train", "digits", "--pca", 65, "-n", 100)
