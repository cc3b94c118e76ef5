"""A latent-variable model is a posterior, a prior and a likelihood, and nothing else."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent

from aevum.conditionals import Conditional
from aevum.distributions import as_vectors, given_row
from aevum.errors import InputError

# On a scale where the training rows have mean 0 and deviation 1, none of N lies farther out than √N.
REACH = 1e4


class LatentVariableModel(nn.Module):
    r"""p(x, z | y) = p(z | y) p(x | z, y), with the amortised posterior q(z | x, y).

    Args:
        posterior: ``(x, y) ↦ q(z | x, y)``, the encoder.
        prior: ``y ↦ p(z | y)``; None for an auto-encoder, whose codes follow no stated law.
        likelihood: ``(z, y) ↦ p(x | z, y)``, the decoder.

    Attributes:
        view: what the encoder sees of x, where that is not x itself (the logarithm of a count, whether a cell is
            missing): given by the encoding of the data.
    """

    view: nn.Module | None

    def __init__(self, posterior: Conditional, prior: Conditional | None, likelihood: Conditional) -> None:
        super().__init__()
        self.posterior, self.prior, self.likelihood = posterior, prior, likelihood
        self.view = None

    def infer(self, x: Tensor, y: Tensor | None = None, *, generator: torch.Generator | None = None) -> Distribution:
        """q(z | x, y), batch ``(N,)`` and event ``(D,)``, with values of x beyond ±10⁴ taken for ±10⁴.

        So far out a network's products overflow, and one such value would decide every code. The likelihood sees x
        itself: whatever q is, importance weights by it remain right. What training does to x beforehand (a
        corruption) draws from ``generator``.
        """
        return as_vectors(self.posterior.training_view(self.seen(x), y, generator=generator), 1)

    def seen(self, x: Tensor) -> Tensor:
        """What the encoder is given of x."""
        return (x if self.view is None else self.view(x)).clamp(-REACH, REACH)

    def codes_given(self, y: Tensor | None = None) -> Distribution:
        """p(z | y), event ``(D,)``.

        Raises:
            TypeError: the model has no prior.
        """
        if self.prior is None:
            raise TypeError("an auto-encoder has neither a prior nor a rate, and so no density; fit a VAE for one")
        return as_vectors(self.prior(y), 1)

    def examples_given(self, z: Tensor, y: Tensor | None = None, x: Tensor | None = None) -> Distribution:
        """p(x | z, y), batch ``(N,)`` or ``(K, N)`` as that of z, event ``(*event)``; where rows x are given, for what
        else is known of them (:func:`~aevum.distributions.given_row`: of counts, how many there are).
        """
        p: Distribution = self.likelihood(z, y)
        found = as_vectors(p, len(p.batch_shape) - (z.ndim - 1))
        return found if x is None else given_row(found, x)

    def log_likelihood(self, x: Tensor, z: Tensor, y: Tensor | None = None) -> Tensor:
        """log p(x | z, y), ``(N,)`` or ``(K, N)``.

        Raises:
            InputError: x holds values that the likelihood says it can't give.
        """
        p = self.examples_given(z, y)
        try:
            return p.log_prob(x)
        except ValueError as error:  # PyTorch's own look at arguments, whose message prints them all
            base: Any = p.base_dist if isinstance(p, Independent) else p
            if not base._validate_args or bool(base.support.check(x).all()):
                raise
            raise InputError(
                f"some of these values are none that the likelihood can give: {type(base).__name__} is for "
                f"{base.support}"
            ) from error
