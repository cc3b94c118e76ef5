"""DataFrames of text, categories, dates and numbers, with missing cells, through a model and back."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest

import aevum
from aevum import DataWarning, InputError, ModelFileError
from aevum.evaluation.sigma import sigma_of

SMALL = {"hidden": 24, "epochs": 25, "batch_size": 64, "learning_rate": 5e-3, "random_state": 0}
N = 500


def frame(gaps=0.1):
    """A column of every type, of two latents."""
    random = np.random.default_rng(0)
    z = random.normal(size=(N, 2))
    job = np.array(["clerk", "cook", "smith"])[(z[:, 0] > -0.5).astype(int) + (z[:, 0] > 0.7)]
    grade = (z[:, 1] > 0).astype(int) + (z[:, 1] > 1)
    days = pd.to_timedelta(np.round(300 * z[:, 1] + 20 * random.normal(size=N)), unit="D")
    made = pd.DataFrame({
        "age": pd.array(np.round(40 + 10 * z[:, 0] + random.normal(size=N)).astype(int), dtype="Int64"),
        "income": np.exp(8 + z[:, 0] + 0.2 * random.normal(size=N)),
        "job": job.astype(object),
        "grade": pd.Categorical.from_codes(grade, ["low", "mid", "high"], ordered=True),
        "member": pd.array(z[:, 1] + 0.5 * random.normal(size=N) > 0, dtype="boolean"),
        "children": random.poisson(np.exp(0.5 * z[:, 1])),
        "since": pd.Timestamp("2020-01-01") + days,
    })  # fmt: skip
    for place, name in enumerate(made.columns):
        if name != "children":
            made.loc[np.random.default_rng(place).random(N) < gaps, name] = None
    return made


@pytest.fixture(scope="module")
def model():
    return aevum.VAE(2, **SMALL).fit(frame())


def test_the_kinds_are_those_of_the_columns(model):
    assert model.likelihood_.family == "columns" and "cells are missing" in model.likelihood_.reason
    kinds = [column.kind for column in model.encoding_.columns]
    assert kinds[2:5] == ["categorical", "ordinal", "binary"]
    assert model.schema_.columns[6].kind == "time" and model.schema_.columns[6].step == 86400.0


def same_types(made, like):
    assert list(made.columns) == list(like.columns) and (made.dtypes == like.dtypes).all()


def test_what_is_drawn_is_a_frame_like_the_one_it_learned_from(model, tmp_path):
    table = frame()
    again = aevum.load(model.save(tmp_path / "model"))
    for each in (model, again):
        drawn = each.sample(300, random_state=0)
        same_types(drawn, table)
        assert set(drawn["job"]) == {"clerk", "cook", "smith"} and drawn["children"].min() >= 0
        assert drawn["since"].dt.normalize().equals(drawn["since"]) and drawn["grade"].cat.ordered
        assert abs(drawn["age"].mean() - table["age"].mean()) < 3.0
    same_types(model.reconstruct(table), table)
    same_types(model.inverse_transform(np.zeros((2, 2))), table)
    np.testing.assert_array_equal(again.score_samples(table), model.score_samples(table))
    assert np.isfinite(model.score_samples(table)).all()
    assert again.schema_ == model.schema_


def test_gaps_are_filled_with_what_the_columns_hold(model):
    table, whole = frame(gaps=0.3), frame(gaps=0.0)
    filled = model.impute(table, k=200)
    same_types(filled, table)
    assert not filled.isna().any().any()
    for name in table.columns:
        there = table[name].notna()
        if name == "income":
            np.testing.assert_allclose(filled.loc[there, name], table.loc[there, name])
        else:
            assert (filled.loc[there, name] == table.loc[there, name]).all(), name
    gone = table["job"].isna()
    assert (filled["job"] == whole["job"])[gone].mean() > 0.6
    copies = model.impute(table.iloc[:20], draws=3, k=100)
    assert len(copies) == 3 and all(len(each) == 20 for each in copies)
    middle, low, high = model.impute(table.iloc[:50], interval=0.8, k=100)
    assert (low["since"] <= high["since"]).all() and (low["job"] == middle["job"]).all()


def test_intervals_of_a_frame_are_frames(model, tmp_path):
    table = frame().iloc[7:60]
    table = table[table.columns[::-1]]
    codes, kinds = model.transform(table), {name: table[name].dtype for name in table.columns}
    for low, high in (model.predict_interval(table, level=0.8), model.decode_interval(codes, level=0.8)):
        assert {name: low[name].dtype for name in low.columns} == {name: high[name].dtype for name in kinds} == kinds
        for name in ("age", "income", "grade", "children", "since"):
            assert (low[name] <= high[name]).all() and (low[name] < high[name]).any(), name
        assert (low["job"] == high["job"]).all() and (low["job"].to_numpy() == model.reconstruct(table)["job"]).all()
        assert (low["children"] >= 0).all() and (low["member"] == high["member"]).all()
    low, high = model.predict_interval(table, level=0.8)
    assert low.index.equals(table.index) and high.index.equals(table.index)
    assert list(low.columns) == list(high.columns) == list(table.columns)
    numbers = model.in_numbers().predict_interval(table, level=0.8)[0]
    np.testing.assert_allclose(numbers[:, 1], low["income"], rtol=1e-3)
    # What measures with them measures numbers.
    assert sigma_of(model, codes) == sigma_of(model.in_numbers(), codes)


def test_rows_are_asked_for_by_what_is_known(model):
    made = model.complete({"job": "smith", "member": True, "since": "2020-03-01"}, 200, random_state=0)
    assert (made["job"] == "smith").all() and made["member"].all() and (made["since"] == "2020-03-01").all()
    other = model.complete({"job": "clerk"}, 200, random_state=0)
    assert made["age"].mean() > other["age"].mean() + 5
    with pytest.raises(
        InputError, match="column 'job' has no 'lord', which the model doesn't know; it knows \"clerk\""
    ):
        model.complete({"job": "lord"})
    with pytest.raises(InputError, match="there is no column 'wage'; the model's are age, income"):
        model.complete({"wage": 3})
    with pytest.raises(InputError, match="'age' and 0 are one column: give one of them"):
        model.complete({"age": 30, 0: 40})


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_infinity_is_told_of_alone(model, value):
    with pytest.raises(InputError, match="^column 'income' is said to be -?inf; it must be a finite number$"):
        model.complete({"income": value, "job": "smith"})
    table = frame()  # whose gaps are none of it
    table.loc[3, "income"] = value
    with pytest.raises(InputError, match="infinity.*First at row 3, column 'income'; 1 in all. Fill them in"):
        model.impute(table)


def test_a_column_by_two_names_is_refused(model):
    with pytest.raises(InputError, match="^1 and 'income' are one column: give one of them$"):
        model.complete({1: 7.0, "job": "smith", "income": 8.0})
    labelled = frame().set_axis([("a", place) for place in range(7)], axis=1)
    other = aevum.VAE(2, **{**SMALL, "epochs": 1}).fit(labelled)
    with pytest.raises(InputError, match="are one column"):
        other.complete({("a", 1): 7.0, 1: 8.0})


def test_what_is_none_of_the_models_is_refused_by_name(model):
    table = frame(gaps=0.0)
    table.loc[3, "job"] = "lord"
    with pytest.warns(DataWarning, match="column 'job' holds 'lord', which the model doesn't know .1 cell, taken for"):
        found = model.transform(table)
    table.loc[3, "job"] = None
    np.testing.assert_array_equal(found, model.transform(table))
    with pytest.raises(InputError, match="fitted on a DataFrame with columns that are no numbers"):
        model.transform([["smith"] * 7] * 3)
    with pytest.raises(InputError, match="tell rows apart"):
        aevum.VAE(1, **SMALL).fit(pd.DataFrame({"a": range(60), "name": [f"n{i}" for i in range(60)]}))
    with pytest.raises(
        InputError, match="likelihood='gaussian' is for columns of numbers; use likelihood='columns'.*\"job\""
    ):
        aevum.VAE(1, likelihood="gaussian", **SMALL).fit(table)


def test_classes_in_order_are_an_ordinal_scale_with_all_its_levels():
    random = np.random.default_rng(0)
    z = random.normal(size=N)
    names = ["none", "low", "mid", "high", "top"]  # nobody has the first, and their order is not that of the alphabet
    table = pd.DataFrame({
        "grade": pd.Categorical.from_codes(np.clip(np.round(z + 2.5), 1, 4).astype(int), names, ordered=True),
        "z": z,
    })  # fmt: skip
    vae = aevum.VAE(1, **SMALL).fit(table)
    column = vae.encoding_.columns[0]
    assert (column.kind, column.levels, column.shift) == ("ordinal", 5, 0.0)
    assert np.isfinite(vae.score_samples(table.assign(grade=pd.Categorical(["none"] * N, names, ordered=True)))).all()
    gone = table.assign(grade=pd.Categorical([None] * N, names, ordered=True))
    middle, low, high = vae.impute(gone, k=100, interval=0.8)
    assert (low["grade"] <= high["grade"]).all() and (low["grade"] < high["grade"]).any()
    assert np.corrcoef(middle["grade"].cat.codes, z)[0, 1] > 0.8
    plain = table.assign(grade=table["grade"].cat.as_unordered())
    assert aevum.VAE(1, **SMALL).fit(plain).encoding_.columns[0].kind == "categorical"


@pytest.mark.parametrize("unit", ["s", "ns"])
def test_lengths_of_time_are_numbers_that_come_back_as_lengths_of_time(unit, tmp_path):
    random = np.random.default_rng(0)
    seconds = np.exp(random.normal(size=N) + 4.0)
    seconds = np.round(seconds) if unit == "s" else seconds
    waits = pd.to_timedelta(seconds, unit="s").astype(f"timedelta64[{unit}]")
    table = pd.DataFrame({"wait": waits, "log": np.log(seconds)})
    vae = aevum.VAE(1, **SMALL).fit(table)
    vae = aevum.load(vae.save(tmp_path / "m"))
    assert vae.schema_.columns[0].kind == "duration"
    for made in (vae.sample(50, random_state=0), vae.reconstruct(table)):
        same_types(made, table)
        assert (made["wait"] >= pd.Timedelta(0)).all()
        if unit == "s":
            assert (made["wait"].dt.total_seconds() % 1.0 == 0.0).all()
    gone = table.assign(wait=table["wait"].where(np.arange(N) % 2 == 0))
    filled = vae.impute(gone, k=50)
    same_types(filled, table)
    there = gone["wait"].notna()
    apart = (filled["wait"] - table["wait"])[there].abs()
    assert apart.max() <= pd.Timedelta(microseconds=1)
    away = (filled["wait"] - table["wait"])[~there].dt.total_seconds().abs()
    assert away.median() < 0.5 * table["wait"].dt.total_seconds().median()
    same = vae.complete({"wait": pd.Timedelta(minutes=2)}, 3, random_state=0)
    assert (same["wait"] == pd.Timedelta(minutes=2)).all()


def test_a_frame_of_numbers_gives_arrays():
    table = frame(gaps=0.0)[["age", "income", "children"]]
    found = aevum.VAE(1, **{**SMALL, "epochs": 1})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found.fit(table)
    assert found.schema_ is None and isinstance(found.sample(3, random_state=0), np.ndarray)


def test_masked_cells_are_gaps():
    x = np.random.default_rng(0).normal(size=(200, 3))
    masked = np.ma.masked_array(np.where(x > 1.5, 1e9, x), mask=x > 1.5)
    found = aevum.VAE(1, **{**SMALL, "epochs": 2})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", aevum.CollapseWarning)
        found.fit(masked)
    np.testing.assert_array_equal(found.transform(masked), found.transform(np.where(x > 1.5, np.nan, x)))


@pytest.mark.parametrize(
    "change",
    [{"kind": "secret"}, {"name": 3}, {"classes": "abc"}, {"classes": [[1]]}, {"step": -1.0}, {"ordered": "yes"}],
)
def test_a_schema_that_was_not_saved_is_refused(model, tmp_path, change):
    path = model.save(tmp_path / "model")
    config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    config["schema"]["columns"][2].update(change)
    (path / "config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(ModelFileError):
        aevum.load(path)


@pytest.mark.slow
def test_a_value_that_comes_again_and_again_is_drawn_as_itself():
    """No rain is no rain, as often as in the data and where it is in the data, and never less than none."""
    random = np.random.default_rng(0)
    sun = random.normal(size=800)
    dry = random.random(800) < 1.0 / (1.0 + np.exp(-3.0 * sun))
    frame = pd.DataFrame({"sun": sun, "rain": np.where(dry, 0.0, np.exp(1.0 - sun + 0.3 * random.normal(size=800)))})
    model = aevum.VAE(epochs=30, random_state=0).fit(frame)
    drawn = model.sample(4000, random_state=0)[:, 1]
    assert drawn.min() == 0.0
    assert (drawn == 0.0).mean() == pytest.approx(dry.mean(), abs=0.04)
    often = [(model.complete({"sun": sun}, 300, random_state=0)[:, 1] == 0.0).mean() for sun in (-2.0, 2.0)]
    assert often[0] < 0.1 and often[1] > 0.9
    # On a dry day it is a probability, which no unit changes.
    other, some = aevum.VAE(epochs=30, random_state=0).fit(frame * [1.0, 10.0]), frame[:200]
    found = other.score_samples(some * [1.0, 10.0]) - model.score_samples(some)
    np.testing.assert_allclose(found, np.where(dry[:200], 0.0, -np.log(10.0)), atol=1e-4)
