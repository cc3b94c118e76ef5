"""Fully connected networks, plain or residual."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn


class MLP(nn.Module):
    r"""A fully connected network from ``(…, *inputs)`` and an optional context ``(…, C)`` to ``(…, P, *outputs)``.

    :math:`h_1 = a(W_1 x + U y + b_1)`, :math:`h_{l+1} = a(W h_l + b)`, and a linear last layer. With ``residual`` a
    layer between equal widths is a block :math:`h + W_2\,a(W_1\,\mathrm{norm}(h))` instead.

    Args:
        inputs: event shape of the first argument.
        outputs: event shape of the result.
        parameters: P, how many numbers each output value has (2 for a mean and a log-variance).
        hidden: widths of the hidden layers; empty for a linear map.
        context: C, width of the second argument, 0 for none.
        residual: use residual blocks between equal widths.

    Example:
        >>> import torch
        >>> MLP((8, 8), (2,), parameters=2, hidden=(16,), context=3)(torch.zeros(5, 8, 8), torch.zeros(5, 3)).shape
        torch.Size([5, 2, 2])
    """

    def __init__(
        self,
        inputs: Sequence[int],
        outputs: Sequence[int],
        *,
        parameters: int = 1,
        hidden: Sequence[int] = (),
        context: int = 0,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.inputs, self.outputs = tuple(inputs), (parameters, *outputs)
        widths = (math.prod(inputs), *hidden)
        last = parameters * math.prod(outputs)
        self.first = nn.Linear(widths[0], widths[1] if hidden else last)
        self.context = nn.Linear(context, self.first.out_features, bias=False) if context else None
        self.blocks = nn.ModuleList(
            ResidualBlock(a) if residual and a == b else nn.Sequential(nn.Linear(a, b), nn.SiLU())
            for a, b in pairwise(widths[1:])
        )
        self.last = nn.Linear(widths[-1], last) if hidden else None

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        lead = x.shape[: x.ndim - len(self.inputs)]
        h = self.first(x.reshape(*lead, -1))
        if self.context is not None:
            if y is None:
                raise TypeError("this network was built with a context y, and none was given")
            h = h + self.context(y)  # (K, N, H) + (N, H): one context serves all K draws
        if self.last is not None:
            h = nn.functional.silu(h)
            for block in self.blocks:
                h = block(h)
            h = self.last(h)
        out: Tensor = h.reshape(*h.shape[:-1], *self.outputs)
        return out


class ResidualBlock(nn.Module):
    """h + W₂ silu(W₁ norm(h)): the identity at the start, so depth costs no trainability."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.inner = nn.Linear(width, width)
        self.outer = nn.Linear(width, width)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)

    def forward(self, h: Tensor) -> Tensor:
        out: Tensor = h + self.outer(torch.nn.functional.silu(self.inner(self.norm(h))))
        return out
