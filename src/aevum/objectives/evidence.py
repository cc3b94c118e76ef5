"""Importance weights, and the bound on the evidence that they give."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor

from aevum.model import LatentVariableModel


def log_weights(
    model: LatentVariableModel, x: Tensor, y: Tensor | None = None, *, k: int = 1, noise: Tensor | None = None
) -> Tensor:
    r"""log w_k = log p(x|z_k,y) + log p(z_k|y) − log q(z_k|x,y) with z_k ~ q, ``(K, N)``.

    Args:
        model: needs a prior and a posterior with a density.
        x: ``(N, *event)``, as the model sees it (scaled).
        y: ``(N, C)`` or None.
        k: number of draws an example.
        noise: the standard normal draws to use, ``(K, N, D)``.
    """
    if model.prior is None:
        raise TypeError("an auto-encoder has no density: it has neither a prior nor a rate; fit a VAE for one")
    q, p = model.posterior(x, y), model.prior(y)
    z = q.rsample((k,)) if noise is None else q.rsample((k,), noise=noise)
    weights: Tensor = model.likelihood(z, y).log_prob(x) + p.log_prob(z) - q.log_prob(z)
    return weights


def importance_weighted_bound(
    model: LatentVariableModel,
    x: Tensor,
    y: Tensor | None = None,
    *,
    k: int = 1,
    chunk: int = 100,
    noise: Callable[[int, int], Tensor] | None = None,
) -> Tensor:
    r"""L_K = log (1/K) Σ_k w_k, ``(N,)``: L_1 is a one-draw ELBO, L_K grows with K and tends to log p(x|y).

    Source: *Importance weighted autoencoders*, Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016.

    Args:
        model, x, y: as for :func:`log_weights`.
        k: number of draws, exactly.
        chunk: draws held in memory at once; the result does not depend on it but for rounding.
        noise: ``(start, stop) ↦`` the standard normal draws of that range, ``(stop − start, N, D)``.
    """
    total: Tensor | None = None
    for start in range(0, k, chunk):
        stop = min(start + chunk, k)
        drawn = noise(start, stop) if noise is not None else None
        part = log_weights(model, x, y, k=stop - start, noise=drawn).logsumexp(0)
        total = part if total is None else torch.logaddexp(total, part)
    if total is None:
        raise ValueError(f"k must be at least 1, got {k}")
    return total - math.log(k)
