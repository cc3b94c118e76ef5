"""The file of docs/extending.md, as its reader would keep it: in a folder of her own, none of it in the package."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from sklearn.base import clone

from aevum import InputError, ModelFileError, load
from aevum.cli import aevum
from aevum.cli.recipes import imported
from aevum.recipes import ESTIMATORS

pytestmark = pytest.mark.usefixtures("without_layout")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "extending.md"


@pytest.fixture
def file(tmp_path, monkeypatch, own_registry):
    """The page's file, in the folder where we are."""
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    Path("wide.py").write_text(code, encoding="utf-8")
    return tmp_path / "wide.py"


def test_the_file_runs(file, digits):
    found = runpy.run_path(str(file), run_name="__main__")
    vae, again = found["vae"], found["again"]
    assert type(again) is found["WideVAE"] and again.deviation == 3.0
    x = digits.x[:50]
    np.testing.assert_array_equal(again.score_samples(x, k=5), vae.score_samples(x, k=5))
    assert vae.history_[-1]["loss"] < vae.history_[0]["loss"]
    np.testing.assert_allclose(vae.prior_moments(), (np.zeros((1, 2)), np.full((1, 2), 3.0)), rtol=1e-6)
    assert clone(vae).get_params() == vae.get_params()


def test_the_file_on_the_command_line(file):
    def run(*words, code=0):
        result = CliRunner().invoke(aevum, list(map(str, words)))
        assert result.exit_code == code, result.output
        return result

    small = ("--latent-dim", 2, "--epochs", 1, "--hidden", 8)
    run("train", "iris", "--model", "wide.py:WideVAE", "--set", "deviation=3", *small, "--out", "runs/wide")
    for name in ("report.html", "model_card.md"):
        text = Path("runs/wide", name).read_text(encoding="utf-8")
        assert "variational auto-encoder with a wide prior" in text
        assert "from wide import WideVAE  # which load needs to know" in text
    assert "aevum --import wide.py info" in Path("runs/wide/report.html").read_text(encoding="utf-8")
    assert load("runs/wide").deviation == 3.0
    del ESTIMATORS["WideVAE"]
    assert "aevum --import FILE.py" in run("info", "runs/wide", code=2).stderr
    ESTIMATORS["WideVAE"] = imported("wide.py").WideVAE
    assert "WideVAE(deviation=3.0" in run("--import", "wide.py", "info", "runs/wide").stdout
    assert "log p(x)" in run("--import", "wide.py", "evaluate", "runs/wide", "iris", "--k", 5).stdout


@pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning")
def test_what_cannot_be_composed_again_says_which_part_failed(file, monkeypatch):
    module = imported("wide.py")
    path = module.WideVAE(2, epochs=1, hidden=8, random_state=0).fit("iris").save("model")

    def refuse(self, latent_dim, deviation):
        raise KeyError("no such thing")

    monkeypatch.setattr(module.WidePrior, "__init__", refuse)
    words = r"WideVAE can't be composed again: KeyError in .*refuse \(test_extending.py, line \d+\): 'no such thing'"
    with pytest.raises(ModelFileError, match=words):
        load(path)


def test_what_it_declares_is_checked(file):
    kind = imported("wide.py").WideVAE
    with pytest.raises(InputError, match=r"WideVAE\(deviation=0\): deviation must be a positive number"):
        kind(deviation=0).fit(np.zeros((9, 2)))
    assert "    deviation: s, the prior's deviation." in kind.__doc__
