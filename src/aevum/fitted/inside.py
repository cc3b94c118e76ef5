"""One row on its way through a fitted model: posterior, noise, code, what it decodes to, and the terms of the ELBO."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.distributions import Distribution

from aevum.distributions import (
    PointMass,
    as_gaussian,
    divergence_of_dimensions,
    draw,
    draw_with_density,
    exact_divergence,
    noise_shape,
    summary,
)
from aevum.errors import InputError
from aevum.fitted.decoding import decoded, mean_of
from aevum.fitted.fitted import Fitted, evaluating
from aevum.fitted.scoring import certain, departed_rows, keyed_blocks
from aevum.objectives.elbo import log_ratio

Array = NDArray[Any]
Kind = Literal["gaussian", "point", "other"]


class Inside(NamedTuple):
    """A row's way through the model, for n draws of its code.

    Attributes:
        kind: of q(z|x,y): "gaussian" where z = μ + σ·ε, each dimension on its own; "point" of an auto-encoder; "other".
        mean, deviation: of q, ``(D,)``; of neither in closed form, those of some draws.
        noise: ε, ``(n, E)``.
        z: the codes, ``(n, D)``.
        x: the likelihood's mean at each code, ``(n, *event)``, in the data's units.
        distortion: −log p(x|z,y) at each code, ``(n,)``, in nats and in the data's units.
        rate: KL(q ‖ p), ``(n,)``: the same for each draw where it is known in closed form, else log q(z) − log p(z).
        rates: of each dimension, ``(D,)``, where their sum is the rate; else None.
        exact: whether the rate is in closed form.
    """

    kind: Kind
    mean: Array
    deviation: Array
    noise: Array
    z: Array
    x: Array
    distortion: Array
    rate: Array
    rates: Array | None
    exact: bool


@torch.inference_mode()
def inside(fitted: Fitted, x: Array, context: Array | None, noise: Array | None) -> Inside:
    """The way of one row x ``(1, *event)``; ``noise`` is ε ``(n, E)``, None for none: E zeros, once.

    Raises:
        InputError: a draw of the posterior is no known function of noise, or needs another number of values.
    """
    (block,) = keyed_blocks(fitted, x, context, 0)
    q, shape = block.q, noise_shape(block.q)
    width = math.prod(shape)
    given = np.zeros((1, width), np.float32) if noise is None else noise.astype(np.float32)
    if given.ndim != 2 or given.shape[1] != width:
        raise InputError(f"noise has shape {given.shape}; expected (n, {width})")
    try:
        z, terms = _drawn(fitted, block.q, block.context, fitted.tensor(given).view(len(given), 1, *shape))
    except TypeError as error:
        raise InputError(str(error)) from error
    distortion = certain(-fitted.model.log_likelihood(block.x, z, block.context), torch.inf).double() - block.units
    lost = distortion[:, 0].cpu().numpy()
    lost[np.repeat(departed_rows(fitted, x), len(lost))] = np.inf
    code: Array = z[:, 0].cpu().numpy()
    made = decoded(fitted, code, _each(context, len(code)), mean_of, False, _each(x, len(code)))
    mean, deviation = (part[0].cpu().numpy() for part in summary(q))
    return Inside(kind_of(q), mean, deviation, given, code, made, lost, *terms)


def kind_of(q: Distribution) -> Kind:
    """Of what kind a posterior is."""
    if as_gaussian(q) is not None:
        return "gaussian"
    return "point" if isinstance(q, PointMass) else "other"


@torch.inference_mode()
def posterior_of(fitted: Fitted) -> tuple[Kind, int] | None:
    """Of what kind the model's posteriors are, and how many numbers of noise a draw takes; None where none is known."""
    evaluating(fitted.model)
    x = torch.zeros(1, *fitted.parts.encoded, device=fitted.device)
    y = torch.zeros(1, fitted.parts.context, device=fitted.device) if fitted.parts.context else None
    q = fitted.model.infer(x, y)
    shape = noise_shape(q)
    try:
        draw(q, (1,), noise=torch.zeros(1, 1, *shape, device=fitted.device))
    except TypeError:
        return None
    return kind_of(q), math.prod(shape)


def _drawn(
    fitted: Fitted, q: Distribution, context: Tensor | None, noise: Tensor
) -> tuple[Tensor, tuple[Array, Array | None, bool]]:
    """Codes ``(n, 1, D)``, and KL(q ‖ p): of each draw, of each dimension, and whether it is in closed form."""
    if not fitted.has_density:
        return draw(q, (len(noise),), noise=noise), (np.zeros(len(noise)), None, True)
    p = fitted.model.codes_given(context)
    known = exact_divergence(q, p)
    if known is None:
        z, log_q = draw_with_density(q, (len(noise),), noise=noise)
        return z, (_numbers(log_ratio(log_q, q, p, z)[:, 0]), None, False)
    each = divergence_of_dimensions(q, p)
    rate = np.repeat(_numbers(known), len(noise))
    return draw(q, (len(noise),), noise=noise), (rate, None if each is None else _numbers(each[0]), True)


def _numbers(values: Tensor) -> Array:
    found: Array = certain(values, torch.inf).double().cpu().numpy()
    return found


def _each(values: Array | None, count: int) -> Any:
    """The only row of these, so many times."""
    return None if values is None else np.repeat(values, count, axis=0)
