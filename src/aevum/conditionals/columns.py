"""The likelihood of a table's rows: each column by its kind."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

import torch
from torch import Tensor, nn

from aevum.conditionals.base import Conditional
from aevum.conditionals.blocks import Block, blocks_of
from aevum.conditionals.column import Column
from aevum.conditionals.kind import log_mean
from aevum.conditionals.missingness import SelfMasking
from aevum.conditionals.scale import Scale
from aevum.distributions import Columns, Group, Sized
from aevum.distributions.tilted import LogOdds


class ColumnsConditional(Conditional):
    r"""p(x|z,y) = Π_d p_d(x_d|z,y) over the columns, and over the cells that a row has.

    The network emits for each column what its kind needs: a location, two where counts have zeros of their own, K
    logits of K classes. What spreads a column (log σ² of a number on its own scale, the logarithm of a count's
    dispersion) is a component, one a column.

    Args:
        network: ``(…, D) → (…, P, W)``, P = 1 + ``scale.per_value``, W as
            :func:`~aevum.conditionals.blocks.emitted_width` says.
        scale: gives a number a column.
        columns: what they are.
        sizes: of training rows, ascending, where all columns are counts of one kind and each row has a size: means are
            then shares of it (:class:`~aevum.distributions.Sized`).
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
    sizes: Tensor | None

    def __init__(
        self,
        network: nn.Module,
        scale: Scale,
        columns: Sequence[Column],
        sizes: Sequence[float] = (),
        missingness: SelfMasking | None = None,
    ) -> None:
        super().__init__()
        self.network, self.scale, self.missingness = network, scale, missingness
        self.blocks = nn.ModuleList(blocks_of(columns))
        first = torch.zeros(len(columns), dtype=torch.int64, device="cpu")
        for block in self._blocks():
            if block.emitted.shape[1]:
                first[block.places] = block.emitted[:, 0]
        self.register_buffer("first", first, persistent=False)
        self.register_buffer("sizes", torch.tensor(sizes, device="cpu") if sizes else None, persistent=False)
        self.free = nn.Parameter(torch.zeros(len(columns))) if any(b.record.free for b in self._blocks()) else None

    def _blocks(self) -> list[Block]:
        return [block for block in self.blocks if isinstance(block, Block)]

    def forward(self, *context: Tensor | None) -> Columns:
        outputs = self.network(*context).unbind(-2)
        emitted = outputs[0].float() if outputs[0].dtype in (torch.bfloat16, torch.float16) else outputs[0]
        log_scale = self.scale(outputs[1][..., self.first] if len(outputs) > 1 else None)
        if self.sizes is not None:
            return self._sized(emitted, log_scale, self.sizes)
        groups = [
            Group(block.places, block.cells(emitted, log_scale, self.free), block.record.fill, self._log_odds(block))
            for block in self._blocks()
        ]
        return Columns(groups, emitted.shape[:-1])

    def _log_odds(self, block: Block) -> LogOdds | None:
        if self.missingness is None or block.record.cells is None:
            return None
        return self.missingness.of(block)

    def prepare(self, x: Tensor, y: Tensor | None, rows: int) -> None:
        if self.missingness is not None:
            self.missingness.prepare(x)

    def ignoring(self) -> ColumnsConditional:
        """The same law of rows, with cells that lack for no reason of their own."""
        found = copy(self)
        found._modules = {**self._modules, "missingness": None}
        return found

    @torch.no_grad()
    def told(self) -> dict[int, str]:
        """What each column learned that is the same for all codes: "α = 0.4" of a count, "ν = 3" of Student's t."""
        found: dict[int, str] = {}
        log_scale = None if self.scale.per_value else self.scale(None)
        for block in self._blocks():
            tell = block.record.told
            if tell is None or (log_scale is None and not block.record.free):  # of a code, and no column's own
                continue
            scale, free = (
                torch.zeros(len(block.places)) if each is None else each.expand(len(self.first))[block.places]
                for each in (log_scale, self.free)
            )
            words = (f"{block.record.symbol} = {value:.3g}" for value in tell(scale, free).tolist())
            found |= dict(zip(block.places.tolist(), words, strict=True))
        return found

    def _sized(self, emitted: Tensor, log_scale: Tensor, sizes: Tensor) -> Sized:
        """The counts as shares of a row's size."""
        (block,) = self._blocks()
        given, scale = block.numbers(emitted, log_scale)
        log_shares, law = log_mean(given, block).log_softmax(dim=-1), block.record.counted
        assert law is not None

        def at(log_size: Tensor) -> list[Group]:
            return [Group(block.places, law(log_shares + log_size.unsqueeze(-1), scale, given))]

        return Sized(at, log_shares, block.places, sizes)
