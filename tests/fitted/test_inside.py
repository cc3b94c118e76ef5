"""One row's way through a model, against numbers that can be told by hand and against the ELBO of many draws."""

import numpy as np
import pytest
import torch
from torch.distributions import Categorical as Choice
from torch.distributions import Independent, MixtureSameFamily, Normal

from aevum import AE, CVAE, VAE, FlowVAE
from aevum.conditionals import Conditional
from aevum.errors import InputError
from aevum.estimators import LatentVariableEstimator, WeightedRate
from aevum.exploration.steps import finished
from aevum.fitted.inside import posterior_of
from aevum.fitted.scoring import keyed_blocks
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO
from aevum.server import Run
from aevum.server.operations import perform

# They are made to be told by hand, not to be good.
pytestmark = pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning", "ignore::aevum.errors.CollapseWarning")

HALF_LOG_2PI = 0.5 * np.log(2 * np.pi)
MEAN, DEVIATION, SPREAD = np.array([0.5, -1.0]), np.array([0.5, 2.0]), 0.8
X = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)


class Given(Conditional):
    """The same Gaussian, whatever it is given."""

    def __init__(self, mean, deviation):
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32))
        self.register_buffer("deviation", torch.tensor(deviation, dtype=torch.float32))

    def forward(self, *context):
        rows = len(next(each for each in context if each is not None)) if any(c is not None for c in context) else None
        shape = self.mean.shape if rows is None else (rows, *self.mean.shape)
        return Independent(Normal(self.mean.expand(shape), self.deviation.expand(shape)), 1)


class AtTheCode(Conditional):
    """p(x|z) = N(z, 0.8²) in each of two values, with a parameter for the training to move."""

    def __init__(self):
        super().__init__()
        self.moved = torch.nn.Parameter(torch.zeros(2))

    def forward(self, z, y=None):
        return Independent(Normal(z + self.moved, torch.full_like(z, SPREAD)), 1)


class TwoClusters(Given):
    def forward(self, *context):
        centres = torch.stack([self.mean, -self.mean])
        each = Independent(Normal(centres, torch.ones_like(centres)), 1)
        return MixtureSameFamily(Choice(logits=torch.zeros(2)), each)


def by_hand(prior):
    class ByHand(WeightedRate, LatentVariableEstimator):
        title = "model whose numbers can be told by hand"

        def _compose(self, parts, encoding):
            return LatentVariableModel(Given(MEAN, DEVIATION), prior, AtTheCode()), ELBO()

    found = ByHand(2, epochs=1, likelihood="gaussian", random_state=0).fit(X)
    found.model_.likelihood.moved.data.zero_()
    return found


@pytest.fixture(scope="module")
def hand():
    return by_hand(Given(np.zeros(2), np.ones(2)))


def test_every_number_of_a_gaussian_is_the_one_by_hand(hand):
    noise = np.array([[0.0, 0.0], [1.0, -0.5]])
    x = np.array([[0.3, 0.7]], np.float32)
    found = hand.inside(x, noise=noise)
    z = MEAN + DEVIATION * noise
    np.testing.assert_allclose(found.mean, MEAN)
    np.testing.assert_allclose(found.deviation, DEVIATION, rtol=1e-6)
    np.testing.assert_allclose(found.z, z, rtol=1e-6)
    shift, scale = hand.fitted_.units()
    np.testing.assert_allclose(found.x, shift + scale * z, rtol=1e-5)
    away = ((x - shift) / scale - z) / SPREAD
    expected = (0.5 * away**2 + np.log(SPREAD * scale) + HALF_LOG_2PI).sum(axis=1)
    np.testing.assert_allclose(found.distortion, expected, rtol=1e-5)
    rates = 0.5 * (MEAN**2 + DEVIATION**2 - 1 - np.log(DEVIATION**2))
    np.testing.assert_allclose(found.rates, rates, rtol=1e-5)
    np.testing.assert_allclose(found.rate, [rates.sum()] * 2, rtol=1e-5)
    assert (found.kind, found.exact) == ("gaussian", True)


def test_without_a_closed_form_the_rate_is_that_of_each_draw():
    model = by_hand(TwoClusters(MEAN, np.ones(2)))
    noise = np.random.default_rng(0).normal(size=(4, 2))
    found = model.inside(X[:1], noise=noise)
    assert (found.kind, found.exact, found.rates) == ("gaussian", False, None)
    z = MEAN + DEVIATION * noise
    log_q = (-0.5 * noise**2 - np.log(DEVIATION) - HALF_LOG_2PI).sum(axis=1)
    each = [(-0.5 * (z - centre) ** 2 - HALF_LOG_2PI).sum(axis=1) for centre in (MEAN, -MEAN)]
    np.testing.assert_allclose(found.rate, log_q - np.logaddexp(*each) + np.log(2), rtol=1e-4)


