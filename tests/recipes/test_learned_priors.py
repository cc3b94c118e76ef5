"""VAEs whose prior (or posterior) is learned: all that a fitted model is asked for, on codes that lie in clusters."""

from __future__ import annotations

import pickle
import sys

import numpy as np
import pytest
import torch
from safetensors import safe_open
from sklearn.base import clone

from aevum import VAE, FlowVAE, MixtureVAE, VampVAE, load
from aevum.errors import MissingPackageError
from aevum.evaluation import evaluate
from aevum.fitted import Fitted

SETTINGS = {
    "latent_dim": 2, "network": "mlp", "hidden": (32,), "likelihood": "gaussian:fixed=0.3", "epochs": 25,
    "batch_size": 100, "learning_rate": 1e-2, "validation_fraction": 0.0, "random_state": 0,
}  # fmt: skip
MODELS = {
    "mixture": lambda: MixtureVAE(components=6, **SETTINGS),
    "vamp": lambda: VampVAE(components=12, **SETTINGS),
    "flow": lambda: FlowVAE(transforms=2, flow_width=16, **SETTINGS),
    "affine flow": lambda: FlowVAE(flow="affine", transforms=2, flow_width=16, **SETTINGS),
    "flow posterior": lambda: FlowVAE(posterior="flow", transforms=2, flow_width=16, **SETTINGS),
    "flow posterior alone": lambda: FlowVAE(
        posterior="flow", prior="standard", transforms=2, flow_width=16, **SETTINGS
    ),
}


def clusters(n: int, seed: int) -> np.ndarray:
    """Three of them in five dimensions, round and small beside the distances between them."""
    rng = np.random.default_rng(seed)
    centres = np.array([[4.0, 0, 0, 1, 0], [-2, 3, 0, 0, 1], [-2, -3, 0, 0, -1]])
    return (centres[rng.integers(3, size=n)] + 0.4 * rng.standard_normal((n, 5))).astype(np.float32)


@pytest.fixture(scope="module")
def x():
    return clusters(500, 0)


@pytest.fixture(scope="module")
def standard(x):
    return VAE(**SETTINGS).fit(x)


@pytest.fixture(scope="module", params=MODELS)
def name(request):
    if "flow" in request.param:
        pytest.importorskip("zuko")
    return request.param


@pytest.fixture(scope="module")
def fitted(name, x):
    return MODELS[name]().fit(x)


def test_a_learned_prior_fits_clusters_better_than_a_standard_normal(name, fitted, standard):
    fresh = clusters(300, 1)
    gain = fitted.score(fresh) - standard.score(fresh)
    assert gain > (-0.1 if name == "flow posterior alone" else 0.1)


def test_every_parameter_has_a_finite_gradient(fitted, x):
    value: Fitted = fitted.fitted_
    model = value.model.train()
    terms = value.objective(model, value.encoding(value.tensor(x[:100])), generator=torch.Generator().manual_seed(0))
    terms.loss.mean().backward()
    for part, parameter in model.named_parameters():
        assert parameter.grad is not None and bool(parameter.grad.isfinite().all()), part
        parameter.grad = None
    model.eval()


def test_scores_are_functions_of_the_row(fitted, x):
    scores = fitted.score_samples(x[:20], k=20)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores[:5], fitted.score_samples(x[:5], k=20), atol=1e-3)
    distortion, rate = fitted.distortion_and_rate(x)
    assert (fitted.score_samples(x, k=200) + (distortion + rate)).mean() > 0.0  # the bound is below the evidence
    assert fitted.latent_summary_.total_rate == pytest.approx(float(rate.mean()), abs=1e-3)


def test_samples_lie_in_the_clusters(fitted, name):
    drawn = fitted.sample(400, random_state=1)
    assert drawn.shape == (400, 5) and np.isfinite(drawn).all()
    np.testing.assert_allclose(drawn[:7], fitted.sample(7, random_state=1), atol=1e-3)
    if name != "flow posterior alone":  # N(0, I) draws codes between the clusters, too
        nearest = np.abs(drawn[:, None, :] - clusters(400, 2)).max(-1).min(1)
        assert np.mean(nearest < 1.5) > (0.85 if name in ("vamp", "flow", "flow posterior") else 0.7)


def test_saved_pickled_and_cloned(fitted, x, tmp_path):
    again, pickled = load(fitted.save(tmp_path / "model")), pickle.loads(pickle.dumps(fitted))
    for other in (again, pickled):
        assert (other.score_samples(x[:10], k=10) == fitted.score_samples(x[:10], k=10)).all()
        assert (other.transform(x[:10]) == fitted.transform(x[:10])).all()
        assert (other.sample(5, random_state=0) == fitted.sample(5, random_state=0)).all()
    assert clone(fitted).get_params() == fitted.get_params()


def test_the_law_of_the_codes_is_the_priors_own(fitted):
    law = fitted.law_of_codes()
    drawn = law.sample(20_000, torch.Generator().manual_seed(5), 5)
    mean, deviation = law.moments()
    np.testing.assert_allclose(drawn.mean(0), mean[0], atol=0.05 * deviation[0].max())
    np.testing.assert_allclose(drawn.std(0), deviation[0], rtol=0.05)
    for d in (0, 1):
        shares = np.array([0.1, 0.5, 0.9])
        below = (drawn[:, d] <= law.quantiles(d, shares)[:, None]).mean(1)
        np.testing.assert_allclose(below, shares, atol=0.02)


def test_evaluated_and_walked(fitted, x):
    found = evaluate(fitted, x[:100], k=20)
    assert np.isfinite(found.evidence.mean)
    assert np.isfinite(fitted.traverse(0, n=3, at=x[0]).x).all()


def test_what_two_parts_share_is_saved_once(x, tmp_path):
    """The encoder of a VampPrior is the model's own, also after it was loaded."""
    vamp = MODELS["vamp"]().set_params(epochs=1).fit(x)
    saved = vamp.save(tmp_path / "model")
    with safe_open(saved / "model.safetensors", "np") as file:
        names = set(file.keys())
    assert any(name.startswith("model.posterior.") for name in names)
    assert not any(name.startswith("model.prior.posterior.") for name in names)
    for each in (vamp, load(saved)):
        assert each.model_.prior.posterior is each.model_.posterior


def test_without_its_package_a_model_of_flows_says_what_to_install(x, tmp_path, monkeypatch):
    pytest.importorskip("zuko")
    path = FlowVAE(2, hidden=8, epochs=1, random_state=0).fit(x[:90]).save(tmp_path / "model")
    monkeypatch.setitem(sys.modules, "zuko", None)
    for use in (lambda: load(path), lambda: FlowVAE(2, hidden=8, epochs=1).fit(x[:90])):
        with pytest.raises(MissingPackageError, match="^normalizing flows come from zuko, which is not installed"):
            use()
