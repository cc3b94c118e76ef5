"""A draw is a function of standard normal noise, whatever the distribution's class."""

from __future__ import annotations

import pytest
import torch
from torch import distributions as d

from aevum.distributions import (
    Gaussian,
    PointMass,
    as_vectors,
    divergence_of_dimensions,
    draw,
    draw_with_density,
    exact_divergence,
    from_noise,
    log_density,
    nearest,
    noise_shape,
    quantiles,
    summary,
)

zuko = pytest.importorskip("zuko")
N, D, K = 4, 3, 20_000
GENERATOR = torch.Generator().manual_seed(0)
MEAN = torch.randn(N, D, generator=GENERATOR)
SCALE = torch.rand(N, D, generator=GENERATOR) + 0.5
ROOT = torch.tril(torch.randn(N, D, D, generator=GENERATOR)) * 0.3 + torch.eye(D)
PROBABILITIES = torch.softmax(torch.randn(N, D, generator=GENERATOR), dim=-1)


def flow() -> d.Distribution:
    torch.manual_seed(0)
    return zuko.flows.MAF(D, context=2, transforms=2, hidden_features=(8,))(torch.ones(N, 2))


# Each maker leaves its leaves (the parameters that gradients must reach) in ``leaves``.
LAWS = {
    "gaussian": lambda m, s: Gaussian(m, 2 * s.log()),
    "normal": lambda m, s: as_vectors(d.Normal(m, s), 1),
    "independent": lambda m, s: d.Independent(d.Normal(m, s), 1),
    "multivariate": lambda m, s: d.MultivariateNormal(m, scale_tril=ROOT * s[..., None]),
    "laplace": lambda m, s: d.Independent(d.Laplace(m, s), 1),
    "log_normal": lambda m, s: d.Independent(d.LogNormal(0.3 * m, 0.3 * s), 1),
    "transformed": lambda m, s: d.TransformedDistribution(
        d.Independent(d.Normal(m, s), 1), [d.TanhTransform()]
    ),
    "low_rank": lambda m, s: d.LowRankMultivariateNormal(m, 0.5 * m[..., None] * s[..., :1, None], s**2),
    "relaxed_bernoulli": lambda m, s: d.Independent(d.RelaxedBernoulli(torch.tensor(0.7), logits=m * s), 1),
    "relaxed": lambda m, s: d.RelaxedOneHotCategorical(torch.tensor(0.7), logits=m * s),
    "straight_through": lambda m, s: d.OneHotCategoricalStraightThrough(logits=m * s),
}  # fmt: skip


@pytest.mark.parametrize("name", LAWS)
def test_noise_makes_the_draws_of_the_law_and_carries_gradients(name: str) -> None:
    mean, scale = MEAN.clone().requires_grad_(), SCALE.clone().requires_grad_()
    q = LAWS[name](mean, scale)
    noise = torch.randn(K, N, *noise_shape(q), generator=torch.Generator().manual_seed(1))
    z = from_noise(q, noise)
    assert z.shape == (K, N, D)
    torch.manual_seed(2)
    other = q.sample((K,))
    # Two samples of one law: the same first two moments, within their own error.
    for power in (1, 2):
        ours, theirs = z.detach() ** power, other**power
        error = (ours.var(0) / K + theirs.var(0) / K).sqrt()
        assert ((ours.mean(0) - theirs.mean(0)).abs() < 5 * error + 1e-6).all()
    weights = torch.arange(1.0, D + 1)  # a sum of one-hot values is constant
    gradients = torch.autograd.grad((z.mean(0) * weights).sum(), [mean, scale])
    assert all(bool(g.isfinite().all()) and float(g.abs().sum()) > 0 for g in gradients)
    assert torch.equal(from_noise(q, noise), z)


