"""What is special to p(z | y). A learned p(z | y) is a plain :class:`aevum.conditionals.GaussianConditional`."""

from aevum.priors.standard_normal import StandardNormal

__all__ = ["StandardNormal"]
