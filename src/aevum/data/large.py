"""Data that are not looked at as a whole: mapped files of over 256 MiB, and corpora."""

from __future__ import annotations

import functools
import math
import mmap
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.corpora import Corpus

Array = NDArray[Any]
# A mapped file of more is read row by row where it lies.
LARGE = 2**28
# What choices are made from: so many values of so many stretches that lie evenly, the first and the last rows among
# them. Of a corpus they are of a few parts, since each is read whole.
SEEN_VALUES, FEWEST_ROWS, STRETCHES, PARTS = 2**24, 2000, 256, 16


def is_corpus(x: object) -> bool:
    """Whether these rows lie in parts."""
    return isinstance(x, Corpus)


def part_by_part(change: Callable[..., Any]) -> Callable[..., Any]:
    """What changes a data set's columns row for row does so when a part is read, where it is a corpus."""

    @functools.wraps(change)
    def changed(data: Any, *more: Any) -> Any:
        x = getattr(data, "x", None)
        if not isinstance(x, Corpus):
            return change(data, *more)

        def some(rows: Array) -> Any:
            return replace(data, x=rows, y=None, left_out={}, row_names=None, row_numbers=None)

        one = some(x[:1])
        first = change(one, *more)
        if first is one:
            return data
        return replace(
            first, x=x.mapped(lambda rows: change(some(rows), *more).x, first.x.shape[1:], first.x.dtype), y=data.y
        )

    return changed


def is_large(x: object) -> bool:
    """Whether no one is to go over all of these rows without need."""
    return is_corpus(x) or (isinstance(x, np.memmap) and x.nbytes > LARGE)


def seen_rows(x: Array | Corpus) -> NDArray[np.intp] | None:
    """The rows of large data that choices are made from (scales, kinds of columns, what there is to warn of), in their
    order: those of 256 stretches that lie evenly, or of 16 parts of a corpus, at least 2,000 and at most 16 million
    values of them; None where all rows are.
    """
    if not is_large(x):
        return None
    most = max(FEWEST_ROWS, SEEN_VALUES // math.prod(x.shape[1:]))
    if len(x) <= most:
        return np.arange(len(x))
    if not isinstance(x, Corpus):
        return _evenly(0, len(x), STRETCHES, most)
    chosen = np.unique(np.linspace(0, len(x.parts) - 1, min(PARTS, len(x.parts))).round().astype(np.intp))
    each = math.ceil(most / len(chosen))
    stretches = max(1, STRETCHES // len(chosen))
    return np.concatenate([_evenly(int(x.starts[i]), x.parts[i].rows, stretches, each) for i in chosen])


def _evenly(start: int, rows: int, stretches: int, most: int) -> NDArray[np.intp]:
    if rows <= most:
        return np.arange(start, start + rows)
    stretches = min(stretches, most)
    length = most // stretches
    firsts = np.linspace(0, rows - length, stretches).astype(np.intp)
    return np.unique(start + (firsts[:, None] + np.arange(length)).ravel())


def seen(x: Any, rows: NDArray[np.intp] | None = None) -> Array:
    """These rows of large data (:func:`seen_rows`), in memory; all else as it is."""
    rows = seen_rows(x) if rows is None else rows
    if rows is None:
        return x  # type: ignore[no-any-return]
    if isinstance(x, Corpus):  # which keeps them, since parts take their time to read
        if x.sample is None or len(x.sample) != len(rows):
            x.sample = x[rows]
        return x.sample
    in_order(x)
    return let_go(x, np.array(x[rows]))  # type: ignore[no-any-return]


def some_rows(x: Any, most: int) -> NDArray[np.intp] | None:
    """At most so many rows of a corpus for whoever shows it, of those that choices are made from; None for all else."""
    if not is_corpus(x):
        return None
    rows = seen_rows(x)
    assert rows is not None
    return rows[:: math.ceil(len(rows) / most)]


def let_go(x: Any, found: Any = None) -> Any:
    """Give a mapped file's pages back that were read: the system keeps them as long as no one needs the memory, and
    counts them no more as this process' own. Returns ``found``.
    """
    # What was written to a private copy of the pages would be lost with them.
    if getattr(x, "mode", "c") in ("r", "r+"):
        _advise(x, "MADV_DONTNEED")
    return found


def at_random(x: Any) -> None:
    """A mapped file's rows will be read here and there: no more of it than these is worth reading."""
    _advise(x, "MADV_RANDOM")


def in_order(x: Any) -> None:
    """A mapped file's rows will be read one after the other."""
    _advise(x, "MADV_NORMAL")


def _advise(x: Any, what: str) -> None:
    mapped = getattr(x, "_mmap", None)
    if isinstance(mapped, mmap.mmap) and is_large(x) and hasattr(mmap, what):
        with suppress(OSError, ValueError):
            mapped.madvise(getattr(mmap, what))
