"""What judges both sides of benchmarks/counts.py: log p(x | ℓ) by importance sampling, of two arrays a draw.

It needs torch alone, and runs in either's environment. The law of a count is told by its numbers: mean μ = ℓ ρ(z),
dispersion α a column (or r = 1/α), and the logit of a zero of its own, where the model has one.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid

# Decoded values held at once.
AT_ONCE = 2**19
# z (K, N, D) ↦ means (K, N, F), and logits of zeros (K, N, F) or None; of the rows of this slice.
Decode = Callable[[Tensor, slice], tuple[Tensor, Tensor | None]]


def log_mass(x: Tensor, mean: Tensor, r: Tensor, zero: Tensor | None) -> Tensor:
    """log p of counts x ``(N, F)`` at means ``(K, N, F)``: negative binomial of size r ``(F,)``, in float64 where it
    matters; with a share σ(zero) of zeros beside, where there is one. Summed over F, ``(K, N)``.
    """
    wide, size = x.double(), r.double()
    fixed = (wide + size).lgamma() - size.lgamma() - (wide + 1.0).lgamma()  # of no draw
    log_mean, log_size = mean.log(), r.log()
    total = (mean + r).log()
    counted = fixed.float() + x * (log_mean - total) + r * (log_size - total)
    counted = torch.where(x > 0, counted, r * (log_size - total))
    if zero is not None:
        kept = logsigmoid(-zero) + counted
        counted = torch.where(x > 0, kept, torch.logaddexp(logsigmoid(zero), kept))
    return counted.double().sum(dim=-1)


@torch.inference_mode()
def evidence(
    x: Tensor, centre: Tensor, deviation: Tensor, r: Tensor, decode: Decode, k: int, seed: int
) -> tuple[Tensor, Tensor]:
    r"""log (1/k) Σ p(x, z_k | ℓ) / q(z_k | x) of each row, and the effective number of draws, ``(N,)`` each.

    Args:
        x: counts, ``(N, F)``.
        centre, deviation: of q(z|x), a Gaussian, ``(N, D)``; the prior is N(0, I).
        r: sizes of the negative binomials, ``(F,)``.
        decode: what the model makes of codes.
        k: draws.
        seed: of them.
    """
    generator = torch.Generator().manual_seed(seed)
    found, effective = [], []
    for row in range(len(x)):
        here, parts = slice(row, row + 1), []
        for draws in torch.split(torch.arange(k), max(1, AT_ONCE // x.shape[1])):
            noise = torch.randn(len(draws), 1, centre.shape[1], generator=generator)
            z = centre[here] + deviation[here] * noise
            log_ratio = 0.5 * (noise.double().square() - z.double().square()).sum(-1) + deviation[here].log().sum(-1)
            mean, zero = decode(z, here)
            parts.append(log_mass(x[here], mean, r, zero) + log_ratio)
        weights = torch.cat(parts)[:, 0]
        found.append(weights.logsumexp(0) - math.log(k))
        effective.append((2 * weights.logsumexp(0) - (2 * weights).logsumexp(0)).exp())
    return torch.stack(found), torch.stack(effective)
