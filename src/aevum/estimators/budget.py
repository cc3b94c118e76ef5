"""How much training the data are worth: what "auto" means for epochs, batch, patience, latents and held-out rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

# Pictures (benchmarks/README.md, "defaults"): enough steps to converge on a small set, few enough to end in about a
# minute on a large one; a step on large images costs more, so they get fewer.
STEPS, FEWEST_EPOCHS, MOST_EPOCHS, LARGE_EXAMPLE = 6000, 10, 100, 2000
BATCH, PATIENCE, LATENTS, SHARE = 128, 30, 20, 0.1
# Tables (benchmarks/README.md, "tables"): their steps are cheap, and their rows few.
TABLE_STEPS, TABLE_EPOCHS, SMALLEST_BATCH = 4000, 400, 32
# A row of more values says more at each step, and costs more (benchmarks/README.md, "counts").
LARGE_ROW = 64
RATE, TABLE_RATE = 1e-3, 2e-3
# An epoch is chosen by so many rows at least, or by so many draws of those that there are.
HELD_OUT_ROWS, LARGEST_SHARE, SCORED = 100, 0.3, 1000
# Fewer rows say nothing of an epoch.
FEWEST_HELD_OUT = 5
# Of a corpus more would cost another reading of it each epoch, and say no more.
MOST_HELD_OUT = 50_000
# Values of theirs that are scored again: of a wide table's row each draw tells enough.
SCORED_VALUES = 2**16


@dataclass(frozen=True)
class Budget:
    """Numbers that a run depends on.

    Args:
        epochs, batch_size, patience, learning_rate: as the estimator's parameters of these names; a patience of None is
            none.
        validation_draws: of z for each validation row.
    """

    epochs: int
    batch_size: int
    patience: int | None
    learning_rate: float
    validation_draws: int = 1


def held_out_share(asked: float | str, rows: int, table: bool, corpus: bool = False) -> float:
    """The share of the rows that choose the epoch: a tenth, and of a small table up to 0.3, to be 100 rows, or up to a
    half, to be five; of a corpus at most 50,000 rows, which are looked at after each epoch.

    >>> [held_out_share("auto", rows, True) for rows in (10, 150, 500, 5000)], held_out_share(0.25, 150, True)
    ([0.5, 0.3, 0.2, 0.1], 0.25)
    """
    if asked != "auto":
        return float(asked)
    if corpus and rows * SHARE > MOST_HELD_OUT:
        return MOST_HELD_OUT / rows
    if not table:
        return SHARE
    fewest = FEWEST_HELD_OUT / rows if rows >= 2 * FEWEST_HELD_OUT else 0.0
    return float(max(fewest, np.clip(HELD_OUT_ROWS / rows, SHARE, LARGEST_SHARE)))


def latents_for(asked: int | str, event: tuple[int, ...]) -> int:
    """D: 20, and at most one less than there are values in a row, which is what any Gaussian needs.

    >>> latents_for("auto", (28, 28)), latents_for("auto", (5,)), latents_for(7, (5,))
    (20, 4, 7)
    """
    return max(1, min(LATENTS, math.prod(event) - 1)) if asked == "auto" else int(asked)


def budget_for(estimator: Any, rows: int, held_out: int, event: tuple[int, ...], table: bool) -> Budget:
    """The numbers for a fit to these training rows, whatever is asked for kept as it is.

    Args:
        estimator: whose parameters are read.
        rows, held_out: numbers of training and of validation rows.
        event: the shape of an example.
        table: whether each column has a scale of its own.
    """
    batch = estimator.batch_size
    if batch == "auto":
        batch = int(np.clip(rows // 8, SMALLEST_BATCH, BATCH)) if table else BATCH
    batch = min(int(batch), rows)
    steps = math.ceil(rows / batch)
    most_steps, large = (TABLE_STEPS, LARGE_ROW) if table else (STEPS, LARGE_EXAMPLE)
    share = min(1.0, large / math.prod(event))
    aim = most_steps * share
    most = TABLE_EPOCHS if table else MOST_EPOCHS
    epochs = estimator.epochs
    if epochs == "auto":
        epochs = int(np.clip(math.ceil(aim / steps), FEWEST_EPOCHS, most))
    patience = estimator.patience
    if patience == "auto":
        patience = max(round(PATIENCE * share), epochs // 3) if table else PATIENCE
    again = min(SCORED, SCORED_VALUES // math.prod(event))
    draws = int(np.clip(again // max(held_out, 1), 1, 16)) if table else 1
    rate = (TABLE_RATE if table else RATE) if estimator.learning_rate == "auto" else float(estimator.learning_rate)
    return Budget(int(epochs), batch, None if patience is None else int(patience), rate, draws)
