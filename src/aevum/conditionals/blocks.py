"""The columns of one kind side by side: what a decoder's outputs are for them, and what an encoder sees of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import torch
from torch import Tensor

from aevum.conditionals.column import Column, Numbers
from aevum.conditionals.kind import Kind
from aevum.conditionals.kinds import KINDS
from aevum.distributions import Cells

# Beyond e⁸ deviations of the training rows a column's spread says nothing more.
MOST_LOG_VARIANCE = 16.0


class Block(Numbers):
    """The columns of one kind: what a decoder's outputs are for them, and what an encoder sees of them."""

    def __init__(self, kind: str, columns: Sequence[Column], places: Sequence[int]) -> None:
        widths = [KINDS[column.kind].emitted(column) for column in columns]
        starts = [0, *accumulate(widths)][:-1]
        super().__init__(columns, places, starts, widths)
        self.kind = kind
        found = {} if self.record.worked_out is None else self.record.worked_out(self)
        for name, value in found.items():
            self.register_buffer(name, value, persistent=False)

    @property
    def record(self) -> Kind:
        """What the kind is."""
        return KINDS[self.kind]

    def cells(self, emitted: Tensor, log_scale: Tensor, free: Tensor | None = None) -> Cells | None:
        """The cells at a decoder's outputs ``(*batch, W)``, log-scales ``(…, D)`` and what all columns learn besides,
        ``(D,)``; None where nothing varies.
        """
        if self.record.cells is None:
            return None
        given, log_scale = self.numbers(emitted, log_scale)
        if self.record.free and free is not None:
            own = free[self.places].unsqueeze(-1)
            given = torch.cat([given, own.expand(*given.shape[:-1], 1)], dim=-1)
        return self.record.cells(given, log_scale, self)

    def numbers(self, emitted: Tensor, log_scale: Tensor) -> tuple[Tensor, Tensor]:
        """Of these the block's own outputs, ``(*batch, k, P)``, and log-scales, ``(…, k)``."""
        own = log_scale[..., self.places] if log_scale.ndim else log_scale
        return emitted[..., self.emitted], own.clamp_max(MOST_LOG_VARIANCE)

    def seen(self, x: Tensor) -> Tensor:
        """What an encoder sees of encoded rows ``(…, D)``, 0 where a value is missing, ``(…, w)``."""
        return self.seen_of(x.index_select(-1, self.places))

    def seen_of(self, values: Tensor) -> Tensor:
        """The same of these columns' own values ``(…, k)``."""
        found = self.record.seen(values, self)
        return torch.where(found.isnan(), 0.0, found)

    def linear(self, x: Tensor) -> Tensor:
        """What an encoder sees of encoded rows, NaN where a value is missing, ``(…, w)``."""
        given = x.index_select(-1, self.places)
        found = self.record.seen(given, self)
        missing = given.isnan().repeat_interleave(self.widths, dim=-1)
        return found.masked_fill(missing, torch.nan)

    @property
    def widths(self) -> Tensor:
        """How many numbers an encoder sees of each column, ``(k,)``."""
        one_each = self.record.cells is not None and not self.record.aligned
        return torch.ones_like(self.places) if one_each else self.real.sum(dim=1)

    @property
    def last(self) -> Tensor:
        """Which of the numbers that an encoder sees is the last of each column, ``(k,)``."""
        return self.widths.cumsum(0) - 1

    @property
    def coarse(self) -> Tensor:
        """Which of them are of classes, ``(w,)``: all whose outputs are on another scale, but for those that have a
        spread.
        """
        found = torch.full_like(self.outputs, self.record.gain is not None, dtype=torch.bool)
        if self.record.spreads:
            found[self.last] = False
        return found

    @property
    def outputs(self) -> Tensor:
        """The output that moves each number that an encoder sees, ``(w,)``."""
        if self.record.aligned:
            return self.emitted.flatten()[self.one_hot]
        return self.emitted[:, 0] if self.emitted.shape[1] else self.emitted.flatten()


def blocks_of(columns: Sequence[Column]) -> list[Block]:
    """The columns by kind.

    >>> [(block.kind, block.places.tolist()) for block in blocks_of([Column("poisson"), Column("gaussian")] * 2)]
    [('gaussian', [1, 3]), ('poisson', [0, 2])]
    """
    found = []
    for kind in KINDS:
        places = [place for place, column in enumerate(columns) if column.kind == kind]
        if places:
            found.append(Block(kind, columns, places))
    return found


def emitted_width(columns: Sequence[Column]) -> int:
    """How many numbers a decoder emits for a row; at least one, of a table that never varies too."""
    return max(1, sum(KINDS[column.kind].emitted(column) for column in columns))
