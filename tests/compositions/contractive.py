"""Contractive auto-encoder: *Contractive auto-encoders*, S. Rifai et al., ICML 2011."""

import torch

import aevum
from aevum.distributions import summary
from aevum.estimators import LatentVariableEstimator, parameter
from aevum.model import LatentVariableModel
from aevum.objectives import Objective, Terms
from aevum.posteriors import PointMassPosterior


class Contraction(Objective):
    """Distortion + λ ‖∂z/∂x‖²."""

    needs_grad = True

    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        x = x.detach().requires_grad_()
        z = summary(model.infer(x, y, generator=generator))[0]
        slopes = [torch.autograd.grad(column.sum(), x, create_graph=True)[0] for column in z.unbind(-1)]
        penalty = torch.stack(slopes).square().flatten(2).sum((0, 2))
        distortion = -model.examples_given(z, y).log_prob(x)
        return Terms(distortion + self.weight * penalty, distortion, 0.0 * distortion, {"contraction": penalty})


@aevum.register
class Contractive(LatentVariableEstimator):
    """Auto-encoder whose codes change little."""

    can_sample = False
    has_density = False

    weight: float = parameter(default=0.1, text="weight of the penalty.")

    def _compose(self, parts, encoding):
        posterior = PointMassPosterior(parts.encoder(self.network, 1))
        return LatentVariableModel(posterior, None, parts.decoder(self.network, encoding)), Contraction(self.weight)
