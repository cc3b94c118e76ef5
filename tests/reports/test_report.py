"""What a run's files say: every model, images and tables, numbers with their units, words from the user."""

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.reports.reading import checked
from torch.distributions import Independent, Normal

from aevum import AE, CVAE, DAE, VAE, MixtureVAE, load, open_data, write_run
from aevum.conditionals import Conditional
from aevum.model import LatentVariableModel
from aevum.reports.subject import subject_of
from aevum.reports.walks import traversals

SHARED = Path(os.environ.get("AEVUM_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
TINY = {"epochs": 1, "hidden": (16,), "random_state": 0}
DIGITS = open_data("digits")
X, Y = DIGITS.x[:60], DIGITS.y[:60]


@pytest.fixture(autouse=True)
def quick(request):
    """Drawn as for a user by some, so that all of it is, and quickly by the others."""
    if request.node.name not in DRAWN_WHOLE:
        request.getfixturevalue("without_layout")


DRAWN_WHOLE = (
    "test_every_model_of_images[cvae-2]",
    "test_tables_and_data_frames[2]",
    "test_labels_in_any_script",
)

# Tiny models may be poor.
pytestmark = [
    pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning"),
    pytest.mark.filterwarnings("ignore::aevum.errors.DataWarning"),
]


@pytest.fixture(scope="module")
def vae():
    return VAE(2, **TINY).fit(X)


MODELS = {
    "ae": lambda d: AE(d, **TINY),
    "dae": lambda d: DAE(d, **TINY),
    "vae": lambda d: VAE(d, **TINY),
    "cvae": lambda d: CVAE(d, **TINY),
    "learned": lambda d: CVAE(d, prior="learned", **TINY),
    "flow": lambda d: CVAE(d, prior="flow", **TINY),
}


@pytest.mark.parametrize(("name", "width"), [*((name, 2) for name in MODELS), ("ae", 3), ("learned", 3)])
def test_every_model_of_images(name, width, tmp_path):
    estimator = MODELS[name](width).fit(X, Y)
    run = write_run(estimator, X, tmp_path / "new" / "run", Y, name="digits")
    metrics, _, figures = checked(run)
    assert metrics["data"] == {"name": "digits", "shape": [60, 8, 8], "dtype": "float32"}
    assert ("manifold.png" in figures) == (width == 2) != ("traversals.png" in figures)
    assert ("classes.png" in figures) == estimator.conditional
    assert ("draws.png" in figures) == estimator.has_density
    again = load(run).transform(X, Y)
    np.testing.assert_allclose(again, estimator.transform(X, Y), rtol=1e-5, atol=1e-5)


class Wide(Conditional):
    """N(0, 4 I)."""

    def forward(self, *context):
        return Independent(Normal(torch.zeros(3), 2.0), 1)


class WideVAE(VAE):
    """VAE with a wider prior."""

    def _compose(self, parts, encoding):
        made, objective = super()._compose(parts, encoding)
        return LatentVariableModel(made.posterior, Wide(), made.likelihood), objective


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (VAE, "over the prior's mean ± 3 σ and holds the others at 0"),
        (WideVAE, "over the prior's mean ± 3 σ and holds the others at the prior's mean"),
        (MixtureVAE, "over the central 99.73 % of the prior and holds the others at the prior's mean"),
        (AE, "from the training codes' 1 % to their 99 % quantile and holds the others at the training codes' mean"),
    ],
    ids=lambda given: getattr(given, "__name__", "words"),
)
def test_a_walk_says_where_the_others_are_held(kind, words):
    subject = subject_of(kind(3, **TINY).fit(X), X, None, "digits", None, None)
    assert f"Each row changes one dimension {words}. " in traversals(subject).caption


@pytest.mark.parametrize("width", [1, 2])
def test_tables_and_data_frames(width, tmp_path):
    pd = pytest.importorskip("pandas")
    iris = open_data("iris")
    frame = pd.DataFrame(iris.x[::2], columns=iris.feature_names)
    estimator = VAE(width, likelihood="gaussian:emitted", **TINY).fit(frame)
    metrics, _, figures = checked(write_run(estimator, frame, tmp_path / "run", iris.y[::2]))
    assert "draws.png" not in figures
    assert metrics["evaluation"]["rows"] == len(frame)


