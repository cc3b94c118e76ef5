# ruff: noqa: I001 - in the order in which they are registered, and so listed
"""One recipe a name: how the parts compose. Importing this room registers them all."""

from aevum.estimators.registry import ESTIMATORS, register
from aevum.recipes.ae import AE
from aevum.recipes.dae import DAE
from aevum.recipes.vae import VAE
from aevum.recipes.cvae import CVAE
from aevum.recipes.iwae import IWAE
from aevum.recipes.mixturevae import MixtureVAE
from aevum.recipes.vampvae import VampVAE
from aevum.recipes.flowvae import FlowVAE
from aevum.recipes.loading import load

__all__ = ["AE", "CVAE", "DAE", "ESTIMATORS", "IWAE", "VAE", "FlowVAE", "MixtureVAE", "VampVAE", "load", "register"]
