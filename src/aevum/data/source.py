"""What the training loop reads: rows by index, ready for the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.data.sparse_rows import is_sparse_rows

Batch = tuple[Tensor, Tensor | None]


class Source(Protocol):
    """Anything with a length and ``take(indices) → (x, y)``."""

    # How much each row counts, (N,), 1 in the mean; None where all count alike.
    weights: Tensor | None

    def __len__(self) -> int: ...

    def take(self, indices: Tensor, generator: torch.Generator | None = None) -> Batch:
        """The rows at these indices, on the model's scale and its device: x ``(B, *event)``, y ``(B, C)`` or None.

        What is drawn of a row (its bits) comes from ``generator``.
        """
        ...

    def numbers(self, indices: Tensor) -> list[int]:
        """What these rows are called in the data that they are of."""
        ...


class ArraySource:
    """Rows of one array, kept in their own number type until the batch.

    In memory they are one tensor on the device, sliced by an index tensor; an array that does not fit there (or a
    mapped file of over 256 MiB) is read row by row where it lies.

    Args:
        x: ``(N, *event)``.
        y: ``(N, C)`` float32 or None.
        rows: the indices of x that belong to this source (a split), or None for all.
        encode: raw rows to the model's scale.
        device: where the model is.
        draw: applied to each encoded batch and the generator, such as a fresh binarization; or None.
        weights: how much each row of x counts ``(N,)``, whatever their mean; or None.
    """

    def __init__(
        self,
        x: NDArray[np.generic],
        y: NDArray[np.float32] | None,
        rows: NDArray[np.intp] | None,
        encode: Callable[[Tensor], Tensor],
        device: torch.device,
        draw: Callable[[Tensor, torch.Generator | None], Tensor] | None = None,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        self.rows = None if rows is None else torch.from_numpy(np.ascontiguousarray(rows, dtype=np.int64)).to(device)
        self.weights = None
        if weights is not None and len(weights := weights if rows is None else weights[rows]):
            self.weights = torch.from_numpy((weights / weights.mean()).astype(np.float32)).to(device)
        self.array = x
        self.encode, self.device, self.draw = encode, device, draw
        self.x = torch.from_numpy(native(x)).to(device) if fits(x, device) else None
        self.y = None if y is None else torch.from_numpy(y).to(device)

    def __len__(self) -> int:
        return len(self.array) if self.rows is None else len(self.rows)

    def take(self, indices: Tensor, generator: torch.Generator | None = None) -> Batch:
        if self.rows is not None:
            indices = self.rows[indices]
        if self.x is not None:
            raw = self.x.index_select(0, indices)  # five times as fast as indexing
        else:
            raw = torch.from_numpy(native(self.array[indices.cpu().numpy()])).to(self.device)
        x = self.encode(raw)
        if self.draw is not None:
            x = self.draw(x, generator)
        return x, None if self.y is None else self.y[indices]

    def numbers(self, indices: Tensor) -> list[int]:
        found: list[int] = (indices if self.rows is None else self.rows[indices]).tolist()
        return found


def native(x: NDArray[np.generic]) -> NDArray[np.generic]:
    """The array in a number type that torch has, in this machine's byte order, writable (torch insists)."""
    if x.dtype == np.float16 or (x.dtype.kind in "iu" and x.dtype.itemsize == 2):
        return x.astype(np.float32)
    if x.dtype.kind == "u" and x.dtype.itemsize > 2:
        return x.astype(np.float64)
    if x.dtype.kind == "b":
        return x.view(np.uint8) if x.flags.writeable else x.astype(np.uint8)
    return np.require(x, dtype=x.dtype.newbyteorder("="), requirements=["C", "W"])


def fits(x: NDArray[np.generic], device: torch.device) -> bool:
    """Whether the rows are to live on the device: no sparse ones, no mapped file over 256 MiB, nor what passes half of
    its free memory.
    """
    if is_sparse_rows(x):
        return False
    if isinstance(x, np.memmap):
        return x.nbytes <= 2**28
    if device.type == "cuda":
        return bool(x.nbytes <= torch.cuda.mem_get_info(device)[0] // 2)
    return True
