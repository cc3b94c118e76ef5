r"""
6. The evidence and its bound
=============================

Chapter 4 ended in a circle: :math:`p(x) = \int p(z)\,p(x \mid z)\,dz` needs to know where to look, and the law that
says where to look, :math:`p(z \mid x)`, needs :math:`p(x)`. The way out is to let a second network *guess* where to
look, and to keep an exact account of what a wrong guess costs. The guess is the encoder, :math:`q(z \mid x)`.

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

with equality only where :math:`p = q`. So :math:`L(q) \le \log p(x)`: it is a lower bound of the log **evidence**,
the ELBO.

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

The first is what the auto-encoder does, with a draw in place of a point: with a Gaussian, the squared error (chapter
5). The second is the price of a code that strays from the prior (chapter 7). Nothing had to be invented.

**What raising L does.** In :math:`q`, with the decoder held: :math:`\log p(x)` does not depend on q, so all of the
gain closes the gap, and q comes nearer to the true posterior. In the decoder, with q held: it raises :math:`\log
p(x)`, or closes the gap, or both. One number serves both networks.

**Why "variational".** The true posterior is out of reach, so among a family of laws that we can handle (here,
Gaussians with a diagonal covariance) the nearest is chosen, by varying q. "Amortised" means that one network gives
the q of every x, where earlier methods fitted each row's by itself.
"""

# %%
# The gap, measured
# -----------------
#
# With two latents the true posterior can be computed on a grid: :math:`p(z \mid x) \propto p(z)\, p(x \mid z)`. We
# need :math:`\log p(x \mid z)`, which is −distortion at a code; of this Gaussian decoder it can be written from its
# mean and deviation.

from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from scipy.special import logsumexp
from scipy.stats import norm

from aevum import IWAE, VAE, open_data

digits = open_data("digits")
train, test = digits.x[:1400].astype("float32"), digits.x[1400:].astype("float32")
vae = VAE(latent_dim=2, epochs=40, random_state=0).fit(train)


def log_joint(model, x, z):
    """log p(x, z) of a picture at codes (K, 2), in nats."""
    mean, deviation = model.inverse_transform(z), model.decode_deviation(z)
    return norm.logpdf(x, mean, deviation).sum(axis=(1, 2)) + norm.logpdf(z).sum(axis=1)


def on_a_grid(model, x):
    """The posterior p(z|x) and q(z|x) on a grid of codes, and log p(x)."""
    (mean,), (deviation,) = model.encode(x[None])
    side = np.linspace(-7, 7, 121, dtype="float32") * deviation.max()
    across, up = np.meshgrid(mean[0] + side, mean[1] + side)
    z = np.stack([across, up], axis=-1).reshape(-1, 2)
    joint, cell = log_joint(model, x, z), 2 * np.log(side[1] - side[0])
    log_p = logsumexp(joint) + cell
    q = norm.pdf(z, mean, deviation).prod(axis=1)
    return across, up, np.exp(joint - log_p).reshape(across.shape), q.reshape(across.shape), log_p


fig, axes = plt.subplots(2, 4, figsize=(8, 4.2), layout="constrained")
for line, name, rows in zip(axes, ("learned from", "new"), (train, test), strict=True):
    for ax, row in zip(line, rows[:4], strict=True):
        across, up, posterior, q, log_p = on_a_grid(vae, row)
        ax.contourf(across, up, posterior, 12, cmap="Blues")
        ax.contour(across, up, q, 5, colors="C1", linewidths=1)
        ax.set(xticks=[], yticks=[])
        ax.set_title(f"log p(x) = {log_p:.1f}", fontsize=9)
    line[0].set_ylabel(name)

# %%
# Blue is the true posterior of a picture, orange the encoder's Gaussian. It lies near, and seldom right on it: one
# network has to guess for every x, and of a new picture (below) it may miss the place altogether. That part is called
# the *amortization gap*. The other part is what a Gaussian with a diagonal covariance can't follow: a tilt, a bend.
# Both are KL(q ‖ p(z|x)), and it is exactly what lies between the ELBO and log p(x): a bar with two parts.

distortion, rate = vae.distortion_and_rate(test)
elbo, log_p = -(distortion + rate).mean(), vae.score_samples(test, k=1000, random_state=0).mean()
print(f"log p(x) {log_p:.2f} = ELBO {elbo:.2f} + gap {log_p - elbo:.2f} nats")

