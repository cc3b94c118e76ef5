"""Independent coin flips, by their logits."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.nn.functional import binary_cross_entropy_with_logits

from aevum.distributions.events import at_least_float32, split_shape, sum_event


class Bernoulli(Distribution):
    r"""Independent Bernoulli variables over the last ``event_dim`` dimensions.

    .. math:: \log p(x) = \sum_d x_d a_d - \log(1 + e^{a_d}), \qquad x_d \in \{0, 1\}, \; a = \text{logits}.

    For x strictly between 0 and 1 ("soft" targets) the same expression is minus a cross-entropy, not a density.

    Example:
        >>> import torch
        >>> round(float(Bernoulli(torch.zeros(2)).log_prob(torch.tensor([0.0, 1.0])).exp()), 3)
        0.25
    """

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration

    def __init__(self, logits: Tensor, event_dim: int = 1) -> None:
        self.logits = at_least_float32(logits)
        self.event_dim = event_dim
        super().__init__(*split_shape(self.logits.shape, event_dim), validate_args=False)

    @property
    def mean(self) -> Tensor:
        return self.logits.sigmoid()

    def sample(self, sample_shape: Sequence[int] = ()) -> Tensor:
        with torch.no_grad():
            return torch.bernoulli(self.mean.expand(*sample_shape, *self.logits.shape))

    def log_prob(self, value: Tensor) -> Tensor:
        logits, value = torch.broadcast_tensors(self.logits, value)  # type: ignore[no-untyped-call]
        if torch.is_grad_enabled():
            return -sum_event(binary_cross_entropy_with_logits(logits, value, reduction="none"), self.event_dim)
        return sum_event((value - 0.5) * logits, self.event_dim) - log_normaliser(logits, self.event_dim)


def log_normaliser(logits: Tensor, event_dim: int) -> Tensor:
    r"""Σ_d log(e^{a_d/2} + e^{−a_d/2}), as :math:`\tfrac12\sum|a| - \log\prod\sigma(|a|)`.

    With thousands of draws an example, as estimates of log p(x) need, a logarithm a pixel costs as much as the
    decoder's products. Every factor σ(|a|) lies in [½, 1], so 64 of them can be multiplied before one logarithm.
    """
    size = logits.abs().flatten(logits.ndim - event_dim) if event_dim else logits.abs().unsqueeze(-1)
    half = 0.5 * size.sum(-1)
    factors, folds = size.sigmoid_(), 0
    while factors.shape[-1] % 2 == 0 and folds < 6:
        width, folds = factors.shape[-1] // 2, folds + 1
        factors = factors[..., :width] * factors[..., width:]
    return half - factors.log_().sum(-1)
