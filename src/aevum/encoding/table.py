"""A table whose columns are of several kinds, and whose cells may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from aevum.conditionals.blocks import Block, blocks_of
from aevum.conditionals.column import Column
from aevum.conditionals.kinds import KINDS
from aevum.encoding.base import Encoding
from aevum.encoding.constants import departed
from aevum.schema import UnfitError, choice, fields, real, several, text, truth, unfit, whole

# What a config may ask for, of one column and of all together.
MOST_LEVELS, MOST_WIDTH = 2**16, 2**17
# Relative to it, and to the spread of the others, within which a number is the value that comes again and again.
SAME, NEAR = 2.0**-22, 1e-4
# Sizes that stand for those of all training rows.
MOST_SIZES = 1000


def single(value: Any, where: str) -> float:
    """A number that float32 holds, and its inverse."""
    found: float = real()(value, where)
    if found and not 1e-30 < abs(found) < 1e30:
        raise unfit(where, value, "0, or a number from 1e-30 to 1e30")
    return found


COLUMN = fields(
    kind=choice(list(KINDS)),
    shift=real(),
    scale=real(0.0, above=True),
    centre=single,
    spread=single,
    shape=several(single, most=MOST_LEVELS),
    levels=whole(0, MOST_LEVELS),
    reason=text(),
)
CONFIG = fields(columns=several(COLUMN, least=1, most=MOST_WIDTH), flags=truth, sizes=several(single, most=MOST_SIZES))


class SeenColumns(nn.Module):
    """What an encoder sees of a row: each column on a scale of about 1, 0 where a cell is missing, and which are there.

    Args:
        blocks: the columns by kind.
        flags: whether to say which cells there are: where no training row lacks one, there is nothing to learn of it.
    """

    flagged: Tensor

    def __init__(self, blocks: Sequence[Block], flags: bool) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)
        varying = [block.places for block in blocks if block.record.cells is not None] if flags else []
        none = torch.zeros(0, dtype=torch.int64, device="cpu")
        self.register_buffer("flagged", torch.cat([none, *varying]).sort().values, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        parts = [block.seen(x) for block in self.blocks if isinstance(block, Block)]
        if len(self.flagged):
            parts.append((~x.index_select(-1, self.flagged).isnan()).to(x.dtype))
        return torch.cat(parts, dim=-1)

    def unseen(self, seen: Tensor) -> Tensor:
        """The encoded rows that this is seen of, ``(…, D)``; NaN for columns that it shows no number of."""
        blocks = [block for block in self.blocks if isinstance(block, Block)]
        found = seen.new_full((*seen.shape[:-1], sum(len(block.places) for block in blocks)), torch.nan)
        first = 0
        for block in blocks:
            width = int(block.widths.sum())
            if block.record.measure == "density" and block.record.cells is not None:
                # A cell whose location on the encoder's scale that is has its median there.
                at = torch.stack([seen[..., first : first + width]] * 2, dim=-1)
                found[..., block.places] = block.record.cells(at, torch.zeros_like(at[..., 0]), block).mode
            first += width
        return found


class Table(Encoding):
    r"""Each column by its own rule, encoded = (x − shift) / scale: numbers standardised, two values as 0 and 1, levels
    and classes as 0, 1, …, counts as they are.

    Only continuous columns have a unit: :math:`\log p(x) = \log p(\text{encoded}) - \sum_d \log \text{scale}_d` over
    those of them that a row has; the one value of a column that comes again and again has a probability, and no unit.

    Args:
        columns: the rules, one a column.
        flags: whether the encoder is told which cells there are.
        sizes: of training rows, ascending, where rows of counts have a size; none where they have none.

    Example:
        >>> table = Table([Column("gaussian", shift=1.0, scale=2.0), Column("poisson")], flags=True)
        >>> x = table(torch.tensor([[3.0, 4.0], [torch.nan, 7.0]]))
        >>> x, table.log_abs_det(x)  # −log 2, and nothing for the row that lacks the number
        (tensor([[1., 4.],
                [nan, 7.]]), tensor([-0.6931,  0.0000], dtype=torch.float64))
        >>> table.view(x).shape, table.seen((2,))
        (torch.Size([2, 4]), (4,))
    """

    shift: Tensor
    scale: Tensor
    continuous: Tensor
    ends: Tensor | None
    spiked: Tensor | None
    missing = True

    def __init__(self, columns: Sequence[Column], flags: bool, sizes: Sequence[float] = ()) -> None:
        super().__init__()
        self.columns, self.flags, self.sizes = tuple(columns), flags, tuple(sizes)
        blocks = blocks_of(self.columns)
        self.view = SeenColumns(blocks, flags)
        for name in ("shift", "scale"):
            values = [getattr(column, name) for column in self.columns]
            self.register_buffer(name, torch.tensor(values, dtype=torch.float64, device="cpu"), persistent=False)
        continuous = [KINDS[column.kind].continuous for column in self.columns]
        self.register_buffer("continuous", torch.tensor(continuous, device="cpu"), persistent=False)
        spiked = torch.tensor([KINDS[column.kind].spiked for column in self.columns], device="cpu")
        self.register_buffer("spiked", spiked if bool(spiked.any()) else None, persistent=False)
        ends = [KINDS[column.kind].ends for column in self.columns]
        bounds = torch.tensor(ends, dtype=torch.float64, device="cpu").T
        self.register_buffer("ends", bounds if bool(bounds.isfinite().any()) else None, persistent=False)
        constant = torch.tensor([KINDS[column.kind].cells is None for column in self.columns], device="cpu")
        self.constant = constant if bool(constant.any()) else None

    def forward(self, x: Tensor) -> Tensor:
        """Raw rows of any number type to float32 on the model's scale."""
        apart = x.to(self.shift.dtype) - self.shift
        if self.spiked is not None:  # in float32 or in float64, the value is the value
            same = torch.minimum(SAME * self.shift.abs(), NEAR * self.scale)
            apart = apart.masked_fill(self.spiked & (apart.abs() <= same), 0.0)
        scaled = (apart / self.scale).float()
        return scaled if self.constant is None else scaled.masked_fill(self.constant, 0.0)

    def inverse(self, x: Tensor) -> Tensor:
        """Values on the model's scale to the data's units, in float64 (float32 where a device has no float64)."""
        found = x.to(self.scale.dtype) * self.scale + self.shift
        if self.ends is not None:
            found = torch.minimum(torch.maximum(found, self.ends[0]), self.ends[1])
        return found if self.constant is None else torch.where(self.constant, self.shift, found)

    def spread(self, x: Tensor) -> Tensor:
        """Deviations on the model's scale in the data's units; 0 for what never changes."""
        found = x.to(self.scale.dtype) * self.scale
        return found if self.constant is None else found.masked_fill(self.constant, 0.0)

    def log_derivative(self, x: Tensor) -> Tensor:
        found = torch.where(self.continuous, -self.scale.log(), 0.0)
        if self.spiked is None:
            return found
        return torch.where(self.spiked & (x == 0.0), 0.0, found)

    def located(self) -> NDArray[np.bool_]:
        """Those on a standardised scale."""
        return np.array([KINDS[column.kind].standardised for column in self.columns], dtype=np.bool_)

    def departures(self, rows: NDArray[Any]) -> NDArray[np.bool_] | None:
        if self.constant is None:
            return None
        return departed(rows, self.constant.cpu().numpy(), self.shift.double().cpu().numpy())

    def refusal(self, rows: NDArray[Any], names: Sequence[str] | None, *, scored: bool = False) -> str | None:
        shift, scale = (each.double().cpu().numpy() for each in (self.shift, self.scale))
        for block in self.view.blocks if self.view is not None else ():  # type: ignore[union-attr]
            if not isinstance(block, Block) or block.record.takes is None:
                continue
            takes = block.record.takes if scored else block.record.sees or block.record.takes
            places = block.places.cpu().numpy()
            encoded = ((rows[:, places].astype(np.float64) - shift[places]) / scale[places]).astype(np.float32)
            there = torch.from_numpy(encoded)
            wrong = ~takes(there.to(block.places.device), block).cpu().numpy() & ~np.isnan(encoded)
            if wrong.any():
                row, k = (int(place) for place in np.argwhere(wrong)[0])
                place = int(places[k])
                name = str(place) if names is None else repr(names[place])
                return (
                    f"column {name} holds {float(rows[row, place]):.9g} in row {row}, and is {block.record.title}: "
                    f"for {self._values(place)}; leave such rows out, or write NaN where the value isn't known"
                )
        return None

    def _values(self, place: int) -> str:
        """What a column may hold, in the data's units."""
        column = self.columns[place]
        if column.levels or KINDS[column.kind].words == "one of two values":
            last = column.shift + column.scale * (max(column.levels, 2) - 1)
            return f"{KINDS[column.kind].words}, {column.shift:g} {'or' if not column.levels else 'to'} {last:g}"
        return KINDS[column.kind].words

    def event(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """As it is."""
        return shape

    def seen(self, event: tuple[int, ...]) -> tuple[int, ...]:
        """What each kind shows, and a flag for each column that varies."""
        shown = sum(KINDS[column.kind].width(column) for column in self.columns)
        flags = sum(KINDS[column.kind].cells is not None for column in self.columns) if self.flags else 0
        return (shown + flags,)

    def kinds(self) -> list[tuple[str, str]]:
        return [(KINDS[column.kind].title, column.reason) for column in self.columns]

    def measures(self) -> list[str] | None:
        return None if self.sizes else [KINDS[column.kind].measure for column in self.columns]

    def to_config(self) -> dict[str, Any]:
        return {"columns": [{**asdict(column), "shape": list(column.shape)} for column in self.columns],
                "flags": self.flags, "sizes": list(self.sizes)}  # fmt: skip

    @classmethod
    def from_config(cls, config: dict[str, Any], where: str, shape: tuple[int, ...]) -> Self:
        found = CONFIG({"sizes": [], **config}, where)
        if shape != (len(found["columns"]),):
            raise UnfitError(f"{where}: {len(found['columns'])} columns of an example of shape {shape}")
        columns = [Column(**each) for each in found["columns"]]
        for place, column in enumerate(columns):
            if not KINDS[column.kind].fits(column):
                raise UnfitError(f"{where}: columns[{place}] is no column of kind {column.kind}")
        made = sum(max(KINDS[column.kind].emitted(column), 1) for column in columns)
        if made > MOST_WIDTH:
            raise UnfitError(f"{where}: {made} outputs for all columns, expected at most {MOST_WIDTH}")
        kinds = {column.kind for column in columns}
        counts = len(kinds) == 1 and KINDS[kinds.pop()].counted is not None
        if found["sizes"] and not (counts and min(found["sizes"]) > 0.0):
            raise UnfitError(f"{where}: sizes of rows that are no counts")
        return cls(columns, found["flags"], found["sizes"])

    def _apply(self, fn, recurse=True):  # type: ignore[no-untyped-def]
        # Devices without float64 (Apple's) get float32 buffers instead of an error.
        probe = fn(torch.empty(0))
        if probe.device.type == "mps":
            self.shift, self.scale = self.shift.float(), self.scale.float()
            self.ends = None if self.ends is None else self.ends.float()
        return super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
