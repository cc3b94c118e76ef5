import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from aevum import load
from aevum.data import open_data


def rows_of(path):
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


def size_of(path):
    with Image.open(path) as picture:
        return picture.size


@pytest.mark.parametrize("name", ["ae", "dae", "vae", "cvae"])
def test_samples_of_every_model(run, models, name):
    assert "5 samples in a.npy" in run("sample", getattr(models, name), "-n", 5, "--seed", 3, "-o", "a.npy").stdout
    run("sample", getattr(models, name), "-n", 5, "--seed", 3, "-o", "b.npy")
    run("sample", getattr(models, name), "-n", 5, "--seed", 4, "-o", "c.npy")
    a, b, c = (np.load(f"{name}.npy") for name in "abc")
    assert a.shape == (5, 8, 8)
    assert (a == b).all() and (a != c).any()


def test_samples_without_a_seed_differ(run, models):
    for name in ("a", "b"):
        run("sample", models.vae, "-n", 2, "-o", f"{name}.npy")
    assert (np.load("a.npy") != np.load("b.npy")).any()


def test_classes_of_samples(run, models):
    answer = json.loads(run("sample", models.cvae, "-n", 12, "-o", "a.npy", "--json").stdout)
    assert answer["labels"] == [*range(10), 0, 1] and answer["output"].endswith("a.npy")
    assert "take turns" in run("sample", models.cvae, "-n", 12, "-o", "b.npy").stdout
    words = ("--label", "7", "--label", "3.0", "--json")
    assert json.loads(run("sample", models.cvae, "-n", 3, "-o", "c.npy", *words).stdout)["labels"] == [7, 3, 7]
    run("sample", models.named, "-n", 3, "--label", "Setosa", "-o", "d.csv")
    rows = rows_of("d.csv")
    assert [row["label"] for row in rows] == ["setosa"] * 3 and len(rows[0]) == 5
    run("sample", models.numbers, "-n", 3, "--label", "99.5", "-o", "e.npy")


def test_pictures_show_means_unless_draws_are_asked_for(run, models):
    assert "9 means of samples in a.png" in run("sample", models.vae, "-n", 9, "-o", "a.png").stdout
    assert "9 samples in b.png" in run("sample", models.vae, "-n", 9, "--draw", "-o", "b.png").stdout
    assert json.loads(run("sample", models.vae, "--mean", "-o", "c.npy", "--json").stdout)["mean"] is True
    assert size_of("a.png") == size_of("b.png")


def test_reconstructions(run, models, table):
    digits = open_data("digits")
    assert "16 reconstructions of 1,797 rows" in run("reconstruct", models.cvae, "digits", "-o", "a.png").stdout
    width, height = size_of("a.png")  # two rows of eight digits, below each row its reconstructions
    assert 0.45 < height / width < 0.55
    run("reconstruct", models.vae, "digits", "-o", "a.npy")
    assert np.array_equal(np.load("a.npy"), load(models.vae).reconstruct(digits.x))
    run("reconstruct", models.iris, table, "--labels", "species", "-n", 3, "-o", "a.csv")
    rows = rows_of("a.csv")
    assert len(rows) == 3 and list(rows[0]) == ["a", "b", "c", "d"]


def test_codes(run, models, table):
    expected = load(models.iris).transform(open_data("iris").x)
    for name in ("z.npy", "z.csv", "z.parquet"):
        answer = json.loads(run("encode", models.iris, table, "--labels", "species", "-o", name, "--json").stdout)
        assert answer["rows"] == 150 and answer["columns"] == ["vae0", "vae1"] and answer["labels"]
    assert np.array_equal(np.load("z.npy"), expected)
    for name in ("z.csv", "z.parquet"):
        codes = open_data(name, labels="label", drop="row")
        assert codes.feature_names == ("vae0", "vae1") and codes.y[0] == "setosa"
        assert np.array_equal(codes.x.astype(np.float32), expected)
    assert "150 codes of 2 values" in run("encode", models.named, "iris", "-o", "named.npy").stdout


