"""Columns of labels: of what kind they are, what is missing, and tables beside the data."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from aevum.data import Dataset
from aevum.data.label_tables import holds_label_table, labels_beside, other_columns, read_label_table
from aevum.data.trait_columns import MOST_LABELS, trait_columns
from aevum.errors import InputError


def one(values, kind=None):
    found = trait_columns({"c": values}, len(values), None if kind is None else {"c": kind})
    return found[0] if found else None


def words(column):
    return [column.text(row) for row in range(len(column))]


@pytest.mark.parametrize(
    ("values", "kind", "told"),
    [
        (["a", "b", None, ""], "category", ["a", "b", "", ""]),
        ([True, False, True], "category", ["True", "False", "True"]),
        ([True, None, False], "category", ["True", "", "False"]),
        ([0, 1, 1], "category", ["0", "1", "1"]),
        ([0.0, 1.0, np.nan], "category", ["0", "1", ""]),
        ([0.5, np.nan, np.inf, 2.0], "quantity", ["0.5", "", "", "2"]),
        (["1.5", "2.5", "", "nan"], "quantity", ["1.5", "2.5", "", ""]),
        (["none", "mild", "severe"], "category", ["none", "mild", "severe"]),
        ([b"x", b"y"], "category", ["x", "y"]),
        (["=1+1", "a\nb", "x, \"y\""], "category", ["=1+1", "a b", "x, \"y\""]),
        (pd.Categorical(["low", "high", None], ["low", "mid", "high"]), "category", ["low", "high", ""]),
        (pd.array([1, None, 3], dtype="Int64"), "category", ["1", "", "3"]),
        ([dt.datetime(2020, 1, 1), None, dt.datetime(2021, 7, 2)], "quantity", ["2020", "", "2021.5"]),
        (["2020-01-01", "", "2021-07-02"], "quantity", ["2020", "", "2021.5"]),
        (["1.1.2020", None, "2.7.2021"], "quantity", ["2020", "", "2021.5"]),
        (["1/1/2020", "7/2/2021", "7/20/2021 11:00"], "quantity", ["2020", "2021.5", "2021.55"]),
        ([dt.date(2020, 1, 1), None, dt.date(2021, 7, 2)], "quantity", ["2020", "", "2021.5"]),
        (["2020-01-01", "x", "2021-07-02"], "category", ["2020-01-01", "x", "2021-07-02"]),
        (["3/4/2021", "5/6/2021"], "category", ["3/4/2021", "5/6/2021"]),  # which is the day and which the month?
    ],
)  # fmt: skip
def test_kinds_and_gaps(values, kind, told):
    column = one(values)
    assert column.kind == kind and words(column) == told
    assert column.known.tolist() == [text != "" for text in told]


def test_an_order_of_categories_is_kept():
    assert one(pd.Categorical(["low", "high", "mid"], ["low", "mid", "high"])).categories == ("low", "mid", "high")
    assert one(["b", "a"]).categories == ("a", "b")
    assert one([10, 9, 9]).categories == ("9", "10")


def test_many_words_are_names_and_many_numbers_a_quantity():
    assert one([f"row {i}" for i in range(50)]).kind == "name"
    assert one([f"class {i % 40}" for i in range(4000)]).kind == "category"
    assert one([f"class {i % (MOST_LABELS + 1)}" for i in range(20_000)]).kind == "name"
    assert one([f"class {i}" for i in range(10_000)], "category").kind == "name"
    assert one(list(range(300))).kind == "quantity"
    assert one(np.arange(36).repeat(30)).kind == "category"


def test_a_kind_can_be_said():
    assert one([1, 2, 3, 3], "quantity").kind == "quantity"
    assert one([0.5, 1.5, 1.5], "category").categories == ("0.5", "1.5")
    assert one(["a", "b"], "name").kind == "name"
    assert one(["2020-01-01", "2021-07-02"], "category").categories == ("2020-01-01", "2021-07-02")
    for values, kind in ((["a"], "quantity"), ([1], "colour")):
        with pytest.raises(InputError, match="c"):
            one(values, kind)
    with pytest.raises(InputError, match='"d" can\'t be'):
        trait_columns({"c": [1]}, 1, {"d": "quantity"})


@pytest.mark.parametrize("values", [[None, None], [np.nan, np.nan], ["", " "], [[1], [2]] and [np.inf, np.nan]])
def test_columns_without_a_value_are_left_out(values):
    assert one(values) is None


@pytest.mark.parametrize(
    ("name", "unit"), [("age (years)", "years"), ("size [cm]", "cm"), ("age", None), ("f(x)", None), ("(a)", None)]
)
def test_units(name, unit):
    assert trait_columns({name: [0.5, 1.5]}, 2)[0].unit == (unit if name != "f(x)" else "x")


def test_the_unit_of_dates_is_the_year_whatever_their_name_says():
    assert trait_columns({"sold (EUR)": ["2020-01-01", "2021-07-02"]}, 2)[0].unit == "year"


def test_forms():
    frame = pd.DataFrame({"a": [1.5, 2.0], "b": ["x", "y"]})
    structured = np.array([(1.5, "x"), (2.0, "y")], dtype=[("a", float), ("b", "U3")])
    for labels in (frame, {"a": [1.5, 2.0], "b": ["x", "y"]}, structured):
        assert [column.name for column in trait_columns(labels, 2)] == ["a", "b"]
    assert trait_columns(np.array(["x", "y"]), 2)[0].name == "label"
    assert trait_columns(pd.Series([0.5, 1.5], name="z"), 2)[0].name == "z"
    assert len(trait_columns(np.eye(3) / 2, 3)) == 3
    assert trait_columns(None, 3) == ()
    with pytest.raises(InputError, match="has 2 values for 3 rows"):
        trait_columns(frame, 3)


# -------------------------------------------------------------------- tables


def data(rows=3, **more):
    return Dataset(np.arange(2.0 * rows).reshape(rows, 2), name="d", **more)


def test_text_with_commas_quotes_and_newlines(tmp_path):
    path = tmp_path / "labels.csv"
    path.write_text('kind,size,note\n"a, b",1.5,"say ""hi"""\nc,,"two\nlines"\n"=1+1",3,x\n', encoding="utf-8")
    table = read_label_table(path)
    assert table["kind"].tolist() == ["a, b", "c", "=1+1"] and table["note"][1] == "two\nlines"
    kind, size, _ = trait_columns(table, 3)
    assert (kind.kind, size.kind) == ("category", "quantity") and size.known.tolist() == [True, False, True]
    assert holds_label_table(str(path)) and not holds_label_table("digits") and not holds_label_table(str(tmp_path))


