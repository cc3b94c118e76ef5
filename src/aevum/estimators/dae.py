"""The denoising auto-encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aevum.encoding import Encoding
from aevum.errors import InputError
from aevum.estimators.base import LatentVariableEstimator
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.objectives import Objective, Reconstruction
from aevum.posteriors import CORRUPTIONS, Corrupted, PointMassPosterior


class DAE(LatentVariableEstimator):
    r"""Denoising auto-encoder: the code of a corrupted x̃ must reconstruct the clean x.

    .. math:: \min_{f, g} \; \mathbb E_x \mathbb E_{\tilde x|x}[-\log p(x \mid z = f(\tilde x))]

    Corruption happens in training only. It keeps wide networks from learning the identity, and ``reconstruct`` then
    removes noise of the same kind.

    Source: *Stacked denoising autoencoders*, P. Vincent, H. Larochelle, I. Lajoie, Y. Bengio, P.-A. Manzagol,
    JMLR 2010.

    Args:
        latent_dim: D, the number of values in a code.
        corruption: "gaussian" (added noise), "masking" (values set to zero: the mean, or black) or "salt_and_pepper"
            (values set to the lowest or highest).
        noise: the Gaussian's standard deviation in units of the scaled data (their deviation, or range), or the
            probability that a value is masked or peppered.
        likelihood: "auto", "bernoulli", "continuous_bernoulli", "gaussian[:shared|:per-feature|:emitted|:fixed=σ]" or
            "discretized_logistic[:…]"; "auto" as for :class:`~aevum.AE`.
        binarize: for grey levels under a Bernoulli: "dynamic", "static" or "soft".
        network: "auto", "mlp", "residual", "convolutional", or your own ``(encoder, decoder)`` pair of torch modules.
        hidden: widths of the encoder (channels of a convolutional one); the decoder mirrors them. None: a default.
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
        >>> from aevum import DAE, open_data
        >>> digits = open_data("digits")
        >>> dae = DAE(latent_dim=8, corruption="masking", noise=0.3, epochs=2, random_state=0).fit(digits)
        >>> dae.reconstruct(digits.x[:3]).shape
        (3, 8, 8)
    """

    can_sample = False
    has_density = False

    def __init__(
        self,
        latent_dim: int = 20,
        *,
        corruption: str = "gaussian",
        noise: float = 0.3,
        likelihood: str = "auto",
        binarize: str | None = None,
        network: Any = "auto",
        hidden: int | Sequence[int] | None = None,
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
        self.corruption = corruption
        self.noise = noise
        self.likelihood = likelihood
        self.binarize = binarize
        self.network = network
        self.hidden = hidden
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
        if not isinstance(self.corruption, str) or self.corruption not in CORRUPTIONS:
            raise InputError(f"corruption={self.corruption!r} is not one of {', '.join(CORRUPTIONS)}")
        most = 1e6 if self.corruption == "gaussian" else 1.0
        if not (isinstance(self.noise, (int, float)) and 0.0 <= self.noise <= most):
            raise InputError(
                f"noise={self.noise!r} must be a number from 0 to {most:g} for {self.corruption} corruption"
            )
        corruption = CORRUPTIONS[self.corruption](float(self.noise), parts.low, parts.high)
        posterior = Corrupted(PointMassPosterior(parts.encoder(self.network, PointMassPosterior.per_value)), corruption)
        return LatentVariableModel(posterior, None, parts.decoder(self.network, encoding)), Reconstruction()