def test_a_flows_draws_and_their_density_agree() -> None:
    q = flow()
    noise = torch.randn(7, N, *noise_shape(q))
    z, log_q = draw_with_density(q, noise=noise)
    torch.testing.assert_close(z, from_noise(q, noise))
    torch.testing.assert_close(log_q, q.log_prob(z), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(q.transform(z), noise, atol=1e-4, rtol=1e-4)
    centre, spread = summary(q)
    drawn = q.sample((4000,))
    assert ((centre - drawn.mean(0)).abs() < 0.3 * drawn.std(0)).all()
    assert ((spread / drawn.std(0) - 1).abs() < 0.3).all()


def test_a_flows_summary_is_its_mean_and_deviation() -> None:
    """Of u ↦ 5 + s u, which a flow may be: 5 and s."""
    base = zuko.distributions.DiagNormal(torch.zeros(N, D), torch.ones(N, D))
    stretch = 3.0 * SCALE
    # A transform of zuko's flows leads from z to u.
    to_noise = d.ComposeTransform([d.AffineTransform(-5.0 / stretch, 1.0 / stretch)])
    q = zuko.distributions.NormalizingFlow(d.IndependentTransform(to_noise, 1), base)
    centre, spread = summary(q)
    torch.testing.assert_close(centre, torch.full((N, D), 5.0))
    torch.testing.assert_close(spread, stretch, atol=0, rtol=0.2)


@pytest.mark.parametrize("name", [*LAWS, "flow"])
def test_a_generator_decides_and_the_global_one_stays(name: str) -> None:
    q = flow() if name == "flow" else LAWS[name](MEAN, SCALE)
    before = torch.get_rng_state()
    first, second, third = (draw(q, (5,), torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(first, second) and not torch.equal(first, third)
    assert torch.equal(before, torch.get_rng_state())
    z, log_q = draw_with_density(q, (5,), torch.Generator().manual_seed(0))
    assert z.shape == (5, N, D) and log_q is not None and log_q.shape == (5, N)


def test_what_can_only_be_drawn_at_random_says_what_to_register() -> None:
    q = d.Independent(d.Gamma(SCALE, SCALE), 1)
    assert torch.equal(*(draw(q, (2,), torch.Generator().manual_seed(3)) for _ in range(2)))
    with pytest.raises(TypeError, match=r"Gamma is no known function of standard normal noise.*from_noise.register"):
        draw(q, noise=torch.zeros(2, N, D))


def test_a_point_takes_no_noise_and_has_no_density() -> None:
    q = PointMass(MEAN)
    assert noise_shape(q) == (0,)
    z, log_q = draw_with_density(q, noise=torch.zeros(5, N, 0))
    assert z.shape == (5, N, D) and log_q is None and log_density(q, z) is None


def test_a_categorical_says_why_it_is_no_code() -> None:
    with pytest.raises(TypeError, match="use OneHotCategoricalStraightThrough"):
        as_vectors(d.Categorical(logits=MEAN), 1)


# -------------------------------------------------------------------- KL and quantiles


def test_exact_divergences_are_the_mean_of_the_log_ratio() -> None:
    p = Gaussian(0.3 * MEAN, torch.full_like(MEAN, 0.4))
    for name in ("gaussian", "normal", "independent", "multivariate"):
        q = LAWS[name](MEAN, SCALE)
        exact = exact_divergence(q, p)
        z = draw(q, (K,), torch.Generator().manual_seed(0))
        ratio = q.log_prob(z) - p.log_prob(z)
        assert ((exact - ratio.mean(0)).abs() < 5 * ratio.std(0) / K**0.5).all(), name
        each = divergence_of_dimensions(q, p)
        if name == "multivariate":  # its dimensions hang together: none has a rate of its own
            assert each is None
        else:
            torch.testing.assert_close(each.sum(-1), exact)
    assert exact_divergence(LAWS["laplace"](MEAN, SCALE), p) is None


def test_quantiles_are_the_laws_own() -> None:
    shares = torch.tensor([0.05, 0.5, 0.9], dtype=torch.float64)
    for name in ("gaussian", "multivariate", "laplace"):
        q = LAWS[name](MEAN, SCALE)
        found = quantiles(q, 1, shares)
        assert found.shape == (3, N)
        drawn = draw(q, (K,), torch.Generator().manual_seed(5))[..., 1].double()
        below = (drawn[None] <= found[:, None]).double().mean(1)
        assert ((below - shares[:, None]).abs() < 0.015).all(), name


class Shifted(d.Distribution):
    """A law of single values of a user's own: 2 + σ · (a sum of two normal numbers) / √2."""

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration
    has_rsample = True

    def __init__(self, scale: torch.Tensor) -> None:
        self.scale = scale
        super().__init__(scale.shape, validate_args=False)

    def log_prob(self, value: torch.Tensor) -> torch.Tensor:
        return d.Normal(2.0, self.scale).log_prob(value)


@from_noise.register
def _(q: Shifted, noise: torch.Tensor) -> torch.Tensor:
    return 2.0 + q.scale * noise.sum(-1) / 2**0.5


@noise_shape.register
def _(q: Shifted) -> tuple[int, ...]:
    return (2,)


@summary.register
def _(q: Shifted) -> tuple[torch.Tensor, torch.Tensor]:
    return torch.full_like(q.scale, 100.0), q.scale


@log_density.register
def _(q: Shifted, z: torch.Tensor) -> None:
    return None


def test_what_is_registered_for_single_values_holds_for_vectors_of_them() -> None:
    q = as_vectors(Shifted(SCALE), 1)
    assert noise_shape(q) == (D, 2)
    z, density = draw_with_density(q, (K,), torch.Generator().manual_seed(0))
    assert z.shape == (K, N, D) and density is None
    torch.testing.assert_close(z.mean(0), torch.full((N, D), 2.0), atol=0.05, rtol=0)
    torch.testing.assert_close(z.std(0), SCALE, atol=0, rtol=0.03)
    centre, spread = summary(q)
    assert float(centre.min()) == 100.0 and torch.equal(spread, SCALE)
    with pytest.raises(TypeError, match="Gamma says|draw from Gamma"):
        from_noise(as_vectors(d.Gamma(SCALE, SCALE), 1), torch.zeros(N, D))


def test_quantiles_of_independent_values_are_exact() -> None:
    p = d.Independent(d.Laplace(torch.tensor([0.0, 5.0]), torch.tensor([1.0, 2.0])), 1)
    found = quantiles(p, 1, torch.tensor([0.05, 0.5, 0.95]))
    expected = 5.0 + 2.0 * torch.log(torch.tensor(0.1, dtype=torch.float64)) * torch.tensor([1.0, 0.0, -1.0])
    torch.testing.assert_close(found.double(), expected.double())


def test_the_nearest_value_of_a_one_hot_law_is_one_hot() -> None:
    p = d.OneHotCategorical(torch.full((3,), 1 / 3))
    assert nearest(p, torch.tensor([[0.4, 0.5, 0.1]])).tolist() == [[0.0, 1.0, 0.0]]


def test_a_flow_of_single_values_sums_the_stretch_over_them() -> None:
    base = zuko.distributions.DiagNormal(torch.zeros(N, D), torch.ones(N, D))
    q = zuko.distributions.NormalizingFlow(d.AffineTransform(-MEAN / SCALE, 1.0 / SCALE), base)
    z, density = draw_with_density(q, (6,), torch.Generator().manual_seed(0))
    assert density is not None and density.shape == (6, N) and q.reinterpreted == 1
    torch.testing.assert_close(density, d.Independent(d.Normal(MEAN, SCALE), 1).log_prob(z), atol=1e-4, rtol=1e-5)
