"""Columns that never change: no density along them, given back exactly, and a row that differs there is told."""

from __future__ import annotations

import hashlib
import warnings

import numpy as np
import pandas as pd
import pytest
import torch

from aevum import VAE, load
from aevum.encoding.constants import never_changing
from aevum.errors import DataWarning, InputError, ModelFileError
from aevum.estimators.resolving import seed_from, split
from aevum.evaluation import calibration, contributions, detect, evidence
from aevum.evaluation.anomalies import distortion_by_feature
from aevum.evaluation.judged import of_the_data
from aevum.evaluation.sigma import sigma_of
from aevum.recipes import ESTIMATORS

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(200, 2))
X = Z @ RNG.normal(size=(2, 5)) + 0.1 * RNG.normal(size=(200, 5))
X[:, 3] = 7.0
Y = np.where(Z[:, 0] > 0, "a", "b")
OPTIONS = {"latent_dim": 2, "hidden": 16, "epochs": 3, "random_state": 0}
MODELS = list(ESTIMATORS)
pytestmark = [
    pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning"),
    pytest.mark.filterwarnings("ignore:1 of 5 columns never change:aevum.errors.DataWarning"),
]


def given(model, rows=slice(None)):
    return (Y[rows],) if model.conditional else ()


def fitted(name, x=X, **options):
    model = ESTIMATORS[name](**{**OPTIONS, **options})
    return model.fit(x, *given(model))


@pytest.fixture(scope="module")
def models():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {name: fitted(name) for name in MODELS}


def check_exact(model, x):
    y = given(model)
    low, high = model.predict_interval(x, *y)
    sampled = model.sample(50, *(part[:50] for part in y), random_state=0)
    for found in (model.reconstruct(x, *y), sampled, low, high):
        assert (np.asarray(found)[:, 3] == 7.0).all()
    assert (distortion_by_feature(model, x, *y)[:, 3] == 0.0).all()


@pytest.mark.parametrize("name", MODELS)
def test_a_constant_comes_back_exactly_and_adds_nothing(models, name, tmp_path):
    model = models[name]
    check_exact(model, X)
    again = load(model.save(tmp_path / "model"))
    check_exact(again, X)
    y = given(model)
    np.testing.assert_array_equal(again.distortion_and_rate(X, *y)[0], model.distortion_and_rate(X, *y)[0])


@pytest.mark.parametrize("scale", ["per-feature", "emitted", "fixed=0.3"])
@pytest.mark.parametrize("name", ["AE", "VAE"])
def test_whatever_the_spread(name, scale):
    check_exact(fitted(name, likelihood=f"gaussian:{scale}"), X)


@pytest.mark.parametrize("value", [-3.0, 0.0, 1e9])
def test_no_score_depends_on_which_constant_it_is(models, value):
    """The units law, for a column that has no unit of its own."""
    x = X.copy()
    x[:, 3] = value
    np.testing.assert_array_equal(fitted("VAE", x).score_samples(x, k=5), models["VAE"].score_samples(X, k=5))


@pytest.mark.parametrize("store", [lambda x: x.astype(np.float32), pd.DataFrame, torch.from_numpy,
                                   lambda x: np.round(100 * x - 693 * (x == 7)).astype(np.int64)])  # fmt: skip
def test_however_it_is_stored(store):
    x = store(X)
    check_exact(VAE(**OPTIONS).fit(x), x)


@pytest.mark.parametrize("other", [7.0001, 8.0, -1e30, 1e300])
@pytest.mark.parametrize("name", MODELS)
def test_a_row_that_differs_is_told_and_never_a_nan(models, name, other):
    model, x = models[name], X.copy()
    x[4, 3], y = other, given(model)
    others = np.arange(len(x)) != 4
    with pytest.warns(DataWarning, match=r"1 of 200 rows differ .*row 4, column 3: .* instead of 7\)"):
        distortion = model.distortion_and_rate(x, *y)[0]
    assert distortion[4] == np.inf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        np.testing.assert_allclose(distortion[others], model.distortion_and_rate(X, *y)[0][others])
        np.testing.assert_array_equal(model.transform(x, *y), model.transform(X, *y))
        assert detect(model, x, *y, k=5).flags[4]
        odd = contributions(model, x, *y)[4]
        assert odd.argmax() == 3 and not np.isnan(odd).any()
        if model.has_density:
            drawn = model.importance_sample(x, *y, k=30)
            assert drawn.log_evidence[4] == -np.inf and not any(np.isnan(each).any() for each in drawn)
            np.testing.assert_allclose(model.score_samples(x, *y, k=5)[others], model.score_samples(X, *y, k=5)[others])
            with pytest.raises(InputError, match="row 4 has no log p"):
                evidence(model, x, *y, k=5)


def test_a_nearly_constant_column_is_one():
    x = X.copy()
    x[5, 3] = 7.0000001
    model = fitted("VAE", x)
    np.testing.assert_allclose(model.score_samples(x, k=5), fitted("VAE").score_samples(X, k=5))
    assert (model.sample(20, random_state=0)[:, 3] == 7.0).all()


