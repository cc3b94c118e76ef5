"""How PyTorch's own distributions are drawn by noise."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch import distributions as torch_distributions
from torch.special import ndtr

from aevum.distributions.drawing import (
    LEAST,
    MOST,
    from_noise,
    from_noise_with_density,
    log_density,
    noise_shape,
)


@from_noise.register
def _(q: torch_distributions.Normal, noise: Tensor) -> Tensor:
    return q.loc + q.scale * noise


@from_noise.register
def _(q: torch_distributions.MultivariateNormal, noise: Tensor) -> Tensor:
    return q.loc + (q.scale_tril @ noise.unsqueeze(-1)).squeeze(-1)


@from_noise.register
def _(q: torch_distributions.LowRankMultivariateNormal, noise: Tensor) -> Tensor:
    rank = q.cov_factor.shape[-1]
    shared, own = noise[..., :rank], noise[..., rank:]
    drawn: Tensor = q.loc + (q.cov_factor @ shared.unsqueeze(-1)).squeeze(-1) + q.cov_diag.sqrt() * own
    return drawn


@noise_shape.register
def _(q: torch_distributions.LowRankMultivariateNormal) -> tuple[int, ...]:
    return (q.cov_factor.shape[-1] + q.event_shape[0],)


@from_noise.register
def _(q: torch_distributions.relaxed_bernoulli.LogitRelaxedBernoulli, noise: Tensor) -> Tensor:
    u = ndtr(noise).clamp(LEAST, MOST)
    drawn: Tensor = (q.logits + u.log() - (-u).log1p()) / q.temperature
    return drawn


# A law of single values, several of them taken for a vector: what is known of the one is known of the other.
@from_noise.register(torch_distributions.Independent)
def _(q: Any, noise: Tensor) -> Tensor:
    drawn: Tensor = from_noise(q.base_dist, noise)
    return drawn


@noise_shape.register(torch_distributions.Independent)
def _(q: Any) -> tuple[int, ...]:
    of_one = noise_shape(q.base_dist)
    return (*q.base_dist.batch_shape[len(q.batch_shape) :], *of_one)


@from_noise_with_density.register(torch_distributions.Independent)
def _(q: Any, noise: Tensor) -> tuple[Tensor, Tensor | None]:
    z, found = from_noise_with_density(q.base_dist, noise)
    return z, None if found is None else _over_event(q, found)


@log_density.register(torch_distributions.Independent)
def _(q: Any, z: Tensor) -> Tensor | None:
    found = log_density(q.base_dist, z)
    return None if found is None else _over_event(q, found)


def _over_event(q: Any, each: Tensor) -> Tensor:
    """The sum over those batch dimensions of the base that are event dimensions of q."""
    dims = q.reinterpreted_batch_ndims
    return each.sum(dim=tuple(range(-dims, 0))) if dims else each


@from_noise.register
def _(q: torch_distributions.TransformedDistribution, noise: Tensor) -> Tensor:
    z = from_noise(q.base_dist, noise)
    for transform in q.transforms:
        z = transform(z)
    drawn: Tensor = z
    return drawn


@noise_shape.register
def _(q: torch_distributions.TransformedDistribution) -> tuple[int, ...]:
    base = (*q.base_dist.batch_shape, *noise_shape(q.base_dist))
    return base[len(q.batch_shape) :]


def gumbel(noise: Tensor) -> Tensor:
    """Standard Gumbel draws out of standard normal ones."""
    drawn: Tensor = -(-ndtr(noise).clamp(LEAST, MOST).log()).log()
    return drawn


@from_noise.register
def _(q: torch_distributions.OneHotCategorical, noise: Tensor) -> Tensor:
    # Gumbel-max: the largest of logits + Gumbel noise is a draw of the category.
    chosen = (q.logits + gumbel(noise)).argmax(dim=-1)
    return torch.nn.functional.one_hot(chosen, q.event_shape[-1]).to(q.logits.dtype)


@from_noise.register
def _(q: torch_distributions.OneHotCategoricalStraightThrough, noise: Tensor) -> Tensor:
    drawn: Tensor = from_noise.dispatch(torch_distributions.OneHotCategorical)(q, noise)
    return drawn + (q.probs - q.probs.detach())


@from_noise.register
def _(q: torch_distributions.relaxed_categorical.ExpRelaxedCategorical, noise: Tensor) -> Tensor:
    scores = (q.logits + gumbel(noise)) / q.temperature
    return scores - scores.logsumexp(dim=-1, keepdim=True)
