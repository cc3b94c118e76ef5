"""Reading a model back. It lies among the recipes, so that whoever can call it knows them all."""

from __future__ import annotations

import reprlib
from pathlib import Path
from typing import Any

from aevum import storage
from aevum.errors import InputError, ModelFileError
from aevum.estimators import config
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.registry import ESTIMATORS


def load(
    path: str | Path,
    *,
    estimator: type[LatentVariableEstimator] | None = None,
    network: Any = None,
    device: str = "auto",
) -> LatentVariableEstimator:
    """Read a model directory, or the model of a run folder. No code in it is run: there is no pickle.

    Names, shapes, types and finiteness are checked against a bounded config before anything is allocated.

    Args:
        path: what :meth:`~aevum.VAE.save` or ``aevum train`` wrote.
        estimator: the class of the model, where it isn't registered (:func:`aevum.register`) in this process.
        network: for a model that was fitted with the user's own pair of modules: that pair again.
        device: where to put it.

    Raises:
        InputError: ``estimator`` is no class of an estimator, or not the one that was saved.
        ModelFileError: missing, damaged, foreign or newer than this version.

    Example:
        >>> import tempfile
        >>> from aevum import VAE, load
        >>> from aevum.data import open_data
        >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit(open_data("digits"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     again = load(vae.save(folder + "/model"))
        >>> bool((again.transform("digits") == vae.transform("digits")).all())
        True
    """
    where = storage.model_path(path)
    found = storage.read_config(where)
    kind = _kind(where, found.get("estimator"), estimator)
    found_estimator: LatentVariableEstimator = config.read(kind, where, found, network, device)
    return found_estimator


def _kind(where: Path, name: Any, given: type[LatentVariableEstimator] | None) -> type[LatentVariableEstimator]:
    """The class of that name: the one that was given, or the registered one."""
    if given is not None:
        if not (isinstance(given, type) and issubclass(given, LatentVariableEstimator)):
            raise InputError(f"estimator={reprlib.repr(given)} must be the class of a model, such as VAE")
        if given.__name__ != name:
            raise InputError(f"{where} holds a {reprlib.repr(name)}, and estimator={given.__name__} is another class")
        return given
    kind = ESTIMATORS.get(str(name))
    if kind is None:
        raise ModelFileError(
            f"{where} holds a {reprlib.repr(name)}; this aevum knows {', '.join(ESTIMATORS)}. A class of your own is "
            f"passed: load(path, estimator=…), or decorated by @aevum.register; on the command line: "
            f"aevum --import FILE.py COMMAND …"
        )
    return kind
