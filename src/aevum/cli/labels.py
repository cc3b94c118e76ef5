"""Labels as typed on the command line, and what a conditional model makes of them."""

from __future__ import annotations

import shlex
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
    columns = getattr(estimator.context_, "parts", None)
    if columns is not None:
        return _asked_columns(estimator.context_, texts, rows)
    classes = getattr(estimator, "classes_", None)
    if classes is None:
        if not texts:
            raise InputError("this model is conditioned on numbers, not on classes; say which, such as --label 0.5")
        vectors = np.array([_vector(text) for text in texts])
        return vectors[np.arange(rows) % len(vectors)]
    wanted = np.array([known(text, classes) for text in texts], dtype=classes.dtype) if texts else classes
    return wanted[np.arange(rows) % len(wanted)]


def _asked_columns(context: Any, texts: Sequence[str], rows: int) -> Any:
    """A value of each column a row, from texts such as "kind=a,angle=30", which cycle."""
    import numpy as np

    from aevum.data.labels import one_array

    names = list(context.names)
    example = "--label " + ",".join(f"{name}=…" for name in names)
    if not texts:
        raise InputError(f"this model is conditioned on {len(names)} columns; say what of each, such as {example}")
    found: list[list[Any]] = []
    for text in texts:
        parts = [part.partition("=") for part in text.split(",")]
        said = {name.strip(): value.strip() for name, _, value in parts}
        if sorted(name.strip() for name, _, _ in parts) != sorted(names):
            raise InputError(f'"{text}" doesn\'t say one value of each of {", ".join(names)}; write {example}')
        found.append([
            _vector(said[name])[0] if part is None else known(said[name], part.classes)
            for name, part in zip(names, context.parts, strict=True)
        ])  # fmt: skip
    labels = one_array({name: np.array(values) for name, values in zip(names, zip(*found, strict=True), strict=True)})
    return labels[np.arange(rows) % len(labels)]


def asking(estimator: LatentVariableEstimator, data: Dataset) -> str:
    """``--label`` with what the first row with a label has, to be copied; nothing where it asks for nothing."""
    import numpy as np

    from aevum.data.missing import lacking

    if not estimator.conditional or data.y is None:
        return ""
    fields = data.y.dtype.names
    known = ~lacking(data.y) if fields is None else ~np.any([lacking(data.y[name]) for name in fields], axis=0)
    y = data.y[known]
    if not len(y):
        return ""
    said = ",".join(f"{name}={y[name][0]}" for name in fields) if fields else str(y[0])
    return f" --label {shlex.quote(said)}"


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
