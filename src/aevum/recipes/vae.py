"""The variational auto-encoder."""

from aevum.conditionals import GaussianConditional
from aevum.encoding import Encoding
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.parameters import Gapped, WeightedRate
from aevum.estimators.registry import register
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO, Objective
from aevum.priors import StandardNormal


@register
class VAE(Gapped, WeightedRate, LatentVariableEstimator):
    r"""Variational auto-encoder: codes that follow a prior, so that it can be sampled and has a density.

    .. math:: p(z) = \mathcal N(0, I), \quad q(z|x) = \mathcal N(\mu(x), \operatorname{diag}\sigma^2(x)), \quad
              \max \; \mathbb E_q[\log p(x|z)] - \beta\,\mathrm{KL}(q(z|x)\,\|\,p(z)).

    β = 1 is the evidence lower bound; more gives fewer, more separate active dimensions (β-VAE).

    Source: *Auto-encoding variational Bayes*, D. P. Kingma, M. Welling, ICLR 2014.

    Example:
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=2, random_state=0).fit(digits)
        >>> vae.sample(3, random_state=0).shape, vae.score_samples(digits.x[:5], k=10).shape
        ((3, 8, 8), (5,))
    """

    title = "variational auto-encoder"

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        prior = StandardNormal(parts.latent_dim)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), ELBO()
