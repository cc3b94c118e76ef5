"""Tables of several kinds of columns, with missing cells, under likelihood="columns"."""

import json
import warnings

import numpy as np
import pandas as pd
import pytest
import torch
from click.testing import CliRunner
from scipy.stats import multivariate_normal

import aevum
from aevum import VAE, CollapseWarning, DataWarning, InputError, cli
from aevum.evaluation import evaluate
from aevum.recipes import ESTIMATORS

SMALL = {
    "likelihood": "columns",
    "hidden": 24,
    "epochs": 20,
    "batch_size": 64,
    "learning_rate": 5e-3,
    "random_state": 0,
}
N = 600


def table(gaps=0.15, n=N):
    """Numbers (plain, with heavy tails, positive), two values, levels, counts, a constant; of two latents."""
    random = np.random.default_rng(0)
    z = random.normal(size=(n, 2))
    x = np.column_stack([
        3.0 + 2.0 * z[:, 0] + 0.3 * random.normal(size=n),
        100.0 * np.sinh(1.5 * z[:, 1]) + random.normal(size=n),
        np.exp(z[:, 0] + 0.1 * random.normal(size=n)),
        3.0 + 4.0 * (z[:, 1] + 0.3 * random.normal(size=n) > 0),
        np.clip(np.round(1.5 * z[:, 0] + 3.0), 0, 6),
        random.poisson(np.exp(1.5 + z[:, 1])),
        np.full(n, 4.0),
    ])  # fmt: skip
    x[random.random(x.shape) < gaps] = np.nan
    return x


def fitted(x, kind=aevum.VAE, **more):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # of the constant
        return kind(2, **{**SMALL, **more}).fit(x)


@pytest.fixture(scope="module")
def model():
    return fitted(table())


def test_it_learns_and_comes_back(model, tmp_path):
    x = table()
    assert model.history_[-1]["loss"] < model.history_[0]["loss"] - 0.5
    kinds = [column.kind for column in model.encoding_.columns]
    assert kinds[0] == "gaussian" and kinds[3:] == ["binary", "ordinal", "negative_binomial", "constant"]
    assert set(kinds[1:3]) <= {"johnson", "lognormal"}
    scores = model.score_samples(x)
    assert np.isfinite(scores).all() and scores.mean() > -14.0
    drawn = model.sample(2000, random_state=0)
    assert set(np.unique(drawn[:, 3])) == {3.0, 7.0} and set(np.unique(drawn[:, 4])) <= set(range(7))
    assert (drawn[:, 5] == drawn[:, 5].round()).all() and drawn[:, 5].min() >= 0 and (drawn[:, 6] == 4.0).all()
    np.testing.assert_allclose(np.median(drawn, axis=0), np.nanmedian(x, axis=0), atol=0.5 * np.nanstd(x, axis=0).max())
    np.testing.assert_allclose(model.sample(100, random_state=0), drawn[:100], rtol=1e-6)
    again = aevum.load(model.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.score_samples(x), scores)
    np.testing.assert_array_equal(again.transform(x), model.transform(x))
    assert again.encoding_.columns == model.encoding_.columns
    assert np.isfinite(model.reconstruct(x)).all() and np.isfinite(model.reconstruction_error(x)).all()
    rows, made = model.on_one_scale(x)
    assert rows.shape == made.shape == x.shape


def test_an_empty_row_says_nothing(model):
    nothing = np.full((1, 7), np.nan)
    assert abs(model.score_samples(nothing, k=2000)[0]) < 0.2
    assert np.isfinite(model.transform(nothing)).all()


def test_a_constant_that_changes_has_no_density(model):
    x = table(gaps=0.0)[:3]
    x[1, 6] = 5.0
    with pytest.warns(DataWarning, match="differ where all training rows were equal"):
        found = model.score_samples(x)
    assert np.isneginf(found).tolist() == [False, True, False]


