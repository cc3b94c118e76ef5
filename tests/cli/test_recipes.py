"""What recipes declare is what the command line knows, and a class of the user's own is one of them."""

import inspect
import json
import re
from pathlib import Path

import pytest

from aevum import InputError, load
from aevum.cli.recipes import estimator_of
from aevum.cli.train import train
from aevum.domains import to_plain
from aevum.estimators.declaring import declared
from aevum.fitted.families import FAMILIES
from aevum.recipes import ESTIMATORS, declarations

OPTIONS = {option.name: option for option in train.params}
OWN = '''
import aevum
from aevum import VAE
from aevum.domains import Whole
from aevum.estimators import parameter


@aevum.register
class Deep(VAE):
    """A VAE of somebody's own."""

    depth: int = parameter(default=1, text="how deep it is.", domain=Whole(1, 9))
    plain: float = 0.5
    wide: bool = parameter(default=True, text="whether it is wide.")
    flag: bool = False


class NotAModel:
    pass
'''


COUNTED = """
import torch
import aevum
from aevum.conditionals import Conditional
from aevum.encoding import Affine
from aevum.fitted.families import Family


class Counted(Conditional):
    def __init__(self, network, dims):
        super().__init__()
        self.network, self.dims = network, dims

    def forward(self, *context):
        return torch.distributions.Poisson(self.network(*context).squeeze(-1 - self.dims).clamp(-20.0, 20.0).exp())


aevum.register_likelihood("counted_here", Family(
    build=lambda network, scale, dims, encoding: Counted(network, dims),
    encode=lambda x, rows, top: Affine(torch.tensor(0.0), torch.tensor(1.0)),
))
"""


@pytest.fixture
def own(run, own_registry):
    """A file of the user's own in the folder where the command runs."""
    Path("deeper.py").write_text(OWN)


def test_the_file_of_declarations_is_what_the_recipes_declare():
    assert declarations.FILE.read_text(encoding="utf-8") == declarations.as_text(), "make options"


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_parameter_has_its_option(run, name):
    text = " ".join(run("train", "--help").stdout.split())
    left_out = train.make_context("train", []).params
    for each in declared(ESTIMATORS[name]):
        if each.name == "warm_start" or to_plain(each.domain) is None:  # what a text can't say, --seed, and --resume
            assert each.name in ("random_state", "callbacks", "warm_start") and each.name not in OPTIONS
            continue
        line = each.text.replace('"', "").rstrip(".")
        assert re.sub(r"\s", "", line[1:]) in re.sub(r"\s", "", text)
        assert f"--{each.name.replace('_', '-')} {each.domain.metavar}" in text
        assert left_out[each.name] is None  # so that the recipe's own default holds
        said = "1" if each.default == 1.0 else each.default
        assert each.default is None or f"[default: {said}]" in OPTIONS[each.name].help


def test_every_option_of_a_model_is_a_parameter():
    known = {name for kind in ESTIMATORS.values() for name in inspect.signature(kind).parameters}
    ours = {name for name in OPTIONS if type(OPTIONS[name].type).__name__ == "Declared"}
    assert ours == known - {"random_state", "callbacks", "warm_start"}
    beta = "(vae, cvae, mixturevae, vampvae, flowvae)"
    some = {"noise": "(dae)", "corruption": "(dae)", "beta": beta, "k": "(iwae)", "prior": "(cvae)"}
    assert all(models in OPTIONS[name].help for name, models in some.items())
    assert "(" not in OPTIONS["batch_size"].help


