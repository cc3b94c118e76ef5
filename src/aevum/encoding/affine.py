"""One shift and one scale: of all values, or of each feature."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.encoding.base import Encoding
from aevum.encoding.constants import departed
from aevum.schema import choice, fields, several, whole


class Affine(Encoding):
    r"""scaled = (x − shift) / scale, with one number for all values or one for each feature.

    log p(x) = log p(scaled x) − Σ_d log scale_d: densities of the scaled data become densities in the data's units.

    A feature that never changes is no direction in which there is a density: whatever stands there, the model sees 0,
    and what comes back is the constant itself.

    Args:
        shift, scale: one number, or one for each feature.
        constant: which features never change, of the shape of ``shift``; None for none.

    Example:
        >>> by_column = Affine(torch.tensor([1.0, 0.0]), torch.tensor([2.0, 10.0]))
        >>> x = by_column(torch.tensor([[3.0, 5.0], [3.0, torch.nan]]))
        >>> x, by_column.log_abs_det(x)  # −log 2 − log 10, and −log 2 for the row that lacks the second
        (tensor([[1.0000, 0.5000],
                [1.0000,    nan]]), tensor([-2.9957, -0.6931], dtype=torch.float64))
    """

    shift: Tensor
    scale: Tensor
    constant: Tensor | None
    varies = False

    def __init__(self, shift: Tensor, scale: Tensor, constant: Tensor | None = None) -> None:
        super().__init__()
        self.constant = constant
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

    def log_derivative(self, x: Tensor) -> Tensor:
        return -self.scale.log()

    def located(self) -> NDArray[np.bool_] | None:
        """All that vary, where each column has a scale of its own."""
        if self.scale.ndim == 0:
            return None
        varies = np.ones(tuple(self.scale.shape), dtype=np.bool_)
        return varies if self.constant is None else varies & ~self.constant.cpu().numpy()

    def departures(self, rows: NDArray[Any]) -> NDArray[np.bool_] | None:
        if self.constant is None:
            return None
        return departed(rows, self.constant.cpu().numpy(), self.shift.double().cpu().numpy())

    def event(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """As it is."""
        return shape

    def to_config(self) -> dict[str, Any]:
        constant = None if self.constant is None else self.constant.nonzero().flatten().tolist()
        return {"shape": list(self.scale.shape), "constant": constant or []}

    @classmethod
    def from_config(cls, config: dict[str, Any], where: str, shape: tuple[int, ...]) -> Self:
        found = fields(shape=choice([[], list(shape)]), constant=several(whole(0, shape[0] - 1)))(config, where)
        if found["constant"] and len(found["shape"]) != 1:
            raise ValueError(f"{where}: constant columns of an example of shape {shape}")
        mask = torch.zeros(found["shape"], dtype=torch.bool, device="cpu") if found["constant"] else None
        if mask is not None:
            mask[list(found["constant"])] = True
        return cls(torch.zeros(found["shape"]), torch.ones(found["shape"]), mask)

    def check(self) -> None:
        if not bool((self.scale > 0).all()):
            raise ValueError("a scale is not positive")

    def _apply(self, fn, recurse=True):  # type: ignore[no-untyped-def]
        # Devices without float64 (Apple's) get float32 buffers instead of an error.
        probe = fn(torch.empty(0))
        if probe.device.type == "mps":
            self.shift, self.scale = self.shift.float(), self.scale.float()
        return super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
