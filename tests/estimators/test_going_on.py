"""A fitted model that is trained on: on all rows again, or by one pass over each part of them."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pandas as pd
import pytest
import torch

from aevum import AE, VAE, InputError, TrainingError, load, open_data
from aevum.recipes import ESTIMATORS

pytestmark = pytest.mark.usefixtures("asked_anew")
SMALL = {"latent_dim": 2, "hidden": 16, "random_state": 0}
RANDOM = np.random.default_rng(0)
X = np.tanh(RANDOM.normal(size=(600, 3)) @ RANDOM.normal(size=(3, 6))) + 0.1 * RANDOM.normal(size=(600, 6))
Y = (X[:, 0] > 0).astype(int)


def given(model, rows=slice(None)):
    return (X[rows], Y[rows]) if model.conditional else (X[rows],)


def weights(model):
    return {name: value.clone() for name, value in model.fitted_.model.state_dict().items()}


def are_equal(one, two):
    return one.keys() == two.keys() and all(torch.equal(value, two[name]) for name, value in one.items())


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_every_model_learns_by_parts(name):
    """What a pass over each part brings is no worse than the first part alone, and all methods work on it."""
    model = ESTIMATORS[name](**SMALL)
    losses = []
    for _ in range(4):
        for part in (slice(0, 200), slice(200, 400), slice(400, 600)):
            model.partial_fit(*given(model, part))
            losses.append(model.history_[-1]["loss"])
    assert [record["epoch"] for record in model.history_] == list(range(1, 13))
    assert np.isfinite(losses).all() and np.mean(losses[-3:]) < np.mean(losses[:3]) + 0.05
    assert model.transform(*given(model)).shape == (600, 2)
    again = pickle.loads(pickle.dumps(model))
    one, two = (each.partial_fit(*given(each, slice(0, 200))) for each in (model, again))
    assert are_equal(weights(one), weights(two))


def test_parts_learn_what_a_fit_learns():
    """In as many steps, to within a nat."""
    whole = VAE(**SMALL, epochs=30, batch_size=50).fit(X)
    parts = VAE(**SMALL, batch_size=50)
    for _ in range(30):
        for part in np.array_split(X, 3):
            parts.partial_fit(part)
    assert parts.score(X) > whole.score(X) - 1.0


def test_a_later_part_has_the_columns_and_labels_of_the_first():
    model = VAE(**SMALL).partial_fit(pd.DataFrame(X[:100], columns=list("abcdef")))
    before = weights(model)
    with pytest.raises(ValueError, match="feature names"):
        model.partial_fit(pd.DataFrame(X[:100, :4], columns=list("abcd")))
    with pytest.raises(ValueError):
        model.partial_fit(pd.DataFrame(X[:100], columns=list("abcdeg")))
    labelled = ESTIMATORS["CVAE"](**SMALL).partial_fit(X[:100], Y[:100])
    with pytest.raises(InputError, match="unknown label 2"):
        labelled.partial_fit(X[:100], Y[:100] + 1)
    assert are_equal(before, weights(model)) and len(model.history_) == 1


def test_columns_of_words_and_weights_come_in_parts():
    frame = pd.DataFrame({"size": X[:, 0], "kind": np.where(Y, "long", "short")})
    model = VAE(latent_dim=1, random_state=0)
    for part in (frame[:300], frame[300:]):
        model.partial_fit(part, sample_weight=np.linspace(0.5, 1.5, 300))
    assert set(model.sample(50, random_state=0)["kind"]) <= {"long", "short"}


def test_moments_and_the_weights_behind_the_mean_go_from_part_to_part():
    """Two passes are not two first passes: steps go on from the weights, not from their mean."""
    model = AE(**SMALL).partial_fit(X)
    fresh = copy.deepcopy(model)
    del fresh.momentum_
    assert not are_equal(weights(model.partial_fit(X)), weights(fresh.partial_fit(X)))


def test_a_saved_model_learns_on(tmp_path):
    model = VAE(**SMALL).partial_fit(X[:300])
    again = load(model.save(tmp_path / "m"))
    before = again.score(X)
    for _ in range(10):
        again.partial_fit(X)
    assert again.score(X) > before


@pytest.mark.parametrize("name", list(ESTIMATORS))
def test_every_model_is_trained_on_where_it_was(name):
    kind = ESTIMATORS[name]
    model = kind(**SMALL, epochs=3, warm_start=True).fit(*given(kind))
    encoding, first = model.encoding_, model.history_[-1]
    model.set_params(epochs=2).fit(*given(kind))
    assert model.encoding_ is encoding and len(model.history_) == 2
    assert model.history_[0]["loss"] < first["loss"] + 0.5


def test_what_is_no_better_than_before_is_not_kept():
    """Of a model that is as good as it gets."""
    model = VAE(**SMALL, epochs=60, warm_start=True).fit(X)
    before, score = weights(model), model.score(X)
    model.set_params(epochs=1, learning_rate=0.3).fit(X)
    assert model.history_[-1]["best_epoch"] == 0 and are_equal(before, weights(model))
    assert model.score(X) == pytest.approx(score)


@pytest.mark.slow
def test_without_warm_start_a_fit_begins_anew():
    one = VAE(**SMALL, epochs=20).fit(X)
    first = weights(one)
    assert are_equal(first, weights(one.fit(X)))
    assert not are_equal(first, weights(VAE(**SMALL, epochs=20, warm_start=True).fit(X).fit(X)))


def test_another_model_cannot_be_trained_on():
    model = VAE(**SMALL, epochs=1, warm_start=True).fit(X)
    with pytest.raises(InputError, match="latent_dim is 3, and the fitted model has 2"):
        model.set_params(latent_dim=3).fit(X)
    with pytest.raises(InputError, match="hidden is"):
        model.set_params(latent_dim=2, hidden=8).fit(X)
    with pytest.raises(InputError, match="features"):
        model.set_params(hidden=16).fit(X[:, :3])


def test_a_pass_that_diverges_loses_nothing(monkeypatch):
    model = VAE(**SMALL).partial_fit(X)
    before = weights(model)
    monkeypatch.setattr("aevum.training.groups.Group.step", lambda self, loss: self.__dict__.update(bad=9) or False)
    with pytest.raises(TrainingError):
        model.partial_fit(X)
    assert are_equal(before, weights(model)) and len(model.history_) == 1


def test_a_data_set_by_its_name_and_pictures():
    digits = open_data("digits")
    model = AE(latent_dim=2, hidden=8, random_state=0).partial_fit(digits.x[:300]).partial_fit("digits")
    assert model.transform(digits.x).shape == (1797, 2)
