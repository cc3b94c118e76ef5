"""Matrices of counts by name, with a size a row, and numbers with heavy tails."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from scipy import stats

import aevum
from aevum import DataWarning, InputError, cli
from aevum.conditionals.kind import freedom

SMALL = {"hidden": 16, "epochs": 12, "random_state": 0}
NAMES = ("poisson", "negative_binomial", "zero_inflated_negative_binomial")


def matrix(n=240, d=30, seed=0):
    """Counts of two factors with dispersion 0.5, in rows of sizes from a fifth to five times the usual."""
    random = np.random.default_rng(seed)
    logits = random.normal(0.0, 1.0, d) + random.normal(size=(n, 2)) @ random.normal(0.0, 0.7, (2, d))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    mean = 200.0 * np.exp(random.normal(0.0, 0.5, (n, 1))) * shares
    return random.poisson(mean * random.gamma(2.0, 0.5, mean.shape)).astype(np.uint16)


@pytest.fixture(scope="module")
def x():
    return matrix()


@pytest.fixture(scope="module")
def model(x):
    return aevum.VAE(2, likelihood="negative_binomial", **SMALL).fit(x)


def test_a_row_keeps_its_sum(model, x):
    """The means of counts given their sum add up to it, whatever the code."""
    np.testing.assert_allclose(model.reconstruct(x).sum(axis=1), x.sum(axis=1), rtol=1e-4)
    typical = model.inverse_transform(np.zeros((3, 2))).sum(axis=1)
    np.testing.assert_allclose(typical, np.median(x.sum(axis=1)), rtol=0.1)
    drawn = model.sample(300, random_state=0)
    assert drawn.dtype == np.uint16
    assert stats.kstest(drawn.sum(axis=1), x.sum(axis=1)).statistic < 0.15
    np.testing.assert_array_equal(model.sample(20, random_state=0), drawn[:20])


def test_scores_are_the_log_probability_given_the_sum(model, x):
    """By SciPy's masses at the draws of z that the model's own posterior gives."""
    z = model.draw_codes(x[:3], draws=4000)
    mean, deviation = model.encode(x[:3])
    weights = stats.norm.logpdf(z).sum(-1) - stats.norm.logpdf(z, mean, deviation).sum(-1)
    alpha = np.exp(model.model_.likelihood.scale(None).detach().numpy())
    for row in range(3):
        made = model.inverse_transform(z[:, row])
        mu = made / made.sum(axis=1, keepdims=True) * x[row].sum()
        each = stats.nbinom.logpmf(x[row], 1.0 / alpha, 1.0 / (1.0 + alpha * mu)).sum(axis=1) + weights[:, row]
        found = np.logaddexp.reduce(each) - np.log(len(each))
        assert float(model.score_samples(x[row : row + 1], k=4000)[0]) == pytest.approx(found, abs=0.3)


def test_a_larger_row_of_the_same_shares_is_the_same_sample(model, x):
    """A size is given, so that it has no say of its own; without sizes a row ten times as large is a surprise."""
    plain = aevum.VAE(2, likelihood="negative_binomial", size_factors=None, **SMALL).fit(x)
    assert plain.likelihood_.sizes is None and model.likelihood_.sizes == "sum"
    some = x[:40].astype(np.int64)
    loss = [float((m.score_samples(some) - m.score_samples(10 * some)).mean()) for m in (model, plain)]
    assert loss[0] < loss[1] - 10.0


def test_samples_have_the_sizes_that_are_asked_for(model):
    sizes = np.tile([50.0, 2000.0], 150)
    means = model.sample(300, random_state=0, mean=True, size_factors=sizes)
    np.testing.assert_allclose(means.sum(axis=1), sizes, rtol=1e-4)
    # Of the same codes: a size has no say in the shares.
    usual = model.sample(300, random_state=0, mean=True)
    np.testing.assert_allclose(means / sizes[:, None], usual / usual.sum(axis=1, keepdims=True), rtol=1e-3)
    drawn = model.sample(300, random_state=0, size_factors=sizes)
    assert drawn.dtype == np.uint16
    for start, size in enumerate(sizes[:2]):
        apart = stats.ttest_1samp(drawn[start::2].sum(axis=1), size)
        assert apart.pvalue > 1e-3, apart
    np.testing.assert_array_equal(model.sample(20, random_state=0, size_factors=sizes[:20]), drawn[:20])
    alike = (model.sample(5, random_state=1, size_factors=each) for each in (70, np.full(5, 70), [70.0] * 5))
    first, *others = alike
    assert all((first == other).all() for other in others)


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ([1.0, 2.0], r"size_factors has shape \(2,\); expected one number for all samples, or \(3,\)"),
        (0.0, "finite and above 0"),
        ([1.0, np.nan, 2.0], "finite and above 0"),
        ("large", "must be numbers"),
        (1e7, "don't fit into the data's type uint16, whose largest number is 65535"),
    ],
)
def test_sizes_that_no_row_can_have(model, sizes, words):
    with pytest.raises(InputError, match=words):
        model.sample(3, random_state=0, size_factors=sizes)


def test_rows_without_sizes_are_not_asked_for_one(tailed):
    with pytest.raises(InputError, match="this model's rows have no sizes .*size_factors='sum'"):
        tailed["laplace"].sample(3, size_factors=2.0)


def test_sizes_on_the_command_line(model, tmp_path):
    model.save(tmp_path / "run" / "model")
    out = str(tmp_path / "cells.csv")
    words = ("sample", str(tmp_path / "run"), "-n", "4", "--seed", "0", "-o", out)
    said = CliRunner().invoke(cli.aevum, [*words, "--size-factor", "50", "--size-factor", "2000"])
    assert said.exit_code == 0, said.output
    found = np.genfromtxt(out, delimiter=",", skip_header=1)
    np.testing.assert_array_equal(found, model.sample(4, random_state=0, size_factors=[50, 2000, 50, 2000]))
    said = CliRunner().invoke(cli.aevum, [*words, "--force", "--size-factor", "50", "--given", "0=1"])
    assert said.exit_code == 2 and "leave --size-factor out" in said.output


def test_it_comes_back(model, x, tmp_path):
    again = aevum.load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.score_samples(x[:9]), model.score_samples(x[:9]))
    np.testing.assert_array_equal(again.sample(9, random_state=1), model.sample(9, random_state=1))
    assert again.encoding_.sizes == model.encoding_.sizes and str(again.likelihood_) == str(model.likelihood_)


def test_missing_counts_are_filled_in_the_size_of_the_row(model, x):
    gaps = x.astype(float)
    most = int(x.sum(axis=0).argmax())
    gaps[:60, most] = np.nan
    filled = model.impute(gaps)[:60, most]
    assert stats.spearmanr(filled, x[:60, most]).statistic > 0.4  # half of its variance is dispersion
    assert np.isfinite(model.score_samples(gaps[:5])).all()


def test_intervals_hold_new_rows(model, x):
    low, high = model.predict_interval(x[:12], level=0.9)
    assert ((low <= x[:12]) & (x[:12] <= high)).mean() > 0.85 and (low == low.round()).all()


def test_a_count_that_was_never_seen_is_possible(x):
    without = x.copy()
    without[:, 3] = 0
    model = aevum.VAE(2, likelihood="poisson", **SMALL).fit(without)
    assert np.isfinite(model.score_samples(x[:20])).all()
    with pytest.warns(DataWarning, match="column 0 holds 0.5 in row 0.* log p = −inf"):
        assert np.isneginf(model.score_samples(np.where(np.arange(30) == 0, 0.5, x[:1]))).all()


@pytest.mark.parametrize("name", NAMES)
def test_every_kind_of_counts_learns(name, x):
    model = aevum.VAE(2, likelihood=name, **{**SMALL, "epochs": 4}).fit(x)
    assert model.history_[-1]["loss"] < model.history_[0]["loss"]
    told = model.fitted_.kinds()[0][1]
    assert ("α = " in told) == (name != "poisson")


@pytest.mark.parametrize(
    ("more", "change", "words"),
    [
        ({"likelihood": "poisson"}, lambda x: x + 0.5, "is for counts, whole numbers.* column 0 holds"),
        ({"likelihood": "poisson"}, lambda x: x.astype(float) - 5.0, "is for counts, whole numbers"),
        ({"likelihood": "poisson"}, lambda x: 0 * x, "no training row has a count above 0"),
        ({"likelihood": "gaussian", "size_factors": "sum"}, lambda x: x, "size_factors='sum' goes with"),
        ({"size_factors": "median"}, lambda x: x, "size_factors must be None or"),
        ({"likelihood": "poisson:shared"}, lambda x: x, "is not known"),
        ({"likelihood": "student_t"}, lambda x: x.reshape(len(x), 5, 6), "is for tables"),
    ],
)
def test_what_does_not_fit_is_said(more, change, words, x):
    with pytest.raises(InputError, match=words):
        aevum.VAE(2, **{**SMALL, **more}).fit(change(x))


def test_words_are_no_counts(x):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"n": x[:, 0], "m": x[:, 1], "word": ["a", "b", "c"] * 80})
    with pytest.raises(InputError, match="holds classes, and this likelihood is for numbers"):
        aevum.VAE(2, likelihood="poisson", **SMALL).fit(frame)


def test_auto_takes_a_matrix_of_counts_for_one_and_models_its_sizes(x):
    model = aevum.VAE(2, **{**SMALL, "epochs": 2}).fit(x)
    assert (model.likelihood_.family, model.likelihood_.sizes) == ("negative_binomial", None)
    assert "counts" in model.likelihood_.reason
    assert aevum.VAE(2, size_factors="sum", **{**SMALL, "epochs": 2}).fit(x).likelihood_.sizes == "sum"
    assert aevum.AE(2, **{**SMALL, "epochs": 2}).fit(x).likelihood_.family != "negative_binomial"


# ---------------------------------------------------------------- heavy tails


def heavy(n=500):
    """A factor in three columns, with noise of Student's t of three degrees of freedom."""
    random = np.random.default_rng(1)
    z = random.normal(size=(n, 1))
    return z @ np.array([[1.0, -2.0, 0.5]]) + 0.5 * random.standard_t(3.0, (n, 3))


