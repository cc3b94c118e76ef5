"""The mean of the weights: its formula, and that it is what is judged and kept."""

import numpy as np
import pytest
import torch
from torch import nn

from aevum import VAE
from aevum.training import Settings
from aevum.training.groups import Group


def group_of(values, every=1, **settings):
    settings = Settings(epochs=1, batch_size=1, learning_rate=0.0, **settings)
    group = Group([nn.Parameter(torch.tensor([values[0]]))], settings, every=every)
    for value in values[1:]:
        with torch.no_grad():
            group.parameters[0].fill_(value)
        group.parameters[0].grad = torch.zeros(1)
        assert group.step(0.0)
    return group


def test_the_mean_weighs_the_steps_by_their_polynomial():
    """w̄ₙ = Σᵢ ρᵢ Πⱼ₍ⱼ﹥ᵢ₎ (1 − ρⱼ) wᵢ with ρₙ = (1 + η)/(n + η), and ρ₁ = 1: the start has no part in it."""
    values = np.random.default_rng(0).normal(size=9)
    group = group_of([100.0, *values], averaging=3.0)
    rates = 4.0 / (np.arange(1, 10) + 3.0)
    weights = [rates[i] * np.prod(1.0 - rates[i + 1 :]) for i in range(9)]
    assert sum(weights) == pytest.approx(1.0)
    with group.averaged():
        assert group.parameters[0].item() == pytest.approx(float(np.dot(weights, values)), abs=1e-6)
    assert group.parameters[0].item() == pytest.approx(values[-1], abs=1e-6)


def test_of_a_long_run_it_is_of_every_few_steps():
    values = np.random.default_rng(0).normal(size=10)
    sparse, plain = group_of([100.0, *values], every=3, averaging=3.0), group_of([100.0, *values[2::3]], averaging=3.0)
    assert torch.equal(sparse.mean[0], plain.mean[0])
    assert group_of([100.0, 1.0, 2.0], every=3).mean[0].item() == 2.0  # until then the weights as they are


def test_without_averaging_the_weights_are_their_own():
    group = group_of([1.0, 2.0, 3.0], averaging=None)
    with group.averaged():
        assert group.parameters[0].item() == 3.0


def test_what_an_error_ends_is_trained_on_where_it_was():
    group = group_of([0.0, 1.0, 5.0])
    with pytest.raises(KeyError), group.averaged():
        raise KeyError
    assert group.parameters[0].item() == 5.0


@pytest.mark.parametrize(("middle", "averaged"), [(nn.BatchNorm1d(8), False), (nn.LayerNorm(8), True)])
def test_a_network_with_running_statistics_is_not_averaged(middle, averaged, monkeypatch):
    """They are those of the weights that went by, and not of their mean."""
    seen, begun = [], Group.__init__

    def watched(self, *given, **more):
        begun(self, *given, **more)
        seen.append(bool(self.mean))

    monkeypatch.setattr(Group, "__init__", watched)
    x = np.random.default_rng(0).random((64, 6)).astype(np.float32)
    network = nn.Sequential(nn.Linear(6, 8), middle), nn.Sequential(nn.Linear(2, 12))
    VAE(latent_dim=2, epochs=1, random_state=0, network=network, likelihood="gaussian:emitted").fit(x)
    assert seen == [averaged]
