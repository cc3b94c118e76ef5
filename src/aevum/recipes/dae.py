"""The denoising auto-encoder."""

from aevum.domains import Finite, OneOf
from aevum.encoding import Encoding
from aevum.errors import InputError
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.declaring import parameter
from aevum.estimators.registry import register
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.objectives import Objective, Reconstruction
from aevum.posteriors import CORRUPTIONS, Corrupted, PointMassPosterior

MOST_NOISE = 1e6


@register
class DAE(LatentVariableEstimator):
    r"""Denoising auto-encoder: the code of a corrupted x̃ must reconstruct the clean x.

    .. math:: \min_{f, g} \; \mathbb E_x \mathbb E_{\tilde x|x}[-\log p(x \mid z = f(\tilde x))]

    Corruption happens in training only. It keeps wide networks from learning the identity, and ``reconstruct`` then
    removes noise of the same kind. How well it does so says how odd a row is: :meth:`denoising_distortion`.

    Source: *Stacked denoising autoencoders*, P. Vincent, H. Larochelle, I. Lajoie, Y. Bengio, P.-A. Manzagol,
    JMLR 2010.

    Example:
        >>> from aevum import DAE, open_data
        >>> digits = open_data("digits")
        >>> dae = DAE(latent_dim=8, corruption="masking", noise=0.3, epochs=2, random_state=0).fit(digits)
        >>> dae.reconstruct(digits.x[:3]).shape
        (3, 8, 8)
    """

    title = "denoising auto-encoder"
    can_sample = False
    has_density = False
    beta = 0.0

    corruption: str = parameter(
        default="gaussian",
        text='"gaussian" (added noise), "diffusion" (shrunk and noisy, each row to a random degree), "masking" (values '
        'set to zero: the mean, or black) or "salt_and_pepper" (values set to the lowest or highest).',
        domain=OneOf(tuple(CORRUPTIONS)),
    )
    noise: float = parameter(
        default=0.3,
        text="the Gaussian's standard deviation in units of the scaled data (their deviation, or range), the greatest "
        "of a diffusion (below 1), or the probability that a value is masked or peppered.",
        domain=Finite(least=0, most=MOST_NOISE),
    )

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        if self.corruption != "gaussian" and self.noise > 1.0:
            meaning = "the noise's share" if self.corruption == "diffusion" else "a probability"
            raise InputError(
                f"noise={self.noise!r} must be a number from 0 to 1 for {self.corruption} corruption: {meaning}"
            )
        corruption = CORRUPTIONS[self.corruption](float(self.noise), parts.low, parts.high)
        posterior = Corrupted(PointMassPosterior(parts.encoder(self.network, PointMassPosterior.per_value)), corruption)
        return LatentVariableModel(posterior, None, parts.decoder(self.network, encoding)), Reconstruction()
