"""The variational auto-encoder with a mixture of Gaussians as prior."""

from aevum.conditionals import GaussianConditional
from aevum.domains import Whole
from aevum.encoding import Encoding
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.declaring import parameter
from aevum.estimators.parameters import Gapped, WeightedRate
from aevum.estimators.registry import register
from aevum.fitted.parts import MAX_WIDTH, Parts
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO, Objective
from aevum.priors import MixturePrior


@register
class MixtureVAE(Gapped, WeightedRate, LatentVariableEstimator):
    r"""Variational auto-encoder whose prior is a learned mixture of Gaussians: codes may lie in clusters.

    .. math:: p(z) = \sum_{k=1}^K \pi_k\, \mathcal N(z; \mu_k, \operatorname{diag}\sigma_k^2), \qquad
              \max \; \mathbb E_q[\log p(x|z) - \beta\,(\log q(z|x) - \log p(z))], \quad
              q(z|x) = \mathcal N(\mu(x), \operatorname{diag}\sigma^2(x)).

    The rate has no closed form and is estimated from the same draw of z. One component is N(μ, diag σ²), with which a
    VAE can do no more than with N(0, I).

    Source: *Approximate inference for deep latent Gaussian mixtures*, E. Nalisnick, L. Hertel, P. Smyth, NeurIPS
    workshop on Bayesian deep learning, 2016; as a baseline in *VAE with a VampPrior*, J. M. Tomczak, M. Welling,
    AISTATS 2018.

    Example:
        >>> from aevum import MixtureVAE, open_data
        >>> digits = open_data("digits")
        >>> vae = MixtureVAE(latent_dim=2, components=5, epochs=2, random_state=0).fit(digits)
        >>> vae.sample(3, random_state=0).shape, vae.score_samples(digits.x[:5], k=10).shape
        ((3, 8, 8), (5,))
    """

    title = "variational auto-encoder with a mixture prior"

    components: int = parameter(default=50, text="K, the Gaussians of the prior.", domain=Whole(1, MAX_WIDTH))

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        prior = MixturePrior(parts.latent_dim, self.components)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), ELBO()
