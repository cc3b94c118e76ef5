import csv
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from aevum import load
from aevum.cli import aevum
from aevum.data import open_data
from aevum.evaluation.anomalies import anomaly_scores, detect


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command by itself in a folder of its own: ``run(path, data, code=0)``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AEVUM_DEBUG", raising=False)

    def call(*words, code=0):
        result = CliRunner().invoke(aevum, ["score", *map(str, words)])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return call


def rows_of(path):
    with Path(path).open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def odd_flowers(tmp_path):
    """The irises with one impossible width in row 30."""
    iris = open_data("iris")
    x = iris.x.copy()
    x[30, 1] = 9.0  # much farther out the code is so too, and other columns follow it
    path = tmp_path / "odd.csv"
    path.write_text("\n".join(["length,width,c,d", *(",".join(map(str, row)) for row in x.tolist())]) + "\n")
    return path


def test_the_odd_row_and_its_column_are_named(run, models, odd_flowers):
    text = run(models.iris, odd_flowers, "--top", 2).stdout
    assert text.startswith("15 of 150 rows flagged")
    first = next(line for line in text.splitlines() if line.lstrip().startswith("30 "))
    assert first == text.splitlines()[3] and "yes" in first and first.split()[3] == "width"
    answer = json.loads(run(models.iris, odd_flowers, "--top", 2, "--json").stdout)
    assert answer["rows"] == 150 and answer["flagged"] == 15 and len(answer["top"]) == 2 and answer["output"] is None
    alone = run(models.iris, odd_flowers, "-n", 5)
    assert "--reference" in alone.stderr and "its code alone" not in alone.stdout and "–" in alone.stdout
    assert run(models.iris, odd_flowers, "-n", 30).stdout.startswith("3 of 30 rows flagged")
    top = answer["top"][0]
    assert top["row"] == 30 and top["flagged"] is True and top["features"][0]["feature"] == "width"
    assert top["score"] > answer["threshold"] and answer["score"] == "negative log-likelihood"


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".npy"])
def test_all_scores_are_written(run, models, suffix):
    name = f"scores{suffix}"
    assert f"scores of 150 rows in {name}" in run(models.iris, "iris", "-o", name, "--contamination", 0.02).stdout
    expected = detect(load(models.iris), open_data("iris").x, contamination=0.02)
    if suffix == ".npy":
        assert np.array_equal(np.load(name), expected.scores)
    elif suffix == ".csv":
        rows = rows_of(name)
        assert list(rows[0]) == ["row", "score", "flagged", "label"] and rows[0]["label"] == "setosa"
        assert [float(row["score"]) for row in rows] == expected.scores.tolist()
        assert [row["flagged"] == "True" for row in rows] == expected.flags.tolist()
        assert expected.flags.sum() == 3
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        assert parquet.read_table(name)["score"].to_pylist() == expected.scores.tolist()


def test_reference_rows_set_the_threshold(run, models, odd_flowers):
    words = (models.iris, odd_flowers, "--reference", "iris", "--quantile", 0.9, "--k", 20, "--json")
    answer = json.loads(run(*words).stdout)
    expected = np.sort(anomaly_scores(load(models.iris), open_data("iris").x, k=20))
    assert answer["threshold"] == pytest.approx(expected[134]) and answer["flagged"] == 16
    assert answer["top"][0]["features"][0]["feature"] == "width"


@pytest.mark.parametrize("name", ["ae", "dae", "vae", "cvae"])
def test_images_of_every_model(run, models, name):
    answer = json.loads(run(getattr(models, name), "digits", "--top", 1, "--k", 5, "--json").stdout)
    row, column = json.loads(answer["top"][0]["features"][0]["feature"])
    assert 0 <= row < 8 and 0 <= column < 8 and answer["flagged"] == 180
    assert answer["score"] == ("distortion" if name in ("ae", "dae") else "negative log-likelihood")


def test_no_rows_shown(run, models):
    assert run(models.iris, "iris", "--top", 0).stdout.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("iris", "--contamination", "1.5"), "contamination must lie between 0 and 1, got 1.5"),
        (("iris", "--quantile", "0.9"), "--reference"),
        (("iris", "--reference", "iris", "--contamination", "0.1"), "say one of them"),
        (("iris", "--reference", "iris", "--quantile", "nan"), "quantile must lie between 0 and 1"),
        (("iris", "--reference", "digits"), "each example of digits is 8×8"),
        (("iris", "--k", "0"), "at least 1"),
        (("iris", "--top", "-1"), "at least 0"),
        (("iris", "-o", "a.png"), ".npy, .csv or .parquet"),
        (("nowhere.csv",), "doesn't exist"),
        ((), "Missing argument"),
    ],
)
def test_refused(run, models, tmp_path, words, part):
    result = run(models.iris, *words, code=2)
    assert result.stdout == "" and result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert part in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_existing_files_are_replaced_by_force_only(run, models):
    Path("a.csv").write_text("mine")
    assert "--force" in run(models.iris, "iris", "-o", "a.csv", code=2).stderr
    assert Path("a.csv").read_text() == "mine"
    run(models.iris, "iris", "-o", "a.csv", "--force")
    assert len(rows_of("a.csv")) == 150
