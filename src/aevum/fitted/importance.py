"""log p(x) by importance sampling under a fitted estimator: thousands of draws a row, in bounded memory."""

from __future__ import annotations

import functools
import math
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.distributions import Distribution

from aevum.data.keyed import keyed_uniforms
from aevum.distributions import draw_with_density, exact_divergence
from aevum.fitted.defended import with_prior_draws
from aevum.fitted.fitted import Fitted
from aevum.fitted.scoring import MOST_ROWS, Block, certain, departed_rows, keyed_blocks
from aevum.objectives import Draws, draws_in_chunks, effective_sample_size, pareto_shape, weighed
from aevum.training import autocast_dtype

Array = NDArray[Any]
# Values decoded at once: few enough for a processor's cache, enough to keep an accelerator busy.
CHUNK_VALUES = {"cpu": 3 * 2**19, "cuda": 2**27, "mps": 2**25}
# Rows that share a block, where k alone would leave fewer: they share what is done once a block.
FEWEST_ROWS = 8
# Draws that are decoded again in float32 after bfloat16 products: some picked in proportion to their weight, and as
# many evenly.
CHECKED_SHARE, FEWEST_CHECKED, MOST_CHECKED = 1 / 50, 4, 16


class ImportanceSample(NamedTuple):
    """What k draws of z say of each row, eight arrays ``(N,)``, in nats and in the data's units.

    ``standard_error`` is the Monte Carlo error of ``log_evidence``, by the delta method √(1/ESS − 1/k), and
    ``bound_error`` that of −(distortion + rate); of a row so far out that no draw gives it a probability above 0 the
    evidence is −inf, its error inf, and no draw effective. −(distortion + rate) is the mean log weight, which is never
    above ``log_evidence``: ``rate`` is exact where a closed form is known, and ``distortion`` is the mean −log p(x|z)
    less by how much the same draws overstate the rate. ``pareto_k`` is the weights' tail index, see
    :func:`~aevum.objectives.pareto_shape`; rows of one ``key`` share their draws.
    """

    log_evidence: Array
    standard_error: Array
    effective_sample_size: Array
    bound_error: Array
    distortion: Array
    rate: Array
    pareto_k: Array
    key: NDArray[np.uint64]


