"""What the cells of a table's columns share, whatever they hold: one distribution a cell, none summed over a row."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Size, Tensor
from torch.distributions import Distribution
from torch.special import ndtr

# Kept for what no training row had, half on either side where there are two: a new row may have it, and is not
# impossible for it.
UNSEEN = 1e-3
# Uniform numbers between which quantiles are finite.
LEAST, MOST = 2.0**-53, 1.0 - 2.0**-53
# Of each of a mixture's parts, that its quantiles are counted from.
SHARES = 15


class Cells(Distribution, ABC):
    r"""Independent values of one kind, one a cell: batch ``(*batch, k)`` for k columns, and no event.

    A draw is the quantile :math:`F^{-1}(\Phi(\varepsilon))` of standard normal noise, one number a cell: so draws are a
    function of noise, whatever the kind. What ``log_prob`` can't give (a fraction as a count) it gives −∞.
    """

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration
    # Whether there are values between any two, so that an interval holds exactly what it says.
    continuous = False

    def __init__(self, shape: Size) -> None:
        super().__init__(shape, Size(), validate_args=False)

    @abstractmethod
    def log_prob(self, value: Tensor) -> Tensor:
        """log p of each cell, of the shape of ``value`` and the batch together."""

    @abstractmethod
    def icdf(self, value: Tensor) -> Tensor:
        """The quantile of each share: the least value below or at which it lies."""

    def nodes(self) -> tuple[Tensor, Tensor]:
        """Values that stand for all, ascending, and the logarithms of their weights, ``(S, *batch)``: expectations are
        sums over them, and gradients pass through values or weights. Here evenly spaced quantiles.
        """
        shares = (torch.arange(SHARES, device=self.mean.device, dtype=torch.float64) + 0.5) / SHARES
        with torch.no_grad():
            values = self.icdf(shares.view(SHARES, *[1] * len(self.batch_shape)).expand(SHARES, *self.batch_shape))
        # Each moves with its probability.
        found = self.log_prob(values)
        return values, found - found.detach() - math.log(SHARES)

    def tilted(self, log_factor: Callable[[Tensor], Tensor]) -> Cells | None:
        """Cells of the same kind with p(x) ∝ p(x) exp(log_factor(x)); None where there are none."""
        return None

    def mixed(self, weights: Tensor) -> Tensor:
        """What stands for a mixture of the first dimension's cells with these weights, which broadcast: its mean."""
        return (weights * self.mean).sum(dim=0)

    def mixture_interval(self, level: float) -> tuple[Tensor, Tensor]:
        """The central interval of the mixture of the first dimension's cells, of equal weight: by evenly spaced
        quantiles of each.
        """
        shares = (torch.arange(SHARES, device=self.mean.device, dtype=torch.float64) + 0.5) / SHARES
        shape = (SHARES, *[1] * len(self.batch_shape))
        every = self.icdf(shares.view(shape).expand(SHARES, *self.batch_shape)).flatten(0, 1)
        tails = torch.tensor([0.5 - 0.5 * level, 0.5 + 0.5 * level], dtype=every.dtype, device=every.device)
        low, high = torch.quantile(every, tails, dim=0, interpolation="nearest")
        return low, high

    def drawn(self, noise: Tensor) -> Tensor:
        """The draws that this standard normal noise gives, ``(*shape, *batch, k)``."""
        return self.icdf(ndtr(noise.double() if noise.device.type != "mps" else noise).clamp(LEAST, MOST))

    def sample(self, sample_shape: Sequence[int] = (), generator: torch.Generator | None = None) -> Tensor:
        with torch.no_grad():
            anchor = self.mean
            noise = torch.randn(
                (*sample_shape, *self.batch_shape), dtype=anchor.dtype, device=anchor.device, generator=generator
            )
            return self.drawn(noise)


def by_numpy(function: Any, *given: Tensor) -> Tensor:
    """What a function of arrays makes of these tensors, in float64 on the processor, where the first one lies."""
    wide: list[NDArray[np.float64]] = [each.detach().double().cpu().numpy() for each in given]
    with np.errstate(all="ignore"):
        found = np.nan_to_num(np.asarray(function(*wide), dtype=np.float64))
    like = given[0]
    return torch.from_numpy(found).to(device=like.device, dtype=like.dtype)
