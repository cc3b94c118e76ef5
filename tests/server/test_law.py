"""The law of the codes, as the page is told of it: Gaussians by their moments, others by draws."""

import copy
import warnings
from typing import ClassVar

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, Distribution, Independent, MixtureSameFamily, Normal

from aevum import distributions
from aevum.conditionals import Conditional, GaussianConditional
from aevum.estimators import LatentVariableEstimator, WeightedRate
from aevum.exploration.steps import finished
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO
from aevum.server import Run, page_rows
from aevum.server.about import describe
from aevum.server.law import MOST_DRAWS, law_for_file, law_under
from aevum.server.page_rows import contents_of

CENTRES = [[-3.0, 0.0], [3.0, 0.0], [0.0, 4.0]]


class ThreeClusters(Conditional):
    def __init__(self):
        super().__init__()
        self.register_buffer("centres", torch.tensor(CENTRES))

    def forward(self, *context):
        each = Independent(Normal(self.centres, torch.full_like(self.centres, 0.4)), 1)
        return MixtureSameFamily(Categorical(logits=self.centres.new_tensor([0.0, 0.0, 1.0])), each)


class ClusterVAE(WeightedRate, LatentVariableEstimator):
    title = "variational auto-encoder with a prior of three clusters"

    def _compose(self, parts, encoding):
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        return LatentVariableModel(posterior, ThreeClusters(), parts.decoder(self.network, encoding)), ELBO()


class Points(Distribution):
    """One of three points."""

    arg_constraints: ClassVar = {}

    def __init__(self, points):
        self.points = points
        super().__init__(event_shape=points.shape[1:], validate_args=False)

    mean = property(lambda self: self.points.mean(dim=0))
    stddev = property(lambda self: self.points.std(dim=0, correction=0))

    def sample(self, shape=()):
        return self.points[torch.randint(len(self.points), shape)]


@distributions.nearest.register
def _(p: Points, z: torch.Tensor) -> torch.Tensor:
    return p.points[torch.cdist(z, p.points).argmin(dim=-1)]


class Codebook(ThreeClusters):
    def forward(self, *context):
        return Points(self.centres)


@pytest.fixture(scope="module")
def clusters(runs):
    x = runs["ae"].x
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ClusterVAE(2, hidden=16, epochs=1, random_state=0).fit(x)
    return Run("clusters", "clusters", model, x, runs["ae"].y)


@pytest.fixture(scope="module")
def codebook(clusters):
    model = copy.deepcopy(clusters.estimator)
    model.fitted_.model.prior = Codebook()
    return Run("codebook", "codebook", model, clusters.x)


def test_a_run_says_whether_moments_say_all_and_whether_y_matters(runs, clusters):
    expected = {id: {"gaussian": id not in ("ae", "first", "flow"), "varies": id in ("learned", "flow")} for id in runs}
    assert {id: finished(describe(run))["law"] for id, run in runs.items()} == expected
    assert finished(describe(clusters))["law"] == {"gaussian": False, "varies": False}


def test_a_gaussian_is_told_by_its_moments_under_y(over_json, over_socket, runs):
    for label in (0, 7):
        y = np.eye(10, dtype=np.float32)[[label]]
        mean, deviation = runs["learned"].estimator.law_of_codes(label).moments()
        for ask in (over_json, over_socket):
            found = ask("learned", "law", y=y)
            np.testing.assert_array_equal(found["mean"], mean[0])
            np.testing.assert_array_equal(found["deviation"], deviation[0])
            assert "draws" not in found
    assert "needs it" in over_json("learned", "law")


def test_an_auto_encoders_are_its_training_codes(over_socket, runs):
    estimator = runs["ae"].estimator
    np.testing.assert_array_equal(over_socket("ae", "law")["draws"], estimator.fitted_.codes)


def test_others_by_draws_whose_quantiles_are_the_priors_own(clusters):
    found = law_under(clusters, None)
    draws = found["draws"]
    assert draws.shape == (MOST_DRAWS, 2) and draws.dtype == np.float32
    np.testing.assert_array_equal(draws, law_under(clusters, None)["draws"])
    law = clusters.estimator.law_of_codes()
    shares = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    for d in range(2):
        np.testing.assert_allclose(np.quantile(draws[:, d], shares), law.quantiles(d, shares), atol=0.1)
    # A Gaussian of the same moments has its median elsewhere.
    assert abs(np.median(draws[:, 1]) - found["mean"][1]) > 0.5


def test_a_file_holds_draws_and_quantiles(clusters, runs, monkeypatch):
    found = law_for_file(clusters, 62_500)
    law = clusters.estimator.law_of_codes()
    assert found["draws"].shape == (1, 4096, 2) and found["quantiles"].shape == (1, 2, 257) and "points" not in found
    np.testing.assert_allclose(found["quantiles"][0, 1, 128], law.quantiles(1, np.array([0.5])), atol=1e-5)
    assert set(law_for_file(runs["cvae"], 62_500)) == {"prior_mean", "prior_deviation"}
    assert law_for_file(runs["learned"], 62_500)["prior_mean"].shape == (10, 2)
    assert law_for_file(clusters, 10)["draws"].shape == (1, 64, 2)
    monkeypatch.setattr(page_rows, "MOST_BYTES", 24_000)
    assert len(contents_of([clusters], None)[1][0]) <= 24_000


def test_a_file_holds_the_points_of_a_law_on_points(codebook):
    found = law_for_file(codebook, 62_500)
    np.testing.assert_array_equal(found["points"], np.unique(np.array(CENTRES, np.float32), axis=0))
    np.testing.assert_array_equal(np.unique(law_under(codebook, None)["draws"], axis=0), found["points"])