@pytest.mark.slow
def test_a_table_given_its_class_or_a_number(tmp_path):
    iris = open_data("iris")
    checked(write_run(CVAE(2, **TINY).fit(iris.x, iris.y), iris, tmp_path / "classes"))
    y = iris.x[:, 0]
    _, page, _ = checked(write_run(CVAE(2, **TINY).fit(iris.x, y), iris.x, tmp_path / "number", y))
    assert any("y = " in word for word in page.words)
    vectors = iris.x[:, :2]
    checked(write_run(CVAE(3, **TINY).fit(iris.x, vectors), iris.x, tmp_path / "vector", vectors))


@pytest.mark.slow
def test_a_table_of_words_shows_words(tmp_path):
    pd = pytest.importorskip("pandas")
    random = np.random.default_rng(0)
    z = random.normal(size=240)
    frame = pd.DataFrame({"size": z + 0.1 * random.normal(size=240), "kind": np.where(z > 0, "cat", "dog")})
    frame = pd.concat([frame, pd.DataFrame(random.normal(size=(240, 30))).add_prefix("n")], axis=1)
    run = write_run(DAE(3, epochs=2, hidden=(16,), random_state=0).fit(frame), frame, tmp_path / "run")
    metrics, page, figures = checked(run)
    assert "repairs.png" in figures and metrics["columns"][1]["classes"] == ["cat", "dog"]
    assert "All 32 columns" in page.words and "two classes: cat, dog" in page.words
    card = (run / "model_card.md").read_text(encoding="utf-8")
    assert "two classes: cat, dog" in card and "… and 2 more." in card


def test_a_table_stands_beside_simple_models(tmp_path):
    iris = open_data("iris")
    estimator = VAE(2, epochs=3, hidden=(16,), random_state=0).fit(iris.x)
    metrics, page, _ = checked(write_run(estimator, iris.x, tmp_path / "run"))
    names = [law["name"] for law in metrics["figures"]["laws"]["laws"]]
    assert names == ["independent columns", "PCA", "Gaussian"]
    assert {"Beside simple models", "this model", "independent columns", "PCA of 2", "Gaussian"} <= set(page.words)
    assert {"distortion", "rate", "nat", "prior", "ELBO"} <= set(page.words), "each in a word"


@pytest.mark.slow
def test_eight_rows_are_enough(tmp_path):
    for name, make in (("ae", AE(3, **TINY)), ("cvae", CVAE(2, **TINY))):
        checked(write_run(make.fit(X[:8], Y[:8]), X[:8], tmp_path / name, Y[:8]))


@pytest.mark.parametrize("likelihood", ["continuous_bernoulli", "discretized_logistic", "bernoulli"])
def test_likelihoods_and_one_channel(likelihood, tmp_path):
    x = (X * 15).astype(np.uint8)[:, None]
    estimator = VAE(2, likelihood=likelihood, binarize="soft" if likelihood == "bernoulli" else None, **TINY).fit(x)
    metrics, page, _ = checked(write_run(estimator, x, tmp_path / "run"))
    assert ("not a density" in metrics["units"]) == (likelihood == "bernoulli")
    assert any("no density" in word for word in page.words) == (likelihood == "bernoulli")


def test_a_network_of_the_users_own(tmp_path):
    from torch import nn

    encoder, decoder = nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU()), nn.Linear(2, 64)
    estimator = VAE(2, network=(encoder, decoder), epochs=1, random_state=0).fit(X)
    run = write_run(estimator, X, tmp_path / "run")
    checked(run)
    assert "network=(encoder, decoder)" in (run / "report.html").read_text(encoding="utf-8")


