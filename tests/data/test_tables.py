import resource
import sys
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from aevum.data import files, open_data
from aevum.errors import DataWarning, InputError

FINITE = st.floats(allow_nan=False, allow_infinity=False)
TABLES = hnp.arrays("<f8", hnp.array_shapes(min_dims=2, max_dims=2, max_side=6), elements=FINITE)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(x=TABLES, separator=st.sampled_from(",;\t"), names=st.booleans(), index=st.booleans())
def test_csv_round_trip(tmp_path, x, separator, names, index):
    frame = pd.DataFrame(x, columns=[f"c{i}" for i in range(x.shape[1])])
    frame.to_csv(tmp_path / "t.csv", sep=separator, header=names, index=index and names)
    ds = open_data(tmp_path / "t.csv")
    np.testing.assert_array_equal(ds.x, x)
    assert ds.feature_names == (tuple(frame.columns) if names else None)


@QUICK
@given(x=TABLES)
def test_parquet_round_trip(tmp_path, x):
    frame = pd.DataFrame(x, columns=[f"c{i}" for i in range(x.shape[1])])
    frame.assign(kind=[f"k{i}" for i in range(len(x))]).to_parquet(tmp_path / "t.parquet")
    ds = open_data(tmp_path / "t.parquet", labels="kind")
    np.testing.assert_array_equal(ds.x, x)
    assert ds.feature_names == tuple(frame.columns)
    assert ds.y.tolist() == [f"k{i}" for i in range(len(x))]