@pytest.mark.parametrize(("place", "value"), [(3, 5.5), (4, 7.5), (5, -1.0), (5, 0.5)])
def test_values_that_a_column_can_not_take_have_no_density(model, place, value):
    x = table(gaps=0.0)[:3]
    x[1, place] = value
    with pytest.warns(DataWarning, match=f"column {place} holds {value:g} in row 1.* log p = −inf"):
        assert np.isneginf(model.score_samples(x)).tolist() == [False, True, False]
    if value < 0.0:  # what lies between two values, as a mean does, the encoder can be shown
        with pytest.raises(InputError, match=f"column {place} holds {value:g} in row 1"):
            model.transform(x)
    assert np.isfinite(model.transform(model.reconstruct(x if value > 0.0 else table(gaps=0.0)))).all()


@pytest.mark.parametrize("kind", ESTIMATORS.values(), ids=ESTIMATORS)
@pytest.mark.parametrize("likelihood", ["columns", "columns:emitted"])
def test_every_model_takes_them(kind, likelihood, tmp_path):
    x = table(n=200)
    labels = (np.arange(200) % 2,) if kind.conditional else ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = kind(2, **{**SMALL, "epochs": 2, "likelihood": likelihood}).fit(x, *labels)
        assert found.transform(x, *labels).shape == (200, 2)
        assert found.sample(5, *([1] if labels else []), random_state=0).shape == (5, 7)
    if found.has_density:
        assert np.isfinite(found.score_samples(x, *labels, k=5)).all()
        assert np.isfinite(found.impute(x[:20], *(y[:20] for y in labels), k=7)).all()
        assert found.complete({0: 3.0}, 4, *([1] if labels else []), k=8, random_state=0).shape == (4, 7)
    again = aevum.load(found.save(tmp_path / "model"))
    np.testing.assert_array_equal(again.transform(x, *labels), found.transform(x, *labels))


def test_a_table_without_gaps_may_be_asked_about_rows_with_some():
    x = table(gaps=0.0)
    found = fitted(x, epochs=3)
    assert not found.encoding_.flags
    x[0, :4] = np.nan
    assert np.isfinite(found.score_samples(x[:5])).all()


def linear(x):
    """A linear model of Gaussian columns: its own law of x is a Gaussian, N(b, W Wᵀ + Ψ)."""
    given = {"network": "mlp", "hidden": (), "epochs": 150, "batch_size": 64, "learning_rate": 1e-2, "random_state": 0}
    return aevum.VAE(2, likelihood="columns", **given).fit(x)


def gaussian_table(n=800, gaps=0.2):
    """Rows of a linear-Gaussian model with missing cells, and its mean and covariance."""
    random = np.random.default_rng(3)
    weights = random.normal(size=(2, 5)) * np.array([1.0, 2.0, 0.5, 1.0, 3.0])
    noise = 0.4 * np.array([1.0, 2.0, 0.5, 1.0, 3.0])
    whole = random.normal(size=(n, 2)) @ weights + noise * random.normal(size=(n, 5)) + np.array([0, 5, -3, 100, 0])
    x = whole.copy()
    x[random.random(x.shape) < gaps] = np.nan
    return x, whole, np.array([0, 5, -3, 100, 0.0]), weights.T @ weights + np.diag(noise**2)


@pytest.fixture(scope="module")
def linear_model():
    return linear(gaussian_table()[0])


def law_of(model):
    """Mean and covariance of x under a linear model, in the data's units."""
    network, encoding = model.model_.likelihood.network.first, model.encoding_
    scale, shift = encoding.scale.numpy(), encoding.shift.numpy()
    with torch.no_grad():
        psi = model.model_.likelihood.scale(None).exp().double().numpy()
        w, b = network.weight.double().numpy(), network.bias.double().numpy()
    return b * scale + shift, (w @ w.T + np.diag(psi)) * np.outer(scale, scale)


