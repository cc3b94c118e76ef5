"""Methods whose functions live in rooms above the estimators."""

from __future__ import annotations

import importlib
from types import MethodType
from typing import Any


class Lifted:
    """A method ``estimator.name(…)`` that is the function ``name(estimator, …)`` of a room above.

    Users look for it on the model, but its room stands on the estimators: so the class says where it is, and it is
    loaded when it is first asked for, as the package's own names are.
    """

    def __init__(self, room: str) -> None:
        self.room = room

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name = name

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        function = getattr(importlib.import_module(f"aevum.{self.room}"), self.name)
        return function if instance is None else MethodType(function, instance)
