"""Arrays on their way in and out of an estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.estimators.inputs import opened

Array = NDArray[Any]


class EncodedContext(np.ndarray):
    """A context that is encoded already."""


def is_learned(name: str) -> bool:
    """Whether an attribute is a fit's doing, by scikit-learn's trailing underscore."""
    return name.endswith("_") and not name.startswith("_")


def as_given(value: Any) -> Any:
    """Tensors as arrays; anything else as it is."""
    return opened(value, None)[0] if isinstance(value, torch.Tensor) else value


def to_numpy(value: Tensor, dtype: Any = None) -> Array:
    """A tensor as an array on the processor."""
    array: Array = value.detach().cpu().numpy()
    return array if dtype is None else array.astype(dtype, copy=False)
