"""Columns of labels as the server gives them: values, traits, rows by their names; hostile tables too."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from aevum import CVAE, VAE, open_data
from aevum.errors import InputError
from aevum.exploration.steps import finished
from aevum.server import Run
from aevum.server.about import describe
from aevum.server.operations import perform
from aevum.server.page_rows import contents_of
from aevum.server.tools import tools

ROWS = 400


@pytest.fixture(scope="module")
def digits():
    found = open_data("digits")
    return found.x[:ROWS], found.y[:ROWS]


@pytest.fixture(scope="module")
def vae(digits):
    return VAE(latent_dim=3, hidden=16, epochs=5, random_state=0).fit(digits[0])


@pytest.fixture(scope="module")
def frame(digits):
    x, y = digits
    return pd.DataFrame({
        "ink (levels)": np.where(np.arange(ROWS) % 7 == 0, np.nan, x.mean(axis=(1, 2))),
        "parity": np.where(np.arange(ROWS) % 11 == 0, None, np.where(y % 2 == 0, "even", "odd")),
        "id": [f"digit {i}" for i in range(ROWS)],
    })  # fmt: skip


@pytest.fixture(scope="module")
def run(vae, digits, frame):
    return Run("d", "d", vae, *digits, labels=frame)


def ask(run, operation, **given):
    return finished(perform(run, operation, given))


def test_what_is_said_of_them(run):
    columns = {column["name"]: column for column in finished(describe(run))["columns"]}
    assert [column["kind"] for column in columns.values()] == ["quantity", "category", "name"]
    assert columns["ink (levels)"]["unit"] == "levels" and columns["ink (levels)"]["missing"] == 58
    assert columns["parity"]["words"] == ["even", "odd"] and sum(columns["parity"]["counts"]) == ROWS - 37
    assert columns["id"]["words"] is None


def test_values(run, digits, frame):
    values = ask(run, "column", column="ink (levels)").arrays["values"]
    np.testing.assert_allclose(values, frame["ink (levels)"].to_numpy(float), rtol=1e-6)
    index = ask(run, "column", column="parity").arrays["index"]
    assert [[None, "even", "odd"][i + 1] for i in index.tolist()] == [
        each if isinstance(each, str) else None for each in frame["parity"]
    ]
    names = ask(run, "column", column="id")
    assert [names.values["words"][i] for i in names.arrays["index"].tolist()] == frame["id"].tolist()
    np.testing.assert_array_equal(ask(run, "column", column="label").arrays["index"], digits[1])


def test_traits(run, vae, digits, frame):
    x, y = digits
    one = ask(run, "trait", column="parity", value="odd")
    own = vae.trait(x, pd.Series(frame["parity"]).map({"odd": 1.0, "even": 0.0}).to_numpy(float))
    np.testing.assert_allclose(one.arrays["vector"], own.vector, atol=1e-5)
    assert one.values["best"]["mean"] == pytest.approx(own.reading.best.mean, abs=1e-3)
    assert one.values["kind"] == "category" and one.values["rows"] == ROWS - 37
    assert one.values["company"][0]["column"] == "label"  # which says the parity
    some = ask(run, "trait", column="label", value="7", other="1")
    np.testing.assert_allclose(some.arrays["vector"], vae.attribute_vector(x[y == 7], x[y == 1]), atol=1e-5)
    rows = np.flatnonzero(y == 7).tolist()
    listed = ask(run, "trait", **{"with": rows})
    np.testing.assert_allclose(listed.arrays["vector"], ask(run, "attribute", label="7").arrays["vector"], atol=1e-5)
    assert listed.values["best"] == ask(run, "trait", column="label", value="7").values["best"]
    ink = ask(run, "trait", column="ink (levels)")
    assert ink.values["measure"] == "R²" and ink.values["rows"] == ROWS - 58
    two = ask(run, "trait", **{"with": rows, "without": [0, 10, 20, 30]})
    assert two.values["rows"] == len(rows) + 4


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "either with"),
        ({"column": "parity", "with": [1]}, "either with"),
        ({"column": "nope"}, "column must be one of"),
        ({"column": "parity"}, "value is no value of"),
        ({"column": "parity", "value": "odds"}, "value is no value of"),
        ({"column": "parity", "value": "odd", "other": "x"}, "other is no value of"),
        ({"column": "id"}, "names are no trait"),
        ({"column": "parity", "value": 3}, "must be a text"),
        ({"column": "parity", "value": "x" * 201}, "at most 200"),
        ({"with": list(range(ROWS))}, "at least two rows have to differ"),
    ],
)
def test_what_is_no_trait(run, given, told):
    with pytest.raises(InputError, match=told):
        ask(run, "trait", **given)


def test_rows_by_their_names(run):
    hits = ask(run, "find", text="digit 39").values
    assert [hit["row"] for hit in hits["found"]] == [39, *range(390, 397)] and hits["count"] == 11
    assert ask(run, "find", text="DIGIT 7", k=1).values["found"] == [{"row": 7, "text": "digit 7", "column": "id"}]
    assert ask(run, "find", text="nobody").values == {"found": [], "count": 0}
    assert ask(run, "find", text=" ").values["count"] == 0
    with pytest.raises(InputError, match="text"):
        ask(run, "find", text=None)


def test_labels_are_called_by_their_own_name(vae, digits):
    x, y = digits
    ink = pd.Series(x.mean(axis=(1, 2)), name="ink (levels)")
    about = finished(describe(Run("s", "s", vae, x, ink)))
    assert about["label_name"] == "ink (levels)" and about["label_scale"]["unit"] == "levels"
    data = replace(open_data("digits").part(slice(ROWS)), label_name="digit")
    assert finished(describe(Run("s", "s", vae, data)))["label_name"] == "digit"
    assert finished(describe(Run("s", "s", vae, data, y)))["label_name"] is None  # which may be others
    assert finished(describe(Run("s", "s", vae, x, y)))["label_name"] is None


def test_labels_that_are_several_or_come_by_another_name(vae, digits):
    x, y = digits
    several = np.zeros(ROWS, dtype=[("a", "U2"), ("size", float)])
    several["a"], several["size"] = y.astype(str), x.mean(axis=(1, 2))
    run = Run("s", "s", vae, x, labels={"label": y % 2, "a": y})
    assert [column.name for column in run.columns] == ["label", "a"]
    both = Run("s", "s", vae, x, y, labels={"label": y % 2})
    assert [*both.traits] == ["label", "label (2)"]
    assert [column.name for column in Run("s", "s", vae, x, several).columns] == ["a", "size"]
    with pytest.raises(InputError, match="has 3 values for 400 rows"):
        Run("s", "s", vae, x, labels={"a": [1, 2, 3]})
    page = vae.explore(x, {"a": y}, open_browser=False, inline=False)
    page.close()
    assert page.runs[0].columns[0].name == "a"


def test_hostile_tables(vae, digits):
    x, y = digits
    labels = {
        "nothing": [None] * ROWS,
        "one class": ["x"] * ROWS,
        "names": [f"=cmd|{i}\n\"'," for i in range(ROWS)],
        "<script>": np.where(y > 4, "<b>", "</b>"),
        "huge": 1e308 * np.linspace(-1, 1, ROWS),
        "lists": [[1]] * ROWS,
    }
    run = Run("h", "h", vae, x, labels=labels)
    assert [column.name for column in run.columns] == ["one class", "names", "<script>", "huge"]
    with pytest.raises(InputError, match="have to differ"):
        ask(run, "trait", column="one class", value="x")
    assert np.isfinite(ask(run, "trait", column="huge").arrays["vector"]).all()
    told = ask(run, "trait", column="<script>", value="<b>").values
    assert told["best"]["mean"] > 0.5 and all(np.isfinite(each["value"]) for each in told["company"])
    assert np.isnan(ask(run, "column", column="huge").arrays["values"][0])  # no float32 is so large
    assert "\n" not in ask(run, "find", text="=cmd|3").values["found"][0]["text"]
    finished(describe(run))


def test_ten_thousand_classes(vae):
    x = np.repeat(open_data("digits").x[:100], 100, axis=0)
    run = Run("m", "m", vae, x, labels={"class": [f"class {i}" for i in range(10_000)], "k": np.arange(10_000) % 900})
    assert [column.kind for column in run.columns] == ["name", "category"]
    assert len(finished(describe(run))["columns"][1]["words"]) == 900


def test_a_conditional_model_takes_columns_beside_its_y(digits):
    x, y = digits
    cvae = CVAE(latent_dim=2, hidden=16, epochs=2, random_state=0).fit(x, y)
    run = Run("c", "c", cvae, x, y, labels={"parity": y % 2})
    assert ask(run, "trait", column="parity", value="1").values["rows"] == ROWS


def test_a_file_of_the_page_holds_those_of_its_rows(run):
    (about,), (message,) = contents_of([run], 40)
    assert about["rows"] == 40 and about["columns"][1]["counts"] is not None
    assert len(message) > 100


def test_a_run_without_columns_is_asked_of_none(vae, digits):
    run = Run("n", "n", vae, digits[0])
    assert finished(describe(run))["columns"] == []
    assert {"column"}.isdisjoint(tool.name for tool in tools([run]))
    with pytest.raises(InputError, match="no labels"):
        ask(run, "column", column="label")