@pytest.fixture(scope="module")
def tailed():
    return {name: aevum.VAE(1, likelihood=name, hidden=(), epochs=25, random_state=0).fit(heavy(1200))
            for name in ("student_t", "laplace", "gaussian:per-feature")}  # fmt: skip


def test_heavy_tails_are_worth_it(tailed):
    fresh = heavy(3000)[1200:]
    score = {name: model.score_samples(fresh).mean() for name, model in tailed.items()}
    assert score["student_t"] > score["gaussian:per-feature"] + 0.1
    assert score["laplace"] > score["gaussian:per-feature"]
    nu = freedom(tailed["student_t"].model_.likelihood.free).exp().detach()
    assert 2.1 < float(nu.min()) < 6.0
    assert "ν = " in tailed["student_t"].fitted_.kinds()[0][1]


@pytest.mark.parametrize("name", ["student_t", "laplace"])
def test_units_never_matter(name):
    rows, a, b = heavy(200), np.array([1000.0, 1e-3, 7.0]), np.array([0.0, 5.0, -100.0])
    make = aevum.VAE(1, likelihood=name, hidden=8, epochs=5, random_state=0)
    first = make.fit(rows).score_samples(rows)
    assert make.fit(a * rows + b).score_samples(a * rows + b) == pytest.approx(first - np.log(a).sum(), abs=2e-3)


