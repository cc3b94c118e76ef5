"""The importance-weighted auto-encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aevum.conditionals import GaussianConditional
from aevum.encoding import Encoding
from aevum.estimators.base import LatentVariableEstimator
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.objectives import ImportanceWeightedBound, Objective
from aevum.priors import StandardNormal


class IWAE(LatentVariableEstimator):
    r"""Importance-weighted auto-encoder: a VAE that is trained on a tighter bound, with K draws of z for each example.

    .. math:: \max \; \mathbb E\Big[\log \tfrac1K \sum_{k=1}^K \frac{p(x|z_k)\,p(z_k)}{q(z_k|x)}\Big],
              \quad z_k \sim q(z|x) = \mathcal N(\mu(x), \operatorname{diag}\sigma^2(x)), \quad p(z) = \mathcal N(0, I).

    K = 1 is the VAE. With more draws the posterior need not be a Gaussian for the bound to be tight, so the model uses
    more latents and reaches a higher log p(x), at the cost of decoding each example K times a step. What a posterior's
    mean reconstructs is not what is optimised: look at ``score_samples`` to compare with a VAE.

    Source: *Importance weighted autoencoders*, Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016.

    Args:
        latent_dim: D, the number of values in a code.
        likelihood: "auto", "bernoulli", "continuous_bernoulli", "gaussian[:shared|:per-feature|:emitted|:fixed=σ]" or
            "discretized_logistic[:…]". "auto" is Bernoulli for two-valued data and a Gaussian with one learned σ
            otherwise; ``likelihood_`` says which and why.
        binarize: for grey levels under a Bernoulli: "dynamic" (each grey level is a probability, drawn anew each
            epoch), "static" (drawn once) or "soft" (cross-entropy on grey levels: not a density).
        network: "auto", "mlp", "residual", "convolutional", or your own ``(encoder, decoder)`` pair of torch modules.
        hidden: widths of the encoder (channels of a convolutional one); the decoder mirrors them. None: a default.
        k: K, the draws of z for each example of a step.
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
        >>> from aevum import IWAE, open_data
        >>> digits = open_data("digits")
        >>> iwae = IWAE(latent_dim=2, k=3, epochs=2, random_state=0).fit(digits)
        >>> iwae.sample(3, random_state=0).shape, iwae.score_samples(digits.x[:5], k=10).shape
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
        k: int = 5,
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
        self.k = k
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
        prior, objective = StandardNormal(parts.latent_dim), ImportanceWeightedBound(self.k)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), objective
