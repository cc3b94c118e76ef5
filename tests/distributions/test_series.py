"""Series that replace differences of nearly equal numbers, term by term, beside closed forms in extended precision."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import special, stats

from aevum.distributions import ContinuousBernoulli, DiscretizedLogistic, Gaussian, NegativeBinomial, Poisson
from aevum.distributions.counts import h, log_ratio, of_count, stirling_rest
from aevum.distributions.divergence import gaussian_rate
from aevum.distributions.gaussian import CORE, POWER, standard_normal, with_tails
from aevum.distributions.roots import mixture_quantile

F64 = torch.float64


def tensor(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.asarray(values, dtype=np.float64))


def test_stirlings_series() -> None:
    y = np.array([0.3, 1.0, 5.0, 11.99, 12.0, 12.5, 15.0, 20.0, 40.0])
    closed = special.gammaln(y) - ((y - 0.5) * np.log(y) - y + 0.5 * math.log(2.0 * math.pi))
    np.testing.assert_allclose(stirling_rest(tensor(y)), closed, rtol=0, atol=2e-13)
    np.testing.assert_allclose(stirling_rest(tensor([1e6])), 1.0 / 12e6, rtol=1e-12)


def test_what_no_parameter_moves_of_a_count() -> None:
    x = np.array([0.0, 1.0, 2.0, 11.0, 30.0])
    closed = special.xlogy(x, x) - x - special.gammaln(x + 1.0)
    np.testing.assert_allclose(of_count(tensor(x)), closed, rtol=0, atol=1e-12)


def test_the_deviance_of_a_count() -> None:
    """(1 + u) log(1 + u) − u, by a series below 0.02."""
    u = np.array([-0.9999, -0.5, -0.0199, -1e-3, -1e-8, 0.0, 1e-8, 1e-3, 0.0199, 0.0201, 0.7, 30.0])
    wide = u.astype(np.longdouble)
    closed = ((1 + wide) * np.log1p(wide) - wide).astype(np.float64)
    np.testing.assert_allclose(h(tensor(u)), closed, rtol=3e-10, atol=0)
    assert float(h(tensor([-1.0]))) == pytest.approx(1.0, abs=2e-6)


def test_the_logarithm_of_a_ratio() -> None:
    a, b = np.array([1.0, 1.49, 1.51, 0.51, 0.49, 1e8 + 1.0, 7.0]), np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1e8, 1e-3])
    closed = np.log(a.astype(np.longdouble) / b).astype(np.float64)
    np.testing.assert_allclose(log_ratio(tensor(a), tensor(b), tensor(a - b)), closed, rtol=1e-7, atol=1e-16)
    slopes = torch.ones(2, dtype=F64, requires_grad=True)
    log_ratio(
        slopes * 3.0, torch.tensor([3.0, 1.0], dtype=F64), slopes * 3.0 - torch.tensor([3.0, 1.0])
    ).sum().backward()
    np.testing.assert_allclose(slopes.grad, [1.0, 1.0])


A = np.array([-0.2999, -0.1, 0.0, 1e-4, 0.05, 0.2, 0.2999, 0.3001, 2.0, -9.0])


def test_the_continuous_bernoulli_in_extended_precision() -> None:
    p = ContinuousBernoulli(tensor(A), 0)
    a = np.where(A == 0.0, 1e-9, A).astype(np.longdouble)
    np.testing.assert_allclose(p.mean, (1 / -np.expm1(-a) - 1 / a).astype(np.float64), rtol=0, atol=3e-10)
    fine = np.abs(A) > 0.04  # where the closed form has digits left
    np.testing.assert_allclose(p.mean.numpy()[fine], (1 / -np.expm1(-a) - 1 / a).astype(np.float64)[fine], rtol=1e-12)
    np.testing.assert_allclose(p.log_normalizer(), np.log(a / np.tanh(a / 2)).astype(np.float64), rtol=1e-12)
    u = np.array([0.01, 0.3, 0.5, 0.99])[:, None]
    closed = np.log1p(u * np.expm1(a)) / a
    np.testing.assert_allclose(p.icdf(tensor(u)), closed.astype(np.float64), atol=1e-6)
    fine = np.abs(A) > 1e-3
    np.testing.assert_allclose(p.icdf(tensor(u)).numpy()[:, fine], closed.astype(np.float64)[:, fine], rtol=1e-9)


def test_a_discretized_logistics_mean() -> None:
    for levels in (2, 5, 256):
        location, scale = tensor([-0.9, 0.0, 0.4]), 0.3
        p = DiscretizedLogistic(location, torch.tensor(math.log(scale), dtype=F64), 0, levels)
        x = np.linspace(-1.0, 1.0, levels)
        edges = special.expit(((x[:-1] + x[1:]) / 2 - location.numpy()[:, None]) / scale)
        masses = np.diff(np.concatenate([np.zeros((3, 1)), edges, np.ones((3, 1))], axis=1), axis=1)
        np.testing.assert_allclose(p.mean, masses @ x, rtol=1e-9, atol=1e-12)
        found = p.log_prob(tensor(x)[:, None])
        assert found.shape == (levels, 3)
        np.testing.assert_allclose(found.T, np.log(masses), rtol=1e-8)
        assert p.batch_shape == (3,) and p.event_shape == ()
    drawn = p.sample((500,), torch.Generator().manual_seed(0))
    places = (drawn + 1.0) * 255 / 2
    assert bool((places - places.round()).abs().max() < 1e-3) and float(drawn.abs().max()) <= 1.0


def test_a_density_with_tails() -> None:
    """A Gaussian's up to 4σ; beyond a power with as much mass as the Gaussian has there."""
    outside = stats.norm.sf(CORE)
    assert stats.norm.pdf(CORE) * CORE / (POWER - 1.0) == pytest.approx(outside)
    r = np.array([0.0, 3.9, 4.0, 4.1, 40.0])
    expected = np.where(r <= CORE, r**2, CORE**2 + 2.0 * POWER * np.log(np.maximum(r, 1e-9) / CORE))
    np.testing.assert_allclose(with_tails(tensor(r**2)), expected)
    p = Gaussian(tensor([1.0, -1.0]), tensor([0.6, 0.6]), tails=True)
    x = 1.0 + math.exp(0.3) * 40.0
    gaussian = stats.norm(-1.0, math.exp(0.3)).logpdf(0.5)
    far = -0.5 * (expected[-1] + 0.6 + math.log(2.0 * math.pi))
    assert float(p.log_prob(tensor([x, 0.5]))) == pytest.approx(far + gaussian)


