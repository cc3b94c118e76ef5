"""The models on the command line: the options that their recipes declare, and classes of the user's own."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import shlex
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import click

from aevum.cli.completing import Words
from aevum.cli.options import Command
from aevum.domains import AnyOf, Domain, from_plain
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

# Read as a file, since the recipes' own modules load PyTorch.
DECLARED = Path(__file__).parents[1] / "recipes" / "declarations.json"


@cache
def declarations() -> Any:
    """What the recipes declare: see :mod:`aevum.recipes.declarations`."""
    return json.loads(DECLARED.read_text(encoding="utf-8"))


class Declared(click.ParamType):  # type: ignore[type-arg]
    """A value that a parameter's domain reads."""

    def __init__(self, domain: Domain) -> None:
        self.domain, self.name = domain, domain.metavar

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return self.domain.read(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(f"{param.name if param else 'it'} {error}", param, ctx)


def model_options(command: Command) -> Command:
    """``--model``, an option for each parameter that the recipes declare, and ``--set`` for any."""
    *others, last = declarations()["models"]
    options = [
        click.option(
            "--model",
            type=Words(lambda: declarations()["models"]),
            default="vae",
            metavar="MODEL",
            help=f"{', '.join(others)} or {last}; or your own: FILE.py:CLASS.  [default: vae]",
        ),
        *(_option(name, declared) for name, declared in declarations()["parameters"].items()),
        click.option(
            "--set",
            "settings",
            multiple=True,
            metavar="NAME=VALUE",
            callback=_settings,
            help="Any parameter of the model, your own model's too; again for several.",
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _option(name: str, declared: list[dict[str, Any]]) -> Any:
    domains = tuple(from_plain(each["domain"]) for each in declared)
    domain = domains[0] if len(set(domains)) == 1 else AnyOf(domains)
    text = " ".join(map(_help, declared))
    return click.option(f"--{name.replace('_', '-')}", name, type=Declared(domain), metavar=domain.metavar, help=text)


def _help(declared: Mapping[str, Any]) -> str:
    """A line of documentation as the help shows it: of which models, and with the default."""
    text = declared["text"].rstrip(".")
    text = (text[:1].upper() + text[1:]).replace('"', "")  # a name at the beginning stays as it is typed
    models = "" if declared["models"] == declarations()["models"] else f" ({', '.join(declared['models'])})"
    default = "" if declared["default"] is None else f"  [default: {declared['default']}]"
    return f"{text}{models}.{default}"


def _settings(_: click.Context, __: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for text in given:
        name, mark, value = text.partition("=")
        if not mark or not name or name in found:
            raise click.BadParameter(f"{text!r} {'gives it twice' if name in found else 'must be NAME=VALUE'}")
        found[name] = value
    return found


def estimator_of(model: str, options: Mapping[str, Any], settings: Mapping[str, str]) -> LatentVariableEstimator:
    """The estimator of that name with the options and settings that were given.

    Raises:
        InputError: there is no such model, it has no such parameter, or a setting is no value of it.
    """
    kind = _kind(model)
    given = {option: value for option, value in options.items() if value is not None}
    if odd := [name for name in given if name not in _parameters(kind)]:
        raise InputError(f"{_flag(odd[0])} doesn't go with --model {model}{_fitting(odd[0])}")
    for name, text in settings.items():
        if name in given:
            raise InputError(f"--set {name} and {_flag(name)} are one parameter: give one of them")
        if name not in _parameters(kind):
            known = ", ".join(_parameters(kind))
            raise InputError(f"--set {name}: {kind.__name__} has no such parameter; it has {known}")
        try:
            given[name] = _parameters(kind)[name].read(text)
        except ValueError as error:
            raise InputError(f"--set {name}={text}: {name} {error}") from error
    return kind(**given)


def _parameters(kind: type[LatentVariableEstimator]) -> dict[str, Domain]:
    """The parameters that a class takes, and what each may be."""
    from aevum.domains import Anything
    from aevum.estimators.declaring import declared

    domains = {each.name: each.domain for each in declared(kind)}
    return {name: domains.get(name, Anything()) for name in inspect.signature(kind).parameters}


def _fitting(option: str) -> str:
    from aevum.recipes import ESTIMATORS

    fitting = [name.lower() for name, kind in ESTIMATORS.items() if option in _parameters(kind)]
    return f"; it is for {' and '.join(fitting)}" if fitting else ""


def _flag(name: str) -> str:
    return "--seed" if name == "random_state" else f"--{name.replace('_', '-')}"


def _kind(model: str) -> type[LatentVariableEstimator]:
    from aevum.recipes import ESTIMATORS, register

    where, mark, name = model.rpartition(":")
    if not mark:
        known = {name.lower(): kind for name, kind in ESTIMATORS.items()}
        if model.lower() not in known:
            raise InputError(f"--model {model} is not one of {', '.join(known)}, and your own is FILE.py:CLASS")
        return known[model.lower()]
    kind = getattr(imported(where), name, None)
    if not isinstance(kind, type):
        raise InputError(f"--model {model}: {where} has no class {name!r}")
    return register(kind)


def imported(where: str) -> ModuleType:
    """The user's own module of that name, or in that file. Its code is run: she named it.

    Raises:
        InputError: there is none, or its code fails.
    """
    file = Path(where).expanduser().absolute() if where.endswith(".py") else None
    if file is not None and not file.is_file():
        raise InputError(f"{where} doesn't exist")
    folder = str(Path.cwd() if file is None else file.parent)
    if folder not in sys.path:
        sys.path.append(folder)  # at the end, so that a file beside it takes no library's place
    try:
        found = importlib.import_module(where if file is None else file.stem)
    except Exception as error:  # whatever the user's own code does
        raise InputError(f"{where} can't be imported: {type(error).__name__}: {error}") from error
    if file is not None and Path(found.__file__ or "").resolve() != file.resolve():
        raise InputError(f"{where} has the name of another module, {found.__file__ or 'of Python itself'}; rename it")
    return found


def command_of(estimator: LatentVariableEstimator) -> str:
    """``aevum``, with what it needs to know parts of the user's own."""
    from aevum.estimators.registry import own_files

    files = (os.path.relpath(file) if Path(file).is_absolute() else file for file in own_files(estimator))
    return " ".join(["aevum", *(f"--import {shlex.quote(file)}" for file in files)])
