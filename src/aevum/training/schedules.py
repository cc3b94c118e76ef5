"""Learning rate and β as functions of the progress t through the run, 0 ≤ t ≤ 1."""

from __future__ import annotations

import math


def one_cycle(t: float, warmup: float = 0.05) -> float:
    """A linear rise to 1 over the first ``warmup`` of the run, then half a cosine down to nearly 0.

    >>> round(one_cycle(0.025), 2), one_cycle(0.05), round(one_cycle(1.0), 2)
    (0.5, 1.0, 0.0)
    """
    if t < warmup:
        return max(t / warmup, 1e-3)
    return 0.5 * (1.0 + math.cos(math.pi * (t - warmup) / (1.0 - warmup)))


def linear_warmup(t: float, warmup: float) -> float:
    """0 to 1 over the first ``warmup`` of the run, then 1: lets the decoder learn to use z before the rate counts.

    >>> linear_warmup(0.1, 0.2), linear_warmup(0.7, 0.2), linear_warmup(0.0, 0.0)
    (0.5, 1.0, 1.0)
    """
    return min(t / warmup, 1.0) if warmup else 1.0


def constant(t: float, warmup: float = 0.05) -> float:
    """1 throughout: for training whose end isn't known.

    >>> constant(0.025), constant(0.9)
    (1.0, 1.0)
    """
    return 1.0
