"""The conditional variational auto-encoder."""

from aevum.conditionals import Conditional, FlowConditional, GaussianConditional
from aevum.domains import OneOf
from aevum.encoding import Encoding
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.declaring import parameter
from aevum.estimators.parameters import Gapped, WeightedRate
from aevum.estimators.registry import register
from aevum.fitted.context import CONDITIONS
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.objectives import ELBO, Objective
from aevum.priors import StandardNormal

PRIOR_WIDTH = 64
# What drew MNIST's digits best: benchmarks/mnist_cvae.py.
FLOW_TRANSFORMS, FLOW_WIDTH = 3, 128


@register
class CVAE(Gapped, WeightedRate, LatentVariableEstimator):
    r"""Conditional variational auto-encoder: a VAE of x given y, so that a class can be asked for.

    .. math:: p(x|y) = \int p(z|y)\,p(x|z,y)\,dz, \qquad
              \max \; \mathbb E_{q(z|x,y)}[\log p(x|z,y)] - \beta\,\mathrm{KL}(q(z|x,y)\,\|\,p(z|y)).

    y is given to encoder and decoder: labels of any type as one-hot vectors, real-valued vectors standardised, and the
    columns of a DataFrame or a dictionary each of its own kind, so ``sample(9, y={"kind": "a", "angle": 15})``. Every
    method that reads X then needs y too. In a scikit-learn pipeline, ``fit`` passes y on; for ``transform`` request it
    by ``set_transform_request(y=True)`` with metadata routing enabled.

    With ``prior="flow"`` p(z|y) takes whatever shape the codes of a class have, so that a draw lies among them: three
    autoregressive spline transforms, whose networks of two layers of 128 units are given y.

    Source: *Semi-supervised learning with deep generative models*, D. P. Kingma et al., NeurIPS 2014; *Learning
    structured output representation using deep conditional generative models*, K. Sohn, H. Lee, X. Yan, NeurIPS 2015;
    flows as priors: *Variational lossy autoencoder*, X. Chen et al., ICLR 2017.

    Example:
        >>> from aevum import CVAE, open_data
        >>> digits = open_data("digits")
        >>> cvae = CVAE(latent_dim=4, epochs=2, random_state=0).fit(digits.x, digits.y)
        >>> cvae.sample(3, y=7, random_state=0).shape, cvae.transform(digits.x, digits.y).shape
        ((3, 8, 8), (1797, 4))
    """

    title = "conditional variational auto-encoder"
    conditional = True

    condition: str = parameter(
        default="auto",
        text='"label" for classes, "vector" for quantities, or "auto": numbers are a quantity where they have '
        "fractions, several columns, or over 50 different floats; columns with names are each of their own kind.",
        domain=OneOf(CONDITIONS),
    )
    prior: str = parameter(
        default="standard",
        text='"standard" for p(z|y) = N(0, I), "learned" for a Gaussian whose mean and variance depend on y, or "flow" '
        "for a normalizing flow given y, which takes zuko: pip install 'aevum[flows]'.",
        domain=OneOf(("standard", "learned", "flow")),
    )

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        return LatentVariableModel(posterior, self._prior(parts), parts.decoder(self.network, encoding)), ELBO()

    def _prior(self, parts: Parts) -> Conditional:
        if self.prior == "standard":
            return StandardNormal(parts.latent_dim)
        if self.prior == "flow":
            return FlowConditional(parts.latent_dim, parts.context, transforms=FLOW_TRANSFORMS, width=FLOW_WIDTH)
        return GaussianConditional(MLP((parts.context,), (parts.latent_dim,), parameters=2, hidden=(PRIOR_WIDTH,)))
