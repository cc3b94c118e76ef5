"""Methods whose functions live in rooms above the estimators."""

from __future__ import annotations

import functools
import importlib
import inspect
import re
from collections.abc import Callable
from types import MethodType
from typing import Any

ESTIMATOR = re.compile(r"^( *)estimator: a fitted one\.\n", re.MULTILINE)


class Lifted:
    """A method ``estimator.name(…)`` that is the function ``name(estimator, …)`` of a room above.

    Users look for it on the model, but its room stands on the estimators: so the class says where it is, and it is
    loaded when it is first asked for, as the package's own names are.
    """

    def __init__(self, room: str) -> None:
        self.room = room

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name, self.qualified = name, f"{owner.__qualname__}.{name}"

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        method = as_method(getattr(importlib.import_module(f"aevum.{self.room}"), self.name), self.qualified)
        return method if instance is None else MethodType(method, instance)


@functools.cache
def as_method(function: Callable[..., Any], qualified: str) -> Callable[..., Any]:
    """A function of an estimator as ``help`` and editors should see it in the class: bound to ``self``."""

    @functools.wraps(function)
    def method(self: Any, *args: Any, **keywords: Any) -> Any:
        return function(self, *args, **keywords)

    first, *others = inspect.signature(function).parameters.values()
    bound = [inspect.Parameter("self", first.kind), *others]
    method.__signature__ = inspect.signature(function).replace(parameters=bound)  # type: ignore[attr-defined]
    method.__qualname__ = qualified
    method.__doc__ = ESTIMATOR.sub("", function.__doc__ or "")
    del method.__wrapped__  # else the function's own signature would be shown
    return method
