"""Latent diagnostics and calibration on models and codes whose answer is known."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy.stats import kstest

from aevum import AE, CVAE, VAE, CollapseWarning, InputError
from aevum.evaluation import calibration, latent_diagnostics
from aevum.evaluation.latents import kernel_two_sample_test, mutual_information

TINY = {"hidden": 16, "epochs": 20, "random_state": 0}


def factor_model(rows, noise, seed=0, features=20):
    """Rows of a two-factor model whose columns have noise of these deviations."""
    random = np.random.RandomState(seed)
    loadings = np.random.RandomState(99).randn(2, features)
    return random.randn(rows, 2) @ loadings + noise * random.randn(rows, features)


@pytest.fixture(scope="module")
def fitted():
    """A VAE of a factor model with known noise."""
    noise = np.linspace(0.2, 0.8, 20)
    model = VAE(2, likelihood="gaussian:per-feature", hidden=64, epochs=60, random_state=0)
    return model.fit(factor_model(4000, noise)), factor_model(2000, noise, seed=1), noise


def test_coverage_of_known_noise_is_within_two_points(fitted):
    model, X, _ = fitted
    found = calibration(model, X)
    np.testing.assert_array_equal(found.levels, [0.5, 0.8, 0.9, 0.95, 0.9973])
    np.testing.assert_allclose(found.coverage, found.levels, atol=0.02)
    np.testing.assert_allclose(found.coverage_at_mean, found.levels, atol=0.03)
    assert found.verdict.startswith("Calibrated") and found.feature_coverage.shape == (5, 20)


@pytest.mark.slow
def test_coverage_of_an_emitted_sigma_follows_the_noise():
    random = np.random.RandomState(0)
    level = random.uniform(0.1, 1.0, (5000, 1))
    # The first six columns say how noisy the others are.
    X = np.hstack([np.repeat(level, 6, axis=1) + 0.01 * random.randn(5000, 6), level * random.randn(5000, 40)])
    model = VAE(2, likelihood="gaussian:emitted", hidden=64, epochs=60, random_state=0).fit(X[:4000])
    found = calibration(model, X[4000:])
    np.testing.assert_allclose(found.coverage, found.levels, atol=0.02)


@pytest.mark.parametrize(("factor", "word"), [(2.0, "Too narrow"), (0.5, "Too wide")])
def test_wrong_intervals_are_named(fitted, factor, word):
    model, X, _ = fitted
    changed = X + (factor - 1.0) * (X - model.reconstruct(X))
    assert calibration(model, changed).verdict.startswith(word)


def test_calibration_says_what_it_can_not_do(fitted, digits):
    model, X, _ = fitted
    with pytest.raises(InputError, match="needs a Gaussian likelihood"):
        calibration(VAE(2, likelihood="bernoulli", **TINY).fit(digits.x > 8), digits.x > 8)
    with pytest.raises(InputError, match="levels must be shares between 0 and 1"):
        calibration(model, X, levels=[0.5, 95])
    with pytest.raises(InputError, match="at least 10 rows; these are 3"):
        calibration(model, X[:3])
    with pytest.raises(InputError, match="features"):
        calibration(model, X[:, :5])


def test_latents_of_a_right_model_follow_the_prior(fitted):
    model, X, _ = fitted
    found = latent_diagnostics(model, X)
    assert found.active and found.follows_prior and not found.collapsed
    assert sorted(found.active) == [0, 1]
    # The rate is the information and what the aggregate posterior is off by, which here is next to nothing.
    assert found.rate.sum() == pytest.approx(found.information, abs=0.3)
    assert found.rate.sum() == pytest.approx(model.distortion_and_rate(X)[1].mean(), rel=1e-4)
    again = latent_diagnostics(model, X)
    assert again.to_dict() == found.to_dict()


def test_few_rows_raise_no_false_alarm(fitted):
    model, X, _ = fitted
    verdicts = [latent_diagnostics(model, X[start : start + 60]).follows_prior for start in range(0, 1800, 60)]
    assert verdicts.count(False) <= 2, "two tests at 1 % on thirty sets"


def test_codes_off_the_prior_are_found(fitted):
    model, X, _ = fitted
    found = latent_diagnostics(model, 2.5 * X[:300])
    assert found.follows_prior is False and "do not follow the prior" in found.verdict


def test_collapse_is_a_verdict_with_advice():
    noise = np.random.RandomState(0).randn(300, 5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)
        model = VAE(2, beta=50.0, **{**TINY, "epochs": 80}, batch_size=32).fit(noise)
    found = latent_diagnostics(model, noise)
    assert found.collapsed and found.information < 0.05 and "Try a lower beta" in found.verdict


def test_an_auto_encoder_has_variances_alone(digits):
    found = latent_diagnostics(AE(3, **TINY).fit(digits.x), digits)
    assert found.rate is None and found.follows_prior is None and found.to_dict()["mmd"] is None
    assert len(found.variance) == 3


@pytest.mark.parametrize("prior", ["standard", "learned", "flow"])
def test_a_conditional_model_is_measured_against_its_own_prior(prior, digits):
    model = CVAE(2, prior=prior, **{**TINY, "epochs": 5}).fit(digits.x, digits.y)
    found = latent_diagnostics(model, digits)
    rate = model.distortion_and_rate(digits.x, digits.y)[1].mean()
    assert found.total_rate == pytest.approx(rate, rel=1e-3 if prior != "flow" else 1e-2)  # a flow's: from draws of z
    if prior == "flow":
        assert found.rate is None  # its dimensions are not independent
    else:
        assert found.rate.sum() == pytest.approx(rate, rel=1e-3)
    with pytest.raises(InputError, match="pass y"):
        latent_diagnostics(model, digits.x)


def test_too_few_rows(digits):
    with pytest.raises(InputError, match="at least 20 rows; these are 5"):
        latent_diagnostics(VAE(2, **TINY).fit(digits.x), digits.x[:5])


def test_information_of_a_linear_channel():
    """z = x + noise with Gaussian x: I = ½ log(1 + signal/noise)."""
    random = np.random.RandomState(0)
    x = random.randn(2000, 2)
    deviation = np.full_like(x, 0.5)
    found = mutual_information(x, deviation, x + 0.5 * random.randn(2000, 2))
    assert found == pytest.approx(2 * 0.5 * math.log(1 + 1 / 0.25), abs=0.08)
    same = np.zeros((50, 2))
    assert mutual_information(same, np.ones((50, 2)), random.randn(50, 2)) == pytest.approx(0.0, abs=1e-12)


def test_the_two_sample_test_keeps_its_level_and_finds_what_marginals_hide():
    random = np.random.RandomState(0)
    p_values = [kernel_two_sample_test(random.randn(60, 3), random.randn(60, 3), random, 99)[1] for _ in range(200)]
    assert kstest(p_values, "uniform").statistic < 0.12
    # Two standard normals with correlation 0.9: each marginal is right.
    correlated = random.multivariate_normal([0, 0], [[1, 0.9], [0.9, 1]], 300)
    assert kernel_two_sample_test(correlated, random.randn(300, 2), random)[1] < 0.02


def test_the_statistic_is_the_unbiased_mmd():
    random = np.random.RandomState(0)
    a, b = random.randn(7, 2), random.randn(9, 2) + 1.0
    both = np.concatenate([a, b])
    distances = ((both[:, None] - both) ** 2).sum(-1)
    kernel = np.exp(-distances / np.median(distances[np.triu_indices(16, 1)]))
    inside = [[kernel[i, j] for i in group for j in group if i != j] for group in (range(7), range(7, 16))]
    expected = np.mean(inside[0]) + np.mean(inside[1]) - 2 * kernel[:7, 7:].mean()
    assert kernel_two_sample_test(a, b, random, 5)[0] == pytest.approx(expected)


@pytest.mark.parametrize("latents", [2, 6])
def test_information_that_is_too_low_is_said_to_be_a_bound(latents):
    """Of a channel of known I = −D log σ: near the logarithm of the rows the estimate falls short, up to 0.7 nats."""
    from aevum.evaluation.latents import NEAR_CAP

    random, seen = np.random.RandomState(0), []
    for below in (0.0, 1.0, 2.0, 3.0, 4.0):
        information = np.log(1000) - below
        sigma = np.exp(-information / latents)
        mean = np.sqrt(1 - sigma**2) * random.randn(1000, latents)
        found = mutual_information(mean, np.full_like(mean, sigma), mean + sigma * random.randn(1000, latents))
        seen.append((found > np.log(1000) - NEAR_CAP, information - found))
    assert seen[0][0] and seen[0][1] > 0.4
    assert not seen[-1][0] and all(short < 0.3 for said, short in seen if not said)
