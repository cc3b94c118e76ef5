"""(model, x, y) → terms: one value an example, in nats. Averages are the training loop's."""

from aevum.objectives.elbo import ELBO, distortion_and_rate
from aevum.objectives.evidence import (
    Draws,
    draws_in_chunks,
    effective_sample_size,
    importance_weighted_bound,
    log_weights,
    weighed,
)
from aevum.objectives.importance_weighted import ImportanceWeightedBound
from aevum.objectives.pareto import pareto_shape
from aevum.objectives.reconstruction import Reconstruction, distortion_of
from aevum.objectives.scored import Scored
from aevum.objectives.terms import Objective, Opponent, Terms

__all__ = [
    "ELBO",
    "Draws",
    "ImportanceWeightedBound",
    "Objective",
    "Opponent",
    "Reconstruction",
    "Scored",
    "Terms",
    "distortion_and_rate",
    "distortion_of",
    "draws_in_chunks",
    "effective_sample_size",
    "importance_weighted_bound",
    "log_weights",
    "pareto_shape",
    "weighed",
]
