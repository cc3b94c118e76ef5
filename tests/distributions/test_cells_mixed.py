"""What is read of several cells at once: intervals and means of mixtures, cells that are missing, nodes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy import optimize, special, stats
from torch import Tensor
from torch import distributions as d

from aevum.distributions import (
    Bernoulli,
    Categories,
    Columns,
    Gaussian,
    Group,
    Heaped,
    Laplace,
    Logarithm,
    NegativeBinomial,
    Ordinal,
    Poisson,
    Spiked,
    Straight,
    StudentT,
    TwoValued,
    WarpedGaussian,
    ZeroInflated,
    as_vectors,
    draw,
    draw_with_density,
    log_prob_of_values,
    mixed,
    moments,
    nearest,
    quantiles,
    summary,
)
from aevum.distributions.cells import SHARES
from aevum.distributions.tilted import Tilted, log_missing, tilted

F64 = torch.float64


def row(*values: float) -> Tensor:
    return torch.tensor(values, dtype=F64)


# Three rows of two columns each: the mixture is over the rows.
A = row(-0.5, 0.3, 1.1)[:, None] + row(0.0, 0.4)
NORMAL = WarpedGaussian(A, 2.0 * row(0.5, 1.5).log(), Logarithm(row(0.2, -0.3), row(0.8, 0.5)))


def test_the_interval_of_a_mixture_of_bent_gaussians_is_exact() -> None:
    low, high = NORMAL.mixture_interval(0.8)
    for k in range(2):
        t = (A[:, k].numpy(), [0.5, 1.5][k])
        for end, share in ((low[k], 0.1), (high[k], 0.9)):
            root = optimize.brentq(lambda x, t=t, share=share: stats.norm.cdf(x, *t).mean() - share, -20, 20)
            expected = math.exp([0.2, -0.3][k] + [0.8, 0.5][k] * root)
            assert float(end) == pytest.approx(expected, rel=2e-3)


def test_the_interval_of_a_mixture_of_gaussians_is_exact() -> None:
    mean, deviation = A.numpy(), np.array([0.5, 1.5])
    low, high = Gaussian(A, 2.0 * row(0.5, 1.5).log(), 1).mixture_interval(0.95)
    for k in range(2):
        for end, share in ((low[k], 0.025), (high[k], 0.975)):
            assert stats.norm.cdf(float(end), mean[:, k], deviation[k]).mean() == pytest.approx(share, rel=2e-3)
    one = Gaussian(A, torch.zeros_like(A))
    np.testing.assert_allclose(one.interval(0.6826894921370859)[0], A - 1.0, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(one.interval(0.6826894921370859)[1], A + 1.0, rtol=1e-9, atol=1e-9)


COUNTS = {
    "poisson": (Poisson(A), [stats.poisson(math.exp(a)) for a in A.flatten().tolist()]),
    "negative": (
        NegativeBinomial(A, row(-0.5)),
        [stats.nbinom(math.exp(0.5), 1.0 / (1.0 + math.exp(a - 0.5))) for a in A.flatten().tolist()],
    ),
}


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("level", [0.5, 0.9])
def test_the_interval_of_a_mixture_of_counts_is_exact(name: str, level: float) -> None:
    p, laws = COUNTS[name]
    x = np.arange(200)
    below = np.stack([law.cdf(x) for law in laws]).reshape(3, 2, -1).mean(0)
    for side, end in zip((-1, 1), p.mixture_interval(level), strict=True):
        share = 0.5 + 0.5 * side * level
        assert end.tolist() == [int(np.argmax(each >= share - 1e-12)) for each in below]
        assert end.dtype == F64 and end.shape == (2,)


def test_quantiles_of_counts_are_the_least_that_hold_the_share() -> None:
    shares = row(1e-9, 0.05, 0.3, 0.999, 1.0 - 1e-12)
    for log_mean in (-3.0, 0.4, 5.0, 12.0):
        mean = math.exp(log_mean)
        found = Poisson(row(log_mean)).icdf(shares)
        np.testing.assert_array_equal(found, stats.poisson.ppf(shares.numpy(), mean))
        found = NegativeBinomial(row(log_mean), row(0.7)).icdf(shares[:-1])
        r = math.exp(-0.7)
        np.testing.assert_allclose(found, stats.nbinom.ppf(shares[:-1].numpy(), r, r / (r + mean)), rtol=1e-9)
    p = ZeroInflated(row(-0.4), NegativeBinomial(row(1.0), row(0.1)))
    x = torch.arange(40.0, dtype=F64)[:, None]
    np.testing.assert_allclose(p.below()(x.numpy())[:, 0], p.log_prob(x).exp().cumsum(0)[:, 0], rtol=1e-9)
    assert float(p.below()(np.array([[-1.0]]))[0, 0]) == 0.0


@pytest.mark.parametrize(
    "p", [Laplace(A, torch.zeros_like(A)), StudentT(A, torch.zeros_like(A), row(1.2))], ids=["laplace", "student"]
)
def test_the_interval_of_other_mixtures_is_counted(p) -> None:
    """Among fifteen quantiles of each: between those on either side of the exact one."""
    law = stats.laplace(A.numpy(), math.sqrt(0.5)) if isinstance(p, Laplace) else stats.t(math.exp(1.2), A.numpy())
    low, high = p.mixture_interval(0.8)
    np.testing.assert_allclose(law.cdf(low.numpy()).mean(0), 0.1, atol=0.5 / SHARES)
    np.testing.assert_allclose(law.cdf(high.numpy()).mean(0), 0.9, atol=0.5 / SHARES)
    every = np.sort(law.ppf(((np.arange(SHARES) + 0.5) / SHARES)[:, None, None]).reshape(-1, 2), axis=0)
    np.testing.assert_allclose(low, every[round(0.1 * (len(every) - 1))], rtol=1e-6)
    np.testing.assert_allclose(high, every[round(0.9 * (len(every) - 1))], rtol=1e-6)


WEIGHTS = row(0.2, 0.5, 0.3)[:, None]


def test_what_stands_for_a_mixture() -> None:
    """The mean of a number, the most probable of classes."""
    torch.testing.assert_close(Poisson(A).mixed(WEIGHTS), (WEIGHTS * A.exp()).sum(0))
    two = TwoValued(row(-2.0, 3.0, -1.0)[:, None])  # 0.2 · 0.12 + 0.5 · 0.95 + 0.3 · 0.27 = 0.58
    assert two.mixed(WEIGHTS).tolist() == [1.0] and two.mixed(row(0.4, 0.3, 0.3)[:, None]).tolist() == [0.0]
    logits = torch.tensor([[[0.6, 0.4, 0.0]], [[0.0, 0.45, 0.55]], [[0.0, 0.45, 0.55]]], dtype=F64).log()
    third = torch.full((3, 1), 1.0 / 3.0, dtype=F64)
    assert Categories(logits).mixed(third).tolist() == [1.0]  # of none of the three
    heaped = Heaped(logits)
    torch.testing.assert_close(heaped.mixed(third), row((0.4 + 2 * 1.55) / 3.0))
    groups = [
        Group(torch.tensor([1]), heaped),
        Group(torch.tensor([0]), Poisson(A[:, :1])),
        Group(torch.tensor([2]), None),
    ]
    p = Columns(groups, torch.Size([3]))
    torch.testing.assert_close(
        mixed(p, third[:, 0]), torch.cat([A[:, :1].exp().mean(0), heaped.mixed(third), row(0.0)])
    )
    two_levels = Ordinal(row(0.2, 1.0)[:, None], row(-1.0), row(4.0))
    torch.testing.assert_close(two_levels.mixed(row(0.5, 0.5)[:, None]), two_levels.mean.mean(0))


def test_intervals_of_a_row_are_those_of_its_cells() -> None:
    counts = COUNTS["poisson"][0]
    p = Columns([Group(torch.tensor([2, 0]), counts), Group(torch.tensor([1]), NORMAL_ONE)], torch.Size([3]))
    low, high = p.mixture_interval(0.8)
    for end, mine, other in ((low, *(each.mixture_interval(0.8)[0] for each in (counts, NORMAL_ONE))),
                             (high, *(each.mixture_interval(0.8)[1] for each in (counts, NORMAL_ONE)))):  # fmt: skip
        torch.testing.assert_close(end, torch.stack([mine[1], other[0], mine[0]]))
    still = Columns([*p.groups, Group(torch.tensor([3]), None)], torch.Size([3]))
    for end, expected in zip(still.mixture_interval(0.8), (low, high), strict=True):
        torch.testing.assert_close(end, torch.cat([expected, row(0.0)]))
    low, high = p.interval(0.8)
    assert low.shape == (3, 3)
    torch.testing.assert_close(low[:, 1], NORMAL_ONE.icdf(torch.full((3, 1), 0.1, dtype=F64))[:, 0])
    torch.testing.assert_close(high[:, 2], counts.icdf(torch.full((3, 2), 0.9, dtype=F64))[:, 0])
    assert not p.continuous and Columns([Group(torch.tensor([0]), NORMAL_ONE)], torch.Size([3])).continuous


NORMAL_ONE = WarpedGaussian(A[:, :1], row(0.0), Straight())

# -------------------------------------------------------------------- nodes, and cells that are missing


LOGITS = torch.tensor([[0.2, 1.0, -0.5]], dtype=F64)


def odds(x: Tensor) -> Tensor:
    return 1.3 * x - 0.4


def missing(x: np.ndarray) -> np.ndarray:
    return special.expit(1.3 * x - 0.4)


@pytest.mark.parametrize("mean", [-1.0, 0.0, 2.0])
def test_of_a_gaussian_that_may_be_missing(mean: float) -> None:
    """P(missing) and p(x | missing) by numerical integration."""
    p = WarpedGaussian(row(mean), 2.0 * row(0.7).log(), Straight())
    x = np.linspace(mean - 8.0, mean + 8.0, 20_001)
    weight = stats.norm.pdf(x, mean, 0.7) * missing(x)
    total = weight.sum() * (x[1] - x[0])
    assert float(log_missing(p, odds).exp()) == pytest.approx(total, rel=1e-5)
    q = tilted(p, odds)
    assert isinstance(q, Tilted) and q.continuous
    density = weight / weight.sum()
    centre = (density * x).sum()
    assert float(q.mean) == pytest.approx(centre, abs=1e-4)
    assert float(q.stddev) == pytest.approx(math.sqrt((density * (x - centre) ** 2).sum()), rel=1e-3)
    below = density.cumsum()
    for share in (0.02, 0.1, 0.5, 0.77, 0.97):
        assert float(q.icdf(row(share))) == pytest.approx(x[np.argmax(below >= share)], abs=0.04)
    assert float(q.mode) == float(q.icdf(row(0.5)))
    with pytest.raises(NotImplementedError, match="missing cell"):
        q.log_prob(row(0.0))
    noise = torch.randn(20_000, 1, dtype=F64, generator=torch.Generator().manual_seed(0))
    drawn = q.drawn(noise)[:, 0].numpy()
    assert stats.kstest(drawn, lambda v: np.interp(v, x, below)).statistic < 0.02


@pytest.mark.parametrize(
    "p",
    [TwoValued(row(0.4)), Categories(LOGITS), Ordinal(row(1.3), row(-0.2), row(4.0)), Heaped(LOGITS)],
    ids=["two", "categories", "ordinal", "heaped"],
)
def test_of_classes_that_may_be_missing(p) -> None:
    """By a sum over the classes."""
    values, log_weights = p.nodes()
    x, mass = values[:, 0].numpy(), log_weights[:, 0].exp().numpy()
    assert x.tolist() == list(range(len(x))) and mass.sum() == pytest.approx(1.0)
    inside = p.log_prob(values)[:, 0].exp().numpy()
    np.testing.assert_allclose(inside / inside.sum(), mass, rtol=1e-9)
    assert float(log_missing(p, odds).exp()) == pytest.approx((mass * missing(x)).sum())
    q = tilted(p, odds)
    expected = mass * missing(x) / (mass * missing(x)).sum()
    assert not q.continuous
    below = np.array([float(q.icdf(row(share))) for share in (np.arange(2000) + 0.5) / 2000])
    np.testing.assert_allclose([(below == value).mean() for value in x], expected, atol=1e-3)


def test_of_counts_that_may_be_missing() -> None:
    """On fifteen quantiles: as close as they are."""
    p = Poisson(row(1.5))
    x = np.arange(60)
    mass = stats.poisson.pmf(x, math.exp(1.5))
    assert float(log_missing(p, odds).exp()) == pytest.approx((mass * missing(x)).sum(), rel=0.02)
    values, log_weights = p.nodes()
    assert len(values) == SHARES and float(log_weights.exp().sum()) == pytest.approx(1.0)
    np.testing.assert_array_equal(values[:, 0], stats.poisson.ppf((np.arange(15) + 0.5) / 15, math.exp(1.5)))
    q = tilted(p, odds)
    assert float(q.mean) == pytest.approx((mass * missing(x) * x).sum() / (mass * missing(x)).sum(), rel=0.03)
    assert float(q.icdf(row(0.5))) in x  # between two counts there is none


@pytest.mark.parametrize("shape", [row(0.3), row(-1.0)])
def test_gradients_reach_what_may_be_missing(shape: Tensor) -> None:
    """Expectations over nodes move with the parameters: against differences."""

    def chance(a: Tensor) -> Tensor:
        return log_missing(WarpedGaussian(a, row(0.2), Straight()), odds)

    a = shape.clone().requires_grad_()
    (slope,) = torch.autograd.grad(chance(a).sum(), a)
    assert float(slope) == pytest.approx(float(chance(shape + 1e-4) - chance(shape - 1e-4)) / 2e-4, rel=1e-4)
    # Of counts each node moves with its probability: ∂ E[f] = E[f ∂ log p].
    b = shape.clone().requires_grad_()
    values, log_weights = Poisson(b).nodes()
    (slope,) = torch.autograd.grad((log_weights.exp() * values).sum(), b)
    rate, x = math.exp(float(shape)), values[:, 0]
    assert float(slope) == pytest.approx(float((x * (x - rate)).mean()), rel=1e-6)


def test_a_row_says_which_of_its_cells_are_missing() -> None:
    number = WarpedGaussian(row(0.5)[:, None], row(0.0), Straight())
    groups = [Group(torch.tensor([1]), number, 0.0, odds), Group(torch.tensor([0]), TwoValued(row(0.3)[:, None]), 0.0)]
    p = Columns(groups, torch.Size([1]))
    there = float(p.log_prob(row(1.0, 0.7)))
    assert there == pytest.approx(
        math.log(0.999 * special.expit(0.3)) + stats.norm.logpdf(0.7, 0.5) + math.log1p(-missing(0.7)), abs=1e-6
    )
    gone = float(p.log_prob(row(1.0, math.nan)))
    assert gone == pytest.approx(math.log(0.999 * special.expit(0.3)) + float(log_missing(number, odds)), abs=1e-6)
    assert float(p.log_prob(row(math.nan, 0.7))) == pytest.approx(
        there - math.log(0.999 * special.expit(0.3)), abs=1e-6
    )
    given = p.where_missing()
    assert given.batch_shape == p.batch_shape and given.event_shape == p.event_shape
    torch.testing.assert_close(given.mean[0, 1:], tilted(number, odds).mean[0])
    torch.testing.assert_close(given.mean[0, :1], p.mean[0, :1])


# -------------------------------------------------------------------- of any distribution


def test_reparameterized_draws_of_bent_gaussians_carry_gradients() -> None:
    location, log_variance = row(0.3, -0.2).requires_grad_(), row(0.1, -1.0).requires_grad_()
    p = WarpedGaussian(location, log_variance, Straight())
    first, again = (p.rsample((5,), torch.Generator().manual_seed(0)) for _ in range(2))
    assert torch.equal(first, again) and first.shape == (5, 2) and first.dtype == F64
    noise = (first - location) / (0.5 * log_variance).exp()
    slope = torch.autograd.grad(first.sum(), location)[0]
    torch.testing.assert_close(slope, row(5.0, 5.0))
    torch.testing.assert_close(noise.detach(), torch.randn(5, 2, dtype=F64, generator=torch.Generator().manual_seed(0)))
    assert p.has_rsample and not Poisson(row(0.0)).has_rsample


def test_moments_are_those_that_a_law_says() -> None:
    p = d.Independent(d.Laplace(row(1.0, -2.0), row(0.5, 3.0)), 1)
    for found in (summary(p), moments(p)):
        torch.testing.assert_close(found[0], row(1.0, -2.0))
        torch.testing.assert_close(found[1], row(0.5, 3.0) * math.sqrt(2.0))


class Silent(d.Distribution):
    """Values 3 + 2 ε, by their quantiles alone."""

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.scale = torch.full(shape, 2.0)
        super().__init__(torch.Size(shape), validate_args=False)

    def icdf(self, value: Tensor) -> Tensor:
        return 3.0 + self.scale * torch.special.ndtri(value.to(self.scale.dtype))


def test_of_a_law_that_says_no_moments_they_are_counted() -> None:
    """The mirror of each draw is one too, so that the mean is exact; 128 draws where there are many laws."""
    many, one = as_vectors(Silent((4, 2)), 1), as_vectors(Silent((1, 2)), 1)
    for p, found, off in ((many, summary(many), 0.2), (many, moments(many), 0.2), (one, summary(one), 0.2),
                          (one, moments(one), 0.02)):  # fmt: skip
        assert found[0].shape == found[1].shape == (*p.batch_shape, 2)
        torch.testing.assert_close(found[0], torch.full_like(found[0], 3.0))
        assert 0.0 < float((found[1] / 2.0 - 1.0).abs().max()) < off
    assert torch.equal(summary(many)[1][0], summary(many)[1][3])  # by the same noise
    half = np.random.default_rng(0).standard_normal((64, 2), dtype=np.float32)
    exact = 2.0 * np.concatenate([half, -half]).std(axis=0)
    np.testing.assert_allclose(summary(many)[1][0], exact, rtol=1e-4)
    lone = as_vectors(Silent((2,)), 1)
    assert float((summary(lone)[1] / 2.0 - 1.0).abs().max()) < 0.02
    with pytest.raises(TypeError, match="Nothing says neither its mean nor"):
        summary(Nothing())


class Nothing(d.Distribution):
    """A law that says nothing."""

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration

    def __init__(self) -> None:
        super().__init__(torch.Size(), torch.Size([2]), validate_args=False)


def test_quantiles_of_a_law_that_has_none_are_counted() -> None:
    p = d.MultivariateNormal(torch.zeros(2), torch.tensor([[1.0, 0.9], [0.9, 4.0]]))
    found = quantiles(p, 1, torch.tensor([0.1, 0.5, 0.9]))
    assert found.dtype == F64
    np.testing.assert_allclose(found, stats.norm.ppf([0.1, 0.5, 0.9], scale=2.0), atol=0.06)
    gamma = d.Independent(d.Gamma(torch.tensor([2.0, 3.0]), torch.tensor([1.0, 2.0])), 1)  # has no icdf
    np.testing.assert_allclose(
        quantiles(gamma, 1, torch.tensor([0.2, 0.7])), stats.gamma.ppf([0.2, 0.7], 3.0, scale=0.5), rtol=0.03
    )
    assert torch.equal(quantiles(gamma, 0, torch.tensor([0.5])), quantiles(gamma, 0, torch.tensor([0.5])))


def test_values_of_their_own_density() -> None:
    x = row(0.3, -1.0)
    p = d.Independent(d.Normal(row(0.0, 1.0), row(1.0, 2.0)), 1)
    torch.testing.assert_close(log_prob_of_values(p, x), p.base_dist.log_prob(x))
    q = Gaussian(row(0.0, 1.0), row(0.0, 1.0))
    found = log_prob_of_values(q, x)
    assert found is not None and found.shape == (2,) and q.event_dim == 1
    torch.testing.assert_close(found.sum(), q.log_prob(x))
    assert log_prob_of_values(d.MultivariateNormal(row(0.0, 0.0), torch.eye(2, dtype=F64)), x) is None
    assert log_prob_of_values(d.Independent(d.Categorical(logits=torch.zeros(2, 3)), 1), torch.zeros(1)) is None
    assert nearest(d.Independent(d.Normal(x, 1.0), 1), x) is x
    with pytest.raises(TypeError, match="Categorical draws indices"):
        as_vectors(d.Categorical(logits=torch.zeros(3)), 1)
    with pytest.raises(TypeError, match="a float is no distribution"):
        as_vectors(1.0, 1)
    assert as_vectors(p, 1) is p and as_vectors(d.Normal(x, 1.0), 1).event_shape == (2,)


@pytest.mark.parametrize("width", [1, 2, 7, 64, 96, 784])
@pytest.mark.parametrize("dim", [0, 1, 2])
def test_bits_without_gradients_have_the_density_of_those_with(width: int, dim: int) -> None:
    """One buffer for all steps, products before logarithms: soft targets and far logits too."""
    generator = torch.Generator().manual_seed(width)
    logits = 4.0 * torch.randn(3, 2, width, generator=generator)
    logits.flatten()[0] = 80.0
    value = torch.rand(3, 2, width, generator=generator).round(decimals=1)
    p = Bernoulli(logits, dim)
    kept = logits.clone(), value.clone()
    for x in (value, value[:1, :1]):  # broadcast
        expected = p.log_prob(x)
        with torch.no_grad():
            found = p.log_prob(x)
        assert found.shape == expected.shape
        torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-4)
    assert torch.equal(logits, kept[0]) and torch.equal(value, kept[1])


def test_spiked_cells_have_the_median_of_the_other_part_for_a_mode() -> None:
    rest = WarpedGaussian(row(0.5, 0.5), row(0.0, 0.0), Straight())
    assert Spiked(row(0.1, -0.1), rest).mode.tolist() == [0.0, 0.5]
    drawn = draw(Spiked(row(0.1, -0.1), rest), (4000,), torch.Generator().manual_seed(0))
    np.testing.assert_allclose((drawn == 0.0).double().mean(0), special.expit([0.1, -0.1]), atol=0.03)


def test_what_no_noise_is_known_of_is_drawn_with_its_density_too() -> None:
    q = d.Independent(d.Gamma(row(2.0, 3.0), row(1.0, 2.0)), 1)
    z, density = draw_with_density(q, (5,), torch.Generator().manual_seed(0))
    again = draw(q, (5,), torch.Generator().manual_seed(0))
    assert torch.equal(z, again) and z.shape == (5, 2) and density is not None
    expected = stats.gamma.logpdf(z.numpy(), [2.0, 3.0], scale=[1.0, 0.5]).sum(-1)
    np.testing.assert_allclose(density, expected, rtol=1e-6)
