"""Importance weights, and the bound on the evidence that they give."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.distributions import Distribution

from aevum.model import LatentVariableModel

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


def posterior_and_prior(model: LatentVariableModel, x: Tensor, y: Tensor | None) -> tuple[Any, Distribution]:
    """q(z|x,y), whose ``rsample`` takes ``noise``, and p(z|y).

    Raises:
        TypeError: the model has no prior, and so neither a rate nor a density.
    """
    if model.prior is None:
        raise TypeError("an auto-encoder has no density: it has neither a prior nor a rate; fit a VAE for one")
    return model.infer(x, y), model.prior(y)


def weighed(model: LatentVariableModel, q: Any, p: Distribution, z: Tensor, x: Tensor, y: Tensor | None) -> Draws:
    """The terms of draws z ``(K, N, D)``."""
    return Draws(model.likelihood(z, y).log_prob(x), p.log_prob(z) - q.log_prob(z))


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
    q, p = posterior_and_prior(model, x, y)
    return weighed(model, q, p, drawn(q, k, noise), x, y).log_weights


def drawn(q: Any, k: int, noise: Tensor | None) -> Tensor:
    """K reparameterized draws, ``(K, N, D)``."""
    z: Tensor = q.rsample((k,)) if noise is None else q.rsample((k,), noise=noise)
    return z


def draws_in_chunks(
    model: LatentVariableModel,
    q: Any,
    p: Distribution,
    x: Tensor,
    y: Tensor | None,
    *,
    k: int,
    chunk: int,
    noise: Noise | None = None,
) -> Iterator[Draws]:
    """Exactly k draws, at most ``chunk`` at a time; ``noise`` maps a range to its draws, ``(stop − start, N, D)``."""
    if k < 1 or chunk < 1:
        raise ValueError(f"k and chunk must be at least 1, got {k} and {chunk}")
    for start in range(0, k, chunk):
        stop = min(start + chunk, k)
        z = drawn(q, stop - start, None if noise is None else noise(start, stop))
        yield weighed(model, q, p, z, x, y)


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
        noise: ``(start, stop) ↦`` the standard normal draws of that range, ``(stop − start, N, D)``.
    """
    q, p = posterior_and_prior(model, x, y)
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
