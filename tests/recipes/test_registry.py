"""Classes by name: registered, saved, loaded; and what is refused."""

import json
import sys

import numpy as np
import pytest

from aevum import AE, VAE, InputError, ModelFileError, load, register
from aevum.domains import Domain
from aevum.estimators import LatentVariableEstimator, parameter
from aevum.estimators.registry import file_of
from aevum.recipes import ESTIMATORS

X = np.random.default_rng(0).normal(size=(60, 4))
TINY = {"latent_dim": 2, "hidden": 8, "epochs": 1, "random_state": 0}
pytestmark = [
    pytest.mark.usefixtures("own_registry"),
    pytest.mark.filterwarnings("ignore::aevum.errors.CollapseWarning"),
]


def own(name="Mine", base=VAE):
    return type(name, (base,), {"__module__": __name__, "__qualname__": name})


def test_a_registered_class_is_saved_and_loaded(tmp_path):
    kind = register(own())
    model = kind(**TINY).fit(X)
    again = load(model.save(tmp_path / "m"))
    assert type(again) is kind and ESTIMATORS["Mine"] is kind
    np.testing.assert_array_equal(again.score_samples(X, k=3), model.score_samples(X, k=3))


def test_a_class_is_passed_where_it_is_not_registered(tmp_path):
    kind = register(own())
    path = kind(**TINY).fit(X).save(tmp_path / "m")
    del ESTIMATORS["Mine"]
    with pytest.raises(
        ModelFileError, match="holds a 'Mine'; this aevum knows AE, .*estimator=….*@aevum.reg.*--import"
    ):
        load(path)
    again = load(path, estimator=kind)
    assert type(again) is kind
    with pytest.raises(InputError, match="load knows no class Mine.*@aevum.register"):
        again.save(tmp_path / "again")
    assert not (tmp_path / "again").exists()


class Scales(Domain):
    """Anything, a list as well."""

    words, lists = "anything", True

    def holds(self, value):
        return True


def with_scales():
    class Mine(VAE):
        scales: object = parameter(default=None, domain=Scales())
        plain: object = None

    Mine.__qualname__ = "Mine"
    return register(Mine)


@pytest.mark.parametrize("value", [(1, 2.5), [], ["a", None], np.float64(0.5), True, "text", None, 10**30])
def test_a_parameter_of_ones_own_is_saved(value, tmp_path):
    model = with_scales()(**TINY, scales=value).fit(X)
    again = load(model.save(tmp_path / "m")).scales
    assert again == (tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize("value", [{"a": 1}, object(), [[1]], [np.nan], np.inf, np.zeros(2), len])
@pytest.mark.parametrize("name", ["scales", "plain"])
def test_a_parameter_that_would_be_lost_is_refused(name, value, tmp_path):
    model = with_scales()(**TINY, **{name: value}).fit(X)
    with pytest.raises(InputError, match=f"could not be loaded again, so it is not saved: {name}=.* is no finite"):
        model.save(tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_list_is_saved_where_a_domain_says_so(tmp_path):
    with pytest.raises(InputError, match="not saved: plain=.* nor a list that it may be"):
        with_scales()(**TINY, plain=[1]).fit(X).save(tmp_path / "m")


@pytest.mark.parametrize("given", ["VAE", 3, object, VAE(), AE, LatentVariableEstimator])
def test_another_class_is_refused(given, tmp_path):
    path = VAE(**TINY).fit(X).save(tmp_path / "m")
    with pytest.raises(InputError, match="must be the class of a model|is another class"):
        load(path, estimator=given)
    assert type(load(path, estimator=VAE)) is VAE


def test_the_same_cell_may_be_run_twice():
    first, second = register(own()), register(own())
    assert ESTIMATORS["Mine"] is second is not first


def test_a_name_belongs_to_one_class():
    before = dict(ESTIMATORS)
    for name in ("VAE", "Vae"):
        with pytest.raises(InputError, match=rf"VAE is the name of aevum.recipes.vae.VAE; give .*{name} another one"):
            register(own(name, AE))
    assert before == ESTIMATORS


@pytest.mark.parametrize("thing", [3, "VAE", object, LatentVariableEstimator, VAE()])
def test_only_a_model_that_can_be_fitted_is_registered(thing):
    with pytest.raises(InputError, match="is no class of a model"):
        register(thing)


def test_every_recipe_has_a_title():
    assert all(kind.title for kind in ESTIMATORS.values())


def test_the_file_of_a_class_of_ones_own():
    assert file_of(VAE) is None
    assert file_of(own()) == __name__
    typed = type("Mine", (VAE,), {"__module__": "nowhere"})
    assert file_of(typed) == "FILE.py"
    assert file_of(type("Mine", (VAE,), {"__module__": "json"})) == json.__file__


def test_importing_a_name_registers_all():
    assert sys.modules["aevum.recipes"] and list(ESTIMATORS)[:5] == ["AE", "DAE", "VAE", "CVAE", "IWAE"]