@pytest.mark.parametrize("name", ESTIMATORS)
def test_set_reaches_every_parameter(name):
    values = {"latent_dim": "3", "hidden": "5,4", "epochs": "auto", "patience": "none", "random_state": "7"}
    given = {"callbacks": "None"}
    for each in declared(ESTIMATORS[name]):
        given.setdefault(each.name, values.get(each.name, str(each.default)))
    found = estimator_of(name.lower(), {}, given).get_params()
    want = {"latent_dim": 3, "hidden": (5, 4), "epochs": "auto", "patience": None, "random_state": 7}
    assert found == {**ESTIMATORS[name]().get_params(), **want}
    assert {key: type(value) for key, value in found.items() if key not in want} == {
        key: type(value) for key, value in ESTIMATORS[name]().get_params().items() if key not in want
    }


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (("--set", "depht=1"), "--set depht: VAE has no such parameter; it has latent_dim, likelihood"),
        (("--set", "beta=-1"), "--set beta=-1: beta must be a number of at least 0, not '-1'"),
        (("--set", "beta"), "'beta' must be NAME=VALUE"),
        (("--set", "beta=1", "--set", "beta=2"), "gives it twice"),
        (("--set", "beta=1", "--beta", 2), "--set beta and --beta are one parameter"),
        (("--set", "random_state=1", "--seed", 2), "--set random_state and --seed are one parameter"),
        (("--set", "callbacks=f"), "callbacks must be None or a list of functions"),
        (("--epochs", "few"), "epochs must be 'auto' or a whole number of at least 1, not 'few'"),
        (("--model", "nowhere.py:Deep"), "nowhere.py doesn't exist"),
        (("--model", "deeper.py:Deeper"), "deeper.py has no class 'Deeper'"),
        (("--model", "deeper.py:NotAModel"), "is no class of a model"),
        (("--model", "deeper.py:Deep", "--noise", 1), "--noise doesn't go with --model deeper.py:Deep; it is for dae"),
        (("--model", "deeper.py:Deep", "--set", "depth=10"), "depth must be a whole number from 1 to 9, not '10'"),
        (("--model", "deeper.py"), "iwae, mixturevae, vampvae, flowvae, and your own is FILE.py:CLASS"),
        (("--model", "broken.py:Deep"), "broken.py can't be imported: ZeroDivisionError"),
        (("--model", "json.py:Deep"), "json.py has the name of another module"),
        (("--model", "no.such.module:Deep"), "no.such.module can't be imported: ModuleNotFoundError"),
    ],
)
def test_refused(refused, own, words, part):
    Path("broken.py").write_text("1 / 0")
    Path("json.py").write_text(OWN)
    assert part in refused("train", "iris", *words)
    assert not Path("runs").exists()


def test_a_model_of_ones_own_is_trained_and_used(run, refused, own):
    words = ("--model", "deeper.py:Deep", "--set", "depth=2", "--set", "plain=0.25", "--latent-dim", 2, "--hidden", 8)
    text = run("train", "iris", *words, "--epochs", 1).stdout
    assert "  aevum --import deeper.py sample runs/iris-deep -o samples.csv" in text
    assert load("runs/iris-deep").get_params()["depth"] == 2
    del ESTIMATORS["Deep"]
    assert "this aevum knows AE" in (said := refused("info", "runs/iris-deep")) and "aevum --import FILE.py" in said


def test_import_makes_a_model_known_to_every_command(run, own):
    model = json.loads(run("--import", "deeper.py", "train", "iris", "--model", "deep", "--epochs", 1, "--json").stdout)
    assert model["model"] == "deep" and model["parameters"]["plain"] == 0.5
    assert "Deep(" in run("--import", "deeper.py", "info", "runs/iris-deep").stdout


@pytest.mark.parametrize(("text", "value"), [("false", False), ("True", True), ("no", False), ("on", True)])
@pytest.mark.parametrize("name", ["wide", "flag"])
def test_set_reads_true_and_false(own, name, text, value):
    assert getattr(estimator_of("deeper.py:Deep", {}, {name: text}), name) is value
    with pytest.raises(InputError, match=f"{name} must be True or False, not 'maybe'"):
        estimator_of("deeper.py:Deep", {}, {name: "maybe"})


def test_what_knows_a_likelihood_of_ones_own_is_told_wherever_the_model_is_used(run, refused, own_registry):
    Path("counted.py").write_text(COUNTED)
    Path("counts.csv").write_text("a,b\n" + "".join(f"{i % 5},{i % 7}\n" for i in range(90)))
    words = ("counts.csv", "--likelihood", "counted_here", "--latent-dim", 1, "--epochs", 1)
    text = run("--import", "counted.py", "train", *words).stdout
    assert "  aevum --import counted.py sample runs/counts-vae -o samples.csv" in text
    card = Path("runs/counts-vae/model_card.md").read_text(encoding="utf-8")
    assert "import counted  # which load needs to know" in card
    report = Path("runs/counts-vae/report.html").read_text(encoding="utf-8")
    assert "aevum --import counted.py info" in report
    del FAMILIES["counted_here"]
    said = refused("info", "runs/counts-vae")
    assert said.startswith("error: the model's likelihood is 'counted_here', which is none of bernoulli")
    assert "aevum --import FILE.py" in said


def test_a_module_is_named_as_python_would(own):
    assert type(estimator_of("deeper:Deep", {}, {})).__module__ == "deeper"
