"""What is special to q(z | x, y): the point mass of an auto-encoder, the corrupted input of a denoising one, a flow."""

from aevum.posteriors.corruption import (
    CORRUPTIONS,
    Corrupted,
    Corruption,
    Diffusion,
    GaussianNoise,
    Masking,
    SaltAndPepper,
)
from aevum.posteriors.flow import FlowPosterior
from aevum.posteriors.point_mass import PointMassPosterior
from aevum.posteriors.without_noise import WithoutNoise

__all__ = [
    "CORRUPTIONS",
    "Corrupted",
    "Corruption",
    "Diffusion",
    "FlowPosterior",
    "GaussianNoise",
    "Masking",
    "PointMassPosterior",
    "SaltAndPepper",
    "WithoutNoise",
]
