"""A parameter is declared once: the constructor, its documentation and its check say what is declared."""

import doctest
import inspect
import pickle
import re

import numpy as np
import pytest
from sklearn.base import clone

from aevum import AE, VAE, InputError
from aevum.domains import Anything, Finite, OneOf, Whole
from aevum.estimators import LatentVariableEstimator, WeightedRate, parameter
from aevum.estimators.declaring import declared
from aevum.recipes import ESTIMATORS

PARAMETERS = [
    pytest.param(kind, each, id=f"{name}-{each.name}") for name, kind in ESTIMATORS.items() for each in declared(kind)
]
# Whether it can use the others the part that they are for says.
CHECKED = [case for case in PARAMETERS if not isinstance(case.values[1].domain, Anything)]
SHARED = [each.name for each in declared(LatentVariableEstimator)]


class Deep(WeightedRate, LatentVariableEstimator):
    """A recipe of somebody's own.

    Example:
        >>> 1 + 1
        2
    """

    depth: int = parameter(default=3, text="how deep it is.", domain=Whole(1, 9))
    plain: float = 0.5

    def _compose(self, parts, encoding):
        return VAE._compose(self, parts, encoding)


MODELS = [*ESTIMATORS.values(), Deep]


@pytest.mark.parametrize("kind", MODELS)
def test_the_signature_is_the_declaration(kind):
    found = inspect.signature(kind).parameters
    assert list(found) == [each.name for each in declared(kind)]
    assert all(found[each.name].default is each.default for each in declared(kind))
    kinds = {name: each.kind for name, each in found.items()}
    assert kinds.pop("latent_dim") is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert set(kinds.values()) == {inspect.Parameter.KEYWORD_ONLY}
    assert list(found)[: len(SHARED)] == SHARED


@pytest.mark.parametrize("kind", MODELS)
def test_the_constructor_only_stores(kind):
    given = {each.name: [each.name] for each in declared(kind)}
    made = kind(**given)
    assert vars(made) == given and all(vars(made)[name] is value for name, value in given.items())
    assert all(made.get_params(deep=False)[name] is value for name, value in given.items())
    with pytest.raises(TypeError, match="depht"):
        kind(depht=1)


@pytest.mark.parametrize("kind", MODELS)
def test_scikit_learn_and_pickle_see_every_parameter(kind):
    other = kind(3, epochs=2, random_state=0)
    for again in (clone(other), pickle.loads(pickle.dumps(other)), kind().set_params(**other.get_params())):
        assert again.get_params() == other.get_params() and repr(again) == repr(other)
    assert repr(other) == f"{kind.__name__}(epochs=2, latent_dim=3, random_state=0)"


@pytest.mark.parametrize(("kind", "each"), PARAMETERS)
def test_a_declaration(kind, each):
    assert each.domain.holds(each.default)
    assert each.text.endswith(".") and "\n" not in each.text and not re.search(r"``|:\w+:`", each.text)
    if isinstance(each.domain, OneOf):
        assert all(f'"{name}"' in each.text for name in each.domain.names)


@pytest.mark.parametrize(("kind", "each"), CHECKED)
def test_what_is_not_as_declared_is_refused_before_the_fit(kind, each):
    name = each.name
    model = kind(**{name: {"no": "value"}})
    with pytest.raises(InputError) as error:
        model.fit(np.zeros((4, 3)), np.arange(4) % 2)
    assert str(error.value) == f"{kind.__name__}({name}={{'no': 'value'}}): {name} must be {each.domain.words}"


@pytest.mark.parametrize("kind", MODELS)
def test_the_documentation_names_every_parameter_once(kind):
    text = inspect.getdoc(kind)
    before, _, rest = text.partition("\n\nArgs:\n")
    listed, _, example = rest.partition("\n\nExample:\n")
    assert re.findall(r"^    (\w+): ", listed, re.M) == [each.name for each in declared(kind)]
    flat = " ".join(listed.split())
    assert all(f"{each.name}: {each.text}" in flat for each in declared(kind))
    assert max(map(len, text.splitlines())) <= 120
    examples = [
        [(each.source, each.want) for each in doctest.DocTestParser().get_examples(of)] for of in (example, text)
    ]
    assert before and examples[0] == examples[1] != []


def test_a_recipe_of_ones_own_adds_to_what_is_shared():
    assert [each.name for each in declared(Deep)] == [*SHARED, "beta", "depth", "plain"]
    assert "how deep it is." in Deep.__doc__ and Deep.__doc__.rstrip().endswith("2")
    with pytest.raises(InputError, match=r"Deep\(depth=10\): depth must be a whole number from 1 to 9"):
        Deep(depth=10).fit(np.zeros((4, 3)))


def test_a_subclass_declares_a_parameter_anew():
    class Strong(VAE):
        beta: float = parameter(default=4.0, text="more of it.", domain=Finite(least=1))

    assert Strong().beta == 4.0 and VAE().beta == 1.0
    assert "more of it." in Strong.__doc__ and "weight of the rate." not in Strong.__doc__


def test_an_own_constructor_is_kept():
    class Small(AE):
        """A small one."""

        def __init__(self, *, epochs=1):
            super().__init__(2, epochs=epochs)

    assert list(inspect.signature(Small).parameters) == ["epochs"]
    assert Small(epochs=5).get_params() == {"epochs": 5} and Small().latent_dim == 2
    assert Small.__doc__ == "A small one."


def test_an_own_constructor_is_inherited():
    class Small(AE):
        def __init__(self, *, epochs=1):
            super().__init__(2, epochs=epochs)

    class Smaller(Small):
        """The same, with another way to say so."""

    class Deeper(Small):
        """With a parameter more."""

        depth: int = parameter(default=3)

    assert Smaller(epochs=5).get_params() == {"epochs": 5} and Smaller().latent_dim == 2
    assert list(inspect.signature(Deeper).parameters) == [*SHARED, "depth"]


def test_a_parameter_has_no_methods_name():
    with pytest.raises(TypeError, match="Mine.transform can't be a parameter"):

        class Mine(AE):
            transform: str = "spline"


def test_a_parameter_needs_a_default():
    with pytest.raises(TypeError, match="Mine.depth is annotated, and so a parameter: give it a default"):

        class Mine(AE):
            depth: int
