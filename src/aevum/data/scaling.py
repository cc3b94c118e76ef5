"""The scale on which a model sees the data, and back."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class Scaling(nn.Module):
    r"""scaled = (x − shift) / scale, with one number for all values or one for each feature.

    log p(x) = log p(scaled x) − Σ_d log scale_d: densities of the scaled data become densities in the data's units.

    A feature that never changes is no direction in which there is a density: whatever stands there, the model sees 0,
    and what comes back is the constant itself.

    Args:
        shift, scale: one number, or one for each feature.
        constant: which features never change, of the shape of ``shift``; None for none.

    Example:
        >>> s = Scaling(torch.tensor(1.0), torch.tensor(2.0))
        >>> s(torch.tensor([[3.0, 5.0]])), round(s.log_abs_det((2,)), 4)
        (tensor([[1., 2.]]), -1.3863)
    """

    shift: Tensor
    scale: Tensor
    constant: Tensor | None

    def __init__(self, shift: Tensor, scale: Tensor, constant: Tensor | None = None) -> None:
        super().__init__()
        self.register_buffer("constant", constant, persistent=False)
        # float64, because the data may be times in seconds or money in cents: the shift is taken before rounding.
        self.register_buffer("shift", shift.double())
        self.register_buffer("scale", scale.double())

    def forward(self, x: Tensor) -> Tensor:
        """Raw rows of any number type to float32 on the model's scale."""
        wide = x.dtype in (torch.float64, torch.int32, torch.int64)
        dtype = self.shift.dtype if wide else torch.float32
        # Type promotion widens 8-bit rows within the subtraction: two passes over the batch in all.
        scaled = torch.sub(x, self.shift.to(dtype)).div_(self.scale.to(dtype)).float()
        return scaled if self.constant is None else scaled.masked_fill(self.constant, 0.0)

    def inverse(self, x: Tensor) -> Tensor:
        """Values on the model's scale to the data's units, in float64 (float32 where a device has no float64)."""
        found = self.spread(x).add_(self.shift)
        return found if self.constant is None else torch.where(self.constant, self.shift, found)

    def spread(self, x: Tensor) -> Tensor:
        """Deviations on the model's scale in the data's units; 0 for what never changes."""
        found = x.to(self.scale.dtype) * self.scale
        return found if self.constant is None else found.masked_fill(self.constant, 0.0)

    def log_abs_det(self, event: tuple[int, ...]) -> float:
        """Σ log |d scaled / dx| over one example of this event shape."""
        values = math.prod(event)
        return -float(self.scale.log().sum()) * (values // self.scale.numel())

    def _apply(self, fn, recurse=True):  # type: ignore[no-untyped-def]
        # Devices without float64 (Apple's) get float32 buffers instead of an error.
        probe = fn(torch.empty(0))
        if probe.device.type == "mps":
            self.shift, self.scale = self.shift.float(), self.scale.float()
        return super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
