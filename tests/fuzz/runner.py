"""What every fuzzer shares: cases that a number repeats, and what is done with a fault.

A fuzzer is a module beside this one with ``prepare(folder, long) -> case``, where a long run may do more in a case.
``case(draw)`` makes one case of nothing but the ``random.Random`` that it is given, and raises :class:`FaultError`
where what came out is none of what may.
"""

from __future__ import annotations

import importlib
import random
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Case = Callable[[random.Random], None]
FUZZERS = ("models", "readers")
MOST_FAULTS = 20


class FaultError(AssertionError):
    """What the case was, and what came out."""


@dataclass
class Result:
    """How many cases there were, and the faults: the case's number and what was wrong."""

    cases: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [
            f"{len(self.faults)} faults in {self.cases} cases",
            *(f"  case {i}: {text}" for i, text in self.faults),
        ]
        return "\n".join(lines)


def run(name: str, *, cases: int | None = None, seconds: float | None = None, seed: int = 0, only: int = -1) -> Result:
    """Cases of one fuzzer until there were so many, or so long, or too many faults to read.

    Args:
        name: one of ``FUZZERS``.
        cases, seconds: when to stop.
        seed: other numbers, other cases.
        only: the one case of this number, with its traceback.
    """
    result, end = Result(), time.monotonic() + (seconds or float("inf"))
    module = importlib.import_module(f"{__package__}.{name}")
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case: Case = module.prepare(Path(folder), cases is None)
        number = max(only, 0)
        while number < (cases or float("inf")) and time.monotonic() < end and len(result.faults) < MOST_FAULTS:
            try:
                case(random.Random(f"{name} {seed} {number}"))
            except FaultError as fault:
                if only >= 0:
                    raise
                result.faults.append((number, str(fault)))
            result.cases += 1
            number += 1
            if only >= 0:
                break
    return result
