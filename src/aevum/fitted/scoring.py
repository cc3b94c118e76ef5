"""Scores of rows under a fitted model, in the data's units; each is a function of the row alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.distributions import Distribution

from aevum.data.keyed import row_keys
from aevum.data.source import native
from aevum.distributions import draw, log_density, log_prob_of_values, noise_shape, summary
from aevum.errors import InputError
from aevum.fitted.fitted import Fitted
from aevum.fitted.noise import KeyedNoise, binarized
from aevum.objectives import distortion_and_rate, distortion_of

Array = NDArray[Any]
MOST_ROWS = 4096
# Codes that are compared with all posteriors at once.
CROSSED = 64


class Block(NamedTuple):
    """Some rows as the model sees them, with their posterior and the noise that is theirs."""

    x: Tensor
    context: Tensor | None
    q: Distribution
    noise: KeyedNoise
    keys: NDArray[np.uint64]
    units: Tensor


def certain(values: Tensor, worst: float) -> Tensor:
    """What is no number, after a network or a square that overflowed, as the worst value there is."""
    return torch.where(values.isnan(), worst, values)


def keyed_blocks(fitted: Fitted, x: Array, context: Array | None, seed: int, size: int = MOST_ROWS) -> Iterator[Block]:
    """Encoded blocks of at most ``size`` rows with their draws and keys; a Bernoulli's grey levels are drawn to bits.

    ``units`` is what the data's units add to each row's log density.
    """
    for rows, context_ in fitted.blocks(x, context):
        encoded = rows.cpu().numpy()
        keys = row_keys(encoded, seed)
        if fitted.likelihood.binarize in ("dynamic", "static"):
            rows = torch.from_numpy(binarized(encoded, seed)).to(rows.device)
        units = fitted.log_abs_det(rows)
        for start in range(0, len(rows), size):
            part = slice(start, start + size)
            c = None if context_ is None else context_[part]
            q = fitted.model.infer(rows[part], c)
            noise = KeyedNoise(keys[part], noise_shape(q), seed, rows.device)
            yield Block(rows[part], c, q, noise, keys[part], units[part])


@torch.inference_mode()
def terms_of_rows(fitted: Fitted, x: Array, context: Array | None, seed: int) -> tuple[Array, Array]:
    """Distortion and rate of each row, ``(N,)`` and ``(N,)``; a model without a density has no rate: 0."""
    found: list[tuple[Tensor, Tensor]] = []
    for block in keyed_blocks(fitted, x, context, seed):
        noise = block.noise(0, 1)[0]
        if fitted.has_density:
            terms = distortion_and_rate(fitted.model, block.q, block.x, block.context, noise=noise)
        else:
            distortion = distortion_of(fitted.model, block.q, block.x, block.context, noise=noise)
            terms = distortion, torch.zeros_like(distortion)
        distortion, rate = (certain(term, torch.inf).double() for term in terms)
        found.append((distortion - block.units, rate))
    distortions, rates = (torch.cat(column).cpu().numpy() for column in zip(*found, strict=True))
    distortions[departed_rows(fitted, x)] = np.inf
    return distortions, rates


@torch.inference_mode()
def drawn_codes(fitted: Fitted, x: Array, context: Array | None, seed: int, draws: int = 1) -> Array:
    """Codes z ~ q(z|x,y), ``(draws, N, D)``: a function of (seed, row)."""
    found = [draw(block.q, (draws,), noise=block.noise(0, draws)) for block in keyed_blocks(fitted, x, context, seed)]
    return torch.cat(found, dim=1).cpu().numpy()


@torch.inference_mode()
def cross_log_densities(fitted: Fitted, x: Array, context: Array | None, z: Array) -> Array:
    """log q(z_i | x_j, y_j) of each code under each row's posterior, ``(len(z), N)``."""
    codes = fitted.tensor(z.astype(np.float32))[:, None, :]
    found = []
    for rows, c in fitted.blocks(x, context):
        q = fitted.model.infer(rows, c)
        # As many of each code as there are rows, since not every density broadcasts.
        pairs = torch.split(codes.expand(-1, len(rows), -1), CROSSED)
        parts = [log_density(q, each) for each in pairs]
        found.append(torch.cat([part for part in parts if part is not None]))
    return torch.cat(found, dim=1).double().cpu().numpy()


@torch.inference_mode()
def squared_error(fitted: Fitted, x: Array, context: Array | None) -> Array:
    """‖x − x̂‖² of each row in the data's units over the values that it has, ``(N,)``."""
    errors = []
    start = 0
    for rows, c in fitted.blocks(x, context):
        mean = fitted.model.examples_given(summary(fitted.model.infer(rows, c))[0], c, rows).mean
        raw = torch.from_numpy(native(x[start : start + len(rows)])).to(mean.device)
        made = fitted.encoding.inverse(mean)
        difference = raw.to(made.dtype) - made
        if fitted.encoding.missing:
            difference = difference.masked_fill(raw.isnan(), 0.0)
        errors.append(certain(difference.square().flatten(1).sum(1), torch.inf).cpu().numpy())
        start += len(rows)
    return np.concatenate(errors).astype(np.float64)


@torch.inference_mode()
def on_one_scale(fitted: Fitted, x: Array, context: Array | None) -> tuple[Array, Array]:
    """Rows and their reconstructions as the model sees them, flat, two arrays ``(N, F)``: no column's unit decides."""
    pairs = []
    for rows, c in fitted.blocks(x, context):
        made = fitted.model.examples_given(summary(fitted.model.infer(rows, c))[0], c, rows).mean
        pairs.append((rows.flatten(1).double().cpu(), made.flatten(1).double().cpu()))
    given, found = (torch.cat(column).numpy() for column in zip(*pairs, strict=True))
    return given, found


@torch.inference_mode()
def distortion_of_values(fitted: Fitted, x: Array, context: Array | None, seed: int) -> Array:
    """−log p(x_d | z, y) of every value at the posterior mean, ``(N, *event)``: its terms sum to the distortion there.

    Raises:
        InputError: the likelihood is no product over the values.
    """
    found = []
    for block in keyed_blocks(fitted, x, context, seed):
        p = fitted.model.examples_given(summary(block.q)[0], block.context, block.x)
        values = log_prob_of_values(p, block.x)
        if values is None:
            raise InputError(
                f"likelihood {fitted.likelihood} is no product over the values: none has a distortion of its own"
            )
        each = certain(-values.double(), torch.inf)
        if fitted.likelihood.continuous:
            each = each - fitted.encoding.log_derivative(block.x)
        found.append(each.cpu().numpy())
    every: Array = np.concatenate(found)
    if (departed := fitted.encoding.departures(x)) is not None:
        every[departed] = np.inf
    return every


def departed_rows(fitted: Fitted, x: Array) -> NDArray[np.bool_]:
    """Which rows differ in a column that never changed in training, ``(N,)``."""
    found = fitted.encoding.departures(x)
    return np.zeros(len(x), dtype=np.bool_) if found is None else np.asarray(found.any(axis=1))
