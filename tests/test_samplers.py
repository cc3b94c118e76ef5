"""Every sampler against the law that it says it draws from, in closed form: with a stated rate of false alarms, and a
planted bias that the same test must see.

Draws become standard normal scores by the law's own distribution function (scipy's, not the package's, but for flows,
for mixtures of a model's own and for what an estimator draws; of discrete laws at a random place of the jump; of
vectors one value given those before, which is Rosenblatt's transform). Of scores six things are looked at: their
distribution function (Kolmogorov and Smirnov), how many each tenth has (chi-squared), their mean, their variance, and
whether each hangs together with the one beside it and that of the draw before. All of these tests together would raise
one false alarm in a million runs, were their seeds drawn at random; they are fixed, so that none comes and goes.

What is planted: a mean that is 0.05 deviations off, a scale of 1.05 times, a class whose share is 0.03 up, and one draw
in ten that is its predecessor's. That it is seen with so many deviations to spare (``SPARE``) is a power above 0.9999.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy import special, stats
from torch import distributions as d

from aevum import VAE
from aevum.conditionals import BernoulliConditional, FlowConditional, GaussianConditional
from aevum.data.keyed import keyed_uniforms, row_keys
from aevum.data.source import order_of
from aevum.distributions import (
    Bernoulli,
    Categories,
    Columns,
    ContinuousBernoulli,
    DiscretizedLogistic,
    Gaussian,
    Group,
    Heaped,
    JohnsonSU,
    Laplace,
    Line,
    Logarithm,
    Logit,
    Mixture,
    NegativeBinomial,
    Ordinal,
    Poisson,
    Sized,
    Spiked,
    Straight,
    StudentT,
    TwoValued,
    WarpedGaussian,
    ZeroInflated,
    draw,
    draw_with_density,
    from_noise,
    noise_shape,
)
from aevum.distributions.gaussian import standard_normal
from aevum.distributions.tilted import tilted
from aevum.evaluation.linear import PrincipalComponents
from aevum.fitted.law import CodesLaw, PriorLaw
from aevum.fitted.noise import KeyedNoise, binarized, binarizer
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.posteriors import Diffusion, FlowPosterior, GaussianNoise, Masking, SaltAndPepper
from aevum.priors import MixturePrior, StandardNormal, VampPrior
from aevum.training.randomness import Randomness

Array = NDArray[Any]
Scores = Callable[[Array, np.random.Generator], Array]
N = 70_000
# Of all tests together, and by how many deviations more a planted bias must be seen.
FALSE_ALARMS, SPARE = 1e-6, 4.0


class Case(NamedTuple):
    """A sampler, and its law.

    Args:
        drawn: seed ↦ draws ``(n, m)``, rows independent of each other.
        scores: draws and a generator of random places ↦ scores ``(n, m)``, independent and N(0, 1) where the law holds.
        steps: 0 where any number may be drawn, 1 for counts, 2 for classes: what may be planted.
    """

    drawn: Callable[[int], Array]
    scores: Scores
    steps: int = 0


def p_values(scores: Array) -> Array:
    """Of what is looked at: the distribution function, tenths, mean, variance, the score beside and the draw before."""
    flat, count = scores.ravel(), scores.size
    below = special.ndtr(np.sort(flat))
    places = np.arange(count + 1) / count
    off = max((places[1:] - below).max(), (below - places[:-1]).max())
    ends = stats.chi2.cdf((flat**2).sum(), count), stats.chi2.sf((flat**2).sum(), count)
    beside = (flat[1:] * flat[:-1]).sum() / math.sqrt(count - 1)
    before = (scores[1:] * scores[:-1]).sum() / math.sqrt(count - scores.shape[1])
    of_normal = np.array([flat.sum() / math.sqrt(count), beside, before])
    # Column by column, since what is too common in one may be too rare in another.
    rows, width = scores.shape
    place = np.minimum((10.0 * special.ndtr(scores)).astype(int), 9) + 10 * np.arange(width)
    tenths = np.bincount(place.ravel(), minlength=10 * width)
    chi_squared = stats.chi2.sf(((tenths - 0.1 * rows) ** 2).sum() / (0.1 * rows), 9 * width)
    kolmogorov = special.kolmogorov(math.sqrt(count) * off)
    return np.array([kolmogorov, chi_squared, 2.0 * min(ends), *2.0 * special.ndtr(-abs(of_normal))])


def deviations(p: float) -> float:
    """How far out a normal number of this two-sided p-value lies."""
    return float(-special.ndtri(0.5 * max(p, 1e-300)))


# -------------------------------------------------------------------- from draws to scores


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def flat(values: torch.Tensor) -> Array:
    """Rows of draws, whatever the shape of one."""
    return values.detach().reshape(len(values), -1).double().numpy()


def of(q: d.Distribution, cells: int) -> Callable[[int], Array]:
    """Draws of a law of so many values."""
    return lambda seed: flat(draw(q, (N // cells,), seeded(seed)))


def by(function: Callable[[Array], Array]) -> Scores:
    """Scores by a distribution function without jumps."""
    return lambda x, rng: special.ndtri(function(x).clip(1e-16, 1.0 - 1e-16))


def jumping(below: Callable[[Array], Array], upto: Callable[[Array], Array]) -> Scores:
    """Scores by P(X < x) and P(X ≤ x), at a random place between the two."""

    def scores(x: Array, rng: np.random.Generator) -> Array:
        low, high = below(x), upto(x)
        return special.ndtri((low + rng.random(x.shape) * (high - low)).clip(1e-16, 1.0 - 1e-16))

    return scores


def whole(upto: Callable[[Array], Array]) -> Scores:
    """Scores of whole numbers by P(X ≤ x)."""
    return jumping(lambda x: upto(x - 1.0), upto)


def classes(masses: Array) -> Scores:
    """Scores of indices of classes, whose masses are ``(m, K)``."""
    below = np.concatenate([np.zeros((len(masses), 1)), np.cumsum(masses, axis=-1)], axis=-1)
    columns = np.arange(len(masses))

    def at(x: Array) -> Array:
        return below[columns, x.astype(int).clip(0, masses.shape[1])]

    return jumping(at, lambda x: at(x + 1.0))


def warped(forward: Callable[[Array], Array], mean: Array, deviation: Array) -> Scores:
    """Scores of what is Gaussian once it is bent."""
    return lambda x, rng: (forward(x) - mean) / deviation


def of_mixture(weights: Array, means: Array, roots: Array) -> Scores:
    """Rosenblatt's transform of a mixture of Gaussians with these triangular roots, ``(K, m, m)``."""

    def scores(x: Array, rng: np.random.Generator) -> Array:
        log_weights = np.log(np.broadcast_to(weights, (len(x), len(weights))))
        white = np.stack([np.linalg.solve(r, (x - m).T).T for r, m in zip(roots, means, strict=True)], axis=1)
        found = []
        for i in range(x.shape[1]):  # given those before, component k is N(0, 1) in its own white coordinate
            share = np.exp(log_weights - special.logsumexp(log_weights, axis=1, keepdims=True))
            found.append((share * special.ndtr(white[:, :, i])).sum(axis=1))
            log_weights = log_weights - 0.5 * white[:, :, i] ** 2 - np.log(roots[:, i, i])
        return special.ndtri(np.stack(found, axis=1).clip(1e-16, 1.0 - 1e-16))

    return scores


