"""The variational auto-encoder with a VampPrior."""

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
from aevum.priors import VampPrior


@register
class VampVAE(Gapped, WeightedRate, LatentVariableEstimator):
    r"""Variational auto-encoder whose prior is made of its own posteriors, at K learned pseudo-inputs.

    .. math:: p(z) = \frac1K \sum_{k=1}^K q(z|u_k), \qquad
              \max \; \mathbb E_q[\log p(x|z) - \beta\,(\log q(z|x) - \log p(z))], \quad
              q(z|x) = \mathcal N(\mu(x), \operatorname{diag}\sigma^2(x)).

    The best prior for a given encoder is the mixture of its posteriors at all training rows; K pseudo-inputs u, which
    begin at training rows and are learned, stand for it without overfitting. A step encodes them as well as its rows.

    Source: *VAE with a VampPrior*, J. M. Tomczak, M. Welling, AISTATS 2018.

    Example:
        >>> from aevum import VampVAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VampVAE(latent_dim=2, components=20, epochs=2, random_state=0).fit(digits)
        >>> vae.sample(3, random_state=0).shape, vae.score_samples(digits.x[:5], k=10).shape
        ((3, 8, 8), (5,))
    """

    title = "variational auto-encoder with a VampPrior"

    components: int = parameter(
        default=100, text="K, the pseudo-inputs whose posteriors make up the prior.", domain=Whole(1, MAX_WIDTH)
    )

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        prior = VampPrior(
            posterior, parts.seen, self.components, context=parts.context, bounds=parts.range_of_all(encoding),
            view=encoding.view,
        )  # fmt: skip
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), ELBO()
