"""One recipe a name, with scikit-learn's face."""

from aevum.estimators.ae import AE
from aevum.estimators.base import LatentVariableEstimator
from aevum.estimators.cvae import CVAE
from aevum.estimators.dae import DAE
from aevum.estimators.iwae import IWAE
from aevum.estimators.messages import listen
from aevum.estimators.registry import ESTIMATORS, load
from aevum.estimators.snapshots import Snapshots
from aevum.estimators.vae import VAE

__all__ = ["AE", "CVAE", "DAE", "ESTIMATORS", "IWAE", "VAE", "LatentVariableEstimator", "Snapshots", "load"]

listen()
