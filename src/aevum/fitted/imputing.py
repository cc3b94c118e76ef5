"""What cells that a row lacks may be, given those that it has: by importance weights of codes that are drawn for it."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.distributions import Distribution

from aevum.conditionals import IGNORABLE
from aevum.data.keyed import keyed_uniforms
from aevum.distributions import Columns, draw, from_noise, log_density, mixed, noise_shape
from aevum.distributions.drawing import is_function_of_noise
from aevum.errors import InputError
from aevum.fitted.defended import FROM_PRIOR, against_mixture, of_prior
from aevum.fitted.fitted import Fitted
from aevum.fitted.scoring import Block, certain, keyed_blocks

Array = NDArray[Any]
# Values of draws held at once, and about ten times as much memory in all.
AT_ONCE = 2**21
# Of a cell of which it matters that it is missing, so many values are held.
NODES = 8
# Draws of a cell whose quantiles are an interval's ends.
FEWEST_DRAWS = 1000


class Posterior(NamedTuple):
    """Codes of some rows, with their weights.

    Attributes:
        rows: which rows of x they are of.
        z: ``(K, n, D)``, drawn from q(z|x).
        weights: self-normalised, ``(K, n)``: with them the draws are of p(z|x).
        context: of the rows.
        keys: of the rows.
        x: the rows, encoded.
    """

    rows: slice
    z: Tensor
    weights: Tensor
    context: Tensor | None
    keys: NDArray[np.uint64]
    x: Tensor


def check_gaps(fitted: Fitted) -> None:
    """Raise where the model knows no missing cells.

    Raises:
        InputError: says which likelihood does.
    """
    if not fitted.encoding.missing:
        raise InputError(
            f"this model's likelihood {fitted.likelihood} knows no missing cells; fit with likelihood='columns', which "
            f"learns from rows that lack some and fills them"
        )


def posteriors(fitted: Fitted, x: Array, context: Array | None, k: int, seed: int, held: int) -> Iterator[Posterior]:
    r"""Codes with weights :math:`\bar w_k \propto p(x_o, z_k)/r(z_k)`, in blocks of rows.

    A quarter of the draws is from the prior and all others from q, of which r is the mixture
    (:mod:`aevum.fitted.defended`).

    Source: *MIWAE: deep generative modelling and imputation of incomplete data sets*, P.-A. Mattei, J. Frellsen,
    ICML 2019.

    Args:
        k: draws a row.
        held: draws a row that are held at once, besides.
    """
    nodes = 1 if fitted.likelihood.missingness == IGNORABLE else NODES
    size = max(1, AT_ONCE // (max(k, held) * nodes * math.prod(fitted.parts.encoded)))
    start = 0
    for block in keyed_blocks(fitted, x, context, seed, size):
        z, log_ratio = proposed(fitted, block, k, seed)
        found = fitted.model.log_likelihood(block.x, z, block.context) + log_ratio
        logs = certain(found if found.device.type == "mps" else found.double(), -torch.inf)
        # Where no draw gives the row a probability above 0, none is better than another.
        logs = torch.where(logs.amax(dim=0).isinf(), 0.0, logs)
        rows = slice(start, start + len(block.x))
        yield Posterior(rows, z, logs.softmax(dim=0).to(z.dtype), block.context, block.keys, block.x)
        start = rows.stop


def missing_given(fitted: Fitted, z: Tensor, context: Tensor | None, x: Tensor) -> Distribution:
    """p(x | z, y) of these rows' cells, given that they are missing."""
    p = fitted.model.examples_given(z, context, x)
    return p.where_missing() if isinstance(p, Columns) else p


def regardless(fitted: Fitted) -> Fitted:
    """The same model, for cells that lack because nobody asked for them."""
    model = copy.copy(fitted.model)
    if fitted.likelihood.missingness != IGNORABLE:
        model._modules = {**model._modules, "likelihood": model.likelihood.ignoring()}  # type: ignore[operator]
    return replace(fitted, model=model)


def proposed(fitted: Fitted, block: Block, k: int, seed: int) -> tuple[Tensor, Tensor]:
    """Draws of z and log p(z) − log r(z) of each, ``(k, n, D)`` and ``(k, n)``."""
    p, q = fitted.model.codes_given(block.context), block.q
    wide = round(k * FROM_PRIOR) if is_function_of_noise(p) else 0
    near = draw(q, (k - wide,), noise=block.noise(0, k - wide))
    z = near if not wide else torch.cat([near, of_prior(p, block, 0, wide, seed)])
    log_q = log_density(q, z)
    assert log_q is not None  # a model with a density has one
    return z, against_mixture(p.log_prob(z) - log_q, wide / k)


