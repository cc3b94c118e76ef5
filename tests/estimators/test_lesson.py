"""A copy of a fitted model that learns on: what it minimises, what pulls at its codes, and that the run stays."""

import warnings

import numpy as np
import pytest
import torch

from aevum import AE, CVAE, DAE, IWAE, VAE, FlowVAE, MixtureVAE, VampVAE
from aevum.distributions import draw
from aevum.errors import InputError, TrainingError
from aevum.estimators.lesson import Lesson
from aevum.fitted.pulls import HALF, pulls
from aevum.fitted.scoring import keyed_blocks
from aevum.objectives import Reconstruction

pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning", "ignore::aevum.errors.CollapseWarning")
SMALL = {"hidden": 16, "epochs": 8, "random_state": 0}
RNG = np.random.default_rng(0)
# A curve in five dimensions, with noise.
T = RNG.uniform(-2, 2, size=300)
X = np.stack([T, T**2, np.sin(2 * T), np.cos(T), 0.5 * T], axis=1) + RNG.normal(size=(300, 5)) * 0.1
X = X.astype(np.float32)
Y = (T > 0).astype(int)
KINDS = {
    "AE": AE(2, **SMALL),
    "DAE": DAE(2, **SMALL),
    "VAE": VAE(2, **SMALL),
    "wide": VAE(64, **SMALL),
    "CVAE": CVAE(2, **SMALL),
    "learned prior": CVAE(2, prior="learned", **SMALL),
    "IWAE": IWAE(2, k=3, **SMALL),
    "MixtureVAE": MixtureVAE(2, components=3, **SMALL),
    "VampVAE": VampVAE(1, **SMALL),
    "flow prior": FlowVAE(2, transforms=1, flow_width=8, **SMALL),
    "flow posterior": FlowVAE(2, posterior="flow", prior="standard", transforms=1, flow_width=8, **SMALL),
}
fitted = {}


def model(name):
    """Each is fitted once."""
    if name not in fitted:
        kind = KINDS[name]
        fitted[name] = kind.fit(X, Y) if kind.conditional else kind.fit(X)
    return fitted[name]


def lesson(name, rows=slice(None), **more):
    found = model(name)
    return Lesson(found, X[rows], Y[rows] if found.conditional else None, **more)


def learned(found, steps, beta=1.0, noisy=True):
    for _ in range(steps):
        found.learn(beta, noisy=noisy)
    return found.look(beta, noisy=noisy, pulled=True)


def weights(estimator):
    parts = torch.nn.ModuleList([estimator.fitted_.model, estimator.fitted_.objective])
    return {name: value.clone() for name, value in parts.state_dict().items()}


@pytest.mark.parametrize("name", KINDS)
def test_every_model_learns_on_and_the_run_stays_as_it_was(name):
    estimator = model(name)
    before = weights(estimator)
    y = Y if estimator.conditional else None
    codes = estimator.transform(X, y)
    found = lesson(name)
    first = found.look(pulled=True)
    np.testing.assert_allclose(first.mean, codes, atol=1e-5)
    distortion, rate = estimator.distortion_and_rate(X, y)
    np.testing.assert_allclose(first.terms[:2], [distortion.mean(), rate.mean()], rtol=2e-2, atol=0.2)
    look = learned(found, 2 * found.steps_per_epoch)
    assert found.step == 2 * found.steps_per_epoch and np.isfinite([*look.terms]).all()
    assert look.pulls.rate.shape == look.pulls.distortion.shape == (48, estimator.parts_.latent_dim)
    assert np.abs(look.mean - first.mean).max() > 1e-4
    for noisy in (True, False):
        assert found.made(slice(4), noisy=noisy).shape == (4, 5)
    assert found.weighs_rate == estimator.has_density and found.has_noise == estimator.has_density
    after = weights(estimator)
    assert all(torch.equal(before[each], after[each]) for each in before)
    np.testing.assert_array_equal(estimator.transform(X, y), codes)


@pytest.mark.parametrize("name", ["VAE", "CVAE", "IWAE", "MixtureVAE", "flow posterior"])
def test_without_the_rate_sigma_falls_and_the_rate_grows(name):
    first = (found := lesson(name)).look()
    look = learned(found, 120, beta=0.0)
    assert np.median(look.deviation) < 0.75 * np.median(first.deviation)
    assert look.terms.rate > first.terms.rate + 0.5 and look.terms.distortion < first.terms.distortion + 0.5
    assert learned(found, 80, beta=1.0).terms.rate < look.terms.rate - 0.3


