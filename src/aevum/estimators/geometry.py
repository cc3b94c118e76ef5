"""Curves in the latent space, measured by what they decode to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.estimators.arrays import to_numpy
from aevum.estimators.decoding import too_far

if TYPE_CHECKING:
    from aevum.estimators.base import LatentVariableEstimator

Floats = NDArray[np.float64]


@torch.inference_mode(mode=False)
@torch.enable_grad()
def curve_energy(
    estimator: LatentVariableEstimator, z: NDArray[np.float32], context: NDArray[np.float32] | None
) -> tuple[float, Floats]:
    """The energy of the decoded curve through codes ``(n, D)`` and its gradient ``(n, D)``.

    The decoder runs without its parameters' gradients: only the codes move.
    """
    estimator.model_.eval()
    codes = estimator._tensor(z).requires_grad_()
    c = None if context is None else estimator._tensor(context)
    mean = estimator.model_.likelihood(codes, c).mean
    steps = mean.diff(dim=0).double() if mean.device.type != "mps" else mean.diff(dim=0)
    energy = (len(z) - 1) * steps.square().sum()
    # A decoder may ignore its code, and then there is no graph from the one to the other.
    (gradient,) = torch.autograd.grad(energy + 0.0 * codes.sum(), codes)
    if not (energy.isfinite() and gradient.isfinite().all()):
        raise too_far(estimator, z, context)
    return float(energy.detach()), to_numpy(gradient, np.float64)


@torch.inference_mode()
def curve_length(
    estimator: LatentVariableEstimator, z: NDArray[np.float32], context: NDArray[np.float32] | None
) -> float:
    """The length of the decoded polygon through codes ``(n, D)``, on the model's scale."""
    estimator.model_.eval()
    c = None if context is None else estimator._tensor(context)
    mean = to_numpy(estimator.model_.likelihood(estimator._tensor(z), c).mean, np.float64)
    if not np.isfinite(mean).all():
        raise too_far(estimator, z, context)
    steps = np.diff(mean.reshape(len(z), -1), axis=0)
    return float(np.linalg.norm(steps, axis=1).sum())
