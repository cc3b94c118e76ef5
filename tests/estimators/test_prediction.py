"""Where a new measurement falls: against closed forms, and counted on data whose noise is known."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from aevum import AE, VAE
from aevum.distributions import Gaussian
from aevum.recipes import ESTIMATORS

LEVELS = [0.5, 0.9, 0.9973]


def linear_gaussian(latents, features, sigma=0.5, rows=3000):
    """A VAE that knows x = W z + σ ε exactly, and rows with a second measurement of each one's z."""
    random = np.random.RandomState(0)
    W = random.randn(features, latents) / np.sqrt(latents)
    W = np.linalg.qr(W)[0] * np.linalg.norm(W, axis=0)  # orthogonal, so that the posterior is diagonal
    z = random.randn(rows, latents)
    x, again = (z @ W.T + sigma * random.randn(rows, features) for _ in range(2))
    likelihood = f"gaussian:fixed={sigma}"
    vae = VAE(
        latents, hidden=(), network="mlp", likelihood=likelihood, epochs=1, random_state=0, validation_fraction=0.1
    ).fit(x[:50])
    shift, scale = (part.numpy() for part in (vae.scaling_.shift, vae.scaling_.scale))
    variance = 1.0 / (1.0 + (W**2).sum(axis=0) / sigma**2)
    E = (variance[:, None] * W.T) / sigma**2
    with torch.no_grad():
        encoder, decoder = vae.model_.posterior.network.first, vae.model_.likelihood.network.first
        both = np.concatenate([E * scale, np.zeros_like(E)])
        encoder.weight.copy_(torch.tensor(both))
        encoder.bias.copy_(torch.tensor(np.concatenate([E @ shift, np.log(variance)])))
        decoder.weight.copy_(torch.tensor(W / scale[:, None]))
        decoder.bias.copy_(torch.tensor(-shift / scale))
    exact = x @ E.T @ W.T, np.sqrt((W**2 @ variance) + sigma**2)
    return vae, x, again, exact


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
@pytest.mark.parametrize(("latents", "features"), [(2, 6), (20, 24)])
def test_new_measurements_of_the_same_code_lie_inside_as_often_as_said(latents, features):
    """The likelihood's interval at the posterior mean held 42 % of them at a level of 50 %, with 20 latents."""
    vae, x, again, (mean, deviation) = linear_gaussian(latents, features)
    for level in LEVELS:
        low, high = vae.predict_interval(x, level=level)
        assert ((low <= again) & (again <= high)).mean() == pytest.approx(level, abs=0.02 if level < 0.99 else 0.002)
        assert ((low <= x) & (x <= high)).mean() >= level  # the row itself, from which the code was read
        half = norm.ppf(0.5 + level / 2) * deviation
        assert np.abs((high - low) / 2 / half - 1).mean() < 0.05
        assert np.abs((low + high) / 2 - mean).max() < 0.5 * deviation.max()
    before = vae.decode_interval(vae.transform(x), level=0.5)
    assert ((before[0] <= again) & (again <= before[1])).mean() < 0.49


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_a_rows_interval_is_its_own_and_comes_again():
    vae, x, _, _ = linear_gaussian(2, 6, rows=100)
    low, high = vae.predict_interval(x)
    for rows in (np.arange(100)[::-1], np.array([3])):
        again = vae.predict_interval(x[rows])
        np.testing.assert_allclose(again, [low[rows], high[rows]], rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_an_auto_encoders_interval_is_its_likelihoods():
    x = np.random.RandomState(0).randn(60, 4)
    ae = AE(2, hidden=8, epochs=1, random_state=0).fit(x)
    for found, wanted in zip(ae.predict_interval(x), ae.decode_interval(ae.transform(x)), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("level", [*LEVELS, 1e-6, 1 - 1e-6])
@pytest.mark.parametrize("spread", [0.0, 1.0, 30.0, 1e4])
def test_the_ends_of_a_mixtures_interval_leave_equal_tails(level, spread):
    """One component, many that overlap, and many far apart with gaps between them where no density is."""
    random = np.random.RandomState(1)
    mean, log_variance = spread * random.randn(40, 7), random.uniform(-2, 2, (40, 7))
    p = Gaussian(torch.tensor(mean), torch.tensor(log_variance), 1)
    edges = [edge.numpy() for edge in p.mixture_interval(level)]
    tails = [norm.cdf((edge - mean) * np.exp(-0.5 * log_variance)).mean(axis=0) for edge in edges]
    wanted = (1 - level) / 2
    np.testing.assert_allclose([tails[0], 1 - tails[1]], wanted, rtol=2e-3, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("model", [kind for kind in ESTIMATORS.values() if kind.has_density and not kind.conditional])
def test_trained_models_hold_new_measurements_of_held_out_rows(model):
    random = np.random.RandomState(0)
    W, z = random.randn(2, 10) / np.sqrt(2), random.randn(6000, 2)
    x, again = (z @ W + 0.5 * random.randn(6000, 10) for _ in range(2))
    vae = model(2, hidden=32, likelihood="gaussian:per-feature", epochs=80, random_state=0).fit(x[:4000])
    for rows in (slice(4000, None), slice(0, 2000)):
        for level in LEVELS:
            low, high = vae.predict_interval(x[rows], level=level)
            assert ((low <= again[rows]) & (again[rows] <= high)).mean() == pytest.approx(level, abs=0.02)
