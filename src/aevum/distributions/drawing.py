"""A draw, from any distribution: by a generator that is passed, or as a function of standard normal noise.

Training needs a generator alone, and any distribution with ``rsample`` will do. Scores and intervals are functions of
the row, so their draws are functions of its noise: :func:`from_noise`, by the distribution's class. Those of PyTorch
and zuko are known; a class of one's own is told in three lines::

    @from_noise.register
    def _(q: Sheared, noise):
        return q.centre + noise @ q.shear
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import singledispatch
from typing import Any

import torch
from torch import Tensor
from torch import distributions as torch_distributions
from torch.distributions import Distribution
from torch.special import ndtr

from aevum.distributions.bernoulli import Bernoulli
from aevum.distributions.continuous_bernoulli import ContinuousBernoulli
from aevum.distributions.discretized_logistic import DiscretizedLogistic
from aevum.distributions.gaussian import Gaussian, standard_normal
from aevum.distributions.lending import lent_to_global
from aevum.distributions.point_mass import PointMass
from aevum.distributions.shares import of_rows

# Uniform numbers whose quantiles are finite in float32.
LEAST, MOST = 2.0**-25, 1.0 - 2.0**-24


def draw(
    q: Distribution, shape: Sequence[int] = (), generator: torch.Generator | None = None, noise: Tensor | None = None
) -> Tensor:
    """Draws ``(*shape, *batch, *event)``, reparameterized where q can be.

    Args:
        q: any distribution.
        shape: leading shape of the draws.
        generator: where they come from, on q's device; None for PyTorch's global one.
        noise: the standard normal numbers to use instead, ``(*shape, *batch, *noise_shape(q))``.

    Raises:
        TypeError: noise is given, and q's draws are no known function of it.

    Example:
        >>> import torch
        >>> from torch.distributions import Gamma
        >>> first = [draw(Gamma(2.0, 1.0), (3,), torch.Generator().manual_seed(1)) for _ in range(2)]
        >>> bool((first[0] == first[1]).all())
        True
    """
    found: Tensor = at_random(q, tuple(shape), generator) if noise is None else from_noise(q, noise)
    return found


def draw_with_density(
    q: Distribution, shape: Sequence[int] = (), generator: torch.Generator | None = None, noise: Tensor | None = None
) -> tuple[Tensor, Tensor | None]:
    """:func:`draw`, and log q(z) of what was drawn, ``(*shape, *batch)``: None for what has no density."""
    if noise is None and generator is not None and _knows_its_draws(q):
        noise = noise_for(q, tuple(shape), generator)
    if noise is not None:
        found: tuple[Tensor, Tensor | None] = from_noise_with_density(q, noise)
        return found
    z = draw(q, shape, generator)
    return z, log_density(q, z)


@singledispatch
def from_noise(q: Distribution, noise: Tensor) -> Tensor:
    r"""The draw of q that this noise gives: gradients reach q's parameters, and equal noise gives equal draws.

    A class that none is registered for is drawn by its quantile function, :math:`z = F^{-1}(\Phi(\varepsilon))`.

    Args:
        q: a distribution with batch ``(*batch)`` and event ``(*event)``.
        noise: standard normal ε, ``(*shape, *batch, *noise_shape(q))``.

    Returns:
        Draws ``(*shape, *batch, *event)``.

    Raises:
        TypeError: the class has no quantile function; says what to register.

    Example:
        >>> import torch
        >>> from torch.distributions import MultivariateNormal
        >>> from_noise(MultivariateNormal(torch.ones(3, 2), torch.eye(2)), torch.zeros(5, 3, 2)).shape
        torch.Size([5, 3, 2])
    """
    if known := of_its_package(from_noise, q):
        return known(q, noise)  # type: ignore[no-any-return]
    try:
        return q.icdf(ndtr(noise).clamp(LEAST, MOST))
    except NotImplementedError:
        raise TypeError(
            f"a draw from {type(q).__name__} is no known function of standard normal noise, as scores need it; tell it"
            f" with @aevum.distributions.from_noise.register: (q: {type(q).__name__}, noise {tuple(noise.shape)}) ↦ z"
        ) from None


@singledispatch
def noise_shape(q: Distribution) -> tuple[int, ...]:
    """The shape of the noise that one draw of one batch entry takes: that of an event, unless another is registered."""
    known = of_its_package(noise_shape, q)
    return known(q) if known else tuple(q.event_shape)


@singledispatch
def from_noise_with_density(q: Distribution, noise: Tensor) -> tuple[Tensor, Tensor | None]:
    """:func:`from_noise`, and log q(z) of what was drawn.

    To register for a class that knows the density of its own draws sooner than that of other values, as a flow does.
    """
    if known := of_its_package(from_noise_with_density, q):
        return known(q, noise)  # type: ignore[no-any-return]
    z = from_noise(q, noise)
    return z, log_density(q, z)


@singledispatch
def log_density(q: Distribution, z: Tensor) -> Tensor | None:
    """log q(z), or None for what has neither a density nor a mass function to compare with a prior's."""
    found: Tensor = q.log_prob(z)
    return found


