"""Objectives as modules: what the loop asks of them, and what a small change of one would change."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from aevum.conditionals import FixedScale, GaussianConditional, ScaledGaussian
from aevum.data.source import ArraySource
from aevum.distributions import draw
from aevum.distributions.gaussian import standard_normal
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.objectives import ELBO, ImportanceWeightedBound, Objective, Opponent, Reconstruction, Scored, Terms
from aevum.priors import StandardNormal
from aevum.training import Settings, train
from aevum.training.groups import Group

D, F = 2, 5
X = np.random.RandomState(0).randn(96, F).astype(np.float32)
SETTINGS = Settings(epochs=3, batch_size=32, learning_rate=1e-2)


def model() -> LatentVariableModel:
    torch.manual_seed(0)
    likelihood = ScaledGaussian(MLP((D,), (F,), hidden=(8,)), FixedScale(torch.tensor(0.0)), 1)
    return LatentVariableModel(
        GaussianConditional(MLP((F,), (D,), parameters=2, hidden=(8,))), StandardNormal(D), likelihood
    )


def rows() -> ArraySource:
    return ArraySource(X, None, None, Tensor.float, torch.device("cpu"))


def fitted(objective: Objective, settings: Settings = SETTINGS) -> tuple[Scored, list]:
    scored = Scored(model(), objective)
    scored.prepare(torch.from_numpy(X[:10]), None, len(X))
    return scored, train(scored, rows(), rows(), settings)


# -------------------------------------------------------------------- β, and what the terms are


@pytest.mark.parametrize("objective", [ELBO(), ELBO(samples=4), ImportanceWeightedBound(1), ImportanceWeightedBound(6)])
@pytest.mark.parametrize("beta", [0.0, 0.5, 1.0, 3.0])
def test_beta_weighs_the_rate(objective: Objective, beta: float) -> None:
    """The loss at β is that of the log-weights log p(x|z) + β log p(z)/q(z), and the gradients are its own."""
    parts, x = model(), torch.from_numpy(X[:20])
    terms = objective(parts, x, beta=beta, generator=torch.Generator().manual_seed(1))
    q, p = parts.infer(x), parts.codes_given()
    draws = getattr(objective, "k", getattr(objective, "samples", 1))
    shape = (draws,) if isinstance(objective, ImportanceWeightedBound) or draws > 1 else ()
    noise = standard_normal((*shape, *q.mean.shape), q.mean, torch.Generator().manual_seed(1))
    z = q.mean + (0.5 * q.log_variance).exp() * noise  # written out, so that what is detached there is missed here
    z = z if shape else z[None]
    log_likelihood, log_ratio = parts.examples_given(z).log_prob(x), p.log_prob(z) - q.log_prob(z)
    distortion = -log_likelihood.mean(0)
    rate = torch.distributions.kl_divergence(q, p)
    loss = distortion + beta * rate
    if isinstance(objective, ImportanceWeightedBound):
        loss = math.log(draws) - (log_likelihood + beta * log_ratio).logsumexp(0)
    for found, wanted in zip(terms[:3], (loss, distortion, rate), strict=True):
        torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)
    parameters = list(parts.parameters())
    ours, wanted = (torch.autograd.grad(t.sum(), parameters, retain_graph=True) for t in (terms.loss, loss))
    for a, b in zip(ours, wanted, strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4)


def test_the_bound_with_one_draw_is_a_one_draw_elbo_on_average() -> None:
    parts, x = model(), torch.from_numpy(X[:20])
    with torch.no_grad():
        bounds = torch.stack([
            ImportanceWeightedBound(1)(parts, x, generator=torch.Generator().manual_seed(seed)).loss
            for seed in range(400)
        ])  # fmt: skip
        elbo = ELBO(samples=400)(parts, x, generator=torch.Generator().manual_seed(9)).loss
    assert ((bounds.mean(0) - elbo).abs() < 6 * bounds.std(0) / 20).all()


def test_an_auto_encoders_loss_is_its_distortion_whatever_beta() -> None:
    parts, x = model(), torch.from_numpy(X[:20])
    terms = Reconstruction()(parts, x, beta=7.0, generator=torch.Generator().manual_seed(0))
    assert torch.equal(terms.loss, terms.distortion) and not terms.rate.any() and terms.loss.requires_grad


# -------------------------------------------------------------------- the clip


def test_the_clip_is_four_times_the_running_norm() -> None:
    weight = nn.Parameter(torch.zeros(1))
    group = Group([weight], Settings(epochs=1, batch_size=1, learning_rate=1.0))
    norms = []
    for gradient in (1.0, 1.0, 100.0):
        weight.grad = torch.tensor([gradient])
        assert group.step(0.0)
        norms.append(float(weight.grad))
    assert norms == pytest.approx([1.0, 1.0, 4.0], rel=1e-5)
    assert group.norm == pytest.approx(0.98 + 0.02 * 4.0, rel=1e-5)


# -------------------------------------------------------------------- what the loop asks


class Penalised(ELBO):
    """An ELBO with a penalty on the encoder's slope, which takes gradients itself."""

    needs_grad = True

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        terms = super().forward(model, x, y, beta=beta, generator=generator)
        x = x.clone().requires_grad_()
        (slope,) = torch.autograd.grad(model.infer(x).mean.sum(), x, create_graph=True)
        slope = slope.square().sum(-1)
        return Terms(terms.loss + 0.1 * slope, terms.distortion, terms.rate, {"slope": slope})


