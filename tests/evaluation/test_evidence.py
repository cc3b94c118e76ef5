"""The evidence against closed forms: linear models, weights of known effective size, chunks and precisions."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal

from aevum import AE, CVAE, DAE, VAE, EstimateWarning, InputError
from aevum.distributions import Bernoulli
from aevum.evaluation import Evidence, evidence
from aevum.fitted import importance
from aevum.objectives import Draws, effective_sample_size
from aevum.recipes import ESTIMATORS

TINY = {"hidden": 16, "epochs": 3, "random_state": 0}


@pytest.fixture(scope="module")
def linear():
    """A linear VAE on data of a factor model, its weights set to the closed-form optimum: (model, X)."""
    random = np.random.RandomState(0)
    loadings = random.randn(2, 6)
    X = random.randn(400, 2) @ loadings + 0.3 * random.randn(400, 6)
    model = VAE(2, network="mlp", hidden=(), likelihood="gaussian:per-feature", epochs=2, random_state=0).fit(X)
    scale = model.scaling_.scale.double()
    # p(x|z) = N(Wz, diag σ²) in data units, and q(z|x) = N(S W'x/σ², S) with the diagonal S of an orthogonal W.
    W = np.linalg.qr(random.randn(6, 2))[0] * [2.0, 1.0]
    with torch.no_grad():
        decoder, encoder = model.model_.likelihood.network.first, model.model_.posterior.network.first
        decoder.weight.copy_(torch.from_numpy(W) / scale[:, None])
        decoder.bias.copy_(-model.scaling_.shift / scale)
        variance = torch.full((6,), 0.25, dtype=torch.float64) / scale**2
        model.model_.likelihood.scale.settle(variance.log())
        S = 1.0 / (1.0 + np.array([4.0, 1.0]) / 0.25)
        weight = torch.from_numpy(S[:, None] * W.T / 0.25) * scale
        encoder.weight.copy_(torch.cat([weight, torch.zeros_like(weight)]))
        shift = torch.from_numpy(S[:, None] * W.T / 0.25) @ model.scaling_.shift.double()
        encoder.bias.copy_(torch.cat([shift, torch.from_numpy(np.log(S))]))
    return model, X, multivariate_normal(np.zeros(6), W @ W.T + 0.25 * np.eye(6))


def test_evidence_of_a_linear_model_is_the_closed_form(linear):
    model, X, truth = linear
    found = evidence(model, X, k=57)
    np.testing.assert_allclose(found.log_evidence, truth.logpdf(X), atol=2e-4)
    assert found.gap == pytest.approx(0.0, abs=2e-2)  # the ELBO's distortion is a mean of 57 draws
    # The posterior is the true one, so all weights are equal.
    np.testing.assert_allclose(found.effective_sample_size, 57.0, rtol=1e-4)
    assert found.standard_error.max() < 1e-3 and found.trusted


def test_the_error_of_the_bound_is_what_other_draws_change(linear):
    model = VAE(2, epochs=2, hidden=16, random_state=0).fit(linear[1])  # of whose posterior the weights differ
    X = linear[1]
    found = [evidence(model, X[:100], k=20, random_state=seed) for seed in range(40)]
    spread = np.std([one.distortion + one.rate for one in found], axis=0, ddof=1)
    stated = np.sqrt(np.mean([one.bound_error**2 for one in found], axis=0))
    assert np.median(spread / stated) == pytest.approx(1.0, abs=0.1)
    assert np.isnan(evidence(model, X[:5], k=1).elbo_error)


def test_a_worse_posterior_leaves_the_evidence_and_opens_the_gap(linear):
    model, X, truth = linear
    state = {name: value.clone() for name, value in model.model_.state_dict().items()}
    try:
        with torch.no_grad():
            model.model_.posterior.network.first.bias[2:] += 0.7  # a posterior that is wider by e^0.35
        found = evidence(model, X, k=4000)
        # Rows share a pool of draws, turned by each row: the spread needs several pools to average over.
        others = [evidence(model, X, k=500, random_state=seed) for seed in range(1, 13)]
    finally:
        model.model_.load_state_dict(state)
    wide = math.exp(0.7)
    gap = 2 * 0.5 * (wide - 1.0 - 0.7)
    assert found.gap == pytest.approx(gap, abs=0.02)
    deviation = np.array([(other.log_evidence - truth.logpdf(X)) / other.standard_error for other in others])
    assert abs(deviation.mean()) < 0.1 and 0.85 < deviation.std() < 1.15, "the standard error is what it says"
    # w = p/q of two centred Gaussians, variances 1 and s: E[w]²/E[w²] = √(2s − 1)/s a dimension.
    size = 4000 * (math.sqrt(2 * wide - 1) / wide) ** 2
    assert np.median(found.effective_sample_size) == pytest.approx(size, rel=0.03)


def test_effective_sample_size_of_known_weights():
    weights = torch.tensor(
        [[1.0, 4.0, 1.0], [1.0, 2.0, 0.0], [1.0, 2.0, 0.0], [1.0, 0.0, 0.0]], dtype=torch.float64
    ).log()
    expected = torch.tensor([4.0, 64.0 / 24.0, 1.0], dtype=torch.float64)
    torch.testing.assert_close(effective_sample_size(weights), expected)
    torch.testing.assert_close(effective_sample_size(weights + 700.0), expected)


@pytest.mark.parametrize(
    ("model", "likelihood"),
    [
        *((model, "gaussian") for model in ESTIMATORS.values() if model.has_density),
        *((VAE, likelihood) for likelihood in ("bernoulli", "gaussian:emitted", "discretized_logistic")),
    ],
)
def test_chunks_and_order_do_not_matter(model, likelihood, digits):
    X = {"bernoulli": digits.x > 8, "discretized_logistic": (digits.x * 15).astype(np.uint8)}.get(likelihood, digits.x)
    estimator = model(3, likelihood=likelihood, hidden=16, epochs=5, random_state=0).fit(X, digits.y)
    X, y = X[:9], digits.y[:9]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EstimateWarning)
        whole = evidence(estimator, X, y, k=41)
        assert len(whole.log_evidence) == 9
        for chunk in (1, 7, 40, 1000, 10**6):
            part = evidence(estimator, X, y, k=41, chunk=chunk)
            np.testing.assert_allclose(part.log_evidence, whole.log_evidence, rtol=1e-5, atol=1e-4)
            np.testing.assert_allclose(part.effective_sample_size, whole.effective_sample_size, rtol=1e-3)
            np.testing.assert_allclose(part.distortion, whole.distortion, rtol=1e-5, atol=1e-4)
        turned = evidence(estimator, X[::-1], y[::-1], k=41)
    np.testing.assert_allclose(turned.log_evidence[::-1], whole.log_evidence, rtol=1e-6, atol=1e-5)
    np.testing.assert_allclose(
        estimator.score_samples(X, y, k=41), whole.log_evidence, rtol=1e-5, atol=1e-4, err_msg="score_samples differs"
    )


def test_exactly_k_draws_are_used(monkeypatch, digits):
    estimator = VAE(3, **TINY).fit(digits.x)
    used = []
    original = importance.draws_in_chunks

    def counted(*args, **kwargs):
        for part in original(*args, **kwargs):
            used.append(part.log_ratio.numel())
            yield part

    monkeypatch.setattr(importance, "draws_in_chunks", counted)
    evidence(estimator, digits.x[:5], k=103, chunk=20)
    assert sum(used) == 5 * 103 and max(used) <= 20


def test_the_bound_grows_with_k_and_the_elbo_is_below(digits):
    estimator = VAE(4, hidden=32, epochs=20, random_state=0).fit(digits.x)
    found = [evidence(estimator, digits.x[:200], k=k) for k in (1, 5, 20, 500)]
    bounds = [each.mean for each in found]
    assert bounds == sorted(bounds) and found[-1].elbo < bounds[1]


def test_bfloat16_products_are_corrected(digits):
    """Weights of 16 bits move the evidence; the few draws in float32 put it back."""
    estimator = VAE(4, hidden=(64, 64), epochs=10, random_state=0, likelihood="gaussian:fixed=3.0").fit(digits.x)
    exact = evidence(estimator, digits.x[:100], k=2000, precision="float32")
    near = evidence(estimator, digits.x[:100], k=2000, precision="bfloat16")
    error = near.log_evidence - exact.log_evidence
    assert np.abs(error).max() > 0.0, "nothing was computed in bfloat16"
    assert abs(error.mean()) < 0.01 and error.std() < 0.05
    assert abs((near.distortion - exact.distortion).mean()) < 0.02
    np.testing.assert_allclose(near.rate, exact.rate, rtol=1e-6)


def test_the_correction_is_exact_for_a_constant_error():
    random = torch.Generator().manual_seed(0)
    exact = Draws(torch.randn(500, 3, generator=random, dtype=torch.float64), torch.zeros(500, 3, dtype=torch.float64))
    wrong = Draws(exact.log_likelihood - 0.25, exact.log_ratio)
    chosen = importance.draws_to_check(wrong.log_weights, np.arange(3, dtype=np.uint64))
    assert chosen.shape == (20, 3)
    picked = Draws(exact.log_likelihood.gather(0, chosen), exact.log_ratio.gather(0, chosen))
    for part in importance.correction(wrong, chosen, picked):
        torch.testing.assert_close(part, torch.full((3,), 0.25, dtype=torch.float64))


def test_few_effective_draws_are_a_warning(digits):
    estimator = VAE(8, likelihood="gaussian:fixed=0.05", hidden=8, epochs=1, random_state=0).fit(digits.x)
    with pytest.warns(EstimateWarning, match=r"of 30 rows rests on fewer than 5 effective draws of 50, so.*Raise k"):
        found = evidence(estimator, digits.x[:30], k=50)
    assert not found.trusted and found.doubtful > 0.1 and found.shortfall > 0.1


def test_numbers_of_known_rows():
    found = Evidence(
        k=100,
        log_evidence=np.array([-1.0, -3.0]),
        standard_error=np.array([0.3, 0.4]),
        effective_sample_size=np.array([9.0, 4.0]),
        bound_error=np.array([0.6, 0.8]),
        distortion=np.array([1.5, 2.5]),
        rate=np.array([0.5, 1.0]),
        pareto_k=np.array([0.1, 0.2]),
        key=np.array([1, 2], dtype=np.uint64),
        dimensions=4,
        units="nats",
    )
    assert found.mean == -2.0 and found.elbo == -2.75 and found.gap == 0.75
    assert found.mean_standard_error == pytest.approx(0.25) and found.elbo_error == pytest.approx(0.5)
    assert found.sampling_error == pytest.approx(1.0)
    assert found.bits_per_dim == pytest.approx(0.5 / math.log(2.0))
    assert found.doubtful == 0.5 and found.shortfall == pytest.approx(0.0625)
    assert "−2" in str(found).replace("-", "−") and found.to_dict()["effective_sample_size"]["lowest"] == 4.0


@pytest.mark.parametrize("model", [AE, DAE])
def test_an_auto_encoder_has_no_evidence(model, digits):
    estimator = model(2, **TINY).fit(digits.x)
    with pytest.raises(InputError, match="an auto-encoder has no density.*Fit one with VAE"):
        evidence(estimator, digits.x)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"k": 0}, "k must be"),
        ({"k": -5}, "k must be"),
        ({"k": 2.5}, "k must be"),
        ({"k": 5, "chunk": 0}, "chunk must be"),
        ({"k": 5, "random_state": -1}, "random_state must be"),
        ({"k": 5, "precision": "half"}, "precision='half' is not one of"),
    ],
)
def test_bad_numbers(options, message, digits):
    estimator = VAE(2, **TINY).fit(digits.x)
    with pytest.raises(InputError, match=message):
        evidence(estimator, digits.x[:5], **options)


def test_bad_rows(digits):
    with pytest.raises(InputError, match="got PCA"):
        from sklearn.decomposition import PCA

        evidence(PCA(2).fit(digits.x.reshape(len(digits.x), -1)), digits.x)
    conditional = CVAE(2, **TINY).fit(digits.x, digits.y)
    with pytest.raises(InputError, match="pass y"):
        evidence(conditional, digits.x[:5], k=5)
    with pytest.raises(InputError, match=r"\(8, 8\)"):
        evidence(VAE(2, **TINY).fit(digits.x), digits.x[:, :5], k=5)


def test_a_few_draws_are_a_bound_and_not_trusted(digits):
    estimator = VAE(2, **TINY).fit(digits.x)
    found = evidence(estimator, digits.x[:30], k=1)
    assert not found.trusted and np.isnan(found.standard_error).all() and math.isnan(found.shortfall)
    assert found.mean == pytest.approx(estimator.score_samples(digits.x[:30], k=1).mean(), rel=1e-6)
    assert not evidence(estimator, digits.x[:30], k=20).trusted


def test_a_row_far_outside_is_named(digits):
    estimator = VAE(2, likelihood="gaussian", **TINY).fit(digits.x.reshape(-1, 64)[:, 20:30])
    X = digits.x.reshape(-1, 64)[:30, 20:30].astype(np.float64)
    X[4] *= 1e30
    with pytest.raises(InputError, match=r"row 4 has no .*overflows; 1 such row in all"):
        evidence(estimator, X, k=5)


def test_the_density_of_single_values_and_of_soft_targets():
    """event_dim 0, broadcasting and grey targets, as with gradients."""
    random = torch.Generator().manual_seed(0)
    logits = 6 * torch.randn(5, 4, 3, 2, generator=random, dtype=torch.float64)
    for value in (torch.rand(4, 3, 2, generator=random).double(), torch.rand(3, 2, generator=random).double().round()):
        for dims in (0, 1, 2):
            expected = Bernoulli(logits, dims).log_prob(value)
            with torch.no_grad():
                torch.testing.assert_close(Bernoulli(logits, dims).log_prob(value), expected)
    with torch.no_grad():
        extreme = torch.tensor([80.0, -80.0, 0.0, 700.0])
        torch.testing.assert_close(
            Bernoulli(extreme, 0).log_prob(torch.tensor([1.0, 1.0, 1.0, 0.0])),
            torch.tensor([0.0, -80.0, -math.log(2.0), -700.0]),
        )


def test_the_error_of_a_mean_knows_which_rows_share_their_draws(linear):
    """16 distinct rows of 300 were taken for 300 independent ones: intervals of 95 % covered 23 %."""
    model, X, _ = linear
    rows = X[np.random.RandomState(0).randint(16, size=300)]
    found = [evidence(model, rows, k=60, random_state=seed) for seed in range(40)]
    means = np.array([each.mean for each in found])
    truth = evidence(model, rows, k=20_000, random_state=99).mean
    covered = np.abs(means - truth) <= 1.96 * np.array([each.mean_standard_error for each in found])
    assert covered.mean() >= 0.85
    apart = np.mean([np.sqrt(np.square(each.standard_error).sum()) / 300 for each in found])
    assert means.std() > 2.5 * apart


def test_the_elbo_is_never_above_the_evidence():
    """Of few distinct rows, which share their draws, the ELBO's own error would lift it above log p(x)."""
    random = np.random.default_rng(0)
    bits = random.random((500, 6)) < 1 / (1 + np.exp(-2 * random.normal(size=(500, 1)) - np.linspace(-1, 1, 6)))
    rows = bits.astype(int)
    model = VAE(2, hidden=32, epochs=10, random_state=0).fit(rows)
    for seed in range(5):
        found = evidence(model, rows, k=10, random_state=seed)
        assert (found.distortion + found.rate >= -found.log_evidence - 1e-6).all()
        assert found.elbo <= found.mean and found.gap >= 0.0
    # A row's draws are a function of the row, so that one of each kind tells of all.
    kinds, counts = np.unique(rows, axis=0, return_counts=True)
    plain = np.mean([model.distortion_and_rate(kinds, random_state=s) for s in range(50)], axis=0)
    many = evidence(model, kinds, k=2000)
    np.testing.assert_allclose(many.rate, plain[1], rtol=1e-4)
    found, expected = (np.average(each, weights=counts) for each in (many.distortion, plain[0]))
    assert found == pytest.approx(expected, abs=0.05)
