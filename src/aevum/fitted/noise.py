"""Draws that are a function of the row they belong to; see :mod:`aevum.data.keyed`."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.data.keyed import keyed_uniforms, row_keys
from aevum.distributions import of_rows


class KeyedNoise:
    """Standard normal draws that are a function of each row's key: one pool of uniforms, turned by each row's shift.

    Args:
        keys: of the rows, ``(N,)``.
        shape: of one row's draw, by :func:`aevum.distributions.noise_shape`.
        seed, device: of the pool.
    """

    def __init__(self, keys: NDArray[np.uint64], shape: Sequence[int], seed: int, device: torch.device) -> None:
        self.shape = tuple(shape)
        self.shift = torch.from_numpy(keyed_uniforms(keys, math.prod(shape))).to(torch.float32).to(device)
        self.seed, self.device = seed, device

    def __call__(self, start: int, stop: int) -> Tensor:
        """The draws of this range, ``(stop − start, N, *shape)``."""
        return self._turned(pool(self.seed, start, stop, self.shift.shape[1]).to(self.device)[:, None, :])

    def at(self, indices: Tensor) -> Tensor:
        """Each row's draws of its own indices, ``(M, N)`` → ``(M, N, *shape)``."""
        numbers, places = torch.unique(indices, return_inverse=True)
        found = uniforms(self.seed, numbers.cpu().numpy().astype(np.uint64), self.shift.shape[1])
        return self._turned(found.to(self.device)[places])

    def _turned(self, pool: Tensor) -> Tensor:
        uniform = (pool + self.shift).frac_()
        # The end points would be ±∞; half the spacing of float32 below one keeps |ε| under 5.5. PyTorch's erfinv is
        # six times as fast as its ndtri.
        uniform = uniform.clamp_(2.0**-25, 1.0 - 2.0**-24).mul_(2.0).sub_(1.0)
        noise: Tensor = uniform.erfinv_().mul_(math.sqrt(2.0))
        return noise.view(*noise.shape[:2], *self.shape)


def uniforms(seed: int, numbers: NDArray[np.uint64], width: int) -> Tensor:
    """The pool's rows of these numbers, ``(K, W)``; they are counted, so chunks of any size read the same ones."""
    return torch.from_numpy(keyed_uniforms(numbers + np.uint64(seed) * np.uint64(2**32), width)).float()


@functools.lru_cache(maxsize=8)
def pool(seed: int, start: int, stop: int, width: int) -> Tensor:
    """A range of the pool: the same for every row, so it is made once for them all."""
    return uniforms(seed, np.arange(start, stop, dtype=np.uint64), width)


def binarized(grey: NDArray[np.float32], seed: int) -> NDArray[np.float32]:
    """Binary images drawn from grey levels in [0, 1], a function of (seed, image)."""
    flat = grey.reshape(len(grey), -1)
    drawn = keyed_uniforms(row_keys(flat, seed + 1), flat.shape[1]) < flat
    return drawn.astype(np.float32).reshape(grey.shape)


def binarizer(binarize: str | None) -> Callable[[Tensor, torch.Generator | None], Tensor] | None:
    """The fresh draw of each training batch under ``binarize="dynamic"``."""
    return _bits if binarize == "dynamic" else None


def _bits(grey: Tensor, generator: torch.Generator | None) -> Tensor:
    uniform = of_rows(lambda shape: torch.rand(shape, device=grey.device, generator=generator), grey.shape, 0)
    return (uniform < grey).to(grey.dtype)
