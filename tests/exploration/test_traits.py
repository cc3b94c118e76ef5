"""Traits: what is known in closed form, what scikit-learn gives, what no order or unit changes, what is chance."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aevum import VAE
from aevum.data.trait_columns import trait_columns
from aevum.errors import InputError
from aevum.exploration import direction
from aevum.exploration import traits as module
from aevum.exploration.company import company
from aevum.exploration.steps import finished
from aevum.exploration.traits import folds_of, found, in_order, regression

ROWS = 12_000


@pytest.fixture(scope="module")
def gaussian():
    """Codes of a known law: N(0, S), with w and the deviation of what they don't say."""
    rng = np.random.default_rng(0)
    root = np.array([[1.0, 0.4, 0.0], [0.0, 0.8, -0.3], [0.0, 0.0, 0.5]])
    return rng.standard_normal((ROWS, 3)) @ root, root.T @ root, np.array([1.5, -1.0, 0.5]), 0.7


def traits(codes, t, groups=False):
    return finished(found(codes, np.asarray(t, np.float64), groups=groups))


def test_a_linear_gaussian_models_direction_and_r2(gaussian):
    z, s, w, noise = gaussian
    t = z @ w + noise * np.random.default_rng(1).standard_normal(ROWS)
    whole = w @ s @ w + noise**2
    one = traits(z, t)
    np.testing.assert_allclose(one.vector, s @ w / whole, atol=0.02)
    np.testing.assert_allclose(one.origin + t.mean() * one.vector, z.mean(axis=0), atol=1e-9)
    assert one.reading.measure == "R²" and not one.reading.chance and one.rows == ROWS
    assert one.reading.best.mean == pytest.approx(w @ s @ w / whole, abs=0.01)
    along = (w @ s @ s @ w) ** 2 / ((w @ s @ s @ s @ w) * whole)
    assert one.reading.along.mean == pytest.approx(along, abs=0.015)


def test_two_gaussians_auc(gaussian):
    z, s, _, _ = gaussian
    with_ = np.random.default_rng(2).random(ROWS) < 0.3
    apart = np.array([0.6, -0.4, 0.5])
    codes = z + with_[:, None] * apart
    one = traits(codes, with_, groups=True)
    np.testing.assert_allclose(one.vector, direction(codes[with_], codes[~with_]), atol=1e-9)
    np.testing.assert_allclose(one.origin, codes[~with_].mean(axis=0), atol=1e-9)
    best = norm.cdf(np.sqrt(apart @ np.linalg.solve(s, apart)) / np.sqrt(2))
    along = norm.cdf(apart @ apart / np.sqrt(2 * apart @ s @ apart))
    assert one.reading.measure == "AUC" and not one.reading.chance
    assert one.reading.best.mean == pytest.approx(best, abs=0.01)
    assert one.reading.along.mean == pytest.approx(along, abs=0.015)


@pytest.mark.parametrize("groups", [True, False])
def test_the_score_on_held_out_rows_is_scikit_learns(gaussian, groups):
    z, _, w, _ = gaussian
    z = z[:800]
    t = z @ w + 2.0 * np.random.default_rng(3).standard_normal(800)
    t = (t > 0.5).astype(np.float64) if groups else t
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500) if groups else Ridge())
    order = in_order(z, t)
    folds = folds_of(t[order], groups, 5)
    expected = cross_val_score(model, z[order], t[order], cv=folds, scoring="roc_auc" if groups else "r2")
    np.testing.assert_allclose(traits(z, t, groups).reading.best.folds, expected, atol=1e-6)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("groups", [True, False])
def test_noise_is_read_no_better_than_chance(gaussian, groups, seed):
    rng = np.random.default_rng(100 + seed)
    rows = [60, 300, 2000][seed % 3]
    z = np.concatenate([gaussian[0][:rows], rng.standard_normal((rows, 12))], axis=1)
    t = (rng.random(rows) < 0.25).astype(float) if groups else rng.standard_normal(rows)
    reading = traits(z, t, groups).reading
    assert reading.chance and "no better than chance" in str(reading)
    assert reading.best.mean == pytest.approx(0.5 if groups else 0.0, abs=0.12 if rows > 100 else 1.0)


