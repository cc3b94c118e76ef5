"""The variational mixture of posteriors as prior."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from aevum.conditionals import Conditional
from aevum.distributions import Mixture, as_gaussian, as_vectors
from aevum.priors.mixture import Weights

# How far from the ends of their range bounded pseudo-inputs begin, as a share of it: at an end nothing moves them. And
# the deviation of the noise on the others.
EDGE, NOISE = 0.05, 0.1


class VampPrior(Conditional):
    r"""The variational mixture of posteriors: the encoder's own posteriors at K learned pseudo-inputs.

    .. math:: p(z) = \frac1K \sum_{k=1}^K q(z \mid u_k), \qquad p(z|y) = \sum_k \pi_k(y)\, q(z \mid u_k, v_k).

    The prior that maximises the mean ELBO is the aggregated posterior, the mixture of the posteriors at all training
    rows; this is the best approximation of it with K components. Pseudo-inputs begin at training rows, a little moved.

    Source: *VAE with a VampPrior*, J. M. Tomczak, M. Welling, AISTATS 2018.

    Args:
        posterior: the model's own; it must give Gaussians with diagonal covariances.
        event: shape of what it sees.
        components: K.
        context: width of y, 0 for none: pseudo-inputs then have the condition v_k of the rows that they began at, and
            the weights π are given by y.
        bounds: the range of the data's values, which pseudo-inputs then keep to, such as (0, 1) for pictures.
        view: what the posterior sees of rows, where that isn't they themselves.

    Example:
        >>> from aevum.conditionals import GaussianConditional
        >>> from aevum.networks import MLP
        >>> posterior = GaussianConditional(MLP((8,), (2,), parameters=2))
        >>> prior = VampPrior(posterior, (8,), components=5)
        >>> prior.prepare(torch.randn(100, 8), None, 100)
        >>> prior().log_prob(torch.zeros(7, 2)).shape
        torch.Size([7])
    """

    condition: Tensor | None

    def __init__(
        self,
        posterior: Conditional,
        event: tuple[int, ...],
        components: int,
        *,
        context: int = 0,
        bounds: tuple[float, float] | None = None,
        view: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.posterior, self.bounds, self.view = posterior, bounds, view
        self.raw = nn.Parameter(torch.randn(components, *event))
        self.register_buffer("condition", torch.zeros(components, context) if context else None)
        self.weights = Weights(components, context) if context else None

    @property
    def pseudo_inputs(self) -> Tensor:
        """u, ``(K, *event)``, on the model's scale."""
        if self.bounds is None:
            return self.raw
        low, high = self.bounds
        return low + (high - low) * self.raw.sigmoid()

    @torch.no_grad()
    def prepare(self, x: Tensor, y: Tensor | None, rows: int) -> None:
        """Begin at these rows, in their (random) order, and again from the first where there are fewer than K."""
        seen = x if self.view is None else self.view(x)
        which = torch.arange(len(self.raw), device=x.device) % len(x)
        noise = torch.randn(self.raw.shape, generator=torch.Generator().manual_seed(0)).to(x.device)
        begun = seen[which]
        if self.bounds is None:
            self.raw.copy_(begun + NOISE * noise)
        else:
            low, high = self.bounds
            self.raw.copy_(((begun - low) / (high - low)).clamp(EDGE, 1.0 - EDGE).logit() + NOISE * noise)
        if self.condition is not None and y is not None:
            self.condition.copy_(y[which])

    def forward(self, *context: Tensor | None) -> Mixture:
        q = self.posterior(self.pseudo_inputs, self.condition)
        components = as_gaussian(as_vectors(q, 1))
        if components is None:
            raise TypeError(
                f"a VampPrior is a mixture of Gaussians with diagonal covariances, and the posterior is a "
                f"{type(q).__name__}"
            )
        y = context[0] if context else None
        equal = torch.zeros(len(self.raw), device=self.raw.device)
        if self.weights is not None:
            equal = self.weights(y)
        elif y is not None:
            equal = equal.expand(*y.shape[:-1], -1)
        return Mixture(equal, components)
