"""Columns of a DataFrame come back in the types that they had: Arrow's, decimals, categories of anything."""

import datetime
import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

import aevum
from aevum.estimators.frame_types import categories, name_of, read_classes, type_named, written_classes
from aevum.estimators.frames import Schema, schema_from_config
from aevum.schema import UnfitError

pytestmark = pytest.mark.filterwarnings("ignore::aevum.CollapseWarning")
SMALL = {"hidden": 8, "epochs": 2, "random_state": 0}
N = 120


def fitted(table):
    return aevum.VAE(1, **SMALL).fit(table)


def arrow_frame():
    """A column of each of Arrow's types, and a category of its text."""
    arrow = pytest.importorskip("pyarrow")
    random = np.random.default_rng(0)
    word = pd.Series(random.choice(["a", "b"], N)).astype(pd.ArrowDtype(arrow.string()))
    day = pd.Series(pd.date_range("2020-01-01", periods=N))
    made = pd.DataFrame({
        "float": pd.Series(random.normal(size=N), dtype="double[pyarrow]"),
        "whole": pd.Series(random.integers(0, 9, N), dtype="int8[pyarrow]"),
        "truth": pd.Series(random.random(N) > 0.5, dtype="bool[pyarrow]"),
        "word": word,
        "long": word.astype(pd.ArrowDtype(arrow.large_string())),
        "coded": word.astype(pd.ArrowDtype(arrow.dictionary(arrow.int32(), arrow.string()))),
        "category": word.astype("category"),
        "time": day.astype(pd.ArrowDtype(arrow.timestamp("us"))),
        "zoned": day.dt.tz_localize("UTC").astype(pd.ArrowDtype(arrow.timestamp("us", "UTC"))),
        "day": pd.Series(day.dt.date.tolist(), dtype=pd.ArrowDtype(arrow.date32())),
        "length": pd.Series(pd.to_timedelta(random.integers(0, 9, N), "h")).astype("duration[us][pyarrow]"),
        "price": pd.Series([Decimal(each) / 4 for each in range(N)], dtype=pd.ArrowDtype(arrow.decimal128(9, 2))),
        "python": pd.Series(word.tolist(), dtype="string[python]"),
    })  # fmt: skip
    for place in range(made.shape[1]):
        made.iloc[place, place] = None
    return made


def same_types(made, like):
    assert list(made.columns) == list(like.columns)
    for name in like.columns:
        assert made[name].dtype == like[name].dtype, name
        if like[name].dtype == "category":
            assert made[name].cat.categories.dtype == like[name].cat.categories.dtype, name
            assert made[name].cat.categories.equals(like[name].cat.categories), name


def test_columns_of_arrows_types_come_back_as_such(tmp_path):
    table = arrow_frame()
    model = fitted(table)
    again = aevum.load(model.save(tmp_path / "model"))
    assert again.schema_ == model.schema_
    filled = model.impute(table, k=20)
    for made in (model.sample(20, random_state=0), again.sample(5, random_state=0), model.reconstruct(table), filled):
        same_types(made, table)
    assert not filled.isna().any().any()
    there = table.notna()
    assert all(filled.loc[there[name], name].equals(table.loc[there[name], name]) for name in table.columns)
    # A plain frame for the same model keeps its own types.
    plain = table.assign(time=pd.to_datetime(table["time"].astype(object)))
    assert str(model.impute(plain, k=20)["time"].dtype).startswith("datetime64[")


