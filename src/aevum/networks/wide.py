"""A linear map beside a deep network: what is linear needs no depth, and has a closed form to start from."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from aevum.networks.mlp import MLP

# In deviations of x, or of z: so far out there are no rows to learn from.
REACH = 3.0


class Wide(nn.Module):
    r"""linear(x, y) + deep(3 tanh(x / 3), y), both from ``(…, *inputs)`` and a context ``(…, C)`` to
    ``(…, P, *outputs)``.

    The deep path sees no further than the rows do, so that beyond them the whole is linear: a row far out costs as
    many nats as by a linear model, where a deep network might say anything. What is emitted of a spread sees no further
    at all. :meth:`begin` sets the linear path, and
    silences the deep one until it has learned to add to it.

    Source: *Wide & deep learning for recommender systems*, H.-T. Cheng et al., DLRS 2016.

    Args:
        inputs, outputs, parameters, hidden, context: as for :class:`~aevum.networks.mlp.MLP`.

    Example:
        >>> network = Wide((4,), (2,), hidden=(16,))
        >>> network.begin(torch.ones(2, 4), torch.zeros(2))
        >>> network(torch.ones(3, 4)).tolist()
        [[[4.0, 4.0]], [[4.0, 4.0]], [[4.0, 4.0]]]
    """

    def __init__(
        self,
        inputs: Sequence[int],
        outputs: Sequence[int],
        *,
        parameters: int = 1,
        hidden: Sequence[int] = (),
        context: int = 0,
    ) -> None:
        super().__init__()
        self.inputs, self.outputs = tuple(inputs), (parameters, *outputs)
        self.deep = MLP(inputs, outputs, parameters=parameters, hidden=hidden, context=context)
        self.linear = nn.Linear(math.prod(inputs), math.prod(self.outputs))
        self.context = nn.Linear(context, self.linear.out_features, bias=False) if context else None

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        flat = x.reshape(*x.shape[: x.ndim - len(self.inputs)], -1)
        near = squashed(flat)
        count = self.linear.out_features // self.outputs[0]
        # The first number of a value is where it lies; the others, its spread, would be 0 or infinite far out.
        parts = (slice(None, count), slice(count, None)) if self.outputs[0] > 1 else (slice(None),)
        found = [
            functional.linear(seen, self.linear.weight[part], self.linear.bias[part])
            for seen, part in zip((flat, near), parts, strict=False)
        ]
        h = torch.cat(found, dim=-1)
        if self.context is not None:
            h = h + self.context(y)
        deep: Tensor = self.deep(near.reshape(x.shape), y)
        return h.reshape(*h.shape[:-1], *self.outputs) + deep

    @torch.no_grad()
    def begin(self, weight: Tensor, bias: Tensor, slopes: Tensor | None = None) -> None:
        """Be this linear map, and nothing else.

        Args:
            weight: of the flattened x, ``(P · outputs, inputs)``; beyond the first parameter, of the squashed x.
            bias: ``(P · outputs,)``.
            slopes: of the context, ``(P · outputs, C)``; None for none.
        """
        self.linear.weight.copy_(weight)
        self.linear.bias.copy_(bias)
        if self.context is not None:
            self.context.weight.zero_() if slopes is None else self.context.weight.copy_(slopes)
        last = self.deep.first if self.deep.last is None else self.deep.last
        last.weight.zero_()
        last.bias.zero_()
        if self.deep.last is None and self.deep.context is not None:
            self.deep.context.weight.zero_()


def squashed(x: Tensor) -> Tensor:
    """3 tanh(x / 3): x where the rows are, and never further out.

    >>> squashed(torch.tensor([0.1, 1.0, 100.0]))
    tensor([0.1000, 0.9645, 3.0000])
    """
    return REACH * torch.tanh(x / REACH)