def test_decoding_what_was_encoded(run, models):
    run("encode", models.cvae, "digits", "-o", "z.csv")
    run("decode", models.cvae, "z.csv", "-o", "x.npy")
    digits = open_data("digits")
    cvae = load(models.cvae)
    expected = cvae.inverse_transform(cvae.transform(digits.x, digits.y), digits.y)
    assert np.array_equal(np.load("x.npy"), expected)
    run("encode", models.cvae, "digits", "-o", "z.npy")
    run("decode", models.cvae, "z.npy", "--label", 3, "-n", 4, "-o", "threes.npy")
    z = np.load("z.npy")[:4]
    assert np.array_equal(np.load("threes.npy"), cvae.inverse_transform(z, 3))
    run("encode", models.iris, "iris", "-o", "z.parquet")
    run("decode", models.iris, "z.parquet", "-o", "x.csv")
    assert len(rows_of("x.csv")) == 150 and list(rows_of("x.csv")[0]) == [*open_data("iris").feature_names, "label"]


def test_pictures_of_codes(run, models):
    run("encode", models.vae, "digits", "-o", "z.npy")
    assert "64 of 1,797 codes decoded in x.png" in run("decode", models.vae, "z.npy", "-o", "x.png").stdout


def test_info(run, models):
    text = run("info", models.cvae).stdout
    assert text.startswith("model") and "CVAE(beta=0.1" in text and "8×8" in text
    assert "classes     0, 1, 2" in text and "latent dimensions are active" in text
    answer = json.loads(run("info", models.vae, "--json").stdout)
    assert answer["model"] == "vae" and answer["example_shape"] == [8, 8] and answer["likelihood"] == "gaussian:shared"
    assert answer["parameters"]["beta"] == 0.1 and answer["epochs"] == 1 and answer["report"] is None
    assert answer["loss"] == pytest.approx(answer["loss_distortion"] + 0.1 * answer["loss_rate"], abs=1e-3)
    assert "rate" not in run("info", models.ae).stdout


def test_datasets(run):
    assert "60,000" in run("datasets").stdout
    named = json.loads(run("datasets", "--json").stdout)["datasets"]
    assert named[0] == {
        "name": "digits",
        "description": "handwritten digits, 8×8 pixels, values 0 to 16",
        "rows": 1797,
        "shape": [8, 8],
        "source": "bundled with scikit-learn",
    }


def test_existing_files_are_replaced_by_force_only(run, refused, models, tmp_path):
    (tmp_path / "z.npy").write_text("mine")
    assert "--force" in refused("encode", models.vae, "digits", "-o", "z.npy")
    assert (tmp_path / "z.npy").read_text() == "mine"
    run("encode", models.vae, "digits", "-o", "z.npy", "--force")
    run("encode", models.vae, "digits", "-o", "new/folder/z.npy")
    assert np.array_equal(np.load("z.npy"), np.load("new/folder/z.npy"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new", "z.npy"]


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("-o", "a.jpg"), ".png, .npy, .csv or .parquet"),
        (("-o", "a"), "a name without ending"),
        (("-o", "a.csv"), "is for tables"),
        (("-o", "/dev/null/a.npy"), "can't write"),
        (("-o", "folder.npy"), "is a folder"),
        (("-n", "0", "-o", "a.npy"), "at least 1"),
        (("--label", "7", "-o", "a.npy"), "conditioned on labels"),
        (("-o", ""), "names no file"),
        ((), "Missing option"),
    ],
)
def test_samples_refused(refused, models, tmp_path, words, part):
    (tmp_path / "folder.npy").mkdir()
    assert part in refused("sample", models.vae, *words)
    assert [path.name for path in tmp_path.iterdir()] == ["folder.npy"]


def test_labels_refused(refused, run, models):
    assert '"11"' in refused("sample", models.cvae, "--label", "11", "-o", "a.npy")
    assert "--label" in refused("sample", models.numbers, "-o", "a.npy")
    assert '"high"' in refused("sample", models.numbers, "--label", "high", "-o", "a.npy")
    np.save("x.npy", open_data("digits").x)
    assert "--labels" in refused("encode", models.cvae, "x.npy", "-o", "a.npy")
    np.save("z.npy", np.zeros((3, 2)))
    assert "--label" in refused("decode", models.cvae, "z.npy", "-o", "a.npy")


