"""Rows of a batch that several processes share: what is drawn for a row is the same, however many they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from torch import Tensor

Draw = Callable[[tuple[int, ...]], Tensor]
_SHARE: ContextVar[tuple[int, int, int] | None] = ContextVar("share", default=None)


@contextmanager
def sharing(start: int, stop: int, total: int) -> Iterator[None]:
    """Within, the rows that are seen are those from ``start`` to ``stop`` of a batch of ``total``."""
    token = _SHARE.set(None if (start, stop) == (0, total) else (start, stop, total))
    try:
        yield
    finally:
        _SHARE.reset(token)


def of_rows(draw: Draw, shape: Sequence[int], dim: int) -> Tensor:
    """Draws of this shape, in which ``dim`` counts the rows: where a batch is shared, ours of those for all of it.

    >>> import torch
    >>> def normal(shape): return torch.randn(shape, generator=torch.Generator().manual_seed(0))
    >>> whole = of_rows(normal, (5, 2), 0)
    >>> with sharing(3, 5, 5):
    ...     bool((of_rows(normal, (2, 2), 0) == whole[3:]).all())
    True
    """
    share, shape = _SHARE.get(), tuple(shape)
    if share is None or dim >= len(shape) or shape[dim] != share[1] - share[0]:
        return draw(shape)
    start, stop, total = share
    return draw((*shape[:dim], total, *shape[dim + 1 :])).narrow(dim, start, stop - start)
