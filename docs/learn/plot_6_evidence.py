r"""
6. The evidence and its bound
=============================

Chapter 4 ended in a circle: :math:`p(x) = \int p(z)\,p(x \mid z)\,dz` needs to know where to look, and the law that says where to look,
:math:`p(z \mid x)`, needs :math:`p(x)`. The way out is to let a second network *guess* where to look, and to keep an exact account of what a wrong
guess costs. The guess is the encoder, :math:`q(z \mid x)`.

First derivation: a law that is always true
-------------------------------------------

Take any density :math:`q(z)`. Since it integrates to 1, and since :math:`p(x) = p(x, z) / p(z \mid x)` for *every* z,

.. math::

    \log p(x) &= \int q(z) \log p(x)\, dz = \int q(z) \log \frac{p(x, z)}{p(z \mid x)}\, dz
               = \int q(z) \log \left[ \frac{p(x, z)}{q(z)} \cdot \frac{q(z)}{p(z \mid x)} \right] dz \\
              &= \underbrace{\int q(z) \log \frac{p(x, z)}{q(z)}\, dz}_{\textstyle L(q)}
               + \underbrace{\int q(z) \log \frac{q(z)}{p(z \mid x)}\, dz}_{\textstyle \mathrm{KL}(q \,\Vert\, p(z \mid x))} .

The second part is a Kullback-Leibler divergence, and those are never negative: because :math:`\log u \le u - 1`,

.. math::

    -\mathrm{KL}(q \,\Vert\, p) = \int q \log \frac{p}{q} \le \int q \left(\frac pq - 1\right) = \int p - \int q \le 0,

with equality only where :math:`p = q`. So :math:`L(q) \le \log p(x)`: it is a lower bound of the log **evidence**, the ELBO.

Second derivation: Jensen
-------------------------

The logarithm bends downwards, so the logarithm of a mean is at least the mean of the logarithms:

.. math::

    \log p(x) = \log \int q(z) \frac{p(x, z)}{q(z)}\, dz = \log \mathbb{E}_q\left[\frac{p(x, z)}{q(z)}\right]
    \ge \mathbb{E}_q\left[\log \frac{p(x, z)}{q(z)}\right] = L(q) .

Shorter, and it says less: it shows *that* there is a gap, where the first derivation shows *which*.

The loss
--------

With :math:`p(x, z) = p(z)\, p(x \mid z)` the bound falls into the two terms that a VAE is trained on:

.. math::

    L = \mathbb{E}_{q(z \mid x)}\big[\log p(x \mid z)\big] - \mathrm{KL}\big(q(z \mid x) \,\Vert\, p(z)\big)
      = -(\text{distortion} + \text{rate}) .

The first is what the auto-encoder does, with a draw in place of a point: with a Gaussian, the squared error (chapter 5). The second is the price
of a code that strays from the prior (chapter 7). Nothing had to be invented.

**What raising L does.** In :math:`q`, with the decoder held: :math:`\log p(x)` does not depend on q, so all of the gain closes the gap, and q comes
nearer to the true posterior. In the decoder, with q held: it raises :math:`\log p(x)`, or closes the gap, or both. One number serves both networks.

**Why "variational".** The true posterior is out of reach, so among a family of laws that we can handle (here, Gaussians with a diagonal
covariance) the nearest is chosen, by varying q. "Amortised" means that one network gives the q of every x, where earlier methods fitted each row's by itself.
"""

# %%
# The gap, measured
# -----------------
#
# With two latents the true posterior can be computed on a grid: :math:`p(z \mid x) \propto p(z)\, p(x \mid z)`. We need
# :math:`\log p(x \mid z)`, which is −distortion at a code; of this Gaussian decoder it can be written from its mean and deviation.

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import logsumexp
from scipy.stats import norm

from aevum import IWAE, VAE, open_data

digits = open_data("digits")
train, test = digits.x[:1400].astype("float32"), digits.x[1400:].astype("float32")
vae = VAE(latent_dim=2, epochs=150, random_state=0).fit(train)


def log_joint(model, x, z):
    """log p(x, z) of a picture at codes (K, 2), in nats."""
    mean, deviation = model.inverse_transform(z), model.decode_deviation(z)
    return norm.logpdf(x, mean, deviation).sum(axis=(1, 2)) + norm.logpdf(z).sum(axis=1)