def log_marginal(x, mean, covariance):
    """log N of the cells that each row has."""
    found = np.zeros(len(x))
    for i, row in enumerate(x):
        there = ~np.isnan(row)
        if there.any():
            found[i] = multivariate_normal(mean[there], covariance[np.ix_(there, there)]).logpdf(row[there])
    return found


def test_a_score_is_the_exact_marginal_density(linear_model):
    x = gaussian_table()[0]
    assert [column.kind for column in linear_model.encoding_.columns] == ["gaussian"] * 5
    found = linear_model.importance_sample(x[:200], k=5000)
    off = np.abs(found.log_evidence - log_marginal(x[:200], *law_of(linear_model)))
    assert (off < 5.0 * found.standard_error + 1e-3).all() and off.mean() < 0.03


def test_what_is_learned_from_rows_with_gaps_is_the_law_that_they_come_from():
    x, _, mean, covariance = gaussian_table()
    truth = log_marginal(x, mean, covariance).mean()
    assert truth - 0.3 < fitted(x, epochs=60, hidden=32).score_samples(x).mean() < truth + 0.1


def test_units_move_nothing_but_the_density():
    """a·x + b: the same kinds, the same codes, and log p lower by log a for each cell that a row has."""
    x = table()[:, [0, 1, 3, 4]]
    a, b = np.array([1000.0, 0.01, 7.0, 0.25]), np.array([-5.0, 3.0, 100.0, 1.0])
    first, other = fitted(x), fitted(x * a + b)
    assert [column.kind for column in first.encoding_.columns] == [column.kind for column in other.encoding_.columns]
    np.testing.assert_allclose(other.transform(x * a + b), first.transform(x), atol=1e-3)
    units = (~np.isnan(x[:, :2])) @ np.log(a[:2])
    np.testing.assert_allclose(other.score_samples(x * a + b), first.score_samples(x) - units, atol=1e-2)
    np.testing.assert_allclose(other.reconstruct(x * a + b), first.reconstruct(x) * a + b, rtol=1e-2, atol=1e-2)


def test_a_column_without_values_and_pictures_are_refused():
    x = table()
    x[:, 2] = np.nan
    with pytest.raises(InputError, match="column 2 of X has no value at all, NaN in every row"):
        fitted(x)
    with pytest.raises(InputError, match="is for tables"):
        fitted(np.random.default_rng(0).normal(size=(20, 8, 8)))
    with pytest.raises(InputError, match="likelihood='columns:fixed=1'"):
        fitted(table(), likelihood="columns:fixed=1")


# -------------------------------------------------------------------- cells that are missing


def conditional_means(x, mean, covariance):
    """E[x_m | x_o] and its deviation in every gap, exactly, of a Gaussian."""
    filled, deviation = x.copy(), np.zeros_like(x)
    for i, row in enumerate(x):
        gone = np.isnan(row)
        there = ~gone
        slope = covariance[np.ix_(gone, there)] @ np.linalg.inv(covariance[np.ix_(there, there)])
        filled[i, gone] = mean[gone] + slope @ (row[there] - mean[there])
        left = covariance[np.ix_(gone, gone)] - slope @ covariance[np.ix_(there, gone)]
        deviation[i, gone] = np.sqrt(np.diag(left))
    return filled, deviation


def test_what_is_filled_in_is_the_exact_conditional_mean(linear_model):
    x = gaussian_table()[0][:150]
    filled = linear_model.impute(x, k=4000)
    exact, deviation = conditional_means(x, *law_of(linear_model))
    gaps = np.isnan(x)
    np.testing.assert_array_equal(filled[~gaps], x[~gaps])
    off = (filled - exact)[gaps] / deviation[gaps]
    assert np.abs(off).max() < 0.3 and np.sqrt(np.mean(off**2)) < 0.05
    np.testing.assert_array_equal(linear_model.impute(x[7:9], k=4000), filled[7:9])


