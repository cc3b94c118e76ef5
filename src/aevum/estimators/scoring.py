"""Scores of rows under a fitted estimator, in the data's units; each is a function of the row alone."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.data.keyed import row_keys
from aevum.data.source import native
from aevum.errors import InputError
from aevum.estimators.constants import departed_rows, departures
from aevum.estimators.draws import KeyedNoise, binarized

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

Array = NDArray[Any]
MOST_ROWS = 4096
# Half of what float32 holds, so that a difference of two is finite.
LARGEST = 1.7e38


def finite(scaled: Tensor) -> Tensor:
    """Rows that float32 can't hold as the farthest ones that it can."""
    return scaled.clamp_(-LARGEST, LARGEST)


def certain(values: Tensor, worst: float) -> Tensor:
    """What is no number, after a network or a square that overflowed, as the worst value there is."""
    return torch.where(values.isnan(), worst, values)


def keyed_blocks(
    estimator: LatentVariableEstimator, x: Array, context: Array | None, seed: int, size: int = MOST_ROWS
) -> Iterator[tuple[Tensor, Tensor | None, KeyedNoise, Array]]:
    """Scaled blocks of at most ``size`` rows with their draws and keys; a Bernoulli's grey levels are drawn to bits."""
    for rows, c in estimator._blocks(x, context):
        scaled = rows.cpu().numpy()
        keys = row_keys(scaled, seed)
        noise = KeyedNoise(keys, estimator.parts_.latent_dim, seed, rows.device)
        if estimator.parts_.likelihood.binarize in ("dynamic", "static"):
            rows = torch.from_numpy(binarized(scaled, seed)).to(rows.device)
        for start in range(0, len(rows), size):
            part = slice(start, start + size)
            yield rows[part], None if c is None else c[part], noise.rows(part), keys[part]


@torch.inference_mode()
def distortion_and_rate(
    estimator: LatentVariableEstimator, x: Array, context: Array | None, seed: int
) -> tuple[Array, Array]:
    """The objective's two terms of each row, ``(N,)`` and ``(N,)``."""
    distortion, rate = [], []
    for rows, c, noise, _ in keyed_blocks(estimator, x, context, seed):
        terms = estimator.objective_(estimator.model_, rows, c, noise=noise(0, 1)[0])
        distortion.append(certain(terms.distortion, torch.inf).double().cpu().numpy())
        rate.append(certain(terms.rate, torch.inf).double().cpu().numpy())
    found = np.concatenate(distortion) - estimator._log_abs_det()
    found[departed_rows(estimator, x)] = np.inf
    return found, np.concatenate(rate)


@torch.inference_mode()
def squared_error(estimator: LatentVariableEstimator, x: Array, context: Array | None) -> Array:
    """‖x − x̂‖² of each row in the data's units, ``(N,)``."""
    errors = []
    start = 0
    for rows, c in estimator._blocks(x, context):
        mean = estimator.model_.likelihood(estimator.model_.infer(rows, c).mean, c).mean
        raw = torch.from_numpy(native(x[start : start + len(rows)])).to(mean.device)
        difference = raw.to(estimator.scaling_.scale.dtype) - estimator.scaling_.inverse(mean)
        errors.append(certain(difference.square().flatten(1).sum(1), torch.inf).cpu().numpy())
        start += len(rows)
    return np.concatenate(errors).astype(np.float64)


@torch.inference_mode()
def distortion_of_values(estimator: LatentVariableEstimator, x: Array, context: Array | None, seed: int) -> Array:
    """−log p(x_d | z, y) of every value at the posterior mean, ``(N, *event)``: its terms sum to the distortion there.

    Raises:
        InputError: the likelihood is no product over the values.
    """
    found = []
    for rows, c, *_ in keyed_blocks(estimator, x, context, seed):
        p = copy(estimator.model_.likelihood(estimator.model_.infer(rows, c).mean, c))
        p.event_dim = 0  # every distribution sums over its event; with none to sum over, it says each value's own
        values = p.log_prob(rows)
        if values.shape != rows.shape:
            raise InputError(
                f"likelihood {estimator.likelihood_} is no product over the values: none has a distortion of its own"
            )
        found.append(certain(-values.double(), torch.inf).cpu().numpy())
    units = estimator.scaling_.scale.log().cpu().numpy() if estimator.likelihood_.continuous else 0.0
    each: Array = np.concatenate(found) + units
    if (departed := departures(estimator, x)) is not None:
        each[departed] = np.inf
    return each
