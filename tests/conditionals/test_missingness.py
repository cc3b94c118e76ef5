"""Which cells are missing, by their values: probabilities that sum to one, and laws of missing cells."""

import math

import pytest
import torch
from torch.special import ndtr

from aevum.conditionals import Column, ColumnsConditional, LearnedScale, SelfMasking, emitted_width
from aevum.networks import MLP

NUMBERS = {"gaussian": Column("gaussian"), "johnson": Column("johnson", shape=(0.0, 1.0, 0.3, 1.2))}
FEW = {
    "binary": (Column("binary", centre=0.3), 2),
    "ordinal": (Column("ordinal", centre=1.0, spread=1.3, levels=4), 4),
    "categorical": (Column("categorical", shape=(0.0, -0.5, 0.4), levels=3), 3),
}
COUNTS = {"poisson": Column("poisson", centre=1.0, spread=0.8)}


def likelihood(column, slope=1.7, offset=-0.4, rising=False):
    """p(x, there | z) of a table of this one column."""
    torch.manual_seed(0)
    masking = SelfMasking([column], rising)
    made = ColumnsConditional(MLP((2,), (emitted_width([column]),)), LearnedScale((1,)), [column], missingness=masking)
    masking.begin(torch.full((len(masking.slope),), slope), torch.tensor([offset]))
    if column.kind == "categorical":
        masking.begin(torch.tensor([1.0, -2.0, 0.5]), torch.tensor([offset]))
    return made


def law(made):
    with torch.no_grad():
        return made(torch.randn(6, 2, generator=torch.Generator().manual_seed(1)))


@pytest.mark.parametrize("column", NUMBERS.values(), ids=NUMBERS)
def test_what_is_there_and_what_is_missing_have_a_probability_of_one(column):
    p = law(likelihood(column))
    x = torch.linspace(-60.0, 60.0, 240_001, dtype=torch.float64)[:, None, None].expand(-1, 6, 1)
    there = torch.trapezoid(p.log_prob(x).exp(), dx=5e-4, dim=0)
    missing = p.log_prob(torch.full((6, 1), torch.nan)).exp()
    torch.testing.assert_close(there + missing, torch.ones(6, dtype=torch.float64), atol=2e-4, rtol=0.0)
    assert (missing > 0.02).all() and (missing < 0.98).all()


@pytest.mark.parametrize(("column", "count"), [*FEW.values(), (COUNTS["poisson"], 200)], ids=[*FEW, *COUNTS])
def test_values_and_the_gap_have_a_probability_of_one(column, count):
    p = law(likelihood(column))
    every = torch.arange(float(count))[:, None, None].expand(-1, 6, 1)
    total = p.log_prob(every).exp().sum(dim=0) + p.log_prob(torch.full((6, 1), torch.nan)).exp()
    # Counts are summed over fifteen quantiles; a thousandth is left for levels that no row had.
    torch.testing.assert_close(total, torch.ones(6), atol=0.02 if column in COUNTS.values() else 2e-3, rtol=0.0)


def test_a_missing_cell_has_the_moments_of_the_tilted_density():
    made = likelihood(NUMBERS["gaussian"], slope=3.0)
    p = law(made)
    x = torch.linspace(-30.0, 30.0, 60_001)[:, None]
    plain = law(made.ignoring())
    weights = (plain.log_prob(x[..., None].expand(-1, 6, 1)) + torch.nn.functional.logsigmoid(3.0 * x - 0.4)).softmax(0)
    mean = (weights * x).sum(0)
    deviation = (weights * (x - mean).square()).sum(0).sqrt()
    missing = p.where_missing()
    torch.testing.assert_close(missing.mean[:, 0], mean, atol=1e-4, rtol=0.0)
    torch.testing.assert_close(missing.stddev[:, 0], deviation, atol=1e-4, rtol=0.0)
    drawn = missing.sample((40_000,), torch.Generator().manual_seed(0))[..., 0]
    torch.testing.assert_close(drawn.mean(0), mean, atol=0.02, rtol=0.0)
    torch.testing.assert_close(drawn.std(0), deviation, atol=0.03, rtol=0.0)
    low, high = missing.interval(0.9)
    inside = ((drawn > low[..., 0]) & (drawn < high[..., 0])).float().mean(0)
    torch.testing.assert_close(inside, torch.full((6,), 0.9), atol=0.01, rtol=0.0)