def test_a_large_beta_collapses_the_posterior():
    look = learned(lesson("VAE"), 250, beta=100.0)
    assert look.terms.rate < 0.1 and np.median(look.deviation) > 0.9


def test_the_same_seed_gives_the_same_curve_and_another_another():
    curves = [learned(lesson("VAE", seed=seed), 20).terms for seed in (0, 0, 1)]
    assert curves[0] == curves[1] != curves[2]


def test_what_is_asked_on_the_way_changes_nothing():
    alone, watched = lesson("VAE"), lesson("VAE")
    for _ in range(12):
        watched.learn(1.0)
        watched.look(pulled=True)
    assert learned(alone, 12).terms == watched.look().terms


def test_without_noise_it_is_an_auto_encoder_of_the_same_networks():
    found = lesson("VAE")
    x = found.source.take(torch.arange(20))[0]
    inner = found.estimator.fitted_.model
    with torch.no_grad():
        loss = found.silent(x, None, 1.0).loss
        expected = -inner.log_likelihood(x, inner.infer(x).mean)
    torch.testing.assert_close(loss, expected)
    assert isinstance(found.silent.objective, Reconstruction)
    first = found.look().terms
    look = learned(found, 100, noisy=False)
    # Codes fit to be read without noise; how they are spread no longer counts.
    assert look.terms.still < first.still and not look.pulls.rate.any()
    assert look.terms.still < look.terms.distortion


def test_the_rate_pulls_to_the_prior_in_closed_form():
    found = lesson("VAE").look(0.7, pulled=True)
    np.testing.assert_allclose(found.pulls.rate, -0.7 * found.mean[:48], atol=1e-4)


@pytest.mark.parametrize("name", ["VAE", "CVAE", "MixtureVAE", "VampVAE", "AE", "flow prior"])
def test_pulls_are_slopes_of_the_terms(name):
    """Against finite differences of the mean over the same draws."""
    estimator = model(name)
    fit, rows = estimator.fitted_, X[:6]
    y = estimator.context_.encode(Y[:6], 6) if estimator.conditional else None
    found = pulls(fit, rows, y)
    with torch.no_grad():
        (block,) = keyed_blocks(fit, rows, y, 0)
        noise = block.noise(0, HALF)
        z = torch.cat([draw(block.q, (HALF,), noise=each) for each in (noise, -noise)])
        for d in range(z.shape[-1]):
            step = torch.zeros(z.shape[-1])
            step[d] = 5e-3
            ends = [fit.model.log_likelihood(block.x, z + sign * step, block.context).mean(0) for sign in (1, -1)]
            np.testing.assert_allclose(found.distortion[:, d], (ends[0] - ends[1]) / 1e-2, rtol=2e-2, atol=2e-2)
            if estimator.has_density:
                p = fit.model.codes_given(block.context)
                ends = [p.log_prob(z + sign * step).mean(0) for sign in (1, -1)]
                np.testing.assert_allclose(found.rate[:, d], (ends[0] - ends[1]) / 1e-2, rtol=2e-2, atol=2e-2)


def test_counts_gaps_and_pictures_learn_on_too(digits):
    counts = RNG.poisson(np.exp(X[:, :3] * 0.5) * 4)
    gaps = X.copy()
    gaps[::3, 1] = np.nan
    for rows, more in ((counts, {"likelihood": "poisson"}), (gaps, {}), (digits.x[:200], {"network": "convolutional"})):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            estimator = VAE(2, **{**SMALL, "hidden": None, "epochs": 2, **more}).fit(rows)
        found = Lesson(estimator, rows)
        look = learned(found, 5)
        assert np.isfinite(look.terms.distortion) and found.made(slice(3), noisy=True).shape == (3, *rows.shape[1:])


def test_what_can_not_be_learned_from_is_said():
    with pytest.raises(InputError, match="conditioned on y"):
        Lesson(model("CVAE"), X)
    with pytest.raises(InputError, match="features|shape"):
        Lesson(model("VAE"), X[:, :3])
    found = lesson("VAE")
    with torch.no_grad():
        for p in found.estimator.fitted_.model.parameters():
            p.fill_(torch.nan)
    with pytest.raises(TrainingError, match="not finite"):
        learned(found, 10)


def test_it_learns_where_gradients_are_off():
    found = lesson("VAE")
    with torch.inference_mode():
        look = learned(found, 3)
    assert look.terms == learned(lesson("VAE"), 3).terms
