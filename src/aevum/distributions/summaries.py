"""Where a distribution lies, in two numbers a dimension."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from functools import singledispatch
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.distributions import Categorical, Distribution, Independent, OneHotCategorical

from aevum.distributions.divergence import as_gaussian
from aevum.distributions.drawing import draw, from_noise, noise_shape, of_its_package

# Draws that quantiles are counted from, where no closed form is known.
COUNTED = 20_000
# Draws whose mean and deviation stand for those of each row.
SEEN = 128


@singledispatch
def summary(q: Distribution) -> tuple[Tensor, Tensor]:
    """Centre and spread of q, two tensors ``(*batch, *event)``: its mean and its standard deviation.

    A flow has neither in closed form, nor has a class that says neither but how it is drawn by noise, or its quantiles:
    theirs are those of draws by the same noise for all rows, 128 of them, or 20,000 where there is one row only.

    Raises:
        TypeError: q has no mean or no deviation; says what to register.

    Example:
        >>> import torch
        >>> from torch.distributions import Independent, Normal
        >>> centre, spread = summary(Independent(Normal(torch.zeros(3, 2), 2.0 * torch.ones(3, 2)), 1))
        >>> centre.shape, float(spread.max())
        (torch.Size([3, 2]), 2.0)
    """
    base = q.base_dist if isinstance(q, Independent) else q
    if base is not q and summary.dispatch(type(base)) is not summary.dispatch(object):
        found: tuple[Tensor, Tensor] = summary(base)
        return found
    try:
        return q.mean, q.stddev
    except NotImplementedError:
        return of_draws(q, SEEN if q.batch_shape else COUNTED)


def moments(p: Distribution, counted: int = COUNTED) -> tuple[Tensor, Tensor]:
    """:func:`summary` of a law of codes: where it counts, that of one y is known by 20,000 draws, as one without y is.

    Of a posterior 128 are counted even of a single row, of which nothing may depend on how many are beside it. With
    another ``counted`` draws where the law is one: 20,000 of a flow take as long as many steps of its training.

    Raises:
        TypeError: as :func:`summary`.
    """
    base = p.base_dist if isinstance(p, Independent) else p
    if summary.dispatch(type(base)) is summary.dispatch(object):
        with suppress(NotImplementedError):
            return p.mean, p.stddev
        return of_draws(p, counted if p.batch_shape.numel() == 1 else SEEN)
    found: tuple[Tensor, Tensor] = summary(p)
    return found


def of_draws(q: Distribution, count: int) -> tuple[Tensor, Tensor]:
    """Mean and deviation of so many draws of q, by noise that is the same for all rows, half of it the other's mirror.

    Raises:
        TypeError: q is not known to be drawn by noise.
    """
    shape = noise_shape(q)
    # numpy's numbers are constants to whoever traces this, as ONNX's exporter does.
    half = torch.from_numpy(np.random.default_rng(0).standard_normal((count // 2, *shape), dtype=np.float32))
    noise = torch.cat([half, -half]).view(-1, *[1] * len(q.batch_shape), *shape)
    try:
        z = from_noise(q, noise.to(device_of(q)).expand(-1, *q.batch_shape, *shape))
    except TypeError:
        name = type(q.base_dist if isinstance(q, Independent) else q).__name__
        raise TypeError(
            f"{name} says neither its mean nor its deviation, which codes are made of; tell them with "
            f"@aevum.distributions.summary.register: (q: {name}) ↦ (centre, spread)"
        ) from None
    return z.mean(dim=0), z.std(dim=0, correction=0)


def device_of(q: Distribution) -> torch.device:
    """Where q's numbers are."""
    for value in vars(q).values():
        if isinstance(value, Tensor):
            return value.device
        if isinstance(value, Distribution):
            return device_of(value)
    return torch.device("cpu")


def as_vectors(q: Any, dims: int) -> Distribution:
    """q with its last ``dims`` batch dimensions as one event, where it has none: ``Normal(…)`` as a law of vectors.

    Raises:
        TypeError: no distribution, or a categorical, whose draws are indices and no vectors.
    """
    if not isinstance(q, Distribution):
        raise TypeError(f"a {type(q).__name__} is no distribution; a conditional returns one, of torch.distributions")
    if isinstance(q, Categorical):
        raise TypeError(
            "Categorical draws indices, and a code is a vector whose gradients reach the encoder: use "
            "OneHotCategoricalStraightThrough, or RelaxedOneHotCategorical"
        )
    if len(q.event_shape) or not dims:
        found: Distribution = q
        return found
    return Independent(q, dims)


@singledispatch
def quantiles(p: Distribution, d: int, shares: Tensor) -> Tensor:
    r"""The values below which dimension d of p has these shares, ``(S, *batch)``: :math:`F_d^{-1}` of each.

    Exact for independent dimensions with quantile functions; of other classes counted among 20,000 draws, unless
    registered.

    >>> import torch
    >>> from aevum.distributions import Gaussian
    >>> p = Gaussian(torch.zeros(2), torch.zeros(2))
    >>> [round(float(z), 3) for z in quantiles(p, 0, torch.tensor([0.5, 0.975]))]
    [0.0, 1.96]
    """
    gaussian = as_gaussian(p)
    if gaussian is not None:
        standard = torch.special.ndtri(shares.double()).view(-1, *[1] * len(p.batch_shape)).to(gaussian.mean.device)
        found: Tensor = gaussian.mean[..., d].double() + gaussian.stddev[..., d].double() * standard
        return found
    if known := of_its_package(quantiles, p):
        return known(p, d, shares)  # type: ignore[no-any-return]
    if isinstance(p, Independent) and p.reinterpreted_batch_ndims == 1 and not p.base_dist.event_shape:
        try:
            at = shares.double().view(-1, *[1] * len(p.base_dist.batch_shape)).expand(-1, *p.base_dist.batch_shape)
            exact: Tensor = p.base_dist.icdf(at.to(device_of(p)))[..., d]
            return exact
        except NotImplementedError:
            pass
    device = device_of(p)
    drawn: Tensor = draw(p, (COUNTED,), torch.Generator(device).manual_seed(0))[..., d].double()
    return torch.quantile(drawn, shares.double().to(device), dim=0)


@singledispatch
def nearest(p: Distribution, z: Tensor) -> Tensor:
    """The nearest values that p can take to these, ``(…, D)``: z itself, but for a law on points."""
    return z


@nearest.register(OneHotCategorical)
def _(p: Any, z: Tensor) -> Tensor:
    return torch.nn.functional.one_hot(z.argmax(dim=-1), p.event_shape[-1]).to(z.dtype)


@nearest.register(Independent)
def _(p: Any, z: Tensor) -> Tensor:
    found: Tensor = nearest(p.base_dist, z)
    return found


def log_prob_of_values(p: Distribution, x: Tensor) -> Tensor | None:
    """log p(x_d) of every value of x ``(*batch, *event)``, or None where p is no product over the values."""
    if isinstance(p, Independent):
        found: Tensor = p.base_dist.log_prob(x)
    elif hasattr(p, "event_dim"):
        each = copy(p)
        each.event_dim = 0  # the package's own sum over their event; with none to sum over, they say each value's own
        found = each.log_prob(x)
    else:
        return None
    return found if found.shape == x.shape else None
