"""Student's t and Laplace's law: SciPy says what they are, and each is its own quantiles' density."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import stats

from aevum.distributions import Cells, Columns, Gaussian, Group, Laplace, StudentT

F64 = torch.float64
X = torch.tensor([-90.0, -30.0, -1.0, 0.3, 0.7, 2.0, 400.0], dtype=F64)
LAWS = {
    **{
        f"t{freedom:g}": (
            StudentT(*torch.tensor([[0.7], [0.8], [math.log(freedom)]], dtype=F64)),
            stats.t(freedom, 0.7, math.exp(0.4)),
        )
        for freedom in (1.5, 3.0, 40.0)
    },
    "laplace": (
        Laplace(torch.full((1,), 0.7, dtype=F64), torch.tensor([0.8], dtype=F64)),
        stats.laplace(0.7, math.exp(0.4) / math.sqrt(2.0)),
    ),
}


@pytest.mark.parametrize("name", LAWS)
def test_density_quantiles_and_moments_are_those_of_scipy(name: str) -> None:
    p, reference = LAWS[name]
    np.testing.assert_allclose(p.log_prob(X[:, None])[:, 0], reference.logpdf(X.numpy()), rtol=1e-6)
    shares = torch.tensor([0.001, 0.2, 0.5, 0.9, 0.9999], dtype=F64)
    np.testing.assert_allclose(p.icdf(shares[:, None])[:, 0], reference.ppf(shares.numpy()), rtol=1e-6)
    assert float(p.mean) == pytest.approx(reference.mean()) == float(p.mode)
    assert float(p.stddev) == pytest.approx(reference.std(), rel=1e-6)


@pytest.mark.parametrize("name", LAWS)
def test_intervals_hold_what_they_say(name: str) -> None:
    p, reference = LAWS[name]
    low, high = Columns([Group(torch.tensor([0]), p)], torch.Size([])).interval(0.9)
    assert reference.cdf(float(high)) - reference.cdf(float(low)) == pytest.approx(0.9)
    drawn = p.sample((20_000,), torch.Generator().manual_seed(0))[:, 0].numpy()
    assert stats.kstest(drawn, reference.cdf).pvalue > 1e-3


def test_many_degrees_of_freedom_are_a_gaussian() -> None:
    location, scale = torch.tensor([0.2], dtype=F64), torch.tensor([-0.6], dtype=F64)
    x = torch.linspace(-3.0, 3.0, 13, dtype=F64)[:, None]
    near = StudentT(location, scale, torch.tensor([1e7], dtype=F64).log())
    torch.testing.assert_close(near.log_prob(x)[:, 0], Gaussian(location, scale).log_prob(x), rtol=1e-5, atol=1e-5)


def test_far_values_stay_finite_in_float32() -> None:
    for make in (lambda s: StudentT(torch.zeros(1), s, torch.ones(1)), lambda s: Laplace(torch.zeros(1), s)):
        scale = torch.tensor([-14.0], requires_grad=True)
        p: Cells = make(scale)
        found = p.log_prob(torch.tensor([1e6]))
        found.sum().backward()
        assert bool(found.isfinite()) and scale.grad is not None and bool(scale.grad.isfinite())
