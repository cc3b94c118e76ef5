"""Whose draws are whose: fits and samples in threads are those alone, and the caller's generator is never touched."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from torch import nn

from aevum import VAE
from aevum.recipes import ESTIMATORS

RNG = np.random.default_rng(0)
X = RNG.normal(size=(120, 6)).astype(np.float32)
Y = np.arange(120) % 3
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 2, "random_state": 0}
LIKELIHOODS = {
    "gaussian": (X, {}),
    "bernoulli": ((X > 0).astype(np.float32), {"likelihood": "bernoulli"}),
    "dynamic": (1 / (1 + np.exp(-X)), {"likelihood": "bernoulli", "binarize": "dynamic"}),
    "continuous bernoulli": (1 / (1 + np.exp(-X)), {"likelihood": "continuous_bernoulli"}),
    "logistic": ((RNG.uniform(size=X.shape) * 255).astype(np.uint8), {"likelihood": "discretized_logistic"}),
}
pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")


def fitted(kind, x=X, **more):
    model = kind(**{**TINY, **more})
    return model.fit(x, Y) if kind.conditional else model.fit(x)


def given(kind):
    return {"y": Y[:5]} if kind.conditional else {}


def weights(model):
    return torch.cat([value.flatten() for value in model.model_.state_dict().values()])


def at_once(*calls):
    found = [None] * len(calls)

    def run(i):
        found[i] = calls[i]()

    threads = [threading.Thread(target=run, args=(i,)) for i in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


@pytest.fixture(scope="module", params=ESTIMATORS.values(), ids=ESTIMATORS)
def model(request):
    return fitted(request.param)


def test_fits_at_once_are_the_fit_alone(model):
    kind = type(model)
    for other in at_once(*[lambda: fitted(kind)] * 4):
        assert torch.equal(weights(other), weights(model))


def test_samples_at_once_are_the_samples_alone(model):
    def sample(seed):
        return model.sample(5, random_state=seed, **given(type(model)))

    alone = [sample(seed) for seed in range(8)]
    for found, expected in zip(at_once(*[lambda s=s: sample(s) for s in range(8)]), alone, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_fewer_samples_are_the_first_of_more(model):
    y = {"y": 1} if model.conditional else {}
    for mean in (False, True):
        many = model.sample(40, random_state=3, mean=mean, **y)
        for few in (1, 3, 16):
            np.testing.assert_allclose(model.sample(few, random_state=3, mean=mean, **y), many[:few], atol=1e-5)


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_fewer_samples_are_the_first_of_more_under_every_likelihood(name):
    x, options = LIKELIHOODS[name]
    model = fitted(VAE, x, **options)
    few, many = (model.sample(n, random_state=0).astype(np.float64) for n in (3, 40))
    # A last digit of the network may turn a value that is drawn as a whole number.
    assert np.isclose(few, many[:3], atol=1e-5).mean() > 0.9


def test_the_callers_generator_is_left_alone(model, tmp_path):
    kind, y = type(model), given(type(model))
    torch.manual_seed(11)
    before = torch.get_rng_state()
    fitted(kind)
    z = model.transform(X[:5], **y)
    model.encode(X[:5], **y)
    model.reconstruct(X[:5], **y)
    model.inverse_transform(z, **y)
    model.sample(5, **y)
    model.score(X[:5], **y)
    model.distortion_and_rate(X[:5], **y)
    if model.has_density:
        model.score_samples(X[:5], k=3, **y)
        model.importance_sample(X[:5], k=3, **y)
    model.save(tmp_path / "model")
    assert torch.equal(before, torch.get_rng_state())


def test_a_network_of_ones_own_may_draw_and_the_callers_generator_comes_back():
    def pair():
        torch.manual_seed(0)
        return nn.Sequential(nn.Linear(6, 4), nn.Dropout(0.5)), nn.Linear(2, 6)

    torch.manual_seed(12)
    before = torch.get_rng_state()
    networks = [pair() for _ in range(3)]
    torch.set_rng_state(before)
    first = fitted(VAE, network=networks[0], hidden=None)
    assert torch.equal(before, torch.get_rng_state())
    for other in at_once(*[lambda n=n: fitted(VAE, network=n, hidden=None) for n in networks[1:]]):
        assert torch.equal(weights(other), weights(first))


FORK = """
import os, sys, warnings
import numpy as np, torch
from aevum import VAE
warnings.simplefilter("ignore")
torch.set_num_threads(2)
x = np.random.default_rng(0).normal(size=(1000, 64)).astype(np.float32)
model = VAE(latent_dim=2, likelihood="gaussian", epochs=1, random_state=0).fit(x)
expected = model.transform(x)
child = os.fork()
if child == 0:
    os._exit(0 if np.allclose(model.transform(x), expected, atol=1e-5) else 1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.slow
@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="nothing forks here")
def test_a_forked_child_encodes_after_a_fit_with_two_threads():
    # Threads that wait do so asleep: that they spin is slow where others work, and is not what is asked here.
    environment = {**os.environ, "OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive"}
    assert subprocess.run([sys.executable, "-c", FORK], env=environment, timeout=120).returncode == 0
