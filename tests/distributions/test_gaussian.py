"""The Gaussian with tails: the Gaussian's density within four deviations, a power law beyond, one in all."""

from __future__ import annotations

import math

import pytest
import torch
from scipy import integrate, stats

from aevum.distributions import Gaussian


def tailed(r: float) -> float:
    """Its log-density at r deviations."""
    zero = torch.zeros(1, dtype=torch.float64)
    return float(Gaussian(zero, zero, tails=True).log_prob(torch.tensor([r], dtype=torch.float64)))


def test_it_integrates_to_one_and_is_the_gaussian_within_four_deviations() -> None:
    total = 2.0 * sum(integrate.quad(lambda r: math.exp(tailed(r)), *ends)[0] for ends in ((0, 4), (4, 100)))
    assert total == pytest.approx(1.0, abs=1e-9)
    for r in (0.0, -1.3, 3.99):
        assert tailed(r) == pytest.approx(stats.norm.logpdf(r), abs=1e-12)


def test_it_is_continuous_at_four_and_bounded_far_out() -> None:
    power = 1.0 + 4.0 * stats.norm.pdf(4.0) / stats.norm.sf(4.0)
    assert tailed(4.0 + 1e-9) == pytest.approx(tailed(4.0), abs=1e-7)
    assert tailed(0.0) - tailed(1e3) == pytest.approx(8.0 + power * math.log(250.0), abs=1e-6)
    x = torch.tensor([1e6], dtype=torch.float64, requires_grad=True)
    Gaussian(torch.zeros(1, dtype=torch.float64), torch.zeros(1), tails=True).log_prob(x).backward()
    assert float(x.grad) == pytest.approx(-power / 1e6)  # one value far off is no reason to move far