def test_a_step_is_a_truncated_gaussian():
    """Of N(μ, σ²) above the cut c the mean is μ + σ φ(a)/Φ(−a), a = (c − μ)/σ."""
    p = law(likelihood(NUMBERS["gaussian"], slope=11.0, offset=0.0))
    plain = law(likelihood(NUMBERS["gaussian"]).ignoring())
    a = -plain.mean / plain.stddev
    expected = plain.mean + plain.stddev * (-0.5 * a.square()).exp() / math.sqrt(2.0 * math.pi) / ndtr(-a)
    # The nodes are half a deviation apart, and a step falls between two.
    torch.testing.assert_close(p.where_missing().mean, expected, atol=0.06, rtol=0.0)
    found = p.log_prob(torch.full((6, 1), torch.nan))
    torch.testing.assert_close(found, ndtr(-a[:, 0]).log(), atol=0.05, rtol=0.0)


@pytest.mark.parametrize("column", [*NUMBERS.values(), *(column for column, _ in FEW.values())], ids=[*NUMBERS, *FEW])
def test_gaps_that_depend_on_nothing_say_nothing(column):
    made = likelihood(column, slope=0.0)
    made.missingness.begin(torch.zeros(len(made.missingness.slope)), torch.tensor([-0.4]))
    p, plain = law(made), law(made.ignoring())
    share = torch.tensor(-0.4).sigmoid()
    torch.testing.assert_close(p.log_prob(torch.ones(6, 1)), plain.log_prob(torch.ones(6, 1)) + (1.0 - share).log())
    torch.testing.assert_close(p.log_prob(torch.full((6, 1), torch.nan)), share.log().expand(6), atol=2e-3, rtol=0.0)
    if column.kind != "johnson":  # of which nodes tell no moment of far tails
        torch.testing.assert_close(p.where_missing().mean, plain.mean, atol=1e-4, rtol=1e-4)


def test_gradients_reach_the_odds_and_the_decoder():
    for column in [*NUMBERS.values(), *(column for column, _ in FEW.values()), *COUNTS.values()]:
        made = likelihood(column)
        found = made(torch.randn(6, 2)).log_prob(torch.tensor([[torch.nan], [1.0]] * 3)).sum()
        found.backward()
        assert (made.missingness.slope.grad != 0.0).any() and (made.missingness.offset.grad != 0.0).all()
        assert all(each.grad.isfinite().all() for each in made.parameters() if each.grad is not None)
        torch.testing.assert_close(*gradients(made, column), atol=0.05, rtol=0.05)


def gradients(made, column):
    """d log P(missing) / d offset, by autograd and as the posterior odds say it: E[P(there | x) | missing]."""
    made.zero_grad()
    made(torch.zeros(1, 2)).log_prob(torch.tensor([[torch.nan]])).sum().backward()
    p = made(torch.zeros(1, 2)).where_missing()
    drawn = p.sample((20_000,), torch.Generator().manual_seed(0))
    block = next(iter(made.blocks))
    with torch.no_grad():
        expected = (-made.missingness.of(block)(drawn)).sigmoid().mean()
    return made.missingness.offset.grad[0], expected


def test_rising_odds_rise():
    masking = SelfMasking([Column("gaussian")], rising=True)
    masking.begin(torch.tensor([-3.0]), torch.zeros(1))
    assert 0.0 < float(masking.slopes().detach()) < 0.1
    masking.begin(torch.tensor([3.0]), torch.zeros(1))
    torch.testing.assert_close(masking.slopes().detach(), torch.tensor([3.0]))
