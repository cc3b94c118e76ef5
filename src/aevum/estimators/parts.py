"""What a recipe composes a model from: networks, a likelihood and shapes, all resolved from data or from a config."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from aevum.conditionals import Conditional
from aevum.data.scaling import Scaling
from aevum.errors import ModelFileError
from aevum.estimators import likelihoods
from aevum.estimators.families import FAMILIES
from aevum.estimators.likelihoods import Likelihood
from aevum.networks import network_pair

MAX_WIDTH, MAX_LAYERS, MAX_VALUES, MAX_AXES = 2**17, 64, 2**26, 6


@dataclass(frozen=True)
class Parts:
    """The resolved shapes and choices of one fit.

    Args:
        event: shape of one example.
        latent_dim: D.
        context: width of y, 0 for none.
        likelihood: the resolved likelihood.
        network: the name of the network, or "custom".
        hidden: the encoder's widths; None for a custom pair.
        low, high: the smallest and largest scaled value of the training data.
        eight_bit: whether the training data were 8-bit integers above 1.
    """

    event: tuple[int, ...]
    latent_dim: int
    context: int
    likelihood: Likelihood
    network: str
    hidden: tuple[int, ...] | None
    low: float
    high: float
    eight_bit: bool

    @property
    def top(self) -> float:
        """The largest value that the likelihood allows, in the data's units."""
        return FAMILIES[self.likelihood.family].top(self.eight_bit)

    def encoder(self, modules: object, parameters: int) -> nn.Module:
        """A network x, y → ``(…, parameters, D)``."""
        make = self._pair(modules)[0]
        return make(self.event, (self.latent_dim,), parameters=parameters, context=self.context)

    def decoder(self, modules: object, scaling: Scaling) -> Conditional:
        """p(x | z, y)."""
        make = self._pair(modules)[1]
        return likelihoods.build(self.likelihood, make, self.latent_dim, self.event, self.context, scaling)

    def _pair(self, modules: object) -> tuple[Callable[..., nn.Module], Callable[..., nn.Module]]:
        return network_pair(modules if self.network == "custom" else self.network, self.hidden, self.event)[0]

    def to_config(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Parts:
        """The inverse of ``to_config``, bounded: a config can't ask for a model of absurd size.

        Raises:
            ModelFileError: not what ``to_config`` writes, or out of bounds.
        """
        try:
            hidden = config["hidden"]
            found = cls(
                event=tuple(map(int, config["event"])),
                latent_dim=int(config["latent_dim"]),
                context=int(config["context"]),
                likelihood=Likelihood(**config["likelihood"]),
                network=str(config["network"]),
                hidden=None if hidden is None else tuple(map(int, hidden)),
                low=float(config["low"]),
                high=float(config["high"]),
                eight_bit=config["eight_bit"] is True,
            )
            if len(found.event) > MAX_AXES or len(found.hidden or ()) > MAX_LAYERS:
                raise ValueError("too many axes or layers")
            sizes = (*found.event, found.latent_dim, *(found.hidden or ()))
            fine = (
                all(size >= 1 for size in sizes)
                and math.prod(found.event) <= MAX_VALUES
                and all(size <= MAX_WIDTH for size in sizes)
                and 0 <= found.context <= MAX_WIDTH
                and len(found.event) >= 1
                and math.isfinite(found.low)
                and math.isfinite(found.high)
                and found.likelihood.family in FAMILIES
                and found.likelihood.scale in (*likelihoods.SCALES, None)
                and 0.0 < found.likelihood.sigma < math.inf
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise ModelFileError(f"config.json describes no model that aevum wrote: {error}") from error
        if not fine:
            raise ModelFileError("config.json describes no model that aevum would build: a size is out of bounds")
        return found


def empty_scaling(shape: tuple[int, ...]) -> Scaling:
    """A scaling of this shape whose numbers are still to come."""
    return Scaling(torch.zeros(shape), torch.ones(shape))
