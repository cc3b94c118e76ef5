"""WAE-MMD: *Wasserstein auto-encoders*, I. Tolstikhin et al., ICLR 2018."""

import aevum
from aevum.distributions import draw
from aevum.estimators import LatentVariableEstimator, parameter
from aevum.model import LatentVariableModel
from aevum.objectives import Objective, Terms, distortion_of
from aevum.posteriors import PointMassPosterior
from aevum.priors import StandardNormal


def kernel(a, b):
    """The inverse multiquadratic of all pairs."""
    return 1.0 / (1.0 + (a[:, None] - b[None]).square().sum(-1) / (2.0 * a.shape[1]))


class Wasserstein(Objective):
    """Distortion + λ MMD²(codes, draws of the prior)."""

    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        q = model.infer(x, y, generator=generator)
        distortion = distortion_of(model, q, x, y)
        z, prior = q.mean, draw(model.codes_given(y), (len(x),), generator)
        mmd = kernel(z, z).mean() + kernel(prior, prior).mean() - 2.0 * kernel(z, prior).mean()
        return Terms(distortion + self.weight * mmd, distortion, 0.0 * distortion, {"mmd": mmd.expand(len(x))})


@aevum.register
class WAE(LatentVariableEstimator):
    """Auto-encoder whose codes together follow a prior."""

    has_density = False

    weight: float = parameter(default=20.0, text="weight of the distance to the prior.")

    def _compose(self, parts, encoding):
        posterior, prior = PointMassPosterior(parts.encoder(self.network, 1)), StandardNormal(parts.latent_dim)
        return LatentVariableModel(posterior, prior, parts.decoder(self.network, encoding)), Wasserstein(self.weight)
