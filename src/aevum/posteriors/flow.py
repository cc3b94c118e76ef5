"""A normalizing flow as posterior."""

from __future__ import annotations

from torch import Tensor, nn
from torch.distributions import Distribution, Independent, Normal

from aevum.conditionals import Conditional, FlowConditional
from aevum.conditionals.gaussian import EXTREME


class FlowPosterior(Conditional):
    r"""q(z|x,y): the Gaussian draw of an encoder, carried through transforms that its features steer.

    .. math:: z = f^{-1}(u; h(x,y)), \qquad u \sim \mathcal N(\mu(x,y), \operatorname{diag}\sigma^2(x,y)).

    Source: *Improved variational inference with inverse autoregressive flow*, D. P. Kingma et al., NeurIPS 2016.

    Args:
        network: emits μ, log σ² and h, ``(…, 3, D)``.
        flow: over D values, given a context of D.
    """

    per_value = 3

    def __init__(self, network: nn.Module, flow: FlowConditional) -> None:
        super().__init__()
        self.network, self.flow = network, flow

    def forward(self, *context: Tensor | None) -> Distribution:
        mean, log_variance, features = self.network(*context).float().unbind(-2)
        deviation = (0.5 * log_variance.clamp(-EXTREME, EXTREME)).exp()
        return self.flow.from_base(Independent(Normal(mean, deviation, validate_args=False), 1), features)
