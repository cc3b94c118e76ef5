"""A fitted model over rows: encode, decode, score, weigh, export; and how its codes are distributed."""

from aevum.fitted.families import FAMILIES, Family, register_likelihood
from aevum.fitted.fitted import Fitted
from aevum.fitted.law import Law
from aevum.fitted.likelihoods import Likelihood
from aevum.fitted.parts import Parts

__all__ = ["FAMILIES", "Family", "Fitted", "Law", "Likelihood", "Parts", "register_likelihood"]