def test_the_order_of_rows_changes_nothing(gaussian):
    z, _, w, _ = gaussian
    z, order = z[:1500], np.random.default_rng(4).permutation(1500)
    t = z @ w + np.random.default_rng(5).standard_normal(1500)
    for values, groups in ((t, False), (t > 1, True)):
        one, other = traits(z, values, groups), traits(z[order], values[order], groups)
        np.testing.assert_allclose(one.vector, other.vector, atol=1e-12)
        np.testing.assert_allclose(one.reading.best.folds, other.reading.best.folds, atol=1e-9)
        np.testing.assert_allclose(one.reading.along.folds, other.reading.along.folds, atol=1e-9)


@pytest.mark.parametrize("factor", [1000.0, 1e-6, 1e150, -1.0])
def test_units(gaussian, factor):
    z, _, w, _ = gaussian
    z = z[:1000]
    t = z @ w + np.random.default_rng(6).standard_normal(1000)
    one, other = traits(z, t), traits(z, factor * t)
    np.testing.assert_allclose(other.vector * factor, one.vector, rtol=1e-9)
    np.testing.assert_allclose(other.origin, one.origin, atol=1e-9)
    np.testing.assert_allclose(other.reading.best.folds, one.reading.best.folds, atol=1e-9)


def test_of_true_and_false_it_is_the_difference_of_means():
    rng = np.random.default_rng(7)
    z, t = rng.standard_normal((50, 4)), (np.arange(50) % 3 == 0).astype(np.float64)
    vector, origin = regression(z, t)
    np.testing.assert_allclose(vector, direction(z[t == 1], z[t == 0]), atol=1e-12)
    np.testing.assert_allclose(origin, z[t == 0].mean(axis=0), atol=1e-12)


def test_rows_without_a_value_are_left_out(gaussian):
    z, _, w, _ = gaussian
    t = z @ w
    t[::3] = np.nan
    known = np.isfinite(t)
    one, other = traits(z, t), traits(z[known], t[known])
    np.testing.assert_array_equal(one.vector, other.vector)
    assert one.rows == known.sum() and one.reading == other.reading


def test_few_rows_and_one_of_a_kind_have_no_reading_and_some_have_no_direction():
    z = np.random.default_rng(8).standard_normal((30, 2))
    assert traits(z[:6], np.arange(6.0)).reading is None
    assert traits(z, np.arange(30) == 3, groups=True).reading is None
    assert traits(z, np.arange(30) < 2, groups=True).reading.best.folds.__len__() == 2
    for t in (np.ones(30), np.full(30, np.nan), np.r_[1.0, np.full(29, np.nan)]):
        with pytest.raises(InputError, match="at least two rows whose values differ"):
            traits(z, t)
    # Codes that never change say nothing.
    assert traits(np.ones((30, 2)), np.arange(30.0)).reading.chance
    assert traits(np.ones((30, 2)), np.arange(30) % 2, groups=True).reading.chance


def test_of_many_rows_a_sample_is_measured(monkeypatch, gaussian):
    z, _, w, noise = gaussian
    t = z @ w + noise * np.random.default_rng(1).standard_normal(ROWS)
    whole = traits(z, t)
    monkeypatch.setattr(module, "MOST_ROWS", 2000)
    part = traits(z, t)
    assert part.reading.rows == 2000 and part.rows == ROWS
    assert part.reading.best.mean == pytest.approx(whole.reading.best.mean, abs=0.03)
    np.testing.assert_array_equal(part.vector, whole.vector)


