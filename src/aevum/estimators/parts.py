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
from aevum.estimators.schema import UnfitError, choice, fields, maybe, real, several, text, truth, whole
from aevum.networks import network_pair

MAX_WIDTH, MAX_LAYERS, MAX_VALUES, MAX_AXES = 2**17, 64, 2**26, 6
_width = whole(1, MAX_WIDTH)


def _likelihood(value: Any, where: str) -> Likelihood:
    return Likelihood(**LIKELIHOOD(value, where))


# What a config may hold; what would make a model of absurd size is none of it.
LIKELIHOOD = fields(
    family=choice(list(FAMILIES)),
    scale=maybe(choice(likelihoods.SCALES)),
    sigma=real(0.0, above=True),
    binarize=maybe(choice(likelihoods.BINARIZATIONS)),
    reason=text(),
)
PARTS = fields(
    event=several(_width, least=1, most=MAX_AXES),
    latent_dim=_width,
    context=whole(0, MAX_WIDTH),
    likelihood=_likelihood,
    network=text(100),
    hidden=maybe(several(_width, most=MAX_LAYERS)),
    low=real(),
    high=real(),
    eight_bit=truth,
    constant=several(whole(0, MAX_VALUES - 1)),
)


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
        constant: the columns that never change.
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
    constant: tuple[int, ...] = ()

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
            found = cls(**PARTS({"constant": (), **config}, "config.json: parts"))
        except UnfitError as error:
            raise ModelFileError(f"config.json describes no model that aevum wrote: {error}") from error
        if math.prod(found.event) > MAX_VALUES or found.low > found.high:
            raise ModelFileError("config.json describes no model that aevum would build: a size is out of bounds")
        scaled = FAMILIES[found.likelihood.family].start is not None
        if scaled != (found.likelihood.scale is not None):
            raise ModelFileError(
                f"config.json describes no model that aevum wrote: a {found.likelihood.family} likelihood "
                f"{'without' if scaled else 'with'} a scale"
            )
        return found


def empty_scaling(shape: tuple[int, ...], constant: tuple[int, ...] = ()) -> Scaling:
    """A scaling of this shape whose numbers are still to come, but not which values never change."""
    mask = torch.zeros(shape, dtype=torch.bool, device="cpu") if constant else None
    if mask is not None:
        mask[list(constant)] = True
    return Scaling(torch.zeros(shape), torch.ones(shape), mask)
