"""Values: the distributions that PyTorch lacks, or that lose their digits there."""

from aevum.distributions.bernoulli import Bernoulli
from aevum.distributions.continuous_bernoulli import ContinuousBernoulli
from aevum.distributions.discretized_logistic import DiscretizedLogistic
from aevum.distributions.drawing import InitialisedBy, draw, lent_to_global
from aevum.distributions.gaussian import Gaussian
from aevum.distributions.point_mass import PointMass

__all__ = [
    "Bernoulli", "ContinuousBernoulli", "DiscretizedLogistic", "Gaussian", "InitialisedBy", "PointMass", "draw",
    "lent_to_global",
]  # fmt: skip