@torch.inference_mode()
def expected(fitted: Fitted, x: Array, context: Array | None, k: int, seed: int) -> Array:
    """x with every missing cell at Σ_k w̄_k E[x_m|z_k], or at the most probable class, ``(N, F)`` in float64."""
    out = np.array(x, dtype=np.float64)
    for found in posteriors(fitted, x, context, k, seed, 1):
        centre = mixed(missing_given(fitted, found.z, found.context, found.x), found.weights)
        fill(out[found.rows], fitted.encoding.inverse(centre), x[found.rows])
    return out


@torch.inference_mode()
def completed(fitted: Fitted, x: Array, context: Array | None, draws: int, k: int, seed: int) -> Array:
    """Draws of x given what there is of it, ``(draws, N, F)``: codes by their weights, and cells given the codes."""
    out = np.repeat(np.array(x, dtype=np.float64)[None], draws, axis=0)
    for found in posteriors(fitted, x, context, k, seed, draws):
        made = fitted.encoding.inverse(cells_of(fitted, found, draws))
        for one, each in zip(out[:, found.rows], made, strict=True):
            fill(one, each, x[found.rows])
    return out


@torch.inference_mode()
def ends(fitted: Fitted, x: Array, context: Array | None, level: float, k: int, seed: int) -> tuple[Array, Array]:
    """The central interval of each missing cell, two arrays ``(N, F)``; both ends of other cells are their values."""
    low, high = np.array(x, dtype=np.float64), np.array(x, dtype=np.float64)
    count = max(k, FEWEST_DRAWS)
    shares = torch.tensor([0.5 - 0.5 * level, 0.5 + 0.5 * level], dtype=torch.float64)
    for found in posteriors(fitted, x, context, k, seed, count):
        made = fitted.encoding.inverse(cells_of(fitted, found, count))
        edges = torch.quantile(made, shares.to(made), dim=0)
        for out, edge in zip((low, high), edges, strict=True):
            fill(out[found.rows], edge, x[found.rows])
    return low, high


def fill(out: Array, values: Tensor, given: Array) -> None:
    """Write values where nothing was given."""
    gaps = np.isnan(given)
    out[gaps] = values.cpu().numpy()[gaps]


def cells_of(fitted: Fitted, found: Posterior, draws: int) -> Tensor:
    """Rows on the model's scale, ``(draws, n, F)``: each from a code that is picked in proportion to its weight.

    Picked at evenly spaced places on the cumulated weights, moved by the row's own number: a draw of each code that
    weighs 1/draws or more is certain.
    """
    device, n = found.z.device, len(found.keys)
    uniform = keyed_uniforms(found.keys + np.uint64(1), 1)[:, 0]
    places = (torch.arange(draws, dtype=torch.float64) + torch.from_numpy(uniform)[:, None]) / draws
    cumulated = found.weights.T.double().cpu().cumsum(dim=1).contiguous()
    picked = torch.searchsorted(cumulated, (places * cumulated[:, -1:]).contiguous()).clamp_max(len(found.z) - 1)
    # In the order of the codes, neighbours are alike: each copy is to be any of them.
    order = torch.from_numpy(keyed_uniforms(found.keys + np.uint64(2), draws)).argsort(dim=1)
    picked = picked.gather(1, order).T.to(device)
    z = found.z.gather(0, picked.unsqueeze(-1).expand(-1, -1, found.z.shape[-1]))
    p = missing_given(fitted, z, found.context, found.x)
    width = math.prod(noise_shape(p))
    numbers = torch.from_numpy(keyed_uniforms(found.keys + np.uint64(3), draws * width)).clamp(2.0**-53, 1.0 - 2.0**-53)
    noise = torch.special.ndtri(numbers).view(n, draws, width).transpose(0, 1).reshape(draws, n, *noise_shape(p))
    try:
        return from_noise(p, noise.float().to(device))
    except TypeError:  # a likelihood of the user's own, whose draws are no known function of noise
        return draw(p, (), torch.Generator(device).manual_seed(int(found.keys.sum() % np.uint64(2**62))))
