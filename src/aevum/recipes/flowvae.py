"""The variational auto-encoder with a normalizing flow as prior, as posterior, or as both."""

from aevum.conditionals import Conditional, FlowConditional, GaussianConditional
from aevum.conditionals.flow import FLOWS
from aevum.domains import OneOf, Whole
from aevum.encoding import Encoding
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.declaring import parameter
from aevum.estimators.parameters import Gapped, WeightedRate
from aevum.estimators.registry import register
from aevum.fitted.parts import MAX_WIDTH, Parts
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO, Objective
from aevum.posteriors import FlowPosterior
from aevum.priors import StandardNormal

MOST_TRANSFORMS = 64


@register
class FlowVAE(Gapped, WeightedRate, LatentVariableEstimator):
    r"""Variational auto-encoder whose prior is a normalizing flow: codes may follow any law with a density.

    .. math:: \log p(z) = \log \mathcal N(f(z); 0, I) + \log |\det \partial f/\partial z|, \qquad
              \max \; \mathbb E_q[\log p(x|z) - \beta\,(\log q(z|x) - \log p(z))].

    The transforms f are autoregressive, so a density takes one pass of their networks and a draw D. With
    ``posterior="flow"`` q(z|x) is no Gaussian either, but one that couplings bend as the encoder's features say. The
    flows are zuko's: ``pip install 'aevum[flows]'``.

    Source: *Variational lossy autoencoder*, X. Chen et al., ICLR 2017 (flows as priors); *Improved variational
    inference with inverse autoregressive flow*, D. P. Kingma et al., NeurIPS 2016 (as posteriors).

    Example:
        >>> from aevum import FlowVAE, open_data
        >>> digits = open_data("digits")
        >>> vae = FlowVAE(latent_dim=2, transforms=2, epochs=2, random_state=0).fit(digits)
        >>> vae.sample(3, random_state=0).shape, vae.score_samples(digits.x[:5], k=10).shape
        ((3, 8, 8), (5,))
    """

    title = "variational auto-encoder with normalizing flows"

    prior: str = parameter(
        default="flow", text='"flow", or "standard" for N(0, I).', domain=OneOf(("flow", "standard"))
    )
    posterior: str = parameter(default="gaussian", text='"gaussian" or "flow".', domain=OneOf(("gaussian", "flow")))
    flow: str = parameter(
        default="spline",
        text='what a transform does to a value: "spline" (bends it, between −5 and 5) or "affine" (shift and scale).',
        domain=OneOf(tuple(FLOWS)),
    )
    transforms: int = parameter(default=3, text="the transforms of a flow.", domain=Whole(1, MOST_TRANSFORMS))
    flow_width: int = parameter(
        default=64, text="width of the two hidden layers of a transform's network.", domain=Whole(1, MAX_WIDTH)
    )

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        prior: Conditional = StandardNormal(parts.latent_dim)
        if self.prior == "flow":
            prior = self._flow(parts, parts.context, "autoregressive")
        return LatentVariableModel(self._posterior(parts), prior, parts.decoder(self.network, encoding)), ELBO()

    def _posterior(self, parts: Parts) -> Conditional:
        if self.posterior == "gaussian":
            return GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        flow = self._flow(parts, parts.latent_dim, "coupling")
        return FlowPosterior(parts.encoder(self.network, FlowPosterior.per_value), flow)

    def _flow(self, parts: Parts, context: int, form: str) -> FlowConditional:
        return FlowConditional(
            parts.latent_dim, context, kind=self.flow, form=form, transforms=self.transforms, width=self.flow_width
        )
