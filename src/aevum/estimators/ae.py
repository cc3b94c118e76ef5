"""The auto-encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from aevum.encoding import Encoding
from aevum.estimators.base import LatentVariableEstimator
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.objectives import Objective, Reconstruction
from aevum.posteriors import PointMassPosterior


class AE(LatentVariableEstimator):
    r"""Auto-encoder: a deterministic code and its reconstruction.

    .. math:: \min_{f, g} \; \mathbb E_x[-\log p(x \mid z = f(x))], \qquad
              \text{for a Gaussian } \propto \lVert x - g(f(x)) \rVert^2.

    It compresses best, and is PCA's non-linear sibling. It has no prior, so codes from N(0, I) decode to nothing in
    particular: :meth:`sample` first fits a Gaussian mixture to the training codes. For densities, fit a
    :class:`~aevum.VAE`.

    Source: *Reducing the dimensionality of data with neural networks*, G. E. Hinton, R. R. Salakhutdinov,
    Science 2006.

    Args:
        latent_dim: D, the number of values in a code.
        likelihood: "auto", "bernoulli", "continuous_bernoulli", "gaussian[:shared|:per-feature|:emitted|:fixed=σ]" or
            "discretized_logistic[:…]". "auto" is Bernoulli for two-valued data and a Gaussian with one learned σ
            otherwise; ``likelihood_`` says which and why.
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
        >>> from aevum import AE, open_data
        >>> digits = open_data("digits")
        >>> ae = AE(latent_dim=4, epochs=2, random_state=0).fit(digits)
        >>> ae.transform(digits).shape, ae.reconstruct(digits).shape
        ((1797, 4), (1797, 8, 8))
    """

    can_sample = False
    has_density = False

    def __init__(
        self,
        latent_dim: int = 20,
        *,
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
        posterior = PointMassPosterior(parts.encoder(self.network, PointMassPosterior.per_value))
        return LatentVariableModel(posterior, None, parts.decoder(self.network, encoding)), Reconstruction()
