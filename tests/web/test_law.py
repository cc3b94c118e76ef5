"""The page of a model whose prior is a mixture: regions where its density is highest, its own ranges and draws."""

import io
import re

import numpy as np
import pytest
import torch
from PIL import Image
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

from aevum.conditionals import Conditional, GaussianConditional
from aevum.estimators import LatentVariableEstimator, WeightedRate
from aevum.exploration import manifold
from aevum.model import LatentVariableModel
from aevum.objectives import ELBO
from aevum.server import Run
from aevum.server.page_file import page_file

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
CENTRES = np.array([[-3.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
DEVIATION = 0.4
# All of the prior, however little of it the rows take.
WIDE = "#v=1&view=0,1.5,15"


class ThreeClusters(Conditional):
    def __init__(self):
        super().__init__()
        self.register_buffer("centres", torch.tensor(CENTRES, dtype=torch.float32))

    def forward(self, *context):
        each = Independent(Normal(self.centres, torch.full_like(self.centres, DEVIATION)), 1)
        return MixtureSameFamily(Categorical(logits=self.centres.new_zeros(3)), each)


class ClusterVAE(WeightedRate, LatentVariableEstimator):
    title = "variational auto-encoder with a prior of three clusters"

    def _compose(self, parts, encoding):
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        return LatentVariableModel(posterior, ThreeClusters(), parts.decoder(self.network, encoding)), ELBO()


@pytest.fixture(scope="module")
def clusters(digits):
    return ClusterVAE(2, hidden=32, epochs=4, beta=0.3, random_state=0).fit(digits)


def ready(page):
    page.get_by_role("definition").first.wait_for()
    page.wait_for_timeout(700)
    return page


def the_map(page):
    return page.get_by_role("application", name=re.compile("Map of the latent space"))


def shows(page, toggle, points):
    """Whether the layer that this button shows changes the map at these points of the plane."""
    pictures = []
    for _ in range(2):
        page.wait_for_timeout(400)
        pictures.append(np.asarray(Image.open(io.BytesIO(the_map(page).screenshot())).convert("RGB"), np.int64))
        toggle.click()
    toggle.click()
    changed = np.abs(pictures[1] - pictures[0]).sum(axis=2)
    frame, box = page.evaluate("aevum.frame()"), the_map(page).bounding_box()
    ratio = changed.shape[1] / box["width"]
    u, v = np.asarray(points, dtype=float).T
    x = (box["width"] - frame["width"] + frame["originX"] + u * frame["pixelsU"]) * ratio
    y = (frame["originY"] - v * frame["pixelsV"]) * ratio
    return changed[y.round().astype(int), x.round().astype(int)] > 0


def drawn_codes(page, times):
    found = []
    for _ in range(times):
        page.get_by_role("button", name="Draw from the prior").click()
        found.append(page.evaluate("aevum.state().z"))
    return np.array(found)


def distances(codes):
    """To the nearest cluster, in its deviations."""
    return np.linalg.norm(codes[:, None] - CENTRES, axis=2).min(axis=1) / DEVIATION


def checked(page, violations):
    """The regions lie on the clusters and not between them; ranges and draws are the prior's own."""
    toggle = page.get_by_role("button", name="Prior", exact=True)
    assert toggle.get_attribute("title") == (
        "Where the prior is densest: regions that hold 39, 86 and 99 % of its codes"
    )
    assert shows(page, toggle, CENTRES + 0.15).all()
    assert not shows(page, toggle, [[0, 0.7], [1.6, 2.2], [-1.6, 2.2], [0, -1.0]]).any()
    slider = page.get_by_role("slider", name="z[0]")
    ends = [float(slider.get_attribute(end)) for end in ("min", "max")]
    np.testing.assert_allclose(ends, [-4.1, 4.1], atol=0.35)  # three deviations of the whole would be ±7.4
    assert np.quantile(distances(drawn_codes(page, 12)), 0.8) < 3
    assert violations(page, "a mixture", dark=True) == []


@pytest.mark.parametrize(
    "options", [pytest.param({}, marks=pytest.mark.slow), PHONE], ids=["desktop", "phone"]
)  # a file is opened on a desktop below
def test_a_mixture_is_shown_as_it_is(opened, served, clusters, digits, violations, options):
    checked(ready(opened(served(clusters, digits) + WIDE, **options)), violations)


@pytest.mark.slow
def test_a_file_shows_it_without_a_server(opened, clusters, digits, violations, tmp_path, one_registry):
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    run = Run("clusters", "clusters", clusters, digits.x, digits.y)
    page = ready(opened(page_file([run], tmp_path / "page.html", rows=300).as_uri() + WIDE))
    checked(page, violations)
    question = {"n": 7, "dims": [0, 1], "at": None}
    found = page.evaluate(
        "async (question) => Array.from((await aevum.host.backend('clusters').manifold(question, null)).z.data)",
        question,
    )
    expected = manifold(clusters, 7, dims=(0, 1)).z
    np.testing.assert_allclose(np.reshape(found, expected.shape), expected, atol=0.02)


@pytest.mark.slow
def test_a_gaussian_keeps_its_rings(opened, served, vae, digits):
    page = ready(opened(served(vae, digits) + "#v=1&view=0,0,8"))
    toggle = page.get_by_role("button", name="Prior", exact=True)
    assert toggle.get_attribute("title") == "One, two and three deviations of the prior"
    slider = page.get_by_role("slider", name=re.compile(r"z\[0\]"))
    assert [slider.get_attribute("min"), slider.get_attribute("max")] == ["-3", "3"]
    turn = np.linspace(0, 2 * np.pi, 60)
    around = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    assert shows(page, toggle, 2.9 * around).all() and not shows(page, toggle, 3.2 * around).any()
