"""Functions of a context: c ↦ p(· | c). Posteriors, priors and likelihoods are made of these."""

from aevum.conditionals.base import Conditional
from aevum.conditionals.blocks import emitted_width
from aevum.conditionals.column import Column
from aevum.conditionals.columns import ColumnsConditional
from aevum.conditionals.discrete import BernoulliConditional, ContinuousBernoulliConditional
from aevum.conditionals.flow import FlowConditional
from aevum.conditionals.gaussian import GaussianConditional, ScaledGaussian
from aevum.conditionals.kinds import KINDS
from aevum.conditionals.logistic import DiscretizedLogisticConditional
from aevum.conditionals.missingness import IGNORABLE, KNOWN, MISSINGNESS, SelfMasking
from aevum.conditionals.scale import EmittedScale, FixedScale, LearnedScale, Scale

__all__ = [
    "IGNORABLE",
    "KINDS",
    "KNOWN",
    "MISSINGNESS",
    "BernoulliConditional",
    "Column",
    "ColumnsConditional",
    "Conditional",
    "ContinuousBernoulliConditional",
    "DiscretizedLogisticConditional",
    "EmittedScale",
    "FixedScale",
    "FlowConditional",
    "GaussianConditional",
    "LearnedScale",
    "Scale",
    "ScaledGaussian",
    "SelfMasking",
    "emitted_width",
]