INDEXES = {
    "cut": pd.cut([1.0, 5.0, 9.0], [-np.inf, 3.0, np.inf], right=False).categories,
    "whole": pd.cut([1, 5, 9], [0, 3, 10]).categories,
    "days": pd.cut(pd.date_range("2020-01-01", periods=5), 2).categories,
    "zoned": pd.cut(pd.date_range("2020-01-01", periods=5, tz="Europe/Berlin"), 2).categories,
    "lengths": pd.interval_range(pd.Timedelta(0), pd.Timedelta(3, "D")),
    "dates": pd.date_range("2020-01-01", periods=3),
    "months": pd.period_range("2020-01", periods=3, freq="M"),
    "hours": pd.to_timedelta([1, 2], "h"),
    "tuples": pd.Index([("a", 1), ("b", 2)], tupleize_cols=False),
    "int8": pd.Index([1, 2], dtype="int8"),
    "infinite": pd.Index([1.5, np.inf]),
    "objects": pd.Index(["a", 1], dtype=object),
    "truth": pd.Index([False, True]),
}


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_categories_are_written_as_json_and_read_again(index):
    of, classes = name_of(index.dtype), tuple(index.tolist())
    found = read_classes(json.loads(json.dumps(written_classes(classes, of), allow_nan=False)), of)
    assert found == classes
    again = categories(found, of)
    assert again.equals(index) and again.dtype == index.dtype


@pytest.mark.parametrize("name", ["cut", "months", "tuples", "int8", "infinite"])
def test_categories_of_anything_are_classes_in_their_order(name, tmp_path):
    index = INDEXES[name]
    random = np.random.default_rng(0)
    z = random.normal(size=N)
    codes = np.clip(np.searchsorted([-0.5, 0.5], z), 0, len(index) - 1)
    codes[3] = -1
    column = pd.Series(pd.Categorical.from_codes(codes, index, ordered=True))
    table = pd.DataFrame({"a": z, "q": column})
    model = fitted(table)
    assert model.schema_.levels[1].ordered and model.schema_.levels[1].classes == len(index)
    again = aevum.load(model.save(tmp_path / "model"))
    assert again.schema_ == model.schema_
    for each in (model, again):
        drawn, filled = each.sample(20, random_state=0), each.impute(table, k=20)
        assert drawn["q"].dtype == filled["q"].dtype == column.dtype
        assert filled["q"].notna().all() and filled["q"].drop(3).equals(column.drop(3))
        known = index[-1]
        assert (each.complete({"q": known}, 3, random_state=0)["q"] == known).all()
        assert (each.complete({"q": str(known)}, 3, random_state=0)["q"] == known).all()
    np.testing.assert_array_equal(model.score_samples(table), again.score_samples(table))


def test_what_json_has_no_word_for_is_text_once_loaded(tmp_path):
    days = [datetime.date(2020, 1, 1), datetime.date(2020, 1, 2)]
    column = pd.Series(pd.Categorical(days * 60, categories=days, ordered=True))
    model = fitted(pd.DataFrame({"a": np.random.default_rng(0).normal(size=N), "q": column}))
    assert model.sample(5, random_state=0)["q"].dtype == column.dtype
    again = aevum.load(model.save(tmp_path / "model"))
    assert list(again.sample(5, random_state=0)["q"].cat.categories) == ["2020-01-01", "2020-01-02"]


@pytest.mark.parametrize(("classes", "of"), [
    (["a"], "interval[float64, right]"), ([[1.0]], "interval[float64, right]"), ([1, 1], "period[M]"),
    (["a"], "period[M]"), ([1], "period[nonsense]"), ([-(2**63)], "datetime64[ns]"),
    (["a", "a"], ""), ([1, True], "object"), ([1, 1.0], "int64"), ([[1, 2], [1, 2]], "object"),
])  # fmt: skip
def test_a_model_file_with_classes_of_another_type_is_refused(classes, of):
    table = pd.DataFrame({"a": np.arange(N) / 7.0, "q": pd.Categorical(["x", "y"] * 60)})
    config = Schema.of(table).to_config()
    config["columns"][1] |= {"classes": classes, "of": of}
    with pytest.raises(UnfitError, match="the classes of 'q' are none of"):
        schema_from_config(config, "config.json")


