"""Curves in the latent space, measured by what they decode to."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from aevum.fitted.decoding import too_far
from aevum.fitted.fitted import Fitted, evaluating

Floats = NDArray[np.float64]


@torch.inference_mode(mode=False)
@torch.enable_grad()
def curve_energy(fitted: Fitted, z: NDArray[np.float32], context: NDArray[np.float32] | None) -> tuple[float, Floats]:
    """The energy of the decoded curve through codes ``(n, D)`` and its gradient ``(n, D)``.

    The decoder runs without its parameters' gradients: only the codes move.
    """
    evaluating(fitted.model)
    codes = fitted.tensor(z).requires_grad_()
    c = None if context is None else fitted.tensor(context)
    mean = fitted.model.examples_given(codes, c).mean
    steps = mean.diff(dim=0).double() if mean.device.type != "mps" else mean.diff(dim=0)
    energy = (len(z) - 1) * steps.square().sum()
    # A decoder may ignore its code, and then there is no graph from the one to the other.
    (gradient,) = torch.autograd.grad(energy + 0.0 * codes.sum(), codes)
    if not (energy.isfinite() and gradient.isfinite().all()):
        raise too_far(fitted, z, context)
    return float(energy.detach()), gradient.cpu().numpy().astype(np.float64)


@torch.inference_mode()
def curve_length(fitted: Fitted, z: NDArray[np.float32], context: NDArray[np.float32] | None) -> float:
    """The length of the decoded polygon through codes ``(n, D)``, on the model's scale."""
    evaluating(fitted.model)
    c = None if context is None else fitted.tensor(context)
    mean = fitted.model.examples_given(fitted.tensor(z), c).mean.cpu().numpy().astype(np.float64)
    if not np.isfinite(mean).all():
        raise too_far(fitted, z, context)
    steps = np.diff(mean.reshape(len(z), -1), axis=0)
    return float(np.linalg.norm(steps, axis=1).sum())
