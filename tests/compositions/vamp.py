"""VampPrior: *VAE with a VampPrior*, J. M. Tomczak, M. Welling, AISTATS 2018."""

import torch
from torch import nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

import aevum
from aevum.conditionals import Conditional, GaussianConditional
from aevum.estimators import LatentVariableEstimator, WeightedRate, parameter
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO


class VampPrior(Conditional):
    """p(z) = Σ_k w_k q(z | u_k), with pseudo-inputs u_k that start as training rows."""

    def __init__(self, posterior, event, components):
        super().__init__()
        self.posterior = posterior
        self.pseudo_inputs = nn.Parameter(torch.zeros(components, *event))
        self.logits = nn.Parameter(torch.zeros(components))

    def prepare(self, x, y, rows):
        self.pseudo_inputs.copy_(x[torch.arange(len(self.pseudo_inputs)) % len(x)])

    def forward(self, *context):
        q = self.posterior(self.pseudo_inputs)
        return MixtureSameFamily(Categorical(logits=self.logits), Independent(Normal(q.mean, q.stddev), 1))


@aevum.register
class Vamp(WeightedRate, LatentVariableEstimator):
    """VAE whose prior is a mixture of posteriors."""

    components: int = parameter(default=10, text="pseudo-inputs.")

    def _compose(self, parts, encoding):
        posterior = GaussianConditional(parts.encoder(self.network, 2))
        prior = VampPrior(posterior, parts.encoded, self.components)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), ELBO()
