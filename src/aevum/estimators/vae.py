"""The variational auto-encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aevum.conditionals import GaussianConditional
from aevum.encoding import Encoding
from aevum.estimators.base import LatentVariableEstimator
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO, Objective
from aevum.priors import StandardNormal


class VAE(LatentVariableEstimator):
    r"""Variational auto-encoder: codes that follow a prior, so that it can be sampled and has a density.

    .. math:: p(z) = \mathcal N(0, I), \quad q(z|x) = \mathcal N(\mu(x), \operatorname{diag}\sigma^2(x)), \quad
              \max \; \mathbb E_q[\log p(x|z)] - \beta\,\mathrm{KL}(q(z|x)\,\|\,p(z)).

    β = 1 is the evidence lower bound; more gives fewer, more separate active dimensions (β-VAE).

    Source: *Auto-encoding variational Bayes*, D. P. Kingma, M. Welling, ICLR 2014.

    Args:
        latent_dim: D, the number of values in a code.
        likelihood: "auto", "bernoulli", "continuous_bernoulli", "gaussian[:shared|:per-feature|:emitted|:fixed=σ]" or
            "discretized_logistic[:…]". "auto" is Bernoulli for two-valued data and a Gaussian with one learned σ
            otherwise; ``likelihood_`` says which and why.
        binarize: for grey levels under a Bernoulli: "dynamic" (each grey level is a probability, drawn anew each
            epoch), "static" (drawn once) or "soft" (cross-entropy on grey levels: not a density).
        network: "auto", "mlp", "residual", "convolutional", or your own ``(encoder, decoder)`` pair of torch modules.
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
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=2, random_state=0).fit(digits)
        >>> vae.sample(3, random_state=0).shape, vae.score_samples(digits.x[:5], k=10).shape
        ((3, 8, 8), (5,))
    """

    def __init__(
        self,
        latent_dim: int = 20,
        *,
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

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        prior = StandardNormal(parts.latent_dim)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), ELBO()
