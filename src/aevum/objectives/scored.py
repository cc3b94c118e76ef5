"""A model and the objective that scores it: what the training loop sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import torch
from torch import Tensor, nn

from aevum.conditionals import Conditional
from aevum.model import LatentVariableModel
from aevum.objectives.terms import Objective, Opponent, Terms


class Scored(nn.Module):
    """The two together, whose parameters are learned together: ``(x, y, beta, generator) ↦ Terms``."""

    def __init__(self, model: LatentVariableModel, objective: Objective) -> None:
        super().__init__()
        self.model, self.objective = model, objective

    @property
    def needs_grad(self) -> bool:
        """Whether the objective's terms take gradients themselves."""
        return self.objective.needs_grad

    def forward(self, x: Tensor, y: Tensor | None, beta: float, generator: torch.Generator | None = None) -> Terms:
        terms: Terms = self.objective(self.model, x, y, beta=beta, generator=generator)
        return terms

    def selection(self, terms: Terms) -> Tensor:
        """What chooses the best epoch, ``(N,)``."""
        return self.objective.selection(terms)

    def opponents(self) -> Sequence[Opponent]:
        """What plays against the model, each with a loss of (x, y, generator)."""
        return [replace(each, loss=partial(each.loss, self.model)) for each in self.objective.opponents()]

    @torch.no_grad()
    def prepare(self, x: Tensor, y: Tensor | None, rows: int) -> None:
        """Every part looks at some training rows before the first step."""
        for part in self.model.modules():
            if isinstance(part, Conditional):
                part.prepare(x, y, rows)
        self.objective.prepare(self.model, x, y, rows)