def test_intervals_and_draws_are_those_of_the_exact_conditional_law(linear_model):
    x = gaussian_table()[0][:60]
    exact, deviation = conditional_means(x, *law_of(linear_model))
    gaps = np.isnan(x)
    _, low, high = linear_model.impute(x, k=4000, interval=0.9)
    for edge, z in ((low, -1.6449), (high, 1.6449)):
        off = (edge - exact)[gaps] / deviation[gaps] - z
        assert np.abs(off).mean() < 0.08 and np.abs(off).max() < 0.5
    np.testing.assert_array_equal(low[~gaps], x[~gaps])
    drawn = linear_model.impute(x, k=4000, draws=1000)
    assert drawn.shape == (1000, 60, 5)
    assert np.abs((drawn.mean(axis=0) - exact)[gaps] / deviation[gaps]).max() < 0.3
    np.testing.assert_allclose((drawn.std(axis=0)[gaps] / deviation[gaps]).mean(), 1.0, atol=0.03)
    # Each copy is a draw of its own, not one of a row of neighbours.
    first, second = (drawn[half][:, gaps] for half in (slice(0, 500), slice(500, None)))
    assert np.abs((first.mean(axis=0) - second.mean(axis=0)) / deviation[gaps]).mean() < 0.1


def test_rows_are_completed_as_the_exact_conditional_law_says(linear_model):
    mean, covariance = law_of(linear_model)
    row = np.array([[1.0, np.nan, np.nan, 101.0, np.nan]])
    exact, deviation = conditional_means(row, mean, covariance)
    made = linear_model.complete({0: 1.0, 3: 101.0}, 3000, k=5000, random_state=0)
    assert made.shape == (3000, 5) and (made[:, 0] == 1.0).all() and (made[:, 3] == 101.0).all()
    for column in (1, 2, 4):
        assert abs(made[:, column].mean() - exact[0, column]) < 0.15 * deviation[0, column]
        np.testing.assert_allclose(made[:, column].std(), deviation[0, column], rtol=0.1)
    free = linear_model.complete({}, 3000, random_state=0)
    np.testing.assert_allclose(free.mean(axis=0), mean, atol=0.15 * np.sqrt(np.diag(covariance)).max())


def test_cells_of_every_kind_are_filled_with_what_they_can_be(model):
    x = table(gaps=0.3)
    gaps = np.isnan(x)
    filled = model.impute(x, k=200)
    assert np.isfinite(filled).all() and set(np.unique(filled[:, 3])) == {3.0, 7.0} and (filled[:, 6] == 4.0).all()
    truth = table(gaps=0.0)
    # Better than the middle of what there is.
    for column in (0, 2, 4, 5):
        where = gaps[:, column]
        error = np.abs(filled - truth)[where, column].mean()
        assert error < np.abs(np.nanmean(x[:, column]) - truth[where, column]).mean()
    assert (filled[:, 3] == truth[:, 3])[gaps[:, 3]].mean() > 0.65
    drawn = model.impute(x[:50], draws=3, k=200)
    assert set(np.unique(drawn[..., 3])) <= {3.0, 7.0} and (drawn[..., 4:6] == drawn[..., 4:6].round()).all()
    np.testing.assert_array_equal(drawn[:, ~gaps[:50]], np.broadcast_to(x[:50][~gaps[:50]], (3, (~gaps[:50]).sum())))


