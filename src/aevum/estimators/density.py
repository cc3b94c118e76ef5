"""Methods that only a model with a density has."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any


class needs_density:  # noqa: N801 - a decorator
    """A method that is absent, with the reason, from estimators whose model has none.

    scikit-learn's ``available_if`` does the same, but keeps the reason from the reader.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method
        update_wrapper(self, method)  # type: ignore[arg-type]

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        if owner.has_density:
            return self.method if instance is None else self.method.__get__(instance, owner)
        raise AttributeError(
            f"{owner.__name__} has no {self.method.__name__}: an auto-encoder has no density: {why_none(owner)}. "
            f"Fit a VAE for log p(x), or use reconstruction_error"
        )


def why_none(kind: Any) -> str:
    """Why a model's data have no density."""
    if kind.can_sample:
        return "its codes follow a prior, but the posterior of each is no density"
    return "nothing says how its codes are distributed"
