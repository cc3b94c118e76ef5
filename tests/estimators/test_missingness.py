"""Gaps that depend on what is missing: recovered means, intervals, storage, the command line, errors."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.integrate import trapezoid
from scipy.special import expit

import aevum
from aevum import InputError
from aevum.cli import aevum as cli
from aevum.estimators.masked import complete
from aevum.fitted.parts import Parts
from aevum.recipes import ESTIMATORS

SMALL = {"hidden": 16, "epochs": 12, "batch_size": 64, "learning_rate": 2e-3, "random_state": 0}
SLOPE, CUT = 8.0, 0.3


def rows(n=1200, seed=0):
    """Three columns of one factor; of the first, large values are likelier to be missing."""
    random = np.random.RandomState(seed)
    x = random.randn(n, 1) * [1.0, 0.8, -0.6] + random.randn(n, 3) * [0.6, 0.5, 0.8]
    lost = random.random_sample(n) < expit(SLOPE * (x[:, 0] - CUT))
    gaps = x.copy()
    gaps[lost, 0] = np.nan
    return x, gaps


def exact(gaps):
    """Mean of the first cell of each row that lacks it, given the others and that it is missing, by quadrature."""
    loadings, noise = np.array([1.0, 0.8, -0.6]), np.array([0.6, 0.5, 0.8]) ** 2
    covariance = np.outer(loadings, loadings) + np.diag(noise)
    weights = np.linalg.solve(covariance[1:, 1:], covariance[1:, 0])
    lost = np.isnan(gaps[:, 0])
    centre = gaps[lost, 1:] @ weights
    deviation = np.sqrt(covariance[0, 0] - covariance[0, 1:] @ weights)
    grid = np.linspace(-8.0, 8.0, 2001)
    x = centre[:, None] + deviation * grid
    density = np.exp(-0.5 * grid**2) * expit(SLOPE * (x - CUT))
    return lost, (density * x).sum(axis=1) / density.sum(axis=1)


@pytest.fixture(scope="module")
def model():
    return aevum.VAE(1, missingness="self-masking-known", **SMALL).fit(rows()[1])


@pytest.fixture(scope="module")
def ignorant():
    return aevum.VAE(1, likelihood="columns", **SMALL).fit(rows()[1])


@pytest.mark.parametrize("rising", [True, False])
def test_the_start_recovers_moments_and_odds(rising):
    x, gaps = rows(4000)
    found = complete(gaps, 1, np.ones(3, np.bool_), rising, np.zeros(x.shape))
    np.testing.assert_allclose(found.mean, x.mean(axis=0), atol=0.08)
    np.testing.assert_allclose(found.covariance, np.cov(x.T), atol=0.15)
    assert abs(found.absent[0] - x[np.isnan(gaps)].mean()) < 0.12
    assert found.odds.slope[0] > 3.0 and abs(-found.odds.offset[0] / found.odds.slope[0] - CUT) < 0.25
    # What is taken for complete, or for missing at random, is far off.
    assert np.nanmean(gaps[:, 0]) < x[:, 0].mean() - 0.3


def weighted_rows():
    """Rows with gaps of which some count four times."""
    x, gaps = rows(800, seed=2)
    return gaps, np.where(x[:, 1] > 0.0, 4, 1)


def moments_of_the_start(gaps, rising, weights=None):
    found = complete(gaps, 1, np.ones(3, np.bool_), rising, np.zeros(gaps.shape), weights)
    return np.concatenate([found.mean, found.covariance.ravel(), found.absent]), found.odds


@pytest.mark.parametrize("rising", [True, False])
def test_rows_that_count_twice_start_as_rows_that_are_there_twice(rising):
    gaps, weights = weighted_rows()
    weighted, odds = moments_of_the_start(gaps, rising, weights / weights.mean())
    repeated, theirs = moments_of_the_start(np.repeat(gaps, weights, axis=0), rising)
    plain, _ = moments_of_the_start(gaps, rising)
    # Their draws differ, and so their moments by chance; that of rows which count once is another law.
    np.testing.assert_allclose(weighted, repeated, atol=0.06)
    assert np.abs(plain - repeated).max() > 0.3
    assert abs(odds.slope[0] / theirs.slope[0] - 1.0) < 0.35  # a single round's
    assert abs(odds.offset[0] / odds.slope[0] - theirs.offset[0] / theirs.slope[0]) < 0.1
    ones, _ = moments_of_the_start(gaps, rising, np.ones(len(gaps)))
    np.testing.assert_array_equal(ones, plain)


def test_a_fit_starts_at_what_its_rows_count():
    """Of a training that changes nothing, what is drawn has the weighted rows' law."""
    gaps, weights = weighted_rows()
    still = {**SMALL, "epochs": 1, "learning_rate": 1e-12, "validation_fraction": 0.0}
    model = aevum.VAE(1, missingness="self-masking-known", **still).fit(gaps, sample_weight=weights)
    drawn = model.sample(4000, random_state=0).mean(axis=0)
    np.testing.assert_allclose(drawn, moments_of_the_start(gaps, True, weights)[0][:3], atol=0.1)
    assert np.abs(drawn - moments_of_the_start(gaps, True)[0][:3]).max() > 0.25


