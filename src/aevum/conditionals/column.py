"""A table's column, and the numbers of columns of one kind side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Column:
    """One column: its kind, where it lies, and why it is taken for that.

    Args:
        kind: a name in :data:`KINDS`.
        shift, scale: encoded = (x − shift) / scale; a constant's shift is what it is.
        centre, spread: of encoded values (of their logarithms, or logits) in the training rows: where a decoder begins.
        shape: ξ, λ, γ, δ of Johnson's S_U on the encoded values; or the logarithms of the classes' shares.
        levels: how many values a category or an ordered scale has.
        reason: why it is of this kind, in a line.
    """

    kind: str
    shift: float = 0.0
    scale: float = 1.0
    centre: float = 0.0
    spread: float = 1.0
    shape: tuple[float, ...] = ()
    levels: int = 0
    reason: str = "as asked"


class Numbers(nn.Module):
    """The columns of one kind, their numbers side by side; nothing of it is learned.

    Attributes:
        places: which columns they are, ``(k,)``.
        emitted: which of a decoder's outputs are theirs, ``(k, P)``, and ``real``, which of these there are.
        centre, spread, levels: one a column, ``(k,)``; shape: ``(k, S)``.
        log_shares, scores: of each level of steps with heaps, ``(k, L)``; of other kinds there are none.
    """

    places: Tensor
    emitted: Tensor
    real: Tensor
    centre: Tensor
    spread: Tensor
    levels: Tensor
    shape: Tensor
    one_hot: Tensor
    log_shares: Tensor
    scores: Tensor

    def __init__(
        self, columns: Sequence[Column], places: Sequence[int], starts: Sequence[int], widths: Sequence[int]
    ) -> None:
        super().__init__()
        some = [columns[place] for place in places]
        self.most_levels = max(each.levels for each in some)
        counts = torch.tensor([widths[place] for place in places], device="cpu")
        every = torch.arange(int(counts.max()), device="cpu")
        real = every < counts[:, None]
        first = torch.tensor([starts[place] for place in places], device="cpu")[:, None]
        longest = max(len(each.shape) for each in some)
        shape = [[*each.shape, *[0.0] * (longest - len(each.shape))] for each in some]
        for name, value in {
            "places": torch.tensor(list(places), device="cpu"),
            "emitted": torch.where(real, first + every, 0),
            "real": real,
            "centre": torch.tensor([each.centre for each in some], device="cpu"),
            "spread": torch.tensor([each.spread for each in some], device="cpu"),
            "levels": torch.tensor([float(each.levels) for each in some], device="cpu"),
            "shape": torch.tensor(shape, device="cpu").reshape(len(some), longest),
            "one_hot": real.flatten().nonzero().flatten(),
        }.items():
            self.register_buffer(name, value, persistent=False)