def test_a_model_has_it(digits):
    vae = VAE(latent_dim=3, epochs=2, hidden=16, random_state=0).fit(digits)
    codes, ink = vae.transform(digits), digits.x.mean(axis=(1, 2))
    one = vae.trait(digits, ink)
    np.testing.assert_array_equal(one.vector, vae.trait(codes, ink).vector)
    np.testing.assert_allclose(
        vae.trait(digits, digits.y == 0).vector, vae.attribute_vector(digits.x, labels=digits.y == 0), atol=1e-4
    )
    gaps = np.where(np.arange(len(ink)) % 2, ink, np.nan)
    assert vae.trait(digits, gaps.tolist()).rows == len(ink) // 2
    assert vae.trait(digits, digits.y % 3).reading.measure == "R²"
    for values, told in (
        (ink[:5], "5 values for 1,797 rows"),
        (["a", "b"] * 898 + ["a"], "true or false"),
        (np.full(1797, np.nan), "true or false"),
    ):
        with pytest.raises(InputError, match=told):
            vae.trait(digits, values)


# -------------------------------------------------------------------- what comes along


@pytest.fixture(scope="module")
def people():
    """Glasses come with age, men are older, and the rest is chance."""
    rng = np.random.default_rng(9)
    rows = 4000
    man = rng.random(rows) < 0.5
    age = 40 + 10 * man + 8 * rng.standard_normal(rows)
    glasses = rng.random(rows) < 1 / (1 + np.exp(-(age - 45) / 5))
    columns = trait_columns(
        {
            "age": np.where(rng.random(rows) < 0.1, np.nan, age),
            "sex": np.where(man, "m", "f"),
            "coin": rng.integers(0, 2, rows),
            "noise": rng.standard_normal(rows),
            "town": rng.choice(["a", "b", "c"], rows),
            "all the same": np.ones(rows),
            "id": [f"p{i}" for i in range(rows)],
        },
        rows,
    )
    return age, man, glasses, columns


def test_groups_differ_in_what_they_differ(people):
    age, man, glasses, columns = people
    found = company(glasses.astype(float), True, columns)
    assert [each.column for each in found] == ["age", "sex"]
    first, second = found
    known = columns[0].known
    a, b = age[known & glasses], age[known & ~glasses]
    assert first.measure == "d"
    assert first.value == pytest.approx((a.mean() - b.mean()) / np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2))
    assert (first.with_, first.without) == (pytest.approx(a.mean()), pytest.approx(b.mean()))
    # Two by two, Cramér's V is the correlation of both.
    assert second.measure == "V" and second.value == pytest.approx(np.corrcoef(glasses, man)[0, 1])
    assert second.word == "m"
    assert (second.with_, second.without) == (pytest.approx(man[glasses].mean()), pytest.approx(man[~glasses].mean()))
    assert first.strength == pytest.approx(abs(np.corrcoef(glasses[known], age[known])[0, 1]), abs=1e-3)


def test_a_quantity_goes_with_what_it_goes_with(people):
    age, man, _, columns = people
    twice = trait_columns({"twice": -2.0 * age + 1.0}, len(age))
    found = company(age, False, (*columns[1:], *twice))
    assert [each.column for each in found] == ["twice", "sex"]
    assert found[0].measure == "r" and found[0].value == pytest.approx(-1.0)
    assert found[1].measure == "η" and found[1].value == pytest.approx(abs(np.corrcoef(age, man)[0, 1]))
    assert (found[1].word, found[1].other) == ("m", "f")
    assert found[1].with_ == pytest.approx(age[man].mean())


def test_company_depends_on_no_unit_and_no_order(people):
    age, _, _, columns = people
    order = np.random.default_rng(1).permutation(len(age))
    moved = [column.take(order) for column in columns]
    for one, other in zip(company(age, False, columns), company(1e6 * age[order], False, moved), strict=True):
        assert (one.column, one.word) == (other.column, other.word)
        assert one.value == pytest.approx(other.value)
