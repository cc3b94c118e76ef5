"""aevum: auto-encoders and variational auto-encoders with scikit-learn's face, correct to the last nat.

Names load on first use: ``import aevum`` imports neither torch nor scikit-learn.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from aevum.version import VERSION

if TYPE_CHECKING:
    from aevum.data import Dataset, datasets, open_data
    from aevum.errors import (
        AevumError,
        CollapseWarning,
        DataWarning,
        EstimateWarning,
        InputError,
        ModelFileError,
        TrainingError,
    )
    from aevum.fitted import register_likelihood
    from aevum.recipes import AE, CVAE, DAE, IWAE, VAE, FlowVAE, MixtureVAE, VampVAE, load, register
    from aevum.runs.writing import write_run

__version__ = VERSION

_HOME = {
    "AE": "recipes",
    "AevumError": "errors",
    "CVAE": "recipes",
    "CollapseWarning": "errors",
    "DAE": "recipes",
    "DataWarning": "errors",
    "Dataset": "data",
    "EstimateWarning": "errors",
    "FlowVAE": "recipes",
    "IWAE": "recipes",
    "InputError": "errors",
    "MixtureVAE": "recipes",
    "ModelFileError": "errors",
    "TrainingError": "errors",
    "VAE": "recipes",
    "VampVAE": "recipes",
    "datasets": "data",
    "load": "recipes",
    "open_data": "data",
    "register": "recipes",
    "register_likelihood": "fitted",
    "write_run": "runs.writing",
}

__all__ = [
    "AE",
    "CVAE",
    "DAE",
    "IWAE",
    "VAE",
    "AevumError",
    "CollapseWarning",
    "DataWarning",
    "Dataset",
    "EstimateWarning",
    "FlowVAE",
    "InputError",
    "MixtureVAE",
    "ModelFileError",
    "TrainingError",
    "VampVAE",
    "datasets",
    "load",
    "open_data",
    "register",
    "register_likelihood",
    "write_run",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'aevum' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"aevum.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