def test_the_rate_of_a_gaussian_keeps_its_digits() -> None:
    difference = np.array([-3.0, -1e-5, 0.0, 1e-5, 2.0]).astype(np.longdouble)
    q = Gaussian(tensor([0.0, 1e-6, 0.0, 0.0, 1.5]), tensor(difference.astype(np.float64) + 0.5))
    p = Gaussian(tensor(np.zeros(5)), tensor(np.full(5, 0.5)))
    squares = np.array([0.0, 1e-12, 0.0, 0.0, 2.25]) * math.exp(-0.5)
    closed = 0.5 * (squares + np.expm1(difference) - difference)
    np.testing.assert_allclose(gaussian_rate(q, p), closed.astype(np.float64), rtol=1e-5, atol=0)
    assert float(gaussian_rate(q, p).min()) >= 0.0


@pytest.mark.parametrize("weights", [None, [0.2, 0.7, 0.1]])
def test_quantiles_of_a_mixture_far_out(weights: list[float] | None) -> None:
    mean, deviation = tensor([-5.0, 0.0, 30.0]), tensor([0.5, 2.0, 0.1])
    pi = np.full(3, 1.0 / 3.0) if weights is None else np.array(weights)
    given = None if weights is None else tensor(pi)
    for share in (1e-9, 0.01, 0.3, 0.5, 0.8, 0.97, 1.0 - 1e-9):
        x = float(mixture_quantile(share, mean, deviation, given, close=1e-9))
        below = pi @ stats.norm.cdf(x, mean.numpy(), deviation.numpy())
        above = pi @ stats.norm.sf(x, mean.numpy(), deviation.numpy())
        assert min(below, above) == pytest.approx(min(share, 1.0 - share), rel=1e-6)


def test_moments_of_counts() -> None:
    p = NegativeBinomial(tensor([1.2, -0.5, 3.0]), tensor([0.4, 1.0, -2.0]))
    mean, alpha = np.exp([1.2, -0.5, 3.0]), np.exp([0.4, 1.0, -2.0])
    np.testing.assert_allclose(p.mean, mean)
    np.testing.assert_allclose(p.stddev, np.sqrt(mean + alpha * mean**2))
    r = 1.0 / alpha
    x = np.arange(400)[:, None]
    mass = stats.nbinom.pmf(x, r, r / (r + mean))
    np.testing.assert_array_equal(p.mode, mass.argmax(0))
    np.testing.assert_allclose(Poisson(tensor([1.2])).mode, stats.poisson.pmf(x, mean[:1]).argmax(0))
    np.testing.assert_allclose(p.below()(x.astype(float)), mass.cumsum(0), rtol=1e-9)
    bounded = NegativeBinomial(tensor([99.0, -99.0]), tensor([99.0, -99.0]))
    assert bounded.log_mean.tolist() == [20.0, -20.0] and bounded.log_dispersion.tolist() == [10.0, -14.0]
    assert Poisson(tensor([99.0])).log_rate.tolist() == [20.0]


def test_fewer_normal_numbers_are_the_beginning_of_more() -> None:
    like = torch.empty(0, dtype=F64)
    whole = standard_normal((5, 7), like, torch.Generator().manual_seed(0)).flatten()
    assert whole.dtype == F64 and whole.shape == (35,)
    for count in (1, 15, 16, 17, 34):
        few = standard_normal((count,), like, torch.Generator().manual_seed(0))
        assert torch.equal(few, whole[:count])
