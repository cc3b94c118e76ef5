"""Values of many rows, computed once and block by block."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.exploration.steps import Result, Steps

Array = NDArray[Any]
# A network's work of some 50 milliseconds on two cores: so long may a drag on the page stand still.
BLOCK_VALUES, FEWEST, MOST = 2**19, 16, 4096


def block_rows(event: tuple[int, ...]) -> int:
    """Rows of one block: few of large examples, many of small ones.

    >>> block_rows((28, 28)), block_rows((4,)), block_rows((512, 512, 3))
    (668, 4096, 16)
    """
    return int(np.clip(BLOCK_VALUES // max(1, math.prod(event)), FEWEST, MOST))


def blocks_of(rows: int, event: tuple[int, ...]) -> list[slice]:
    """All rows in blocks.

    >>> blocks_of(1000, (28, 28))
    [slice(0, 668, None), slice(668, 1000, None)]
    """
    size = block_rows(event)
    return [slice(start, min(start + size, rows)) for start in range(0, rows, size)]


class LateError(Exception):
    """The work took longer than it may."""


class Clock:
    """Lets work go on for so many seconds of its own.

    Args:
        seconds: for all that goes through :meth:`within`.
    """

    def __init__(self, seconds: float) -> None:
        self.left, self.steps_of_last = seconds, 0

    def within(self, work: Steps[Result]) -> Steps[Result]:
        """The work's result.

        Raises:
            LateError: there is no time left, and the work has not ended; ``steps_of_last`` steps of it were done.
        """
        self.steps_of_last = 0
        while True:
            started = time.monotonic()
            try:
                next(work)
            except StopIteration as end:
                result: Result = end.value
                return result
            finally:
                self.left -= time.monotonic() - started
            self.steps_of_last += 1
            if self.left < 0.0:
                raise LateError
            yield


class Blocks:
    """An array of one value or vector a row whose blocks are computed when they are first asked for.

    Args:
        shape: of the whole, ``(N, …)``.
        rows: of a block.
        compute: the rows from start to stop ↦ their values.
    """

    def __init__(self, shape: tuple[int, ...], rows: int, compute: Callable[[int, int], Array]) -> None:
        self.values: NDArray[np.float32] = np.empty(shape, np.float32)
        self._rows, self._compute = rows, compute
        self._known = np.zeros(-(-shape[0] // rows), bool)

    def fill(self, start: int, stop: int) -> Steps[None]:
        """Compute what is missing of the rows from start to stop, with a pause after each block."""
        for block in range(start // self._rows, -(-stop // self._rows)):
            if not self._known[block]:
                first, last = block * self._rows, min((block + 1) * self._rows, len(self.values))
                self.values[first:last] = self._compute(first, last)
                self._known[block] = True
                yield

    def of(self, rows: NDArray[np.intp]) -> Steps[NDArray[np.float32]]:
        """The values of these rows."""
        for block in np.unique(rows // self._rows):
            yield from self.fill(int(block) * self._rows, int(block) * self._rows + 1)
        return self.values[rows]
