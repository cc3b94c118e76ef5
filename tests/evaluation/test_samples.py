"""Sample metrics agree with closed forms and brute force, and tell copies, missing modes and bad input apart."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import linalg, stats
from scipy.spatial.distance import cdist

from aevum import EstimateWarning, InputError, open_data
from aevum.evaluation import neighbours
from aevum.evaluation.copies import memorisation
from aevum.evaluation.distances import frechet_distance, gaussian_frechet, kernel_distance, kernel_mmd
from aevum.evaluation.features import classifier_features
from aevum.evaluation.neighbours import nearest_rows, precision_recall_density_coverage
from aevum.evaluation.samples import sample_quality


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def covariance(seed, width, rank=None):
    factor = normal(seed, rank or width, width)
    return factor.T @ factor


# Fréchet distance


def test_frechet_of_commuting_gaussians_is_a_sum_over_their_axes():
    axes = np.linalg.qr(normal(0, 6, 6))[0]
    a, b = np.array([4.0, 1.0, 0.25, 1e-6, 0.0, 9.0]), np.array([1.0, 1.0, 2.25, 4e-6, 0.0, 0.0])
    shift = normal(1, 6)
    expected = shift @ shift + ((np.sqrt(a) - np.sqrt(b)) ** 2).sum()
    got = gaussian_frechet(shift, axes * a @ axes.T, np.zeros(6), axes * b @ axes.T)
    assert got == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_frechet_agrees_with_scipys_matrix_root(seed):
    mean1, mean2, cov1, cov2 = normal(seed, 8), normal(seed + 9, 8), covariance(seed, 8), covariance(seed + 9, 8)
    root = linalg.sqrtm(cov1 @ cov2).real
    expected = ((mean1 - mean2) ** 2).sum() + np.trace(cov1 + cov2 - 2 * root)
    assert gaussian_frechet(mean1, cov1, mean2, cov2) == pytest.approx(expected, rel=1e-9)
    assert gaussian_frechet(mean2, cov2, mean1, cov1) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("shape", [(50, 4), (50, 4, 4), (5, 30)], ids=str)
def test_frechet_of_samples(shape):
    x = normal(0, *shape)
    size = x.reshape(len(x), -1).shape[1]
    assert frechet_distance(x, x) == pytest.approx(0.0, abs=1e-12 * size)
    assert frechet_distance(x, x + 3.0) == pytest.approx(9.0 * size, rel=1e-12)
    assert frechet_distance(x, 0 * x) == pytest.approx((x.mean(0) ** 2).sum() + x.var(0, ddof=1).sum(), rel=1e-12)
    y = normal(1, *shape).reshape(len(x), -1) * 2
    flat = x.reshape(len(x), -1)
    expected = gaussian_frechet(flat.mean(0), np.cov(flat.T), y.mean(0), np.cov(y.T))
    assert frechet_distance(x, y) == pytest.approx(expected, rel=1e-10)


def test_frechet_of_singular_covariances_keeps_its_digits():
    x = normal(0, 200, 3) @ normal(1, 3, 40)
    assert frechet_distance(x, x + 1e-3) == pytest.approx(40e-6, rel=1e-6)
    assert frechet_distance(1e6 + x, 1e6 + x) == pytest.approx(0.0, abs=1e-9)
    low, high = covariance(0, 5, rank=2), covariance(1, 5, rank=3)
    near = gaussian_frechet(np.zeros(5), low + 1e-12 * np.eye(5), np.zeros(5), high + 1e-12 * np.eye(5))
    assert gaussian_frechet(np.zeros(5), low, np.zeros(5), high) == pytest.approx(near, abs=1e-4)


@pytest.mark.parametrize(
    ("mean", "cov", "words"),
    [
        ([0.0, 0.0], [[1.0]], r"\(2,\), \(1, 1\)"),
        ([0.0, 0.0], [[1.0, 0.5], [0.0, 1.0]], "symmetric"),
        ([0.0, np.nan], np.eye(2), "finite"),
        ([0.0, 0.0], [[1.0, 0.0], [0.0, -1.0]], "eigenvalue -1 is negative"),
    ],
)
def test_what_is_no_gaussian(mean, cov, words):
    with pytest.raises(InputError, match=words):
        gaussian_frechet(mean, cov, np.zeros(2), np.eye(2))


# Kernel distance


def test_kernel_distance_agrees_with_a_double_loop():
    x, y = normal(0, 6, 3), normal(1, 5, 3) + 1

    def k(a, b):
        return (a @ b / 3 + 1) ** 3

    xx = [k(x[i], x[j]) for i in range(6) for j in range(6) if i != j]
    yy = [k(y[i], y[j]) for i in range(5) for j in range(5) if i != j]
    xy = [k(a, b) for a in x for b in y]
    assert kernel_mmd(x, y) == pytest.approx(np.mean(xx) + np.mean(yy) - 2 * np.mean(xy), rel=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.2])
def test_kernel_distance_is_unbiased(p):
    # On {0, 1} with P(1) = ½ and P(1) = p, k is 1 but k(1, 1) = 8: the MMD² is 7 (½ − p)².
    values, errors = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        x, y = rng.integers(2, size=(120, 1)), rng.random((120, 1)) < p
        value, error = kernel_distance(x, y, subset_size=40, subsets=30, seed=seed)
        values.append(value)
        errors.append(error)
    deviation = np.std(values)
    assert np.mean(values) == pytest.approx(7 * (0.5 - p) ** 2, abs=4 * deviation / np.sqrt(150))
    # The standard error is right where the distributions differ, and on the safe side where they don't.
    assert 0.75 * deviation < np.mean(errors) < (1.35 if p != 0.5 else 4) * deviation


def test_kernel_distance_is_a_function_of_its_seed():
    x, y = normal(0, 60, 2), normal(1, 80, 2)
    first = kernel_distance(x, y, subset_size=10, subsets=5, seed=3)
    assert first == kernel_distance(x, y, subset_size=10, subsets=5, seed=3)
    assert first != kernel_distance(x, y, subset_size=10, subsets=5, seed=4)


# Precision, recall, density, coverage


def brute_force(x, y, k):
    real = np.sort(cdist(x, x), axis=1)[:, k]
    generated = np.sort(cdist(y, y), axis=1)[:, k]
    inside = cdist(x, y) <= real[:, None]
    reached = cdist(x, y) <= generated[None]
    return inside.any(0).mean(), reached.any(1).mean(), inside.sum(0).mean() / k, inside.any(1).mean()


@pytest.mark.parametrize("k", [1, 4])
def test_neighbours_agree_with_brute_force_across_blocks(k, monkeypatch):
    monkeypatch.setattr(neighbours, "_ROWS", 7)
    monkeypatch.setattr(neighbours, "_COLUMNS", 10)
    x, y = normal(0, 43, 3) + 50, 1.2 * normal(1, 31, 3) + 50.5
    found = precision_recall_density_coverage(x, y, k)
    got = (found.precision, found.recall, found.density, found.coverage)
    assert got == pytest.approx(brute_force(x, y, k), abs=1e-15)
    index, distance = nearest_rows(x, y)
    np.testing.assert_array_equal(index, cdist(x, y).argmin(axis=1))
    np.testing.assert_allclose(distance, cdist(x, y).min(axis=1), rtol=1e-12)


def test_sets_known_by_construction():
    x = normal(0, 200, 4)
    same = precision_recall_density_coverage(x, x)
    assert (same.precision, same.recall, same.coverage) == (1, 1, 1)
    # A closed ball up to the fifth neighbour holds six rows of the same set.
    assert same.density == pytest.approx(6 / 5)
    far = precision_recall_density_coverage(x, x + 1e4)
    assert (far.precision, far.recall, far.density, far.coverage) == (0, 0, 0, 0)
    fresh = precision_recall_density_coverage(normal(1, 2000, 4), normal(2, 2000, 4))
    assert fresh.density == pytest.approx(1, abs=0.1) and fresh.coverage == pytest.approx(1 - 2**-5, abs=0.02)


def test_dropped_modes_cost_recall_and_noise_costs_precision():
    modes = normal(0, 300, 2) + 20.0 * np.repeat([[0, 0], [1, 0], [0, 1]], 100, axis=0)
    one = normal(1, 300, 2)
    dropped = precision_recall_density_coverage(modes, one)
    assert dropped.precision > 0.9 and dropped.recall < 0.35 and dropped.coverage < 0.35
    noisy = precision_recall_density_coverage(one, modes)
    assert noisy.recall > 0.9 and noisy.precision < 0.4


def test_duplicates_lie_in_their_own_balls():
    x = np.repeat([[0.1, 0.7], [0.3, 1e3]], 10, axis=0)
    found = precision_recall_density_coverage(x, x[::-1])
    assert (found.precision, found.recall, found.coverage) == (1, 1, 1)


# Memorisation


def test_copies_of_training_rows_are_found():
    train, unseen = normal(0, 500, 5), normal(1, 300, 5)
    generated = normal(2, 300, 5)
    generated[17], generated[5] = train[400], train[3] + 1e-9
    few = memorisation(train, np.concatenate([generated, train[:12]]), unseen, most=14)
    assert few.suspicious and few.copied_p < 0.01 and few.copied > 0.04
    assert few.samples == (17, *range(300, 312), 5) and few.neighbours == (400, *range(12), 3)
    assert few.distances[:-1] == (0.0,) * 13 and 0 < few.distances[-1] < 1e-8
    every = memorisation(train, train[:200] + 0.01 * normal(3, 200, 5), unseen)
    assert every.suspicious and every.auc > 0.99 and every.z < -5 and every.rank_p < 1e-20
    assert "too close to training rows" in str(every)


def test_fresh_draws_are_not_called_copies():
    results = [memorisation(normal(s, 60, 3), normal(s + 1000, 40, 3), normal(s + 2000, 120, 3)) for s in range(200)]
    # Held-out rows and samples share the training rows, which the tests are conditional on: p is uniform.
    assert stats.kstest([result.rank_p for result in results], "uniform").pvalue > 0.01
    assert np.std([result.z for result in results]) == pytest.approx(1, abs=0.15)
    shares = [result.copied for result in results]
    assert np.mean(shares) == pytest.approx(results[0].expected, abs=4 * np.std(shares) / np.sqrt(200))
    assert sum(result.suspicious for result in results) <= 8
    assert str(results[0]).startswith("No sign of memorised samples")


def test_rank_test_agrees_with_its_definition_where_distances_tie():
    train = np.zeros((1, 1))
    near, far = np.array([0, 1, 1, 2, 3, 3.0]), np.array([1, 2, 2, 3, 4.0])
    found = memorisation(train, near[:, None], far[:, None])
    signs = np.sign(far[None] - near[:, None])
    assert found.auc == pytest.approx((signs + 1).mean() / 2)
    ranks = stats.rankdata(np.concatenate([near, far]))
    # The variance of a sum of ranks drawn without replacement.
    sigma = np.sqrt(ranks.var(ddof=1) * 6 * 5 / 11) / 30
    assert found.z == pytest.approx((0.5 - found.auc) / sigma)
    equal = memorisation(train, np.ones((5, 1)), np.ones((5, 1)))
    assert (equal.z, equal.auc, equal.rank_p, equal.copied, equal.suspicious) == (0.0, 0.5, 1.0, 0.0, False)


def test_the_tail_probability_is_that_of_all_orders():
    # 3 samples and 4 held-out rows, none of which may be nearer: P(c samples first) by counting the 35 orders.
    train, far = np.zeros((1, 1)), np.array([[4.0], [5.0], [6.0], [7.0]])
    for copied, orders in ((0, 35), (1, 15), (2, 5), (3, 1)):
        near = np.where(np.arange(3) < copied, 1.0, 9.0)[:, None]
        found = memorisation(train, near, far)
        assert found.copied_p == pytest.approx(orders / 35) and found.copied == pytest.approx(copied / 3)
    assert found.expected == pytest.approx(1 / 5)


def test_held_out_rows_that_were_trained_on_are_noticed():
    train = normal(0, 100, 3)
    found = memorisation(train, normal(1, 50, 3), train[:30])
    assert found.held_out_copies == 1 and "can't tell" in str(found)


# All of it


def test_sample_quality_of_digits(digits):
    x = np.asarray(digits.x)
    order = np.random.default_rng(0).permutation(len(x))
    train, real, good = x[order[:800]], x[order[800:1300]], x[order[1300:]]
    noise = np.random.default_rng(1).uniform(0, 16, size=good.shape)
    best, worst = (sample_quality(real, made, train=train, subsets=20) for made in (good, noise))
    assert best.frechet < worst.frechet and best.kernel < worst.kernel
    assert abs(best.kernel) < 4 * best.kernel_error
    assert best.neighbours.precision > 0.6 and worst.neighbours.precision == 0
    assert not best.memorisation.suspicious and sample_quality(real, train[:400], train=train).memorisation.suspicious
    assert (best.features, best.width) == ("the data, flattened", 64)
    assert (best.real_rows, best.generated_rows) == (500, 497)
    for words in ("497 samples and 500 real rows", "the data, flattened", "±", "precision", "No sign of memorised"):
        assert words in str(best)
    kept = json.loads(json.dumps(best.to_dict()))
    assert kept["frechet"] == best.frechet and kept["neighbours"]["k"] == 5
    assert kept["memorisation"]["suspicious"] is False and kept["memorisation"]["p_value"] > 0.01


def test_sample_quality_is_of_the_features_that_it_names():
    x, y = normal(0, 80, 4, 2), normal(1, 70, 4, 2)

    def row_means(examples):
        assert examples.shape[1:] == (4, 2)
        return examples.mean(axis=2)

    found = sample_quality(x, y.tolist(), features=row_means)
    assert (found.features, found.width, found.memorisation) == ("row_means", 4, None)
    assert found.frechet == frechet_distance(x.mean(axis=2), y.mean(axis=2))
    assert (found.kernel, found.kernel_error) == kernel_distance(x.mean(axis=2), y.mean(axis=2))
    assert found.to_dict()["memorisation"] is None


def test_of_large_sets_some_rows_are_drawn_and_samples_keep_their_indices():
    train, real, generated = normal(0, 90, 3), normal(1, 200, 3), normal(2, 300, 3)
    generated[::2] = train[7]
    found = sample_quality(real, generated, train=train, max_rows=50, seed=1)
    assert (found.real_rows, found.generated_rows) == (50, 50)
    assert all(index % 2 == 0 for index in found.memorisation.samples) and max(found.memorisation.samples) > 50
    assert set(found.memorisation.neighbours) == {7}
    assert found == sample_quality(real, generated, train=train, max_rows=50, seed=1)
    assert found.frechet != sample_quality(real, generated, max_rows=50, seed=2).frechet


# Bad input


X = np.arange(40.0).reshape(20, 2)
HOLED = np.where(X == 7, np.nan, X)


@pytest.mark.parametrize("metric", [frechet_distance, kernel_distance, precision_recall_density_coverage])
@pytest.mark.parametrize(
    ("real", "generated", "words"),
    [
        (X, X[:, :1], "real has 2 values a row, but generated has 1"),
        (X, HOLED, "generated holds nan, first at row 3, column 1"),
        (X * 1e60, X, "real holds 1e.60, first at row 0, column 1; .*scale the data"),
        (X, X[:1], r"generated has 1 row; at least \d are needed"),
        (X, X[:0], "generated has 0 rows"),
        (X[:, 0], X, r"real has shape \(20,\); expected examples in rows"),
        (X[:, :0], X, "each row of real is empty"),
        (X, 3.0, "generated must be an array with the examples in rows"),
        (X, "some", "some"),
        (X, [[1.0, 2.0], [3.0]], "generated can't be read as one array"),
        (X, [["a", "b"]] * 20, "generated has type <U1; expected real numbers"),
        (X, [[None, {}]] * 20, "generated holds values that aren't real numbers"),
        (X, X * 1j, "generated has type complex128"),
    ],
)
def test_bad_sets(metric, real, generated, words):
    with pytest.raises(InputError, match=words) as caught:
        metric(real, generated)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: precision_recall_density_coverage(X, X[:5]), "generated has 5 rows; at least 6 are needed"),
        (lambda: precision_recall_density_coverage(X, X, 0), "k must be a whole number of at least 1, got 0"),
        (lambda: kernel_distance(X, X, subset_size=1), "subset_size must be a whole number of at least 2"),
        (lambda: kernel_distance(X, X, subsets=True), "subsets must be a whole number of at least 2"),
        (lambda: kernel_distance(X, X, seed=-1), "seed must be a whole number of at least 0"),
        (lambda: memorisation(X, X, X, quantile=1), "quantile must be a number between 0 and 1, got 1"),
        (lambda: memorisation(X, X, X[:, :1]), "train has 2 values a row, but held_out has 1"),
        (lambda: memorisation(X, X, X, most=-1), "most must be"),
        (lambda: sample_quality(X, X, max_rows=3), "max_rows must be a whole number of at least 4"),
        (lambda: sample_quality(X, X, features="pixels"), "features must be None or callable.*'pixels'"),
        (lambda: sample_quality(X, X, features=np.sum), "what sum made of real must be an array"),
        (lambda: sample_quality(X, X, features=np.transpose), "transpose gave 2 for the 20 of real"),
        (lambda: sample_quality(X, X, features=lambda x: x / 0 * np.nan), "made of real holds nan"),
        (lambda: sample_quality(X, HOLED), "generated holds nan"),
        (lambda: sample_quality(X, X, train=X[:, :1]), "train has 1 value a row, but generated has 2"),
        (lambda: sample_quality(X, [[1, 2], [3]]), "generated can't be read as one array"),
    ],
)
def test_bad_arguments(call, words):
    with np.errstate(all="ignore"), pytest.raises(InputError, match=words):
        call()


def test_a_test_on_too_few_rows_says_so():
    rng = np.random.default_rng(0)
    train = rng.normal(size=(50, 3))
    few = memorisation(train, train[:2], rng.normal(size=(2, 3)))
    more = memorisation(train, train[:20], rng.normal(size=(20, 3)))
    assert not few.conclusive and not few.suspicious and str(few).startswith("The test can't tell")
    assert more.conclusive and more.suspicious and more.to_dict()["conclusive"]


def test_data_sets_are_taken_by_name(tmp_path):
    digits = open_data("digits")
    found = sample_quality("digits", digits, subsets=2, subset_size=50, max_rows=300)
    assert "classifier" in found.features
    assert sample_quality(digits.x, digits.x, subsets=2, subset_size=50).features == "the data, flattened"
    assert sample_quality("digits", digits, features=None, subsets=2).features == "the data, flattened"
    assert classifier_features(digits, cache=tmp_path).accuracy > 0.9
    with pytest.raises(InputError, match="no labels"):
        classifier_features(digits.x, cache=tmp_path)
    with pytest.warns(EstimateWarning, match="features say little"):
        classifier_features(normal(0, 1000, 3), np.arange(1000) % 4, cache=tmp_path)
