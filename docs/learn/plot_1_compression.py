r"""
1. Compression: from many numbers to a few and back
===================================================

A photograph of a face of 200 × 200 pixels is a list of 40,000 numbers. Nobody needs 40,000 numbers to tell you which
face it is: a few dozen would do, if only we knew which. An **auto-encoder** looks for them. It is two functions,
learned together:

.. math::

    z = f(x), \qquad \hat x = g(z), \qquad x \in \mathbb{R}^{40000}, \quad z \in \mathbb{R}^{30},

an **encoder** :math:`f`, which turns the picture into a **code** of 30 numbers, and a **decoder** :math:`g`, which
turns the code back into a picture. What they are to achieve is a single number, small where the output resembles the
input:

.. math::

    \text{loss} = \frac1N \sum_{i=1}^N \lVert x_i - g(f(x_i)) \rVert^2 .

No label is needed anywhere: the picture is its own answer. Nothing is said about the code either; it is whatever gets
through the narrow middle.

We do this on a laptop, with small pictures: the digits that scikit-learn bundles have 8 × 8 = 64 pixels.
"""

# %%
# The linear case is PCA
# ----------------------
#
# Let both functions be linear: :math:`f(x) = A(x - m)` and :math:`g(z) = Bz + m`. Then the best that can be done with
# D numbers is known in closed form since 1936 (Eckart and Young): project onto the D directions in which the data
# vary most. That is **principal component analysis**, so a linear auto-encoder can only find the plane that PCA
# finds. How much is lost with 2, 4, 8, 16 numbers?

import matplotlib.pyplot as plt
import numpy as np
from sklearn.decomposition import PCA

from aevum import AE, open_data

digits = open_data("digits")
train, test = digits.x[:1400], digits.x[1400:]
flat = train.reshape(len(train), -1), test.reshape(len(test), -1)


def error(x, reconstructed):
    """Squared error of a picture in the mean, pixels from 0 to 1."""
    return float(np.square((x - reconstructed) / 16.0).sum(axis=1).mean())


widths = (2, 4, 8, 16)
linear = []
for width in widths:
    pca = PCA(width).fit(flat[0])
    linear.append(error(flat[1], pca.inverse_transform(pca.transform(flat[1]))))

# %%
# The auto-encoder, and how it differs
# ------------------------------------
#
# With layers in between that bend (:math:`\text{ReLU}(a) = \max(0, a)`) the codes no longer have to lie on a plane:
# the decoder paints a curved sheet into the space of pictures. Nothing else changes. The loss is the same difference
# of input and output for one layer and for four, and it is minimised by following its gradient, a batch of pictures
# at a time.
#
# The error is measured on pictures that neither has seen.


def lost(auto_encoder):
    return error(flat[1], auto_encoder.reconstruct(test).reshape(len(test), -1))


models = {width: AE(latent_dim=width, epochs=40, random_state=0).fit(train) for width in widths}

fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
ax.plot(range(4), linear, "o-", label="PCA")
ax.plot(range(4), [lost(models[width]) for width in widths], "o-", label="auto-encoder")
ax.set(xlabel="numbers in the code", ylabel="squared error of a picture", ylim=0)
ax.set_xticks(range(4), widths)
ax.legend()

# %%
# Whatever the width, the auto-encoder loses between five and seven tenths of what PCA loses. On larger pictures there
# is more to gain by bending: on MNIST (28 × 28) with 30 numbers PCA's error is 13.87 a test picture, and a deep
# auto-encoder's 2.31 (``benchmarks/mnist_ae.py``).
#
# How deep should it be? Networks of one and of four hidden layers, plain ones and ones with *residual* blocks, where
# a layer adds to what it is given; all with the same eight numbers in the middle:

for network in ("mlp", "residual"):
    for depth in (1, 4):
        deep = AE(latent_dim=8, network=network, hidden=(128,) * depth, epochs=40, random_state=0).fit(train)
        print(f"{network:8} {depth} hidden: {lost(deep):.2f}")
print(f"aevum's default: {lost(models[8]):.2f}; PCA: {linear[2]:.2f}")

# %%
# A deep plain stack is hard to train: Hinton and Salakhutdinov trained theirs layer by layer first. Residual blocks
# have made that needless.
#
# What two numbers keep of eight pictures:

