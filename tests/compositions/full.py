"""A posterior with a full covariance: PyTorch's own multivariate normal."""

import torch
from torch.distributions import MultivariateNormal
from torch.nn.functional import softplus

import aevum
from aevum.conditionals import Conditional
from aevum.estimators import LatentVariableEstimator, WeightedRate
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO
from aevum.priors import StandardNormal


class FullCovariance(Conditional):
    """N(μ, L Lᵀ): the network emits μ and the rows of L, ``(…, 1 + D, D)``."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, *context):
        emitted = self.network(*context)
        mean, rows = emitted[..., 0, :], emitted[..., 1:, :]
        diagonal = softplus(rows.diagonal(dim1=-2, dim2=-1)) + 1e-3
        return MultivariateNormal(mean, scale_tril=rows.tril(-1) + torch.diag_embed(diagonal))


@aevum.register
class FullVAE(WeightedRate, LatentVariableEstimator):
    """VAE whose posterior has a full covariance."""

    def _compose(self, parts, encoding):
        posterior = FullCovariance(parts.encoder(self.network, 1 + parts.latent_dim))
        prior = StandardNormal(parts.latent_dim)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), ELBO()


@aevum.register
class ConditionalFullVAE(FullVAE):
    """The same, conditioned on y."""

    conditional = True
