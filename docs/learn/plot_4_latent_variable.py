r"""
4. From a mixture to a latent variable
======================================

What is it that we want to know? How likely every possible picture is: a density :math:`p(x)` over
:math:`\mathbb{R}^{784}`, high for digits, low for snow. From a density one can draw, and by a density one can say
that something is odd. No formula that one can write down by hand has the right shape. So we build a complicated one
out of simple ones.
"""

# %%
# Two, eight, infinitely many
# ---------------------------
#
# Take :math:`K` Gaussians. Roll a die :math:`m` that shows :math:`k` with probability :math:`\pi_k`, then draw from
# the Gaussian that it names. The result has the density of a **Gaussian mixture**,
#
# .. math::
#
#     p(x) = \sum_{k=1}^K p(m = k)\, p(x \mid m = k) = \sum_k \pi_k\, N(x; \mu_k, \Sigma_k) .
#
# The die is a **latent variable**: part of how x came about, and not in the data. With more components, each may be
# smaller, and the mixture follows any shape:

import matplotlib.pyplot as plt
import numpy as np
from sklearn.mixture import GaussianMixture

from aevum import VAE

rng = np.random.default_rng(0)
angle = rng.uniform(0.0, 1.6 * np.pi, 3000)
rows = np.column_stack([np.cos(angle), np.sin(angle)]) * (1 + 0.25 * np.cos(3 * angle))[:, None]
rows += rng.normal(0.0, 0.05, rows.shape)
train, test = rows[:2000], rows[2000:]

mixtures = {k: GaussianMixture(k, covariance_type="diag", random_state=0).fit(train) for k in (2, 8)}
vae = VAE(latent_dim=1, epochs=600, random_state=0).fit(train)

# %%
# Why stop at eight? Let the die show *any* number: replace the index :math:`m` by a continuous :math:`z`, the sum by
# an integral, and the table of means by a **function** that gives the mean for each :math:`z`.
#
# .. math::
#
#     p(x) = \int p(z)\, p(x \mid z)\, dz, \qquad p(x \mid z) = N\big(x; \mu(z), \sigma^2(z)\big) .
#
# A mixture of infinitely many Gaussians, whose parameters are not a list but a network: the **decoder**. That is the
# whole generative half of a VAE. Below, each density over the plane; the VAE's by importance sampling (chapter 6).

side = np.linspace(-1.7, 1.7, 60)
plane = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
densities = {f"{k} components": m.score_samples(plane) for k, m in mixtures.items()}
densities["∞: a VAE, one latent"] = vae.score_samples(plane, k=200, random_state=0)

fig, axes = plt.subplots(1, 3, figsize=(9, 3.2), layout="constrained")
for ax, (name, log_p) in zip(axes, densities.items(), strict=True):
    ax.imshow(np.exp(log_p).reshape(60, 60), origin="lower", extent=(-1.7, 1.7) * 2, cmap="magma_r", vmax=1.2)
    ax.plot(*test[:200].T, ",", color="C0")
    ax.set(title=name, xticks=[], yticks=[])

print("log p of a held-out row, nats")
for k, mixture in mixtures.items():
    print(f"{k} components: {mixture.score_samples(test).mean():.3f}")
print(f"a VAE: {vae.score_samples(test, k=500, random_state=0).mean():.3f}")

# %%
# The right picture is one Gaussian that is pulled along a curve. What z decodes to, z from −2 to 2:

z = np.linspace(-2, 2, 25, dtype="float32")[:, None]
centre, spread = vae.inverse_transform(z), vae.decode_deviation(z)
fig, ax = plt.subplots(figsize=(4.6, 4.2))
ax.plot(*train.T, ",", color="0.7")
for (a, b), (s, t) in zip(centre, spread, strict=True):
    ax.add_patch(plt.matplotlib.patches.Ellipse((a, b), 4 * s, 4 * t, alpha=0.25))
ax.plot(*centre.T, "k.-", ms=4)
ax.set_aspect("equal")
ax.set_title("μ(z) ± 2σ(z)")
fig.tight_layout()

# %%
# Which law for z?
# ----------------
#
# :math:`p(z)` is ours to choose: it is the die, and the decoder translates what it shows. The usual choice is
# :math:`N(0, I)`, for three reasons: it is easy to draw from; the KL of chapter 7 has a closed form with it; and it
# loses nothing in principle, since a network can turn a Gaussian into any other law (push z through the normal
# distribution function and it is uniform; push that through the inverse of another distribution function and it has
# that law). In practice a decoder of finite size prefers a prior that has the data's shape already. Where the codes
# lie in groups a learned mixture is better, and a flow follows any shape:

from aevum import MixtureVAE

groups = np.repeat(np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, 2.5]]), 500, axis=0) + rng.normal(0, 0.25, (1500, 2))
for name, kind in {"N(0, I)": VAE, "a mixture": MixtureVAE}.items():
    model = kind(latent_dim=1, epochs=100, random_state=0).fit(groups)
    print(f"{name:10} log p {model.score_samples(groups, k=300, random_state=0).mean():.3f} nats a row")

# %%
# The difficulty
# --------------
#
# We would like to choose the decoder that makes the data likely: maximise :math:`\sum_i \log p(x_i)`. (It is a sum
# over the data, each row's part by itself, so any gradient method with batches will do.) But each :math:`p(x_i)` is
# an integral over all codes, and for nearly every code :math:`p(x_i \mid z)` is practically 0: draw z from the prior,
# and the chance to meet one that decodes to *this* picture is tiny. For 784 pixels the plain average over draws of
# the prior,
#
# .. math::
#
#     p(x) \approx \frac1K \sum_k p(x \mid z_k), \quad z_k \sim p(z),
#
# is correct in the limit and useless in practice. What is needed is to know **where to look**: for a given x, which z
# might have made it? That is the posterior :math:`p(z \mid x) = p(z) p(x \mid z) / p(x)`, which needs the same
# integral. Chapter 6 breaks the circle.

# %%
# **To try.** ``aevum train digits --model mixturevae --latent-dim 2`` learns a mixture as its prior, and in ``aevum explore``
# *Prior* draws where it lies, beside the groups of the codes.
#
# **Next.** The decoder gives the parameters of :math:`p(x \mid z)`. Which distribution should that be?
