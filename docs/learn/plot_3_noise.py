r"""
3. What the noise does, and how a gradient passes through it
============================================================

Think of the phases of the moon. Give the auto-encoder two pictures, full moon and half moon, and it gives each a
point on the line. What lies between, nobody said. Now let each picture have an **interval**, and ask that *every*
code in it decodes to that picture. Where the intervals of full moon and half moon overlap, a code must decode to both
at once, and the best it can do is something in between: a moon three quarters full, which no picture showed. The gaps
of the last chapter are filled because codes are no longer points.

That is what a **variational auto-encoder** does to its code. The encoder gives two lists of D numbers, a centre and a
width, and the code is drawn:

.. math::

    q(z \mid x) = N\big(\mu(x), \operatorname{diag} \sigma^2(x)\big).
"""

# %%
# The cloud of one picture
# ------------------------
#
# ``encode`` gives both. Here is a VAE's map with the posteriors of three pictures as ellipses of one, two and three
# deviations: that of the narrowest, of the widest, and one in between.

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.patches import Ellipse

from aevum import VAE, open_data

digits = open_data("digits")
vae = VAE(latent_dim=2, epochs=40, random_state=0).fit(digits.x)
mean, deviation = vae.encode(digits.x)

width = deviation.prod(axis=1) ** 0.5
order = np.argsort(width)
some = order[0], order[len(order) // 2], order[-1]

fig, ax = plt.subplots(figsize=(5, 4.4))
ax.scatter(*mean.T, c=digits.y, cmap="tab10", s=3, alpha=0.4)
for row in some:
    for sigmas in (1, 2, 3):
        ax.add_patch(Ellipse(mean[row], *(2 * sigmas * deviation[row]), fill=False, lw=1.2))
    ax.annotate(str(digits.y[row]), mean[row], xytext=(14, 10), textcoords="offset points", weight="bold")
ax.set(xlabel="z₀", ylabel="z₁", title="q(z|x) of three pictures")
fig.tight_layout()

# %%
# One picture has many codes, so its reconstruction is an **expectation** over them. Twenty draws of z for the picture
# with the widest posterior, decoded:

x = digits.x[some[2]]
z = vae.draw_codes(x[None], draws=20, random_state=0)[:, 0]
fig, axes = plt.subplots(2, 11, figsize=(8, 1.7))
pictures = [x, *vae.inverse_transform(z[:10]), x, *vae.inverse_transform(z[10:])]
for ax, picture in zip(axes.ravel(), pictures, strict=True):
    ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
    ax.set(xticks=[], yticks=[])
axes[0, 0].set_ylabel("x, then x̂")
fig.tight_layout()

# %%
# The width is learned, for each picture
# --------------------------------------
#
# The encoder is in fact two: one for the centre, and one that sets the strength of the noise. They pull against each
# other. A narrow cloud is easy to decode; a wide one is what the second term of the loss (chapter 7) asks for. Where
# the balance ends up depends on the picture: one whose neighbours look alike can afford a wide cloud.

fig, axes = plt.subplots(2, 8, figsize=(7, 2))
for line, name, rows in zip(axes, ("narrowest", "widest"), (order[:8], order[-8:]), strict=True):
    for ax, row in zip(line, rows, strict=True):
        ax.imshow(digits.x[row], cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[], title=f"{width[row]:.2f}")
        ax.title.set_fontsize(8)
    line[0].set_ylabel(name)
fig.tight_layout()

# %%
# Reparameterization
# ------------------
#
# To train the encoder we need the gradient of the loss in :math:`\mu` and :math:`\sigma`, and between them and the
# loss stands a draw. A draw has no derivative: a random number generator is no formula. The way out is to draw
# something that does *not* depend on the parameters, and to compute the code from it:
#
# .. math::
#
#     \varepsilon \sim N(0, I), \qquad z = \mu + \sigma \odot \varepsilon .
#
# This has the same distribution. (If :math:`\varepsilon` has mean 0 and deviation 1, then :math:`\mu +
# \sigma\varepsilon` has mean :math:`\mu` and deviation :math:`\sigma`, and is Gaussian like :math:`\varepsilon`.) And
# now, with :math:`\varepsilon` a fixed number, everything is a formula:
#
# .. math::
#
#     \frac{\partial z_d}{\partial \mu_d} = 1, \qquad \frac{\partial z_d}{\partial \sigma_d} = \varepsilon_d, \qquad
#     \nabla_\mu\, \mathbb{E}_{q}\big[\ell(z)\big] = \mathbb{E}_\varepsilon\big[\nabla_z\, \ell(\mu + \sigma\varepsilon)\big].
#
# The expectation and the derivative may change places because the law of :math:`\varepsilon` does not depend on
# :math:`\mu`. This is the **reparameterization** of the draw (Kingma and Welling; Rezende, Mohamed and Wierstra, both
# 2014).
#
# A network's output may be any number, and a deviation must be above 0, so the encoder gives a logarithm. **Which one
# differs from text to text**, and mixing them is the most frequent mistake there is:
#
# ================================  ======================  ===================================
# what the encoder gives, s         then σ is               and :math:`z` is
# ================================  ======================  ===================================
# log σ² (the paper, and aevum)     exp(s / 2)              :math:`\mu + e^{s/2} \varepsilon`
# log σ                             exp(s)                  :math:`\mu + e^{s} \varepsilon`
# σ itself                          s                       :math:`\mu + s\, \varepsilon`
# ================================  ======================  ===================================
#
# Each is right by itself, if the KL of chapter 7 is written for the same s. What is always wrong is :math:`\mu +
# e^{s} + \varepsilon`, a sum where the product should be: the noise would then have the strength 1 whatever the
# encoder says, and the width would merely move the centre.
#
# A test that a gradient passes: differentiate :math:`\mathbb{E}[z^2] = \mu^2 + \sigma^2` through 100,000 draws, and
# compare with :math:`2\mu` and :math:`2\sigma`.

mu = torch.tensor(0.7, requires_grad=True)
log_variance = torch.tensor(-1.0, requires_grad=True)
sigma = (0.5 * log_variance).exp()
epsilon = torch.randn(100_000, generator=torch.Generator().manual_seed(0))
(mu + sigma * epsilon).square().mean().backward()
print(f"in μ: {mu.grad:.3f}, exactly {2 * mu:.3f}")
print(f"in log σ²: {log_variance.grad:.3f}, exactly σ² = {sigma**2:.3f}")

# %%
# .. _learn-no-kl:
#
# Left alone, the noise vanishes
# ------------------------------
#
# Noise costs reconstruction. If the loss has no other term, the encoder's best answer is to switch it off:
# :math:`\sigma \to 0`, each picture a point again, and the VAE is an auto-encoder. (β, which weighs the other term,
# is set to 0.)

fig, ax = plt.subplots(figsize=(6, 3.2), layout="constrained")
for name, beta in {"without the KL (β = 0)": 0.0, "with it (β = 1)": 1.0}.items():
    model = VAE(latent_dim=2, beta=beta, random_state=0)
    trace = [float(np.median(model.partial_fit(digits.x).encode(digits.x)[1])) for _ in range(40)]
    ax.plot(range(1, 41), trace, label=name)
ax.set(xlabel="epochs", ylabel="median σ", yscale="log")
ax.legend()

# %%
# So the noise needs a reason to stay. That reason is the rest of the loss, and it is not invented: chapter 6 derives
# it.
#
# **To try.** In ``aevum explore RUN`` the panel *Inside* runs any picture through μ, σ, ε and z, and lets you drag ε.
# In *Training* a copy of the model learns on: take the KL away, and σ goes to 0 before your eyes.
#
# **Read.** D. P. Kingma and M. Welling, *Auto-encoding variational Bayes*, ICLR 2014; D. J. Rezende, S. Mohamed and
# D. Wierstra, *Stochastic backpropagation and approximate inference in deep generative models*, ICML 2014.
#
# **Next.** What do we want to know at all? How likely every picture is.
