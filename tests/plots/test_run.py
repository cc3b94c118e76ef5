import json
import os
import re
import shutil
import stat
import warnings
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from aevum import AE, CVAE, DAE, VAE, load, open_data
from aevum.errors import CollapseWarning, DataWarning, InputError
from aevum.plots import check_free, write_run
from aevum.plots.words import verdict

SHARED = Path(os.environ.get("AEVUM_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")
FILES = {"figures", "history.jsonl", "metrics.json", "model", "model_card.md", "report.html"}
TINY = {"epochs": 1, "hidden": (16,), "random_state": 0}
DIGITS = open_data("digits")
X, Y = DIGITS.x[:60], DIGITS.y[:60]


@pytest.fixture(autouse=True)
def _tiny_models_may_be_poor():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CollapseWarning)
        warnings.simplefilter("ignore", DataWarning)
        yield


@pytest.fixture(scope="module")
def vae():
    return VAE(2, **TINY).fit(X)


@pytest.fixture(scope="module")
def written(vae, tmp_path_factory):
    return write_run(vae, X, tmp_path_factory.mktemp("written") / "run")


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.words = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    def all(self, name):
        return [attrs for tag, attrs in self.tags if tag == name]


def checked(run):
    """The run's metrics and page, after a look at everything that each run must have."""
    assert {path.name for path in run.iterdir()} == FILES
    metrics = json.loads((run / "metrics.json").read_text(encoding="utf-8"))
    text = (run / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    figures = sorted(path.name for path in (run / "figures").iterdir())
    images = page.all("img")
    assert len(images) == len(figures) >= 4
    assert all(image["alt"] and image["src"].startswith("data:image/png;base64,") for image in images)
    assert not re.search(r"https?://|//\w|@import|url\(", re.sub(r"base64,[\w+/=]+", "", text))
    assert not page.all("script") and not page.all("link")
    policy = next(meta for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"].startswith("default-src 'none'")
    for name in figures:
        Image.open(run / "figures" / name).verify()
    lines = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == list(range(1, len(lines) + 1))
    assert "aevum.load(" in (run / "model_card.md").read_text(encoding="utf-8")
    return metrics, page, figures


MODELS = {
    "ae": lambda d: AE(d, **TINY),
    "dae": lambda d: DAE(d, **TINY),
    "vae": lambda d: VAE(d, **TINY),
    "cvae": lambda d: CVAE(d, **TINY),
    "learned": lambda d: CVAE(d, prior="learned", **TINY),
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


@pytest.mark.parametrize("width", [1, 2])
def test_tables_and_data_frames(width, tmp_path):
    pd = pytest.importorskip("pandas")
    iris = open_data("iris")
    frame = pd.DataFrame(iris.x[::2], columns=iris.feature_names)
    estimator = VAE(width, likelihood="gaussian:emitted", **TINY).fit(frame)
    metrics, _, figures = checked(write_run(estimator, frame, tmp_path / "run", iris.y[::2]))
    assert "draws.png" not in figures
    assert metrics["evaluation"]["rows"] == len(frame)


def test_a_table_given_its_class_or_a_number(tmp_path):
    iris = open_data("iris")
    checked(write_run(CVAE(2, **TINY).fit(iris.x, iris.y), iris, tmp_path / "classes"))
    y = iris.x[:, 0]
    _, page, _ = checked(write_run(CVAE(2, **TINY).fit(iris.x, y), iris.x, tmp_path / "number", y))
    assert any("y = " in word for word in page.words)
    vectors = iris.x[:, :2]
    checked(write_run(CVAE(3, **TINY).fit(iris.x, vectors), iris.x, tmp_path / "vector", vectors))


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


def test_verdicts():
    def latent(active, width, rate=True):
        return {
            "latent": {
                "active_units": active,
                "variance": [0.0] * width,
                "rate": [1.0] * active + [0.0] * (width - active) if rate else None,
                "collapsed": not active,
            },
            "parameters": {"beta": 4.0},
        }

    assert verdict(latent(0, 3))[:2] == ("bad", "Posterior collapse")
    assert "now 4" in verdict(latent(0, 3))[2]
    assert verdict(latent(0, 3, rate=False))[:2] == ("bad", "The codes do not vary")
    assert verdict(latent(3, 3))[:2] == ("good", "3 of 3 latent dimensions are active")
    assert verdict(latent(1, 3))[:2] == ("note", "1 of 3 latent dimensions is active")


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


# -------------------------------------------------------------------- the folder


def test_an_existing_run_is_replaced_only_when_asked(vae, written, tmp_path):
    run = Path(shutil.copytree(written, tmp_path / "run"))
    (run / "notes.txt").write_text("mine")
    (run / "figures" / "history.png").write_bytes(b"old")
    before = stat.S_IMODE(run.stat().st_mode)
    with pytest.raises(InputError, match=r"overwrite=True .*--force"):
        write_run(vae, X, run)
    assert (run / "figures" / "history.png").read_bytes() == b"old"
    write_run(vae, X, run, overwrite=True)
    assert (run / "notes.txt").read_text() == "mine"
    (run / "notes.txt").unlink()
    checked(run)
    assert stat.S_IMODE(run.stat().st_mode) == before
    assert os.listdir(tmp_path) == ["run"]  # noqa: PTH208 - hidden files as well


def test_an_empty_folder_is_as_good_as_none(vae, tmp_path):
    (tmp_path / "run").mkdir()
    checked(write_run(vae, X, tmp_path / "run"))


def test_what_is_no_run_is_never_replaced(vae, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("x")
    (tmp_path / "file").write_text("x")
    for name in ("thesis", "file"):
        with pytest.raises(InputError, match="is no run"):
            write_run(vae, X, tmp_path / name, overwrite=True)
        with pytest.raises(InputError, match="exists"):
            check_free(tmp_path / name)
    with pytest.raises(InputError, match="can't"):
        write_run(vae, X, tmp_path / "file" / "run")
    assert (tmp_path / "thesis" / "chapter1.tex").read_text() == "x"
    assert sorted(os.listdir(tmp_path)) == ["file", "thesis"]  # noqa: PTH208


def test_a_link_to_a_run_stays_a_link(vae, written, tmp_path):
    run = Path(shutil.copytree(written, tmp_path / "run"))
    link = tmp_path / "link"
    link.symlink_to(run)
    write_run(vae, X, link, overwrite=True)
    assert link.is_symlink()
    checked(run)


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt(), ValueError("bug")])
def test_a_write_that_fails_leaves_nothing_behind(vae, written, tmp_path, monkeypatch, error):
    run = Path(shutil.copytree(written, tmp_path / "old"))
    (run / "notes.txt").write_text("mine")

    def fail(*args, **options):
        raise error

    # The last file of all: everything else has been written by then.
    monkeypatch.setattr("aevum.plots.run.model_card", fail)
    monkeypatch.setattr("aevum.plots.run.panels_of", lambda subject: [])
    expected = InputError if isinstance(error, OSError) else type(error)
    with pytest.raises(expected):
        write_run(vae, X, tmp_path / "a" / "b" / "run")
    with pytest.raises(expected):
        write_run(vae, X, run, overwrite=True)
    assert os.listdir(tmp_path) == ["old"]  # noqa: PTH208
    (run / "notes.txt").unlink()
    checked(run)


def test_a_swap_that_fails_brings_the_old_run_back(vae, written, tmp_path, monkeypatch):
    run = Path(shutil.copytree(written, tmp_path / "run"))
    replace = Path.replace

    def fail(self, target):
        if self.name == "report.html" and self.parent.name == "new" and target.parent == run:
            raise OSError(5, "Input/output error")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(InputError, match="Input/output error"):
        write_run(vae, X, run, overwrite=True)
    monkeypatch.undo()
    checked(run)
    assert os.listdir(tmp_path) == ["run"]  # noqa: PTH208


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(vae, tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(InputError, match="can't"):
        write_run(vae, X, tmp_path / "run")
    tmp_path.chmod(0o700)


def test_data_that_do_not_fit_are_refused(vae, tmp_path):
    conditional = CVAE(2, **TINY).fit(X, Y)
    with pytest.raises(InputError, match="pass y"):
        write_run(conditional, X, tmp_path / "run")
    with pytest.raises(InputError, match="59 labels for 60 rows"):
        write_run(vae, X, tmp_path / "run", Y[1:])
    with pytest.raises(InputError, match="shape"):
        write_run(vae, X[:, :4], tmp_path / "run")
    with pytest.raises(InputError, match="shape"):
        write_run(vae, X[0, 0], tmp_path / "run")
    assert not list(tmp_path.iterdir())