@pytest.fixture(scope="module")
def fitted(digits):
    pytest.importorskip("zuko", reason="zuko is not installed")
    options = {"hidden": 16, "epochs": 2, "random_state": 0}
    return {
        "ae": AE(2, **options).fit(digits.x),
        "vae": VAE(3, likelihood="gaussian:emitted", **options).fit(digits.x),
        "cvae": CVAE(2, likelihood="bernoulli", binarize="soft", **options).fit(digits.x / 16, digits.y),
        "flow": FlowVAE(2, posterior="flow", prior="standard", transforms=1, **options).fit(digits.x),
        "bits": CVAE(2, likelihood="bernoulli", binarize="dynamic", **options).fit(digits.x / 16, digits.y),
    }


def given(name, digits):
    """A row as this model takes it, and y."""
    return (digits.x[:1] / 16, digits.y[:1]) if name in ("cvae", "bits") else (digits.x[:1], None)


@pytest.mark.parametrize("name", ["ae", "vae", "cvae"])
def test_the_mean_over_draws_is_distortion_and_rate(fitted, digits, name):
    model, (x, y) = fitted[name], given(name, digits)
    kind, width = posterior_of(model.fitted_)
    found = model.inside(x, y, noise=np.random.default_rng(0).normal(size=(2000, width)))
    draws = np.array([model.distortion_and_rate(x, y, random_state=seed) for seed in range(300)])[:, :, 0]
    error = np.hypot(found.distortion.std() / np.sqrt(2000), draws[:, 0].std() / np.sqrt(300))
    assert abs(found.distortion.mean() - draws[:, 0].mean()) <= 4 * error + 1e-3
    np.testing.assert_allclose(found.rate, draws[0, 1], rtol=1e-5)
    assert kind == found.kind == ("point" if name == "ae" else "gaussian")
    if name == "ae":
        assert (width, found.rate[0], found.deviation.any()) == (0, 0.0, False)


@pytest.mark.parametrize("name", ["vae", "cvae", "bits", "flow"])
def test_the_noise_of_a_score_gives_that_score(fitted, digits, name):
    model, (x, y) = fitted[name], given(name, digits)
    context = None if y is None else model._encode_context(y, 1)
    (block,) = keyed_blocks(model.fitted_, x, context, 0)
    found = model.inside(x, y, noise=block.noise(0, 1)[0].numpy())
    distortion, rate = model.distortion_and_rate(x, y)
    np.testing.assert_allclose([found.distortion, found.rate], [distortion, rate], rtol=1e-5)
    if name == "flow":
        assert (found.kind, found.exact, found.rates) == ("other", False, None)


def test_of_a_row_with_gaps_the_distortion_is_of_the_cells_that_it_has():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(80, 1)) @ np.array([[1.0, -0.5, 0.8]]) + 0.1 * rng.normal(size=(80, 3))
    x[rng.random(x.shape) < 0.2] = np.nan
    x[0] = [0.4, np.nan, 0.3]
    model = VAE(1, likelihood="columns", hidden=8, epochs=2, random_state=0).fit(x)
    (block,) = keyed_blocks(model.fitted_, x[:1], None, 0)
    own = block.noise(0, 1)[0].numpy()
    found = model.inside(x[:1], noise=np.concatenate([own, own + 1.0]))
    distortion, rate = model.distortion_and_rate(x[:1])
    np.testing.assert_allclose([found.distortion[0], found.rate[0]], [distortion[0], rate[0]], rtol=1e-5)
    assert np.isfinite(found.x).all() and found.distortion[1] != found.distortion[0]
    # The server takes it, too: NaN stands for the cell.
    answer = finished(perform(Run("gaps", "gaps", model, x), "inside", {"x": x[:1]}))
    np.testing.assert_allclose(answer.arrays["distortion"], model.inside(x[:1]).distortion, rtol=1e-6)


def test_what_can_not_be_told_is_said(fitted, digits, hand):
    with pytest.raises(InputError, match="2 rows; give one"):
        fitted["vae"].inside(digits.x[:2])
    with pytest.raises(InputError, match=r"noise has shape \(1, 2\); expected \(n, 3\)"):
        fitted["vae"].inside(digits.x[:1], noise=[[0.0, 0.0]])
