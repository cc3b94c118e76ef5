"""Sums of an objective's terms over rows, by their names."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from aevum.objectives import Terms

TERMS = ("loss", "distortion", "rate")
KEPT_NAMES = {
    *TERMS, "epoch", "step", "beta", "learning_rate", "skipped_steps", "seconds", "best_epoch", "interrupted", "held",
}  # fmt: skip


class Sums:
    """Sums over rows of the terms by their names, in float64 on the processor."""

    def __init__(self) -> None:
        self.names: tuple[str, ...] = TERMS
        self.total: Tensor | float = 0.0

    def of(self, terms: Terms, rows: int) -> Tensor:
        """The sums of one batch, ``(number of terms,)``."""
        parts = [term.detach() for term in terms[:3]]
        if terms.extras:
            self.names = (*TERMS, *terms.extras)
            if taken := KEPT_NAMES & set(terms.extras):
                raise TypeError(f"an objective's extra can't be called {taken.pop()!r}: a record has that already")
            parts += [term.detach().expand(rows) for term in terms.extras.values()]
        return torch.stack([part.double() for part in parts]).sum(dim=1).cpu()

    def add(self, total: Tensor) -> None:
        """Count a batch's sums."""
        self.total = self.total + total

    def means(self, rows: float, offset: float) -> dict[str, float]:
        """Means over rows, loss and distortion in the data's units: a change of units moves these two alone."""
        means = (self.total / rows).tolist() if isinstance(self.total, Tensor) else [math.nan] * len(self.names)
        named: dict[str, float] = dict(zip(self.names, means, strict=True))
        return {**named, "loss": named["loss"] + offset, "distortion": named["distortion"] + offset}
