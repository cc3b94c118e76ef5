"""Importance weights, and the bound on the evidence that they give."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor
from torch.distributions import Distribution

from aevum.distributions import draw_with_density
from aevum.model import LatentVariableModel
from aevum.objectives.elbo import log_ratio

Noise = Callable[[int, int], Tensor]


class Draws(NamedTuple):
    """What K draws z_k ~ q(z|x,y) say of each example, in nats.

    Attributes:
        log_likelihood: log p(x|z_k,y), ``(K, N)``.
        log_ratio: log p(z_k|y) − log q(z_k|x,y), ``(K, N)``.
    """

    log_likelihood: Tensor
    log_ratio: Tensor

    @property
    def log_weights(self) -> Tensor:
        """log w_k = log p(x, z_k|y) − log q(z_k|x,y), ``(K, N)``."""
        return self.log_likelihood + self.log_ratio


def weighed(
    model: LatentVariableModel,
    q: Distribution,
    p: Distribution,
    z: Tensor,
    log_q: Tensor | None,
    x: Tensor,
    y: Tensor | None,
) -> Draws:
    """The terms of draws z ``(K, N, D)`` with these log q(z)."""
    return Draws(model.log_likelihood(x, z, y), -log_ratio(log_q, q, p, z))


def log_weights(
    model: LatentVariableModel, x: Tensor, y: Tensor | None = None, *, k: int = 1, noise: Tensor | None = None
) -> Tensor:
    r"""log w_k = log p(x|z_k,y) + log p(z_k|y) − log q(z_k|x,y) with z_k ~ q, ``(K, N)``.

    Args:
        model: needs a prior and a posterior with a density.
        x: ``(N, *event)``, as the model sees it (scaled).
        y: ``(N, C)`` or None.
        k: number of draws an example.
        noise: the standard normal draws to use, ``(K, N, W)``; see :func:`~aevum.distributions.noise_shape`.
    """
    q, p = model.infer(x, y), model.codes_given(y)
    return weighed(model, q, p, *draw_with_density(q, (k,), noise=noise), x, y).log_weights


def draws_in_chunks(
    model: LatentVariableModel,
    q: Distribution,
    p: Distribution,
    x: Tensor,
    y: Tensor | None,
    *,
    k: int,
    chunk: int,
    noise: Noise | None = None,
) -> Iterator[Draws]:
    """Exactly k draws, at most ``chunk`` at a time; ``noise`` maps a range to its draws, ``(stop − start, N, W)``."""
    if k < 1 or chunk < 1:
        raise ValueError(f"k and chunk must be at least 1, got {k} and {chunk}")
    for start in range(0, k, chunk):
        stop = min(start + chunk, k)
        made = draw_with_density(q, (stop - start,), noise=None if noise is None else noise(start, stop))
        yield weighed(model, q, p, *made, x, y)


def importance_weighted_bound(
    model: LatentVariableModel,
    x: Tensor,
    y: Tensor | None = None,
    *,
    k: int = 1,
    chunk: int = 100,
    noise: Noise | None = None,
) -> Tensor:
    r"""L_K = log (1/K) Σ_k w_k, ``(N,)``: L_1 is a one-draw ELBO, L_K grows with K and tends to log p(x|y).

    Source: *Importance weighted autoencoders*, Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016.

    Args:
        model, x, y: as for :func:`log_weights`.
        k: number of draws, exactly.
        chunk: draws held in memory at once; the result does not depend on it but for rounding.
        noise: ``(start, stop) ↦`` the standard normal draws of that range, ``(stop − start, N, W)``.
    """
    q, p = model.infer(x, y), model.codes_given(y)
    found = draws_in_chunks(model, q, p, x, y, k=k, chunk=chunk, noise=noise)
    parts = (part.log_weights.logsumexp(0) for part in found)
    total = next(parts)
    for part in parts:
        total = torch.logaddexp(total, part)
    return total - math.log(k)


def effective_sample_size(log_weights: Tensor) -> Tensor:
    r"""(Σ_k w_k)² / Σ_k w_k² over the first dimension, from 1 (one weight holds all) to K (all are equal).

    Source: *Sequential imputations and Bayesian missing data problems*, A. Kong, J. S. Liu, W. H. Wong, JASA 1994.

    >>> effective_sample_size(torch.zeros(8, 1)), effective_sample_size(torch.tensor([0.0, -50.0, -60.0]))
    (tensor([8.]), tensor(1.))
    """
    return (2.0 * log_weights.logsumexp(0) - (2.0 * log_weights).logsumexp(0)).exp()
