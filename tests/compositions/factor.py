"""FactorVAE: *Disentangling by factorising*, H. Kim, A. Mnih, ICML 2018."""

import torch
from torch.nn.functional import softplus

import aevum
from aevum.conditionals import GaussianConditional
from aevum.distributions import draw
from aevum.estimators import LatentVariableEstimator, WeightedRate, parameter
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.objectives import Objective, Opponent, Terms, distortion_and_rate
from aevum.priors import StandardNormal


class Adversarial(Objective):
    """−ELBO + γ TC, with TC the logit of a discriminator between codes and codes of permuted dimensions."""

    def __init__(self, latent_dim, gamma):
        super().__init__()
        self.gamma = gamma
        self.discriminator = MLP((latent_dim,), (1,), hidden=(32, 32))

    def logit(self, z):
        return self.discriminator(z).flatten(1).squeeze(1)

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        q = model.infer(x, y, generator=generator)
        distortion, rate = distortion_and_rate(model, q, x, y, generator=generator)
        correlation = self.logit(draw(q, (), generator))
        loss = distortion + beta * rate + self.gamma * correlation
        return Terms(loss, distortion, rate, {"total_correlation": correlation})

    def selection(self, terms):
        return terms.distortion + terms.rate

    def opponents(self):
        return [Opponent(self.discriminator, self.discrimination, learning_rate=1e-3)]

    def discrimination(self, model, x, y, generator):
        z = draw(model.infer(x, y), (), generator).detach()
        random = torch.rand(z.shape, generator=generator, device=z.device)
        permuted = z.gather(0, random.argsort(dim=0))
        return softplus(-self.logit(z)) + softplus(self.logit(permuted))


@aevum.register
class Factor(WeightedRate, LatentVariableEstimator):
    """VAE that plays against a discriminator."""

    gamma: float = parameter(default=2.0, text="weight of the total correlation.")

    def _compose(self, parts, encoding):
        posterior = GaussianConditional(parts.encoder(self.network, 2))
        model = LatentVariableModel(posterior, StandardNormal(parts.latent_dim), parts.decoder(self.network, encoding))
        return model, Adversarial(parts.latent_dim, self.gamma)
