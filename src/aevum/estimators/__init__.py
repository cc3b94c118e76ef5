"""scikit-learn's face of a latent-variable model: what its recipes share."""

from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.declaring import parameter
from aevum.estimators.messages import listen
from aevum.estimators.parameters import WeightedRate
from aevum.estimators.registry import ESTIMATORS, register
from aevum.estimators.snapshots import Snapshots

__all__ = ["ESTIMATORS", "LatentVariableEstimator", "Snapshots", "WeightedRate", "parameter", "register"]

listen()