def test_an_earlier_config_has_no_types_of_categories():
    table = pd.DataFrame({"a": np.arange(N) / 7.0, "q": pd.Categorical(["x", "y"] * 60)})
    config = Schema.of(table).to_config()
    del config["columns"][1]["of"]
    schema = schema_from_config(config, "config.json")
    assert schema.frame(np.array([[1.0, 1.0]]))["q"].dtype == table["q"].dtype
    for of in ("bool", "int8", "float32", "nonsense", "string[pyarrow]", "Int64", "category"):
        config["columns"][1] |= {"of": of}  # of another version, or of nobody
        assert list(schema_from_config(config, "config.json").frame(np.array([[1.0, 1.0]]))["q"]) == ["y"]


def test_types_are_known_by_their_names():
    arrow = pytest.importorskip("pyarrow")
    for kind in (arrow.string(), arrow.decimal256(40, 3), arrow.dictionary(arrow.int8(), arrow.large_string())):
        dtype = pd.ArrowDtype(kind)
        assert type_named(name_of(dtype)) == dtype


def test_decimals_come_back_with_their_places():
    random = np.random.default_rng(0)
    table = pd.DataFrame({
        "price": [Decimal(int(each)).scaleb(-2) for each in random.integers(0, 9999, N)],
        "rate": [Decimal(f"{each:.6f}") for each in random.random(N)],
        "kind": ["a", "b"] * 60,
    })  # fmt: skip
    table.loc[3, ["price", "rate"]] = None
    model = fitted(table)
    for made in (model.sample(20, random_state=0), model.impute(table, k=20), model.impute(table[3:4], k=20)):
        for name, places in (("price", -2), ("rate", -6)):
            assert {type(each) for each in made[name]} == {Decimal}
            assert {each.as_tuple().exponent for each in made[name]} == {places}
    # Of numbers alone too, where a model gives arrays and `impute` a copy of the frame.
    numbers = aevum.VAE(1, likelihood="columns", **SMALL).fit(table[["price", "rate"]])
    assert {type(each) for each in numbers.impute(table[["price", "rate"]], k=20)["price"]} == {Decimal}


@pytest.mark.parametrize("cells", [[1, True, "x"], [True, 0, 2], [1, "1", True, "True"], [False, 0.0, None]])
def test_yes_and_one_are_two_classes(cells, tmp_path):
    rows = [cells[place % len(cells)] for place in range(N)]
    z = [float(place % len(cells)) + 0.1 * place / N for place in range(N)]
    table = pd.DataFrame({"z": z, "t": pd.Series(rows, dtype=object)})
    model = fitted(table)
    wanted = {(type(each), each) for each in cells if each is not None}
    for each in (model, aevum.load(model.save(tmp_path / "model"))):
        assert {(type(value), value) for value in each.schema_.columns[1].classes} == wanted
        assert {(type(value), value) for value in each.sample(400, random_state=0)["t"]} == wanted
        codes = each.schema_.coded(table)["t"]
        for cell in cells:
            assert codes[[type(row) is type(cell) and row == cell for row in rows]].nunique() == (cell is not None)


def test_yes_among_many_numbers_is_told_of():
    table = pd.DataFrame({"z": np.arange(N) / 7.0, "t": pd.Series([True, *np.arange(1.5, N)], dtype=object)})
    with pytest.raises(aevum.InputError, match=r"True or False beside numbers.*X\['t'\].astype\(float\)"):
        fitted(table)