def _csv(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "t.csv"
    path.write_text(text, encoding=encoding, newline="")
    return path


@pytest.mark.parametrize(
    ("text", "labels", "x", "y", "names"),
    [
        ("a,b\n1,2\n3,4\n", "b", [[1], [3]], [2, 4], ("a",)),
        ('"a, b";c\r\n1;x\r\n2;y\r\n', "c", [[1], [2]], ["x", "y"], ("a, b",)),
        ("1,2,x\n3,4,y\n", "3", [[1, 2], [3, 4]], ["x", "y"], None),
        (",0,1\n7,1,2\n9,3,4\n", None, [[1, 2], [3, 4]], None, ("0", "1")),
        ("a\n1\n\n2\n", None, [[1], [2]], None, ("a",)),
        ("2020,name\n1.5,2\n", None, [[1.5, 2]], None, ("2020", "name")),
        ("a,id\n1,2021_03\n", "id", [[1]], ["2021_03"], ("a",)),
        ("a,y\n1,0.5\n2,1\n", "y", [[1], [2]], [0.5, 1], ("a",)),
        ("a,y\n1,99999999999999999999\n", "y", [[1]], [1e20], ("a",)),
    ],
)
def test_csv_forms(tmp_path, text, labels, x, y, names):
    for encoding in ("utf-8", "utf-8-sig"):
        ds = open_data(_csv(tmp_path, text, encoding), labels=labels)
        assert ds.x.tolist() == x
        assert (ds.y if y is None else ds.y.tolist()) == y
        assert ds.feature_names == names


@pytest.mark.parametrize(
    ("text", "labels", "message"),
    [
        ("a,b\n1,2\n3,\n", None, 'line 3: column "b" has no value; --missing drop'),
        ("a,b\n1,2\n3,NaN\n", None, 'line 3: column "b" has no value'),
        ("a,b\n1,2\n3,NA\n", None, 'line 3: column "b" has no value'),
        ("a,b\n1,2\n-inf,3\n", None, 'line 3: column "a" is infinite'),
        ("a,b\n1,2\n3,4,5\n", None, "line 3: 3 cells where the first row has 2"),
        ("a,b\n1,2\n3\n", None, "line 3: 1 cells"),
        ("a,b\n1,2\n", "bb", 'no column "bb"; did you mean "b"'),
        ("a,b\n1,2\n", "zzz", "it has: a, b"),
        ("b,b\n1,2\n", "b", "2 columns called"),
        ("1,2\n3,4\n", "b", "no row of column names"),
        ("a\n1\n", "a", "no column left"),
        ("a,b\n1,\n", "b", 'line 2: column "b" has no value'),
        ("a,b\n1,nan\n", "b", "label of row 1 is missing"),
        ("a,b\n", None, "no rows"),
        ("\n\n", None, "no rows"),
        ('a,b\n1,"2\n' + "3,4\n" * 40_000, None, "closing quote"),
        ("a,b\n1," + "y" * 2000 + "\n", "b", "2000 characters long"),
    ],
)
def test_unusable_csv(tmp_path, text, labels, message):
    with pytest.raises(InputError, match=message) as caught:
        open_data(_csv(tmp_path, text), labels=labels, missing="error")
    assert "\n" not in str(caught.value)


def test_csv_that_is_not_utf8(tmp_path):
    with pytest.raises(InputError, match="isn't UTF-8"):
        open_data(_csv(tmp_path, "a,é\n1,2\n", "latin-1"))


def test_wide_lines_split_by_another_separator(tmp_path):
    path = _csv(tmp_path, ";".join(["1.25"] * 40_000) + "\n")
    assert open_data(path).shape == (1, 40_000)


def test_csv_is_reasonably_fast(tmp_path):
    row = ",".join(["0.123456"] * 20) + "\n"
    path = _csv(tmp_path, ",".join(f"c{i}" for i in range(20)) + "\n" + row * 50_000)
    start = time.process_time()
    assert open_data(path).shape == (50_000, 20)
    assert time.process_time() - start < 5


def _parquet(tmp_path, **columns):
    pd.DataFrame(columns).to_parquet(tmp_path / "t.parquet")
    return tmp_path / "t.parquet"


@pytest.mark.parametrize(
    ("columns", "labels", "message"),
    [
        ({"a": [1.0, None]}, None, 'row 2: column "a" has no value'),
        ({"a": [1.0, np.inf]}, None, 'row 2: column "a" is infinite'),
        ({"a": [1], "b": [b"x"]}, None, 'row 1: column "b" isn\'t numeric: "type binary"'),
        ({"a": [1, 2], "b": ["x", None]}, "b", 'row 2: column "b" has no value'),
        ({"a": [1, 2]}, "c", 'no column "c"'),
        ({"a": [1, 2]}, "a", "no columns"),
        ({"a": []}, None, "no rows"),
        ({"a": [1], "b": pd.to_datetime(["2020-01-01"])}, "b", "can't be the labels"),
    ],
)
def test_unusable_parquet(tmp_path, columns, labels, message):
    with pytest.raises(InputError, match=message):
        open_data(_parquet(tmp_path, **columns), labels=labels, missing="error")


def test_parquet_counts_what_is_missing(tmp_path):
    with pytest.raises(
        InputError, match=r'row 2: column "b" has no value \(3 cells have none: column "b": 2, "a": 1\)'
    ):
        open_data(_parquet(tmp_path, a=[1.0, 2.0, None], b=pd.array([1, None, None], "Int64")), missing="error")


def test_parquet_leaves_out_an_index(tmp_path):
    path = _parquet(tmp_path, Id=[4, 5, 6], a=[1.5, 2.5, 3.5])
    with pytest.warns(DataWarning, match='column "Id".*numbers the rows'):
        assert open_data(path).feature_names == ("a",)


def test_a_dictionary_of_one_long_text_takes_no_memory(tmp_path):
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    text = arrow.array(["x" * 2**20]).dictionary_encode().take(arrow.array([0] * 2000, arrow.int32()))
    parquet.write_table(arrow.table({"a": np.zeros(2000), "s": text}), tmp_path / "t.parquet", compression="zstd")
    assert (tmp_path / "t.parquet").stat().st_size < 2000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(InputError, match='column "s" isn\'t numeric: one of its texts is 1048576 characters'):
        open_data(tmp_path / "t.parquet")
    with pytest.raises(InputError, match="1048576 characters long"):
        open_data(tmp_path / "t.parquet", labels="s")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024  # KiB; the texts are 2 GB


def test_parquet_that_shrinks_too_far(tmp_path, monkeypatch):
    path = _parquet(tmp_path, a=np.zeros(2**20))
    monkeypatch.setattr(files, "_BOMB_BYTES", 2**20)
    with pytest.raises(InputError, match="zip bomb"):
        open_data(path)


def test_parquet_types(tmp_path):
    path = _parquet(tmp_path, a=[True, False], b=pd.array([1, 2], "Int8"), y=pd.Categorical(["u", "v"]))
    with pytest.warns(DataWarning, match='read as 0 and 1: column "a"'):
        ds = open_data(path, labels="y")
    assert ds.x.tolist() == [[1, 1], [0, 2]]
    assert ds.y.tolist() == ["u", "v"]
    assert ds.dtype == np.float64


def test_parquet_without_pyarrow(tmp_path, monkeypatch):
    path = _parquet(tmp_path, a=[1])
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(InputError, match=r"aevum\[tables\]"):
        open_data(path)


def test_parquet_that_claims_more_rows_than_memory(tmp_path, monkeypatch):
    path = _parquet(tmp_path, a=np.zeros(5000))
    monkeypatch.setattr("aevum.data.parquet._memory", lambda *_: 2**50)
    with pytest.raises(InputError, match="more than the limit"):
        open_data(path)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_several_columns_may_be_labels(tmp_path, ending):
    frame = pd.DataFrame({"a": np.arange(12) / 7.0, "kind": list("xyz") * 4, "age": range(30, 42)})
    path = tmp_path / f"t.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    found = open_data(path, labels="age, kind", columns="a")
    assert found.feature_names == ("a",) and found.y.dtype.names == ("age", "kind")
    assert found.y["age"].tolist() == list(range(30, 42)) and found.y["kind"].tolist() == list("xyz") * 4
    with pytest.raises(InputError, match='no column "age,size"'):
        open_data(path, labels="age,size")
    with pytest.raises(InputError, match="no column left"):
        open_data(path, labels="a,age,kind")
    frame.loc[4, "kind"] = None
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    with pytest.raises(InputError, match='row 4: column "kind" has no value'):
        open_data(path, labels="age,kind")
    with pytest.warns(DataWarning, match="1 of 12 rows"):
        assert len(open_data(path, labels="age,kind", missing="drop")) == 11


def test_a_comma_may_stand_in_the_name_of_labels(tmp_path):
    pd.DataFrame({"a": [0.5, 1.5], "b": [1.0, 2.0], "a,b": ["x", "y"]}).to_csv(tmp_path / "t.csv", index=False)
    assert open_data(tmp_path / "t.csv", labels="a,b").y.tolist() == ["x", "y"]


def test_all_columns_that_cannot_be_read_are_named_at_once_and_no_others(tmp_path):
    days = pd.date_range("2024-01-01", periods=120).strftime("%Y-%m-%d %H:%M")
    frame = pd.DataFrame({"when": days, "t": [f"{i // 60 + 6:02d}:{i % 60:02d}" for i in range(120)], "price": "$3.10"})
    frame["a"], frame["note"], frame["yn"] = np.arange(120) / 7, [f"free {i}" for i in range(120)], ["Y", "N"] * 60
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame[["when", "t", "note"]].to_parquet(tmp_path / "t.parquet")
    for name in ("t.csv", "t.parquet"):
        with pytest.raises(InputError, match="look like times of day.*06:00.* as 6 hours.*--drop") as error:
            open_data(tmp_path / name)
        assert 'column "note" can\'t be read either' in str(error.value)
        assert not [word for word in ("when", "price", "yn") if f'"{word}"' in str(error.value)]
    with pytest.warns(DataWarning) as said:
        few = frame.assign(t=["06:15", "22:40"] * 60).drop(columns="note")
        few.to_csv(tmp_path / "few.csv", index=False)
        kinds = {column.name: column.kind for column in open_data(tmp_path / "few.csv").columns}
    assert any('"t" is learned as 2 classes' in str(w.message) and "times of day" in str(w.message) for w in said)
    assert kinds == {"when": "date", "t": "category", "price": "number", "a": "number", "yn": "boolean"}


def test_a_typographic_minus_is_read_and_brackets_are_told_how_to_be_written(tmp_path):
    values = np.random.default_rng(0).normal(size=80).round(3)
    typeset = [f"{value}".replace("-", "\u2212") for value in values]
    pd.DataFrame({"a": typeset, "b": [cell + " %" for cell in typeset]}).to_csv(tmp_path / "t.csv", index=False)
    with pytest.warns(DataWarning, match="sign"):
        found = open_data(tmp_path / "t.csv")
    np.testing.assert_array_equal(found.x, np.column_stack([values, values]))
    accounts = [f"({-value})" if value < 0 else f"{value}" for value in values]
    pd.DataFrame({"a": accounts, "b": values}).to_csv(tmp_path / "u.csv", index=False)
    with pytest.raises(InputError, match="negative ones in brackets; write .*in pandas by") as error:
        open_data(tmp_path / "u.csv")
    call = str(error.value).partition("in pandas by ")[2].removesuffix(")")
    again = pd.to_numeric(eval("column" + call, {"column": pd.Series(accounts)}))
    np.testing.assert_array_equal(again, values)
