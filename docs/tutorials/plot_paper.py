r"""
A paper as a composition
========================

A model of a paper is seldom all new. It has a posterior, a prior, a likelihood and an objective, of which three are
known. So it is written as a class that composes them, and everything else (training, saving, scores, the command
line, the page) knows it at once.

The paper: *InfoVAE: balancing learning and inference in variational autoencoders*, S. Zhao, J. Song, S. Ermon, AAAI
2019. Its complaint: the rate asks of *every* row that its posterior resembles the prior. All that is needed to
generate is that the codes **together** do. So it weighs the two apart,

.. math::

    \text{loss} = \text{distortion} + (1 - \alpha)\, \text{rate} + (\alpha + \lambda - 1)\, D\big(q(z) \,\Vert\, p(z)\big),

with the maximum mean discrepancy (MMD) for D: of two samples, how much nearer to each other their members are within
than across.

What is new is a distance and an objective, each a few lines.
"""

import torch

import aevum
from aevum.conditionals import GaussianConditional
from aevum.distributions import draw, exact_divergence
from aevum.domains import Finite
from aevum.estimators import LatentVariableEstimator, parameter
from aevum.model import LatentVariableModel
from aevum.objectives import Objective, Terms
from aevum.priors import StandardNormal


def kernel(a, b):
    """exp(−‖a − b‖² / D) of all pairs of two samples (M, D) and (N, D)."""
    return torch.exp(-torch.cdist(a, b).square() / a.shape[1])


def mmd(a, b):
    """The squared maximum mean discrepancy of two samples, without the pairs of a row with itself."""
    n = len(a)
    within = [(k.sum() - k.diagonal().sum()) / (n * (n - 1)) for k in (kernel(a, a), kernel(b, b))]
    return within[0] + within[1] - 2 * kernel(a, b).mean()


class Information(Objective):
    """distortion + (1 − α) rate + (α + λ − 1) MMD(q(z), p(z)), one value a row, nats."""

    def __init__(self, alpha, weight):
        super().__init__()
        self.alpha, self.weight = alpha, weight

    def forward(self, model, x, y=None, *, beta=1.0, generator=None):
        q, prior = model.infer(x, y, generator=generator), model.codes_given(y)
        z = draw(q, (), generator)  # reparameterized: the gradient passes
        distortion = -model.examples_given(z, y).log_prob(x)
        rate = exact_divergence(q, prior)
        apart = mmd(z, draw(prior, (len(x),), generator)).expand(len(x)) if len(x) > 1 else torch.zeros_like(rate)
        loss = distortion + (1 - self.alpha) * rate + (self.alpha + self.weight - 1) * apart
        return Terms(loss, distortion, rate, {"mmd": apart})


# %%
# The class says what it can be told, with what each may be, and composes. ``@aevum.register`` gives its name to
# ``save``, ``load`` and the command line.


@aevum.register
class InfoVAE(LatentVariableEstimator):
    """Variational auto-encoder that weighs the rate and the mismatch of all codes apart."""

    title = "InfoVAE"
    beta = 0.0

    alpha: float = parameter(default=0.9, text="α: 1 − α weighs the rate.", domain=Finite(most=1))
    weight: float = parameter(default=500.0, text="λ; α + λ − 1 weighs the MMD.", domain=Finite(least=0))

    def _compose(self, parts, encoding):
        posterior = GaussianConditional(parts.encoder(self.network, GaussianConditional.per_value))
        likelihood = parts.decoder(self.network, encoding)
        model = LatentVariableModel(posterior, StandardNormal(parts.latent_dim), likelihood)
        return model, Information(self.alpha, self.weight)


# %%
# That is all. Beside a VAE, on digits: the rate of each row may be larger, and the codes together stay near the prior.

import matplotlib.pyplot as plt

digits = aevum.open_data("digits")
models = {
    "VAE": aevum.VAE(latent_dim=2, epochs=30, random_state=0).fit(digits),
    "InfoVAE": InfoVAE(latent_dim=2, epochs=30, random_state=0).fit(digits),
    "no tie to the prior": InfoVAE(latent_dim=2, alpha=1.0, weight=0.0, epochs=30, random_state=0).fit(digits),
}
fig, axes = plt.subplots(1, 3, figsize=(9, 3.1), layout="constrained")
generator = torch.Generator().manual_seed(0)
for ax, (name, model) in zip(axes, models.items(), strict=True):
    codes = torch.from_numpy(model.draw_codes(digits.x, random_state=0)[0])
    distance = mmd(codes, torch.randn(len(codes), 2, generator=generator))
    distortion, rate = model.distortion_and_rate(digits.x)
    print(f"{name:20} rate {rate.mean():.2f} nats, distortion {distortion.mean():.1f}, MMD to N(0, I) {distance:.4f}")
    ax.scatter(*model.transform(digits.x).T, c=digits.y, s=3, cmap="tab10")
    ax.set(title=name)

# %%
# What the framework gives: parameters are checked, the file holds no code, and the page shows it.

try:
    InfoVAE(alpha=2.0).fit(digits)
except aevum.InputError as error:
    print(error)

# %%
# With the class in ``info.py``::
#
#     aevum train digits --model info.py:InfoVAE --set weight=200 --out runs/info
#     aevum --import info.py explore runs/info
#
# More such papers are in ``tests/compositions``; what each part must do is in :doc:`/extending`.
