"""One small model of each kind, and data of each kind, for the commands to work on."""

import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from aevum.cli import aevum
from aevum.data import open_data

SHARED = Path(os.environ.get("AEVUM_TEST_DATA") or Path(__file__).parents[2].parent / "shared" / "data")


@pytest.fixture(scope="session")
def shared():
    """The folder of real data sets."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here")
    return SHARED


@pytest.fixture(autouse=True)
def quick(request):
    """Every command that writes a run makes figures; they are drawn where a whole run is looked at."""
    request.getfixturevalue("without_layout" if "whole_run" in request.node.name else "undrawn")


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run the command line in a folder of its own: ``run("info", path, code=0)``."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AEVUM_DEBUG", raising=False)

    def call(*words, code=0):
        result = CliRunner().invoke(aevum, [str(word) for word in words])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return call


@pytest.fixture
def refused(run):
    """Run what must be refused: exit code 2 and one line on stderr, which is returned."""

    def call(*words, code=2):
        result = run(*words, code=code)
        assert result.stdout == ""
        assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1, result.stderr
        return result.stderr

    return call


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """Model directories, by name."""
    from aevum import AE, CVAE, DAE, VAE

    folder = tmp_path_factory.mktemp("models")
    digits, iris, diabetes = open_data("digits"), open_data("iris"), open_data("diabetes")
    small = {"latent_dim": 2, "hidden": 16, "epochs": 1, "random_state": 0}
    fitted = {
        "ae": AE(**small).fit(digits),
        "dae": DAE(**small).fit(digits),
        "vae": VAE(**small, beta=0.1).fit(digits),
        "cvae": CVAE(**small, beta=0.1).fit(digits),
        "iris": VAE(**{**small, "epochs": 20}, beta=0.1).fit(iris),
        "named": CVAE(**{**small, "epochs": 20}, beta=0.1).fit(iris),
        "numbers": CVAE(**small, beta=0.1).fit(diabetes.x, diabetes.y + 0.5),
    }
    return SimpleNamespace(**{name: model.save(folder / name / "model").parent for name, model in fitted.items()})


@pytest.fixture(scope="session")
def table(tmp_path_factory):
    """The irises as a .csv file with a column of labels."""
    path = tmp_path_factory.mktemp("table") / "flowers.csv"
    iris = open_data("iris")
    lines = [",".join([*map(str, row), species]) for row, species in zip(iris.x.tolist(), iris.y.tolist(), strict=True)]
    path.write_text("\n".join(["a,b,c,d,species", *lines]) + "\n")
    return path


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A folder of small colour images in two classes."""
    folder = tmp_path_factory.mktemp("pictures")
    random = np.random.default_rng(0)
    for name, level in (("dark", 60), ("light", 190)):
        (folder / name).mkdir()
        for i in range(12):
            pixels = random.integers(level - 50, level + 50, (12, 12, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    return folder