def test_what_can_not_be_asked_of_gaps(model):
    x = table()
    for words, asked in (
        ("ask for one of them", {"draws": 2, "interval": 0.9}),
        ("interval must lie between 0 and 1", {"interval": 1.5}),
        ("draws must be a whole number", {"draws": 0}),
    ):
        with pytest.raises(InputError, match=words):
            model.impute(x, **asked)
    for words, known in (
        ("there is no column 'age'; the model's are 0 to 6", {"age": 3}),
        ("column 0 is a column of numbers", {0: "old"}),
        ("column 3 holds 5 in row 0", {3: 5.0}),
    ):
        with pytest.raises(InputError, match=words):
            model.complete(known)
    plain = aevum.VAE(1, likelihood="gaussian", hidden=4, epochs=1, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        plain.fit(np.random.default_rng(0).normal(size=(30, 3)))
    with pytest.raises(InputError, match="knows no missing cells; fit with likelihood='columns'"):
        plain.impute(np.zeros((2, 3)))
    with pytest.raises(AttributeError, match="AE has no impute"):
        _ = aevum.AE(2).impute


# -------------------------------------------------------------------- intervals, and other rooms


def test_intervals_of_a_table(linear_model, model):
    x = gaussian_table(gaps=0.0)[0]
    assert linear_model.fitted_.interval and not model.fitted_.interval
    low, high = linear_model.predict_interval(x, level=0.9)
    inside = ((low < x) & (x < high)).mean()
    assert 0.9 < inside < 1.0  # the row itself lies inside more often than a replicate
    z = np.zeros((1, 2))
    ends = [edge[0] for edge in linear_model.decode_interval(z, level=0.6827)]
    with torch.no_grad():
        deviation = (0.5 * linear_model.model_.likelihood.scale(None)).exp().numpy() * linear_model.fitted_.units()[1]
    np.testing.assert_allclose(ends[1] - ends[0], 2.0 * deviation, rtol=1e-3)
    rows = table()[:40]
    low, high = model.predict_interval(rows)
    assert (low <= high).all() and set(np.unique(low[:, 3])) <= {3.0, 7.0}
    assert (low[:, 4:6] == low[:, 4:6].round()).all()


def test_what_info_says_of_columns(model, tmp_path):
    model.save(tmp_path / "model")
    said = CliRunner().invoke(cli.aevum, ["info", str(tmp_path / "model"), "--json"])
    columns = json.loads(said.stdout)["columns"]
    assert [each["kind"] for each in columns][3:] == ["two-valued", "ordinal", "negative binomial", "constant"]
    two = {"name": "x3", "kind": "two-valued", "reason": "two values, 3 and 7", "classes": None, "sigma": None}
    assert columns[3] == two
    plain = CliRunner().invoke(cli.aevum, ["info", str(tmp_path / "model")]).stdout
    (line,) = (line for line in plain.splitlines() if line.startswith("x4 "))
    assert "ordinal" in line and line.endswith("7 evenly spaced levels")


def test_rows_that_lie_elsewhere_are_told(linear_model):
    x = gaussian_table()[0]
    with pytest.warns(DataWarning, match="columns lie elsewhere than in training"):
        linear_model.transform(1000.0 * x)


@pytest.mark.usefixtures("without_layout")
def test_evaluates_and_writes_a_run(model, tmp_path):
    x = table()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = evaluate(model, x, k=20)
        run = aevum.write_run(model, x, tmp_path / "run")
    assert np.isfinite(found.squared_error) and json.dumps(found.to_dict())
    assert (run / "report.html").is_file()


@pytest.mark.slow
def test_exports(model, tmp_path, one_registry):
    files = model.export_onnx(tmp_path / "model.onnx")
    assert all(file.stat().st_size > 1000 for file in files)


@pytest.mark.parametrize("given", ["bool", "int", "float", "frame", "pictures"])
def test_auto_latents_are_fewer_than_the_values_of_a_row(given):
    bits = np.random.default_rng(0).normal(size=(200, 6)) + np.random.default_rng(1).normal(size=(200, 1)) > 0
    rows = {"frame": pd.DataFrame, "pictures": lambda x: x.reshape(200, 2, 3)}.get(given, lambda x: x.astype(given))(
        bits
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)
        assert VAE(epochs=1, random_state=0).fit(rows).parts_.latent_dim == 5
