"""Likelihoods with one logit a value: Bernoulli for {0, 1}, continuous Bernoulli for [0, 1]."""

from __future__ import annotations

from torch import Tensor, nn

from aevum.conditionals.base import Conditional
from aevum.distributions import Bernoulli, ContinuousBernoulli


class BernoulliConditional(Conditional):
    """p(x|z,y) = Π Bernoulli(x_d; logits(z,y)_d)."""

    def __init__(self, network: nn.Module, event_dim: int) -> None:
        super().__init__()
        self.network, self.event_dim = network, event_dim

    def forward(self, *context: Tensor | None) -> Bernoulli:
        return Bernoulli(self.network(*context).squeeze(-1 - self.event_dim), self.event_dim)


class ContinuousBernoulliConditional(Conditional):
    """p(x|z,y) = Π ContinuousBernoulli(x_d; logits(z,y)_d)."""

    def __init__(self, network: nn.Module, event_dim: int) -> None:
        super().__init__()
        self.network, self.event_dim = network, event_dim

    def forward(self, *context: Tensor | None) -> ContinuousBernoulli:
        return ContinuousBernoulli(self.network(*context).squeeze(-1 - self.event_dim), self.event_dim)
