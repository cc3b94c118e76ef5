"""The auto-encoder."""

from aevum.encoding import Encoding
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.registry import register
from aevum.fitted.parts import Parts
from aevum.model import LatentVariableModel
from aevum.objectives import Objective, Reconstruction
from aevum.posteriors import PointMassPosterior


@register
class AE(LatentVariableEstimator):
    r"""Auto-encoder: a deterministic code and its reconstruction.

    .. math:: \min_{f, g} \; \mathbb E_x[-\log p(x \mid z = f(x))], \qquad
              \text{for a Gaussian } \propto \lVert x - g(f(x)) \rVert^2.

    It compresses best, and is PCA's non-linear sibling. It has no prior, so codes from N(0, I) decode to nothing in
    particular: :meth:`sample` first fits a Gaussian mixture to the training codes. For densities, fit a
    :class:`~aevum.VAE`.

    Source: *Reducing the dimensionality of data with neural networks*, G. E. Hinton, R. R. Salakhutdinov,
    Science 2006.

    Example:
        >>> from aevum import AE, open_data
        >>> digits = open_data("digits")
        >>> ae = AE(latent_dim=4, epochs=2, random_state=0).fit(digits)
        >>> ae.transform(digits).shape, ae.reconstruct(digits).shape
        ((1797, 4), (1797, 8, 8))
    """

    title = "auto-encoder"
    can_sample = False
    has_density = False
    beta = 0.0

    def _compose(self, parts: Parts, encoding: Encoding) -> tuple[LatentVariableModel, Objective]:
        posterior = PointMassPosterior(parts.encoder(self.network, PointMassPosterior.per_value))
        return LatentVariableModel(posterior, None, parts.decoder(self.network, encoding)), Reconstruction()
