"""What keeps the house in order: which way imports point, what `import aevum` costs, sizes, and public names."""

import ast
import functools
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import aevum
from aevum.estimators.declaring import declared
from aevum.recipes import ESTIMATORS

ROOT = Path(__file__).resolve().parents[1]
SOURCES = sorted((ROOT / "src" / "aevum").rglob("*.py"))
LONGEST, LONGEST_OF_A_MODEL = 400, 300
MODELS = ("aevum/fitted/", "aevum/estimators/", "aevum/recipes/")
PUBLIC = [
    "AE",
    "CVAE",
    "DAE",
    "IWAE",
    "VAE",
    "AevumError",
    "CollapseWarning",
    "DataWarning",
    "Dataset",
    "EstimateWarning",
    "FlowVAE",
    "InputError",
    "MixtureVAE",
    "ModelFileError",
    "TrainingError",
    "VampVAE",
    "datasets",
    "load",
    "open_data",
    "register",
    "register_likelihood",
    "write_run",
]


@functools.cache
def tree_of(path):
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def words_in(path):
    """:func:`words_of` a file."""
    return words_of(tree_of(path))


def name_of(path):
    return path.relative_to(ROOT / "src").as_posix()


def python(code):
    """The output of a fresh interpreter that can import this source tree."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_imports_point_down_only():
    pytest.importorskip("importlinter", reason="import-linter is not installed")
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_import_aevum_loads_no_library():
    heavy = "torch sklearn numpy scipy pandas pyarrow matplotlib PIL safetensors click rich"
    code = f"import sys, aevum; print(*[name for name in {heavy.split()!r} if name in sys.modules])"
    assert python(code) == []


def test_names_and_their_list_load_no_library():
    code = "import sys, aevum; dir(aevum), aevum.__all__, aevum.__version__; print('torch' in sys.modules)"
    assert python(code) == ["False"]


@functools.cache
def loaded_on_the_way():
    """What a fresh interpreter has loaded after one name after the other, and after a fit."""
    code = (
        "import json, sys; found = {}\n"
        "def look(when, *names): found[when] = [name for name in names if name in sys.modules]\n"
        "from aevum import InputError; look('InputError', 'torch', 'numpy')\n"
        "from aevum import open_data; look('open_data', 'torch', 'matplotlib')\n"
        "from aevum import VAE; look('VAE', 'matplotlib', 'click')\n"
        "import numpy as np\n"
        "x = np.random.default_rng(0).normal(size=(40, 3)); x[:, 2] = np.arange(40) % 3\n"
        "fitted = VAE(1, epochs=2, random_state=0).fit(x); fitted.sample(3); fitted.score_samples(x)\n"
        "look('fit', 'torch', 'torch._dynamo', 'sympy', 'matplotlib', 'torch._inductor')\n"
        "print(json.dumps(found))"
    )
    return json.loads(" ".join(python(code)))


@pytest.mark.parametrize("name", ["InputError", "open_data", "VAE"])
def test_a_name_loads_only_what_it_needs(name):
    assert loaded_on_the_way()[name] == []


def test_a_training_loads_no_compiler():
    """PyTorch's compiler and SymPy are two seconds of every process that loads them, and of no use to it."""
    assert loaded_on_the_way()["fit"] == ["torch"]


def test_a_run_that_is_not_there_is_said_before_pytorch_is_loaded():
    code = (
        "import sys; from aevum.cli.opening import load_run; from contextlib import suppress\n"
        "with suppress(Exception): load_run('nowhere')\n"
        "print('torch' in sys.modules, 'sklearn' in sys.modules)"
    )
    assert python(code) == ["False", "False"]


@pytest.mark.slow
def test_what_only_says_how_a_run_is_draws_nothing(tmp_path):
    """The terminal's words need neither figures nor what measures a model: both take longer to load than to say."""
    aevum.AE(2, hidden=4, epochs=1, random_state=0).fit(aevum.open_data("iris")).save(tmp_path / "model")
    sigma = {"kind": "shared", "low": 1.0, "high": 1.0, "low_of": None, "high_of": None}
    (tmp_path / "metrics.json").write_text(json.dumps({"sigma": sigma}))
    code = (
        "import sys; from aevum.cli import aevum\n"
        f"aevum(['info', {str(tmp_path)!r}], standalone_mode=False)\n"
        "print(*['loaded:' + name for name in ('matplotlib', 'jinja2', 'scipy.stats') if name in sys.modules])"
    )
    said = python(code)
    assert "spread" in said and not [word for word in said if word.startswith("loaded:")]


