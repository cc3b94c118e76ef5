"""The continuous Bernoulli on [0, 1], by its logit."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Distribution
from torch.nn.functional import binary_cross_entropy_with_logits

from aevum.distributions.events import at_least_float32, split_shape, sum_event

# Below this logit the series is used: its first dropped term is under 1e-12 there, and above it the closed forms
# lose fewer than two digits to cancellation.
SMALL = 0.3


class ContinuousBernoulli(Distribution):
    r"""Independent continuous Bernoulli variables over the last ``event_dim`` dimensions.

    .. math:: \log p(x) = \sum_d x_d a_d - \log(1 + e^{a_d}) + \log C(a_d), \qquad
              C(a) = \frac{a}{\tanh(a/2)}, \quad x_d \in [0, 1].

    PyTorch's class is parametrized by a probability λ and cuts a hole around λ = ½; this one is smooth in the logit.

    Source: *The continuous Bernoulli: fixing a pervasive error in variational autoencoders*,
    G. Loaiza-Ganem and J. P. Cunningham, NeurIPS 2019.

    Example:
        >>> import torch
        >>> uniform = ContinuousBernoulli(torch.zeros(1))
        >>> float(uniform.log_prob(torch.tensor([0.3])).abs() < 1e-6), float(uniform.mean)
        (1.0, 0.5)
    """

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration

    def __init__(self, logits: Tensor, event_dim: int = 1) -> None:
        self.logits = at_least_float32(logits)
        self.event_dim = event_dim
        super().__init__(*split_shape(self.logits.shape, event_dim), validate_args=False)

    @property
    def mean(self) -> Tensor:
        r"""E[x] = 1/(1 − e^{−a}) − 1/a, and ½ + a/12 − a³/720 + a⁵/30240 for small a."""
        small, a = self._split(self.logits)
        closed = -1.0 / torch.expm1(-a) - 1.0 / a
        square = self.logits * self.logits
        series = 0.5 + self.logits * (1 / 12 + square * (-1 / 720 + square * (1 / 30240 - square / 1209600)))
        return torch.where(small, series, torch.where(self.logits < 0, 1.0 - closed, closed))

    def sample(self, sample_shape: Sequence[int] = (), generator: torch.Generator | None = None) -> Tensor:
        """By the inverse of the distribution function at a uniform number."""
        with torch.no_grad():
            shape = (*sample_shape, *self.logits.shape)
            logits = self.logits
            u = torch.rand(shape, dtype=logits.dtype, device=logits.device, generator=generator)
            return self.icdf(u)

    def icdf(self, value: Tensor) -> Tensor:
        r"""F⁻¹(u) = −log(1 + u(e^{−b} − 1)) / b at a = −b < 0, and its mirror image 1 − F⁻¹(1 − u) at a > 0.

        So written nothing overflows, and as b → 0 it tends to u without cancellation.
        """
        b = self.logits.abs().clamp(min=1e-6)
        mirrored = torch.where(self.logits > 0, 1.0 - value, value)
        drawn = (-torch.log1p(mirrored * torch.expm1(-b)) / b).clamp(0.0, 1.0)
        return torch.where(self.logits > 0, 1.0 - drawn, drawn)

    def log_prob(self, value: Tensor) -> Tensor:
        logits, value = torch.broadcast_tensors(self.logits, value)  # type: ignore[no-untyped-call]
        entropy = binary_cross_entropy_with_logits(logits, value, reduction="none")
        return sum_event(self.log_normalizer() - entropy, self.event_dim)

    def log_normalizer(self) -> Tensor:
        r"""log C(a) = log(a / tanh(a/2)); its Taylor series ln 2 + a²/12 − 7a⁴/1440 + … for small a."""
        small, a = self._split(self.logits)
        closed = torch.log(a) - torch.log(torch.tanh(0.5 * a))
        square = self.logits * self.logits
        series = math.log(2.0) + square * (
            1 / 12 + square * (-7 / 1440 + square * (31 / 90720 + square * (-127 / 4838400 + square * (73 / 34214400))))
        )
        return torch.where(small, series, closed)

    @staticmethod
    def _split(logits: Tensor) -> tuple[Tensor, Tensor]:
        """Where the series holds, and |a| with those places set to one, so that no gradient there is 0 · inf."""
        small = logits.abs() < SMALL
        return small, torch.where(small, torch.ones_like(logits), logits.abs())
