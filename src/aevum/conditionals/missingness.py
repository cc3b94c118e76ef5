"""How the odds that a cell is missing depend on its value: a model of the gaps beside that of the rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from aevum.conditionals.blocks import Block, blocks_of
from aevum.conditionals.column import Column

IGNORABLE, SELF_MASKING, KNOWN = "ignorable", "self-masking", "self-masking-known"
MISSINGNESS = (IGNORABLE, SELF_MASKING, KNOWN)
# Per deviation of a column: steeper is a step, and no row tells how steep.
STEEPEST = 12.0


class SelfMasking(nn.Module):
    r"""Each cell may be missing because of what it is, whatever the others are:

    .. math:: \operatorname{logit} P(\text{missing} | x_j) = w_j\,(t_j(x_j) - b_j),

    with t_j the value as an encoder sees it: standardised, a positive number's logarithm, a class's flags (for which
    there is a w of each). It has one more parameter a column than rows that are missing at random, :math:`w_j = 0`.

    Source: *not-MIWAE: deep generative modelling with missing not at random data*, N. B. Ipsen, P.-A. Mattei,
    J. Frellsen, ICLR 2021.

    Args:
        columns: what they are.
        rising: whether large values are known to be the missing ones, w > 0 (of classes nothing is known).

    Example:
        >>> from aevum.conditionals import Column
        >>> masking = SelfMasking([Column("categorical", shape=(0.0, 0.0), levels=2), Column("gaussian")])
        >>> masking.begin(torch.tensor([2.0, 0.0, 0.0]), torch.tensor([0.0, -1.0]))
        >>> [round(w, 4) for w in masking.slopes().tolist()], masking.offset.tolist()
        ([2.0, 0.0, 0.0], [0.0, -1.0])
    """

    free: Tensor

    def __init__(self, columns: Sequence[Column], rising: bool = False) -> None:
        super().__init__()
        self.starts: dict[str, int] = {}
        free: list[Tensor] = []
        for block in blocks_of(columns):
            self.starts[block.kind] = sum(map(len, free))
            free.append(torch.full((int(block.widths.sum()),), not rising or block.kind == "categorical"))
        self.rising, self.begun = rising, False
        self.register_buffer("free", torch.cat(free), persistent=False)
        self.offset = nn.Parameter(torch.zeros(len(columns)))
        self.slope = nn.Parameter(torch.zeros(len(self.free)))

    def slopes(self) -> Tensor:
        """w of each number that an encoder sees, the columns by kind, ``(U,)``."""
        bounded = torch.where(self.free, self.slope, softplus(self.slope))
        return STEEPEST * torch.tanh(bounded / STEEPEST)

    def of(self, block: Block) -> partial[Tensor]:
        """Values of a block's columns ``(…, k)`` ↦ log-odds ``(…, k)``."""
        return partial(self._log_odds, block)

    def _log_odds(self, block: Block, values: Tensor) -> Tensor:
        seen = block.seen_of(values)
        start = self.starts[block.kind]
        weighed = seen * self.slopes()[start : start + seen.shape[-1]]
        if seen.shape[-1] > len(block.places):  # the flags of one class after the other
            parts = torch.split(weighed, block.widths.tolist(), dim=-1)
            weighed = torch.stack([part.sum(dim=-1) for part in parts], dim=-1)
        return weighed + self.offset[block.places]

    @torch.no_grad()
    def begin(self, slope: Tensor, offset: Tensor) -> None:
        """Be these w ``(U,)`` and these log-odds at t = 0, ``(D,)``."""
        slope = STEEPEST * torch.atanh((slope / STEEPEST).clamp(-0.95, 0.95))
        rising = slope.clamp_min(0.05)
        self.slope.copy_(torch.where(self.free, slope, rising + torch.log(-torch.expm1(-rising))))
        self.offset.copy_(offset)
        self.begun = True

    @torch.no_grad()
    def prepare(self, x: Tensor) -> None:
        """Unless it has begun elsewhere, begin at odds by which as many cells are missing as of these rows."""
        if not self.begun:
            self.offset.copy_((x.isnan().sum(dim=0) + 0.5).log() - ((~x.isnan()).sum(dim=0) + 0.5).log())