# -------------------------------------------------------------------- the samplers

F64 = torch.float64
M, S = torch.tensor([-1.0, 0.0, 0.3, 2.0]), torch.tensor([0.2, 1.0, 0.7, 3.0])
m, s = M.double().numpy(), S.double().numpy()
LOG_VARIANCE = 2.0 * S.log()
LOGITS = torch.tensor([[0.3, -1.0, 1.2], [0.0, 0.5, -0.5]])
MASSES = LOGITS.double().softmax(-1).numpy()
WEIGHTS, SPREADS = np.array([0.5, 0.2, 0.3]), np.array([[0.5, 1.0], [0.3, 2.0], [1.0, 0.4]])
MEANS = np.array([[-2.0, 1.0], [0.0, -1.0], [3.0, 0.5]])
ROOT = torch.tensor([[1.0, 0.0, 0.0], [0.5, 0.8, 0.0], [-0.3, 0.4, 0.6]])
GREY = np.random.default_rng(5).uniform(0.05, 0.95, (N // 2, 2)).astype(np.float32)
ORDERS = {order: place for place, order in enumerate(itertools.permutations(range(4)))}


def tensor(values: Any) -> torch.Tensor:
    return torch.from_numpy(np.asarray(values, dtype=np.float32))


def mixture() -> Mixture:
    return Mixture(tensor(np.log(WEIGHTS)), Gaussian(tensor(MEANS), tensor(2.0 * np.log(SPREADS))))


def diagonal(weights: Array, means: Array, spreads: Array) -> Scores:
    return of_mixture(weights, means, np.stack([np.diag(each) for each in spreads]))


def component_scores(p: Mixture) -> Scores:
    """Of a prior's own weights, means and deviations."""
    parts = (p.weights, p.components.mean, p.components.stddev)
    return diagonal(*(part.detach().double().numpy() for part in parts))


def white(covariance: Array, mean: Array) -> Scores:
    root = np.linalg.cholesky(covariance)
    return lambda x, rng: np.linalg.solve(root, (x - mean).T).T


def continuous_bernoulli() -> Case:
    a = np.array([-6.0, -0.2, 1e-3, 0.5, 4.0])
    return Case(of(ContinuousBernoulli(tensor(a)), 5), by(lambda x: np.expm1(a * x) / np.expm1(a)))


def discretized(levels: int, scale: float) -> Case:
    centre = np.array([-0.7, 0.1, 0.4])
    p = DiscretizedLogistic(tensor(centre), torch.tensor(math.log(scale)), levels=levels)

    def upto(x: Array) -> Array:
        edge = (2.0 * x + 1.0) / (levels - 1) - 1.0
        found = special.expit((edge - centre) / scale)
        return np.where(x >= levels - 1, 1.0, np.where(x < 0, 0.0, found))

    return Case(lambda seed: np.round((of(p, 3)(seed) + 1.0) * (levels - 1) / 2.0), whole(upto), 1)


def spiked() -> Case:
    share = 0.3
    p = Spiked(torch.full((4,), math.log(share / (1.0 - share))), WarpedGaussian(M, LOG_VARIANCE, Straight()))
    kept = stats.norm(m, s)

    def below(x: Array) -> Array:
        return (1.0 - share) * kept.cdf(x) + share * (x > 0.0)

    return Case(of(p, 4), jumping(below, lambda x: below(x) + share * (x == 0.0)), 2)


def zero_inflated() -> Case:
    mean, r, share = np.array([1.0, 6.0]), 1.0 / 0.4, 0.25
    counts = NegativeBinomial(tensor(np.log(mean)), tensor(np.log([0.4, 0.4])))
    upto = stats.nbinom(r, r / (r + mean)).cdf
    p = ZeroInflated(torch.full((2,), math.log(share / (1.0 - share))), counts)
    return Case(of(p, 2), whole(lambda x: (x >= 0.0) * (share + (1.0 - share) * upto(x))), 1)


def ordinal() -> Case:
    centre, scale, top = np.array([0.5, 2.0]), np.array([0.6, 1.2]), np.array([3.0, 4.0])
    p = Ordinal(tensor(centre), tensor(np.log(scale)), tensor(top + 1.0))
    return Case(
        of(p, 2),
        whole(lambda x: np.where(x >= top, 1.0, np.where(x < 0.0, 0.0, special.expit((x + 0.5 - centre) / scale)))),
        2,
    )


def tilted_classes() -> Case:
    """Of cells that are missing, where the odds of that depend on the class."""
    odds = np.array([1.0, -1.0, 0.5])
    p = tilted(Categories(LOGITS), lambda values: tensor(odds)[values.long()])
    masses = MASSES * special.expit(odds)
    return Case(of(p, 2), classes(masses / masses.sum(-1, keepdims=True)), 2)


def columns() -> Case:
    """A row of a table, whose cells are of several kinds."""
    groups = [
        Group(torch.tensor([2]), Poisson(torch.tensor([3.0]).log())),
        Group(torch.tensor([0, 3]), WarpedGaussian(M[:2], LOG_VARIANCE[:2], Straight())),
        Group(torch.tensor([1]), TwoValued(torch.tensor([0.5]))),
    ]
    first, third = by(stats.norm(m[:2], s[:2]).cdf), whole(stats.poisson(3.0).cdf)
    second = classes(np.array([[1.0 - special.expit(0.5), special.expit(0.5)]]))

    def scores(x: Array, rng: np.random.Generator) -> Array:
        return np.concatenate([first(x[:, [0, 3]], rng), second(x[:, [1]], rng), third(x[:, [2]], rng)], axis=1)

    return Case(of(Columns(groups, torch.Size()), 4), scores, 2)


def sized() -> Case:
    """Counts of rows of several sizes: given the counts before, a size is so much more or less probable."""
    shares, sizes = np.array([0.2, 0.5, 0.3]), np.array([4.0, 10.0, 50.0])

    def at(log_size: torch.Tensor) -> list[Group]:
        return [Group(torch.arange(3), Poisson(tensor(np.log(shares)) + log_size.unsqueeze(-1)))]

    p = Sized(at, tensor(np.log(shares)), torch.arange(3), tensor(sizes))

    def scores(x: Array, rng: np.random.Generator) -> Array:
        weights, found = np.full((len(x), 3), 1.0 / 3.0), []
        for i in range(3):
            law, value = stats.poisson(sizes * shares[i]), x[:, [i]]
            low, high = ((weights * law.cdf(value - step)).sum(axis=1) for step in (1.0, 0.0))
            found.append(low + rng.random(len(x)) * (high - low))
            weights = weights * law.pmf(value)
            weights = weights / weights.sum(axis=1, keepdims=True).clip(1e-300)
        return special.ndtri(np.stack(found, axis=1).clip(1e-16, 1.0 - 1e-16))

    return Case(of(p, 3), scores, 1)


def relaxed_categories() -> Case:
    """Of two classes: their log ratio is logistic."""
    p = d.RelaxedOneHotCategorical(torch.tensor(0.7), logits=torch.tensor([0.4, -0.5]))
    law = stats.logistic(0.9 / 0.7, 1.0 / 0.7)
    return Case(lambda seed: special.logit(of(p, 1)(seed)[:, :1].clip(1e-7, 1.0 - 1e-7)), by(law.cdf))


def one_hot(make: Callable[..., d.Distribution]) -> Case:
    p = make(logits=LOGITS)
    return Case(lambda seed: draw(p, (N // 2,), seeded(seed)).detach().argmax(-1).double().numpy(), classes(MASSES), 2)


def flow_prior() -> Case:
    torch.manual_seed(0)
    p = FlowConditional(2, transforms=2, width=8)()
    return Case(of(p, 2), lambda x, rng: flat(p.transform(tensor(x))))


def flow_posterior() -> Case:
    """Its base is a Gaussian of the encoder's own; the density that comes with the draws is looked at elsewhere."""
    torch.manual_seed(0)
    posterior = FlowPosterior(
        MLP((5,), (2,), parameters=3), FlowConditional(2, 2, kind="affine", transforms=2, width=8)
    )
    q = posterior(torch.ones(1, 5))
    base: Any = q.base.base_dist

    def scores(x: Array, rng: np.random.Generator) -> Array:
        u = q.transform(tensor(x).unsqueeze(1))
        return flat((u - base.loc) / base.scale)

    def drawn(seed: int) -> Array:
        return flat(draw_with_density(q, (N // 2,), seeded(seed))[0])

    return Case(drawn, scores)


def corrupted(kind: Any, level: float) -> Callable[[int], Array]:
    """What becomes of rows of a half."""
    return lambda seed: flat(kind(level, -1.0, 2.0)(torch.full((N // 2, 2), 0.5), seeded(seed)))


def diffusion() -> Case:
    """N(√(1 − s²) x, s²), with s² = 1 − (1 − level²)^u² and u uniform: its distribution function by integration."""
    level, x = 0.9, 0.5
    # Where u is near 0 nothing is added, and the law is narrow: an even grid of values, read between them.
    near = np.geomspace(1e-6, 1.0, 500)
    grid = np.sort(np.concatenate([np.linspace(-6.0, 7.0, 2001), x + near, x - near]))
    u = (np.arange(4_000) + 0.5) / 4_000
    keep = (1.0 - level**2) ** u**2
    table = np.array([special.ndtr((v - np.sqrt(keep) * x) / np.sqrt(1.0 - keep)).mean() for v in grid])

    def drawn(seed: int) -> Array:
        return flat(Diffusion(level, -1.0, 2.0)(torch.full((N, 1), x), seeded(seed)))

    return Case(drawn, by(lambda value: np.interp(value, grid, table)))


def in_classes(drawn: Callable[[int], Array], values: list[float]) -> Callable[[int], Array]:
    """Draws as indices of these values; one too many for what is none of them."""

    def indices(seed: int) -> Array:
        x = drawn(seed)
        return np.select([x == value for value in values], list(range(len(values))), len(values)).astype(float)

    return indices


def gaussian_conditional() -> Case:
    """q(z|x), or a learned p(z|y), as a model draws from it."""
    torch.manual_seed(0)
    model = LatentVariableModel(GaussianConditional(MLP((5,), (2,), parameters=2)), StandardNormal(2), Straightened())
    q = model.infer(torch.randn(3, 5, generator=seeded(0)))
    mean, deviation = (flat(part[None])[0] for part in (q.mean, q.stddev))
    return Case(
        lambda seed: flat(draw_with_density(q, (N // 6,), seeded(seed))[0]), warped(lambda x: x, mean, deviation)
    )


class Straightened(BernoulliConditional):
    """A decoder of three bits."""

    def __init__(self) -> None:
        super().__init__(MLP((2,), (3,), hidden=(4,)), 1)


def bits_of_codes() -> Case:
    """x from p(x|z) at given codes."""
    torch.manual_seed(0)
    model = LatentVariableModel(GaussianConditional(MLP((5,), (2,), parameters=2)), StandardNormal(2), Straightened())
    p = model.examples_given(3.0 * torch.randn(2, 2, generator=seeded(0)))
    ones = p.mean.detach().double().numpy().ravel()
    return Case(lambda seed: flat(draw(p, (N // 6,), seeded(seed))), classes(np.stack([1.0 - ones, ones], -1)), 2)


def mixture_prior() -> Case:
    torch.manual_seed(0)
    p = MixturePrior(2, 3, context=2)(torch.tensor([1.0, -2.0]))
    return Case(of(p, 2), component_scores(p))


def vamp_prior() -> Case:
    torch.manual_seed(0)
    prior = VampPrior(GaussianConditional(MLP((5,), (2,), parameters=2)), (5,), 4)
    prior.prepare(3.0 * torch.randn(40, 5, generator=seeded(0)), None, 40)
    return Case(of(prior(), 2), component_scores(prior()))


def prior_law() -> Case:
    model = LatentVariableModel(GaussianConditional(MLP((5,), (2,), parameters=2)), StandardNormal(2), Straightened())
    law = PriorLaw(model, None)
    return Case(lambda seed: law.sample(N // 2, seeded(seed), seed), lambda x, rng: x.astype(float))


def codes_law() -> Case:
    """Of an auto-encoder's codes."""
    rng = np.random.default_rng(0)
    law = CodesLaw(
        np.concatenate([rng.normal(size=(30, 2)), 6.0 + rng.normal(size=(20, 2)) @ np.diag([0.3, 2.0])]).astype("f"), 0
    )
    fitted = law.mixture
    scores = of_mixture(fitted.weights_, fitted.means_, np.linalg.cholesky(fitted.covariances_))
    return Case(lambda seed: law.sample(N // 2, seeded(seed), seed), scores)


def components() -> Case:
    """Probabilistic PCA's own covariance."""
    x = np.random.default_rng(0).normal(size=(200, 3)) @ np.diag([3.0, 1.0, 0.5])
    pca = PrincipalComponents(1).fit(x)
    return Case(lambda seed: pca.sample(N // 3, seed), white(pca.pca.get_covariance(), pca.pca.mean_))


def estimator() -> Case:
    """x − E[x|z] of samples, by the model's own deviations: with one random state the means have the samples' codes."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 1)) * [3.0, 1.0, 0.5] + 0.3 * rng.normal(size=(300, 3)) + 7.0
    vae = VAE(1, epochs=2, likelihood="gaussian", random_state=0).fit(x)
    p = vae.fitted_.model.examples_given(torch.zeros(1, 1))
    unit = vae.fitted_.encoding.inverse(torch.ones(1, 3)) - vae.fitted_.encoding.inverse(torch.zeros(1, 3))
    deviation = (p.stddev.detach() * unit).double().numpy()[0]

    def drawn(seed: int) -> Array:
        found, mean = (vae.sample(N // 3, random_state=seed, mean=mean).astype(float) for mean in (False, True))
        return np.asarray(found - mean)

    return Case(drawn, lambda x, rng: x / deviation)


def keyed_rows() -> Case:
    """One draw of each of many rows."""
    keys = row_keys(np.random.default_rng(0).normal(size=(N // 2, 3)).astype(np.float32), 0)
    return Case(lambda seed: flat(KeyedNoise(keys, (2,), seed, torch.device("cpu"))(3, 4)[0]), lambda x, rng: x)


def keyed_draws() -> Case:
    """Many draws of one row."""

    def drawn(seed: int) -> Array:
        key = row_keys(np.array([[float(seed), 2.0]], dtype=np.float32), 0)
        return flat(KeyedNoise(key, (2,), seed, torch.device("cpu"))(0, N // 2))

    return Case(drawn, lambda x, rng: x)


def counted(*which: str) -> Case:
    """The first numbers of each step's own generator, where this counter goes up."""
    cpu = torch.device("cpu")

    def drawn(seed: int) -> Array:
        found, randomness = np.empty((N // 4, 4)), Randomness(cpu)
        counters = {"seed": seed, "epoch": 3, "step": 5}
        like = torch.empty(0, dtype=F64)
        for i in range(len(found)):
            counters[which[0]] = 1000 * seed + i
            found[i] = standard_normal((4,), like, randomness.at(*counters.values())).numpy()
        return found

    return Case(drawn, lambda x, rng: x)


def orders(which: str) -> Case:
    """Of four rows all 24 orders come equally often, whichever counter goes up."""

    def drawn(seed: int) -> Array:
        counters = [(seed, i) if which == "epoch" else (1000 * seed + i, 2) for i in range(N // 2)]
        return np.array([[ORDERS[tuple(order_of(4, *each).tolist())]] for each in counters], dtype=float)

    return Case(drawn, classes(np.full((1, 24), 1.0 / 24.0)), 2)


def rows_of_bits(drawn: Callable[[int], Array]) -> Case:
    """Bits of grey levels, one probability a cell."""
    grey = GREY.astype(float)
    return Case(drawn, jumping(lambda x: (1.0 - grey) * (x > 0.0), lambda x: np.where(x > 0.0, 1.0, 1.0 - grey)), 2)


def normal(q: d.Distribution) -> Case:
    return Case(of(q, 4), warped(lambda x: x, m, s))


def cells(q: d.Distribution, upto: Callable[[Array], Array]) -> Case:
    return Case(of(q, q.batch_shape[-1]), whole(upto), 1)


def from_the_noise(q: d.Distribution) -> Callable[[int], Array]:
    return lambda seed: flat(
        from_noise(q, torch.randn(N // 4, *q.batch_shape, *noise_shape(q), generator=seeded(seed)))
    )


RATES, ALPHA = np.array([0.3, 3.0, 200.0]), 0.4
LOW_RANK = torch.tensor([[0.5], [-0.3], [0.8]])
CASES: dict[str, Callable[[], Case]] = {
    # Distributions.
    "gaussian": lambda: normal(Gaussian(M, LOG_VARIANCE)),
    "gaussian, of noise": lambda: Case(from_the_noise(Gaussian(M, LOG_VARIANCE)), warped(lambda x: x, m, s)),
    "gaussian with tails": lambda: normal(Gaussian(M, LOG_VARIANCE, tails=True)),
    "bernoulli": lambda: Case(of(Bernoulli(LOGITS[0]), 3), classes(
        np.stack([special.expit(-LOGITS[0].double().numpy()), special.expit(LOGITS[0].double().numpy())], -1)), 2),
    "continuous bernoulli": continuous_bernoulli,
    "discretized logistic": lambda: discretized(8, 0.3),
    "discretized logistic, 256": lambda: discretized(256, 0.1),
    "mixture": lambda: Case(of(mixture(), 2), diagonal(WEIGHTS, MEANS, SPREADS)),
    "poisson": lambda: cells(Poisson(tensor(np.log(RATES))), stats.poisson(RATES).cdf),
    "negative binomial": lambda: cells(NegativeBinomial(tensor(np.log(RATES)), torch.tensor(ALPHA).log()), stats.nbinom(
        1.0 / ALPHA, 1.0 / (1.0 + ALPHA * RATES)).cdf),
    "zero-inflated": zero_inflated,
    "two values": lambda: Case(of(TwoValued(torch.tensor([0.5, -1.0])), 2), classes(
        special.expit(np.array([[-0.5, 0.5], [1.0, -1.0]]))), 2),
    "categories": lambda: Case(of(Categories(LOGITS), 2), classes(MASSES), 2),
    "heaped": lambda: Case(of(Heaped(LOGITS), 2), classes(MASSES), 2),
    "ordinal": ordinal,
    "student": lambda: Case(of(StudentT(M, LOG_VARIANCE, torch.tensor(3.0).log()), 4), by(stats.t(3.0, m, s).cdf)),
    "laplace": lambda: Case(of(Laplace(M, LOG_VARIANCE), 4), by(stats.laplace(m, s / math.sqrt(2.0)).cdf)),
    "straight": lambda: normal(WarpedGaussian(M, LOG_VARIANCE, Straight())),
    "line": lambda: Case(of(WarpedGaussian(M, LOG_VARIANCE, Line(torch.full((4,), 2.0), torch.full((4,), 3.0))), 4),
                         warped(lambda x: (x - 2.0) / 3.0, m, s)),
    "johnson": lambda: Case(of(WarpedGaussian(M[1:3], LOG_VARIANCE[1:3], JohnsonSU(*tensor([0.3, 0.7, -0.4, 1.3]))), 2),
                            warped(lambda x: -0.4 + 1.3 * np.arcsinh((x - 0.3) / 0.7), m[1:3], s[1:3])),
    "logarithm": lambda: Case(of(WarpedGaussian(M[:2], LOG_VARIANCE[:2], Logarithm(*tensor([0.2, 0.8]))), 2),
                              by(stats.lognorm(0.8 * s[:2], scale=np.exp(0.2 + 0.8 * m[:2])).cdf)),
    "logit": lambda: Case(of(WarpedGaussian(M[:2], LOG_VARIANCE[:2], Logit(*tensor([-1.0, 1.2]))), 2),
                          warped(lambda x: (special.logit(x.clip(1e-7, 1 - 1e-7)) + 1.0) / 1.2, m[:2], s[:2])),
    "spiked": spiked,
    "classes that are missing": tilted_classes,
    "columns": columns,
    "rows that have sizes": sized,
    # Those of PyTorch, by noise or by a generator that is lent.
    "normal": lambda: normal(d.Independent(d.Normal(M, S), 1)),
    "multivariate": lambda: Case(of(d.MultivariateNormal(M[:3], scale_tril=ROOT), 3),
                                 white(flat(ROOT) @ flat(ROOT).T, m[:3])),
    "low rank": lambda: Case(of(d.LowRankMultivariateNormal(M[:3], LOW_RANK, S[:3] ** 2), 3),
                             white(flat(LOW_RANK) @ flat(LOW_RANK).T + np.diag(s[:3] ** 2), m[:3])),
    "by quantiles": lambda: Case(of(d.Laplace(M, S), 4), by(stats.laplace(m, s).cdf)),
    "transformed": lambda: Case(of(d.LogNormal(M, S), 4), by(stats.lognorm(s, scale=np.exp(m)).cdf)),
    "relaxed bernoulli": lambda: Case(
        of(d.TransformedDistribution(d.RelaxedBernoulli(torch.tensor(0.7), logits=M), d.SigmoidTransform().inv), 4),
        by(stats.logistic(m / 0.7, 1.0 / 0.7).cdf)),
    "relaxed categories": relaxed_categories,
    "one-hot": lambda: one_hot(d.OneHotCategorical),
    "straight-through": lambda: one_hot(d.OneHotCategoricalStraightThrough),
    "lent": lambda: Case(of(d.Gamma(S, S), 4), by(stats.gamma(s, scale=1.0 / s).cdf)),
    # Priors, posteriors, likelihoods, and what estimators draw.
    "standard normal": lambda: Case(of(StandardNormal(2)(), 2), lambda x, rng: x),
    "mixture prior": mixture_prior,
    "vamp prior": vamp_prior,
    "flow prior": flow_prior,
    "gaussian posterior": gaussian_conditional,
    "flow posterior": flow_posterior,
    "gaussian noise": lambda: Case(corrupted(GaussianNoise, 0.3), lambda x, rng: (x - 0.5) / 0.3),
    "diffusion": diffusion,
    "masking": lambda: Case(in_classes(corrupted(Masking, 0.3), [0.0, 0.5]), classes(np.array([[0.3, 0.7]] * 2)), 2),
    "salt and pepper": lambda: Case(in_classes(corrupted(SaltAndPepper, 0.3), [-1.0, 0.5, 2.0]),
                                    classes(np.array([[0.15, 0.7, 0.15]] * 2)), 2),
    "bits of codes": bits_of_codes,
    "codes of a prior": prior_law,
    "codes of an auto-encoder": codes_law,
    "probabilistic PCA": components,
    "estimator": estimator,
    # Noise by counters and by rows' content; orders.
    "uniforms of keys": lambda: Case(
        lambda seed: keyed_uniforms(np.arange(N // 4, dtype=np.uint64) + np.uint64(1000 * seed), 4), by(lambda x: x)),
    "noise of rows": keyed_rows,
    "draws of a row": keyed_draws,
    "bits of rows": lambda: rows_of_bits(lambda seed: binarized(GREY, seed).astype(float)),
    "bits of a batch": lambda: rows_of_bits(
        lambda seed: flat(binarizer("dynamic")(torch.from_numpy(GREY), seeded(seed)))),
    "steps": lambda: counted("step"),
    "epochs": lambda: counted("epoch"),
    "seeds": lambda: counted("seed"),
    "orders of epochs": lambda: orders("epoch"),
    "orders of seeds": lambda: orders("seed"),
}  # fmt: skip
TESTS = 6
LEAST = FALSE_ALARMS / (TESTS * len(CASES))


# -------------------------------------------------------------------- what is planted


def shifted(x: Array, rng: np.random.Generator) -> Array:
    """By 0.05 deviations: half of what two thirds of the draws lie within."""
    low, high = np.quantile(x, [0.1587, 0.8413], axis=0)
    return x + 0.025 * (high - low)


def stretched(x: Array, rng: np.random.Generator) -> Array:
    """1.05 times, about the median."""
    middle = np.median(x, axis=0)
    return middle + 1.05 * (x - middle)


def often_one_more(x: Array, rng: np.random.Generator) -> Array:
    """Counts whose mean is 0.05 deviations up."""
    rate = 0.05 * x.std(axis=0)
    return x + np.floor(rate) + (rng.random(x.shape) < rate % 1.0)


def one_class_more(x: Array, rng: np.random.Generator) -> Array:
    """The commonest value's share is 0.03 up."""
    common = stats.mode(x, axis=0).mode
    share = (x == common).mean(axis=0)
    return np.where(rng.random(x.shape) < 0.03 / (1.0 - share), common, x)


def repeated(x: Array, rng: np.random.Generator) -> Array:
    """One draw in ten is its predecessor's."""
    again = np.flatnonzero(rng.random(len(x)) < 0.1)
    found = x.copy()
    found[again] = x[again - 1]
    return found


PLANTED = {
    0: (shifted, stretched, repeated),
    1: (often_one_more, one_class_more, repeated),
    2: (one_class_more, repeated),
}


@pytest.mark.parametrize("name", CASES)
def test_a_sampler_draws_from_its_law_and_a_planted_bias_is_seen(name: str) -> None:
    case = CASES[name]()
    drawn = case.drawn(1).astype(float)
    found = p_values(case.scores(drawn, np.random.default_rng(2)))
    assert found.min() > LEAST, f"{found}: a false alarm comes once in {1 / LEAST:.0e} of these"
    for plant in PLANTED[case.steps]:
        biased = plant(drawn, np.random.default_rng(3))
        seen = p_values(case.scores(biased, np.random.default_rng(2))).min()
        assert deviations(seen) > deviations(LEAST) + SPARE, f"{plant.__name__}: {deviations(seen):.1f} deviations"


def test_the_rate_of_false_alarms_is_what_is_said() -> None:
    """Of scores that are right the p-values are uniform: of 4,000 about 40 below a hundredth, and none very small."""
    rng = np.random.default_rng(0)
    found = np.stack([p_values(rng.normal(size=(500, 2))) for _ in range(800)])
    below = (found < 0.01).sum(axis=0)
    assert (below <= stats.binom.isf(1e-6 / TESTS, len(found), 0.01)).all() and found.min() > 1e-6
