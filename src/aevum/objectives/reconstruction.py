"""The objective of auto-encoders: the distortion alone."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.distributions import Distribution

from aevum.distributions import draw
from aevum.model import LatentVariableModel
from aevum.objectives.terms import Objective, Terms


class Reconstruction(Objective):
    r"""−log p(x | z = f(x)): with a Gaussian of σ = 1 this is ½‖x − x̂‖² + const, the squared error.

    The rate is reported as zero: a point mass has none, so ``beta`` weighs nothing here, and nothing is drawn.
    """

    def forward(
        self,
        model: LatentVariableModel,
        x: Tensor,
        y: Tensor | None = None,
        *,
        beta: float = 1.0,
        generator: torch.Generator | None = None,
    ) -> Terms:
        q = model.infer(x, y, generator=generator)
        distortion = distortion_of(model, q, x, y, generator=generator)
        return Terms(distortion, distortion, torch.zeros_like(distortion))


def distortion_of(
    model: LatentVariableModel,
    q: Distribution,
    x: Tensor,
    y: Tensor | None = None,
    *,
    generator: torch.Generator | None = None,
    noise: Tensor | None = None,
) -> Tensor:
    """−log p(x|z,y) of one draw z ~ q an example, ``(N,)``."""
    z = draw(q, (), generator, noise)
    return -model.log_likelihood(x, z, y)