def test_a_missing_cell_is_filled_as_quadrature_says(model, ignorant):
    _, gaps = rows()
    lost, expected = exact(gaps)
    filled = model.impute(gaps[lost], k=300)[:, 0]
    # What of a Gaussian lies above a cut is told by its other half alone: to a tenth, of 1,200 rows.
    assert np.sqrt(np.square(filled - expected).mean()) < 0.2
    assert (ignorant.impute(gaps[lost], k=300)[:, 0] - expected).mean() < -1.0


@pytest.mark.slow
def test_intervals_hold_what_they_say(model):
    x, gaps = rows(500, seed=1)
    lost = np.isnan(gaps[:, 0])
    _, low, high = model.impute(gaps, k=200, interval=0.9)
    inside = ((low <= x) & (x <= high))[lost, 0].mean()
    assert abs(inside - 0.9) < 0.06
    drawn = model.impute(gaps, k=200, draws=20)[:, lost, 0]
    assert abs(drawn.mean() - x[lost, 0].mean()) < 0.2 and abs(drawn.std() - x[lost, 0].std()) < 0.1


def test_scores_are_of_rows_and_gaps_together(model, ignorant):
    """Over all that a cell may be, seen or missing, the density of a row is that of the others."""
    others = np.array([0.5, -0.2])
    grid = np.linspace(-8.0, 8.0, 801)
    seen = np.column_stack([grid, *np.tile(others[:, None], len(grid))])
    missing = np.array([[np.nan, *others]])
    there = trapezoid(np.exp(model.score_samples(seen, k=500)), grid)
    total = np.log(there + np.exp(model.score_samples(missing, k=2000)[0]))
    # What the other two columns are doesn't depend on the gaps of the first.
    expected = ignorant.score_samples(missing, k=2000)[0]
    assert abs(total - expected) < 0.3


def test_what_was_not_asked_for_is_not_missing(model):
    """Rows that are completed are draws of the rows, of which no cell is large because it isn't known."""
    x, _ = rows(4000)
    made = model.complete({1: 0.0}, 2000, k=2000, random_state=0)
    expected = np.polyval(np.polyfit(x[:, 1], x[:, 0], 1), 0.0)
    assert abs(made[:, 0].mean() - expected) < 0.15
    assert abs(model.sample(4000, random_state=0)[:, 0].mean() - x[:, 0].mean()) < 0.15


def test_gaps_are_ignorable_unless_it_is_said(ignorant):
    _, gaps = rows()
    said = aevum.VAE(1, likelihood="columns", missingness="ignorable", **SMALL).fit(gaps)
    np.testing.assert_array_equal(said.score_samples(gaps), ignorant.score_samples(gaps))
    np.testing.assert_array_equal(said.impute(gaps, k=50), ignorant.impute(gaps, k=50))
    assert said.model_.likelihood.missingness is None and "gaps" not in str(said.likelihood_)


def test_units_do_not_matter(model):
    _, gaps = rows()
    scaled = gaps * [100.0, 0.01, 3.0] + [7.0, -2.0, 0.0]
    other = aevum.VAE(1, missingness="self-masking-known", **SMALL).fit(scaled)
    filled = (other.impute(scaled[:200], k=100) - [7.0, -2.0, 0.0]) / [100.0, 0.01, 3.0]
    np.testing.assert_allclose(filled, model.impute(gaps[:200], k=100), atol=0.02)


