"""Codes of rows that lack cells: an encoder that never saw such a gap may be sure of the wrong code, and then no weight
of its draws alone says so. Some codes are therefore the prior's.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.distributions import Distribution

from aevum.distributions import from_noise, log_density, noise_shape
from aevum.distributions.drawing import is_function_of_noise
from aevum.fitted.noise import KeyedNoise
from aevum.fitted.scoring import Block, certain
from aevum.model import LatentVariableModel
from aevum.objectives import Draws, weighed

# Of the codes that are weighed.
FROM_PRIOR = 0.25


def of_prior(p: Distribution, block: Block, first: int, stop: int, seed: int) -> Tensor:
    """A range of the prior's draws, or of each row's own prior's, ``(stop − first, n, D)``."""
    n, width, count = len(block.x), noise_shape(p), stop - first
    noise = KeyedNoise(block.keys, width, seed + 1, block.x.device)(first, stop)
    lead = (count,) if p.batch_shape == (n,) else (count, n)
    found: Tensor = from_noise(p, noise.view(*lead, *p.batch_shape, *width)).reshape(count, n, -1)
    return found


def with_prior_draws(
    model: LatentVariableModel, block: Block, p: Distribution, draws: Draws, seed: int, at_once: int
) -> Tensor:
    r"""Log weights :math:`\log p(x_o, z) - \log r(z)` of these draws from q and of a third as many from the prior, of
    which r is the mixture, ``(K, n)``; of q's alone where the prior can't be drawn as a function of noise.

    Source: *Safe and effective importance sampling*, A. Owen, Y. Zhou, JASA 2000.
    """
    if not is_function_of_noise(p):
        return certain(draws.log_weights, -torch.inf)
    k = len(draws.log_likelihood)
    wide = max(1, round(k * FROM_PRIOR / (1.0 - FROM_PRIOR)))
    found = [draws]
    for first in range(0, wide, at_once):
        z = of_prior(p, block, first, min(first + at_once, wide), seed)
        found.append(weighed(model, block.q, p, z, log_density(block.q, z), block.x, block.context))
    likelihood, log_ratio = (torch.cat(part).double() for part in zip(*found, strict=True))
    return certain(certain(likelihood, -torch.inf) + against_mixture(log_ratio, wide / (k + wide)), -torch.inf)


def against_mixture(log_ratio: Tensor, share: float) -> Tensor:
    """log p/r of draws whose log p/q this is, where r is the mixture with so large a share of p.

    >>> against_mixture(torch.tensor([0.0, torch.inf]), 0.25).exp().round(decimals=4)  # never above 1/share
    tensor([1., 4.])
    """
    if not share:
        return log_ratio
    return -torch.logaddexp(math.log1p(-share) - log_ratio, torch.full_like(log_ratio, math.log(share)))