def test_other_files(tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((3, 2)), age=np.array([1.5, 2.0, 3.0]), odd=np.zeros(7))
    assert list(read_label_table(tmp_path / "a.npz").columns) == ["age"]
    np.save(tmp_path / "a.npy", np.array([1, 2, 3]))
    assert read_label_table(tmp_path / "a.npy")["a"].tolist() == [1, 2, 3]
    pytest.importorskip("pyarrow")
    pd.DataFrame({"sex": ["m", None, "f"], "age": [1.0, 2.5, None]}).to_parquet(tmp_path / "a.parquet")
    sex, age = trait_columns(read_label_table(tmp_path / "a.parquet"), 3)
    assert words(sex) == ["m", "", "f"] and words(age) == ["1", "2.5", ""]


@pytest.mark.parametrize("content", [b"", b"a,b\n1\n2,3,4\n", b"\x00\xff\x00"])
def test_damaged_tables_are_refused(tmp_path, content):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(InputError):
        read_label_table(path)
    assert other_columns(str(path), data()) is None


def test_rows_are_found_by_their_names():
    table = pd.DataFrame({"file": ["c.png", "a.png", "b.png", "d.png"], "age": [3, 1, 2, 4]})
    named = data(row_names=("a.png", "b.png", "c.png"))
    assert labels_beside(named, table, "t")["age"].tolist() == [1, 2, 3]
    assert labels_beside(data(), table.iloc[:3], "t")["age"].tolist() == [3, 1, 2]
    dropped = data(row_numbers=np.array([0, 1, 3]))
    assert labels_beside(dropped, table, "t")["age"].tolist() == [3, 1, 4]
    with pytest.raises(InputError, match="4 rows, and the data have 3"):
        labels_beside(data(), table, "t")


def test_what_the_file_of_the_data_has_beside_the_features(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("u,v,grower,age\n0,1,a,1.5\n2,3,b,2.5\n4,5,a,\n", encoding="utf-8")
    own = data(feature_names=("u", "v"), y=np.array(["a", "b", "a"]))
    assert list(other_columns(str(path), own).columns) == ["age"]  # the grower is y
    named = data(feature_names=("u", "v"), row_names=("p", "q", "r"))
    assert list(other_columns(str(path), named).columns) == ["name", "grower", "age"]
    assert other_columns("digits", data()) is None