def test_an_objective_that_needs_gradients_has_them_at_validation_too() -> None:
    scored, history = fitted(Penalised())
    assert len(history) == 3 and history[-1]["slope"] > 0 and history[-1]["validation_slope"] > 0
    wanted = Penalised()(scored.model.eval(), torch.from_numpy(X)).extras["slope"].mean()
    best = next(r for r in history if r["epoch"] == history[-1]["best_epoch"])
    assert best["validation_slope"] == pytest.approx(float(wanted.detach()), rel=1e-5)


class Adversarial(ELBO):
    """An ELBO whose codes a discriminator tells from the prior's."""

    def __init__(self) -> None:
        super().__init__()
        self.discriminator = nn.Sequential(nn.Linear(D, 8), nn.ReLU(), nn.Linear(8, 1))
        self.register_buffer("rows", torch.tensor(0))

    def prepare(self, model, x, y, rows):
        self.rows.fill_(rows)

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        terms = super().forward(model, x, y, beta=beta, generator=generator)
        fooled = self.discriminator(draw(model.infer(x), (), generator)).squeeze(-1)
        return Terms(terms.loss + fooled, terms.distortion, terms.rate, {"fooled": fooled})

    def opponents(self):
        return [Opponent(self.discriminator, self.against, learning_rate=0.05)]

    def against(self, model, x, y, generator):
        with torch.no_grad():
            z = draw(model.infer(x), (), generator)
        prior = draw(model.codes_given(), (len(x),), generator)
        logits = torch.cat([self.discriminator(z), self.discriminator(prior)], dim=1)
        return nn.functional.softplus(torch.stack([-logits[:, 0], logits[:, 1]], dim=1)).sum(1)

    def selection(self, terms):
        return terms.distortion + terms.rate


def test_an_opponent_has_an_optimizer_of_its_own() -> None:
    torch.manual_seed(1)
    objective = Adversarial()
    before = {name: value.clone() for name, value in objective.state_dict().items()}
    scored, history = fitted(objective)
    assert int(scored.objective.rows) == len(X)
    after = scored.objective.state_dict()
    assert not torch.equal(before["discriminator.0.weight"], after["discriminator.0.weight"])
    assert math.isfinite(history[-1]["fooled"])
    # What chooses the epoch is the ELBO, not the game's loss.
    assert history[-1]["validation_held"] == pytest.approx(
        history[-1]["validation_distortion"] + history[-1]["validation_rate"], rel=1e-3
    )


def test_the_models_step_leaves_its_opponent_alone() -> None:
    """With an opponent that never moves, its weights are those that it began with: the model's optimizer has not
    got them."""
    torch.manual_seed(1)
    objective = Adversarial()
    objective.opponents = lambda: [Opponent(objective.discriminator, objective.against, learning_rate=0.0)]
    before = objective.discriminator[0].weight.detach().clone()
    fitted(objective, Settings(epochs=2, batch_size=32, learning_rate=1e-2, weight_decay=0.0))
    assert torch.equal(before, objective.discriminator[0].weight.detach())


def test_an_extra_may_not_take_a_records_name() -> None:
    class Bad(ELBO):
        def forward(self, model, x, y=None, *, beta=1.0, generator=None):
            terms = super().forward(model, x, y, beta=beta, generator=generator)
            return terms._replace(extras={"epoch": terms.loss})

    with pytest.raises(TypeError, match="can't be called 'epoch'"):
        fitted(Bad())
