"""Normalizing flows by zuko, given a context: what a prior and a posterior of flows are made of."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from aevum.conditionals.base import Conditional
from aevum.errors import MissingPackageError

# By the name of what one transform does to a value: zuko's class of flows.
FLOWS = {"spline": "NSF", "affine": "MAF"}
PASSES = {"autoregressive": None, "coupling": 2}


class FlowConditional(Conditional):
    r"""A normalizing flow over vectors: z is a Gaussian's draw u carried through invertible transforms.

    .. math:: \log p(z|c) = \log \mathcal N(f(z; c);\, 0, I) + \log |\det \partial f / \partial z|,
              \qquad z = f^{-1}(u; c), \; u \sim \mathcal N(0, I).

    An autoregressive transform gives the density in one pass of its network and a draw in D; couplings give both in
    two, and bend less. The flow's own products are in float32 whatever the training's, since a density in bfloat16 is
    off by more than its gradients are worth.

    Source: *Masked autoregressive flow for density estimation*, G. Papamakarios, T. Pavlakou, I. Murray, NeurIPS 2017;
    splines: *Neural spline flows*, C. Durkan et al., NeurIPS 2019; by zuko, F. Rozet et al.

    Args:
        features: D.
        context: width of c, 0 for none.
        kind: "spline" (monotone rational-quadratic splines with 8 bins on [−5, 5]) or "affine".
        form: "autoregressive" or "coupling".
        transforms: how many.
        width: of the two hidden layers of each transform's network.

    Raises:
        MissingPackageError: zuko is not installed.

    Example:
        >>> import torch
        >>> p = FlowConditional(3)()
        >>> p.log_prob(torch.zeros(7, 3)).shape
        torch.Size([7])
    """

    def __init__(
        self,
        features: int,
        context: int = 0,
        *,
        kind: str = "spline",
        form: str = "autoregressive",
        transforms: int = 3,
        width: int = 64,
    ) -> None:
        super().__init__()
        make = getattr(zuko().flows, FLOWS[kind])
        self.flow: Any = make(
            features, context, transforms=transforms, passes=PASSES[form], hidden_features=(width, width)
        )
        for part in list(self.flow.modules()):
            if isinstance(getattr(part, "hyper", None), nn.Module):
                part.hyper = InFloat32(part.hyper)

    def forward(self, *context: Tensor | None) -> Distribution:
        c = context[0] if context else None
        found: Distribution = self.flow(None if c is None else c.float())
        return found

    def from_base(self, base: Distribution, c: Tensor) -> Distribution:
        """The flow with another law of u."""
        found: Distribution = zuko().distributions.NormalizingFlow(self.flow.transform(c.float()), base)
        return found


class InFloat32(nn.Module):
    """A network whose products autocast leaves alone."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            found: Tensor = self.network(x.float())
        return found


def zuko() -> Any:
    """The package of flows.

    Raises:
        MissingPackageError: it is not installed.
    """
    try:
        return importlib.import_module("zuko")
    except ImportError as error:
        raise MissingPackageError(
            "normalizing flows come from zuko, which is not installed: pip install 'aevum[flows]'"
        ) from error
