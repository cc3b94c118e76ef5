"""The evidence lower bound."""

from __future__ import annotations

from torch import Tensor
from torch.distributions import Distribution, kl_divergence

from aevum.model import LatentVariableModel
from aevum.objectives.terms import Terms


class ELBO:
    r"""distortion + β·rate, with the reparameterized draw :math:`z \sim q(z|x,y)`.

    .. math:: -\mathrm{ELBO}(x) = \underbrace{\mathbb E_q[-\log p(x|z,y)]}_{\text{distortion}}
              + \underbrace{\mathrm{KL}(q(z|x,y)\,\|\,p(z|y))}_{\text{rate}} \;\ge\; -\log p(x|y).

    The rate is in closed form where PyTorch knows one and an estimate from the same draw otherwise.

    Source: *Auto-encoding variational Bayes*, D. P. Kingma, M. Welling, ICLR 2014; β: *beta-VAE*, I. Higgins et al.,
    ICLR 2017.

    Args:
        samples: number of draws of z an example.
    """

    def __init__(self, samples: int = 1) -> None:
        self.samples = samples

    def __call__(
        self,
        model: LatentVariableModel,
        x: Tensor,
        y: Tensor | None = None,
        *,
        beta: float = 1.0,
        noise: Tensor | None = None,
    ) -> Terms:
        if model.prior is None:
            raise TypeError("the ELBO needs a prior; an auto-encoder has none, and is scored by Reconstruction")
        q, p = model.infer(x, y), model.prior(y)
        shape = (self.samples,) if self.samples > 1 else ()
        z = q.rsample(shape) if noise is None else q.rsample(shape, noise=noise)
        distortion = -model.likelihood(z, y).log_prob(x)
        rate = divergence(q, p, z)
        if self.samples > 1:
            distortion = distortion.mean(0)
        return Terms(distortion + beta * rate, distortion, rate)


def divergence(q: Distribution, p: Distribution, z: Tensor) -> Tensor:
    """KL(q ‖ p), ``(N,)``: exact where a closed form is registered, else log q(z) − log p(z) averaged over draws."""
    try:
        return kl_divergence(q, p)
    except NotImplementedError:
        estimate: Tensor = q.log_prob(z) - p.log_prob(z)
        return estimate if estimate.ndim == 1 else estimate.mean(0)
