"""The lessons that a server holds: copies of models that pages let learn on, few of them, and each by its name."""

from __future__ import annotations

import math
from collections import OrderedDict
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from aevum.estimators.lesson import Lesson

if TYPE_CHECKING:
    from aevum.server.subject import Run

# Of all runs together: the one that was asked least lately goes.
MOST_LESSONS = 3
# Rows that a lesson learns from, and values of theirs and of their codes.
MOST_ROWS, FEWEST_ROWS, MOST_VALUES, MOST_CODES = 2048, 32, 2**22, 2**20


class Lessons:
    """The lessons that were asked last, by run and name.

    Args:
        most: how many are held.
    """

    def __init__(self, most: int = MOST_LESSONS) -> None:
        self.most = most
        self._held: OrderedDict[tuple[str, str], tuple[Run, Lesson]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._held)

    def find(self, run: Run, name: str) -> Lesson | None:
        """The lesson of this name; None where there is none, or another model has taken the place of its run."""
        held = self._held.get((run.id, name))
        if held is None or held[0] is not run:
            return None
        self._held.move_to_end((run.id, name))
        return held[1]

    def begin(self, run: Run, name: str) -> Lesson:
        """A lesson at the run's own weights, in the place of the one of this name.

        Raises:
            InputError: the model can't learn on: says why.
        """
        self._held.pop((run.id, name), None)
        while len(self._held) >= self.most:
            self._held.popitem(last=False)
        rows = rows_to_learn(run)
        order = np.argsort(rows)
        back = np.argsort(order)
        x = run.examples(rows[order])[back]  # in their order, as files are read best
        y = None if run.y is None or not run.estimator.conditional else run.y[rows]
        lesson = Lesson(run.estimator, x, y)
        self._held[run.id, name] = run, lesson
        return lesson


def rows_to_learn(run: Run) -> NDArray[np.intp]:
    """All rows, or as many as a step on a page has time for, in an order that is a function of their number alone."""
    most = min(MOST_ROWS, MOST_VALUES // math.prod(run.event), MOST_CODES // run.latent_dim)
    count = min(run.rows, max(FEWEST_ROWS, most))
    found: NDArray[np.intp] = np.random.default_rng(0).choice(run.rows, count, replace=False)
    return found
