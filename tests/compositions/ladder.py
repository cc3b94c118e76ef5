"""Two levels of codes: *Ladder variational autoencoders*, C. K. Sønderby et al., NeurIPS 2016."""

import torch
from torch.distributions import Distribution

import aevum
from aevum.conditionals import Conditional, GaussianConditional
from aevum.distributions import from_noise
from aevum.estimators import LatentVariableEstimator, WeightedRate
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.objectives import ELBO
from aevum.priors import StandardNormal


class TwoLevels(Distribution):
    """p(a) p(b|a) over z = (a, b): of a Gaussian, and a function of a that gives another."""

    arg_constraints = {}  # noqa: RUF012
    has_rsample = True

    def __init__(self, first, second):
        self.first, self.second, self.width = first, second, first.event_shape[0]
        super().__init__(first.batch_shape, torch.Size([2 * self.width]), validate_args=False)

    def log_prob(self, value):
        a, b = value.split(self.width, -1)
        return self.first.log_prob(a) + self.second(a).log_prob(b)


@from_noise.register
def _(q: TwoLevels, noise):
    a = from_noise(q.first, noise[..., : q.width])
    return torch.cat([a, from_noise(q.second(a), noise[..., q.width :])], -1)


class Chain(Conditional):
    """c ↦ p(a|c) p(b|a,c)."""

    def __init__(self, first, second):
        super().__init__()
        self.first, self.second = first, second

    def forward(self, *context):
        rest = [part for part in context if part is not None]
        return TwoLevels(
            self.first(*rest),
            lambda a: self.second(torch.cat([a, *(part.flatten(1).expand(*a.shape[:-1], -1) for part in rest)], -1)),
        )


@aevum.register
class Ladder(WeightedRate, LatentVariableEstimator):
    """VAE with two levels of codes."""

    def _compose(self, parts, encoding):
        half = parts.latent_dim // 2

        def gaussian(width):
            return GaussianConditional(MLP((width,), (half,), parameters=2, hidden=(16,)))

        posterior = Chain(gaussian(parts.encoded[0]), gaussian(half + parts.encoded[0]))
        prior = Chain(StandardNormal(half), gaussian(half))
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), ELBO()
