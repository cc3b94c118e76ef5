"""What objectives are made of: weights, chunks, draws from the generator that is passed, terms that are parted."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from aevum.conditionals import FixedScale, GaussianConditional, ScaledGaussian
from aevum.distributions import Gaussian, draw_with_density, sharing
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.objectives import ELBO, ImportanceWeightedBound, Reconstruction, Terms, importance_weighted_bound
from aevum.objectives.evidence import draws_in_chunks, effective_sample_size, log_weights
from aevum.posteriors import Corrupted, GaussianNoise, PointMassPosterior
from aevum.priors import MixturePrior, StandardNormal


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def model(prior: str = "standard") -> LatentVariableModel:
    torch.manual_seed(0)
    posterior = GaussianConditional(MLP((5,), (2,), parameters=2, hidden=(8,), context=3))
    decoder = MLP((2,), (5,), hidden=(8,), context=3)
    p = StandardNormal(2) if prior == "standard" else MixturePrior(2, 3, 3)
    return LatentVariableModel(posterior, p, ScaledGaussian(decoder, FixedScale(torch.tensor(0.3)), 1))


X, Y = torch.randn(6, 5, generator=seeded()), torch.eye(3)[torch.arange(6) % 3]
NOISE = torch.randn(7, 6, 2, generator=seeded(1))


def by_hand(m: LatentVariableModel) -> Tensor:
    """log p(x|z,y) + log p(z|y) − log q(z|x,y) at z = μ + σ ε, each law on its own."""
    q = m.posterior(X, Y)
    z = q.mean + q.stddev * NOISE
    log_q = torch.distributions.Normal(q.mean, q.stddev).log_prob(z).sum(-1)
    p = m.likelihood(z, Y)
    log_x = torch.distributions.Normal(p.mean, p.stddev).log_prob(X).sum(-1)
    return (log_x + m.prior(Y).log_prob(z) - log_q).detach()


@pytest.mark.parametrize("prior", ["standard", "mixture"])
def test_weights_are_the_ratio_of_the_laws(prior: str) -> None:
    m = model(prior)
    expected = by_hand(m)
    torch.testing.assert_close(log_weights(m, X, Y, k=7, noise=NOISE).detach(), expected, rtol=1e-5, atol=1e-4)
    assert log_weights(m, X, Y).shape == (1, 6)
    bound = importance_weighted_bound(m, X, Y, k=7, chunk=3, noise=lambda start, stop: NOISE[start:stop]).detach()
    torch.testing.assert_close(bound, expected.logsumexp(0) - math.log(7), rtol=1e-5, atol=1e-4)
    assert importance_weighted_bound(m, X, Y).shape == (6,)


def test_as_many_draws_as_are_asked_for_at_most_a_chunk_at_a_time() -> None:
    m = model()
    asked: list[tuple[int, int]] = []

    def noise(start: int, stop: int) -> Tensor:
        asked.append((start, stop))
        return NOISE[start:stop]

    found = list(draws_in_chunks(m, m.infer(X, Y), m.codes_given(Y), X, Y, k=7, chunk=3, noise=noise))
    assert asked == [(0, 3), (3, 6), (6, 7)]
    assert [part.log_likelihood.shape for part in found] == [(3, 6), (3, 6), (1, 6)]
    whole = torch.cat([part.log_weights for part in found]).detach()
    torch.testing.assert_close(whole, by_hand(m), rtol=1e-5, atol=1e-4)
    for k, chunk in ((0, 3), (3, 0)):
        with pytest.raises(ValueError, match="at least 1"):
            next(draws_in_chunks(m, m.infer(X, Y), m.codes_given(Y), X, Y, k=k, chunk=chunk))
    assert len(list(draws_in_chunks(m, m.infer(X, Y), m.codes_given(Y), X, Y, k=1, chunk=1))) == 1


def test_a_posterior_without_a_density_is_named() -> None:
    m = model()
    point = LatentVariableModel(PointMassPosterior(MLP((5,), (2,), hidden=(8,), context=3)), m.prior, m.likelihood)
    q, p = point.infer(X, Y), m.codes_given(Y)
    for score in (
        lambda: next(draws_in_chunks(point, q, p, X, Y, k=1, chunk=1)),
        lambda: log_weights(point, X, Y),
        lambda: importance_weighted_bound(point, X, Y),
        lambda: ELBO()(point, X, Y),
        lambda: ImportanceWeightedBound()(point, X, Y),
    ):
        with pytest.raises(TypeError, match="PointMass has no density, so it has no rate"):
            score()


def test_the_effective_sample_size_of_unequal_weights() -> None:
    w = torch.tensor([[1.0, 2.0], [3.0, 2.0], [4.0, 2.0]], dtype=torch.float64)
    torch.testing.assert_close(effective_sample_size(w.log()), w.sum(0) ** 2 / (w**2).sum(0))


def corrupted() -> LatentVariableModel:
    m = model()
    return LatentVariableModel(Corrupted(m.posterior, GaussianNoise(0.5, 0.0, 1.0)), m.prior, m.likelihood)


@pytest.mark.parametrize("make", [model, corrupted])
@pytest.mark.parametrize("objective", [ELBO(), ELBO(3), ImportanceWeightedBound(3), Reconstruction()], ids=str)
def test_every_draw_is_of_the_generator_that_is_passed(objective, make) -> None:
    m = make()
    before = torch.get_rng_state()
    one, again, other = (objective(m, X, Y, generator=seeded(seed)) for seed in (0, 0, 1))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(one.loss, again.loss) and not torch.equal(one.loss, other.loss)
    torch.manual_seed(3)
    first = objective(m, X, Y).loss
    torch.manual_seed(3)
    assert torch.equal(objective(m, X, Y).loss, first)


def test_reconstruction_is_the_distortion_alone() -> None:
    m = model()
    terms = Reconstruction()(m, X, Y, beta=7.0, generator=seeded())
    z = m.infer(X, Y).rsample(generator=seeded())
    torch.testing.assert_close(terms.distortion, -m.log_likelihood(X, z, Y))
    assert torch.equal(terms.loss, terms.distortion) and bool((terms.rate == 0.0).all())
    assert terms.rate.shape == (6,)


@pytest.mark.parametrize("prior", ["standard", "mixture"])
def test_the_bounds_terms_are_those_of_its_draws(prior: str) -> None:
    """Where a rate has no closed form it is estimated by the same draws; β weighs the ratio of prior and posterior."""
    m = model(prior)
    q, p = m.infer(X, Y), m.codes_given(Y)
    z, log_q = draw_with_density(q, (4,), seeded())
    likelihood, ratio = m.log_likelihood(X, z, Y), p.log_prob(z) - log_q
    terms = ImportanceWeightedBound(4)(m, X, Y, beta=0.3, generator=seeded())
    torch.testing.assert_close(terms.loss, math.log(4) - (likelihood + 0.3 * ratio).logsumexp(0))
    torch.testing.assert_close(terms.distortion, -likelihood.mean(0))
    if prior == "mixture":
        torch.testing.assert_close(terms.rate, -ratio.mean(0))
    else:
        exact = torch.distributions.kl_divergence(
            torch.distributions.Normal(q.mean, q.stddev), torch.distributions.Normal(0.0, 1.0)
        ).sum(-1)
        torch.testing.assert_close(terms.rate, exact, rtol=1e-5, atol=1e-5)
    several = ELBO(4)(m, X, Y, beta=0.3, generator=seeded())
    torch.testing.assert_close(several.distortion, terms.distortion)
    torch.testing.assert_close(several.rate, terms.rate)
    torch.testing.assert_close(several.loss, several.distortion + 0.3 * several.rate)


def test_terms_are_weighed_and_parted() -> None:
    whole = torch.arange(3.0)
    terms = Terms(whole, whole + 1.0, whole + 2.0, {"each": whole + 3.0, "all": torch.tensor(5.0)})
    assert terms.weighted(None) is terms and terms.first(3) is terms
    weighted = Terms(*terms[:3], {"each": whole + 3.0}).weighted(torch.tensor([2.0, 0.0, 1.0]))
    assert [part.tolist() for part in weighted[:3]] == [[0.0, 0.0, 2.0], [2.0, 0.0, 3.0], [4.0, 0.0, 4.0]]
    assert weighted.extras["each"].tolist() == [6.0, 0.0, 5.0]
    few = terms.first(2)
    assert [part.tolist() for part in few[:3]] == [[0.0, 1.0], [1.0, 2.0], [2.0, 3.0]]
    assert few.extras["each"].tolist() == [3.0, 4.0] and float(few.extras["all"]) == 5.0


def test_what_an_objective_is_by_itself() -> None:
    assert ELBO.bounds and ImportanceWeightedBound.bounds and not Reconstruction.bounds
    terms = ELBO()(model(), X, Y, generator=seeded())
    assert ELBO().selection(terms) is terms.loss and ELBO().opponents() == ()
    assert ELBO().samples == 1 and ImportanceWeightedBound().k == 5


def test_rows_of_a_shared_batch_have_the_draws_of_the_whole() -> None:
    """A draw of each of five rows, of which two are another process'; the rows may stand behind the draws."""
    q = Gaussian(torch.zeros(5, 2), torch.zeros(5, 2))
    part = Gaussian(torch.zeros(2, 2), torch.zeros(2, 2))
    for shape in ((), (3,)):
        whole = q.rsample(shape, generator=seeded())
        for start, stop in ((3, 5), (1, 3), (0, 2)):
            with sharing(start, stop, 5):
                ours = part.rsample(shape, generator=seeded())
            torch.testing.assert_close(ours, whole[..., start:stop, :])
        with sharing(0, 5, 5):
            assert torch.equal(q.rsample(shape, generator=seeded()), whole)
    with sharing(3, 5, 5):  # of so many rows as are not ours: a draw that knows no rows
        lone = Gaussian(torch.zeros(3), torch.zeros(3)).rsample((), generator=seeded())
    torch.testing.assert_close(lone, Gaussian(torch.zeros(3), torch.zeros(3)).rsample((), generator=seeded()))
