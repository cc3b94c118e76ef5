"""What a DataFrame's cells are comes back as it was: index, labels, types, and every cell that was there."""

import datetime
import warnings

import numpy as np
import pandas as pd
import pyarrow
import pytest

import aevum
from aevum import DataWarning, InputError
from aevum.estimators.frame_columns import decimal_step
from aevum.estimators.frame_text import form_of

N = 120
RANDOM = np.random.default_rng(0)
B = RANDOM.normal(size=N)
WORDS = np.where(B > 0, "p", "q")
PLACES = np.arange(N)


def fitted(table, **more):
    """A model of two epochs: what it learned is not what is asked here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", aevum.CollapseWarning)
        return aevum.VAE(1, **{"hidden": 8, "epochs": 2, "random_state": 0, **more}).fit(table)


def table(column, gaps=True):
    """A column beside words and numbers with gaps, with an index that isn't unique."""
    made = pd.DataFrame({"word": WORDS, "x": B, "c": column})
    made.index = pd.Index([f"r{place % 100}" for place in range(N)], name="row")
    if gaps:
        made.iloc[::5, 1] = np.nan
    return made


def gappy(values, dtype=object):
    return pd.array([None if place % 4 == 0 else value for place, value in enumerate(values)], dtype=dtype)


DAYS = pd.date_range("2020-01-01", periods=N)
COLUMNS = {
    "nanoseconds": pd.array(pd.to_datetime(RANDOM.integers(15 * 10**17, 16 * 10**17, N))),
    "zone": pd.array(pd.to_datetime(RANDOM.integers(15 * 10**17, 16 * 10**17, N), utc=True).tz_convert("Asia/Tokyo")),
    "waits": pd.array(pd.to_timedelta(RANDOM.integers(1, 10**15, N), unit="ns")),
    "ids": RANDOM.integers(10**17, 10**18, N),
    "nullable ids": gappy([2**60 + 10**14 * place for place in range(N)], "Int64"),
    "arrow": gappy([int(10 * value) for value in B], "int64[pyarrow]"),
    "single": B.astype(np.float32),
    "truth": gappy([bool(value > 0) for value in B]),
    "nullable truth": gappy([bool(value > 0) for value in B], "boolean"),
    "arrow truth": gappy([bool(value > 0) for value in B], "bool[pyarrow]"),
    "category": pd.Categorical(gappy(WORDS), categories=["p", "q", "r"]),
    "zip": gappy(np.array(["00123", "00456", "10000"])[PLACES % 3]),
    "days": gappy([day.date() for day in DAYS]),
    "sparse": pd.arrays.SparseArray(np.where(B > 0, B, 0.0)),
}
ARROW = {
    "arrow dates": gappy([day.date() for day in DAYS], "date32[pyarrow]"),
    "arrow times": gappy(list(DAYS + pd.Timedelta("1us")), "timestamp[us][pyarrow]"),
    "dictionary": gappy(WORDS, pd.ArrowDtype(pyarrow.dictionary(pyarrow.int32(), pyarrow.string()))),
    "several kinds": gappy([day.date() if day.day % 2 else day + pd.Timedelta("1us") for day in DAYS]),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_only_missing_cells_are_written(kind, tmp_path):
    given = table(COLUMNS[kind])
    model = fitted(given)
    full = model.impute(given, k=50)
    assert full.index.equals(given.index) and list(full.columns) == list(given.columns)
    assert (full.dtypes == given.dtypes).all() and not full.isna().any().any()
    for name in given:
        there = given[name].notna().to_numpy()
        assert (full[name].array[there] == given[name].array[there]).all()
    assert full["c"].astype(object).map(type).nunique() == 1
    again = model.reconstruct(given)
    assert again.index.equals(given.index) and (again.dtypes == given.dtypes).all()
    drawn = aevum.load(model.save(tmp_path / "m")).sample(20, random_state=0)
    assert (drawn.dtypes == given.dtypes).all()
    if given["c"].dtype == object:
        assert set(drawn["c"].map(type)) == set(full["c"].map(type))


@pytest.mark.parametrize("kind", ARROW)
def test_types_that_are_drawn_as_others_are_filled_without_a_change(kind):
    given = table(ARROW[kind])
    full = fitted(given).impute(given, k=50)
    there = given["c"].notna()
    assert not full.isna().any().any()
    assert [pd.Timestamp(value) if kind != "dictionary" else value for value in given["c"][there]] == list(
        full["c"][there].map(pd.Timestamp if kind != "dictionary" else str)
    )
    assert full["c"].dtype == given["c"].dtype or kind in ("several kinds", "dictionary")


def test_rows_of_a_split_are_filled_in_their_own_places():
    whole = table(PLACES % 7, gaps=False).reset_index(drop=True)
    some = whole.sample(40, random_state=0)
    some.loc[some.index[:5], "x"] = np.nan
    model = fitted(whole)
    by_index, by_place = some.fillna(model.impute(some)), model.impute(some.reset_index(drop=True))
    np.testing.assert_array_equal(by_index["x"], by_place["x"])
    other = some[some.columns[::-1]]
    assert list(model.impute(other).columns) == list(model.reconstruct(other).columns) == list(other.columns)


@pytest.mark.parametrize("labels", [[7, 3], pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")]), [0.5, 1.5]])
def test_columns_are_called_what_they_were(labels, tmp_path):
    given = pd.DataFrame({"x": B, "word": WORDS})
    given.columns = labels
    model = aevum.load(fitted(given).save(tmp_path / "m"))
    for made in (model.sample(3, random_state=0), model.impute(given), model.reconstruct(given)):
        assert made.columns.equals(given.columns)
    first = given.columns[0]
    assert (model.complete({first: 0.5}, 3, random_state=0)[first] == 0.5).all()


@pytest.mark.parametrize("dtype", ["int8", "Int8", "int8[pyarrow]", "uint16", "uint64", "Int64", "float16"])
def test_nothing_is_drawn_beyond_the_ends_of_a_type(dtype):
    plain = dtype.lower().removesuffix("[pyarrow]")
    ends = np.finfo(plain) if plain.startswith("float") else np.iinfo(plain)
    most, width = float(ends.max), float(ends.max) / 20.0
    values = np.clip(np.round((most - 2.0 * width + width * B) / 2.0) * 2.0, 0.0, most - width / 8.0)
    given = table(pd.array(values.astype(plain), dtype=dtype))
    drawn = fitted(given).sample(2000, random_state=0)["c"]
    assert str(drawn.dtype) == dtype and float(drawn.min()) > most / 2.0 and float(drawn.max()) <= most


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_a_frame_of_numbers_alone_is_filled_as_a_frame():
    given = pd.DataFrame({"x": B, "n": gappy(np.round(9 * B).astype(int), "Int64"), "f": gappy(B > 0, "boolean")})
    given = given.set_index(PLACES + 50)
    given.loc[60, "x"] = np.nan
    model = fitted(given)
    full = model.impute(given, k=50)
    assert (full.dtypes == given.dtypes).all() and full.index.equals(given.index) and not full.isna().any().any()
    assert isinstance(model.sample(2), np.ndarray)
    copies, ends = model.impute(given, k=50, draws=2), model.impute(given, k=50, interval=0.8)
    assert all((each.dtypes == given.dtypes).all() for each in (*copies, *ends))
    assert isinstance(model.in_numbers().impute(given, k=50), np.ndarray)


def test_truth_with_gaps_is_truth_beside_numbers_alone():
    given = pd.DataFrame({"x": B, "f": gappy((B > 0).tolist())})
    given["f"] = given["f"].astype(object)
    model = fitted(given)
    assert set(model.sample(50, random_state=0)["f"].map(type)) == {bool}
    assert set(model.impute(given, k=50)["f"].map(type)) == {bool}


@pytest.mark.parametrize(
    ("written", "first"),
    [
        (["3", "11", "0", "-2"], "3"),
        (["3.50", "10.00", "0.25", "1.75"], "3.50"),
        (["3.0", "0.25", "1e-07", "2.5"], "3.0"),
        (["0.1", "3", "-0.25", "12"], "0.1"),
    ],
)
@pytest.mark.parametrize("dtype", ["str", "object", "string"])
def test_text_of_numbers_is_numbers_that_are_written_alike(written, first, dtype, tmp_path):
    given = table(pd.array([None if place % 7 == 0 else written[place % 4] for place in PLACES], dtype=dtype))
    with pytest.warns(DataWarning, match='column "c" is text and was read as numbers'):
        model = fitted(given)
    model = aevum.load(model.save(tmp_path / "m"))
    column = model.schema_.columns[2]
    assert column.kind == "number" and first in written
    for made in (model.sample(50, random_state=0)["c"], model.impute(given, k=50)["c"]):
        assert made.dtype == given["c"].dtype and form_of(list(made)) in (column.form, "shortest")
        assert all(isinstance(each, str) for each in made)


@pytest.mark.parametrize("codes", [["007", "012", "100"], ["+1", "2", "3"], ["1", "1.0", "2"], ["1" * 20, "2", "3"]])
def test_text_that_is_more_than_a_number_is_classes(codes):
    assert form_of(codes) is None
    given = table(np.array(codes)[PLACES % 3])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # of what looks like numbers all the same
        model = fitted(given)
    assert model.schema_.columns[2].classes == tuple(sorted(codes))
    assert set(model.sample(60, random_state=0)["c"]) <= set(codes)
    assert (model.complete({"c": codes[0]}, 3, random_state=0)["c"] == codes[0]).all()


@pytest.mark.parametrize(
    ("texts", "call"),
    [
        ([f"{value}%" for value in range(10)], "pd.to_numeric(X['c'].str.replace('%', ''))"),
        ([f"$1,0{value}0" for value in range(10)], "pd.to_numeric(X['c'].str.replace('[$,]', '', regex=True))"),
        ([f"1.{value},5" for value in range(100, 110)], None),
        (["n/a", "", "nan", *map(str, range(7))], "pd.to_numeric(X['c'], errors='coerce')"),
        (["20 000", "1 000", "3 500"], r"pd.to_numeric(X['c'].str.replace('\\s', '', regex=True))"),
        (["several", *map(str, range(19))], "pd.to_numeric(X['c'], errors='coerce')"),
        ([f"2020-01-1{value}" for value in range(10)], "pd.to_datetime(X['c'])"),
        ([f"1{value}.01.2020" for value in range(10)], "pd.to_datetime(X['c'], format=…)"),
    ],
)
def test_text_that_looks_like_something_else_is_told(texts, call):
    given = table(np.resize(texts, N))
    with pytest.warns(DataWarning, match="classes without an order, and looks like") as told:
        fitted(given)
    message = next(str(each.message) for each in told if "looks like" in str(each.message))
    call = call or "pd.to_numeric(X['c'].str.replace('.', '').str.replace(',', '.'))"
    assert message.endswith(call)
    if "…" not in call:
        made = eval(call, {"pd": pd, "X": given})
        assert made.dtype.kind in "ifM" and made.notna().mean() >= 0.7
    with warnings.catch_warnings():
        warnings.simplefilter("error", DataWarning)
        fitted(given.assign(c=given["c"].astype("category")))


def test_many_texts_that_look_like_something_else_are_told_before_they_are_left_out():
    with pytest.raises(InputError, match=r"looks like dates \(\"2020-01-01\"\); if they are, write pd.to_datetime"):
        fitted(table(DAYS.strftime("%Y-%m-%d")))
    with pytest.raises(InputError, match=r"pd.to_numeric\(X\['c'\].str.replace\('%', ''\)\), or leave it out"):
        fitted(table([f"{value:.3f}%" for value in B]))


@pytest.mark.parametrize("unit", ["s", "ms", "us"])
def test_dates_of_any_year_are_taken(unit, tmp_path):
    ends = pd.Series(DAYS).astype(f"datetime64[{unit}]")
    ends[::3] = pd.Timestamp("9999-12-31")
    given = table(ends.array)
    model = aevum.load(fitted(given).save(tmp_path / "m"))
    drawn = model.sample(300, random_state=0)["c"]
    assert drawn.dtype == ends.dtype and drawn.max() <= pd.Timestamp("9999-12-31 23:59:59")
    with pytest.warns(DataWarning, match="row 1, column 'c': -6.2"):
        ends[1] = pd.Timestamp("0001-01-01")
        ends[::3] = ends[2]
        fitted(table(ends.array))


def test_a_code_that_decodes_to_no_date_is_refused():
    model = fitted(table(pd.array(pd.Series(DAYS).astype("datetime64[ns]"))))
    with pytest.raises(InputError, match=r"row 1: this code lies so far out .* beyond what column 'c' .datetime64.ns"):
        model.inverse_transform([[0.0], [1e9]])


def test_dates_of_python_and_text_in_iso_are_dates():
    given = table([day.date() for day in DAYS])
    model = fitted(given)
    assert model.schema_.columns[2].kind == "time" and type(model.sample(1, random_state=0)["c"][0]) is datetime.date
    scores = model.score_samples(given)
    for same in (DAYS, DAYS.strftime("%Y-%m-%d"), DAYS.tz_localize("UTC"), [day.to_pydatetime() for day in DAYS]):
        np.testing.assert_array_equal(model.score_samples(given.assign(c=same)), scores)
    for text, row in (("05.02.2020", 3), ("02/05/2020", 3), ("soon", 3), (20200205, 3)):
        other = given["c"].astype(object).to_numpy().copy()
        other[row] = text
        with pytest.raises(InputError, match=f"column 'c' holds {text!r} at row {row}, "):
            model.score_samples(given.assign(c=other))
    with pytest.raises(InputError, match="column 'c' holds '05.02.2020'"):
        model.complete({"c": "05.02.2020"})


@pytest.mark.parametrize("value", [[1], {"a": 1}, np.zeros(2), (1, 2), {1}])
@pytest.mark.parametrize("name", ["x", "word", "c"])
def test_a_cell_of_several_values_is_told_by_row(name, value):
    given = table(DAYS, gaps=False)
    cells = given[name].astype(object).to_numpy().copy()
    cells[7] = value
    model = fitted(given)
    with pytest.raises(InputError, match=f"column '{name}' holds a {type(value).__name__} at row 7"):
        model.score_samples(given.assign(**{name: cells}))
    with pytest.raises(InputError, match=f"column '{name}' holds a {type(value).__name__} at row 7"):
        fitted(given.assign(**{name: cells}))


def test_text_among_numbers_is_told_by_row():
    given = table(PLACES % 9, gaps=False)
    model = fitted(given)
    for dtype in ("str", "object", "string"):
        cells = given["x"].astype(str).astype(object)
        cells.iloc[4] = "n/a"
        with pytest.raises(InputError, match="column 'x' holds 'n/a' at row 4, and was of numbers"):
            model.score_samples(given.assign(x=cells.astype(dtype)))
    with pytest.raises(InputError, match="column 'x' has type complex128"):
        model.score_samples(given.assign(x=B + 1j))
    with pytest.raises(InputError, match="column 'x' has type complex128"):
        fitted(given.assign(x=B + 1j))


def test_rows_that_choose_the_epoch_are_counted_and_read_on_their_own():
    given = table(PLACES % 9, gaps=False)
    for other in (np.zeros((5, 3)), np.zeros((5, 3)).tolist()):
        with pytest.raises(InputError, match="X_val is a .*, and X has columns that are no numbers: give it as X is"):
            aevum.VAE(1, epochs=1).fit(given, X_val=other)
    rows = np.column_stack([B, 2.0 * B])
    far = rows[:20].copy()
    far[3, 1] = 1e9
    with pytest.warns(DataWarning, match="row 3 of X_val, column 1: 1e.09"):
        aevum.VAE(1, epochs=1, hidden=8, random_state=0).fit(rows, X_val=far)
    counts = RANDOM.poisson(3, (60, 8))
    wrong = counts[:10] - 4 * (PLACES[:10, None] == 2)
    with pytest.raises(InputError, match="in row 2 of X_val"):
        aevum.VAE(1, epochs=1, likelihood="poisson").fit(counts, X_val=wrong)


def test_draws_of_arrays_of_small_whole_numbers_are_at_their_ends():
    counts = np.clip(110 + np.abs(RANDOM.normal(size=(N, 2))) * 8, 0, 127).astype(np.int8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", aevum.CollapseWarning)
        model = aevum.VAE(1, likelihood="poisson", hidden=8, epochs=2, random_state=0).fit(counts)
    drawn = model.sample(500, random_state=0)
    assert drawn.dtype == np.int8 and drawn.min() >= 0 and drawn.max() == 127


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_a_frame_of_numbers_alone_is_filled_with_its_decimals(tmp_path):
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": random.normal(size=80).round(2), "b": random.integers(0, 50, 80), "c": random.random(80)}
    )
    frame["a"] = frame["a"].mask(frame.index % 9 == 0)
    frame["b"] = frame["b"].mask(frame.index % 7 == 1)
    vae = aevum.VAE(1, hidden=8, epochs=2, likelihood="columns", random_state=0).fit(frame)
    assert vae.decimals_ == (2, 0, None) and aevum.load(vae.save(tmp_path / "m")).decimals_ == vae.decimals_
    for made in (vae.impute(frame, k=50), vae.impute(frame, k=50, draws=2)[1]):
        assert (made["a"] == made["a"].round(2)).all() and (made["b"] == made["b"].round()).all()
    assert aevum.VAE(1, likelihood="columns", epochs=1, random_state=0).fit(frame.to_numpy()).decimals_ is None


def test_complex_numbers_are_refused_by_the_name_of_their_column():
    from aevum.evaluation import OutlierDetector

    frame = pd.DataFrame({"a": B + 1.0, "z": B})
    given, model = frame.assign(z=B + 1j), aevum.VAE(1, hidden=8, epochs=1, likelihood="columns", random_state=0)
    for words in ({}, {"w": np.resize(["x", "y"], N)}):
        fit = model.fit(frame.assign(**words))
        for use in (fit.score_samples, fit.impute, fit.fit, OutlierDetector().fit):
            with pytest.raises(InputError, match="column 'z' has type complex128"):
                use(given.assign(**words))
        with pytest.raises(InputError, match="X_val: .*column 'z' has type complex128"):
            fit.fit(frame.assign(**words), X_val=given.assign(**words))
    with pytest.raises(InputError, match="X has type complex128: Complex data not supported; give their real and"):
        model.fit(given.to_numpy())


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_half_precision_is_taken_without_a_word():
    for frame in (pd.DataFrame({"a": B + 1.0, "b": 100.0 * B}), pd.DataFrame({"a": 60000 + 500 * B, "b": B.round(1)})):
        for words in ({}, {"w": np.resize(["x", "y"], N)}):
            given = frame.astype(np.float16).assign(**words)
            model = aevum.VAE(1, hidden=8, epochs=1, likelihood="columns", random_state=0).fit(given)
            gaps = given.mask(np.random.default_rng(0).random(given.shape) < 0.1)
            assert model.impute(gaps, k=20).dtypes[:2].tolist() == [np.float16] * 2
            assert len(model.sample(5, random_state=0)) == 5 and len(model.reconstruct(given)) == N
            model.inverse_transform(np.full((1, 1), 1e6))


def test_decimals_are_found_in_single_precision_too():
    cents, random = np.arange(-500, 50000) / 100, np.random.default_rng(0)
    assert decimal_step(cents.astype(np.float32)) == decimal_step(cents.astype(np.float32).astype(float)) == 0.01
    assert decimal_step(random.normal(size=99).astype(np.float32)) is None
    assert decimal_step(np.array([1e306, 0.5])) == 0.1 and decimal_step(np.array([1e306, 1 / 3])) is None
