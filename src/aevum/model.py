"""A latent-variable model is a posterior, a prior and a likelihood, and nothing else."""

from __future__ import annotations

from torch import nn

from aevum.conditionals import Conditional


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
