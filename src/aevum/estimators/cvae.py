"""The conditional variational auto-encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sklearn.utils.metadata_routing import UNUSED

from aevum.conditionals import Conditional, GaussianConditional
from aevum.encoding import Encoding
from aevum.errors import InputError
from aevum.estimators.base import LatentVariableEstimator
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.objectives import ELBO, Objective
from aevum.priors import StandardNormal

PRIOR_WIDTH = 64


class CVAE(LatentVariableEstimator):
    r"""Conditional variational auto-encoder: a VAE of x given y, so that a class can be asked for.

    .. math:: p(x|y) = \int p(z|y)\,p(x|z,y)\,dz, \qquad
              \max \; \mathbb E_{q(z|x,y)}[\log p(x|z,y)] - \beta\,\mathrm{KL}(q(z|x,y)\,\|\,p(z|y)).

    y is given to encoder and decoder: labels of any type as one-hot vectors, real-valued vectors standardised. Every
    method that reads X then needs y too. In a scikit-learn pipeline, ``fit`` passes y on; for ``transform`` request it
    by ``set_transform_request(y=True)`` with metadata routing enabled.

    Source: *Semi-supervised learning with deep generative models*, D. P. Kingma et al., NeurIPS 2014; *Learning
    structured output representation using deep conditional generative models*, K. Sohn, H. Lee, X. Yan, NeurIPS 2015.

    Args:
        latent_dim: D, the number of values in a code.
        condition: "label" for classes, "vector" for quantities, or "auto": numbers are a quantity where they have
            fractions, several columns, or over 50 different floats.
        prior: "standard" for p(z|y) = N(0, I), or "learned" for a Gaussian whose mean and variance depend on y.
        likelihood: "auto", "bernoulli", "continuous_bernoulli", "gaussian[:shared|:per-feature|:emitted|:fixed=σ]" or
            "discretized_logistic[:…]"; "auto" as for :class:`~aevum.VAE`.
        binarize: for grey levels under a Bernoulli: "dynamic", "static" or "soft".
        network: "auto", "mlp", "residual", "convolutional", or your own ``(encoder, decoder)`` pair of torch modules,
            each called with y as second argument.
        hidden: widths of the encoder (channels of a convolutional one); the decoder mirrors them. None: a default.
        beta: weight of the rate.
        epochs: passes over the data, or "auto" for about 6,000 steps within 10 to 100 passes, fewer for large examples.
        batch_size: rows of a step.
        learning_rate: the peak of a one-cycle schedule of AdamW.
        validation_fraction: share of the rows held out to keep the best epoch's weights (0 keeps the last).
        patience: stop after this many epochs without a better validation loss; None to run them all.
        device: "auto", "cpu", "cuda", "cuda:1", "mps".
        precision: "auto" (bfloat16 matrix products in training where the processor gains), "float32", "bfloat16".
        random_state: an integer for the same weights every time.
        callbacks: functions called with each epoch's record; one that returns True ends the fit.

    Example:
        >>> from aevum import CVAE, open_data
        >>> digits = open_data("digits")
        >>> cvae = CVAE(latent_dim=4, epochs=2, random_state=0).fit(digits.x, digits.y)
        >>> cvae.sample(3, y=7, random_state=0).shape, cvae.transform(digits.x, digits.y).shape
        ((3, 8, 8), (1797, 4))
    """

    conditional = True

    # scikit-learn leaves y out of what can be routed, because to it y is a target; here it is an input like X.
    __metadata_request__transform = {"y": None}  # noqa: RUF012 - scikit-learn's own declaration
    __metadata_request__inverse_transform = {"Z": UNUSED, "y": None}  # noqa: RUF012

    def __init__(
        self,
        latent_dim: int = 20,
        *,
        condition: str = "auto",
        prior: str = "standard",
        likelihood: str = "auto",
        binarize: str | None = None,
        network: Any = "auto",
        hidden: int | Sequence[int] | None = None,
        beta: float = 1.0,
        epochs: int | str = "auto",
        batch_size: int = 128,
        learning_rate: float = 1e-3,
        validation_fraction: float = 0.1,
        patience: int | None = 30,
        device: str = "auto",
        precision: str = "auto",
        random_state: Any = None,
        callbacks: Sequence[Callable[[dict[str, Any]], object]] | None = None,
    ) -> None:
        self.latent_dim = latent_dim
        self.condition = condition
        self.prior = prior
        self.likelihood = likelihood
        self.binarize = binarize
        self.network = network
        self.hidden = hidden
        self.beta = beta
        self.epochs = epochs
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.validation_fraction = validation_fraction
        self.patience = patience
        self.device = device
        self.precision = precision
        self.random_state = random_state
        self.callbacks = callbacks

    @property
    def classes_(self) -> Any:
        """The classes, in the order of the one-hot vector; absent for real-valued y."""
        return self.context_.classes  # type: ignore[union-attr]

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        return LatentVariableModel(posterior, self._prior(parts), parts.decoder(self.network, encoding)), ELBO()

    def _prior(self, parts: Parts) -> Conditional:
        if self.prior == "standard":
            return StandardNormal(parts.latent_dim)
        if self.prior == "learned":
            network = MLP((parts.context,), (parts.latent_dim,), parameters=2, hidden=(PRIOR_WIDTH,))
            return GaussianConditional(network)
        raise InputError(f"prior={self.prior!r} is not one of standard, learned")
