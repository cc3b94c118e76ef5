r"""
5. Two likelihoods, two losses
==============================

Tutorials train auto-encoders on "MSE" or on "BCE". Neither is arbitrary: each is −log p(x|z) of a stated
distribution, up to constants. To know which one you use is to know what your decoder claims.
"""

# %%
# A Gaussian is the squared error
# -------------------------------
#
# Let the decoder's output be the mean of a Gaussian with the deviation σ for each of n values. Then
#
# .. math::
#
#     -\log p(x \mid z) = \sum_{i=1}^n \left[ \frac{(x_i - \mu_i(z))^2}{2\sigma^2} + \log \sigma + \tfrac12 \log 2\pi \right]
#     = \frac{1}{2\sigma^2} \lVert x - \mu(z) \rVert^2 + n \log \sigma + \tfrac n2 \log 2\pi .
#
# With σ fixed the last two terms are constants, and to maximise the likelihood is to minimise the squared error. This
# is why "all that matters is the mean". But the factor :math:`1/2\sigma^2` is **not** a detail in a VAE: it weighs
# the reconstruction against the rate. Whoever adds the KL to the squared error *summed* over the pixels has chosen
# σ² = ½; whoever averages it over 784 pixels, as PyTorch's ``mse_loss`` does by default, has chosen σ² = 392, and wonders
# why all pictures look the same.
#
# What σ should be is a question to the data. Set the derivative in σ to 0:
#
# .. math::
#
#     \frac{\partial}{\partial \sigma}\left[\frac{\lVert x - \mu\rVert^2}{2\sigma^2} + n \log\sigma\right] = 0
#     \quad\Longrightarrow\quad \sigma^2 = \frac1n \lVert x - \mu(z) \rVert^2 :
#
# the mean squared error that is left. aevum learns it by default.

import matplotlib.pyplot as plt
import numpy as np

from aevum import VAE, open_data

digits = open_data("digits")
learned = VAE(latent_dim=8, epochs=40, random_state=0).fit(digits.x)
left = float(np.sqrt(np.square(digits.x - learned.reconstruct(digits.x)).mean()))
print(
    f"σ learned {float(learned.decode_deviation(learned.transform(digits.x[:1])).mean()):.2f}, error left {left:.2f} (pixels 0 to 16)"
)

# %%
# (The learned σ is above the error of reconstructions at the posterior's mean, since it has to cover what
# the noise in z does as well.)
#
# A Bernoulli is the cross-entropy
# --------------------------------
#
# Let each pixel be a coin: black with the probability :math:`p_i(z)`. A picture of 28 × 28 black and white pixels has
# then 784 parameters, and
#
# .. math::
#
#     -\log p(x \mid z) = -\sum_i \big[ x_i \log p_i(z) + (1 - x_i) \log(1 - p_i(z)) \big],
#
# the cross-entropy. The decoder's output is a picture of **probabilities**, which is grey; a *draw* from it is black
# and white:

binary = (digits.x > 7).astype("uint8")
coins = VAE(latent_dim=8, likelihood="bernoulli", epochs=40, random_state=0).fit(binary)
fig, axes = plt.subplots(2, 8, figsize=(7, 2))
rows = coins.sample(8, random_state=1, mean=True), coins.sample(8, random_state=1)
for line, name, pictures in zip(axes, ("probabilities", "draws"), rows, strict=True):
    for ax, picture in zip(line, pictures, strict=True):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name, fontsize=8)
fig.tight_layout()

# %%
# The cross-entropy of *grey* pixels, which many tutorials use, is no density: its probabilities for all greys don't
# sum to 1. aevum takes it as ``binarize="soft"`` and says so; ``binarize="dynamic"`` draws black and white pictures
# from the greys, and the continuous Bernoulli has the constant that was missing.
#
# What the second output gives
# ----------------------------
#
# Nothing says that σ must be one number. Let the decoder give two lists, :math:`\mu(z)` and :math:`\sigma(z)`: now it
# can say where it is sure. (This is the default for tables.) The loss teaches σ by the same two terms: too small, and
# the squared error is divided by little; too large, and :math:`\log\sigma` costs. In return there is an interval:
# :math:`\mu \pm 3\sigma` holds 99.73 % of a Gaussian.

rng = np.random.default_rng(0)
t = np.linspace(0.0, 1.0, 40)
noise = 0.03 + 0.25 * t  # a measurement that gets worse towards the end


def signals(n):
    height, place = rng.uniform(0.5, 1.5, (n, 1)), rng.uniform(0.3, 0.7, (n, 1))
    return height * np.exp(-(((t - place) / 0.2) ** 2))


clean = signals(2000)
rows, again = (clean + noise * rng.standard_normal(clean.shape) for _ in range(2))  # each measured twice
emitted = VAE(latent_dim=2, likelihood="gaussian:emitted", epochs=40, random_state=0).fit(rows[:1500])
low, high = emitted.predict_interval(rows[1500:])
inside = (again[1500:] >= low) & (again[1500:] <= high)

fig, axes = plt.subplots(1, 2, figsize=(8, 3), sharey=True, layout="constrained")
for ax, row in zip(axes, (0, 1), strict=True):
    ax.fill_between(t, low[row], high[row], color="C1", alpha=0.3, label="μ ± 3σ")
    ax.plot(t, rows[1500 + row], ".", label="measured")
    ax.plot(t, again[1500 + row], "x", ms=4, label="measured again")
    ax.plot(t, clean[1500 + row], "k", lw=0.8, label="the truth")
axes[0].legend(fontsize=8)
print(f"second measurements inside: {inside.mean():.4f}")

# %%
# The intervals were computed from the first measurement of each held-out signal, and nobody told the model that the
# noise grows. (What the first measurement leaves open about the code is part of the interval.)
#
# Why densities must be normalised
# --------------------------------
#
# :math:`p(x \mid z)` integrates to 1 over x for each z. Leave the constants away, and the number is no
# log-likelihood: it cannot be compared between two σ, between two models, or between two libraries, and "log p" can
# come out as anything. In aevum every likelihood sums or integrates to one, in the data's own units: rescale x by a
# and log p moves by :math:`-\log a` a value, as a density must.

pixels = digits.x.astype("float64")
once = VAE(latent_dim=2, epochs=20, random_state=0).fit(pixels)
percent = VAE(latent_dim=2, epochs=20, random_state=0).fit(pixels * 100 / 16)
difference = once.score_samples(pixels[:200], k=10) - percent.score_samples(pixels[:200] * 100 / 16, k=10)
print(f"log p moved by {difference.mean():.2f} nats; 64 log(100/16) = {64 * np.log(100 / 16):.2f}")

# %%
# **To try.** ``aevum train table.csv --likelihood gaussian:emitted``; all of them are in *How to choose*.
#
# **Next.** One term of the loss is understood. Where does the other come from?
