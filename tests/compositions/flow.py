"""A normalizing flow as posterior: *Improved variational inference with inverse autoregressive flow*, D. P. Kingma et
al., NeurIPS 2016.
"""

import zuko

import aevum
from aevum.conditionals import Conditional
from aevum.estimators import LatentVariableEstimator, WeightedRate
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO
from aevum.priors import StandardNormal


class FlowPosterior(Conditional):
    """q(z|x,y): a masked autoregressive flow given what the network makes of x and y."""

    def __init__(self, network, latent_dim, features):
        super().__init__()
        self.network = network
        self.flow = zuko.flows.MAF(latent_dim, context=latent_dim * features, transforms=2, hidden_features=(16,))

    def forward(self, *context):
        return self.flow(self.network(*context).flatten(-2))


@aevum.register
class FlowPosteriorVAE(WeightedRate, LatentVariableEstimator):
    """VAE whose posterior is a normalizing flow."""

    def _compose(self, parts, encoding):
        posterior = FlowPosterior(parts.encoder(self.network, 4), parts.latent_dim, 4)
        prior = StandardNormal(parts.latent_dim)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), ELBO()


@aevum.register
class ConditionalFlowVAE(FlowPosteriorVAE):
    """The same, conditioned on y."""

    conditional = True
