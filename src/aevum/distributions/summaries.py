"""Where a distribution lies, in two numbers a dimension."""

from __future__ import annotations

from copy import copy
from functools import singledispatch
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Categorical, Distribution

from aevum.distributions.divergence import as_gaussian
from aevum.distributions.drawing import draw, of_its_package

# Draws that quantiles are counted from, where no closed form is known.
COUNTED = 20_000


@singledispatch
def summary(q: Distribution) -> tuple[Tensor, Tensor]:
    """Centre and spread of q, two tensors ``(*batch, *event)``: its mean and its standard deviation.

    A flow has neither in closed form: they are those of 128 draws that are the same for all rows.

    Raises:
        TypeError: q has no mean or no deviation; says what to register.

    Example:
        >>> import torch
        >>> from torch.distributions import Independent, Normal
        >>> centre, spread = summary(Independent(Normal(torch.zeros(3, 2), 2.0 * torch.ones(3, 2)), 1))
        >>> centre.shape, float(spread.max())
        (torch.Size([3, 2]), 2.0)
    """
    if known := of_its_package(summary, q):
        return known(q)  # type: ignore[no-any-return]
    try:
        return q.mean, q.stddev
    except NotImplementedError:
        raise TypeError(
            f"{type(q).__name__} says neither its mean nor its deviation, which codes are made of; tell them with "
            f"@aevum.distributions.summary.register: (q: {type(q).__name__}) ↦ (centre, spread)"
        ) from None


def as_vectors(q: Any, dims: int) -> Distribution:
    """q with its last ``dims`` batch dimensions as one event, where it has none: ``Normal(…)`` as a law of vectors.

    Raises:
        TypeError: a categorical, whose draws are indices and no vectors.
    """
    if isinstance(q, Categorical):
        raise TypeError(
            "Categorical draws indices, and a code is a vector whose gradients reach the encoder: use "
            "OneHotCategoricalStraightThrough, or RelaxedOneHotCategorical"
        )
    if len(q.event_shape) or not dims:
        found: Distribution = q
        return found
    return torch.distributions.Independent(q, dims)


@singledispatch
def quantiles(p: Distribution, d: int, shares: Tensor) -> Tensor:
    r"""The values below which dimension d of p has these shares, ``(S, *batch)``: :math:`F_d^{-1}` of each.

    Exact for Gaussians of independent dimensions; of other classes counted among 20,000 draws, unless registered.

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
    device = summary(p)[0].device
    drawn: Tensor = draw(p, (COUNTED,), torch.Generator(device).manual_seed(0))[..., d].double()
    return torch.quantile(drawn, shares.double().to(device), dim=0)


@singledispatch
def nearest(p: Distribution, z: Tensor) -> Tensor:
    """The nearest values that p can take to these, ``(…, D)``: z itself, but for a law on points."""
    return z


def log_prob_of_values(p: Distribution, x: Tensor) -> Tensor | None:
    """log p(x_d) of every value of x ``(*batch, *event)``, or None where p is no product over the values."""
    if isinstance(p, torch.distributions.Independent):
        found: Tensor = p.base_dist.log_prob(x)
    elif hasattr(p, "event_dim"):
        each = copy(p)
        each.event_dim = 0  # the package's own sum over their event; with none to sum over, they say each value's own
        found = each.log_prob(x)
    else:
        return None
    return found if found.shape == x.shape else None
