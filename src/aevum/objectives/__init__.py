"""(model, x, y) → terms: one value an example, in nats. Averages are the training loop's."""

from aevum.objectives.elbo import ELBO
from aevum.objectives.evidence import importance_weighted_bound, log_weights
from aevum.objectives.reconstruction import Reconstruction
from aevum.objectives.terms import Objective, Terms

__all__ = ["ELBO", "Objective", "Reconstruction", "Terms", "importance_weighted_bound", "log_weights"]
