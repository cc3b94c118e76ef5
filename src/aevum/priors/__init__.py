"""What is special to p(z | y). A learned p(z | y) is a plain :class:`aevum.conditionals.GaussianConditional`."""

from aevum.priors.mixture import MixturePrior
from aevum.priors.standard_normal import StandardNormal
from aevum.priors.vamp import VampPrior

__all__ = ["MixturePrior", "StandardNormal", "VampPrior"]
