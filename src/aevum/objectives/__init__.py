"""(model, x, y) → terms: one value an example, in nats. Averages are the training loop's."""

from aevum.objectives.elbo import ELBO
from aevum.objectives.evidence import (
    Draws,
    draws_in_chunks,
    effective_sample_size,
    importance_weighted_bound,
    log_weights,
    posterior_and_prior,
    weighed,
)
from aevum.objectives.importance_weighted import ImportanceWeightedBound
from aevum.objectives.pareto import pareto_shape
from aevum.objectives.reconstruction import Reconstruction
from aevum.objectives.terms import Objective, Terms

__all__ = [
    "ELBO",
    "Draws",
    "ImportanceWeightedBound",
    "Objective",
    "Reconstruction",
    "Terms",
    "draws_in_chunks",
    "effective_sample_size",
    "importance_weighted_bound",
    "log_weights",
    "pareto_shape",
    "posterior_and_prior",
    "weighed",
]
