"""Rows that lie in parts (files, or blocks of them), of which a few at a time are in memory."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError

Array = NDArray[Any]
# Bytes of parts that random access keeps; one part is kept whatever its size.
KEPT = 2**27
# Bytes of a block of an array that has no parts of its own.
BLOCK = 2**24


@dataclass(frozen=True)
class Part:
    """Rows that are read at once.

    Args:
        rows: how many.
        read: reads them, ``(rows, *event)``; it may be called in any thread.
        place: what messages call where they lie, such as a file's name.
        first: which row of that place is the first of them.
    """

    rows: int
    read: Callable[[], Array]
    place: str = "data"
    first: int = 0


class Corpus:
    """Rows ``(N, *event)`` in parts, as an array is asked for them: shape, type, length, ``[rows]``.

    What is indexed is read, part by part, and given as an array in memory; whoever goes through the rows in their order
    finds the next part read ahead. A part is checked when it is read: its shape, its type, and that its numbers are
    finite.

    Args:
        parts: in the order of the rows; there is at least one, and none without rows.
        event: the shape of an example.
        dtype: the type of one value.
        gaps: whether values may be NaN, which stands for none.

    >>> x = Corpus([Part(2, lambda: np.eye(3)[:2]), Part(1, lambda: np.eye(3)[2:])], (3,), np.dtype(float))
    >>> x.shape, x[[2, 0]].tolist(), x[1:].shape
    ((3, 3), [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]], (2, 3))
    """

    def __init__(
        self, parts: Sequence[Part], event: tuple[int, ...], dtype: np.dtype[Any], *, gaps: bool = False
    ) -> None:
        self.parts, self.gaps = tuple(parts), gaps
        self.starts = np.cumsum([0, *(part.rows for part in self.parts)])
        self.shape = (int(self.starts[-1]), *event)
        self.ndim, self.dtype = len(self.shape), np.dtype(dtype)
        self.size = math.prod(self.shape)
        self.nbytes = self.size * self.dtype.itemsize
        self._kept: OrderedDict[int, Array] = OrderedDict()
        self._next: tuple[int, Future[Array]] | None = None
        self._lock = Lock()
        # Rows that choices are made from, once they were looked at (aevum.data.large.seen).
        self.sample: Array | None = None

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"Corpus(shape={self.shape}, dtype={self.dtype}, parts={len(self.parts)})"

    @property
    def row_bytes(self) -> int:
        """Bytes of an example."""
        return math.prod(self.shape[1:]) * self.dtype.itemsize

    def __getitem__(self, key: Any) -> Array:
        if isinstance(key, (int, np.integer)):
            found: Array = self[np.array([key])][0]
            return found
        if isinstance(key, slice) and key.step in (None, 1):
            start, stop, _ = key.indices(len(self))
            return self._between(start, max(start, stop))
        if isinstance(key, (tuple, type(None), type(...))):
            raise TypeError("a corpus is indexed by its rows alone")
        rows = np.arange(len(self))[key] if isinstance(key, slice) else np.asarray(key)
        rows = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows.astype(np.int64)
        rows = np.where(rows < 0, rows + len(self), rows)
        if rows.ndim != 1 or (rows.size and not 0 <= rows.min() <= rows.max() < len(self)):
            raise IndexError(f"rows of a corpus of {len(self)} are numbered from 0 to {len(self) - 1}")
        out = np.empty((len(rows), *self.shape[1:]), self.dtype)
        of = self.part_of(rows)
        for number in np.unique(of):
            mine = np.flatnonzero(of == number)
            out[mine] = self.part(int(number))[rows[mine] - self.starts[number]]
        return out

    def part_of(self, rows: Array) -> NDArray[np.intp]:
        """In which part these rows lie."""
        return np.searchsorted(self.starts, rows, side="right") - 1

    def part(self, number: int, *, in_order: bool = False) -> Array:
        """The rows of a part, of those that were looked at last without reading; where parts are read in order, the
        next is read ahead.
        """
        with self._lock:
            if (found := self._kept.get(number)) is not None:
                self._kept.move_to_end(number)
                return found
            ahead, self._next = self._next, None
            found = ahead[1].result() if ahead is not None and ahead[0] == number else self.read(number)
            self._kept[number] = found
            while len(self._kept) > 1 and sum(each.nbytes for each in self._kept.values()) > KEPT:
                self._kept.popitem(last=False)
            if in_order and number + 1 < len(self.parts):
                self._next = number + 1, self._reader.submit(self.read, number + 1)
        return found

    @cached_property
    def _reader(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, "aevum-corpus")

    def read(self, number: int) -> Array:
        """The rows of a part, from where they lie.

        Raises:
            InputError: they aren't what the corpus says they are; names file and row.
        """
        part = self.parts[number]
        found = part.read()
        if found.shape != (part.rows, *self.shape[1:]):
            raise InputError(
                f"{part.place}: from row {part.first} on are {found.shape[0]} examples of shape {found.shape[1:]}, and"
                f" {part.rows} of shape {self.shape[1:]} were expected"
            )
        if found.dtype != self.dtype:
            if not np.can_cast(found.dtype, self.dtype, "same_kind"):
                raise InputError(f"{part.place}: holds {found.dtype}, and the first part {self.dtype}")
            found = found.astype(self.dtype)
        if found.dtype.kind == "f":
            bad = np.isinf(found) if self.gaps else ~np.isfinite(found)
            if bad.any():
                row, *where = (int(axis[0]) for axis in np.nonzero(bad))
                at = where[0] if len(where) == 1 else tuple(where)
                raise InputError(
                    f"{part.place}, row {part.first + row}, column {at}: {found[(row, *where)]} is no finite number"
                )
        return found

    def mapped(self, change: Callable[[Array], Array], event: tuple[int, ...], dtype: np.dtype[Any]) -> Corpus:
        """The same rows, changed when a part is read: row for row, to this shape and type."""

        def part(number: int) -> Part:
            return replace(self.parts[number], read=lambda: change(self.read(number)))

        return Corpus([part(number) for number in range(len(self.parts))], event, dtype, gaps=self.gaps)

    def blocks(self, budget: int = BLOCK) -> Iterator[tuple[int, Array]]:
        """All rows in their order, in pieces of at most so many bytes that lie within a part: the first one's number,
        and the rows.
        """
        size = max(1, budget // max(1, self.row_bytes))
        for number, start in enumerate(self.starts[:-1].tolist()):
            rows = self.part(number, in_order=True)
            for first in range(0, len(rows), size):
                yield start + first, rows[first : first + size]

    def _between(self, start: int, stop: int) -> Array:
        pieces = []
        for number in range(int(self.part_of(np.array([start]))[0]), len(self.parts)):
            first = int(self.starts[number])
            if first >= stop:
                break
            pieces.append(self.part(number, in_order=True)[max(0, start - first) : stop - first])
        if len(pieces) == 1:
            return pieces[0]
        return np.concatenate(pieces) if pieces else np.empty((0, *self.shape[1:]), self.dtype)


def in_blocks(x: Array | Corpus, place: str = "data", budget: int = BLOCK) -> list[Part]:
    """The parts of an array's rows, or a corpus' own."""
    if isinstance(x, Corpus):
        return list(x.parts)
    size = max(1, budget // max(1, x[:1].nbytes))

    def part(start: int) -> Part:
        rows = min(size, len(x) - start)
        return Part(rows, lambda: np.array(x[start : start + rows]), place, start)

    return [part(start) for start in range(0, len(x), size)]


def joined(*several: Array | Corpus) -> Corpus:
    """One after the other."""
    first = several[0]
    parts = [part for each in several for part in in_blocks(each)]
    gaps = any(each.gaps if isinstance(each, Corpus) else each.dtype.kind == "f" for each in several)
    return Corpus(parts, tuple(first.shape[1:]), np.result_type(*(each.dtype for each in several)), gaps=gaps)


def as_rows(x: Corpus) -> Array:
    """A corpus where a type asks for an array of rows: what rows are asked for it answers."""
    return x  # type: ignore[return-value]
