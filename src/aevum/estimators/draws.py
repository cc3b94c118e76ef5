"""Draws that are a function of the row they belong to; see :mod:`aevum.data.keyed`."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.data.keyed import keyed_uniforms, row_keys


class KeyedNoise:
    """Standard normal draws that are a function of each row's key;."""

    def __init__(self, keys: NDArray[np.uint64], width: int, seed: int, device: torch.device) -> None:
        self.shift = torch.from_numpy(keyed_uniforms(keys, width)).to(torch.float32).to(device)
        self.seed, self.device = seed, device

    def __call__(self, start: int, stop: int) -> Tensor:
        # One pool of numbers for all rows; its rows are counted, so chunks of any size read the same ones.
        pool = keyed_uniforms(
            np.arange(start, stop, dtype=np.uint64) + np.uint64(self.seed) * np.uint64(2**32), self.shift.shape[1]
        )
        uniform = (torch.from_numpy(pool).float().to(self.device)[:, None, :] + self.shift).remainder_(1.0)
        # The end points would be ±∞; half the spacing of float32 below one keeps |ε| under 5.5.
        noise: Tensor = torch.special.ndtri(uniform.clamp_(2.0**-25, 1.0 - 2.0**-24))
        return noise


def binarized(grey: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Binary images drawn from grey levels in [0, 1], a function of (seed, image)."""
    flat = grey.reshape(len(grey), -1)
    drawn = keyed_uniforms(row_keys(flat, seed + 1), flat.shape[1]) < flat
    return drawn.astype(np.float32).reshape(grey.shape)
