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

    def sample(self, sample_shape: Sequence[int] = (), generator: torch.Generator | None = None) -> Tensor:
        with torch.no_grad():
            return torch.bernoulli(self.mean.expand(*sample_shape, *self.logits.shape), generator=generator)

    def log_prob(self, value: Tensor) -> Tensor:
        if torch.is_grad_enabled():
            logits, value = torch.broadcast_tensors(self.logits, value)  # type: ignore[no-untyped-call]
            return -sum_event(binary_cross_entropy_with_logits(logits, value, reduction="none"), self.event_dim)
        return log_prob_in_place(self.logits, value, self.event_dim)


def log_prob_in_place(logits: Tensor, value: Tensor, event_dim: int) -> Tensor:
    r"""Σ_d x_d a_d − log(1 + e^{a_d}) as :math:`\sum (x-\tfrac12) a - \tfrac12\sum|a| + \log\prod\sigma(|a|)`.

    With thousands of draws an example, as estimates of log p(x) need, a logarithm a pixel costs as much as the
    decoder's products, and every pass over memory counts. Each factor σ(|a|) lies in [½, 1], so 64 of them can be
    multiplied before one logarithm; one buffer serves all steps.
    """
    work = (value - 0.5) * logits
    total = sum_event(work, event_dim) if event_dim else work.clone()
    # A value may broadcast against the logits, and then the buffer is larger than they are.
    torch.abs(logits.expand_as(work), out=work)
    work = work.flatten(work.ndim - event_dim) if event_dim else work.unsqueeze(-1)
    total = total - 0.5 * work.sum(-1)
    factors, folds = work.sigmoid_(), 0
    while factors.shape[-1] % 2 == 0 and folds < 6:
        width, folds = factors.shape[-1] // 2, folds + 1
        factors = factors[..., :width].mul_(factors[..., width:])
    return total + factors.log().sum(-1)
