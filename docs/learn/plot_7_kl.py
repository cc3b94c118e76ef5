r"""
7. The KL in closed form, β, and collapse
=========================================

The second term of the loss is :math:`\mathrm{KL}(q(z \mid x) \,\Vert\, p(z))`, with :math:`q = N(\mu,
\operatorname{diag}\sigma^2)` and :math:`p = N(0, I)`. Both are products over dimensions, so the KL is a sum over
them, and one dimension is enough.

The derivation, all of it
-------------------------

The two log-densities are

.. math::

    \log q(z) = -\tfrac12 \log 2\pi - \log\sigma - \frac{(z - \mu)^2}{2\sigma^2}, \qquad
    \log p(z) = -\tfrac12 \log 2\pi - \tfrac12 z^2 .

Their difference in the mean under q: the constants :math:`\tfrac12\log 2\pi` cancel, and with
:math:`\mathbb{E}_q[(z-\mu)^2] = \sigma^2` and :math:`\mathbb{E}_q[z^2] = \mu^2 + \sigma^2`,

.. math::

    \mathrm{KL} = \mathbb{E}_q[\log q - \log p]
      = -\log\sigma - \tfrac12 + \tfrac12\left(\mu^2 + \sigma^2\right)
      = \tfrac12\left(\mu^2 + \sigma^2 - 1 - \log\sigma^2\right) .

In D dimensions, with :math:`s = \log\sigma^2` as the encoder gives it,

.. math::

    \mathrm{KL} = \frac12 \sum_{d=1}^D \left( \mu_d^2 + e^{s_d} - 1 - s_d \right) .

**Where texts disagree.** The ½ comes from the exponent of the Gaussian and is not optional: without it the KL counts
double, which is a β of 2. The *sum* over dimensions is not optional either: a mean over them divides β by D. And a
popular version writes :math:`e^{s} - (1 + s) + m^2` and calls σ what is :math:`s = \log \sigma^2`. That is (twice)
the same expression **if** the code is then drawn as :math:`m + e^{s/2}\varepsilon`. With :math:`m +
e^{s}\varepsilon`, s is log σ, and the term must be :math:`\tfrac12(m^2 + e^{2s} - 1 - 2s)`.
"""

# %%
# We need not believe it. Integrate numerically, or ask PyTorch:

import matplotlib.pyplot as plt
import numpy as np
import torch
from scipy.integrate import trapezoid
from torch.distributions import Normal, kl_divergence


def rate(mu, s):
    """KL(N(μ, eˢ) ‖ N(0, 1)), nats."""
    return 0.5 * (mu**2 + np.exp(s) - 1 - s)


mu, s = 0.8, -1.3
z = np.linspace(-12, 12, 200_001)
q, p = Normal(mu, float(np.exp(s / 2))), Normal(0.0, 1.0)
log_q, log_p = (law.log_prob(torch.from_numpy(z)).numpy() for law in (q, p))
print(f"the formula          {rate(mu, s):.6f}")
print(f"the integral         {trapezoid(np.exp(log_q) * (log_q - log_p), z):.6f}")
print(f"torch.distributions  {kl_divergence(q, p):.6f}")

# %%
# Where it is least
# -----------------
#
# .. math::
#
#     \frac{\partial\,\mathrm{KL}}{\partial \mu} = \mu = 0, \qquad
#     \frac{\partial\,\mathrm{KL}}{\partial s} = \tfrac12\left(e^s - 1\right) = 0 \;\Longrightarrow\; s = 0,\ \sigma = 1 .
#
# The second derivatives, 1 and ½eˢ, are positive, so this is the only minimum, and there KL = 0: :math:`N(0, 1)`
# itself. So the term says to each picture: lie at the middle, and be as wide as the prior. The part
# :math:`\tfrac12\mu^2` pulls codes to the middle as weight decay pulls weights; the part :math:`\tfrac12(e^s - 1 -
# s)` keeps σ from going to 0, which would cost :math:`-\tfrac12 s \to \infty`. That is the reason which the noise of
# chapter 3 was lacking.

