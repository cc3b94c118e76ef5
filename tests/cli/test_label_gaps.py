"""Files in which some rows have no label: for models that learn from some, and for those that need every one."""

import importlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import aevum
from aevum.cli.explore import run_with_rows

MODEL = f"{Path(__file__).parents[1] / 'compositions' / 'semi.py'}:SemiSupervised"
SMALL = ("--epochs", 2, "--latent-dim", 1, "--hidden", 8)


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """Runs without figures: of labels with gaps the page and the map are drawn elsewhere."""
    monkeypatch.setattr("aevum.runs.writing.panels_of", lambda subject: [])
    monkeypatch.setattr("aevum.estimators.fitting.warn_of_collapse", lambda *_: None)


@pytest.fixture(params=["words.csv", "numbers.csv", "words.parquet", "numbers.parquet"])
def partly(request, run):
    """The path of a table of two numbers and a label that most rows lack, and the label of each row."""
    random = np.random.default_rng(0)
    kinds = np.array(["red", "green", "blue"] if "words" in request.param else [4, 7, 9], dtype=object)
    kind = random.integers(0, 3, 90)
    y = np.where(random.random(90) < 0.6, None, kinds[kind])
    frame = pd.DataFrame({"a": random.normal(size=90) + kind, "b": random.normal(size=90) - kind, "kind": y})
    if "numbers" in request.param:
        frame["kind"] = frame["kind"].astype("Int64")
    if request.param.endswith("csv"):
        frame.to_csv(request.param, index=False)
    else:
        frame.to_parquet(request.param)
    return request.param, y


def test_rows_without_a_label_are_learned_from(partly, run, own_registry):
    path, y = partly
    run("train", path, "--labels", "kind", "--model", MODEL, *SMALL, "--out", "r")
    learned = aevum.load("r")
    assert set(learned.classes_.tolist()) == {each for each in y if each is not None}
    # The same as in Python, where the labels are an array with None.
    x = aevum.open_data(path, drop="kind").x
    settings = {"epochs": 2, "latent_dim": 1, "hidden": 8, "random_state": 0}
    wanted = type(learned)(**settings).fit(x, y)
    np.testing.assert_array_equal(learned.transform(x, y), wanted.transform(x, y))
    # Afterwards, too: by commands, and by the page, which opens the file as it was opened.
    run("encode", "r", path, "--labels", "kind", "-o", "codes.csv")
    codes = pd.read_csv("codes.csv")
    np.testing.assert_allclose(
        codes[list(learned.get_feature_names_out())], wanted.transform(x, y), rtol=1e-5, atol=1e-6
    )
    assert codes["label"].isna().sum() == sum(each is None for each in y)
    run("decode", "r", "codes.csv", "-o", "again.npy")
    np.testing.assert_allclose(np.load("again.npy"), wanted.reconstruct(x, y), rtol=1e-4, atol=1e-5)
    shown = run_with_rows("r", "r", {})
    assert shown.no_data is None and "no label" in shown.labelled[0]


def test_models_that_need_every_label_name_the_first_row_without(partly, refused):
    path, y = partly
    row = next(place for place, each in enumerate(y) if each is None)
    where = f"line {row + 2}" if path.endswith("csv") else f"row {row + 1}"
    assert f'{where}: column "kind" has no value' in refused("train", path, "--labels", "kind", "--model", "cvae")
    assert "has no value" in refused("train", path, "--labels", "kind")


def test_several_columns_of_labels_may_have_gaps_too(run):
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "kind": ["x", None, "y"], "size": [0.5, 1.5, None]})
    frame.to_csv("several.csv", index=False)
    with pytest.raises(aevum.InputError, match='column "kind" has no value'):
        aevum.open_data("several.csv", labels="kind,size")
    found = aevum.open_data("several.csv", labels="kind,size", label_gaps=True)
    assert found.y["kind"].tolist() == ["x", "", "y"]
    np.testing.assert_array_equal(found.y["size"], [0.5, 1.5, np.nan])


def test_the_command_that_is_suggested_asks_for_a_label_that_there_is(own_registry, run):
    labels = importlib.import_module("aevum.cli.labels")
    data = aevum.data.Dataset(np.eye(3), np.array(["", "", "b"]), label_gaps=True)
    assert data.classes.tolist() == ["b"]
    model = type("Model", (), {"conditional": "optional"})()
    assert labels.asking(model, data) == " --label b"
