"""The user's own pair of modules, fitted to the shapes that the conditionals expect."""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from aevum.errors import InputError


def _call(module: nn.Module, value: Tensor, y: Tensor | None) -> Tensor:
    out: Tensor = module(value) if y is None else module(value, y)
    return out


class CustomEncoder(nn.Module):
    """The user's encoder ``x (N, *event)[, y (N, C)] → features (N, …)``, with a linear last layer to ``(N, P, D)``.

    The module is copied, so that fitting leaves the user's own untouched.
    """

    def __init__(
        self, module: nn.Module, inputs: Sequence[int], outputs: Sequence[int], *, parameters: int = 1, context: int = 0
    ) -> None:
        super().__init__()
        self.module = copy.deepcopy(module)
        self.outputs = (parameters, *outputs)
        features = math.prod(_dry_run(self.module, inputs, context, "encoder")[1:])
        self.last = nn.Linear(features, math.prod(self.outputs))

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        h = _call(self.module, x, y).flatten(1)
        out: Tensor = self.last(h)
        return out.reshape(-1, *self.outputs)


class CustomDecoder(nn.Module):
    """The user's decoder ``z (N, D)[, y (N, C)] → (N, …)`` with P numbers for each value of x."""

    def __init__(
        self, module: nn.Module, inputs: Sequence[int], outputs: Sequence[int], *, parameters: int = 1, context: int = 0
    ) -> None:
        super().__init__()
        self.module = copy.deepcopy(module)
        self.outputs = (parameters, *outputs)
        made = _dry_run(self.module, inputs, context, "decoder")
        if math.prod(made[1:]) != math.prod(self.outputs):
            raise InputError(
                f"your decoder makes {tuple(made[1:])}, {math.prod(made[1:])} numbers for one code; the likelihood "
                f"needs {parameters} × {tuple(outputs)} = {math.prod(self.outputs)}"
            )

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        lead = z.shape[:-1]
        if y is not None:
            y = y.expand(*lead, y.shape[-1]).reshape(-1, y.shape[-1])
        return _call(self.module, z.reshape(-1, z.shape[-1]), y).reshape(*lead, *self.outputs)


def _dry_run(module: nn.Module, inputs: Sequence[int], context: int, role: str) -> torch.Size:
    """The shape that the module makes of two examples; in evaluation mode, so that running statistics stay."""
    x, y = torch.zeros(2, *inputs), torch.zeros(2, context) if context else None
    training = module.training
    module.eval()
    try:
        with torch.no_grad():
            out = _call(module, x, y)
    except Exception as error:
        what = f"x {tuple(x.shape)}" + (f" and y {tuple(y.shape)}" if y is not None else "")
        raise InputError(f"your {role} failed on {what}: {type(error).__name__}: {error}") from error
    finally:
        module.train(training)
    if not isinstance(out, Tensor) or out.ndim < 2 or out.shape[0] != 2:
        raise InputError(f"your {role} must return a tensor of shape (N, …) for N examples")
    return out.shape
