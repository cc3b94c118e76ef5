r"""
2. Why an auto-encoder can't generate
=====================================

The decoder turns 2 numbers into a picture. So to make a new picture, choose 2 numbers: which ones? The auto-encoder
was never asked. Its loss is about the codes of the data and says nothing about any other code, so :math:`p(z)`, how
codes are distributed, is known to nobody, and the decoder was never trained anywhere else.
"""

# %%
# The map of the codes
# --------------------
#
# Two numbers a picture can be drawn. Colours are the digits' labels, which the model has not seen.

import matplotlib.pyplot as plt
import numpy as np

from aevum import AE, VAE, open_data

digits = open_data("digits")
ae = AE(latent_dim=2, epochs=40, random_state=0).fit(digits.x)
vae = VAE(latent_dim=2, epochs=40, random_state=0).fit(digits.x)

box = np.array([[-1.0, -1.0], [1.0, 1.0]])  # the same box for both: ± one deviation of N(0, I)
fig, axes = plt.subplots(1, 2, figsize=(8, 3.8))
for ax, model in zip(axes, (ae, vae), strict=True):
    ax.scatter(*model.transform(digits.x).T, c=digits.y, cmap="tab10", s=4)
    ax.add_patch(plt.Rectangle(box[0], *(box[1] - box[0]), fill=False, color="red", lw=2))
    ax.set(title=type(model).__name__, xlabel="z₀", ylabel="z₁")
fig.tight_layout()

# %%
# Look at the numbers on the axes first: the auto-encoder's codes may lie anywhere, on any scale, with gaps between
# the groups. The VAE, which the next chapters build, has its codes around 0 with a spread of about 1, and packed.
#
# The red box
# -----------
#
# Now decode what lies inside the red box, the same numbers for both.

grid = np.stack(np.meshgrid(np.linspace(-1, 1, 9), np.linspace(1, -1, 9)), axis=-1).reshape(-1, 2)
fig, axes = plt.subplots(1, 2, figsize=(8, 4))
for ax, model in zip(axes, (ae, vae), strict=True):
    pictures = model.inverse_transform(grid.astype("float32")).reshape(9, 9, 8, 8)
    ax.imshow(pictures.transpose(0, 2, 1, 3).reshape(72, 72), cmap="gray_r", vmin=0, vmax=16)
    ax.set(title=f"the red box, decoded by the {type(model).__name__}", xticks=[], yticks=[])
fig.tight_layout()

# %%
# In the auto-encoder's box lies whatever happened to be there: a small part of one group, or a gap between groups,
# where the decoder makes up a blend that it was never corrected for. A box that is larger than all of its codes would
# do no better: most of it is empty.
#
# How often does it go wrong? Send the *same* draws of :math:`N(0, I)` through both and ask a judge who knows the
# data: the distance from a decoded picture to the nearest real one, beside that distance for real pictures that were
# kept from the others.

from sklearn.neighbors import NearestNeighbors

real = digits.x.reshape(-1, 64)
halves = real[::2], real[1::2]
noise = np.random.default_rng(0).standard_normal((500, 2)).astype("float32")
nearest = NearestNeighbors(n_neighbors=1).fit(halves[0])
found = {"real": halves[1]} | {type(m).__name__: m.inverse_transform(noise).reshape(-1, 64) for m in (ae, vae)}
counts = {}
for name, pictures in found.items():
    distance, which = nearest.kneighbors(pictures)
    counts[name] = np.bincount(digits.y[::2][which[:, 0]], minlength=10) / len(pictures)
    print(f"{name:5} distance to the nearest real picture {distance.mean():.1f}")

# %%
# The distances alone would not convict the auto-encoder: blends are smooth, and smooth pictures are never far from
# anything. What convicts it is that it does not make *the data*: some digits come far too often, and others hardly
# ever. How far the shares of the classes are from the data's is one number, their **total variation distance**
# :math:`\tfrac12 \sum_c |p_c - q_c|`: the share of pictures that would have to be of another digit. It is 0 where the
# shares are equal, and 1 where no digit is in both.

for name in ("AE", "VAE"):
    distance = np.abs(counts[name] - counts["real"]).sum() / 2
    print(f"{name:3} total variation distance of the class shares from the data's: {distance:.2f}")

fig, ax = plt.subplots(figsize=(7, 2.8))
for place, (name, shares) in enumerate(counts.items()):
    ax.bar(np.arange(10) + 0.27 * (place - 1), shares, width=0.25, label=name)
ax.set(xticks=range(10), xlabel="digit of the nearest real picture", ylabel="share")
ax.legend()
fig.tight_layout()

# %%
# A repair, and why it is one
# ---------------------------
#
# One can learn the law of the codes afterwards: fit a density to the codes of the data and draw from that.
# ``AE.sample`` does so, with a Gaussian mixture. It helps, and it is a second model that the first one knows nothing
# of: the decoder is still trained on points alone, and what lies between two training codes is still up to chance.

fig, axes = plt.subplots(2, 8, figsize=(7, 2))
rows = ae.inverse_transform(noise[:8]), ae.sample(8, random_state=0, mean=True)
for line, name, pictures in zip(axes, ("N(0, I)", "mixture"), rows, strict=True):
    for ax, picture in zip(line, pictures, strict=True):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name)
fig.tight_layout()

# %%
# Codes as features, and the way between two of them
# ---------------------------------------------------
#
# A lecture likes to say that the numbers of a code are features: hair, sex, smile; and that to change one is to
# change the face. That is a hope and no theorem: nothing in the loss asks for it. If hair length 3 has the code 3 and
# hair length 9 has 9, does 6 decode to hair between the two? Only if the decoder is straight there. The shortest way
# between two pictures, measured by how much the *picture* changes, is a curve in the space of codes, a **geodesic**:

a, b = digits.x[digits.y == 4][0], digits.x[digits.y == 3][0]
fig, axes = plt.subplots(2, 9, figsize=(7.4, 2))
for line, path in zip(axes, ("linear", "geodesic"), strict=True):
    walk = ae.interpolate(a, b, n=9, path=path)
    for ax, picture in zip(line, walk.x, strict=True):
        ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(path)
    steps = np.sqrt(np.square(np.diff(walk.x.reshape(9, -1), axis=0)).sum(axis=1))
    print(f"{path:8} the longest of its 8 steps is {steps.max() / steps.mean():.1f} times their mean")
fig.tight_layout()

# %%
# At even steps of the code the picture may stay as it is for a while and then jump; along the geodesic it changes
# evenly.

# %%
# **To try.** ``aevum explore runs/ae runs/vae`` puts both maps side by side; under *Can it generate?* one button
# sends the same draws through both, and a box that you drag samples from either.
#
# **Next.** Make the encoder say less than it could: an interval in place of a point.