@torch.inference_mode()
def importance_sample(
    fitted: Fitted,
    x: Array,
    context: Array | None,
    *,
    k: int,
    seed: int,
    chunk: int | None = None,
    precision: str = "float32",
    tails: bool = True,
) -> ImportanceSample:
    """The evidence of each row from exactly k draws, ``chunk`` of them (of all rows together) decoded at once; of a row
    that lacks cells from a third as many of the prior's besides (:mod:`aevum.fitted.defended`).

    With bfloat16 products a weight is off by some hundredths of a nat. A few draws a row are therefore decoded again
    in float32: Σ_k w_k is the sum of the inexact w̃_k times E[w/w̃] over draws that are picked in proportion to w̃.
    Without ``tails`` every ``pareto_k`` is NaN: a tenth of the time at 100 draws, for whoever does not ask.
    """
    device, model = fitted.device, fitted.model
    chunk = chunk or max(1, CHUNK_VALUES.get(device.type, 3 * 2**19) // math.prod(fitted.parts.event))
    keep_heap_pages()
    # A row that lacks cells is not scored as those beside it are, and these must not differ by it.
    dtype = None if fitted.encoding.missing else autocast_dtype(precision, device, model)
    found: list[tuple[Tensor, ...]] = []
    every: list[NDArray[np.uint64]] = []
    size = min(chunk, max(FEWEST_ROWS, min(MOST_ROWS, chunk // k)))
    for rows, c, q, noise, keys, units in keyed_blocks(fitted, x, context, seed, size):
        p = model.codes_given(c)
        with autocast(device, dtype):
            at_once = max(1, chunk // len(rows))
            parts = list(draws_in_chunks(model, q, p, rows, c, k=k, chunk=at_once, noise=noise))
        # A draw at which a network or a square overflows weighs nothing.
        draws = Draws(*(certain(torch.cat(part).double(), -torch.inf) for part in zip(*parts, strict=True)))
        weights = certain(draws.log_weights, -torch.inf)
        evidence = said(weights, tails)
        bound, distortion = evidence[0], -draws.log_likelihood.mean(0)
        if dtype is not None:
            chosen = draws_to_check(weights, keys)
            exact = weighed(model, q, p, *draw_with_density(q, noise=noise.at(chosen)), rows, c)
            weighted, even = (certain(part, 0.0) for part in correction(draws, chosen, exact))
            bound, distortion = bound + weighted, distortion - even
        gaps = rows.isnan().flatten(1).any(dim=1) if fitted.encoding.missing else None
        if gaps is not None and bool(gaps.any()):
            block = Block(rows, c, q, noise, keys, units)
            more = said(with_prior_draws(model, block, p, draws, seed, at_once), tails)
            bound, *evidence[1:] = (torch.where(gaps, *each) for each in zip(more, [bound, *evidence[1:]], strict=True))
        expected, overstated = rate(q, p, draws)
        distortion = distortion + overstated
        bound_error = certain(weights.var(0, correction=0), torch.inf).div(max(k - 1, 1)).sqrt()
        error, effective, tail = evidence[1:]
        own = distortion - units
        found.append((bound + units, error, effective, bound_error, own, certain(expected, torch.inf), tail))
        every.append(keys)
    columns = [torch.cat(column).double().cpu().numpy() for column in zip(*found, strict=True)]
    off = departed_rows(fitted, x)
    for column, value in zip(columns, (-np.inf, np.inf, 0.0, np.inf, np.inf, columns[5][off], np.inf), strict=True):
        column[off] = value
    return ImportanceSample(*columns, np.concatenate(every))  # type: ignore[call-arg]


def said(log_weights: Tensor, tails: bool) -> list[Tensor]:
    """What log weights ``(K, N)`` say of the evidence, ``(N,)`` each: its logarithm, that one's Monte Carlo error, the
    effective sample size and the tail index.
    """
    # Where no draw weighs anything the evidence is −inf, and what is subtracted must be finite.
    largest = log_weights.amax(0).clamp_min(torch.finfo(log_weights.dtype).min)
    count = len(log_weights)
    bound = largest + ((log_weights - largest).exp_().sum(0) / count).log()
    effective = certain(effective_sample_size(log_weights), 0.0)
    error = (1.0 / effective - 1.0 / count).clamp_min(0.0).sqrt()
    return [bound, error, effective, pareto_shape(log_weights) if tails else torch.full_like(bound, torch.nan)]


def draws_to_check(log_weights: Tensor, keys: NDArray[np.uint64]) -> Tensor:
    """Indices of draws, ``(2M, N)``: M by systematic resampling in proportion to their weights, then M evenly.

    Args:
        log_weights: ``(K, N)``.
        keys: of the rows, for one uniform number each.
    """
    largest = log_weights.amax(0).clamp_min(torch.finfo(log_weights.dtype).min)
    weights, k = (log_weights - largest).exp(), len(log_weights)
    count = int(np.clip(round(k * CHECKED_SHARE), FEWEST_CHECKED, MOST_CHECKED))
    # Evenly spaced places on the cumulated weights, moved by the row's uniform number.
    start = torch.from_numpy(keyed_uniforms(keys, 1)[:, 0]).to(weights.device)
    places = (torch.arange(count, device=start.device)[:, None] + start) / count
    cumulated = weights.cumsum(0).T.contiguous()
    picked = torch.searchsorted(cumulated, (places.T * cumulated[:, -1:]).contiguous()).T
    return torch.cat([picked, (places * k).long()]).clamp_max(k - 1)


def correction(draws: Draws, chosen: Tensor, exact: Draws) -> tuple[Tensor, Tensor]:
    """What inexact products took from log Σ_k w_k and from the mean log-likelihood, ``(N,)`` each."""
    count = len(chosen) // 2
    difference = exact.log_likelihood.double() - draws.log_likelihood.gather(0, chosen)
    return difference[:count].logsumexp(0) - math.log(count), difference[count:].mean(0)


def rate(q: Distribution, p: Distribution, draws: Draws) -> tuple[Tensor, Tensor]:
    """KL(q ‖ p) of each row, exact where a closed form is registered, and by how much the draws' mean log q − log p is
    above it, which is 0 on average.
    """
    exact, drawn = exact_divergence(q, p), -draws.log_ratio.mean(0)
    if exact is None:
        return drawn, torch.zeros_like(drawn)
    overstated = drawn - exact
    return exact, torch.where(overstated.isfinite(), overstated, 0.0)


def autocast(device: torch.device, dtype: torch.dtype | None) -> AbstractContextManager[Any]:
    """Matrix products in this type; None leaves them as they are."""
    return torch.autocast(device.type, dtype, enabled=dtype is not None)


@functools.cache
def keep_heap_pages() -> None:
    """Let the C library keep the pages of large buffers that are freed.

    glibc hands freed memory back to the system, and asking for it again at every chunk can cost ten times the
    arithmetic. Freeing one buffer just under 32 MiB raises its threshold for that for the rest of the process.
    """
    torch.empty(31 * 2**18)
