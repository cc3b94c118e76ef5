"""What a recipe composes a model from: networks, a likelihood and shapes, all resolved from data or from a config."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from torch import nn

from aevum.conditionals import IGNORABLE, MISSINGNESS, Conditional
from aevum.encoding import Affine, Encoding
from aevum.errors import ModelFileError
from aevum.fitted import likelihoods
from aevum.fitted.families import FAMILIES, SCALES
from aevum.fitted.likelihoods import Likelihood
from aevum.fitted.whole import EIGHT_BIT
from aevum.networks import network_pair
from aevum.schema import UnfitError, choice, fields, fields_of, maybe, real, several, text, truth, unfit, whole

MAX_WIDTH, MAX_LAYERS, MAX_VALUES, MAX_AXES = 2**17, 64, 2**26, 6
_width = whole(1, MAX_WIDTH)


def family_known(value: Any, where: str) -> str:
    """The name of a likelihood family that is known now.

    Raises:
        ModelFileError: it may be one of the user's own.
        UnfitError: it is none.
    """
    if isinstance(value, str) and value.isidentifier() and value not in FAMILIES:
        raise ModelFileError(
            f"the model's likelihood is {reprlib.repr(value)}, which is none of {', '.join(FAMILIES)}; one of your own "
            f"is told before the model is loaded, by aevum.register_likelihood or aevum --import FILE.py"
        )
    known: str = choice(list(FAMILIES))(value, where)
    return known


def _likelihood(value: Any, where: str) -> Likelihood:
    older = {"floor": None, "sizes": None, "missingness": IGNORABLE, "top": None}
    found = Likelihood(**LIKELIHOOD({**older, **fields_of(value, where)}, where))
    if found.missingness != IGNORABLE and FAMILIES[found.family].build_masked is None:
        raise unfit(where, found.missingness, f"{IGNORABLE!r} of a {found.family} likelihood")
    if found.top is not None and FAMILIES[found.family].highest is None:
        raise unfit(where, found.top, f"no highest level of a {found.family} likelihood")
    return found


# What a config may hold; what would make a model of absurd size is none of it.
LIKELIHOOD = fields(
    family=lambda value, where: family_known(value, where),
    scale=maybe(choice(SCALES)),
    sigma=real(0.0, above=True),
    binarize=maybe(choice(likelihoods.BINARIZATIONS)),
    reason=text(),
    floor=maybe(likelihoods.lowest),
    sizes=maybe(choice(("sum",))),
    missingness=choice(MISSINGNESS),
    top=maybe(whole(1, EIGHT_BIT)),
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
    encoded=several(_width, least=1, most=MAX_AXES),
    seen=several(_width, least=1, most=MAX_AXES),
)


@dataclass(frozen=True)
class Parts:
    """The resolved shapes and choices of one fit.

    Args:
        event: shape of one example, as the user has it.
        latent_dim: D.
        context: width of y, 0 for none.
        likelihood: the resolved likelihood.
        network: the name of the network, or "custom".
        hidden: the encoder's widths; None for a custom pair.
        low, high: the smallest and largest scaled value of the training data.
        eight_bit: whether the training data were 8-bit integers above 1.
        encoded: shape of one example as the model sees it.
        seen: shape of what the encoder sees of that: by default it itself.
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
    encoded: tuple[int, ...]
    seen: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not self.seen:
            object.__setattr__(self, "seen", self.encoded)

    @property
    def top(self) -> float:
        """The largest value that the likelihood allows, in the data's units."""
        return self.likelihood.allowed(self.eight_bit)

    def range_of_all(self, encoding: Encoding) -> tuple[float, float] | None:
        """``(low, high)`` where all values have one range, as those of pictures; None where each has its own."""
        one = isinstance(encoding, Affine) and encoding.scale.ndim == 0 and self.low < self.high
        return (self.low, self.high) if one else None

    def encoder(self, modules: object, parameters: int, view: tuple[int, ...] | None = None) -> nn.Module:
        """A network x, y → ``(…, parameters, D)``; ``view`` is the shape of what it sees, else as the encoding says."""
        make = self._pair(modules)[0]
        return make(
            self.seen if view is None else view, (self.latent_dim,), parameters=parameters, context=self.context
        )

    def decoder(self, modules: object, encoding: Encoding) -> Conditional:
        """p(x | z, y)."""
        make = self._pair(modules)[1]
        return likelihoods.build(self.likelihood, make, self.latent_dim, self.encoded, self.context, encoding)

    def decoder_network(self, modules: object) -> nn.Module:
        """A network z, y → ``(…, 1, *encoded)``, such as every decoder holds."""
        return self._pair(modules)[1]((self.latent_dim,), self.encoded, parameters=1, context=self.context)

    def _pair(self, modules: object) -> tuple[Callable[..., nn.Module], Callable[..., nn.Module]]:
        return network_pair(modules if self.network == "custom" else self.network, self.hidden, self.encoded)[0]

    def to_config(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Parts:
        """The inverse of ``to_config``, bounded: a config can't ask for a model of absurd size.

        Raises:
            ModelFileError: not what ``to_config`` writes, or out of bounds.
        """
        try:
            older = {"encoded": config.get("event"), "seen": config.get("encoded", config.get("event"))}
            found = cls(**PARTS({**older, **config}, "config.json: parts"))
        except UnfitError as error:
            raise ModelFileError(f"config.json describes no model that aevum wrote: {error}") from error
        if max(map(math.prod, (found.event, found.encoded, found.seen))) > MAX_VALUES or found.low > found.high:
            raise ModelFileError("config.json describes no model that aevum would build: a size is out of bounds")
        family, scale = FAMILIES[found.likelihood.family], found.likelihood.scale
        scaled = family.start is not None
        if scaled != (scale is not None) or (scaled and scale not in family.scales):
            raise ModelFileError(
                f"config.json describes no model that aevum wrote: a {found.likelihood.family} likelihood "
                f"{'without a' if scaled and not scale else f'with the {scale}' if scaled else 'with a'} scale"
            )
        return found
