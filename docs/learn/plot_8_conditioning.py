r"""
8. Conditioning: ask for a seven
================================

A VAE makes digits; which one, chance decides. To have a say, give the label y to both networks. Nothing in the
derivations of chapter 6 changes, but that every law is *given y*:

.. math::

    \log p(x \mid y) \ge \mathbb{E}_{q(z \mid x, y)}\big[\log p(x \mid z, y)\big] - \mathrm{KL}\big(q(z \mid x, y) \,\Vert\, p(z \mid y)\big) .

For classes y is a **one-hot vector**: ten numbers, one of them 1. It is put beside x at the encoder's input, and
beside z at the decoder's. That is a **conditional VAE**.
"""

# %%
# Why both ends? The decoder needs it, since it is to draw what is asked for. And once the decoder knows the class, z
# need not say it: to repeat it would cost rate and gain nothing. So what is left to z is what y does not say:
# thickness, slant, style. The encoder needs y in order to know what it may leave out.

import matplotlib.pyplot as plt
import numpy as np

from aevum import CVAE, VAE, open_data

digits = open_data("digits")
cvae = CVAE(latent_dim=4, epochs=40, random_state=0).fit(digits.x, digits.y)

fig, axes = plt.subplots(10, 10, figsize=(5.4, 5.6), layout="constrained")
for label, line in enumerate(axes):
    for ax, picture in zip(line, cvae.sample(10, y=label, random_state=0, mean=True), strict=True):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(str(label))
fig.suptitle("a row a class, a column a code z", fontsize=10)

# %%
# With one seed each row begins with the same codes: a column is one style in ten classes.
#
# One z under all classes
# -----------------------
#
# Take the style of a digit that exists, and write the others in it.

fig, axes = plt.subplots(4, 11, figsize=(7, 2.7), layout="constrained")
for line, row in zip(axes, (2, 17, 40, 75), strict=True):
    z = cvae.transform(digits.x[row : row + 1], digits.y[row : row + 1])
    written = cvae.inverse_transform(np.repeat(z, 10, axis=0), y=np.arange(10))
    for ax, picture in zip(line, [digits.x[row], *written], strict=True):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])
axes[0, 0].set_title("x", fontsize=9)

# %%
# Has the class really left the code? Ask a classifier for it:

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

vae = VAE(latent_dim=4, epochs=40, random_state=0).fit(digits.x)
for name, codes in {"VAE": vae.transform(digits.x), "CVAE": cvae.transform(digits.x, digits.y)}.items():
    print(
        f"{name:5} digit told from z: {cross_val_score(LogisticRegression(max_iter=2000), codes, digits.y, cv=5).mean():.2f}"
    )

# %%
# (Chance is 0.10. A little is left wherever classes have different styles.)
#
# y need not be a class
# ---------------------
#
# Any numbers will do: an angle, an age, a text's embedding. Here y is how much ink a picture has.

ink = digits.x.mean(axis=(1, 2), dtype=np.float64)
inked = CVAE(latent_dim=4, condition="vector", epochs=40, random_state=0).fit(digits.x, ink)
z = inked.transform(digits.x[:1], ink[:1])
amounts = np.quantile(ink, np.linspace(0.01, 0.99, 9))
fig, axes = plt.subplots(1, 9, figsize=(7, 1.1), layout="constrained")
for ax, amount, picture in zip(axes, amounts, inked.inverse_transform(np.repeat(z, 9, axis=0), y=amounts), strict=True):
    ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
    ax.set(xticks=[], yticks=[])
    ax.set_title(f"{amount:.1f}", fontsize=8)

# %%
# Without a condition: directions
# -------------------------------
#
# Glasses on a face: for that no conditional model is needed, only labels for some rows. Take the mean code of the
# faces with glasses, minus the mean code of those without; add the difference to a code, and decode.
#
# .. math::
#
#     v = \overline{z}_{\text{with}} - \overline{z}_{\text{without}}, \qquad \hat x = g(z + a\,v) .
#
# The same with what our pictures have. Some threes lean to the right and some to the left: how far the ink of the
# upper half lies to the right of that of the lower half, in pixels, says which.


def lean(pictures):
    halves = np.asarray(pictures, dtype=np.float64).reshape(-1, 2, 4, 8).sum(axis=2)
    upper, lower = (halves @ np.arange(8) / halves.sum(axis=2)).T
    return upper - lower


threes = digits.x[digits.y == 3]
v = vae.attribute_vector(threes, labels=lean(threes) > np.median(lean(threes)))
fig, axes = plt.subplots(1, 7, figsize=(7, 1.4), layout="constrained")
for ax, amount in zip(axes, np.linspace(-3, 3, 7), strict=True):
    picture = vae.add_attribute(threes[:1], v, amount=float(amount))
    ax.imshow(picture[0], cmap="gray_r", vmin=0, vmax=16)
    ax.set(xticks=[], yticks=[])
    ax.set_title(f"a = {amount:+.0f}\nlean {lean(picture)[0]:+.1f}", fontsize=8)

# %%
# A warning that belongs to it: the difference of two groups is *everything* in which they differ. If those with
# glasses in your data are older, the direction makes people older too. Compare groups that are alike otherwise, or
# set several directions at right angles (``aevum.exploration.orthogonalise``).
#
# **To try.** ``aevum train digits --model cvae``, then ``aevum sample runs/… --label 7``; in ``aevum explore`` the
# panels *Condition* and *Traits*.
#
# **Read.** D. P. Kingma and others, *Semi-supervised learning with deep generative models*, NeurIPS 2014; K. Sohn, H.
# Lee and X. Yan, *Learning structured output representation using deep conditional generative models*, NeurIPS 2015;
# A. B. L. Larsen and others, *Autoencoding beyond pixels*, ICML 2016 (directions).