mean, deviation = vae.encode(test)
fig, axes = plt.subplots(1, 3, figsize=(9, 3.2))
for ax, row in zip(axes, (0, 5, 11), strict=True):
    half = 5 * deviation[row].max()
    side = np.linspace(-half, half, 121, dtype="float32")
    across, up = np.meshgrid(mean[row, 0] + side, mean[row, 1] + side)
    z = np.stack([across, up], axis=-1).reshape(-1, 2)
    joint = log_joint(vae, test[row], z)
    cell = np.log((side[1] - side[0]) ** 2)
    posterior = np.exp(joint - logsumexp(joint) - cell).reshape(across.shape)
    q = norm.pdf(z, mean[row], deviation[row]).prod(axis=1).reshape(across.shape)
    ax.contourf(across, up, posterior, 12, cmap="Blues")
    ax.contour(across, up, q, 5, colors="C1", linewidths=1)
    ax.set(title=f"log p(x) = {logsumexp(joint) + cell:.1f}", xticks=[], yticks=[])
fig.suptitle("p(z|x) on a grid, and q(z|x) in orange", y=1.0, fontsize=10)
fig.tight_layout()

# %%
# The encoder's Gaussian lies where the true posterior lies; where that is bent or tilted it can't follow, since its covariance is diagonal. What it
# misses is KL(q ‖ p(z|x)), which is the gap between ELBO and log p(x): a bar with two parts.

found = vae.importance_sample(test, k=2000, random_state=0)
distortion, rate = vae.distortion_and_rate(test)
elbo, log_p = -(distortion + rate).mean(), vae.score_samples(test, k=2000).mean()
print(f"log p(x) {log_p:.2f} = ELBO {elbo:.2f} + gap {log_p - elbo:.2f} nats")

fig, ax = plt.subplots(figsize=(6, 1.6))
ax.barh(0, distortion.mean(), color="C0", label="distortion")
ax.barh(0, rate.mean(), left=distortion.mean(), color="C1", label="rate")
ax.axvline(-log_p, color="k", lw=2, label="−log p(x)")
ax.set(xlabel="nats a picture", yticks=[], xlim=(0.9 * distortion.mean(), 1.02 * -elbo))
ax.legend(ncols=3, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1))
fig.tight_layout()

# %%
# (The axis begins near the distortion, so that the rest can be seen.)
#
# More draws, a tighter bound
# ---------------------------
#
# Jensen loses less if what stands inside the logarithm varies less. Take the mean of K ratios before the logarithm:
#
# .. math::
#
#     L_K = \mathbb{E}\left[\log \frac1K \sum_{k=1}^K \frac{p(x, z_k)}{q(z_k \mid x)}\right], \qquad
#     L_1 = \text{ELBO} \le L_K \le L_{K+1} \le \log p(x) .
#
# As K grows it reaches log p(x), for *any* q that covers the posterior. Two uses follow. Train on it: the **importance-weighted
# auto-encoder**, IWAE. And *measure* with it: with K in the thousands it is the standard estimate of log p(x), in ``score_samples``.

ks = (1, 3, 10, 30, 100, 300, 1000)
fig, ax = plt.subplots(figsize=(6, 3.4))
for name, model in {
    "VAE": vae,
    "IWAE, K = 10": IWAE(latent_dim=2, k=10, epochs=150, random_state=0).fit(train),
}.items():
    ax.plot(ks, [model.score_samples(test, k=k).mean() for k in ks], "o-", label=name)
ax.set(xscale="log", xlabel="K", ylabel="bound on log p(x), nats a picture")
ax.legend()
fig.tight_layout()

# %%
# How far an estimate can be trusted is itself estimated: ``aevum.evaluation.evidence`` gives its standard error, the effective number of draws, and
# Pareto k̂, which is above 0.7 where no feasible number of draws would do.
#
# **An exact case.** If the decoder is linear, x = Wz + m + noise, the posterior *is* a Gaussian, the gap is 0, and the best ELBO is the maximum of
# probabilistic PCA's likelihood in closed form. aevum's tests hold it to that, to ten digits.
#
# **Read.** D. P. Kingma and M. Welling, 2014; Y. Burda, R. Grosse and R. Salakhutdinov, *Importance weighted autoencoders*, ICLR 2016; M. E. Tipping
# and C. M. Bishop, *Probabilistic principal component analysis*, 1999.
