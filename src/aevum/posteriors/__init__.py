"""What is special to q(z | x, y): the point mass of an auto-encoder, and the corrupted input of a denoising one."""

from aevum.posteriors.corruption import CORRUPTIONS, Corrupted, GaussianNoise, Masking, SaltAndPepper
from aevum.posteriors.point_mass import PointMassPosterior

__all__ = ["CORRUPTIONS", "Corrupted", "GaussianNoise", "Masking", "PointMassPosterior", "SaltAndPepper"]
