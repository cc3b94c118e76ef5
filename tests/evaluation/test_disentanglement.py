"""Scores of disentanglement against codes whose scores are known by construction."""

import functools
import json
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ortho_group
from sklearn.metrics import mutual_info_score

from aevum.errors import InputError
from aevum.evaluation import disentangled as whole
from aevum.evaluation.disentangled import disentanglement, factor_vae_score
from aevum.evaluation.importance import concentration, dci, separated_attribute_predictability
from aevum.evaluation.information import (
    discretised,
    factor_entropy,
    modularity,
    mutual_information,
    mutual_information_gap,
)

SIZES = (4, 3, 5)


def grid(repeat=10):
    """The full grid of three factors of 4, 3 and 5 values, 600 rows."""
    return np.indices(SIZES).reshape(3, -1).T.repeat(repeat, axis=0)


F = grid()
NOISE = np.random.default_rng(0).normal(size=(len(F), 6))
PERFECT = F[:, [2, 0, 1]] * [-3.0, 0.5, 70.0] + [1.0, -9.0, 0.0]
TWICE = np.hstack([F, -2.0 * F])


@pytest.fixture(autouse=True)
def _fewer_votes(monkeypatch):
    monkeypatch.setattr(whole, "TRAIN_VOTES", 1500)
    monkeypatch.setattr(whole, "TEST_VOTES", 1500)


# ------------------------------------------------------------ known by construction


def test_one_code_a_factor_is_perfect_in_every_score():
    found = disentanglement(PERFECT, F, ["a", "b", "c"])
    assert found.mutual_information_gap == pytest.approx(1.0, abs=1e-12)
    assert found.separated_attribute_predictability == 1.0
    assert found.modularity == pytest.approx(1.0, abs=1e-12)
    assert found.dci.disentanglement == found.dci.completeness == found.dci.informativeness == 1.0
    assert found.factor_vae.score == 1.0 and found.factor_vae.chance == pytest.approx(1 / 3)
    np.testing.assert_allclose(found.share, np.eye(3)[[2, 0, 1]], atol=1e-12)
    np.testing.assert_allclose(found.importance, np.eye(3)[[2, 0, 1]])


def test_noise_scores_nothing():
    found = disentanglement(NOISE, F)
    assert found.mutual_information_gap < 0.03
    assert found.separated_attribute_predictability < 0.1
    assert found.modularity == 0.0
    assert found.dci.disentanglement < 0.05 and found.dci.completeness < 0.05
    assert found.dci.informativeness == pytest.approx(np.mean(1 / np.array(SIZES)), abs=0.06)
    assert found.dci.chance == pytest.approx(np.mean(1 / np.array(SIZES)), abs=0.06)
    assert found.factor_vae.score < found.factor_vae.chance + 0.1


def test_two_codes_a_factor_are_modular_and_incomplete():
    found = disentanglement(TWICE, F)
    assert found.mutual_information_gap == pytest.approx(0.0, abs=1e-12)
    assert found.separated_attribute_predictability == 0.0
    assert found.modularity == pytest.approx(1.0, abs=1e-12)
    assert found.dci.disentanglement == 1.0
    # Each factor is read from 2 of 6 codes in equal parts, up to the forest's ties.
    assert found.dci.completeness == pytest.approx(1 - math.log(2) / math.log(6), abs=0.04)
    assert found.factor_vae.score == 1.0


def test_a_rotation_mixes_what_was_separate():
    rotation = ortho_group(3, seed=1).rvs()
    mixed = disentanglement((F - F.mean(axis=0)) @ rotation, F)
    assert mixed.mutual_information_gap < 0.2
    assert mixed.separated_attribute_predictability < 0.35
    assert mixed.modularity < 0.95
    assert mixed.dci.disentanglement < 0.5 and mixed.dci.completeness < 0.5
    assert mixed.factor_vae.score < 1.0
    assert mixed.dci.informativeness > 0.95  # nothing is lost, it is only mixed


def test_one_code_of_two_factors():
    both = F[:, :2] @ [3.0, 1.0]  # 12 values, one for each pair
    Z = np.column_stack([both, F[:, 2], np.zeros(len(F))])
    information = mutual_information(Z, F)
    np.testing.assert_allclose(information[0], [math.log(4), math.log(3), 0.0], atol=1e-12)
    # No other code tells of these factors, so that the gap is whole; the code is not modular.
    assert mutual_information_gap(Z, F) == pytest.approx(1.0, abs=1e-12)
    delta = (math.log(3) / math.log(4)) ** 2 / 2
    assert modularity(Z, F) == pytest.approx(((1 - delta) + 1) / 2, abs=1e-12)
    found = dci(Z, F)
    assert found.completeness == pytest.approx(1.0) and found.informativeness == 1.0
    # Of three columns two meet in one code: its row is (1, 1, 0), with two thirds of the weight.
    assert found.disentanglement == pytest.approx((2 * (1 - math.log(2) / math.log(3)) + 1) / 3, abs=1e-9)