def test_what_changes_a_little_is_no_constant():
    """Times in seconds over a minute, few distinct ones, and rare flags."""
    times = 1.7e9 + RNG.uniform(0, 60, 200)
    flag = np.zeros(200)
    flag[7] = 1.0
    found, _ = never_changing(np.stack([times, np.round(times / 30) * 30, flag, 1e-9 * flag, 7 + 1e-3 * flag], axis=1))
    assert not found.any()
    assert never_changing(np.array([[0.1 + 0.2], [0.3]]))[0].all()  # one number but for rounding


def test_a_column_that_changes_in_a_held_out_row_alone_has_the_scale_of_all():
    x, row = X.copy(), split(200, 0.1, seed_from(0))[1][0]
    x[row, 3] = 8.0
    model = fitted("VAE", x)
    assert model.sample(200, random_state=0)[:, 3].std() < 0.2
    assert np.isfinite(model.score_samples(x, k=5)).all() and np.isfinite(model.history_[-1]["validation_loss"])


def test_constants_are_no_part_of_calibration_and_of_sigma(models):
    found = calibration(models["VAE"], X)
    others = np.delete(found.feature_coverage, 3, axis=1)
    np.testing.assert_allclose(found.coverage, others.mean(axis=1))
    assert np.isnan(found.feature_coverage[:, 3]).all()
    assert sigma_of(models["AE"], models["AE"].codes_)["low"] > 0.0


def test_a_file_with_constants_that_do_not_fit_is_refused(models, tmp_path):
    path = models["VAE"].save(tmp_path / "model")
    config = path / "config.json"
    text = config.read_text()
    checksums = (path / "checksums.json").read_text()
    for wrong in ("[9]", "[-1]", '"3"', "[0.5]"):
        start = text.index('"constant": [')
        changed = text[:start] + f'"constant": {wrong}' + text[text.index("]", start) + 1 :]
        config.write_text(changed)
        (path / "checksums.json").write_text(checksums.replace(digest(text), digest(changed)))
        with pytest.raises(ModelFileError, match="constant"):
            load(path)


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("offset", [1e9, 1e12, 1e13])
@pytest.mark.parametrize("spiked", [False, True])
def test_an_offset_takes_nothing_of_a_spread(offset, spiked):
    x = RNG.normal(size=(200, 2)) @ np.array([[1.0, 0.9], [0.0, 0.4]])
    x[:60, 1] = 0.0 if spiked else x[:60, 1]
    options = {"epochs": 3, "random_state": 0}
    moved, plain = VAE(**options).fit(x + offset), VAE(**options).fit(x)
    assert moved.likelihood_.family == plain.likelihood_.family
    assert moved.score_samples(x + offset).mean() == pytest.approx(plain.score_samples(x).mean(), abs=0.05)
    np.testing.assert_allclose(
        moved.sample(500, random_state=0).std(0), plain.sample(500, random_state=0).std(0), rtol=0.02
    )


def test_a_spread_that_float64_holds_nothing_of_is_told():
    x = X.copy()
    x[:, 3] = RNG.normal(size=len(x)) + 1e16
    words = (
        "1 of 5 columns never change, but for rounding .*Column 3 does vary, by no more than numbers of its size are"
    )
    with pytest.warns(DataWarning, match=words):
        VAE(**OPTIONS).fit(x)
    x[4, 3] = np.nan
    with pytest.warns(DataWarning, match=words):
        VAE(**OPTIONS).fit(x)


@pytest.mark.filterwarnings("ignore:2 of 3 columns never change, but for rounding:aevum.errors.DataWarning")
def test_what_varies_by_rounding_is_told_apart_and_comes_back_as_a_value_of_a_row():
    big = 10**18 + 128 * (np.arange(200) // 2)
    frame = pd.DataFrame({"a": X[:, 0], "big": big, "const": 4})
    model = VAE(**OPTIONS).fit(frame)
    found = of_the_data(model, frame)
    assert (found["constant"], found["rounded"]) == (("const",), ("big",))
    assert np.isin(np.asarray(model.sample(3, random_state=0))[:, 1], big.astype(np.float64)).all()


@pytest.mark.parametrize("stored", [np.float64, np.int64, np.float32])
def test_a_whole_number_is_compared_exactly(stored):
    x = np.round(100 * X).astype(stored)
    x[:, 3] = 1000000
    model, other = fitted("VAE", x), x[:2].copy()
    other[1, 3] += 1
    with pytest.warns(DataWarning, match="1000001 instead of 1000000"):
        assert np.isneginf(model.score_samples(other)).tolist() == [False, True]


def test_a_fraction_is_compared_as_it_is_stored():
    x = X.copy()
    x[:, 3] = 0.1
    for learned, given_ in ((np.float32, np.float64), (np.float64, np.float32)):
        model = fitted("VAE", x.astype(learned))
        for rows in (x.astype(given_), x.astype(np.float32).astype(given_)):
            assert np.isfinite(model.score_samples(rows)).all()
    off = x[:1].copy()
    off[0, 3] = 0.1001
    with pytest.warns(DataWarning, match="0.1001 instead of 0.1"):
        assert np.isneginf(model.score_samples(off)).all()
