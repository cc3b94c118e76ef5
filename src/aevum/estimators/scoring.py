"""Scores of rows under a fitted estimator, in the data's units; each is a function of the row alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.data.keyed import row_keys
from aevum.data.source import native
from aevum.estimators.draws import KeyedNoise, binarized
from aevum.objectives import importance_weighted_bound

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

Array = NDArray[Any]
CHUNK_VALUES = 2**22


def keyed_blocks(
    estimator: LatentVariableEstimator, x: Array, context: Array | None, seed: int
) -> Iterator[tuple[Tensor, Tensor | None, KeyedNoise]]:
    """Scaled blocks with the draws of their rows; grey levels of a Bernoulli model are drawn to binary images."""
    for rows, c in estimator._blocks(x, context):
        scaled = rows.cpu().numpy()
        noise = KeyedNoise(row_keys(scaled, seed), estimator.parts_.latent_dim, seed, rows.device)
        if estimator.parts_.likelihood.binarize in ("dynamic", "static"):
            rows = torch.from_numpy(binarized(scaled, seed)).to(rows.device)
        yield rows, c, noise


@torch.inference_mode()
def log_evidence(estimator: LatentVariableEstimator, x: Array, context: Array | None, k: int, seed: int) -> Array:
    """The importance-weighted bound on log p(x), ``(N,)``; memory is bounded whatever k is."""
    scores = []
    for rows, c, noise in keyed_blocks(estimator, x, context, seed):
        chunk = max(1, min(k, CHUNK_VALUES // rows.numel()))
        scores.append(importance_weighted_bound(estimator.model_, rows, c, k=k, chunk=chunk, noise=noise))
    total: Array = torch.cat(scores).double().cpu().numpy() + estimator._log_abs_det()
    return total


@torch.inference_mode()
def distortion_and_rate(
    estimator: LatentVariableEstimator, x: Array, context: Array | None, seed: int
) -> tuple[Array, Array]:
    """The objective's two terms of each row, ``(N,)`` and ``(N,)``."""
    distortion, rate = [], []
    for rows, c, noise in keyed_blocks(estimator, x, context, seed):
        terms = estimator.objective_(estimator.model_, rows, c, noise=noise(0, 1)[0])
        distortion.append(terms.distortion.double().cpu().numpy())
        rate.append(terms.rate.double().cpu().numpy())
    return np.concatenate(distortion) - estimator._log_abs_det(), np.concatenate(rate)


@torch.inference_mode()
def squared_error(estimator: LatentVariableEstimator, x: Array, context: Array | None) -> Array:
    """‖x − x̂‖² of each row in the data's units, ``(N,)``."""
    errors = []
    start = 0
    for rows, c in estimator._blocks(x, context):
        mean = estimator.model_.likelihood(estimator.model_.posterior(rows, c).mean, c).mean
        raw = torch.from_numpy(native(x[start : start + len(rows)])).to(mean.device)
        difference = raw.to(estimator.scaling_.scale.dtype) - estimator.scaling_.inverse(mean)
        errors.append(difference.square().flatten(1).sum(1).cpu().numpy())
        start += len(rows)
    return np.concatenate(errors).astype(np.float64)
