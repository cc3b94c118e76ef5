"""The law of the codes: of a prior what it says itself, of an auto-encoder's codes what they are."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from torch import Tensor, nn
from torch import distributions as d

from aevum.conditionals import BernoulliConditional, Conditional, GaussianConditional
from aevum.distributions import Gaussian
from aevum.fitted.law import CodesLaw, PriorLaw
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.priors import MixturePrior, StandardNormal


class Given(Conditional):
    """A prior that is this law, whatever y is; or one for each row of y, by a function."""

    def __init__(self, law) -> None:
        super().__init__()
        self.law = law

    def forward(self, *context: Tensor | None) -> d.Distribution:
        y = context[0] if context else None
        return self.law(y) if callable(self.law) else self.law


def law(prior: Conditional, y: Tensor | None = None, context: int = 0) -> PriorLaw:
    torch.manual_seed(0)
    decoder = BernoulliConditional(MLP((2,), (3,), hidden=(4,), context=context), 1)
    model = LatentVariableModel(GaussianConditional(MLP((3,), (2,), parameters=2, context=context)), prior, decoder)
    return PriorLaw(model, y)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def shifted(y: Tensor | None) -> Gaussian:
    assert y is not None
    return Gaussian(y[:, :2], torch.zeros(len(y), 2))


def test_a_standard_normal_is_told_from_others() -> None:
    p = law(StandardNormal(2))
    assert p.is_gaussian and p.is_standard
    mean, deviation = p.moments()
    assert mean.tolist() == [[0.0, 0.0]] and deviation.tolist() == [[1.0, 1.0]] and mean.dtype == np.float64
    shares = np.array([0.025, 0.5, 0.9])
    np.testing.assert_allclose(p.quantiles(1, shares), stats.norm.ppf(shares), atol=1e-7)
    z = np.array([[0.0, 1.0], [2.0, -1.0]])
    np.testing.assert_allclose(p.log_density(z), stats.norm.logpdf(z).sum(1), rtol=1e-6)
    assert p.nearest(z) is not None and np.array_equal(p.nearest(z), z) and p.nearest(z).dtype == z.dtype
    drawn = p.sample(5, generator(), 0)
    assert drawn.shape == (5, 2) and drawn.dtype == np.float32
    assert np.array_equal(p.representatives(5, 3), p.sample(5, generator(3), 9))
    for other in (Gaussian(torch.zeros(2), torch.ones(2)), Gaussian(torch.tensor([0.0, 1.0]), torch.zeros(2))):
        assert law(Given(other)).is_gaussian and not law(Given(other)).is_standard
    laplace = d.Independent(d.Laplace(torch.zeros(2), torch.full((2,), 0.5**0.5)), 1)  # of the same moments
    assert not law(Given(laplace)).is_gaussian and not law(Given(laplace)).is_standard


def test_a_law_for_each_row_of_y() -> None:
    y = torch.tensor([[1.0, 0.0, 0.0], [0.0, -2.0, 0.0], [4.0, 5.0, 0.0]])
    p = law(Given(shifted), y, 3)
    mean, deviation = p.moments()
    np.testing.assert_array_equal(mean, y[:, :2].numpy())
    np.testing.assert_array_equal(deviation, np.ones((3, 2)))
    np.testing.assert_allclose(p.quantiles(0, np.array([0.5, 0.9])), 1.0 + stats.norm.ppf([0.5, 0.9]), atol=1e-7)
    z = np.zeros((3, 2), dtype=np.float32)
    np.testing.assert_allclose(p.log_density(z), stats.norm.logpdf(y[:, :2].numpy()).sum(1), rtol=1e-6)
    assert p.sample(3, generator(), 0).shape == (3, 2) and not p.is_standard
    with pytest.raises(ValueError, match="3 laws"):
        p.sample(4, generator(), 0)


def test_rows_of_one_y_have_one_law() -> None:
    y = torch.tensor([[1.0, 0.5, 0.0]]).expand(4, 3)
    p = law(Given(shifted), y, 3)
    assert [part.shape for part in p.moments()] == [(4, 2), (4, 2)]
    np.testing.assert_array_equal(p.moments()[0], y[:, :2].numpy())
    seen: list[int] = []

    def counted(y: Tensor | None) -> Gaussian:
        seen.append(len(y))
        return shifted(y)

    law(Given(counted), y, 3)
    assert seen == [4, 1]  # so that no moment depends on how many rows there are
    seen.clear()
    law(Given(counted), torch.eye(3), 3)
    assert seen == [3]


def test_a_law_without_moments_has_its_median_and_what_holds_as_much() -> None:
    p = law(Given(d.Independent(d.Cauchy(torch.tensor([1.0, -2.0]), torch.tensor([0.5, 3.0])), 1)))
    mean, deviation = p.moments()
    inside = 2.0 * stats.norm.cdf(1.0) - 1.0
    np.testing.assert_allclose(mean, [[1.0, -2.0]], atol=1e-6)
    np.testing.assert_allclose(deviation, [np.array([0.5, 3.0]) * stats.cauchy.ppf(0.5 + inside / 2)], rtol=1e-5)


def test_beyond_its_support_a_law_has_no_density() -> None:
    p = law(Given(d.Independent(d.Gamma(torch.tensor([2.0, 3.0]), torch.tensor([1.0, 2.0])), 1)))
    found = p.log_density(np.array([[1.0, 2.0], [-1.0, 1.0], [0.5, 0.5]]))
    expected = [stats.gamma.logpdf([a, b], [2.0, 3.0], scale=[1.0, 0.5]).sum() for a, b in ((1.0, 2.0), (0.5, 0.5))]
    np.testing.assert_allclose(found[[0, 2]], expected, rtol=1e-6)
    assert found[1] == -np.inf


def test_points_are_the_nearest_codes() -> None:
    p = law(Given(d.OneHotCategorical(torch.tensor([0.3, 0.7]))))
    z = np.array([[0.4, 0.6], [2.0, 1.0]], dtype=np.float64)
    found = p.nearest(z)
    assert found.tolist() == [[0.0, 1.0], [1.0, 0.0]] and found.dtype == np.float64


def test_a_mixtures_law() -> None:
    torch.manual_seed(0)
    prior = MixturePrior(2, 3)
    p = law(prior)
    mixture = prior()
    np.testing.assert_allclose(p.moments()[0][0], mixture.mean.detach().numpy(), rtol=1e-6)
    np.testing.assert_allclose(p.moments()[1][0], mixture.stddev.detach().numpy(), rtol=1e-6)
    assert not p.is_gaussian
    quartiles = p.quantiles(0, np.array([0.25, 0.5, 0.75]))
    drawn = p.sample(40_000, generator(), 0)[:, 0]
    np.testing.assert_allclose([(drawn <= q).mean() for q in quartiles], [0.25, 0.5, 0.75], atol=0.012)


def codes() -> np.ndarray:
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(size=(60, 2)), 5.0 + 0.3 * rng.normal(size=(40, 2))]).astype(np.float32)


def test_the_codes_of_an_auto_encoder_are_their_own_law() -> None:
    z = codes()
    p = CodesLaw(z, 0)
    mean, deviation = p.moments()
    np.testing.assert_allclose(mean, z.astype(np.float64).mean(0)[None])
    np.testing.assert_allclose(deviation, z.astype(np.float64).std(0)[None])
    np.testing.assert_allclose(
        p.quantiles(1, np.array([0.1, 0.5])), np.quantile(z[:, 1].astype(np.float64), [0.1, 0.5])
    )
    assert p.log_density(z) is None and not p.is_gaussian and not p.is_standard and p.nearest(z) is z
    np.testing.assert_array_equal(p.representatives(3, 0), z[[0, 50, 99]])  # evenly, from the first to the last
    np.testing.assert_array_equal(p.representatives(1000, 0), z)
    alike = CodesLaw(np.full((4, 1), 2.0, dtype=np.float32), 0)
    np.testing.assert_allclose(alike.quantiles(0, np.array([0.1, 0.5, 0.9])), [1.5, 2.0, 2.5])


@pytest.mark.parametrize(("rows", "width", "components"), [(5, 2, 1), (12, 2, 2), (17, 2, 2), (18, 2, 3), (400, 2, 10)])
def test_a_mixture_has_a_component_for_so_many_codes(rows: int, width: int, components: int) -> None:
    """Twice as many rows a component as it has means and half as many deviations, and ten at most."""
    z = np.random.default_rng(0).normal(size=(rows, width)).astype(np.float32)
    assert len(CodesLaw(z, 0).mixture.weights_) == components


def test_draws_lie_where_codes_do_and_few_are_the_beginning_of_many() -> None:
    p = CodesLaw(codes(), 0)
    many, few = (p.sample(n, generator(), 4) for n in (5000, 7))
    np.testing.assert_array_equal(many[:7], few)
    assert not np.array_equal(many[:7], p.sample(7, generator(), 5))
    near = np.linalg.norm(many - 5.0, axis=1) < 1.5
    assert abs(near.mean() - 0.4) < 0.04
    np.testing.assert_allclose(many[~near].mean(0), codes()[:60].mean(0), atol=0.12)


def test_codes_that_are_nearly_all_alike_can_be_drawn() -> None:
    z = np.random.default_rng(0).normal(size=(20, 2)).astype(np.float32) * 1e-6
    drawn = CodesLaw(z, 0).sample(50, generator(), 0)
    assert np.isfinite(drawn).all() and float(np.abs(drawn).max()) < 1e-4


def test_a_model_without_a_prior_has_no_law() -> None:
    decoder = BernoulliConditional(MLP((2,), (3,), hidden=(4,)), 1)
    model = LatentVariableModel(GaussianConditional(MLP((3,), (2,), parameters=2)), None, decoder)
    assert isinstance(model, nn.Module)
    with pytest.raises(TypeError, match="neither a prior nor a rate"):
        PriorLaw(model, None)
