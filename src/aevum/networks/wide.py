"""A linear map beside a deep network: what is linear needs no depth, and has a closed form to start from."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from aevum.networks.mlp import MLP

# In deviations of x, or of z: so far out there are no rows to learn from.
REACH = 3.0


class Wide(nn.Module):
    r"""linear(x, y) + deep(3 tanh(x / 3), y), both from ``(…, *inputs)`` and a context ``(…, C)`` to
    ``(…, P, *outputs)``.

    The deep path sees no further than the rows do, so that beyond them the whole is linear: a row far out costs as
    many nats as by a linear model, where a deep network might say anything. :meth:`begin` sets the linear path, and
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
        self.deep = MLP(inputs, outputs, parameters=parameters, hidden=hidden, context=context)
        self.linear = MLP(inputs, outputs, parameters=parameters, context=context)

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        out: Tensor = self.linear(x, y) + self.deep(REACH * torch.tanh(x / REACH), y)
        return out

    @torch.no_grad()
    def begin(self, weight: Tensor, bias: Tensor, slopes: Tensor | None = None) -> None:
        """Be this linear map, and nothing else.

        Args:
            weight: of the flattened x, ``(P · outputs, inputs)``.
            bias: ``(P · outputs,)``.
            slopes: of the context, ``(P · outputs, C)``; None for none.
        """
        self.linear.first.weight.copy_(weight)
        self.linear.first.bias.copy_(bias)
        if self.linear.context is not None:
            self.linear.context.weight.zero_() if slopes is None else self.linear.context.weight.copy_(slopes)
        last = self.deep.first if self.deep.last is None else self.deep.last
        last.weight.zero_()
        last.bias.zero_()
        if self.deep.last is None and self.deep.context is not None:
            self.deep.context.weight.zero_()
