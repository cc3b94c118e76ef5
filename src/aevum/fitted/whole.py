"""Whole numbers from 0 to a highest one, as pixels and scales of marks are."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.encoding import Affine, chunks

Array = NDArray[Any]
Rows = NDArray[np.intp]
EIGHT_BIT = 255


def to_levels(x: Array, rows: Rows, top: float) -> Affine:
    """0..top to [−1, 1]."""
    return Affine(torch.tensor(top / 2.0), torch.tensor(top / 2.0))


def highest_level(x: Array) -> int:
    """255 where values are over half of it, as those of 8-bit pixels, or some are no levels at all; else the highest
    of them, at least 1.

    >>> highest_level(np.array([0, 16])), highest_level(np.array([3.0, 200.0]))
    (16, 255)
    """
    least, most = float(x.min()), float(x.max())
    levels = least >= 0.0 and most <= EIGHT_BIT / 2.0 and most == round(most)
    return max(1, int(most)) if levels else EIGHT_BIT


def not_whole(x: Array, top: float, binarize: str | None) -> str | None:
    """Levels have no fractions."""
    if x.dtype.kind != "f" or all(bool((part == np.round(part)).all()) for part in chunks(x)):
        return None
    return (
        f"likelihood 'discretized_logistic' is for whole numbers from 0 to {top:g} (8-bit pixels, levels of a scale); "
        f"these have fractions. "
        "Use likelihood='gaussian' or 'continuous_bernoulli'"
    )


def levels_in(top: int) -> str:
    """Which levels there are, and whence.

    >>> levels_in(16)
    '17 levels, from 0 to 16, which is the highest of the rows it was fitted on'
    """
    why = "as of 8-bit pixels" if top == EIGHT_BIT else "which is the highest of the rows it was fitted on"
    return f"{top + 1} levels, from 0 to {top}, {why}"
