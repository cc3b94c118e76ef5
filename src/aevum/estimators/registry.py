"""The named models, and reading one back."""

from __future__ import annotations

import reprlib
from pathlib import Path
from typing import Any

from aevum import storage
from aevum.errors import ModelFileError
from aevum.estimators import config
from aevum.estimators.ae import AE
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.cvae import CVAE
from aevum.estimators.dae import DAE
from aevum.estimators.iwae import IWAE
from aevum.estimators.vae import VAE

# The one that ``save`` asks, too: what it doesn't hold can't be loaded again.
ESTIMATORS = config.KNOWN
ESTIMATORS.update({"AE": AE, "DAE": DAE, "VAE": VAE, "CVAE": CVAE, "IWAE": IWAE})


def load(path: str | Path, *, network: Any = None, device: str = "auto") -> LatentVariableEstimator:
    """Read a model directory, or the model of a run folder. No code in it is run: there is no pickle.

    Names, shapes, types and finiteness are checked against a bounded config before anything is allocated.

    Args:
        path: what :meth:`save` or ``aevum train`` wrote.
        network: for a model that was fitted with the user's own pair of modules: that pair again.
        device: where to put it.

    Raises:
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
    kind = ESTIMATORS.get(str(found.get("estimator")))
    if kind is None:
        known = ", ".join(ESTIMATORS)
        raise ModelFileError(f"{where} holds a {reprlib.repr(found.get('estimator'))}; this aevum knows {known}")
    found_estimator: LatentVariableEstimator = config.read(kind, where, found, network, device)
    return found_estimator
