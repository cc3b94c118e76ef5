"""The evidence lower bound."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution

from aevum.distributions import draw, draw_with_density, exact_divergence
from aevum.model import LatentVariableModel
from aevum.objectives.terms import Objective, Terms


class ELBO(Objective):
    r"""distortion + β·rate, with the reparameterized draw :math:`z \sim q(z|x,y)`.

    .. math:: -\mathrm{ELBO}(x) = \underbrace{\mathbb E_q[-\log p(x|z,y)]}_{\text{distortion}}
              + \underbrace{\mathrm{KL}(q(z|x,y)\,\|\,p(z|y))}_{\text{rate}} \;\ge\; -\log p(x|y).

    The rate is in closed form where one is known and an estimate from the same draw otherwise.

    Source: *Auto-encoding variational Bayes*, D. P. Kingma, M. Welling, ICLR 2014; β: *beta-VAE*, I. Higgins et al.,
    ICLR 2017.

    Args:
        samples: number of draws of z an example.
    """

    bounds = True

    def __init__(self, samples: int = 1) -> None:
        super().__init__()
        self.samples = samples

    def forward(
        self,
        model: LatentVariableModel,
        x: Tensor,
        y: Tensor | None = None,
        *,
        beta: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Terms:
        shape = (self.samples,) if self.samples > 1 else ()
        q = model.infer(x, y, generator=generator)
        distortion, rate = distortion_and_rate(model, q, x, y, shape=shape, generator=generator)
        return Terms(distortion + beta * rate, distortion, rate)


def distortion_and_rate(
    model: LatentVariableModel,
    q: Distribution,
    x: Tensor,
    y: Tensor | None = None,
    *,
    shape: tuple[int, ...] = (),
    generator: torch.Generator | None = None,
    noise: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """E_q[−log p(x|z,y)] and KL(q(z|x,y) ‖ p(z|y)), ``(N,)`` each, from draws of this leading shape.

    Args:
        model: with a prior.
        q: what it infers, q(z|x,y).
        x, y: as for :class:`ELBO`.
        shape: () for one draw an example, (K,) for the mean over K.
        generator, noise: where the draws come from, as for :func:`~aevum.distributions.draw`.
    """
    p = model.codes_given(y)
    rate = exact_divergence(q, p)
    if rate is None:
        z, log_q = draw_with_density(q, shape, generator, noise)
        rate = log_ratio(log_q, q, p, z)
    else:
        z = draw(q, shape, generator, noise)
    distortion = -model.log_likelihood(x, z, y)
    return (distortion.mean(0) if distortion.ndim > 1 else distortion), (rate.mean(0) if rate.ndim > 1 else rate)


def log_ratio(log_q: Tensor | None, q: Distribution, p: Distribution, z: Tensor) -> Tensor:
    """log q(z|x,y) − log p(z|y) of draws.

    Raises:
        TypeError: q has no density.
    """
    if log_q is None:
        raise TypeError(
            f"{type(q).__name__} has no density, so it has no rate: no ELBO and no log p(x) can be had by it"
        )
    # In full precision, whatever the decoder's products are in: a prior may be a network too.
    with torch.autocast(z.device.type, enabled=False):
        found: Tensor = log_q - p.log_prob(z)
    return found
