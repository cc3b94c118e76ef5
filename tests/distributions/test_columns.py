"""The cells of a table: every kind sums or integrates to one, has exact gradients, and draws what its density says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from aevum.distributions import (
    Categories,
    Columns,
    Group,
    Heaped,
    JohnsonSU,
    Laplace,
    Line,
    Logarithm,
    Logit,
    NegativeBinomial,
    Ordinal,
    Poisson,
    Spiked,
    Straight,
    StudentT,
    TwoValued,
    WarpedGaussian,
    ZeroInflated,
    draw,
    log_prob_of_values,
)
from aevum.distributions.cells import UNSEEN
from aevum.distributions.gaussian import with_tails

F64 = torch.float64


def row(*values: float) -> torch.Tensor:
    return torch.tensor(values, dtype=F64)


WARPS = {
    "straight": Straight(),
    "johnson": JohnsonSU(row(0.3), row(0.7), row(-0.4), row(1.3)),
    "logarithm": Logarithm(row(0.2), row(0.8)),
    "logit": Logit(row(-1.0), row(1.2)),
    "line": Line(row(0.4), row(1.3)),
}
# What each kind is, of two numbers a cell; all else about it stands.
KINDS = {
    **{name: lambda a, b, warp=warp: WarpedGaussian(a, b, warp) for name, warp in WARPS.items()},
    "two": lambda a, b: TwoValued(a),
    "categories": lambda a, b: Categories(torch.stack([a, b + 0 * a, 0.3 * a * b, torch.full_like(a, -torch.inf)], -1)),
    "ordinal": lambda a, b: Ordinal(a + 2.0, 0.5 * b, torch.full_like(a[..., 0, :] if a.ndim > 1 else a, 5.0)),
    "heaped": lambda a, b: Heaped(torch.stack([a, b + 0 * a, 0.3 * a * b, torch.full_like(a, -torch.inf)], -1)),
    "poisson": lambda a, b: Poisson(a + 1.0),
    "negative": lambda a, b: NegativeBinomial(a + 1.0, b),
    "inflated": lambda a, b: ZeroInflated(b + 0 * a, NegativeBinomial(a + 1.0, -0.5 + 0 * a)),
    "student": lambda a, b: StudentT(a, b, torch.full_like(a, 1.5)),
    "laplace": lambda a, b: Laplace(a, b),
    "spiked": lambda a, b: Spiked(b + 0 * a, WarpedGaussian(a, -0.5 + 0 * a, WARPS["line"])),
}
DISCRETE = ("two", "categories", "ordinal", "heaped", "poisson", "negative", "inflated")
SOME = {"logarithm": 1.7, "logit": 0.6}


@pytest.mark.parametrize("name", DISCRETE)
@settings(max_examples=20, deadline=None)
@given(a=st.floats(-3, 2.5), b=st.floats(-3, 2))
def test_masses_sum_to_one_and_give_the_moments(name: str, a: float, b: float) -> None:
    p = KINDS[name](row(a), row(b))
    x = torch.arange(20_000.0, dtype=F64)[:, None]
    mass = p.log_prob(x).exp()[:, 0]
    if name in ("two", "ordinal", "heaped"):  # a thousandth is for what was never seen, and drawn of it is nothing
        below = p.log_prob(-x[1:]).exp().sum()
        assert float(mass.sum() + below) == pytest.approx(1.0, abs=1e-6)
        assert float(below) == pytest.approx(0.0005, rel=1e-6)
        mass = torch.where(x[:, 0] < {"two": 2.0, "heaped": 3.0}.get(name, 5.0), mass, 0.0) / 0.999
    assert float(mass.sum()) == pytest.approx(1.0, abs=1e-6)
    if name != "categories":
        assert float((mass * x[:, 0]).sum()) == pytest.approx(float(p.mean), rel=1e-4)
        variance = (mass * (x[:, 0] - p.mean) ** 2).sum()
        assert float(variance.sqrt()) == pytest.approx(float(p.stddev), rel=1e-3)
    most = mass.max()
    assert float(mass[int(p.mode)]) == pytest.approx(float(most), rel=1e-9)
    below = mass.cumsum(0)
    for share in (0.05, 0.5, 0.93):
        j = int(p.icdf(row(share)))
        assert float(below[j]) >= share - 1e-9 and (j == 0 or float(below[j - 1]) < share + 1e-9)


@pytest.mark.parametrize("name", WARPS)
@settings(max_examples=20, deadline=None)
@given(a=st.floats(-2, 2), b=st.floats(-2, 0.7))
def test_densities_integrate_to_one_and_give_the_moments(name: str, a: float, b: float) -> None:
    p = KINDS[name](row(a), row(b))

    def over(function, most: float = 9.0, core: bool = True) -> float:
        """∫ f(x) p(x) dx by the substitution x(t); of the Gaussian, of which the moments are, or the whole."""
        r = torch.linspace(-most, most, 40_001, dtype=F64)[:, None]
        x = p.warp.inverse(r * p.deviation + a)
        tails = with_tails(r.square()) - r.square() if core else 0.0
        density = (p.log_prob(x) + 0.5 * tails).exp() * function(x)
        return float(integrate.trapezoid(density[:, 0].numpy(), x[:, 0].numpy())) / drawn

    # What is left for values beyond the ends, of which none is drawn: as the square of the distance.
    far = torch.logspace(-9, 9, 20_001, dtype=F64)[:, None]
    low, high = p.warp.ends
    beyond = [side for end, side in ((low, low - far), (high, high + far)) if math.isfinite(end)]
    left = sum(float(integrate.trapezoid(p.log_prob(side).exp()[:, 0], far[:, 0])) for side in beyond)
    assert left == pytest.approx(UNSEEN if beyond else 0.0, rel=1e-5)
    drawn = 1.0 - left
    assert over(lambda x: 1.0) == pytest.approx(1.0, abs=1e-4)
    if name in ("straight", "line"):  # what is bent needs finer steps far out
        assert over(lambda x: 1.0, 50.0, core=False) == pytest.approx(1.0, abs=1e-7)
    assert over(lambda x: x) == pytest.approx(float(p.mean), rel=1e-3, abs=1e-4)
    assert math.sqrt(over(lambda x: (x - p.mean) ** 2)) == pytest.approx(float(p.stddev), rel=1e-2)
    t = p.warp.forward(p.icdf(row(0.8)))
    assert float(t) == pytest.approx(a + math.exp(b / 2) * stats.norm.ppf(0.8), abs=1e-9)


@pytest.mark.parametrize("warp", ["line", "johnson", "logarithm"])
@settings(max_examples=20, deadline=None)
@given(a=st.floats(-2, 2), b=st.floats(-3, 3))
def test_a_spike_is_a_mass_beside_a_density(warp: str, a: float, b: float) -> None:
    """Its mass and what the density integrates to make one, its quantiles are those of both, in closed form."""
    rest = WarpedGaussian(row(a), row(-0.5), WARPS[warp])
    p, share = Spiked(row(b), rest), 1.0 / (1.0 + math.exp(-b))
    assert float(p.log_prob(row(0.0)).exp()) == pytest.approx(share)
    x = row(0.3, 1.0, 2.5)
    torch.testing.assert_close(p.log_prob(x), rest.log_prob(x) + math.log1p(-share))
    assert float(p.mean) == pytest.approx((1.0 - share) * float(rest.mean))
    second = (1.0 - share) * float(rest.stddev**2 + rest.mean**2)
    assert float(p.stddev) == pytest.approx(math.sqrt(second - float(p.mean) ** 2), rel=1e-6)
    below = 0.0 if warp == "logarithm" else (1.0 - share) * stats.norm.cdf(
        float((WARPS[warp].forward(row(0.0)) - a) / rest.deviation))  # fmt: skip
    for u in (0.01, 0.3, 0.6, 0.99):
        found = float(p.icdf(row(u)))
        if below < u < below + share:
            assert found == 0.0
        else:
            expected = float(rest.icdf(row((u if u < below else u - share) / (1.0 - share))))
            assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_agree_with_scipy() -> None:
    x = row(0.0, 1.0, 7.0, 50.0, 1000.0, 0.5, -1.0)
    torch.testing.assert_close(Poisson(row(2.3)).log_prob(x), torch.from_numpy(stats.poisson.logpmf(x, math.exp(2.3))))
    for dispersion in (-14.0, -6.0, 0.0, 3.0, 9.0):
        r, mean = math.exp(-dispersion), math.exp(2.3)
        reference = torch.from_numpy(stats.nbinom.logpmf(x, r, r / (r + mean)))
        torch.testing.assert_close(
            NegativeBinomial(row(2.3), row(dispersion)).log_prob(x), reference, rtol=1e-6, atol=1e-7
        )
    shape = JohnsonSU(row(0.3), row(0.7), row(-0.4), row(1.3))
    v = torch.linspace(-5, 5, 11, dtype=F64)
    reference = stats.johnsonsu.logpdf(v, -0.4, 1.3, loc=0.3, scale=0.7)
    found = WarpedGaussian(row(0.0), row(0.0), shape).log_prob(v)
    torch.testing.assert_close(found, torch.from_numpy(reference))


def test_large_counts_keep_their_digits_in_float32() -> None:
    """log x! of 100,000 is a million, of which float32 knows a tenth; what is left of it is 7."""
    rate = np.float32(np.log(100_000.0))
    x = torch.tensor([99_000.0, 99_990.0, 100_000.0, 100_300.0])
    exact = stats.poisson.logpmf(x.double().numpy(), np.exp(np.float64(rate)))
    np.testing.assert_allclose(Poisson(torch.tensor([float(rate)])).log_prob(x), exact, atol=5e-3)
    near = NegativeBinomial(torch.tensor([float(rate)]), torch.tensor([-14.0])).log_prob(x)
    r = math.exp(14.0)
    np.testing.assert_allclose(
        near, stats.nbinom.logpmf(x.double().numpy(), r, r / (r + np.exp(np.float64(rate)))), atol=5e-3
    )


@pytest.mark.parametrize("name", KINDS)
def test_gradients(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    a, b = (torch.randn(4, 3, dtype=F64, generator=generator).requires_grad_() for _ in range(2))
    x = torch.tensor([[0.0, 1.0, 1.0]] * 4, dtype=F64) if name in DISCRETE else torch.full((4, 3), 0.4, dtype=F64)
    assert torch.autograd.gradcheck(lambda a, b: KINDS[name](a, b).log_prob(x), (a, b))
    if name not in ("two", "categories"):
        assert torch.autograd.gradcheck(lambda a, b: KINDS[name](a, b).mean, (a, b))


@pytest.mark.parametrize("name", KINDS)
def test_draws_have_the_moments_and_stay_in_the_support(name: str) -> None:
    p = KINDS[name](torch.tensor([-1.0, 0.1, 1.2]).to(F64), torch.tensor([0.0, -1.0, 0.5]).to(F64))
    drawn = p.sample((40_000,), torch.Generator().manual_seed(0))
    assert bool(p.log_prob(drawn).isfinite().all())
    if name != "categories":
        error = drawn.std(0) / 200 + 1e-6
        assert bool(((drawn.mean(0) - p.mean).abs() < 5 * error).all())
        torch.testing.assert_close(drawn.std(0), p.stddev, rtol=0.15, atol=1e-3)
    elif name == "categories":
        for k in range(3):
            share = (drawn == k).double().mean(0)
            assert bool(((share - p.log_prob(torch.full((3,), float(k), dtype=F64)).exp()).abs() < 0.02).all())


ANY_NUMBER = ("straight", "johnson", "student", "laplace", "line", "spiked", "logarithm", "logit")


@pytest.mark.parametrize("name", KINDS)
def test_a_value_that_a_kind_can_not_take_has_no_mass(name: str) -> None:
    """And a number that a density has no part of, or hardly one, has a finite one."""
    p = KINDS[name](row(0.2), row(-0.3))
    for value in [0.5] if name in ("two", "ordinal", "heaped") else [-1.0, 0.0, 0.5, 1.0, 1.5]:
        found = float(p.log_prob(row(value)))
        taken = name in ANY_NUMBER or (value >= 0.0 and value == round(value))
        assert math.isfinite(found) if taken else found == -math.inf


def columns(a: torch.Tensor, b: torch.Tensor) -> Columns:
    """One column of each kind, and one that never changes, in another order than their groups."""
    places = iter(reversed(range(len(KINDS))))
    groups = [Group(torch.tensor([next(places)]), make(a, b), SOME.get(name, 0.0)) for name, make in KINDS.items()]
    return Columns([Group(torch.tensor([len(KINDS)]), None), *groups], a.shape[:-1])


ROW = [0.0, -0.7, 4.0, 3.0, 2.0, 5.0, 1.0, 1.0, 2.0, 1.0, 0.9, 0.3, 1.4, 0.7, -0.2, 0.0]


def test_a_row_is_the_product_of_its_cells() -> None:
    p = columns(torch.full((7, 1), 0.2, dtype=F64), torch.full((1,), -0.5, dtype=F64))
    assert p.batch_shape == (7,) and p.event_shape == (16,)
    x = row(*ROW).expand(7, -1)
    cells = log_prob_of_values(p, x)
    assert cells is not None and cells.shape == (7, 16)
    for place, (name, make) in enumerate(KINDS.items()):
        at = len(KINDS) - 1 - place
        alone = make(row(0.2), row(-0.5)).log_prob(x[0, at : at + 1])
        torch.testing.assert_close(cells[0, at : at + 1], alone, msg=name)
    torch.testing.assert_close(p.log_prob(x), cells.sum(-1))
    for part in (p.mean, p.stddev, p.mode):
        assert part.shape == (7, 16) and bool(part.isfinite().all()) and float(part[0, -1]) == 0.0


def test_missing_cells_add_nothing_and_teach_nothing() -> None:
    a = torch.full((1, 1), 0.2, dtype=F64, requires_grad=True)
    b = torch.full((1,), -0.5, dtype=F64, requires_grad=True)
    x = row(*ROW)
    found = log_prob_of_values(columns(a, b), x[None])
    assert found is not None
    whole = found.detach()
    for d in range(len(ROW)):
        gone = x.clone()
        gone[d] = math.nan
        left = columns(a, b).log_prob(gone[None]).detach()
        assert float(left) == pytest.approx(float(whole.sum() - whole[0, d]), abs=1e-12)
    nothing = columns(a, b).log_prob(torch.full((1, 16), math.nan, dtype=F64))
    assert float(nothing.detach()) == 0.0
    for gradient in torch.autograd.grad(nothing.sum(), (a, b)):
        assert float(gradient.abs().max()) == 0.0


def test_draws_are_a_function_of_noise() -> None:
    p = columns(torch.full((4, 1), 0.2), torch.full((1,), -0.5))
    few, many = (draw(p, (n,), torch.Generator().manual_seed(3)) for n in (5, 50))
    assert many.shape == (50, 4, 16)
    torch.testing.assert_close(many[:5], few, rtol=1e-12, atol=1e-12)
    alone = draw(p, (), noise=torch.zeros(4, 16))
    assert alone.shape == (4, 16) and bool(p.log_prob(alone).isfinite().all())


def test_a_mean_that_hardly_occurs_stands_for_no_cell():
    """Of a log-normal law of deviation σ the mean e^{σ²/2} lies above its 95 % quantile where σ > 3.29."""
    log_variance = 2.0 * torch.tensor([1.0, 3.2, 3.4, 40.0]).log()[:, None]
    cells = WarpedGaussian(torch.zeros(4, 1), log_variance, Logarithm(torch.zeros(1), torch.ones(1)))
    one = torch.ones(1, 1)
    found = torch.stack([WarpedGaussian(torch.zeros(1, 1), each[None], cells.warp).mixed(one) for each in log_variance])
    torch.testing.assert_close(found.flatten(), torch.cat([cells.mean[:2, 0], torch.ones(2)]))