@pytest.mark.parametrize("name", ["student_t", "laplace"])
def test_draws_intervals_and_gaps_of_heavy_tails(name, tailed, tmp_path):
    model, rows = tailed[name], heavy()
    low, high = model.decode_interval(np.zeros((1, 1)), level=0.8)
    drawn = model._decoded(np.zeros((4000, 1)), None, lambda p: p.sample(generator=torch.Generator().manual_seed(0)))
    assert ((drawn >= low) & (drawn <= high)).mean() == pytest.approx(0.8, abs=0.03)
    sample = model.sample(4000, random_state=0)
    np.testing.assert_allclose(np.median(np.abs(sample), axis=0), np.median(np.abs(rows), axis=0), rtol=0.25)
    gaps = rows.copy()
    gaps[::4, 1] = np.nan
    filled = model.impute(gaps)[::4, 1]
    assert np.corrcoef(filled, rows[::4, 1])[0, 1] > 0.5
    again = aevum.load(model.save(tmp_path / name))
    np.testing.assert_array_equal(again.score_samples(rows), model.score_samples(rows))


def test_the_command_line_takes_them(tmp_path):
    table = tmp_path / "table.csv"
    np.savetxt(table, heavy(120), delimiter=",", header="a,b,c", comments="")
    words = ["train", str(table), "--likelihood", "student_t", "--epochs", "2", "--hidden", "8", "--seed", "0"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        done = CliRunner().invoke(cli.aevum, [*words, "--out", str(tmp_path / "run")])
        assert done.exit_code == 0, done.output
        told = CliRunner().invoke(cli.aevum, ["info", str(tmp_path / "run")])
    assert "student_t:per-feature" in told.output and "ν = " in told.output
