"""A learned mixture of Gaussians as prior."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from aevum.conditionals import Conditional
from aevum.distributions import Gaussian, Mixture

# Of the variance 1 that the whole has at first, the share that lies between the components.
BETWEEN = 0.5
# σ from 0.002 to 500: a component that shrinks on a point has no bound on its density.
EXTREME = 12.0


class MixturePrior(Conditional):
    r"""p(z|y) = Σ_k π_k(y) N(z; μ_k, diag σ_k²), all of it learned.

    At first the components lie apart, drawn at random, and the whole has about mean 0 and variance 1, as the codes of
    an encoder that has learned nothing have. Components that began alike would stay alike.

    Source: *Approximate inference for deep latent Gaussian mixtures*, E. Nalisnick, L. Hertel, P. Smyth, NeurIPS
    workshop on Bayesian deep learning 2016; *VAE with a VampPrior*, J. M. Tomczak, M. Welling, AISTATS 2018.

    Args:
        latent_dim: D.
        components: K.
        context: width of y, by which the weights π alone are then given; 0 for none.

    Example:
        >>> MixturePrior(3, components=4)().sample((2,)).shape
        torch.Size([2, 3])
    """

    def __init__(self, latent_dim: int, components: int, context: int = 0) -> None:
        super().__init__()
        self.mean = nn.Parameter(BETWEEN**0.5 * torch.randn(components, latent_dim))
        self.log_variance = nn.Parameter(torch.full((components, latent_dim), 1.0 - BETWEEN).log())
        self.weights = Weights(components, context)

    def forward(self, *context: Tensor | None) -> Mixture:
        log_variance = self.log_variance.clamp(-EXTREME, EXTREME)
        return Mixture(self.weights(*context), Gaussian(self.mean, log_variance))


class Weights(nn.Module):
    """The logits of K components, ``(*batch, K)``: learned numbers, or linear in y."""

    def __init__(self, components: int, context: int = 0) -> None:
        super().__init__()
        self.given = nn.Linear(context, components) if context else None
        self.logits = nn.Parameter(torch.zeros(components)) if not context else None

    def forward(self, *context: Tensor | None) -> Tensor:
        y = context[0] if context else None
        if self.logits is not None:
            return self.logits if y is None else self.logits.expand(*y.shape[:-1], -1)
        if y is None or self.given is None:
            raise TypeError("this prior was built with a context y, and none was given")
        found: Tensor = self.given(y)
        return found.float()
