"""Fits that leave checkpoints, and those that go on from them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from aevum import storage
from aevum.data.large import seen_rows
from aevum.data.sparse_rows import taken
from aevum.errors import InputError, ModelFileError
from aevum.estimators import resolving
from aevum.estimators.config import plain_parameters
from aevum.estimators.given import Given
from aevum.training import Checkpoints

# Rows that tell data from others; of files of any size they are read in a moment.
TELLING = 1000
# The seed stands by itself, what a device computes is told by the surroundings, and who looks on changes nothing.
APART = ("random_state", "device", "callbacks")


def checkpoints_of(checkpoints: Any, resume: Any) -> Checkpoints | None:
    """Where a fit's states go: ``checkpoints``, which may be a folder, or ``resume``, or both, where they agree.

    Raises:
        InputError: they don't, or are something else; or there is nothing to resume.
    """
    if resume is not None:
        if not isinstance(resume, (str, os.PathLike)):
            raise InputError(f"resume must be the folder of checkpoints, got {resume!r}")
        folder = Path(resume)
        if isinstance(checkpoints, Checkpoints):
            found = checkpoints
        else:
            found = Checkpoints(folder if checkpoints is None else checkpoints)
        if found.folder.absolute() != folder.absolute():
            raise InputError(f"resume={str(folder)!r} and checkpoints in {found.folder}: give one folder")
        if not storage.states(found.home):
            raise InputError(
                f"{folder} holds no checkpoints to go on from; a fit with checkpoints={str(folder)!r} leaves some"
            )
        return found
    if checkpoints is None or isinstance(checkpoints, Checkpoints):
        return checkpoints
    return Checkpoints(checkpoints)


def begin(checkpoints: Checkpoints, resuming: bool, estimator: Any, given: Given, validation: Given | None) -> int:
    """A fit of these rows begins or goes on; its seed, which is that of its beginning.

    Raises:
        InputError: there are states of another fit, or states that it is not to go on from.
    """
    seed = resolving.training_seed(estimator.random_state)
    if resuming and not isinstance(estimator.random_state, (int, np.integer)):
        seed = _recorded_seed(checkpoints, seed)
    identity = {
        "model": type(estimator).__name__,
        "seed": seed,
        "rows": [len(given.x), 0 if validation is None else len(validation.x)],
        "data": [digest_of(given), None if validation is None else digest_of(validation)],
        "arguments": {name: value for name, value in plain_parameters(estimator).items() if name not in APART},
    }
    checkpoints.begin(identity, resuming)
    return seed


def _recorded_seed(checkpoints: Checkpoints, new: int) -> int:
    for place in storage.states(checkpoints.home):
        try:
            identity: Mapping[str, Any] = storage.read_state(place)["identity"]
            return int(identity["seed"])
        except (ModelFileError, KeyError, TypeError, ValueError):
            continue
    return new


def digest_of(given: Given) -> str:
    """What tells rows, what they are conditioned on and their weights from others: a digest of a thousand of them."""
    few = seen_rows(given.x)
    every = len(given.x) if few is None else len(few)
    rows = np.unique(np.linspace(0, every - 1, min(TELLING, every)).astype(np.intp))
    rows = rows if few is None else few[rows]
    found = hashlib.sha256()
    for some in (taken(given.x, rows), _some(given.y, rows), None if given.weights is None else given.weights[rows]):
        if some is None:
            found.update(b"none")
            continue
        values = np.asarray(some)
        found.update(f"{values.dtype.str}{values.shape}".encode())
        plain = np.ascontiguousarray(values) if values.dtype != object else None
        found.update(repr(values.tolist()).encode() if plain is None else plain.tobytes())
    return found.hexdigest()


def _some(y: Any, rows: Any) -> Any:
    if y is None:
        return None
    if isinstance(y, (list, tuple)):
        return [y[row] for row in rows]
    return y.iloc[rows] if hasattr(y, "iloc") else y[rows]
