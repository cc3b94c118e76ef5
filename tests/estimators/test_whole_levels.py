"""A discretized logistic takes its levels from the data."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from aevum import VAE, load
from aevum.errors import InputError, ModelFileError
from aevum.fitted.parts import Parts

RNG = np.random.default_rng(0)
MARKS = np.clip(np.round(RNG.normal(4.0, 2.0, size=(200, 2))), 0, 8)
TINY = {"latent_dim": 1, "epochs": 100, "learning_rate": 1e-2, "random_state": 0, "likelihood": "discretized_logistic"}
TINY |= {"hidden": 32, "batch_size": 40}


pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")


@pytest.mark.parametrize("dtype", [np.uint8, np.int64, np.float32])
def test_levels_are_those_of_the_data(dtype, tmp_path):
    X = MARKS.astype(dtype)
    vae = VAE(**TINY).fit(X)
    assert "9 levels, from 0 to 8" in vae.likelihood_.reason
    every = np.array(list(itertools.product(range(9), repeat=2))).astype(dtype)
    assert np.exp(vae.score_samples(every, k=300)).sum() == pytest.approx(1.0, abs=0.05)
    drawn = vae.sample(1000, random_state=0)
    assert drawn.dtype == dtype
    assert set(np.unique(drawn)) <= set(range(9))
    np.testing.assert_allclose(drawn.std(0), X.std(0), rtol=0.2)
    mean = vae.reconstruct(X)
    assert mean.min() >= 0.0
    assert mean.max() <= 8.0
    vae.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.likelihood_ == vae.likelihood_
    np.testing.assert_array_equal(again.score_samples(X), vae.score_samples(X))
    with pytest.raises(InputError, match="from 0 to 8"):
        again.score_samples(X + np.asarray(1, dtype))


def test_pixels_have_256_levels_and_older_models_too():
    vae = VAE(**TINY | {"epochs": 1}).fit((15 * MARKS + 10).astype(np.uint8))
    assert vae.parts_.top == 255.0
    assert "256 levels" in vae.likelihood_.reason
    config = vae.parts_.to_config()
    config["likelihood"] = {name: value for name, value in config["likelihood"].items() if name != "top"}
    assert Parts.from_config(config).top == 255.0
    config["likelihood"] |= {"family": "gaussian", "top": 8}
    with pytest.raises(ModelFileError, match="no highest level"):
        Parts.from_config(config)


def test_a_score_is_that_of_the_levels():
    """Two independent columns: no more than their entropy, and about it."""
    X = RNG.integers(0, 9, size=(500, 2))
    assert VAE(**TINY | {"epochs": 60}).fit(X).score(X) == pytest.approx(-2 * np.log(9), abs=0.1)
