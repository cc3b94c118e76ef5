"""The data sets that have a name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from aevum.data.dataset import Dataset
from aevum.data.files import quoted
from aevum.data.mnist import open_mnist
from aevum.errors import InputError

_BUNDLED = "bundled with scikit-learn"


@dataclass(frozen=True)
class NamedSet:
    """What is known of a named data set without loading it; ``shape`` is that of one example."""

    name: str
    description: str
    rows: int
    shape: tuple[int, ...]
    source: str


def datasets() -> tuple[NamedSet, ...]:
    """The named data sets, none of them loaded.

    >>> [named.name for named in datasets()]
    ['digits', 'iris', 'wine', 'breast_cancer', 'diabetes', 'mnist']
    """
    return _NAMED_SETS


def open_named(name: str, *, data_dir: str | Path | None = None, split: str = "train") -> Dataset:
    """The data set called ``name``, one of :func:`datasets`.

    :raises InputError: a split that it doesn't have; for ``mnist``, see :func:`aevum.data.mnist.open_mnist`.
    """
    if name == "mnist":
        if split not in ("train", "test"):
            raise InputError(f'mnist has the splits "train" and "test", not {quoted(split)}')
        return open_mnist(split, data_dir)
    if split != "train":
        raise InputError(
            f"{name} has no split {quoted(split)}: it is one whole; leave the split out and divide it yourself"
        )
    return _LOADERS[name]()


def _digits() -> Dataset:
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return Dataset(
        bunch.images.astype(np.float32), bunch.target.astype(np.int64), name="digits", description=_about("digits")
    )


def _table(name: str) -> Dataset:
    import sklearn.datasets

    bunch: Any = getattr(sklearn.datasets, f"load_{name}")()
    names = bunch.get("target_names")
    y = np.asarray(bunch.target) if names is None else np.asarray(names)[bunch.target].astype(np.str_)
    features = tuple(str(feature) for feature in bunch.feature_names)
    return Dataset(np.asarray(bunch.data), y, name=name, description=_about(name), feature_names=features)


def _about(name: str) -> str:
    return next(named.description for named in _NAMED_SETS if named.name == name)


_NAMED_SETS = (
    NamedSet("digits", "handwritten digits, 8×8 pixels, values 0 to 16", 1797, (8, 8), _BUNDLED),
    NamedSet("iris", "four measurements of three species of iris", 150, (4,), _BUNDLED),
    NamedSet("wine", "thirteen chemical measurements of wines of three growers", 178, (13,), _BUNDLED),
    NamedSet("breast_cancer", "thirty measurements of cell nuclei, benign or malignant", 569, (30,), _BUNDLED),
    NamedSet("diabetes", "ten scaled measurements of patients; the label is the progress", 442, (10,), _BUNDLED),
    NamedSet(
        "mnist",
        "handwritten digits, 28×28 pixels; 10,000 more in the test split",
        60_000,
        (28, 28),
        "downloaded, 11 MB",
    ),
)
_LOADERS: dict[str, Callable[[], Dataset]] = {
    "digits": _digits,
    "iris": lambda: _table("iris"),
    "wine": lambda: _table("wine"),
    "breast_cancer": lambda: _table("breast_cancer"),
    "diabetes": lambda: _table("diabetes"),
}
