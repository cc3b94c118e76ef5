"""What a DataFrame's cells are comes back as it was: index, labels, types, and every cell that was there."""

import warnings

import numpy as np
import pandas as pd
import pytest

import aevum

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
    assert full["c"].map(type).nunique() == 1
    again = model.reconstruct(given)
    assert again.index.equals(given.index) and (again.dtypes == given.dtypes).all()
    drawn = aevum.load(model.save(tmp_path / "m")).sample(20, random_state=0)
    assert (drawn.dtypes == given.dtypes).all()
    assert set(drawn["c"].map(type)) <= set(full["c"].map(type)) | {bool, np.bool_, int, np.int64}


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
