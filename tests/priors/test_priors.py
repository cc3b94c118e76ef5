"""Learned priors against closed forms, and what they start from."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from aevum.conditionals import BernoulliConditional, Conditional, GaussianConditional
from aevum.distributions import Gaussian, Mixture
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.objectives import ELBO, ImportanceWeightedBound, Scored
from aevum.posteriors import PointMassPosterior
from aevum.priors import MixturePrior, StandardNormal, VampPrior


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def encoder(context: int = 0) -> GaussianConditional:
    return GaussianConditional(MLP((6,), (2,), parameters=2, hidden=(8,), context=context))


def model(posterior: Conditional, prior: Conditional) -> LatentVariableModel:
    return LatentVariableModel(posterior, prior, BernoulliConditional(MLP((2,), (6,), hidden=(8,)), 1))


def rows(n: int = 40) -> torch.Tensor:
    return torch.bernoulli(torch.full((n, 6), 0.4), generator=seeded())


def one_component() -> MixturePrior:
    prior = MixturePrior(2, components=1)
    with torch.no_grad():
        prior.mean.zero_()
        prior.log_variance.zero_()
    return prior


def test_a_mixture_of_one_standard_component_gives_the_bound_of_a_standard_normal() -> None:
    """L_1 has no closed-form rate, so that both are estimates from the same draw."""
    torch.manual_seed(0)
    standard = model(encoder(), StandardNormal(2))
    mixture = LatentVariableModel(standard.posterior, one_component(), standard.likelihood)
    losses = [ImportanceWeightedBound(1)(each, rows(), generator=seeded()).loss for each in (standard, mixture)]
    assert torch.allclose(*losses, atol=1e-5)
    # The ELBO's rate is then an estimate whose mean is the closed form.
    exact = ELBO()(standard, rows(4)).rate
    estimated = ELBO(samples=20_000)(mixture, rows(4), generator=seeded()).rate
    assert torch.allclose(exact, estimated, atol=0.03)


class Constant(Conditional):
    """q(z|x) = N(m, s²), whatever x is."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.Parameter(torch.tensor([0.7, -2.0]))
        self.log_variance = nn.Parameter(torch.tensor([-1.0, 0.5]))

    def forward(self, *context: torch.Tensor | None) -> Gaussian:
        x = context[0]
        assert x is not None
        return Gaussian(self.mean.expand(len(x), -1), self.log_variance.expand(len(x), -1))


@pytest.mark.parametrize("components", [1, 5])
def test_a_vamp_prior_of_a_constant_posterior_is_that_posterior(components: int) -> None:
    posterior = Constant()
    prior = VampPrior(posterior, (6,), components)
    terms = ELBO()(model(posterior, prior), rows(), generator=seeded())
    assert float(terms.rate.detach().abs().max()) < 1e-5  # log q − log p of every draw
    z = torch.randn(9, 2, generator=seeded())
    assert torch.allclose(prior().log_prob(z), Gaussian(posterior.mean, posterior.log_variance).log_prob(z), atol=1e-5)


def test_a_vamp_prior_is_the_mixture_of_the_posteriors_at_its_pseudo_inputs() -> None:
    torch.manual_seed(0)
    posterior = encoder()
    prior = VampPrior(posterior, (6,), 4, bounds=(0.0, 1.0))
    prior.prepare(rows(), None, 40)
    z = torch.randn(9, 2, generator=seeded())
    each = torch.stack([posterior(u[None]).log_prob(z) for u in prior.pseudo_inputs])
    assert torch.allclose(prior().log_prob(z), each.logsumexp(0) - torch.tensor(4.0).log(), atol=1e-5)


def test_pseudo_inputs_begin_at_training_rows_and_keep_to_their_range() -> None:
    x = rows(3)
    prior = VampPrior(encoder(), (6,), 7, bounds=(0.0, 1.0))
    with torch.no_grad():
        prior.prepare(x, None, 3)
    begun = prior.pseudo_inputs
    assert bool(((begun > 0.5) == (x[torch.arange(7) % 3] > 0.5)).all())
    assert bool((begun[0] != begun[3]).any())  # of one row, and not the same
    with torch.no_grad():
        prior.raw += 100.0
    assert float(prior.pseudo_inputs.detach().min()) >= 0.0 and float(prior.pseudo_inputs.detach().max()) <= 1.0
    free = VampPrior(encoder(), (6,), 3)
    with torch.no_grad():
        free.prepare(50.0 * x, None, 3)
    assert float((free.pseudo_inputs - 50.0 * x).detach().abs().max()) < 0.5


class Seen(nn.Module):
    """What an encoding shows of rows: twice as many values."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x, x > 0.5], dim=-1)


def test_pseudo_inputs_are_what_the_encoder_sees() -> None:
    posterior = GaussianConditional(MLP((12,), (2,), parameters=2))
    prior = VampPrior(posterior, (12,), 5, view=Seen())
    with torch.no_grad():
        prior.prepare(rows(), None, 40)
    assert float((prior.pseudo_inputs - Seen()(rows()[:5])).detach().abs().max()) < 0.5


def test_components_of_a_mixture_begin_apart_and_fill_the_unit_gaussian() -> None:
    torch.manual_seed(0)
    p = MixturePrior(20, components=400)()
    gaps = torch.cdist(p.components.mean, p.components.mean).fill_diagonal_(torch.inf)
    assert float(gaps.detach().min()) > 1.0
    assert float(p.mean.detach().abs().max()) < 0.2 and float((p.stddev.detach() - 1.0).abs().max()) < 0.2


@pytest.mark.parametrize("name", ["mixture", "vamp"])
def test_given_y(name: str) -> None:
    """A law for each row of y; a y that says nothing gives the same law everywhere."""
    torch.manual_seed(0)
    y = torch.eye(3)[torch.arange(40) % 3]
    posterior = encoder(context=3)
    prior = MixturePrior(2, 5, 3) if name == "mixture" else VampPrior(posterior, (6,), 5, context=3)
    decoder = BernoulliConditional(MLP((2,), (6,), hidden=(8,), context=3), 1)
    scored = Scored(LatentVariableModel(posterior, prior, decoder), ELBO())
    scored.prepare(rows(), y, 40)
    p = prior(y)
    assert isinstance(p, Mixture) and p.batch_shape == (40,) and p.sample().shape == (40, 2)
    z = torch.zeros(40, 2)
    assert len(p.log_prob(z).detach().unique()) == 3
    scored(rows(), y, 1.0, seeded()).loss.mean().backward()
    assert all(part.grad is not None and bool(part.grad.isfinite().all()) for part in prior.parameters())
    with pytest.raises(TypeError, match="context"):
        prior()
    if isinstance(prior, VampPrior):
        assert prior.condition is not None and bool((prior.condition == y[:5]).all())


@pytest.mark.parametrize("name", ["mixture", "vamp"])
def test_without_a_context_of_its_own_a_prior_is_the_same_for_each_y(name: str) -> None:
    prior = MixturePrior(2, 5) if name == "mixture" else VampPrior(encoder(), (6,), 5)
    p = prior(torch.eye(3))
    assert p.batch_shape == (3,)
    assert torch.allclose(p.log_prob(torch.ones(3, 2)), prior().log_prob(torch.ones(3, 2)))


def test_a_vamp_prior_refuses_a_posterior_that_is_no_gaussian() -> None:
    with pytest.raises(TypeError, match="PointMass"):
        VampPrior(PointMassPosterior(MLP((6,), (2,))), (6,), 3)()
