"""Labels as typed on the command line, and what a conditional model makes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.estimators import LatentVariableEstimator


def labels_of(estimator: LatentVariableEstimator, data: Dataset) -> Any:
    """The labels of ``data`` for a conditional model; None for the others.

    Raises:
        InputError: the model needs labels and the data have none.
    """
    if not estimator.conditional:
        return None
    if data.y is None and estimator.needs_y:
        raise InputError(f"this model is conditioned on labels, and {data.name} has none; name them with --labels")
    return data.y


def asked_labels(estimator: LatentVariableEstimator, texts: Sequence[str], rows: int) -> Any:
    """One label a row from ``--label``, which cycle; without any, all classes take turns.

    Raises:
        InputError: an unknown label, labels for a model that has none, or none for one that is conditioned on numbers.
    """
    import numpy as np

    name = type(estimator).__name__
    if not estimator.conditional:
        if texts:
            raise InputError(f"--label is for models that are conditioned on labels; this is a {name}")
        return None
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        if not texts:
            raise InputError("this model is conditioned on numbers, not on classes; say which, such as --label 0.5")
        vectors = np.array([_vector(text) for text in texts])
        return vectors[np.arange(rows) % len(vectors)]
    wanted = np.array([known(text, classes) for text in texts], dtype=classes.dtype) if texts else classes
    return wanted[np.arange(rows) % len(wanted)]


def known(text: str, classes: Any, whose: str = "this model") -> Any:
    """The class that the text means: as it is written, else as a number, else but for capitals.

    Raises:
        InputError: none, or several that differ by capitals only.

    >>> import numpy as np
    >>> known("7", np.array([5.0, 7.0])), known("Setosa", np.array(["setosa", "virginica"]))
    (7.0, 'setosa')
    """
    plain = classes.tolist()
    readings: tuple[Callable[[Any], Any], ...] = (str, _number, lambda value: str(value).casefold())
    for read in readings:
        meant = read(text.strip())
        found = [value for value in plain if meant is not None and read(value) == meant]
        if len(found) == 1:
            return found[0]
    shown = ", ".join(map(str, plain[:12])) + (", …" if len(plain) > 12 else "")
    numbers = _number(text) is not None and all(_number(value) is not None for value in plain)
    hint = "; to ask for any number, train with --condition vector" if numbers else ""
    raise InputError(f'there is no class "{text}"; {whose} knows {shown}{hint}')


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _vector(text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f'this model is conditioned on numbers, and "{text}" is none') from None