fig, ax = plt.subplots(figsize=(6, 1.8), layout="constrained")
ax.barh(0, distortion.mean(), color="C0", label="distortion")
ax.barh(0, rate.mean(), left=distortion.mean(), color="C1", label="rate")
ax.axvline(-log_p, color="k", lw=2, label="−log p(x)")
ax.set(xlabel="nats a picture", yticks=[], xlim=(0.9 * distortion.mean(), 1.02 * -elbo))
ax.legend(ncols=3, fontsize=8, loc="lower left", bbox_to_anchor=(0, 1))

# %%
# (The axis begins near the distortion, so that the rest can be seen. Orange to the right of the black line is the gap.)
#
# Where does log p(x) itself come from? From draws of q, weighted by what q got wrong (*More draws*, below). With two
# latents the grid can check it, picture by picture:

from aevum.evaluation import evidence

exact = np.array([on_a_grid(vae, x)[-1] for x in test[:40]])
drawn = evidence(vae, test[:40], k=1000, random_state=0)
off = exact - drawn.log_evidence
print(f"half of them are off by less than {np.median(np.abs(off)):.3f} nats, the worst by {off.max():.1f}")
print(f"Pareto k̂: median {np.median(drawn.pareto_k):.2f}, of the worst {drawn.pareto_k[off.argmax()]:.2f}")

# %%
# Where q has missed the place altogether no feasible number of its draws helps, and Pareto k̂ says so: above 0.7 an
# estimate is not to be trusted.
#
# The gap over the training
# -------------------------
#
# Both things that raising L does can be watched. Each pass raises log p(x), by the decoder, and the encoder follows
# it. As the decoder tells more pictures apart, their posteriors get narrower and harder to hit: the gap grows.

growing = VAE(latent_dim=2, random_state=0)
passes, bounds, log_ps = (0, 1, 2, 4, 8, 16, 32), [], []
for last, now in pairwise(passes):
    for _ in range(now - last):
        growing.partial_fit(train)
    bounds.append(-np.add(*growing.distortion_and_rate(test)).mean())
    log_ps.append(growing.score_samples(test, k=300, random_state=0).mean())
fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
ax.fill_between(passes[1:], bounds, log_ps, alpha=0.3, color="C1", label="gap: KL(q ‖ p(z|x))")
ax.plot(passes[1:], log_ps, "o-", color="k", label="log p(x)")
ax.plot(passes[1:], bounds, "o-", color="C1", label="ELBO")
ax.set(xscale="log", xlabel="passes", ylabel="nats a new picture")
ax.set_xticks(passes[1:], passes[1:])
ax.legend(fontsize=8)

# %%
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
# As K grows it reaches log p(x), for *any* q that covers the posterior. Two uses follow. Train on it: the
# **importance-weighted auto-encoder**, IWAE. And *measure* with it: with K in the thousands it is the standard
# estimate of log p(x), in ``score_samples``.

ks = (1, 3, 10, 30, 100, 300)
fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
for name, model in {"VAE": vae, "IWAE, K = 10": IWAE(latent_dim=2, k=10, epochs=40, random_state=0).fit(train)}.items():
    ax.plot(ks, [model.score_samples(test, k=k, random_state=0).mean() for k in ks], "o-", label=name)
ax.set(xscale="log", xlabel="K", ylabel="bound on log p(x), nats a picture")
ax.set_xticks(ks, ks)
ax.legend()

# %%
# With one draw IWAE's bound is the looser: its encoder was trained to cover the posterior, not to sit in its middle.
# With many it is the better model.

# %%
# **An exact case.** If the decoder is linear, x = Wz + m + noise, the posterior *is* a Gaussian, the gap is 0, and
# the best ELBO is the maximum of probabilistic PCA's likelihood in closed form. aevum's tests hold it to that.
#
# **To try.** ``aevum evaluate RUN digits`` prints log p(x) with its error, and the ELBO with its two parts.
#
# **Read.** D. P. Kingma and M. Welling, 2014; Y. Burda, R. Grosse and R. Salakhutdinov, *Importance weighted
# autoencoders*, ICLR 2016; M. E. Tipping and C. M. Bishop, *Probabilistic principal component analysis*, 1999.
#
# **Next.** The rate of two Gaussians needs no draws: it has a closed form.
