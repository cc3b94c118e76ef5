"""log p(x) by importance sampling under a fitted estimator: thousands of draws a row, in bounded memory."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.distributions import Distribution, kl_divergence

from aevum.data.keyed import keyed_uniforms
from aevum.estimators.scoring import MOST_ROWS, keyed_blocks
from aevum.objectives import Draws, draws_in_chunks, effective_sample_size, posterior_and_prior, weighed
from aevum.training import autocast_dtype

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

Array = NDArray[Any]
# Values decoded at once: few enough for a processor's cache, enough to keep an accelerator busy.
CHUNK_VALUES = {"cpu": 2**21, "cuda": 2**27, "mps": 2**25}
# Draws that are decoded again in float32 after bfloat16 products: some picked in proportion to their weight, and as
# many evenly.
CHECKED_SHARE, FEWEST_CHECKED, MOST_CHECKED = 1 / 50, 4, 32


class ImportanceSample(NamedTuple):
    """What k draws of z say of each row, five arrays ``(N,)``, in nats and in the data's units.

    ``standard_error`` is the Monte Carlo error of ``log_evidence``, by the delta method √(1/ESS − 1/k);
    ``distortion`` is E_q[−log p(x|z)] over the same draws, ``rate`` exact where a closed form is known.
    """

    log_evidence: Array
    standard_error: Array
    effective_sample_size: Array
    distortion: Array
    rate: Array


@torch.inference_mode()
def importance_sample(
    estimator: LatentVariableEstimator,
    x: Array,
    context: Array | None,
    *,
    k: int,
    seed: int,
    chunk: int | None = None,
    precision: str = "float32",
) -> ImportanceSample:
    """The evidence of each row from exactly k draws, ``chunk`` of them (of all rows together) decoded at once.

    With bfloat16 products a weight is off by some hundredths of a nat. A few draws a row are therefore decoded again
    in float32: Σ_k w_k is the sum of the inexact w̃_k times E[w/w̃] over draws that are picked in proportion to w̃.
    """
    device, model = estimator.device_, estimator.model_
    chunk = chunk or max(1, CHUNK_VALUES.get(device.type, 2**21) // math.prod(estimator.parts_.event))
    keep_heap_pages()
    dtype = autocast_dtype(precision, device, model)
    found: list[tuple[Tensor, ...]] = []
    for rows, c, noise, keys in keyed_blocks(estimator, x, context, seed, max(1, min(MOST_ROWS, chunk // k))):
        q, p = posterior_and_prior(model, rows, c)
        with autocast(device, dtype):
            at_once = max(1, chunk // len(rows))
            parts = list(draws_in_chunks(model, q, p, rows, c, k=k, chunk=at_once, noise=noise))
        draws = Draws(*(torch.cat(part).double() for part in zip(*parts, strict=True)))
        bound, distortion = draws.log_weights.logsumexp(0) - math.log(k), -draws.log_likelihood.mean(0)
        if dtype is not None:
            chosen = draws_to_check(draws, keys)
            exact = weighed(model, q, p, q.rsample(noise=noise.at(chosen)), rows, c)
            weighted, even = correction(draws, chosen, exact)
            bound, distortion = bound + weighted, distortion - even
        size = effective_sample_size(draws.log_weights)
        error = (1.0 / size - 1.0 / k).clamp_min(0.0).sqrt()
        found.append((bound, error, size, distortion, rate(q, p, draws)))
    columns = [torch.cat(column).double().cpu().numpy() for column in zip(*found, strict=True)]
    shift = estimator._log_abs_det()
    return ImportanceSample(columns[0] + shift, columns[1], columns[2], columns[3] - shift, columns[4])


def draws_to_check(draws: Draws, keys: NDArray[np.uint64]) -> Tensor:
    """Indices of draws, ``(2M, N)``: M by systematic resampling in proportion to their weights, then M evenly."""
    k = len(draws.log_ratio)
    count = int(np.clip(round(k * CHECKED_SHARE), FEWEST_CHECKED, MOST_CHECKED))
    # One uniform number a row, and evenly spaced places on the cumulated weights.
    start = torch.from_numpy(keyed_uniforms(keys, 1)[:, 0]).to(draws.log_ratio.device)
    places = (torch.arange(count, device=start.device)[:, None] + start) / count
    cumulated = draws.log_weights.softmax(0).cumsum(0).T.contiguous()
    picked = torch.searchsorted(cumulated, places.T.contiguous()).T
    return torch.cat([picked, (places * k).long()]).clamp_max(k - 1)


def correction(draws: Draws, chosen: Tensor, exact: Draws) -> tuple[Tensor, Tensor]:
    """What inexact products took from log Σ_k w_k and from the mean log-likelihood, ``(N,)`` each."""
    count = len(chosen) // 2
    difference = exact.log_likelihood.double() - draws.log_likelihood.gather(0, chosen)
    return difference[:count].logsumexp(0) - math.log(count), difference[count:].mean(0)


def rate(q: Distribution, p: Distribution, draws: Draws) -> Tensor:
    """KL(q ‖ p) of each row: exact where a closed form is registered, else the mean of the draws' log q − log p."""
    try:
        return kl_divergence(q, p)
    except NotImplementedError:
        return -draws.log_ratio.mean(0)


def autocast(device: torch.device, dtype: torch.dtype | None) -> AbstractContextManager[Any]:
    """Matrix products in this type; None leaves them as they are."""
    return torch.autocast(device.type, dtype, enabled=dtype is not None)


def keep_heap_pages() -> None:
    """Let the C library keep the pages of large buffers that are freed.

    glibc hands freed memory back to the system, and asking for it again at every chunk can cost ten times the
    arithmetic. Freeing one buffer just under 32 MiB raises its threshold for that, which no later call lowers.
    """
    torch.empty(31 * 2**18)
