"""The exact oracles of the mathematics, run through the production code."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from torch import Tensor, nn
from torch.distributions import Distribution

from aevum import AE, VAE
from aevum.conditionals import Conditional, FixedScale, GaussianConditional, ScaledGaussian
from aevum.distributions import Gaussian, from_noise
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO, importance_weighted_bound
from aevum.objectives.elbo import log_ratio
from aevum.priors import StandardNormal

F64 = torch.float64
D, F, SIGMA = 3, 7, 0.6


class Affine(nn.Module):
    """x → stacked affine maps, ``(…, P, outputs)``: a network whose every number is known."""

    def __init__(self, maps: list[tuple[Tensor, Tensor]]) -> None:
        super().__init__()
        self.maps = maps

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        return torch.stack([x @ w.T + b for w, b in self.maps], dim=-2)


def linear_gaussian() -> tuple[LatentVariableModel, torch.distributions.MultivariateNormal, Tensor]:
    """p(z) = N(0, I), p(x|z) = N(Wz + b, σ²I) with orthogonal columns of W, so that p(z|x) is diagonal; and p(x)."""
    generator = torch.Generator().manual_seed(1)
    basis = torch.linalg.qr(torch.randn(F, D, dtype=F64, generator=generator))[0]
    w, b = basis * torch.tensor([2.0, 1.0, 0.3], dtype=F64), torch.randn(F, dtype=F64, generator=generator)
    precision = (w * w).sum(0) / SIGMA**2 + 1.0
    gain = w.T / SIGMA**2 / precision[:, None]
    posterior = GaussianConditional(Affine([(gain, -gain @ b), (torch.zeros(D, F, dtype=F64), -precision.log())]))
    scale = FixedScale(torch.tensor(2 * math.log(SIGMA), dtype=F64))
    likelihood = ScaledGaussian(Affine([(w, b)]), scale, 1)
    model = LatentVariableModel(posterior, StandardNormal(D).double(), likelihood)
    evidence = torch.distributions.MultivariateNormal(b, w @ w.T + SIGMA**2 * torch.eye(F, dtype=F64))
    return model, evidence, evidence.sample((20,))


@pytest.mark.parametrize("k", [1, 2, 7, 50])
@pytest.mark.parametrize("chunk", [1, 3, 100])
def test_bound_is_the_evidence_under_the_true_posterior(k: int, chunk: int) -> None:
    model, evidence, x = linear_gaussian()
    torch.manual_seed(0)
    torch.testing.assert_close(
        importance_weighted_bound(model, x, k=k, chunk=chunk), evidence.log_prob(x), atol=1e-10, rtol=0
    )


class SigmaPoints(Conditional):
    """The posterior with its draws replaced by μ ± σ√D e_i, over which a quadratic averages to its exact mean."""

    def __init__(self, inner: Conditional) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, *context: Tensor | None) -> Gaussian:
        q = self.inner(*context)
        points = math.sqrt(D) * torch.cat([torch.eye(D, dtype=F64), -torch.eye(D, dtype=F64)])[:, None, :]

        class Fixed(Gaussian):
            def rsample(self, sample_shape=(), generator=None):  # type: ignore[no-untyped-def]
                return from_noise(self, points.expand(2 * D, *q.mean.shape))

        return Fixed(q.mean, q.log_variance)


def test_elbo_is_the_evidence_under_the_true_posterior() -> None:
    model, evidence, x = linear_gaussian()
    model.posterior = SigmaPoints(model.posterior)
    # The closed-form KL is registered for Gaussian; a subclass inherits it.
    terms = ELBO(samples=2 * D)(model, x)
    torch.testing.assert_close(-(terms.distortion + terms.rate), evidence.log_prob(x), atol=1e-10, rtol=0)
    torch.testing.assert_close(terms.loss, terms.distortion + terms.rate)


def test_bounds_are_ordered_under_a_wrong_posterior() -> None:
    model, evidence, x = linear_gaussian()
    network = model.posterior.network
    network.maps[1] = (network.maps[1][0], network.maps[1][1] + 0.8)  # too wide
    torch.manual_seed(0)
    rows = x[:1].expand(20_000, F)
    terms = ELBO()(model, rows)
    bounds = [-(terms.distortion + terms.rate)] + [importance_weighted_bound(model, rows, k=k) for k in (1, 5, 50)]
    means = [float(bound.mean()) for bound in bounds]
    errors = [float(bound.std()) / math.sqrt(len(rows)) for bound in bounds]
    exact = float(evidence.log_prob(x[:1]))
    assert means[0] == pytest.approx(means[1], abs=4 * (errors[0] + errors[1]))
    assert means[1] < means[2] < means[3] <= exact + 4 * errors[3]
    gap = float(torch.distributions.kl_divergence(model.posterior(x[:1]), _true_posterior(x[:1])).sum())
    assert exact - means[0] == pytest.approx(gap, abs=4 * errors[0])


def _true_posterior(x: Tensor) -> Gaussian:
    return linear_gaussian()[0].posterior(x)


def correlated(rows: int = 600) -> np.ndarray:
    rng = np.random.RandomState(0)
    loadings = rng.randn(2, 6) * np.array([[2.0], [1.0]])
    return rng.randn(rows, 2) @ loadings + 0.5 * rng.randn(rows, 6)


def test_linear_vae_reaches_probabilistic_pca() -> None:
    x = correlated()
    x = (x - x.mean(0)) / x.std(0)
    vae = VAE(
        latent_dim=2,
        hidden=(),
        network="mlp",
        likelihood="gaussian",
        epochs=1500,
        batch_size=600,
        learning_rate=1e-2,
        validation_fraction=0.0,
        precision="float32",
        random_state=0,
    ).fit(x)
    values, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    noise = values[:4].mean()  # Tipping & Bishop 1999: the mean of the discarded eigenvalues
    best = -0.5 * (6 * math.log(2 * math.pi) + np.log(values[4:]).sum() + 4 * math.log(noise) + 6)
    elbo = -np.mean([sum(vae.distortion_and_rate(x, random_state=seed)) for seed in range(200)])
    assert elbo == pytest.approx(best, abs=0.01)
    weight = vae.model_.likelihood.network.first.weight.detach().numpy()
    cosines = np.linalg.svd(np.linalg.qr(weight)[0].T @ vectors[:, 4:], compute_uv=False)
    assert cosines.min() > 0.9999
    # The posterior is exact there, so importance sampling has nothing to add.
    assert vae.score_samples(x, k=50).mean() == pytest.approx(best, abs=0.02)


def test_linear_ae_reaches_pca() -> None:
    x = correlated()
    ae = AE(
        latent_dim=2,
        hidden=(),
        network="mlp",
        epochs=1500,
        batch_size=600,
        learning_rate=1e-2,
        validation_fraction=0.0,
        precision="float32",
        random_state=0,
    ).fit(x / x.std(0))
    pca = PCA(2).fit(x / x.std(0))
    best = np.square(x / x.std(0) - pca.inverse_transform(pca.transform(x / x.std(0)))).sum(1).mean()
    assert ae.reconstruction_error(x / x.std(0)).mean() == pytest.approx(best, rel=1e-3)


def test_distortion_of_unit_gaussian_is_half_the_squared_error() -> None:
    x = correlated(50).astype(np.float32)
    ae = AE(latent_dim=2, hidden=4, likelihood="gaussian:fixed=1", epochs=1, random_state=0).fit(x)
    expected = 0.5 * ae.reconstruction_error(x) + 0.5 * 6 * math.log(2 * math.pi)
    np.testing.assert_allclose(ae.distortion_and_rate(x)[0], expected, rtol=1e-5)


def test_density_is_in_data_units() -> None:
    x = correlated(300)
    make = {"latent_dim": 2, "hidden": 8, "epochs": 3, "random_state": 0, "validation_fraction": 0.0}
    one = VAE(**make).fit(x).score_samples(x)
    other = VAE(**make).fit(4.0 * x).score_samples(4.0 * x)
    np.testing.assert_allclose(other, one - 6 * math.log(4.0), atol=1e-4)


def test_beta_weighs_the_rate_only() -> None:
    model, _, x = linear_gaussian()
    torch.manual_seed(0)
    one = ELBO()(model, x, beta=1.0)
    torch.manual_seed(0)
    four = ELBO()(model, x, beta=4.0)
    torch.testing.assert_close(four.loss - one.loss, 3 * one.rate)
    torch.testing.assert_close(four.distortion, one.distortion)


def test_bits_of_a_uniform_pixel() -> None:
    """A discretized logistic as wide as the world still sums to one over all images: two pixels, 65,536 images."""
    from aevum.distributions import DiscretizedLogistic

    levels = torch.linspace(-1, 1, 256, dtype=F64)
    pairs = torch.cartesian_prod(levels, levels)
    p = DiscretizedLogistic(torch.tensor([0.2, -0.9], dtype=F64), torch.tensor(-1.0, dtype=F64))
    assert float(p.log_prob(pairs).exp().sum()) == pytest.approx(1.0, abs=1e-9)


class Product(Distribution):
    """A prior whose density is a network's, as a flow's is."""

    arg_constraints = {}  # noqa: RUF012 - torch's own declaration

    def __init__(self, weights: Tensor) -> None:
        self.weights = weights
        super().__init__((), weights.shape[:1], validate_args=False)

    def log_prob(self, value: Tensor) -> Tensor:
        return -(value @ self.weights).square().sum(-1)


def test_a_log_ratio_is_in_full_precision_whatever_the_products_are_in() -> None:
    generator = torch.Generator().manual_seed(0)
    p = Product(torch.randn(8, 64, generator=generator))
    z = torch.randn(5, 8, generator=generator)
    q = Gaussian(torch.zeros(5, 8), torch.zeros(5, 8))
    expected = q.log_prob(z) - p.log_prob(z)
    with torch.autocast("cpu", torch.bfloat16):
        found = log_ratio(q.log_prob(z), q, p, z)
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-5)
