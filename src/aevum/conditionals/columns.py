"""The likelihood of a table's rows: each column by its kind."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import torch
from torch import Tensor, nn

from aevum.conditionals.base import Conditional
from aevum.conditionals.column import Column
from aevum.conditionals.kinds import Block, blocks_of
from aevum.conditionals.missingness import SelfMasking
from aevum.conditionals.scale import Scale
from aevum.distributions import Columns, Group
from aevum.distributions.tilted import LogOdds


class ColumnsConditional(Conditional):
    r"""p(x|z,y) = Π_d p_d(x_d|z,y) over the columns, and over the cells that a row has.

    The network emits for each column what its kind needs: a location, two where counts have zeros of their own, K
    logits of K classes. What spreads a column (log σ² of a number on its own scale, the logarithm of a count's
    dispersion) is a component, one a column.

    Args:
        network: ``(…, D) → (…, P, W)``, P = 1 + ``scale.per_value``, W as
            :func:`~aevum.conditionals.kinds.emitted_width` says.
        scale: gives a number a column.
        columns: what they are.
        missingness: how the odds that a cell is missing depend on its value; None where they don't.

    Example:
        >>> from aevum.conditionals import LearnedScale
        >>> from aevum.networks import MLP
        >>> columns = [Column("categorical", shape=(0.0, 0.0, 0.0), levels=3), Column("gaussian")]
        >>> p = ColumnsConditional(MLP((2,), (4,)), LearnedScale((2,)), columns)(torch.zeros(5, 2))
        >>> p.log_prob(torch.tensor([[2.0, 0.1]] * 5)).shape, p.event_shape
        (torch.Size([5]), torch.Size([2]))
    """

    first: Tensor

    def __init__(
        self, network: nn.Module, scale: Scale, columns: Sequence[Column], missingness: SelfMasking | None = None
    ) -> None:
        super().__init__()
        self.network, self.scale, self.missingness = network, scale, missingness
        self.blocks = nn.ModuleList(blocks_of(columns))
        first = torch.zeros(len(columns), dtype=torch.int64, device="cpu")
        for block in self._blocks():
            if block.emitted.shape[1]:
                first[block.places] = block.emitted[:, 0]
        self.register_buffer("first", first, persistent=False)

    def _blocks(self) -> list[Block]:
        return [block for block in self.blocks if isinstance(block, Block)]

    def forward(self, *context: Tensor | None) -> Columns:
        outputs = self.network(*context).unbind(-2)
        emitted = outputs[0].float() if outputs[0].dtype in (torch.bfloat16, torch.float16) else outputs[0]
        log_scale = self.scale(outputs[1][..., self.first] if len(outputs) > 1 else None)
        groups = [
            Group(block.places, block.cells(emitted, log_scale), block.record.fill, self._log_odds(block))
            for block in self._blocks()
        ]
        return Columns(groups, emitted.shape[:-1])

    def _log_odds(self, block: Block) -> LogOdds | None:
        varies = self.missingness is not None and block.record.cells is not None
        return self.missingness.of(block) if varies and self.missingness is not None else None

    def prepare(self, x: Tensor, y: Tensor | None, rows: int) -> None:
        if self.missingness is not None:
            self.missingness.prepare(x)

    def ignoring(self) -> ColumnsConditional:
        """The same law of rows, with cells that lack for no reason of their own."""
        found = copy(self)
        found._modules = {**self._modules, "missingness": None}
        return found