def test_colour_images_in_real_data(tmp_path):
    path = SHARED / "sprites_static.npz"
    if not path.exists():
        pytest.skip(f"no {path}")
    with np.load(path) as file:
        x = file["x"][::400, ::4, ::4]
    checked(write_run(AE(4, network="mlp", **TINY).fit(x), x, tmp_path / "run", name="sprites"))


# -------------------------------------------------------------------- numbers


def test_numbers_are_in_the_datas_units(vae, tmp_path):
    run = write_run(vae, X, tmp_path / "run", seconds=12.5)
    metrics, _, _ = checked(run)
    distortion, rate = vae.distortion_and_rate(X)
    assert metrics["evaluation"]["elbo"] == pytest.approx(-float(np.mean(distortion + rate)))
    assert metrics["evaluation"]["squared_error"] == pytest.approx(float(vae.reconstruction_error(X).mean()), rel=1e-5)
    assert metrics["evaluation"]["mean_squared_error"] == pytest.approx(metrics["evaluation"]["squared_error"] / 64)
    assert metrics["seconds"] == 12.5
    # The validation rows' distortion by the loop, and that of all rows by the finished model: the same unit.
    assert abs(metrics["validation"]["distortion"] - metrics["evaluation"]["distortion"]) < 20
    written = json.loads((run / "history.jsonl").read_text(encoding="utf-8"))["validation_distortion"]
    assert metrics["validation"]["distortion"] == pytest.approx(written, rel=1e-6)


def test_held_out_rows_are_shown_instead(vae, tmp_path):
    metrics, page, _ = checked(write_run(vae, X, tmp_path / "run", held_out=(DIGITS.x[60:80], None)))
    assert metrics["data"]["shape"][0] == 60
    assert metrics["evaluation"]["rows"] == 20
    assert any("rows that you held out" in word for word in page.words)


def test_large_data_are_shown_in_part(vae, tmp_path):
    x = np.tile(X, (100, 1, 1))
    assert checked(write_run(vae, x, tmp_path / "run"))[0]["evaluation"]["rows"] == 5000


@pytest.mark.slow
def test_the_same_run_gives_the_same_figures(vae, tmp_path):
    first, second = (write_run(vae, X, tmp_path / name, Y) for name in "ab")
    for path in (first / "figures").iterdir():
        assert path.read_bytes() == (second / "figures" / path.name).read_bytes(), path.name


def test_collapse_is_a_warning_that_one_can_see(tmp_path):
    estimator = VAE(3, beta=1e4, batch_size=16, learning_rate=0.01, **TINY | {"epochs": 30}).fit(X)
    assert estimator.latent_summary_.collapsed
    metrics, page, _ = checked(write_run(estimator, X, tmp_path / "run"))
    assert metrics["latent"]["collapsed"] is True
    assert [tag for tag in page.all("div") if tag.get("class") == "callout bad" and tag["role"] == "alert"]
    assert "Posterior collapse" in page.words
    assert "**Warning: Posterior collapse.**" in (tmp_path / "run" / "model_card.md").read_text(encoding="utf-8")


# -------------------------------------------------------------------- words from the user


def test_the_users_words_cannot_become_markup(tmp_path):
    bad = "<script>alert(1)</script>"
    labels = np.array([bad, '"><img src=x onerror=1>'] * 30)
    names = [f"{bad}{d}" for d in range(3)]
    table = X.reshape(60, -1)[:, 2:5]
    folder = tmp_path / '<b>"run'
    run = write_run(CVAE(2, **TINY).fit(table, labels), table, folder, labels, name=bad, feature_names=names)
    checked(run)
    page = (run / "report.html").read_text(encoding="utf-8")
    assert "<script" not in page and '<b>"run' not in page and "onerror=1>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script" not in re.sub(r"```.*?```", "", (run / "model_card.md").read_text(encoding="utf-8"), flags=re.S)


def test_labels_in_any_script(tmp_path):
    labels = np.array(["猫", "$dog$"] * 30)
    checked(write_run(CVAE(2, **TINY).fit(X, labels), X, tmp_path / "run", labels, name="名前 $"))
