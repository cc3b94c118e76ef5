"""What every distribution over images and rows shares: its shapes, and the sum over one event."""

from __future__ import annotations

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
