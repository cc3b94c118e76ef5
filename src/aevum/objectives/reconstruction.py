"""The objective of auto-encoders: the distortion alone."""

from __future__ import annotations

import torch
from torch import Tensor

from aevum.model import LatentVariableModel
from aevum.objectives.terms import Terms


class Reconstruction:
    r"""−log p(x | z = f(x)): with a Gaussian of σ = 1 this is ½‖x − x̂‖² + const, the squared error.

    The rate is reported as zero: a point mass has none, so ``beta`` weighs nothing here, and nothing is drawn.
    """

    def __call__(
        self,
        model: LatentVariableModel,
        x: Tensor,
        y: Tensor | None = None,
        *,
        beta: float = 1.0,
        noise: Tensor | None = None,
    ) -> Terms:
        distortion = -model.likelihood(model.infer(x, y).rsample(), y).log_prob(x)
        return Terms(distortion, distortion, torch.zeros_like(distortion))