@pytest.mark.parametrize(
    "kind", [kind for kind in ESTIMATORS.values() if kind.has_density], ids=lambda kind: kind.__name__
)
def test_every_model_with_a_density_takes_it(kind, tmp_path):
    _, gaps = rows(200)
    gaps = np.column_stack([gaps, np.arange(200) % 4, np.random.RandomState(0).poisson(3.0, 200)])
    gaps[::7, 3:] = np.nan
    labels = (np.arange(200) % 2,) if kind.conditional else ()
    found = kind(2, missingness="self-masking", **{**SMALL, "epochs": 2}).fit(gaps, *labels)
    filled = found.impute(gaps, *labels, k=20)
    assert np.isfinite(filled).all() and np.isfinite(found.score_samples(gaps, *labels, k=5)).all()
    again = aevum.load(found.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.impute(gaps, *labels, k=20), filled)
    np.testing.assert_array_equal(again.score_samples(gaps, *labels), found.score_samples(gaps, *labels))
    assert "self-masking" in str(again.likelihood_)


def test_errors_say_what_would_work():
    x, gaps = rows(100)
    with pytest.raises(InputError, match="no cell of X is"):
        aevum.VAE(1, likelihood="columns", missingness="self-masking", **SMALL).fit(x)
    with pytest.raises(InputError, match="likelihood='columns'"):
        aevum.VAE(1, likelihood="gaussian", missingness="self-masking", **SMALL).fit(x)
    with pytest.raises(InputError, match='missingness must be .*"self-masking-known"|missingness must be'):
        aevum.VAE(1, missingness="mnar", **SMALL).fit(gaps)
    with pytest.raises(TypeError, match="missingness"):  # without a density there is nothing to weigh gaps by
        aevum.AE(1, missingness="self-masking")


def test_a_config_can_not_ask_for_it_where_it_is_unknown(model):
    config = model.parts_.to_config()
    assert Parts.from_config(config).likelihood.missingness == "self-masking-known"
    likelihood = {**config["likelihood"], "family": "bernoulli", "scale": None, "floor": None}
    with pytest.raises(aevum.ModelFileError, match="self-masking"):
        Parts.from_config({**config, "likelihood": likelihood})
    del config["likelihood"]["missingness"]  # as an earlier version wrote it
    assert Parts.from_config(config).likelihood.missingness == "ignorable"


def test_on_the_command_line(tmp_path, undrawn):
    _, gaps = rows(300)
    np.savetxt(tmp_path / "gaps.csv", gaps, delimiter=",", header="a,b,c", comments="")
    run, filled = str(tmp_path / "run"), str(tmp_path / "filled.csv")

    def call(*words):
        done = CliRunner().invoke(cli, words)
        assert done.exit_code == 0, done.output
        return done.output

    data = str(tmp_path / "gaps.csv")
    call(
        "train",
        data,
        "--missing",
        "model",
        "--missingness",
        "self-masking-known",
        "--epochs",
        "3",
        "--hidden",
        "8",
        "--out",
        run,
        "--seed",
        "0",
    )
    assert "self-masking-known" in json.dumps(json.loads(call("info", run, "--json")))
    call("impute", run, data, "-o", filled)
    made = np.genfromtxt(filled, delimiter=",", skip_header=1)
    assert np.isfinite(made).all() and made[np.isnan(gaps[:, 0]), 0].mean() > np.nanmean(gaps[:, 0]) + 0.5


@pytest.mark.parametrize("model", ["VAE", pytest.param("FlowVAE", marks=pytest.mark.slow)])
def test_a_row_with_gaps_has_its_marginal_density_from_a_model_that_saw_none(model):
    """What an encoder makes of a gap that it never saw is no law of the code: log p of nothing is 0, and that of one
    cell is its own.
    """
    x, _ = rows(400)
    fitted = ESTIMATORS[model](2, likelihood="columns", **{**SMALL, "epochs": 3}).fit(x)
    assert abs(fitted.score_samples(np.full((1, 3), np.nan), k=4000)[0]) < 0.06
    alone = np.full((200, 3), np.nan)
    alone[:, 0] = x[:200, 0]
    drawn = fitted.sample(20_000, random_state=1)[:, 0]
    places = np.sort(drawn)
    near = [
        (np.searchsorted(places, v + 0.15) - np.searchsorted(places, v - 0.15)) / 0.3 / len(drawn) for v in x[:200, 0]
    ]
    found = fitted.score_samples(alone, k=2000)
    assert abs(np.mean(found) - np.mean(np.log(near))) < 0.1
    # A row's score is its own: those beside it change nothing.
    mixed = np.concatenate([x[:5], alone[:5]])
    np.testing.assert_allclose(fitted.score_samples(mixed, k=50)[:5], fitted.score_samples(x[:5], k=50), atol=1e-5)
