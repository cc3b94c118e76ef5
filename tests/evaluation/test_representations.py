"""What classifiers and clusters make of codes whose classes are known."""

import json

import numpy as np
import pytest

from aevum.errors import InputError
from aevum.evaluation.representations import read_classes, representation_quality, standardised, stratified

RNG = np.random.default_rng(0)
Y = np.arange(400) % 4
CORNERS = np.array([[0.0, 0.0], [0.0, 20.0], [20.0, 0.0], [20.0, 20.0]])
APART = CORNERS[Y] + RNG.normal(size=(400, 2))
NOISE = RNG.normal(size=(400, 3))


def test_classes_that_lie_apart_are_read_without_an_error():
    found = representation_quality(APART, Y)
    assert found.neighbour_accuracy == found.logistic_accuracy == 1.0
    assert found.adjusted_rand == found.normalised_mutual_information == 1.0
    assert found.silhouette > 0.8
    assert found.chance == 0.25
    assert (found.classes, found.rows, found.test_rows, found.active, found.latent_dim) == (4, 300, 100, 2, 2)


def test_noise_is_read_at_chance():
    found = representation_quality(NOISE, Y)
    assert found.neighbour_accuracy == pytest.approx(0.25, abs=0.12)
    assert found.logistic_accuracy == pytest.approx(0.25, abs=0.12)
    assert abs(found.adjusted_rand) < 0.06 and found.normalised_mutual_information < 0.12


def test_a_circle_in_a_ring_is_for_neighbours_and_not_for_a_line():
    angle, y = RNG.uniform(0, 2 * np.pi, 400), np.arange(400) % 2
    Z = (1 + 4 * y)[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    found = representation_quality(Z, y)
    assert found.neighbour_accuracy == 1.0 and found.logistic_accuracy < 0.75


def test_the_chance_level_is_that_of_the_most_frequent_class():
    y = np.array(["a"] * 300 + ["b"] * 100)
    assert representation_quality(NOISE, y).chance == 0.75
    test = representation_quality(NOISE, y, Z_test=NOISE[:10], y_test=["b"] * 9 + ["a"])
    assert test.chance == pytest.approx(0.1) and test.test_rows == 10


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_scores_do_not_depend_on_scale_or_collapsed_dimensions(scale):
    more = scale * np.column_stack([APART[:, 0], np.full(400, 7.0), 1e-4 * NOISE[:, 0], 3.0 * APART[:, 1]])
    found, plain = representation_quality(more, Y).to_dict(), representation_quality(APART, Y).to_dict()
    assert found.pop("latent_dim") == 4 and plain.pop("latent_dim") == 2
    assert found == pytest.approx(plain)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e9])
def test_codes_that_have_collapsed_altogether(value):
    found = representation_quality(np.full((400, 3), np.float32(value)), np.where(Y == 0, 0, 1))
    assert found.logistic_accuracy == found.chance == 0.75 and found.active == 0
    assert found.adjusted_rand == 0.0 == found.normalised_mutual_information and found.silhouette is None
    assert "silhouette –" in str(found)


def test_a_regression_that_does_not_converge_raises_no_warning(monkeypatch):
    monkeypatch.setattr("aevum.evaluation.representations.STEPS", 1)
    assert representation_quality(NOISE, Y).logistic_accuracy >= 0.0


def test_small_and_uneven_classes():
    y = np.array(["many"] * 396 + ["few"] * 2 + ["pair"] * 2)
    found = representation_quality(NOISE, y)
    assert found.classes == 3 and found.test_rows == 101
    three = representation_quality(NOISE[:4], [0, 0, 1, 1])
    assert three.rows == 2 == three.test_rows
    # A class with one row is no obstacle where the test rows are given.
    assert representation_quality(APART, [9, *Y[1:]], Z_test=APART, y_test=Y).neighbour_accuracy > 0.99


def test_classes_may_be_of_any_kind():
    expected = representation_quality(APART, Y).to_dict()
    for y in (Y.astype(float), Y[:, None], [f"c{value}" for value in Y], np.array(Y, dtype=object)):
        assert representation_quality(APART, y).to_dict() == expected
    assert representation_quality(APART, Y == 1).adjusted_rand < 1.0 == representation_quality(APART, Y > 1).chance * 2
    assert read_classes(["a", "b"], 2).tolist() == ["a", "b"]


def test_classes_of_numbers_and_words_match_across_the_halves():
    found = representation_quality(APART, np.array(Y, dtype=object), Z_test=APART, y_test=Y)
    assert found.neighbour_accuracy == 1.0


def test_the_split_holds_each_row_once_and_a_quarter_of_each_class():
    train, test = stratified(Y, seed=3)
    assert sorted([*train, *test]) == list(range(400))
    assert np.bincount(Y[test]).tolist() == [25] * 4
    assert not np.array_equal(test, stratified(Y, seed=4)[1])


def test_both_are_scaled_by_the_first():
    first, second, kept = standardised(APART, APART + 5.0)
    np.testing.assert_allclose(first.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(second - first, (5.0 / APART.std(axis=0))[None].repeat(400, axis=0))
    assert kept == 2


def test_quality_goes_to_json_and_repeats():
    first, again = (representation_quality(NOISE, Y, seed=5) for _ in range(2))
    assert json.loads(json.dumps(first.to_dict())) == again.to_dict()
    assert " % right on 100 held-out rows (chance 25.0 %)" in str(first)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((APART, Y[:-1]), r"y has shape \(399,\); expected one class for each of 400 rows"),
        ((APART[:, 0], Y), r"Z has shape \(400,\)"),
        ((np.where(APART > 20, np.inf, APART), Y), "Z contains NaN or infinity, first at row"),
        ((APART, 0 * Y), r"y holds one class only \(0\)"),
        ((APART, np.where(Y == 0, np.nan, Y)), "y contains NaN"),
        ((APART, [None, *Y[1:]]), "y has missing classes"),
        ((APART, Y + 0.5), "y is no list of classes"),
        ((APART, Y * 1j), "y is no list of classes"),
        ((APART, [7, *Y[1:]]), "class 7 has only one row"),
    ],
)
def test_bad_input_is_one_clear_line(arguments, words):
    with pytest.raises(InputError, match=words) as error:
        representation_quality(*arguments)
    assert "\n" not in str(error.value)


def test_bad_seeds():
    with pytest.raises(InputError, match="seed must be a whole number"):
        representation_quality(APART, Y, seed=None)


def test_bad_test_rows():
    with pytest.raises(InputError, match="one of y and y_test holds words and the other numbers"):
        representation_quality(APART, Y, Z_test=APART, y_test=Y.astype(str))
    with pytest.raises(InputError, match="Z_test and y_test belong together"):
        representation_quality(APART, Y, Z_test=APART)
    with pytest.raises(InputError, match="Z has 2 dimensions and Z_test 3"):
        representation_quality(APART, Y, Z_test=NOISE, y_test=Y)
    with pytest.raises(InputError, match="y_test has shape"):
        representation_quality(APART, Y, Z_test=APART, y_test=Y[:5])
    with pytest.raises(InputError, match="Z_test contains NaN"):
        representation_quality(APART, Y, Z_test=APART * np.nan, y_test=Y)
