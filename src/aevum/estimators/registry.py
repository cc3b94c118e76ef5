"""The named models: what ``load``, the command line and the messages know them by."""

from __future__ import annotations

import inspect
import sys
from typing import TypeVar

from aevum.errors import InputError
from aevum.estimators import config
from aevum.estimators.base import LatentVariableEstimator
from aevum.fitted.families import FAMILIES

# The one that ``save`` asks, too: what it doesn't hold can't be loaded again.
ESTIMATORS = config.KNOWN
Kind = TypeVar("Kind", bound=type[LatentVariableEstimator])


def register(kind: Kind) -> Kind:
    """Make an estimator's class known by its name: a decorator of the class.

    Models of a registered class are saved and loaded, and ``aevum train --model`` finds it. The same class again, as
    when a notebook's cell is run twice, takes the place of the former.

    Raises:
        InputError: it is no estimator that can be fitted, or another class has its name, in upper or lower case.

    Example:
        >>> from aevum import VAE, register
        >>> register(VAE) is VAE
        True
    """
    if not (isinstance(kind, type) and issubclass(kind, LatentVariableEstimator)) or inspect.isabstract(kind):
        raise InputError(f"{kind!r} is no class of a model: derive it from LatentVariableEstimator, with its _compose")
    for name, known in ESTIMATORS.items():
        if name.lower() == kind.__name__.lower() and _place(known) != _place(kind):
            raise InputError(f"{name} is the name of {_place(known)}; give {_place(kind)} another one")
    ESTIMATORS[kind.__name__] = kind
    return kind


def models_with_density() -> str:
    """The registered models that have a density, for a message: "VAE, CVAE or IWAE"."""
    *others, last = (name for name, kind in ESTIMATORS.items() if kind.has_density)
    return f"{', '.join(others)} or {last}"


def own_files(estimator: LatentVariableEstimator) -> list[str]:
    """The files of the user's own that make a fitted estimator known to ``load``: of its class, then of what it was
    told besides, a likelihood and its encoding.
    """
    parts = (type(estimator), FAMILIES[estimator.likelihood_.family].build, type(estimator.encoding_))
    return list(dict.fromkeys(file for part in parts if (file := file_of(part)) is not None))


def file_of(part: object) -> str | None:
    """The file of a class or function of the user's own, or its module in a package, as ``aevum --import`` takes it.

    None for one of this package; "FILE.py" for one that was typed into a notebook.
    """
    package, dot, rest = getattr(part, "__module__", type(part).__module__).partition(".")
    if package == __name__.partition(".")[0]:
        return None
    return f"{package}.{rest}" if dot else getattr(sys.modules.get(package), "__file__", None) or "FILE.py"


def _place(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"