def test_the_information_of_a_uniform_code_is_the_logarithm_of_its_bins():
    z = np.arange(2000.0)[:, None]
    for bins in (2, 5, 20):
        factor = (np.arange(2000) * bins // 2000)[:, None]
        assert mutual_information(z, factor, bins=bins)[0, 0] == pytest.approx(math.log(bins), abs=1e-12)
        assert factor_entropy(factor)[0] == pytest.approx(math.log(bins), abs=1e-12)
    # Twenty bins of a factor's ten halves tell all of it; two tell a bit.
    tenths = (np.arange(2000) // 200)[:, None]
    assert mutual_information(z, tenths)[0, 0] == pytest.approx(math.log(10), abs=1e-12)
    assert mutual_information(z, tenths, bins=2)[0, 0] == pytest.approx(math.log(2), abs=1e-12)


def test_information_agrees_with_scikit_learn():
    rng = np.random.default_rng(1)
    Z = F @ rng.normal(size=(3, 4)) + rng.normal(size=(len(F), 4))
    binned = discretised(Z, 20)
    expected = [[mutual_info_score(factor, code) for factor in F.T] for code in binned.T]
    np.testing.assert_allclose(mutual_information(Z, F), expected, atol=1e-12)


def test_the_gap_is_between_the_best_and_the_second():
    coarse = F[:, 2] // 2  # 0 0 1 1 2: what it leaves open is a bit on four fifths of the rows
    Z = np.column_stack([F, coarse])
    second = math.log(5) - 0.8 * math.log(2)
    assert mutual_information_gap(Z, F) == pytest.approx((1 + 1 + 1 - second / math.log(5)) / 3, abs=1e-12)


def test_separated_predictability_is_adjusted_for_guessing():
    halves = (F[:, 0] // 2)[:, None]  # tells 2 of 4 values apart: right half of the time, where guessing is a quarter
    found = separated_attribute_predictability(np.column_stack([halves, np.zeros(len(F))]), F[:, [0]])
    assert found == pytest.approx((0.5 - 0.25) / 0.75, abs=0.02)


def test_entropies_have_the_right_base_and_weights():
    # Rows (1, 0), (1, 1): 1 and 0, of weights a third and two thirds; columns (1, 1), (0, 1): 0 and 1 likewise.
    R = np.array([[1.0, 0.0], [1.0, 1.0]])
    assert concentration(R, axis=1) == pytest.approx(1 / 3) == concentration(R, axis=0)
    assert concentration(np.zeros((2, 2)), axis=0) == 0.0


def test_collapsed_dimensions_do_not_vote():
    Z = np.column_stack([F, np.full(len(F), 0.3), 1e-3 * NOISE[:, 0]])
    assert factor_vae_score(Z, F).active == (0, 1, 2)
    assert factor_vae_score(Z, F, least_variance=0.0).active == (0, 1, 2, 4)
    dead = factor_vae_score(0.0 * Z, F)
    assert dead.active == () and dead.score == dead.chance == pytest.approx(1 / 3)


def test_codes_that_say_nothing_at_all():
    found = disentanglement(np.ones((len(F), 3)), F)
    assert found.mutual_information_gap == found.separated_attribute_predictability == found.modularity == 0.0
    assert found.dci.disentanglement == found.dci.completeness == 0.0
    assert found.dci.informativeness == pytest.approx(found.dci.chance)


def test_factors_need_no_order_and_no_balance():
    rng = np.random.default_rng(0)
    rows = np.column_stack([rng.choice([7, -2, 90], 400, p=[0.6, 0.3, 0.1]), rng.choice([3, 5], 400)])
    codes = np.column_stack([rows[:, 1], np.searchsorted([-2, 7, 90], rows[:, 0])])
    found = disentanglement(codes, rows)
    assert found.factor_vae.score == found.dci.disentanglement == found.dci.completeness == 1.0
    # Drawn factors are never quite independent, so that the second code tells a little.
    assert 0.98 < found.separated_attribute_predictability <= 1.0 > found.mutual_information_gap > 0.98
    assert disentanglement(codes, rows.astype(float)).to_dict() == found.to_dict()


# ------------------------------------------------------------ properties


@functools.cache
def _scores_of_mixed_codes():
    rng = np.random.default_rng(3)
    Z = np.column_stack([F[:, 0], F[:, 1] + 2 * F[:, 0], F[:, 2], rng.integers(0, 7, len(F))]).astype(float)
    scores = (mutual_information_gap, modularity, lambda Z, F: factor_vae_score(Z, F).score)
    return (
        Z,
        mutual_information(Z, F),
        scores,
        [score(Z, F) for score in scores],
        separated_attribute_predictability(Z, F),
    )


@settings(max_examples=12, deadline=None)
@given(
    order=st.permutations(range(4)),
    scale=st.lists(st.floats(0.5, 1e4), min_size=4, max_size=4),
    sign=st.lists(st.sampled_from([-1.0, 1.0]), min_size=4, max_size=4),
)
def test_scores_do_not_depend_on_order_scale_or_sign_of_the_codes(order, scale, sign):
    Z, information, scores, before, predictability = _scores_of_mixed_codes()
    moved = (Z * np.array(scale) * np.array(sign))[:, order]
    np.testing.assert_allclose(mutual_information(moved, F), information[order], atol=1e-12)
    assert [score(moved, F) for score in scores] == pytest.approx(before, abs=1e-12)
    assert separated_attribute_predictability(moved, F) == pytest.approx(predictability, abs=0.02)


def test_seeds_decide():
    Z = F + NOISE[:, :3]
    first, again, other = (disentanglement(Z, F, seed=seed).to_dict() for seed in (0, 0, 1))
    assert first == again != other
    assert first["mutual_information_gap"] == other["mutual_information_gap"]


def test_scores_go_to_json_and_to_words():
    found = disentanglement(PERFECT, F, ["hair", "<b>", "direction"])
    plain = json.loads(json.dumps(found.to_dict()))
    assert plain["factor_names"] == ["hair", "<b>", "direction"] and len(plain["information"]) == 3
    assert plain["dci"]["importance"] == found.importance.tolist()
    words = str(found)
    assert "mutual information gap    1.000" in words and "(chance 0.333)" in words
    assert words.splitlines()[-1].split() == ["direction", "z[0]", "100.0%", "100.0%", "100.0%"]


def test_every_number_goes_where_it_belongs():
    """Each score is that of its own function with the same seed, in JSON and in words too."""
    Z = F[:, [0, 1]] * [1.0, 2.0] + 0.4 * NOISE[:, :2]
    found = disentanglement(Z, F, ["a", "b", "c"], seed=3)
    alone = dci(Z, F, seed=3)
    expected = {
        "mutual_information_gap": mutual_information_gap(Z, F),
        "separated_attribute_predictability": separated_attribute_predictability(Z, F, seed=3),
        "modularity": modularity(Z, F),
        "dci": alone.to_dict(),
        "factor_vae": factor_vae_score(Z, F, seed=3).to_dict(),
        "factor_names": ["a", "b", "c"],
        "entropy": factor_entropy(F).tolist(),
        "information": mutual_information(Z, F).tolist(),
    }
    assert found.to_dict() == expected
    assert set(alone.to_dict()) == {
        "disentanglement",
        "completeness",
        "informativeness",
        "chance",
        "accuracy",
        "importance",
    }
    assert set(found.factor_vae.to_dict()) == {"score", "chance", "active"} and found.factor_vae.active == (0, 1)
    lines = str(found).splitlines()
    assert [line[:25].strip() for line in lines[:5]] == [
        "mutual information gap", "separated predictability", "modularity", "DCI", "FactorVAE score"
    ]  # fmt: skip
    assert lines[1].endswith(f" {found.separated_attribute_predictability:.3f}") and lines[3].endswith(str(alone))
    assert lines[2].endswith(f" {found.modularity:.3f}") and lines[4].endswith(str(found.factor_vae))
    assert "from 2 active dimensions" in lines[4] and lines[5] == "" and lines[6].startswith("factor  told most by")
    share = found.share
    for line, name, k in zip(lines[7:], "abc", range(3), strict=True):
        cells = line.split()
        best = int(share[:, k].argmax())
        assert cells[:2] == [name, f"z[{best}]"] and cells[2] == f"{share[best, k]:.1%}"
        assert cells[3] == f"{share[best, k] - share[1 - best, k]:.1%}" and cells[4] == f"{alone.accuracy[k]:.1%}"
    np.testing.assert_allclose(share, mutual_information(Z, F) / factor_entropy(F))


def test_importances_are_those_of_scikit_learns_forests():
    from sklearn.ensemble import RandomForestClassifier

    from aevum.evaluation.importance import halves

    Z = F[:, [0, 1]] + 0.5 * NOISE[:, :2]
    train, test = halves(len(Z), 5)
    assert not set(train) & set(test) and len(train) + len(test) == len(Z) and abs(len(train) - len(test)) <= 1
    found = dci(Z, F[:, :2], seed=5)
    for k in range(2):
        forest = RandomForestClassifier(10, max_features=None, random_state=5).fit(Z[train], F[train, k])
        np.testing.assert_allclose(found.importance[:, k], forest.feature_importances_)
        assert found.accuracy[k] == (forest.predict(Z[test]) == F[test, k]).mean()
    most = [np.bincount(F[train, k]).argmax() for k in range(2)]
    assert found.chance == pytest.approx(np.mean([(F[test, k] == most[k]).mean() for k in range(2)]))
    assert found.informativeness == pytest.approx(np.mean(found.accuracy))
    R = found.importance
    rows, entropy = R / R.sum(1, keepdims=True), lambda p: -(p * np.log(p)).sum(-1) / np.log(p.shape[-1])
    assert found.disentanglement == pytest.approx((R.sum(1) / R.sum() * (1 - entropy(rows))).sum())
    assert found.completeness == pytest.approx((1 - entropy((R / R.sum(0)).T)).mean())


# ------------------------------------------------------------ bad input

Z = PERFECT
SCORES = {
    "gap": mutual_information_gap,
    "modularity": modularity,
    "sap": separated_attribute_predictability,
    "dci": dci,
    "factor vae": factor_vae_score,
    "all": disentanglement,
}
BAD = {
    "rows differ": (Z[:-1], F, "Z has 599 rows and factors have 600"),
    "NaN in codes": (np.where(np.arange(600)[:, None] == 5, np.nan, Z), F, "first at row 5, column 0"),
    "NaN in factors": (Z, np.where(F == 4, np.nan, F), "factor 2 contains NaN"),
    "continuous factor": (Z, F + 0.5, "factor 0 is continuous"),
    "too many values": (Z, np.column_stack([F[:, :2], np.arange(600)]), "factor 2 has 600 values in 600 rows"),
    "constant factor": (Z, F * [1, 0, 1], "factor 1 never changes"),
    "words": (Z, F.astype(str), "factors have type"),
    "one axis of factors": (Z, F[:, 0], r"factors have shape \(600,\); expected \(N, K\)"),
    "one axis of codes": (Z[:, 0], F, r"Z has shape \(600,\); expected \(N, D\)"),
    "no codes": (Z[:, :0], F, r"Z has shape \(600, 0\)"),
    "words for codes": (Z.astype(str), F, "Z has type"),
    "ragged codes": ([[1.0], [1.0, 2.0]], F, "rectangular"),
    "ragged factors": (Z, [[1], [1, 2]], "rectangular"),
    "few rows": (Z[:12], F[:12], "12 rows are too few"),
}


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_line(score, case):
    codes, factors, words = BAD[case]
    with pytest.raises(InputError, match=words) as error:
        SCORES[score](codes, factors)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("score", ["gap", "sap", "dci", "all"])
def test_a_gap_needs_a_second_dimension(score):
    with pytest.raises(InputError, match="at least two dimensions of Z, got 1"):
        SCORES[score](Z[:, :1], F)


@pytest.mark.parametrize("score", ["modularity", "dci", "factor vae", "all"])
def test_a_comparison_needs_a_second_factor(score):
    with pytest.raises(InputError, match="at least two factors, got 1"):
        SCORES[score](Z, F[:, :1])


def test_errors_call_factors_by_their_names():
    with pytest.raises(InputError, match="action never changes"):
        disentanglement(Z, F * [1, 0, 1], ["hair", "action", "direction"])
    for names in (["hair"], "hair"):
        with pytest.raises(InputError, match="factor_names must be 3 names"):
            disentanglement(Z, F, names)
    lonely = F.copy()
    lonely[0, 2] = 5
    with pytest.raises(InputError, match="direction has a value with only one row"):
        disentanglement(Z, lonely, ["hair", "action", "direction"])
    assert 0.9 < mutual_information_gap(Z, lonely) <= 1.0


def test_bad_settings():
    with pytest.raises(InputError, match="bins must be a whole number of at least 2"):
        mutual_information(Z, F, bins=1)
    with pytest.raises(InputError, match="batch must be a whole number of at least 2"):
        factor_vae_score(Z, F, batch=1)
    for score in (separated_attribute_predictability, dci, factor_vae_score, disentanglement):
        with pytest.raises(InputError, match="seed must be a whole number of at least 0"):
            score(Z, F, seed=-1)


def test_extreme_codes_raise_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for scale in (1e-30, 1e30):
            assert mutual_information_gap(scale * Z, F) == pytest.approx(1.0, abs=1e-12)
        assert mutual_information(np.float32(0.1) + 0 * Z.astype(np.float32), F).max() == 0.0


@pytest.mark.parametrize("unit", [1e-6, 1e-3, 1.0])
def test_codes_that_are_all_small_are_not_collapsed(unit):
    """Codes of an auto-encoder a hundred times as small were all left out."""
    factors = np.stack(np.meshgrid(range(4), range(5)), -1).reshape(-1, 2).repeat(9, axis=0)
    Z = np.column_stack([factors, 1e-3 * np.random.RandomState(0).randn(len(factors))])
    found = factor_vae_score(unit * Z, factors)
    assert found.active == (0, 1) and found.score == 1.0
