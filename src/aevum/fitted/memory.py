"""What a walk over many rows leaves in a process' memory."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable
from typing import Any

from aevum.data.large import let_go


def sweep(x: object) -> int:
    """Give back to the system what was freed, and the pages of a mapped file; 0.

    glibc keeps blocks' freed scratch, and does not always use it again: of a million rows of 784 values 2.5 GB were
    held so.
    """
    let_go(x)
    _trim()(0)
    return 0


@functools.cache
def _trim() -> Callable[[int], Any]:
    """The C library's own, where it has one."""
    try:
        found: Callable[[int], Any] = ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError, TypeError):
        return lambda keep: 0
    return found
