"""What every distribution over images and rows shares: its shapes, and the sum over one event."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import torch
from torch import Size, Tensor


def split_shape(shape: Size, event_dim: int) -> tuple[Size, Size]:
    """``(*batch, *event)`` into its two parts."""
    cut = len(shape) - event_dim
    return Size(shape[:cut]), Size(shape[cut:])


def sum_event(values: Tensor, event_dim: int) -> Tensor:
    """Sum over the last ``event_dim`` dimensions: densities are one number an example."""
    return values.sum(dim=tuple(range(-event_dim, 0))) if event_dim else values


def at_least_float32(value: Tensor) -> Tensor:
    """Half-precision parameters are widened: a density summed over 784 pixels in bfloat16 keeps two digits."""
    return value.float() if value.dtype in (torch.bfloat16, torch.float16) else value


def broadcast(*shapes: Sequence[int]) -> Size:
    """The shape that these have together, by PyTorch's rule: of sizes that differ, one is 1.

    ``torch.broadcast_shapes`` imports SymPy when it is called first, half a second of every process that trains.

    >>> broadcast((5, 1), (3,), ())
    torch.Size([5, 3])
    """
    found = []
    for sizes in zip_longest(*(reversed(shape) for shape in shapes), fillvalue=1):
        together = 1
        for size in sizes:
            if size != 1:
                if together not in (1, size):
                    raise RuntimeError(
                        f"shapes that don't go together: {', '.join(str(tuple(each)) for each in shapes)}"
                    )
                together = size
        found.append(together)
    return Size(reversed(found))
