"""What a decoder's outputs make of each kind of column, what an encoder sees of it, and where scales come from."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import special, stats
from torch import Tensor, nn

from aevum.conditionals import (
    KINDS,
    BernoulliConditional,
    Column,
    Conditional,
    DiscretizedLogisticConditional,
    EmittedScale,
    FixedScale,
    GaussianConditional,
    LearnedScale,
    ScaledGaussian,
)
from aevum.conditionals.blocks import blocks_of, emitted_width
from aevum.conditionals.columns import ColumnsConditional
from aevum.conditionals.missingness import STEEPEST, SelfMasking
from aevum.conditionals.scale import before_bound, bounded_below
from aevum.distributions import Cells, Columns, Gaussian, Sized
from aevum.model import REACH, LatentVariableModel
from aevum.priors import MixturePrior, StandardNormal, VampPrior
from aevum.priors.mixture import Weights

F64 = torch.float64
# One column of each kind that varies, with numbers of its own.
COLUMNS = {
    "gaussian": Column("gaussian"),
    "johnson": Column("johnson", shape=(0.1, 0.5, -0.2, 1.5)),
    "lognormal": Column("lognormal", centre=0.3, spread=0.7),
    "logitnormal": Column("logitnormal", centre=0.1, spread=0.9),
    "binary": Column("binary", centre=0.4),
    "categorical": Column("categorical", shape=(-1.0, -1.2, -1.1), levels=3),
    "ordinal": Column("ordinal", centre=2.0, spread=1.3, levels=5),
    "poisson": Column("poisson", centre=1.0, spread=0.4),
    "negative_binomial": Column("negative_binomial", shape=(1.5, 0.3)),
    "zero_inflated": Column("zero_inflated", centre=0.6, spread=0.8),
    "student_t": Column("student_t"),
    "laplace": Column("laplace"),
    "spiked_gaussian": Column("spiked_gaussian", centre=0.5, spread=2.0, shape=(-0.4,)),
    "spiked_johnson": Column("spiked_johnson", shape=(0.3, 0.1, 0.5, -0.2, 1.5)),
    "spiked_lognormal": Column("spiked_lognormal", centre=0.2, spread=0.7, shape=(1.2,)),
}


def cells(name: str, out: list[float], log_scale: float, free: float | None = None) -> Cells:
    (block,) = blocks_of([COLUMNS[name]])
    extra = None if free is None else torch.tensor([free], dtype=F64)
    found = block.double().cells(torch.tensor([out], dtype=F64), torch.tensor([log_scale], dtype=F64), extra)
    assert found is not None
    return found


def log_p(name: str, x: float, out: list[float], log_scale: float, free: float | None = None) -> float:
    return float(cells(name, out, log_scale, free).log_prob(torch.tensor([[x]], dtype=F64)))


OUT, V = 0.3, -0.5
S, SEEN_ALL = math.exp(0.5 * V), math.log1p(-1e-3)  # what is left when a thousandth is kept for values beyond
EXPECTED = {
    "gaussian": (0.7, [OUT], stats.norm(OUT, S).logpdf(0.7)),
    "johnson": (0.7, [OUT], stats.norm(OUT, S).logpdf(-0.2 + 1.5 * math.asinh(1.2))
                + math.log(1.5 / 0.5) - 0.5 * math.log(1.0 + 1.2**2)),
    "lognormal": (1.7, [OUT], stats.norm(0.3 + 0.7 * OUT, 0.7 * S).logpdf(math.log(1.7)) - math.log(1.7) + SEEN_ALL),
    "logitnormal": (0.6, [OUT], stats.norm(0.1 + 0.9 * OUT, 0.9 * S).logpdf(special.logit(0.6)) - math.log(0.24)
                    + math.log1p(-1e-3)),
    "binary": (1.0, [OUT], math.log(0.999 * special.expit(0.7))),
    "categorical": (1.0, [OUT, -0.2, 0.9], math.log(special.softmax([OUT - 1.0, -1.4, -0.2])[1])),
    "ordinal": (3.0, [OUT], math.log(0.999 * np.diff(stats.logistic(2.0 + 1.3 * OUT, 1.3 * S * math.sqrt(3.0) / math.pi
                                                                    ).cdf([2.5, 3.5]))[0])),
    "poisson": (2.0, [OUT], stats.poisson(math.exp(1.0 + 0.4 * OUT)).logpmf(2)),
    "negative_binomial": (2.0, [OUT], stats.nbinom(
        math.exp(-V), 1.0 / (1.0 + math.exp(V + 1.5 + 0.3 * OUT))).logpmf(2)),
    "zero_inflated": (2.0, [OUT, 0.4], math.log(special.expit(1.6)) + stats.nbinom(
        math.exp(-V), 1.0 / (1.0 + math.exp(V + 0.6 + 0.8 * OUT))).logpmf(2)),
    "laplace": (0.7, [OUT], stats.laplace(OUT, S / math.sqrt(2.0)).logpdf(0.7)),
    "spiked_gaussian": (0.7, [0.2, OUT], math.log(special.expit(0.2))
                        + stats.norm(0.5 + 2.0 * OUT, 2.0 * S).logpdf(0.7)),
    "spiked_johnson": (0.7, [0.2, OUT], math.log(special.expit(-0.5))
                       + stats.norm(OUT, S).logpdf(-0.2 + 1.5 * math.asinh(1.2)) + math.log(1.5 / 0.5)
                       - 0.5 * math.log(1.0 + 1.2**2)),
    "spiked_lognormal": (1.7, [0.2, OUT], math.log(special.expit(-1.4)) + math.log1p(-1e-3) - math.log(1.7)
                         + stats.norm(0.2 + 0.7 * OUT, 0.7 * S).logpdf(math.log(1.7))),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_the_law_of_a_column_at_a_decoders_outputs(name: str) -> None:
    x, out, expected = EXPECTED[name]
    assert log_p(name, x, out, V) == pytest.approx(expected, abs=1e-6)
    assert emitted_width([COLUMNS[name]]) == len(out)


def test_students_t_has_the_deviation_that_is_told_and_at_least_2_1_degrees() -> None:
    for free in (-3.0, 0.0, 2.0):
        p = cells("student_t", [OUT], V, free)
        assert float(p.stddev) == pytest.approx(S, rel=1e-6) and float(p.mean) == pytest.approx(OUT)
        assert float(p.log_freedom.exp()) > 2.1
    assert float(cells("student_t", [OUT], V, 0.0).log_freedom.exp()) == pytest.approx(5.0)
    told = KINDS["student_t"].told
    assert told is not None and float(told(torch.zeros(1), torch.zeros(1))) == pytest.approx(5.0)
    told = KINDS["zero_inflated"].told
    assert told is not None and float(told(torch.tensor([0.7]), torch.zeros(1))) == pytest.approx(math.exp(0.7))


SEEN = {
    "gaussian": (1.3, [1.3]),
    "johnson": (0.7, [-0.2 + 1.5 * math.asinh(1.2)]),
    "lognormal": (1.7, [(math.log(1.7) - 0.3) / 0.7]),
    "logitnormal": (0.6, [(special.logit(0.6) - 0.1) / 0.9]),
    "binary": (1.0, [1.0]),
    "categorical": (1.0, [0.0, 1.0, 0.0]),
    "ordinal": (3.0, [1.0 / 1.3]),
    "poisson": (2.0, [(math.log(3.0) - 1.0) / 0.4]),
    "student_t": (-4.0, [-4.0]),
    "laplace": (-4.0, [-4.0]),
    "spiked_gaussian": (4.0, [-1.0, (4.0 - 0.5) / 2.0]),
    "spiked_lognormal": (1.7, [-1.0, (math.log(1.7) - 0.2) / 0.7]),
}


@pytest.mark.parametrize("name", SEEN)
def test_what_an_encoder_sees_of_a_column(name: str) -> None:
    x, expected = SEEN[name]
    (block,) = blocks_of([COLUMNS[name]])
    block = block.double()
    given = torch.tensor([[x], [math.nan]], dtype=F64)
    seen, linear = block.seen(given), block.linear(given)
    np.testing.assert_allclose(seen[0], expected, rtol=1e-6, atol=1e-9)
    assert not seen[1].any() and bool(linear[1].isnan().all())
    torch.testing.assert_close(linear[0], seen[0])
    assert int(block.widths.sum()) == len(expected) == len(block.outputs)


def test_a_spike_is_seen_as_a_flag() -> None:
    (block,) = blocks_of([COLUMNS["spiked_gaussian"]])
    assert block.seen(torch.tensor([[0.0]])).tolist() == [[1.0, 0.0]]
    (block,) = blocks_of([COLUMNS["binary"]])
    assert block.seen(torch.tensor([[0.0]])).tolist() == [[-1.0]]


@pytest.mark.parametrize("name", ["binary", "categorical", "spiked_gaussian"])
def test_by_how_much_an_output_moves_what_is_seen(name: str) -> None:
    """The gain is the inverse of the slope of E[seen] in the output: by differences."""
    gain = KINDS[name].gain
    assert gain is not None

    def seen_mean(out: list[float]) -> np.ndarray:
        p = cells(name, out, V)
        if name == "spiked_gaussian":
            share = float(p.spike.sigmoid())
            return np.array([2.0 * share - 1.0])
        if name == "binary":
            return 2.0 * p.mean.numpy().ravel() - 1.0
        return p.log_masses.exp().numpy().ravel()

    out = {"binary": [0.3], "categorical": [0.3, -0.2, 0.9], "spiked_gaussian": [0.2, 0.3]}[name]
    mean = seen_mean(out)
    if name == "categorical":  # all logits by δ_k / p_k move the shares by δ
        delta = np.array([1e-4, 2e-4, -3e-4])
        moved = seen_mean((np.array(out) + delta * gain(torch.from_numpy(mean)).numpy()).tolist())
        np.testing.assert_allclose(moved - mean, delta, rtol=1e-3)
    else:
        slope = (seen_mean([out[0] + 1e-4, *out[1:]]) - seen_mean([out[0] - 1e-4, *out[1:]])) / 2e-4
        given = torch.tensor([mean[0], 0.0]) if name == "spiked_gaussian" else torch.from_numpy(mean)
        assert float(gain(given)[0]) == pytest.approx(1.0 / float(slope[0]), rel=1e-4)
        if name == "spiked_gaussian":
            assert float(gain(given)[1]) == 1.0
    rare = gain(torch.tensor([1.0, 1.0]) if name != "categorical" else torch.tensor([0.0, 0.0]))
    assert float(rare[0]) == pytest.approx(100.0 if name != "categorical" else 50.0)


def test_which_values_a_kind_takes_and_shows() -> None:
    x = torch.tensor([[-1.0], [0.0], [0.5], [2.0], [3.0]])
    for name, takes, sees in (
        ("poisson", [False, True, False, True, True], [False, True, True, True, True]),
        ("zero_inflated", [False, True, False, True, True], [False, True, True, True, True]),
        ("binary", [True, True, False, True, True], [True] * 5),
        ("categorical", [False, True, False, True, False], None),
        ("ordinal", [True, True, False, True, True], [True] * 5),
        ("gaussian", None, None),
    ):
        (block,) = blocks_of([COLUMNS[name]])
        for asked, expected in ((block.record.takes, takes), (block.record.sees, sees)):
            assert (asked is None) == (expected is None), name
            if asked is not None:
                assert asked(x, block).flatten().tolist() == expected, name


def test_what_columns_fit_their_kind() -> None:
    for name, column in COLUMNS.items():
        assert KINDS[name].fits(column), name
        bad = replace(column, shape=(*column.shape, 1.0, 2.0, 3.0, 4.0, 5.0))
        assert not KINDS[name].fits(bad), name
        if name not in ("categorical", "ordinal"):
            assert not KINDS[name].fits(replace(column, levels=4)), name
    assert not KINDS["poisson"].fits(replace(COLUMNS["poisson"], spread=0.0))
    assert not KINDS["spiked_gaussian"].fits(replace(COLUMNS["spiked_gaussian"], spread=0.0))
    assert not KINDS["spiked_gaussian"].fits(replace(COLUMNS["spiked_gaussian"], shape=()))
    assert not KINDS["johnson"].fits(replace(COLUMNS["johnson"], shape=(0.1, 0.0, -0.2, 1.5)))
    assert not KINDS["johnson"].fits(replace(COLUMNS["johnson"], shape=(0.1, 0.5, -0.2, 0.0)))
    assert not KINDS["ordinal"].fits(replace(COLUMNS["ordinal"], levels=1))
    assert KINDS["ordinal"].fits(replace(COLUMNS["ordinal"], levels=2))


def test_measures() -> None:
    of = {name: kind.measure for name, kind in KINDS.items()}
    assert of["constant"] == "none" and of["gaussian"] == of["laplace"] == of["heaped"] == "density"
    assert of["binary"] == of["categorical"] == of["ordinal"] == "mass"
    assert of["poisson"] == of["zero_inflated"] == "count" and of["spiked_lognormal"] == "mixed"


def test_columns_of_a_kind_side_by_side() -> None:
    """Which outputs are whose, and which of what is seen is of which output."""
    columns = [Column("categorical", shape=(0.0, 0.0), levels=2), Column("gaussian"),
               Column("categorical", shape=(0.0, 0.0, 0.0), levels=3), Column("constant")]  # fmt: skip
    constant, gaussian, classes = blocks_of(columns)
    assert constant.places.tolist() == [3] and constant.cells(torch.zeros(1, 6), torch.zeros(4)) is None
    assert gaussian.emitted.tolist() == [[2]] and classes.emitted.tolist() == [[0, 1, 0], [3, 4, 5]]
    assert classes.real.tolist() == [[True, True, False], [True, True, True]]
    assert classes.widths.tolist() == [2, 3] and classes.last.tolist() == [1, 4]
    assert classes.outputs.tolist() == [0, 1, 3, 4, 5] and gaussian.outputs.tolist() == [2]
    assert classes.coarse.tolist() == [True] * 5 and gaussian.coarse.tolist() == [False]
    assert constant.widths.tolist() == [0] and len(constant.outputs) == 0
    assert emitted_width(columns) == 6 and emitted_width([Column("constant")]) == 1
    (spiked,) = blocks_of([COLUMNS["spiked_gaussian"]] * 2)
    assert spiked.coarse.tolist() == [True, False, True, False] and spiked.outputs.tolist() == [0, 1, 2, 3]
    x = torch.tensor([[1.0, 5.0, 2.0, 9.0]])
    assert classes.seen(x).tolist() == [[0.0, 1.0, 0.0, 0.0, 1.0]] and gaussian.seen(x).tolist() == [[5.0]]
    given, scale = classes.numbers(torch.arange(6.0)[None], torch.tensor([1.0, 2.0, 99.0, 4.0]))
    assert given.tolist() == [[[0.0, 1.0, 0.0], [3.0, 4.0, 5.0]]] and scale.tolist() == [1.0, 16.0]
    assert float(gaussian.numbers(torch.arange(6.0)[None], torch.tensor(3.0))[1]) == 3.0


class Emits(nn.Module):
    """A network that emits what it is given, ``(…, P, W)``."""

    def __init__(self, *parts: list[float]) -> None:
        super().__init__()
        self.parts = nn.Parameter(torch.tensor(parts))

    def forward(self, *context: Tensor | None) -> Tensor:
        (z, *_) = context
        assert z is not None
        return self.parts.expand(*z.shape[:-1], *self.parts.shape)


def test_a_row_of_columns_has_the_scales_of_its_columns() -> None:
    columns = [Column("categorical", shape=(0.0, 0.0), levels=2), Column("gaussian"), Column("laplace")]
    z, x = torch.zeros(2, 1), torch.tensor([[1.0, 0.4, -0.7]] * 2)
    log_masses = math.log(special.softmax([0.1, 0.5])[1])
    for network, scale, v in (
        (Emits([0.1, 0.5, 0.3, -0.2]), FixedScale(torch.tensor([9.0, -0.4, 0.6])), (-0.4, 0.6)),
        (Emits([0.1, 0.5, 0.3, -0.2], [7.0, 8.0, -0.4, 0.6]), EmittedScale(floor=-30.0), (-0.4, 0.6)),
    ):
        p = ColumnsConditional(network, scale, columns)(z)
        expected = (
            log_masses
            + stats.norm(0.3, math.exp(0.5 * v[0])).logpdf(0.4)
            + stats.laplace(-0.2, math.exp(0.5 * v[1]) / math.sqrt(2.0)).logpdf(-0.7)
        )
        assert isinstance(p, Columns) and p.batch_shape == (2,)
        np.testing.assert_allclose(p.log_prob(x).detach(), expected, rtol=1e-5)
        assert ColumnsConditional(network, scale, columns).told() == {}


def test_of_a_columns_likelihood_only_what_is_learned_is_saved() -> None:
    p = ColumnsConditional(Emits([0.0, 0.0]), LearnedScale((2,)), [Column("student_t"), Column("poisson")], sizes=())
    assert set(p.state_dict()) == {"network.parts", "scale.raw", "free"}
    sized = ColumnsConditional(Emits([0.0]), FixedScale(torch.zeros(1)), [Column("poisson")], sizes=(3.0,))
    assert set(sized.state_dict()) == {"network.parts", "scale.log_scale"} and sized.sizes.tolist() == [3.0]


def test_what_columns_tell_of_themselves() -> None:
    columns = [Column("student_t"), Column("negative_binomial"), Column("gaussian")]
    scale = FixedScale(torch.tensor([0.0, math.log(0.4), 0.0]))
    told = ColumnsConditional(Emits([0.0, 0.0, 0.0]), scale, columns).told()
    assert told == {0: "ν = 5", 1: "α = 0.4"}
    emitted = ColumnsConditional(Emits([0.0] * 3, [0.0] * 3), EmittedScale(), columns).told()
    assert emitted == {0: "ν = 5"}  # α is of a code there


def test_counts_of_sized_rows_are_shares_of_their_size() -> None:
    columns = [Column("poisson", centre=1.0, spread=0.5), Column("poisson", centre=2.0, spread=0.5)]
    p = ColumnsConditional(Emits([0.4, -0.6]), FixedScale(torch.zeros(2)), columns, sizes=(4.0, 10.0, 50.0))(
        torch.zeros(1, 1)
    )
    shares = special.softmax([1.0 + 0.5 * 0.4, 2.0 - 0.5 * 0.6])
    assert isinstance(p, Sized)
    np.testing.assert_allclose(p.mean.detach()[0], 10.0 * shares, rtol=1e-5)
    x = torch.tensor([[3.0, 5.0]])
    assert float(p.log_prob(x).detach()) == pytest.approx(stats.poisson(8.0 * shares).logpmf([3, 5]).sum(), abs=1e-4)


# -------------------------------------------------------------------- scales


@pytest.mark.parametrize("floor", [-10.0, 0.7])
def test_a_bound_is_smooth_and_undone(floor: float) -> None:
    value = torch.tensor([-40.0, floor, floor + 0.5, floor + 20.0], dtype=F64)
    found = bounded_below(value, floor)
    np.testing.assert_allclose(found, floor + np.log1p(np.exp(value.numpy() - floor)), rtol=1e-12)
    above = torch.tensor([floor + 0.01, floor + 1.0, floor + 9.0], dtype=F64)
    torch.testing.assert_close(bounded_below(before_bound(above, floor), floor), above)
    low = bounded_below(before_bound(torch.tensor([floor, floor - 5.0], dtype=F64), floor), floor)
    np.testing.assert_allclose(low, floor + 1e-3, rtol=1e-9)


def test_a_scale_gives_what_it_was_settled_on() -> None:
    wanted = torch.tensor([-1.0, 0.5, 2.0])
    fixed = FixedScale(wanted)
    assert fixed.stated is wanted and fixed(None) is wanted and fixed.settle(wanted).shape == (0,)
    each = LearnedScale((3,))
    assert each.stated is None and each.settle(wanted).shape == (0,) and each.per_value == 0
    torch.testing.assert_close(each(None), wanted)
    for least in (LearnedScale(start=-1e4), LearnedScale((2,), start=-1e4, floor=-10.0)):
        assert bool((least(None) == -10.0).all())
    assert float(EmittedScale()(torch.tensor(-1e4))) == -10.0
    shared = LearnedScale(start=1.0)
    assert float(shared(None).detach()) == pytest.approx(1.0, abs=1e-4)
    shared.settle(wanted)
    assert shared.raw.ndim == 0 and float(shared(None).detach()) == pytest.approx(0.5, abs=1e-4)
    emitted = EmittedScale(start=0.3)
    assert emitted.per_value == 1 and emitted.stated is None
    out = torch.from_numpy(emitted.settle(wanted)).float()
    torch.testing.assert_close(emitted(out), wanted)
    assert emitted(out.bfloat16()).dtype == torch.float32
    with pytest.raises(TypeError, match="two numbers a value"):
        emitted(None)


# -------------------------------------------------------------------- Gaussians, priors, the model


def test_deviations_have_their_bounds() -> None:
    q = GaussianConditional(Emits([0.5, 0.5, 0.5], [99.0, -99.0, 1.0]))(torch.zeros(2, 1))
    assert q.log_variance[0].tolist() == [40.0, -40.0, 1.0] and q.mean[1].tolist() == [0.5] * 3


def test_what_never_changes_adds_nothing() -> None:
    p = ScaledGaussian(Emits([0.5, 7.0]), FixedScale(torch.tensor(0.4)), 1, torch.tensor([False, True]))(
        torch.zeros(1, 1)
    )
    assert float(p.log_prob(torch.tensor([[0.2, 0.0]])).detach()) == pytest.approx(
        stats.norm(0.5, math.exp(0.2)).logpdf(0.2), abs=1e-6
    )
    assert not p.tails
    heavy = ScaledGaussian(Emits([0.5], [0.0]), EmittedScale(), 1)(torch.zeros(1, 1))
    assert heavy.tails and float(heavy.log_variance.detach()) == pytest.approx(0.0, abs=1e-4)


def test_levels_and_bits_of_a_decoder() -> None:
    p = DiscretizedLogisticConditional(Emits([0.1, -0.4]), FixedScale(torch.tensor(-1.0)), 1, 16)(torch.zeros(1, 1))
    edges = stats.logistic([0.1, -0.4], math.exp(-1.0))
    x = np.array([-1.0 + 2.0 * 6 / 15, -1.0])
    half = 1.0 / 15.0
    expected = np.log(edges.cdf(x + half) - np.where(x > -1.0, edges.cdf(x - half), 0.0)).sum()
    assert float(p.log_prob(torch.tensor(x[None], dtype=torch.float32)).detach()) == pytest.approx(expected, rel=1e-5)
    bits = BernoulliConditional(nn.Sequential(nn.Linear(1, 3), nn.Unflatten(-1, (1, 3))), 1)(torch.zeros(5, 1))
    assert bits.batch_shape == (5,) and bits.event_shape == (3,)


def test_values_beyond_reach_are_taken_for_its_end() -> None:
    class Sees(nn.Module):
        def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
            return torch.stack([x, torch.zeros_like(x)], -2)

    bits = BernoulliConditional(Emits([0.0, 0.0]), 1)
    model = LatentVariableModel(GaussianConditional(Sees()), StandardNormal(2), bits)
    q = model.infer(torch.tensor([[3 * REACH, -5 * REACH], [0.5, -0.5]]))
    assert q.mean.tolist() == [[REACH, -REACH], [0.5, -0.5]]
    model.view = nn.Hardtanh(0.0, 1.0)
    assert model.infer(torch.tensor([[3.0, -5.0]])).mean.tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("context", [0, 2])
def test_weights_of_a_mixture_prior(context: int) -> None:
    torch.manual_seed(0)
    weights, y = Weights(3, context), torch.tensor([[1.0, -2.0], [0.5, 0.0]])
    found = weights(y)
    if context:
        torch.testing.assert_close(found, y @ weights.given.weight.T + weights.given.bias)
    else:
        assert found.tolist() == [[0.0] * 3] * 2 and weights().tolist() == [0.0] * 3
    assert found.dtype == torch.float32 and weights(y.expand(4, 2, 2)).shape == (4, 2, 3)
    prior = MixturePrior(2, 3, context)
    with torch.no_grad():
        prior.log_variance.copy_(torch.tensor([[99.0, -99.0], [0.0, 1.0], [2.0, 3.0]]))
    p = prior(y)
    assert p.components.log_variance.tolist() == [[12.0, -12.0], [0.0, 1.0], [2.0, 3.0]]
    assert p.components.mean is prior.mean or torch.equal(p.components.mean, prior.mean)


def test_pseudo_inputs_of_bounded_rows_begin_near_them_and_off_the_ends() -> None:
    x = torch.tensor([[-1.0, 3.0, 1.0]])
    prior = VampPrior(GaussianConditional(Emits([0.0, 0.0], [0.0, 0.0])), (3,), 500, bounds=(-1.0, 3.0))
    prior.prepare(x, None, 1)
    share = (prior.pseudo_inputs.detach() + 1.0) / 4.0
    np.testing.assert_allclose(torch.logit(share).mean(0), special.logit([0.05, 0.95, 0.5]), atol=0.02)
    np.testing.assert_allclose(torch.logit(share).std(0), 0.1, rtol=0.15)
    free = VampPrior(GaussianConditional(Emits([0.0, 0.0], [0.0, 0.0])), (3,), 500)
    free.prepare(x, None, 1)
    np.testing.assert_allclose(free.pseudo_inputs.detach().mean(0), x[0], atol=0.02)
    np.testing.assert_allclose(free.pseudo_inputs.detach().std(0), 0.1, rtol=0.15)
    assert free.pseudo_inputs is free.raw


# -------------------------------------------------------------------- which cells are missing


def test_log_odds_of_a_gap_are_linear_in_what_is_seen() -> None:
    columns = [Column("categorical", shape=(0.0, 0.0), levels=2), Column("lognormal", centre=0.3, spread=0.7),
               Column("categorical", shape=(0.0, 0.0, 0.0), levels=3)]  # fmt: skip
    masking = SelfMasking(columns)
    assert not masking.begun and masking.slopes().tolist() == [0.0] * 6
    slope, offset = torch.tensor([1.5, 0.1, 0.2, 0.3, 0.4, 0.5]), torch.tensor([-1.0, 0.5, 0.25])
    masking.begin(slope, offset)
    torch.testing.assert_close(masking.slopes().detach(), slope)
    log, classes = blocks_of(columns)
    seen = (math.log(1.7) - 0.3) / 0.7
    assert float(masking.of(log)(torch.tensor([[1.7]])).detach()) == pytest.approx(1.5 * seen + 0.5, rel=1e-5)
    found = masking.of(classes)(torch.tensor([[1.0, 2.0]])).detach()
    np.testing.assert_allclose(found, [[0.2 - 1.0, 0.5 + 0.25]], rtol=1e-5)
    masking.begin(torch.full((6,), 99.0), offset)
    np.testing.assert_allclose(masking.slopes().detach(), 0.95 * STEEPEST, rtol=1e-5)
    with torch.no_grad():
        masking.slope.fill_(1e4)
    assert float(masking.slopes().max().detach()) <= STEEPEST


def test_of_rising_odds_the_slopes_are_positive_but_those_of_classes() -> None:
    masking = SelfMasking([Column("gaussian"), Column("categorical", shape=(0.0, 0.0), levels=2)], rising=True)
    masking.begin(torch.tensor([2.0, -1.0, 1.0]), torch.zeros(2))
    torch.testing.assert_close(masking.slopes().detach(), torch.tensor([2.0, -1.0, 1.0]))
    masking.begin(torch.tensor([-3.0, -1.0, 1.0]), torch.zeros(2))
    assert float(masking.slopes()[0].detach()) == pytest.approx(0.05, rel=1e-3)


def test_odds_begin_at_the_share_that_lacks() -> None:
    x = torch.tensor([[1.0, math.nan], [2.0, math.nan], [3.0, 4.0], [math.nan, 5.0]])
    masking = SelfMasking([Column("gaussian"), Column("gaussian")])
    masking.prepare(x)
    np.testing.assert_allclose(masking.offset.detach(), np.log([1.5 / 3.5, 2.5 / 2.5]), atol=1e-6)
    masking.begin(torch.zeros(2), torch.tensor([7.0, 8.0]))
    masking.prepare(x)
    assert masking.offset.tolist() == [7.0, 8.0]


def test_a_mean_of_gaussians_is_a_gaussian_of_vectors() -> None:
    q = GaussianConditional(Emits([0.5, -0.5], [0.0, 1.0]))(torch.zeros(3, 1))
    assert isinstance(q, Gaussian) and q.batch_shape == (3,) and q.event_shape == (2,)


class Plain(Conditional):
    """A user's part: PyTorch's normal, with as many batch dimensions as it has values."""

    def forward(self, *context: Tensor | None) -> torch.distributions.Distribution:
        c = context[0]
        return torch.distributions.Normal(torch.zeros(2) if c is None else c[..., :2], 1.0)


def test_parts_that_return_single_values_are_laws_of_vectors() -> None:
    model = LatentVariableModel(Plain(), Plain(), Plain())
    x = torch.randn(5, 2)
    assert model.infer(x).batch_shape == (5,) and model.infer(x).event_shape == (2,)
    assert model.codes_given().batch_shape == () and model.codes_given(x).batch_shape == (5,)
    z = torch.randn(3, 5, 2)
    assert model.examples_given(z).batch_shape == (3, 5) and model.log_likelihood(x, z).shape == (3, 5)
