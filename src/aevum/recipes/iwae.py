"""The importance-weighted auto-encoder."""

from aevum.conditionals import GaussianConditional
from aevum.domains import Whole
from aevum.encoding import Encoding
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.declaring import parameter
from aevum.estimators.parameters import Gapped
from aevum.estimators.registry import register
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.objectives import ImportanceWeightedBound, Objective
from aevum.priors import StandardNormal


@register
class IWAE(Gapped, LatentVariableEstimator):
    r"""Importance-weighted auto-encoder: a VAE that is trained on a tighter bound, with K draws of z for each example.

    .. math:: \max \; \mathbb E\Big[\log \tfrac1K \sum_{k=1}^K \frac{p(x|z_k)\,p(z_k)}{q(z_k|x)}\Big],
              \quad z_k \sim q(z|x) = \mathcal N(\mu(x), \operatorname{diag}\sigma^2(x)), \quad p(z) = \mathcal N(0, I).

    K = 1 is the VAE. With more draws the posterior need not be a Gaussian for the bound to be tight, so the model uses
    more latents and reaches a higher log p(x), at the cost of decoding each example K times a step. What a posterior's
    mean reconstructs is not what is optimised: look at ``score_samples`` to compare with a VAE.

    Source: *Importance weighted autoencoders*, Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016.

    Example:
        >>> from aevum import IWAE, open_data
        >>> digits = open_data("digits")
        >>> iwae = IWAE(latent_dim=2, k=3, epochs=2, random_state=0).fit(digits)
        >>> iwae.sample(3, random_state=0).shape, iwae.score_samples(digits.x[:5], k=10).shape
        ((3, 8, 8), (5,))
    """

    title = "importance-weighted auto-encoder"

    k: int = parameter(default=5, text="K, the draws of z for each example of a step.", domain=Whole(1))

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        prior, objective = StandardNormal(parts.latent_dim), ImportanceWeightedBound(self.k)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), objective
