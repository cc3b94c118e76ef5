"""A latent-variable model is a posterior, a prior and a likelihood, and nothing else."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from aevum.conditionals import Conditional

# On a scale where the training rows have mean 0 and deviation 1, none of N lies farther out than √N.
REACH = 1e4


class LatentVariableModel(nn.Module):
    r"""p(x, z | y) = p(z | y) p(x | z, y), with the amortised posterior q(z | x, y).

    Args:
        posterior: ``(x, y) ↦ q(z | x, y)``, the encoder.
        prior: ``y ↦ p(z | y)``; None for an auto-encoder, whose codes follow no stated law.
        likelihood: ``(z, y) ↦ p(x | z, y)``, the decoder.
    """

    def __init__(self, posterior: Conditional, prior: Conditional | None, likelihood: Conditional) -> None:
        super().__init__()
        self.posterior, self.prior, self.likelihood = posterior, prior, likelihood

    def infer(self, x: Tensor, y: Tensor | None = None) -> Any:
        """q(z | x, y), with values of x beyond ±10⁴ taken for ±10⁴.

        So far out a network's products overflow, and one such value would decide every code. The likelihood sees x
        itself: whatever q is, importance weights by it remain right.
        """
        return self.posterior(x.clamp(-REACH, REACH), y)