def test_data_refused(refused, models, table):
    assert "8×8" in refused("encode", models.vae, "iris", "-o", "z.npy")
    assert "--labels" in refused("encode", models.iris, "wine", "-o", "z.npy")
    assert "species" in refused("encode", models.iris, table, "-o", "z.npy")
    assert "doesn't exist" in refused("encode", models.iris, "nowhere.csv", "-o", "z.npy")
    np.save("x.npy", np.full((3, 4), np.inf))
    assert "infinity" in refused("encode", models.iris, "x.npy", "-o", "z.npy")
    np.save("z.npy", np.zeros((3, 5)))
    assert "have 2" in refused("decode", models.vae, "z.npy", "-o", "out.npy")
    assert "--data-dir" in refused("encode", models.vae, "digits", "--data-dir", ".", "-o", "out.npy")
    assert "split" in refused("encode", models.vae, "digits", "--split", "test", "-o", "out.npy")
    assert "no file" in refused("decode", models.vae, "digits", "-o", "out.npy")
    assert "images" in refused("sample", models.iris, "-o", "a.png")


@pytest.mark.parametrize("command", ["info", "sample"])
def test_models_refused(refused, models, tmp_path, command):
    words = () if command == "info" else ("-o", "a.npy")
    assert "does not exist" in refused(command, "nowhere", *words)
    assert "no run is named" in refused(command, "", *words)
    assert str(models.vae) in refused(command, models.vae.parent, *words)
    (tmp_path / "empty").mkdir()
    assert "holds no model" in refused(command, "empty", *words)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "config.json").write_text('{"model_type": "bert"}')
    (foreign / "model.safetensors").write_bytes(b"")
    refused(command, "foreign", *words)
    damaged = tmp_path / "damaged"
    damaged.mkdir()
    for path in (models.vae / "model").iterdir():
        (damaged / path.name).write_bytes(path.read_bytes())
    weights = damaged / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8] + b"\x01" * 8)
    assert "damaged" in refused(command, "damaged", *words)


def test_parquet_without_pyarrow(refused, models, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    assert "pip install" in refused("encode", models.vae, "digits", "-o", "z.parquet")


def test_several_columns_of_labels(run, refused, tmp_path):
    n = np.arange(60)
    frame = pd.DataFrame({"p": np.sin(n), "q": np.cos(n), "kind": np.array(list("ab"))[n % 2], "angle": n * 10})
    frame.to_csv("t.csv", index=False)
    tiny = ("--hidden", 8, "--epochs", 1, "--latent-dim", 2)
    said = run("train", "t.csv", "--labels", "kind,angle", "--model", "cvae", *tiny, "--out", "m").stdout
    assert "sample m --label kind=a,angle=0 -o" in said
    run("sample", "m", "-n", 3, "--label", "kind=a,angle=15", "--label", "angle=200,kind=b", "-o", "s.csv")
    assert [(row["kind"], row["angle"]) for row in rows_of("s.csv")] == [("a", "15.0"), ("b", "200.0"), ("a", "15.0")]
    assert "--label kind=…,angle=…" in refused("sample", "m", "-o", "x.csv")
    for label in ("kind=a", "kind=a,kind=b,angle=15"):
        assert "kind=…,angle=…" in refused("sample", "m", "--label", label, "-o", "x.csv")
    run("encode", "m", "t.csv", "--labels", "kind,angle", "-o", "codes.csv")
    run("decode", "m", "codes.csv", "-o", "d.csv")
    assert [row["kind"] for row in rows_of("d.csv")] == frame.kind.tolist()
    run("score", "m", "t.csv", "--labels", "kind,angle", "-o", "scores.csv")
    assert rows_of("scores.csv")[1]["angle"] == "10"
