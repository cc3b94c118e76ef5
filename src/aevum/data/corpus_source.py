"""The rows of a corpus as the training loop reads them: each part once an epoch, and the next ones ahead."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from aevum.data.corpora import Corpus
from aevum.data.keyed import counted_seed
from aevum.data.source import ArraySource, native

# Rows are mixed within a window of parts: at least so many of them and so many bytes, but no part more once it has
# the most bytes.
PARTS, BYTES, MOST_BYTES = 4, 2**26, 2**28


class CorpusSource(ArraySource):
    """Some rows of a corpus, in their order; arguments as for :class:`~aevum.data.source.ArraySource`.

    A window of parts is in memory at a time, and the next is read while it lasts. An epoch's order is that of the parts
    at random, and of the rows at random within each window: a function of the counters and of the corpus' parts, so
    that each part is read once an epoch. Few enough rows (``keep`` bytes) are kept once they were read.
    """

    def __init__(
        self, x: Corpus, y: Any, rows: NDArray[np.intp] | None, *arguments: Any, keep: int = 0, **more: Any
    ) -> None:
        if rows is not None and (np.diff(rows) <= 0).any():
            rows = np.sort(rows)
        super().__init__(x, y, rows, *arguments, **more)  # type: ignore[arg-type]  # an array of rows to whoever indexes
        self.corpus = x
        ends = x.starts if rows is None else np.searchsorted(rows, x.starts)
        # Of each part's rows the first that is ours, by its place among ours.
        self.lows = torch.from_numpy(np.ascontiguousarray(ends, dtype=np.int64))
        self.keep = len(self) * x.row_bytes <= keep
        self._plan(torch.arange(len(x.parts)))
        self._held: dict[int, Future[Tensor]] = {}
        self._reader = ThreadPoolExecutor(1, "aevum-window")

    def order(self, *counters: int) -> Tensor:
        generator = torch.Generator().manual_seed(counted_seed(*counters))
        self._plan(torch.randperm(len(self.corpus.parts), generator=generator))
        found = torch.empty(len(self), dtype=torch.int64)
        start = 0
        for parts in self.windows:
            places = torch.cat([torch.arange(int(self.lows[p]), int(self.lows[p + 1])) for p in parts])
            stop = start + len(places)
            torch.index_select(places, 0, torch.randperm(len(places), generator=generator), out=found[start:stop])
            start = stop
        return found

    def _plan(self, parts: Tensor) -> None:
        """Which parts make which window, in this order, and where each begins in it; those without rows are none."""
        sizes = (self.lows[1:] - self.lows[:-1]).tolist()
        self.windows: list[list[int]] = []
        self.window_of = torch.full((len(sizes),), -1)
        self.offset = torch.zeros(len(sizes), dtype=torch.int64)
        rows = 0
        for p in parts.tolist():
            if not sizes[p]:
                continue
            full = not self.windows or rows * self.corpus.row_bytes >= MOST_BYTES
            enough = self.windows and len(self.windows[-1]) >= PARTS and rows * self.corpus.row_bytes >= BYTES
            if full or enough:
                self.windows.append([])
                rows = 0
            self.windows[-1].append(p)
            self.window_of[p], self.offset[p] = len(self.windows) - 1, rows - int(self.lows[p])
            rows += sizes[p]
        self._held = {}

    def raw(self, indices: Tensor, places: Tensor) -> Tensor:
        if self.x is None and self.keep:
            every = [self._read(parts) for parts in self.windows]
            self.x = torch.cat(every).to(self.device) if every else torch.empty(0)
        if self.x is not None:
            return self.x.index_select(0, indices) if self.keep else self.x.index_select(0, places)
        indices = indices.cpu()
        part = torch.searchsorted(self.lows, indices, right=True) - 1
        window, place = self.window_of[part], self.offset[part] + indices
        needed: list[int] = torch.unique(window).tolist()
        held = self._ahead(needed)
        if len(held) == 1:
            return held[0].index_select(0, place).to(self.device)
        found = held[0].new_empty(len(indices), *held[0].shape[1:])
        for number, rows in zip(needed, held, strict=True):
            mine = (window == number).nonzero().flatten()
            found[mine] = rows.index_select(0, place[mine])
        return found.to(self.device)

    def _ahead(self, needed: list[int]) -> list[Tensor]:
        """These windows, and the one after them under way; all others are let go."""
        wanted = [*needed, (needed[-1] + 1) % len(self.windows)] if needed else [0]
        self._held = {number: each for number, each in self._held.items() if number in wanted}
        for number in wanted:
            if number not in self._held:
                self._held[number] = self._reader.submit(self._read, self.windows[number])
        return [self._held[number].result() for number in (needed or [0])]

    def _read(self, parts: list[int]) -> Tensor:
        x, rows = self.corpus, self.rows
        bounds = [(int(self.lows[p]), int(self.lows[p + 1])) for p in parts]
        out = np.empty((sum(high - low for low, high in bounds), *x.shape[1:]), x.dtype)
        start = 0
        for p, (low, high) in zip(parts, bounds, strict=True):
            part = x.read(p)
            own = slice(None) if rows is None else rows[low:high].cpu().numpy() - int(x.starts[p])
            out[start : start + high - low] = part[own]
            start += high - low
        return torch.from_numpy(native(out))


def source_of(x: Any, *arguments: Any, keep: int = 0, **more: Any) -> ArraySource:
    """What the loop reads of these rows; arguments as for :class:`~aevum.data.source.ArraySource`."""
    if isinstance(x, Corpus):
        return CorpusSource(x, *arguments, keep=keep, **more)
    return ArraySource(x, *arguments, **more)