@pytest.mark.parametrize("freq", ["M", "Q", "W", "D", "h"])
def test_periods_are_steps_and_come_back(freq, tmp_path):
    random = np.random.default_rng(0)
    z = random.normal(size=N)
    start = pd.Period("1999-12-31", freq=freq)
    months = pd.Series([start + int(step) for step in np.round(20 * z)])
    months[3] = pd.NaT
    table = pd.DataFrame({"z": z, "when": months})
    model = fitted(table)
    column = model.schema_.columns[1]
    assert column.kind == "period" and column.unit == f"periods ({str(months.dtype)[7:-1]}) since 1970"
    codes = model.schema_.coded(table)["when"].to_numpy()
    assert codes[0] - start.ordinal == np.round(20 * z)[0] and np.isnan(codes[3])
    again = aevum.load(model.save(tmp_path / "model"))
    for each in (model, again):
        filled = each.impute(table, k=20)
        assert filled["when"].notna().all() and filled["when"].drop(3).equals(months.drop(3))
        assert filled["when"].dtype == each.sample(9, random_state=0)["when"].dtype == months.dtype
        for known in (months[0], str(months[0]), months[0].to_timestamp()):
            assert (each.complete({"when": known}, 2, random_state=0)["when"] == months[0]).all()
    # As objects, dates and text they are the same periods.
    scores = model.score_samples(table)
    for other in (months.astype(object), months.dt.to_timestamp(), months.astype(object).map(str, na_action="ignore")):
        np.testing.assert_array_equal(again.score_samples(table.assign(when=other)), scores)
        filled = model.impute(table.assign(when=other), k=20)["when"]
        assert filled.notna().all() and str(filled[0]) == str(other[0])


def test_periods_that_are_none_of_the_models_are_told_of():
    months = pd.Series(pd.period_range("2020-01", periods=N, freq="M"))
    table = pd.DataFrame({"z": np.arange(N) / 7.0, "when": months})
    model = fitted(table)
    for other, told in (
        (months.dt.asfreq("D"), r"holds period\[D\], and was period\[M\].*asfreq\('M'\) makes it so"),
        (pd.Series(["2020-01", "soon"] * 60), "holds 'soon' at row 1, which is no period"),
        (pd.Series(range(N)), "holds 0 at row 0, and was of periods"),
    ):
        with pytest.raises(aevum.InputError, match=told):
            model.score_samples(table.assign(when=other))
    mixed = pd.Series([pd.Period("2020-01", "M"), pd.Period("2020-01-01", "D")] * 60, dtype=object)
    with pytest.raises(aevum.InputError, match="neither text nor numbers .Period"):
        fitted(table.assign(when=mixed))
    # Nothing is drawn beyond the calendar, and a model of dates takes periods by their beginning.
    ends = model.schema_.frame(np.array([[0.0, -1e300], [0.0, 1e300]]))["when"]
    assert [str(each) for each in ends] == ["0001-01", "9999-12"]
    with pytest.raises(aevum.InputError, match="row 0: this code lies so far out"):
        model.schema_.frame(np.array([[0.0, -1e300]]), strict=True)
    dates = fitted(table.assign(when=months.dt.to_timestamp()))
    np.testing.assert_array_equal(
        dates.score_samples(table), dates.score_samples(table.assign(when=months.dt.to_timestamp()))
    )


@pytest.mark.filterwarnings("ignore:rows.csv")
@pytest.mark.parametrize("how", [str, lambda each: str(each.start_time.date())])
def test_a_file_has_periods_as_text(how, tmp_path):
    z = np.arange(N) / 7.0
    quarters = pd.Series(pd.PeriodIndex(["2020Q1", "2020Q2", "2021Q4"] * 40, freq="Q"))
    model = fitted(pd.DataFrame({"z": z, "when": quarters}))
    pd.DataFrame({"z": z, "when": quarters.map(how)}).to_csv(tmp_path / "rows.csv", index=False)
    found = model.score_samples(aevum.open_data(tmp_path / "rows.csv"))
    np.testing.assert_allclose(found, model.score_samples(pd.DataFrame({"z": z, "when": quarters})), rtol=1e-5)


def test_intervals_and_other_objects_say_how_to_make_classes_of_them():
    cut = pd.Series(pd.cut(np.arange(N) / 7.0, 4))
    table = pd.DataFrame({"z": np.arange(N) / 7.0, "q": cut.astype(cut.cat.categories.dtype)})
    with pytest.raises(aevum.InputError, match=r"X\['q'\].astype\('category'\) makes classes of them"):
        fitted(table)
    assert fitted(table.assign(q=table["q"].astype("category"))).sample(2, random_state=0)["q"].notna().all()
