"""What the history of a fit says: how many steps were made, and whether the loss still fell when it ended."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from aevum.training.sums import KEPT_NAMES

Record = Mapping[str, Any]
FEWEST_EPOCHS = 6
# What chooses the epoch, the first that a history has: older ones have no mean with far rows held.
LOSSES = ("validation_held", "validation_loss", "loss")


def steps_of(history: Sequence[Record]) -> int:
    """Steps of the optimizer that were made.

    >>> steps_of([{"epoch": 1, "step": 11}, {"epoch": 2, "step": 22}, {"epoch": 3, "interrupted": True}])
    22
    """
    return max((int(record["step"]) for record in history if record.get("step") is not None), default=0)


def extras_of(history: Sequence[Record]) -> tuple[str, ...]:
    """The names of what an objective adds to distortion and rate, in the order in which they are recorded.

    >>> extras_of([{"epoch": 1, "loss": 3.0, "distortion": 2.0, "rate": 0.0, "commitment": 0.1}])
    ('commitment',)
    """
    names = dict.fromkeys(name for record in history for name in record)
    return tuple(name for name in names if name not in KEPT_NAMES and not name.startswith("validation_"))


def falling(history: Sequence[Record]) -> float | None:
    """By which share of its whole fall the loss fell in the second half of the training, from 0 to 1.

    It is taken from the losses that choose the epoch: of the validation rows where there are any, else of the training
    rows. Its levels in the middle and at the end are medians of a sixth of the epochs each, so that neither noise nor
    one bad epoch decides; the whole fall is that since the first epoch, or since the start from which a fit of a table
    begins. The learning rate falls to 0 at the end of
    every run, and so the loss always comes to rest there: only the second half as a whole tells whether it had further
    to go.

    Returns:
        None for fewer than 6 epochs, or where the loss did not fall at all.

    >>> converged = [{"epoch": e, "loss": 10.0 + 90.0 * 0.5**e} for e in range(1, 41)]
    >>> falling(converged) < 0.01, round(falling([{"epoch": e, "loss": 100.0 - e} for e in range(1, 41)]), 1)
    (True, 0.5)
    """
    whole = [record for record in history if _finite(record.get("loss"))]
    known = [name for name in LOSSES if all(_finite(record.get(name)) for record in whole)]
    losses = np.array([record[known[0]] for record in whole], dtype=np.float64)
    if len(losses) < FEWEST_EPOCHS:
        return None
    some = max(1, len(losses) // 6)
    middle = (len(losses) - some) // 2
    half, last = (float(np.median(losses[at : at + some])) for at in (middle, len(losses) - some))
    begun = whole[0].get("validation_begun")
    first = float(begun) if _finite(begun) and begun is not None else float(losses[0])
    if not first > last:
        return None
    return min(max((half - last) / (first - last), 0.0), 1.0)


def _finite(value: Any) -> bool:
    return isinstance(value, (int, float)) and math.isfinite(value)