two = models[2]
flat_two = PCA(2).fit(flat[0])
rows = [
    test[:8],
    flat_two.inverse_transform(flat_two.transform(flat[1][:8])).reshape(-1, 8, 8),
    two.reconstruct(test[:8]),
]
fig, axes = plt.subplots(3, 8, figsize=(7, 2.9))
for line, name, pictures in zip(axes, ("data", "PCA, 2", "AE, 2"), rows, strict=True):
    for ax, picture in zip(line, pictures, strict=True):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name)
fig.tight_layout()

# %%
# A curve that no plane follows
# -----------------------------
#
# The clearest case has two numbers a row and a code of one. These rows lie on an arc. PCA must choose a straight
# line; the auto-encoder's decoder draws a bent one.

rng = np.random.default_rng(0)
angle = rng.uniform(0.0, 1.5 * np.pi, 600)
arc = np.column_stack([np.cos(angle), np.sin(angle)]) + rng.normal(0.0, 0.04, (600, 2))

line = PCA(1).fit(arc)
bent = AE(latent_dim=1, epochs=250, random_state=0).fit(arc)

fig, ax = plt.subplots(figsize=(4.2, 4))
ax.plot(*arc.T, ".", color="0.8", label="rows")
ax.plot(*line.inverse_transform(line.transform(arc)).T, ".", ms=3, label="through PCA")
ax.plot(*bent.reconstruct(arc).T, ".", ms=3, label="through the auto-encoder")
ax.set_aspect("equal")
ax.legend(loc="lower right", fontsize=8)
fig.tight_layout()

# %%
# A code that is too wide
# -----------------------
#
# If the code has as many numbers as the row, the best "compression" is to copy: :math:`g(f(x)) = x` with loss 0, and
# nothing was learned. aevum warns of it. There are two ways out: a narrower code, or a task that copying does not
# solve.

import warnings

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    AE(latent_dim=2, epochs=1, random_state=0).fit(arc)
print(caught[0].message)

# %%
# Denoising
# ---------
#
# The second way: spoil the input, and ask for the clean one. A **denoising auto-encoder** computes its code from a
# corrupted :math:`\tilde x` and is measured against :math:`x` (Vincent and others, 2010). To copy would be to copy
# the noise. What helps is to know what digits look like. Language models do the same with words: BERT is a denoising
# auto-encoder whose corruption masks some words of a sentence and whose loss asks for them back.

from aevum import DAE

dae = DAE(latent_dim=32, corruption="masking", noise=0.4, epochs=60, random_state=0).fit(train)
masked = np.where(rng.random(test[:8].shape) < 0.4, 0, test[:8])
fig, axes = plt.subplots(3, 8, figsize=(7, 2.9))
repaired = dae.reconstruct(masked)
for line, name, pictures in zip(axes, ("data", "masked", "repaired"), (test[:8], masked, repaired), strict=True):
    for ax, picture in zip(line, pictures, strict=True):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name)
fig.tight_layout()

# %%
# Codes as features
# -----------------
#
# What got through the middle is worth having for its own sake. With labels for few pictures and pictures in plenty,
# learn the code from all of them and the classifier from the few: :math:`f(x)` has done most of the work.

from sklearn.linear_model import LogisticRegression

codes, new = models[8].transform(train), models[8].transform(test)
labelled = rng.permutation(len(train))[:100]
of_codes = LogisticRegression(max_iter=2000).fit(codes[labelled], digits.y[labelled])
of_pixels = LogisticRegression(max_iter=2000).fit(flat[0][labelled], digits.y[labelled])
print(f"accuracy from 100 labels: 8 numbers of the code {of_codes.score(new, digits.y[1400:]):.2f},")
print(f"all 64 pixels {of_pixels.score(flat[1], digits.y[1400:]):.2f}")

# %%
# **To try.** ``aevum train digits --model ae --latent-dim 2`` does the first of this at a terminal, and its
# ``report.html`` sets the auto-encoder beside PCA.
#
# **Read.** G. E. Hinton and R. R. Salakhutdinov, *Reducing the dimensionality of data with neural networks*, Science
# 2006 (MNIST with 30 numbers); P. Vincent and others, *Stacked denoising autoencoders*, JMLR 2010; J. Devlin and
# others, *BERT*, 2019.
#
# **Next.** The code has no law: nobody said where codes should lie. So nobody knows what to decode if we want a *new*
# picture.