@singledispatch
def at_random(q: Distribution, shape: tuple[int, ...], generator: torch.Generator | None) -> Tensor:
    """Draws by a generator: from its noise where a way is known, else from the global generator, lent its state."""
    if generator is not None and is_function_of_noise(q):
        return from_noise(q, noise_for(q, shape, generator))
    with lent_to_global(generator):
        return q.rsample(torch.Size(shape)) if q.has_rsample else q.sample(torch.Size(shape))


def noise_for(q: Distribution, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Noise for :func:`from_noise`, drawn by the generator on its device: fewer draws are the beginning of more."""
    whole = (*shape, *q.batch_shape, *noise_shape(q))
    like = torch.empty(0, device=generator.device)
    return of_rows(lambda shape: standard_normal(shape, like, generator), whole, len(shape))


def is_function_of_noise(q: Distribution) -> bool:
    """Whether :func:`from_noise` is registered for q's class (or for that of what q is made of)."""
    if isinstance(q, (torch_distributions.Independent, torch_distributions.TransformedDistribution)):
        return is_function_of_noise(q.base_dist)
    return from_noise.dispatch(type(q)) is not from_noise.dispatch(object) or of_its_package(from_noise, q) is not None


def _knows_its_draws(q: Distribution) -> bool:
    if isinstance(q, torch_distributions.Independent):
        return _knows_its_draws(q.base_dist)
    function = from_noise_with_density
    return function.dispatch(type(q)) is not function.dispatch(object) or of_its_package(function, q) is not None


def of_its_package(function: Any, q: Distribution) -> Any:
    """What is registered for q's class once the package that it comes from is known here: zuko's flows, an extra."""
    if type(q).__module__.partition(".")[0] != "zuko":
        return None
    importlib.import_module("aevum.distributions.flows")
    found = function.dispatch(type(q))
    return None if found is function.dispatch(object) else found


# -------------------------------------------------------------------- the package's own


@from_noise.register
def _(q: Gaussian, noise: Tensor) -> Tensor:
    return q.mean + (0.5 * q.log_variance).exp() * noise


@from_noise.register
def _(q: PointMass, noise: Tensor) -> Tensor:
    return q.rsample(noise.shape[: noise.ndim - q.location.ndim])


@noise_shape.register
def _(q: PointMass) -> tuple[int, ...]:
    return (0,)


@log_density.register
def _(q: PointMass, z: Tensor) -> None:
    return None


@at_random.register(Gaussian)
@at_random.register(PointMass)
def _(q: Any, shape: tuple[int, ...], generator: torch.Generator | None) -> Tensor:
    drawn: Tensor = q.rsample(shape, generator=generator)
    return drawn


@at_random.register(Bernoulli)
@at_random.register(ContinuousBernoulli)
@at_random.register(DiscretizedLogistic)
def _(q: Any, shape: tuple[int, ...], generator: torch.Generator | None) -> Tensor:
    drawn: Tensor = q.sample(shape, generator=generator)
    return drawn
