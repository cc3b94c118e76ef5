"""How many threads a small piece of work is worth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

FEW_VALUES = 2**16


@contextmanager
def threads_for(values: int) -> Iterator[None]:
    """Within, torch works in one thread where it has only a few values to find: a picture while the pointer moves.

    One thread takes a fraction of a millisecond more for it than all; all of them wait for the slowest, and on cores
    that a browser draws on as well, that takes up to 20 ms. (Measured by ``benchmarks/explore_page.py``: the 95th
    percentile from the pointer to the picture of a face falls from 30 to 18 ms on two cores.)
    """
    usual = torch.get_num_threads()
    if values > FEW_VALUES or usual == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(usual)
