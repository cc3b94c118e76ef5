"""Model M2: *Semi-supervised learning with deep generative models*, D. P. Kingma et al., NeurIPS 2014."""

import math

import torch
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

import aevum
from aevum.conditionals import Conditional, GaussianConditional
from aevum.estimators import LatentVariableEstimator, WeightedRate, parameter
from aevum.model import LatentVariableModel
from aevum.networks import MLP
from aevum.objectives import Objective, Terms, distortion_and_rate
from aevum.priors import StandardNormal


class Guessing(Conditional):
    """q(z|x,y), with q(y|x) for a y that isn't known: no class at all."""

    def __init__(self, posterior, classifier):
        super().__init__()
        self.posterior, self.classifier = posterior, classifier

    def log_classes(self, x):
        return self.classifier(x).squeeze(-2).log_softmax(-1)

    def forward(self, x, y):
        return self.posterior(x, torch.where(y.sum(-1, keepdim=True) > 0, y, self.log_classes(x).exp()))


class Marginal(Conditional):
    """p(x|z,y), and Σ_y p(y) p(x|z,y) for a y that isn't known."""

    def __init__(self, likelihood, classes):
        super().__init__()
        self.likelihood = likelihood
        self.register_buffer("classes", torch.eye(classes))

    def forward(self, z, y):
        weights = torch.where(y.sum(-1, keepdim=True) > 0, y, 1.0 / len(self.classes))
        each = self.likelihood(z.unsqueeze(-2), self.classes)
        parts = Independent(Normal(each.mean, each.stddev), 1)
        return MixtureSameFamily(Categorical(weights.expand(*z.shape[:-1], -1)), parts, validate_args=False)


class M2(Objective):
    """Of a labelled row the bound on −log p(x,y) and α times the classifier's loss; of others that on −log p(x)."""

    def __init__(self, alpha):
        super().__init__()
        self.alpha = alpha

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        known, log_q = y.sum(-1) > 0, model.posterior.log_classes(x)
        weights = torch.where(known[:, None], y, log_q.exp())
        found = []
        for one in torch.eye(y.shape[1], device=y.device):
            each = one.expand_as(y)
            found.append(distortion_and_rate(model, model.infer(x, each), x, each, generator=generator))
        distortion, rate = ((torch.stack(part, -1) * weights).sum(-1) for part in zip(*found, strict=True))
        entropy = torch.where(known, 0.0, -(weights * log_q).sum(-1))
        mistake = torch.where(known, -(y * log_q).sum(-1), 0.0)
        loss = distortion + beta * rate + math.log(y.shape[1]) - entropy + self.alpha * mistake
        return Terms(loss, distortion, rate, {"entropy": entropy, "classification": mistake})


@aevum.register
class SemiSupervised(WeightedRate, LatentVariableEstimator):
    """VAE of rows of which some have a label."""

    conditional = "optional"

    alpha: float = parameter(default=5.0, text="weight of the classifier's loss.")

    def _compose(self, parts, encoding):
        classifier = MLP(parts.encoded, (parts.context,), hidden=(16,))
        posterior = Guessing(GaussianConditional(parts.encoder(self.network, 2)), classifier)
        likelihood = Marginal(parts.decoder(self.network, encoding), parts.context)
        return LatentVariableModel(posterior, StandardNormal(parts.latent_dim), likelihood), M2(self.alpha)
