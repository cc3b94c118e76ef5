"""A mixture's density integrates to one, and its draws, moments and quantiles are those of its density."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import optimize, stats

from aevum.distributions import Gaussian, Mixture, draw, draw_with_density, from_noise, noise_shape, quantiles, summary

F64 = torch.float64


def three_clusters(dtype: torch.dtype = F64) -> Mixture:
    """Well apart in the first dimension: 60 % about −1, 30 % about 4, 10 % about 9."""
    means = torch.tensor([[-1.0, 0.0], [4.0, 1.0], [9.0, -2.0]], dtype=dtype)
    deviations = torch.tensor([[0.1, 1.0], [0.3, 0.5], [0.2, 2.0]], dtype=dtype)
    logits = torch.tensor([0.6, 0.3, 0.1], dtype=dtype).log() + 5.0  # up to a constant
    return Mixture(logits, Gaussian(means, 2.0 * deviations.log()))


def by_y() -> Mixture:
    """Weights by batch entry, components shared."""
    components = three_clusters().components
    return Mixture(torch.randn(4, 3, dtype=F64, generator=torch.Generator().manual_seed(0)), components)


def test_density_integrates_to_one() -> None:
    p = three_clusters()
    first, second = torch.linspace(-3, 12, 1501, dtype=F64), torch.linspace(-14, 10, 481, dtype=F64)
    grid = torch.cartesian_prod(first, second)
    cell = float((first[1] - first[0]) * (second[1] - second[0]))
    assert float(p.log_prob(grid).exp().sum()) * cell == pytest.approx(1.0, abs=1e-6)


@pytest.mark.parametrize("make", [three_clusters, by_y])
def test_density_is_the_weighted_sum_of_the_components(make) -> None:
    p = make()
    z = torch.randn(7, *p.batch_shape, 2, dtype=F64, generator=torch.Generator().manual_seed(1)) * 4
    each = p.components.log_prob(z.unsqueeze(-2))
    assert torch.allclose(p.log_prob(z), (p.weights.log() + each).logsumexp(-1), rtol=1e-12, atol=1e-10)


def test_hundreds_of_narrow_components_keep_their_digits_in_float32() -> None:
    generator = torch.Generator().manual_seed(0)
    means = 3 * torch.randn(300, 40, generator=generator)
    p = Mixture(torch.zeros(300), Gaussian(means, torch.full((300, 40), -9.0)))
    z = means[:50] + 0.011 * torch.randn(50, 40, generator=generator)
    wide = Gaussian(means.double(), torch.full((300, 40), -9.0, dtype=F64))
    exact = wide.log_prob(z.double().unsqueeze(-2)).logsumexp(-1) - np.log(300)
    assert p.log_prob(z).dtype == torch.float32
    assert float((p.log_prob(z).double() - exact).abs().max()) < 2e-5


def test_one_component_is_that_gaussian() -> None:
    one = Gaussian(torch.tensor([0.5, -2.0], dtype=F64), torch.tensor([0.3, -1.0], dtype=F64))
    p = Mixture(torch.zeros(1, dtype=F64), Gaussian(one.mean[None], one.log_variance[None]))
    z = torch.randn(9, 2, dtype=F64, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(p.log_prob(z), one.log_prob(z), rtol=1e-12)
    assert all(torch.allclose(a, b) for a, b in zip(summary(p), summary(one), strict=True))
    shares = torch.tensor([0.001, 0.3, 0.5, 0.9])
    assert torch.allclose(quantiles(p, 1, shares), quantiles(one, 1, shares), atol=1e-8)


@pytest.mark.parametrize("d", [0, 1])
def test_quantiles_against_a_numerical_root(d: int) -> None:
    p = three_clusters()
    weights, means = p.weights.numpy(), p.components.mean[:, d].numpy()
    deviations = p.components.stddev[:, d].numpy()
    shares = np.array([1e-6, 0.01, 0.25, 0.5, 0.75, 0.95, 1 - 1e-6])
    expected = [
        optimize.brentq(lambda x, s=s: weights @ stats.norm.cdf(x, means, deviations) - s, -40, 60, xtol=1e-12)
        for s in shares
    ]
    found = quantiles(p, d, torch.from_numpy(shares))
    assert found.dtype == F64
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-6, atol=1e-6)


def test_the_median_of_three_clusters_lies_in_the_heaviest() -> None:
    p = three_clusters()
    median = float(quantiles(p, 0, torch.tensor([0.5])))
    assert abs(median + 1.0) < 0.15
    assert abs(float(p.mean[0]) - 1.5) < 1e-9  # where a Gaussian of equal moments has it
    assert quantiles(by_y(), 0, torch.tensor([0.25, 0.5])).shape == (2, 4)


@pytest.mark.parametrize("make", [three_clusters, by_y])
def test_draws_follow_the_density(make) -> None:
    p = make()
    z = draw(p, (20_000,), torch.Generator().manual_seed(0))
    assert z.shape == (20_000, *p.batch_shape, 2) and not z.requires_grad
    mean, deviation = summary(p)
    assert bool(((z.mean(0) - mean).abs() < 5 * deviation / 20_000**0.5).all())
    # Uniform where the distribution function is right: a share at each quantile.
    shares = torch.tensor([0.1, 0.5, 0.8])
    for d in (0, 1):
        below = (z[..., d] <= quantiles(p, d, shares).unsqueeze(1)).double().mean(1)
        assert float((below - shares.view(-1, *[1] * len(p.batch_shape))).abs().max()) < 0.02


def test_fewer_draws_are_the_beginning_of_more() -> None:
    few, many = (draw(three_clusters(), (n,), torch.Generator().manual_seed(3)) for n in (5, 50))
    assert bool((few == many[:5]).all())


def test_a_draw_is_a_function_of_noise() -> None:
    p = three_clusters()
    assert noise_shape(p) == (3,)
    noise = torch.zeros(6, 3, dtype=F64)
    noise[:, 0] = torch.tensor([-3.0, 0.0, 0.5, 1.0, 2.0, 3.0])
    expected = p.components.mean[[0, 0, 1, 1, 2, 2]]
    assert torch.allclose(from_noise(p, noise), expected)
    z, log_p = draw_with_density(p, (), noise=noise)
    assert log_p is not None and torch.allclose(log_p, p.log_prob(z))


def test_gradients() -> None:
    generator = torch.Generator().manual_seed(0)
    logits, mean, log_variance = (
        torch.randn(*shape, dtype=F64, generator=generator).requires_grad_() for shape in ((3,), (3, 2), (3, 2))
    )
    z = torch.randn(5, 2, dtype=F64, generator=generator).requires_grad_()
    assert torch.autograd.gradcheck(
        lambda a, m, v, z: Mixture(a, Gaussian(m, v)).log_prob(z), (logits, mean, log_variance, z)
    )


def test_components_of_each_batch_entry() -> None:
    generator = torch.Generator().manual_seed(0)
    logits, means = (
        torch.randn(4, 3, dtype=F64, generator=generator),
        torch.randn(4, 3, 2, dtype=F64, generator=generator),
    )
    p = Mixture(logits, Gaussian(means, 0.3 * means))
    z = torch.randn(7, 4, 2, dtype=F64, generator=generator)
    each = torch.distributions.Normal(means, (0.15 * means).exp()).log_prob(z.unsqueeze(-2)).sum(-1)
    torch.testing.assert_close(p.log_prob(z), (logits.log_softmax(-1) + each).logsumexp(-1))
    assert p.batch_shape == (4,) and p.mean.shape == p.variance.shape == (4, 2)
    second = (p.weights.unsqueeze(-1) * ((0.3 * means).exp() + means**2)).sum(-2)
    torch.testing.assert_close(p.variance, second - p.mean**2)
