"""What the training loop reads: rows by index, ready for the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.data.keyed import counted_seed
from aevum.data.large import LARGE, at_random, is_corpus, is_large, let_go
from aevum.data.sparse_rows import is_sparse_rows

Batch = tuple[Tensor, Tensor | None]
PAGE = 4096


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

    def order(self, *counters: int) -> Tensor:
        """The rows in an order that is a function of the counters, such as (seed, epoch), on the processor."""
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
        self._touched = 0

    def __len__(self) -> int:
        return len(self.array) if self.rows is None else len(self.rows)

    def take(self, indices: Tensor, generator: torch.Generator | None = None) -> Batch:
        places = indices if self.rows is None else self.rows[indices]
        x = self.encode(self.raw(indices, places))
        if self.draw is not None:
            x = self.draw(x, generator)
        return x, None if self.y is None else self.y[places]

    def raw(self, indices: Tensor, places: Tensor) -> Tensor:
        """Rows as they are, by their places among these rows and among all of x."""
        if self.x is not None:
            return self.x.index_select(0, places)  # five times as fast as indexing
        found = torch.from_numpy(native(self.array[places.cpu().numpy()])).to(self.device)
        # What was read of a mapped file counts as this process' memory, in whole pages.
        self._touched += len(places) * max(PAGE, self.array.nbytes // len(self.array)) if is_large(self.array) else 0
        if self._touched > LARGE:
            self._touched = let_go(self.array, 0)
        return found

    def order(self, *counters: int) -> Tensor:
        at_random(self.array)
        return order_of(len(self), *counters)

    def numbers(self, indices: Tensor) -> list[int]:
        found: list[int] = (indices if self.rows is None else self.rows[indices]).tolist()
        return found


def order_of(rows: int, *counters: int) -> Tensor:
    """Rows in a random order that is a function of the counters, on the processor."""
    return torch.randperm(rows, generator=torch.Generator().manual_seed(counted_seed(*counters)))


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
    if is_sparse_rows(x) or is_corpus(x):
        return False
    if isinstance(x, np.memmap):
        return x.nbytes <= LARGE
    if device.type == "cuda":
        return bool(x.nbytes <= torch.cuda.mem_get_info(device)[0] // 2)
    return True
