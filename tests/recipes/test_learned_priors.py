"""VAEs whose prior (or posterior) is learned: all that a fitted model is asked for, on codes that lie in clusters."""

from __future__ import annotations

import pickle
import sys
from functools import partial

import numpy as np
import pytest
import torch
from safetensors import safe_open
from scipy.integrate import trapezoid
from sklearn.base import clone

from aevum import CVAE, VAE, FlowVAE, MixtureVAE, VampVAE, load
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
    "flow given y": lambda: CVAE(prior="flow", **SETTINGS),
}


def clusters(n: int, seed: int) -> np.ndarray:
    """Three of them in five dimensions, round and small beside the distances between them."""
    rng = np.random.default_rng(seed)
    centres = np.array([[4.0, 0, 0, 1, 0], [-2, 3, 0, 0, 1], [-2, -3, 0, 0, -1]])
    return (centres[rng.integers(3, size=n)] + 0.4 * rng.standard_normal((n, 5))).astype(np.float32)


def given(model, n: int) -> dict:
    """What a conditional model is asked with: all clusters are one class, so that y explains none of them."""
    return {"y": np.zeros(n, int)} if model.conditional else {}


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
    model = MODELS[name]()
    return model.fit(x, **given(model, len(x)))


def test_a_learned_prior_fits_clusters_better_than_a_standard_normal(name, fitted, standard):
    fresh = clusters(300, 1)
    gain = fitted.score(fresh, **given(fitted, 300)) - standard.score(fresh)
    assert gain > (-0.1 if name == "flow posterior alone" else 0.1)


def test_every_parameter_has_a_finite_gradient(fitted, x):
    value: Fitted = fitted.fitted_
    model, context = value.model.train(), torch.ones(100, 1) if fitted.conditional else None
    seen = value.encoding(value.tensor(x[:100]))
    terms = value.objective(model, seen, context, generator=torch.Generator().manual_seed(0))
    terms.loss.mean().backward()
    for part, parameter in model.named_parameters():
        assert parameter.grad is not None and bool(parameter.grad.isfinite().all()), part
        parameter.grad = None
    model.eval()


def test_scores_are_functions_of_the_row(fitted, x):
    y, every = given(fitted, 5), given(fitted, len(x))
    scores = fitted.score_samples(x[:20], **given(fitted, 20), k=20)
    assert np.isfinite(scores).all()
    np.testing.assert_allclose(scores[:5], fitted.score_samples(x[:5], **y, k=20), atol=1e-3)
    distortion, rate = fitted.distortion_and_rate(x, **every)
    evidence = fitted.score_samples(x, **every, k=200)
    assert (evidence + (distortion + rate)).mean() > 0.0  # the bound is below it
    assert fitted.latent_summary_.total_rate == pytest.approx(float(rate.mean()), abs=1e-3)


def test_samples_lie_in_the_clusters(fitted, name):
    drawn = fitted.sample(400, **given(fitted, 400), random_state=1)
    assert drawn.shape == (400, 5) and np.isfinite(drawn).all()
    np.testing.assert_allclose(drawn[:7], fitted.sample(7, **given(fitted, 7), random_state=1), atol=1e-3)
    if name != "flow posterior alone":  # N(0, I) draws codes between the clusters, too
        nearest = np.abs(drawn[:, None, :] - clusters(400, 2)).max(-1).min(1)
        assert np.mean(nearest < 1.5) > (0.85 if name in ("vamp", "flow", "flow posterior", "flow given y") else 0.7)


def test_saved_pickled_and_cloned(fitted, x, tmp_path):
    again, pickled = load(fitted.save(tmp_path / "model")), pickle.loads(pickle.dumps(fitted))
    y, five = given(fitted, 10), given(fitted, 5)
    for other in (again, pickled):
        assert (other.score_samples(x[:10], **y, k=10) == fitted.score_samples(x[:10], **y, k=10)).all()
        assert (other.transform(x[:10], **y) == fitted.transform(x[:10], **y)).all()
        assert (other.sample(5, **five, random_state=0) == fitted.sample(5, **five, random_state=0)).all()
    assert clone(fitted).get_params() == fitted.get_params()


