"""Of what kind a column is: by what it holds, by what holds for rows held out, and never by its unit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

from aevum import VAE, InputError
from aevum.conditionals.kinds import KINDS
from aevum.data.schema import Levels
from aevum.encoding import Table
from aevum.fitted.choosing import choose, first_other
from aevum.fitted.likelihoods import resolve
from aevum.fitted.shapes import bend_of, bounded, log_bent

N = 1500
RANDOM = np.random.default_rng(0)
Z = RANDOM.normal(size=N)
COLUMNS = {
    "gaussian": 3.0 + 2.0 * Z,
    "johnson": np.sinh(1.3 * Z + 0.4),
    "lognormal": np.exp(2.5 * Z + 3.0),
    "logitnormal": 1.0 / (1.0 + np.exp(1.0 - 2.0 * Z)),
    "binary": np.where(Z > 0.3, 7.0, 3.0),
    "ordinal": np.clip(np.round(Z + 2.0), 0, 4) * 0.5 + 10.0,
    "poisson": RANDOM.poisson(7.0, N).astype(float),
    "negative_binomial": RANDOM.negative_binomial(1.2, 0.05, N).astype(float),
    "zero_inflated": RANDOM.poisson(30.0, N) * (RANDOM.random(N) < 0.6).astype(float),
    "heaped": np.where(RANDOM.random(N) < 0.6, np.round(40.0 + 12.0 * Z), 5.0 * np.round((40.0 + 12.0 * Z) / 5.0)),
    "constant": np.full(N, -2.0),
    "spiked_gaussian": np.where(RANDOM.random(N) < 0.2, 4.0, 3.0 + 2.0 * Z),
    "spiked_johnson": np.where(RANDOM.random(N) < 0.3, 0.5, np.sinh(1.3 * Z + 0.4)),
    "spiked_lognormal": np.where(RANDOM.random(N) < 0.97, -1.0, np.exp(Z) - 1.0),
}
NUMBERS = (
    "gaussian",
    "johnson",
    "binary",
    "ordinal",
    "heaped",
    "spiked_gaussian",
    "spiked_johnson",
    "spiked_lognormal",
)


def kind_of(values):
    return choose(values[:, None], np.arange(len(values)))[0]


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_is_of_the_kind_that_it_was_drawn_from(kind):
    found = kind_of(COLUMNS[kind])
    few = kind == "poisson" and found.kind == "ordinal"  # at most twenty of them are levels as well
    assert found.kind == kind or few
    gaps = np.where(np.random.default_rng(1).random(N) < 0.2, np.nan, COLUMNS[kind])
    assert kind_of(gaps).kind == found.kind
    assert found.reason and "\n" not in found.reason


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize(("a", "b"), [(1000.0, 0.0), (1e-6, 5.0), (3.0, -700.0)])
def test_units_change_neither_the_kind_nor_the_fit(kind, a, b):
    x = COLUMNS[kind]
    first, other = kind_of(x), kind_of(a * x + b)
    assert other.kind == first.kind
    assert other.shift == pytest.approx(a * first.shift + b, rel=1e-6, abs=1e-6 * a)
    assert other.scale == pytest.approx(a * first.scale, rel=1e-6)
    np.testing.assert_allclose(other.shape, first.shape, rtol=1e-4, atol=1e-4)
    assert (other.centre, other.spread, other.levels) == pytest.approx(
        (first.centre, first.spread, first.levels), rel=1e-5
    )


def test_a_log_normal_columns_unit_changes_nothing_either():
    first, other = kind_of(COLUMNS["lognormal"]), kind_of(1000.0 * COLUMNS["lognormal"])
    assert (other.kind, other.scale) == ("lognormal", pytest.approx(1000.0 * first.scale))
    assert other.spread == pytest.approx(first.spread)


def test_what_is_rounded_or_counted_has_no_spike():
    """Values that come again because others do as well; zeros that a count has anyway."""
    assert kind_of(np.round(3.0 + 2.0 * Z, 1)).kind == "gaussian"
    assert kind_of(COLUMNS["zero_inflated"]).kind == "zero_inflated"
    assert kind_of(np.where(np.arange(N) < 5, 3.0, Z)).kind == "gaussian"


def test_gaussian_columns_are_nothing_richer():
    random = np.random.default_rng(5)
    kinds = [column.kind for column in choose(random.normal(size=(400, 40)), np.arange(400))]
    assert kinds.count("gaussian") >= 38


def test_johnsons_curve_is_the_most_probable_one():
    values = 5.0 + 2.0 * np.sinh((Z - 0.6) / 0.9)
    found = bend_of(values)
    truth = bend_of(values, found)
    assert log_bent(found, values).mean() > log_bent(truth, values).mean() - 1e-3
    # γ = 0.6, δ = 0.9, ξ = 5, λ = 2: no curve found is far less probable than the one that they are drawn from.
    exact = type(found)(5.0, 2.0, 0.6, 0.9)
    assert log_bent(found, values).mean() > log_bent(exact, values).mean() - 1e-3


def test_codes_of_classes_and_what_has_no_value():
    codes = np.array([[0.0, 1.0], [2.0, 0.0], [np.nan, 1.0], [0.0, 1.0]])
    found = choose(codes, np.arange(4), {0: Levels(4), 1: Levels(2)})
    assert [(column.kind, column.levels) for column in found] == [("categorical", 4), ("binary", 0)]
    with pytest.raises(InputError, match="column 1 of X has no value at all"):
        choose(np.array([[1.0, np.nan], [2.0, np.nan]]), np.arange(2))


@pytest.mark.parametrize(
    "values",
    [
        [1.31, -0.52],
        [0.1, 0.2, 0.4],
        [7.1, 7.2, 7.1, 7.2],
        [0.5, 1.0, 1.5, 2.0, 2.5],
        [1e-9, 3.5],
        [48e3, 51e3],
        [1.7040672e9, 1.7092512e9],
    ],
)
def test_a_few_real_numbers_are_no_levels(values):
    """There is a scale through any two: a third row would be impossible."""
    x = np.array(values)
    found = kind_of(x)
    assert (found.kind, found.shift, found.scale) == ("gaussian", pytest.approx(x.mean()), pytest.approx(x.std()))
    assert kind_of(np.concatenate([x, np.full(200, np.nan)])) == found
    assert kind_of(np.repeat(x, 3)).kind in ("binary", "ordinal")


@pytest.mark.parametrize(
    ("values", "kind"), [([0, 1], "binary"), ([3, 17], "binary"), ([1, 2, 3], "ordinal"), ([1, 1, 2, 4], "ordinal")]
)
def test_a_few_whole_numbers_are_levels(values, kind):
    assert kind_of(np.array(values, dtype=float)).kind == kind


def test_the_scale_of_a_column_of_which_one_value_trains_is_that_of_all():
    x = np.array([[1.7e9], [1.1e9], [np.nan]])
    x[:, 0] += 0.25
    assert choose(x, np.array([0, 2]))[0].scale == pytest.approx(3e8)


@pytest.mark.parametrize("rows", [2, 3, 4, 5])
@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning", "ignore:.*lie elsewhere than in training")
def test_a_row_beside_a_few_has_a_density(rows):
    x = np.random.default_rng(0).normal(size=(6, 3))
    assert np.isfinite(VAE(epochs=2, random_state=0).fit(x[:rows]).score_samples(x)).all()
    when = pd.Timestamp("2024-05-05 10:30") + pd.to_timedelta(np.round(30.0 * x[:, 1]), "D")
    two = {"yes": ["yes", "no"] * 3, "flag": [True, False] * 3, "whole": [0, 1] * 3}
    frame = pd.DataFrame({"a": x[:, 0], "when": when, **two})
    fitted = VAE(epochs=2, random_state=0).fit(frame[:rows])
    assert np.isfinite(fitted.score_samples(frame)).all()
    assert [c.kind for c in fitted.encoding_.columns] == ["gaussian", "gaussian", "binary", "binary", "binary"]


def test_auto_takes_tables_by_columns_where_they_need_it():
    random = np.random.default_rng(0)
    plain = random.normal(size=(300, 3))
    for x, family in (
        (plain, "gaussian"),
        (np.where(plain > 2.5, np.nan, plain), "columns"),
        (np.column_stack([plain, plain[:, 0] > 0]), "columns"),
        (np.column_stack([plain, random.integers(0, 4, 300)]), "columns"),
        ((plain > 0).astype(float), "bernoulli"),
        (random.random((300, 4, 4)), "gaussian"),
        (random.integers(0, 256, (300, 9)), "gaussian"),
        (random.integers(0, 256, (300, 9)).astype(np.uint8), "gaussian"),
        (random.random((300, 5)) ** 3, "columns"),
    ):
        assert resolve("auto", None, x).family == family
    classes = np.column_stack([random.integers(0, 3, 300), plain])
    assert resolve("auto", None, classes, {0: Levels(3)}).family == "columns"
    assert first_other(np.column_stack([plain, plain[:, 0] > 0])) == "column 3 is two-valued, two values, 0 and 1"


BOUNDED = {
    "share": RANDOM.random(400),
    "small share": RANDOM.beta(2.0, 5.0, 400),
    "exponential": RANDOM.exponential(size=400),
    "log-normal": RANDOM.lognormal(size=400),
}


@pytest.mark.parametrize("unit", [1.0, 0.01])
@pytest.mark.parametrize("name", BOUNDED)
def test_what_is_above_0_is_drawn_there_and_so_is_what_is_rounded(name, unit):
    """The family keeps to the bounds where that costs nothing that could be told, and cents change no family."""
    values = BOUNDED[name] * (1.0 if "share" in name else unit)
    expected = "logitnormal" if "share" in name else "lognormal"
    for x in (values, np.round(values / unit, 2) * unit if unit < 1.0 else np.round(values, 2)):
        column = kind_of(x)
        assert column.kind == expected, column.reason
        table = Table([column], flags=False)
        seen = table(torch.from_numpy(x[:, None]))
        assert table.refusal(x[:, None], None, scored=True) is None
        far = torch.tensor([[-50.0], [0.0], [50.0]])
        p = KINDS[column.kind].cells(far[..., None], torch.zeros(1), table.view.blocks[0])
        made = table.inverse(p.mode)
        assert made.min() >= 0.0 and (expected == "lognormal" or made.max() <= 1.0)
        np.testing.assert_allclose(table.inverse(seen).numpy()[:, 0], x, atol=1e-6 * x.max())


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_rounded_shares_with_both_ends_have_a_density_that_integrates_to_one():
    values = np.round(RANDOM.random(400), 2)
    values[:2] = 0.0, 1.0
    vae = VAE(1, epochs=3, likelihood="columns", random_state=0).fit(np.column_stack([values, Z[:400]]))
    drawn = vae.sample(3000, random_state=0)[:, 0]
    assert drawn.min() >= 0.0 and drawn.max() <= 1.0
    column = vae.encoding_.columns[0]
    x = np.linspace(-0.005, 1.005, 2001)[1:-1]
    density = next(shape for shape in bounded(values) if shape.kind == column.kind)
    assert np.exp(density.log_density(density.fit(values), x)).mean() * 1.01 == pytest.approx(1.0, abs=1e-2)


def test_a_bound_is_worth_no_worse_density():
    """Numbers that happen to be above 0, and ones that pile up at it as no logarithm does."""
    assert kind_of(100.0 + 2.0 * Z).kind == "gaussian"
    assert kind_of(np.abs(Z)).kind == "johnson"
