"""Methods that only a model with a density, or a prior, has."""

from __future__ import annotations

from collections.abc import Callable
from functools import update_wrapper
from typing import Any


class Needs:
    """A method that is absent, with the reason, from estimators whose class can't have it.

    scikit-learn's ``available_if`` does the same, but keeps the reason from the reader.
    """

    def __init__(self, method: Callable[..., Any]) -> None:
        self.method = method
        update_wrapper(self, method)  # type: ignore[arg-type]

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        lacks = self.lacks(owner)
        if lacks is None:
            return self.method if instance is None else self.method.__get__(instance, owner)
        raise AttributeError(f"{owner.__name__} has no {self.method.__name__}: {lacks}")

    def lacks(self, kind: Any) -> str | None:
        """What an estimator's class lacks for it, and what would do; None for nothing."""
        raise NotImplementedError


class needs_density(Needs):  # noqa: N801 - a decorator
    """log p(x) can be estimated."""

    def lacks(self, kind: Any) -> str | None:
        if kind.has_density:
            return None
        return f"{why_none(kind)}. Fit a VAE for log p(x), or use reconstruction_error"


class needs_prior(Needs):  # noqa: N801 - a decorator
    """Codes have a prior."""

    def lacks(self, kind: Any) -> str | None:
        return None if kind.can_sample else "an auto-encoder has no prior; law_of_codes is that of its training codes"


def why_none(kind: Any) -> str:
    """Why a model's data have no density."""
    if kind.can_sample:
        return "it has no density: its codes follow a prior, but the posterior of each is none"
    return "an auto-encoder has no density: nothing says how its codes are distributed"