def test_the_law_of_the_codes_is_the_priors_own(fitted):
    law = fitted.law_of_codes(**given(fitted, 1))
    drawn = law.sample(20_000, torch.Generator().manual_seed(5), 5)
    mean, deviation = law.moments()
    np.testing.assert_allclose(drawn.mean(0), mean[0], atol=0.05 * deviation[0].max())
    np.testing.assert_allclose(drawn.std(0), deviation[0], rtol=0.05)
    for d in (0, 1):
        shares = np.array([0.1, 0.5, 0.9])
        below = (drawn[:, d] <= law.quantiles(d, shares)[:, None]).mean(1)
        np.testing.assert_allclose(below, shares, atol=0.02)


def test_evaluated_and_walked(fitted, x):
    found = evaluate(fitted, x[:100], **given(fitted, 100), k=20)
    assert np.isfinite(found.evidence.mean)
    assert np.isfinite(fitted.traverse(0, n=3, at=x[0], **given(fitted, 1)).x).all()


def two_of_each_class(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Classes of two clusters each, crosswise: the middle, between all of them, is empty."""
    rng = np.random.default_rng(seed)
    corners = np.array([[4.0, 0, 1, 0], [-4, 0, 0, 1], [0, 4, -1, 0], [0, -4, 0, -1]])
    which = rng.integers(4, size=n)
    return (corners[which] + 0.4 * rng.standard_normal((n, 4))).astype(np.float32), which // 2


@pytest.mark.slow
def test_a_class_of_two_clusters_is_drawn_from_both_and_not_between():
    """Where one Gaussian a class cannot: a flow given y has another shape for each class."""
    x, y = two_of_each_class(600, 0)
    fresh, classes = two_of_each_class(300, 1)
    near, score = {}, {}
    for prior in ("learned", "flow"):
        model = CVAE(prior=prior, **SETTINGS).fit(x, y)
        score[prior] = model.score(fresh, classes)
        drawn = [model.sample(400, y=label, random_state=1) for label in (0, 1)]
        apart = [np.abs(each[:, None] - x[y == label]).max(-1).min(1) for label, each in enumerate(drawn)]
        near[prior] = [float(np.mean(distance < 1.5)) for distance in apart]
        if prior == "flow":  # as often from one of its class's clusters as from the other
            halves = [np.mean(each[:, label] > 0) for label, each in enumerate(drawn)]
            np.testing.assert_allclose(halves, 0.5, atol=0.12)
    assert min(near["flow"]) > 0.9 > max(near["learned"]) + 0.05, near
    assert score["flow"] > score["learned"] + 0.1, score


def test_the_density_given_each_class_integrates_to_one():
    x, y = two_of_each_class(400, 0)
    model = CVAE(prior="flow", **{**SETTINGS, "latent_dim": 1}).fit(x, y)
    z = np.linspace(-12.0, 12.0, 4801)
    densities = [np.exp(model.law_of_codes(label).log_density(z[:, None])) for label in (0, 1)]
    np.testing.assert_allclose([trapezoid(density, z) for density in densities], 1.0, atol=2e-3)
    assert trapezoid(np.abs(densities[0] - densities[1]), z) > 0.2


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
    small = {"latent_dim": 2, "hidden": 8, "epochs": 1, "random_state": 0}
    models = {"vae": FlowVAE(**small), "cvae": CVAE(prior="flow", **small)}
    paths = [model.fit(x[:90], **given(model, 90)).save(tmp_path / name) for name, model in models.items()]
    monkeypatch.setitem(sys.modules, "zuko", None)
    loads = [partial(load, path) for path in paths]
    fits = [partial(model.fit, x[:90], **given(model, 90)) for model in models.values()]
    for use in (*loads, *fits):
        with pytest.raises(MissingPackageError, match="^normalizing flows come from zuko, which is not installed"):
            use()