grid = np.linspace(-4, 2.5, 300)
fig, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.2))
left.plot(grid, np.exp(grid), label="eˢ", color="C0", lw=1)
left.plot(grid, 1 + grid, label="1 + s", color="C1", lw=1)
left.plot(grid, np.exp(grid) - 1 - grid, label="eˢ − 1 − s", color="C3", lw=2)
left.axhline(0, color="0.7", lw=0.8)
left.set(xlabel="s = log σ²", ylim=(-3, 8), title="least at s = 0, that is σ = 1")
left.legend()
across, up = np.meshgrid(np.linspace(-2.5, 2.5, 200), np.linspace(0.05, 2.5, 200))
lines = right.contour(across, up, rate(across, 2 * np.log(up)), [0.05, 0.2, 0.5, 1, 2, 3], cmap="viridis")
right.clabel(lines, fontsize=7)
right.plot(0, 1, "r*")
right.set(xlabel="μ", ylabel="σ", title="KL, nats")
fig.tight_layout()

# %%
# Rate and distortion
# -------------------
#
# **Rate** is a name from coding: it is how many nats of x the code carries (1 nat is 1.44 bits). **Distortion** is
# how many nats are missing to give x back. They are bought with each other, and β sets the exchange: the objective is
#
# .. math:: \text{distortion} + \beta \cdot \text{rate}.
#
# β = 1 is the ELBO; less of it gives sharper pictures and codes that stray from the prior; more of it a smoother map,
# until nothing is left in it.

import warnings

from aevum import VAE, open_data

digits = open_data("digits")
fig, ax = plt.subplots(figsize=(5.4, 3.6), layout="constrained")
for beta in (0.1, 0.3, 1.0, 3.0, 30.0):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # at β = 30 it collapses, and says so
        vae = VAE(latent_dim=4, beta=beta, epochs=40, validation_fraction=0.0, random_state=0).fit(digits)
    distortion, nats = (terms.mean() for terms in vae.distortion_and_rate(digits.x))
    ax.plot(nats, distortion, "o", color="C0")
    ax.annotate(f"β = {beta:g}", (nats, distortion), textcoords="offset points", xytext=(6, 3), fontsize=9)
ax.set(xlabel="rate, nats", ylabel="distortion, nats")
ax.margins(0.15)

# %%
# Collapse
# --------
#
# At the left end the rate is 0: :math:`q(z \mid x) = p(z)` for every x, the code says nothing, and the decoder
# answers with the same picture for each. That is **posterior collapse**. It is a minimum of the KL, and it happens
# where what the code could say is not worth its price: β too large, σ of the likelihood fixed too large (chapter 5:
# it divides the distortion), or a decoder that is strong enough without z. It may also happen to single dimensions,
# and there it is no fault: those that are not needed are switched off, which is why a ``latent_dim`` that is too
# large costs a VAE little. Both are counted after every fit (and warned of, if it is all of them):

two_factors = np.random.default_rng(0)
table = two_factors.normal(size=(1000, 2)) @ two_factors.normal(size=(2, 12)) + 0.1 * two_factors.normal(
    size=(1000, 12)
)
print("a table of two factors, D = 6:", VAE(latent_dim=6, random_state=0).fit(table).latent_summary_)
print("the digits, D = 4, β = 30:    ", vae.latent_summary_)

# %%
# **What to do about it.** A likelihood whose σ is learned (the default); β below 1, or one that rises over the first
# epochs (the default, too); training longer; a prior that is learned.
#
# **Numbers near zero.** Computed as it is written, :math:`e^s - 1 - s` loses all of its digits near s = 0, and can
# come out negative in low precision. aevum computes :math:`\operatorname{expm1}(s) - s`, in float32 at least.
#
# **To try.** ``aevum train digits --beta 30`` collapses and says so. In ``aevum explore`` the panel *Training* weighs the
# rate while a copy of the model learns: take the KL away and put it back, and see rate, distortion and σ move.
#
# **Read.** D. P. Kingma and M. Welling, 2014, appendix B; I. Higgins and others, *beta-VAE*, ICLR 2017; A. Alemi and
# others, *Fixing a broken ELBO*, ICML 2018; J. Lucas and others, *Don't blame the ELBO!*, NeurIPS 2019.
#
# **Next.** All of the loss is derived. What if the picture is to be of a seven?
