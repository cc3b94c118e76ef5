"""β-TCVAE: *Isolating sources of disentanglement in VAEs*, R. T. Q. Chen et al., NeurIPS 2018."""

import math

import torch

import aevum
from aevum.conditionals import GaussianConditional
from aevum.distributions import Gaussian, draw, exact_divergence
from aevum.estimators import LatentVariableEstimator, WeightedRate, parameter
from aevum.model import LatentVariableModel
from aevum.objectives import Objective, Terms
from aevum.priors import StandardNormal


class TotalCorrelation(Objective):
    """−ELBO + γ KL(q(z) ‖ Π q(z_d)), both q's by minibatch-weighted sampling, which needs the number of rows."""

    def __init__(self, gamma):
        super().__init__()
        self.gamma = gamma
        self.register_buffer("rows", torch.tensor(1.0))

    def prepare(self, model, x, y, rows):
        self.rows.fill_(rows)

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        q = model.infer(x, y, generator=generator)
        z = draw(q, (), generator)
        rate = exact_divergence(q, model.codes_given(y))
        each = Gaussian(q.mean, q.log_variance, event_dim=0).log_prob(z[:, None, :])  # of code i under row j, (N, N, D)
        weight = self.rows.log() + math.log(len(x))
        joint, marginals = each.sum(-1).logsumexp(1) - weight, (each.logsumexp(1) - weight).sum(-1)
        correlation = joint - marginals
        distortion = -model.examples_given(z, y).log_prob(x)
        loss = distortion + beta * rate + self.gamma * correlation
        return Terms(loss, distortion, rate, {"total_correlation": correlation})


@aevum.register
class BetaTC(WeightedRate, LatentVariableEstimator):
    """VAE with a penalty on total correlation."""

    gamma: float = parameter(default=2.0, text="weight of the total correlation.")

    def _compose(self, parts, encoding):
        posterior = GaussianConditional(parts.encoder(self.network, 2))
        model = LatentVariableModel(posterior, StandardNormal(parts.latent_dim), parts.decoder(self.network, encoding))
        return model, TotalCorrelation(self.gamma)