def test_public_names():
    assert aevum.__all__ == PUBLIC
    assert set(PUBLIC) <= set(dir(aevum))


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_has_a_docstring(name):
    value = getattr(aevum, name)
    assert (value.__doc__ or "").strip()
    assert getattr(aevum, name) is value


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'aevum' has no attribute 'GAN'"):
        _ = aevum.GAN


def test_the_version_is_the_distributions():
    assert re.search(rf'^version = "{re.escape(aevum.__version__)}"$', (ROOT / "pyproject.toml").read_text(), re.M)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_file(path):
    text = path.read_text(encoding="utf-8")
    longest = LONGEST_OF_A_MODEL if name_of(path).startswith(MODELS) else LONGEST
    assert len(text.splitlines()) <= longest, "too long for one idea"
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text), "unfinished"
    tree = ast.parse(text)
    if text.strip():
        assert ast.get_docstring(tree), "no docstring says what it is for"
    if name_of(path) != "aevum/__init__.py" and not name_of(path).startswith("aevum/cli"):
        assert not local_imports(tree), "aevum imported inside of a function"
    assert not imports_of(tree) & {"pickle", "dill", "joblib", "cloudpickle"}, "reading a pickle runs its code"


def local_imports(tree):
    """Imports of the package's own modules inside of functions."""
    functions = [
        node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    ]
    return {name for function in functions for name in imports_of(function) if name == "aevum"}


def imports_of(tree):
    """The top-level names of the packages that are imported anywhere in a tree; a relative import is aevum's."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("aevum" if node.level else (node.module or "").partition(".")[0])
    return found


def test_the_search_for_local_imports_finds_them():
    assert local_imports(ast.parse("def f():\n    from aevum.data import x")) == {"aevum"}
    assert local_imports(ast.parse("def f():\n    from . import x")) == {"aevum"}
    assert local_imports(ast.parse("from aevum import x\ndef f():\n    import numpy")) == set()


# The lists of public names; detectors of outliers are VAEs and DAEs, as a composition of them says; and protocols are
# experiments, of a model each.
MAY_NAME = {"aevum/__init__.py", "aevum/recipes/__init__.py"}
COMPOSED_OF = {"VAE": {"aevum/evaluation/trimmed.py"}, "DAE": {"aevum/evaluation/outliers.py"}}


@pytest.mark.parametrize("name", ESTIMATORS)
def test_a_models_name_stands_in_its_recipe_and_in_prose_alone(name):
    named = [path for path in SOURCES if name in path.read_text(encoding="utf-8")]  # few trees have to be walked
    found = {name_of(path) for path in named if name in words_in(path) and path.parent.name != "protocols"}
    assert found - COMPOSED_OF.get(name, set()) == {*MAY_NAME, f"aevum/recipes/{name.lower()}.py"}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_asks_whether_an_estimator_has_a_parameter(path):
    parameters = {each.name for kind in ESTIMATORS.values() for each in declared(kind)}
    assert not asked_attributes(tree_of(path)) & parameters


def words_of(tree):
    """The names and whole texts that stand in a tree's code."""
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    found |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    found |= {node.name for node in ast.walk(tree) if isinstance(node, (ast.ClassDef, ast.alias))}
    return found | {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def asked_attributes(tree):
    """What ``hasattr`` and ``getattr`` ask for by a name that is written there."""
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and len(node.args) > 1]
    asks = [node for node in calls if getattr(node.func, "id", "") in ("hasattr", "getattr")]
    return {node.args[1].value for node in asks if isinstance(node.args[1], ast.Constant)}


def test_the_search_for_names_finds_them():
    tree = ast.parse('if hasattr(e, "k") and model == "CVAE":\n    x = aevum.IWAE(getattr(e, "beta", 1))')
    assert asked_attributes(tree) == {"k", "beta"} and {"CVAE", "IWAE"} <= words_of(tree)
