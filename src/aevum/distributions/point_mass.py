"""All mass on one point: what an auto-encoder believes about its code."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.distributions import Distribution

from aevum.distributions.events import at_least_float32, split_shape


class PointMass(Distribution):
    r"""δ(z − location) over the last dimension. It has no density, so no rate: an auto-encoder has no ELBO.

    Example:
        >>> import torch
        >>> PointMass(torch.tensor([1.0, 2.0])).rsample((3,)).shape
        torch.Size([3, 2])
    """

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration
    has_rsample = True

    def __init__(self, location: Tensor) -> None:
        self.location = at_least_float32(location)
        super().__init__(*split_shape(self.location.shape, 1), validate_args=False)

    @property
    def mean(self) -> Tensor:
        return self.location

    @property
    def stddev(self) -> Tensor:
        return torch.zeros_like(self.location)

    def rsample(self, sample_shape: Sequence[int] = (), generator: torch.Generator | None = None) -> Tensor:
        return self.location.expand(*sample_shape, *self.location.shape)
