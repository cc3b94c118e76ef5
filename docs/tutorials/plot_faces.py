r"""
Faces and glasses
=================

Put glasses on a face: take the mean code of the faces with glasses, minus the mean code of those without, add the
difference to the code of another face, and decode. The faces are drawn here, so that we know what is true of each:
whether it has glasses, how broad it smiles, how wide its head is. For photographs the lines are the same:
``benchmarks/olivetti_glasses.py`` does it with the Olivetti faces, where a classifier sees glasses on every face that
they were put on, and none on 93 % of those that they were taken off.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw

from aevum import VAE


def face(glasses, smile, head, tilt):
    """A face of 32 × 32 grey values; smile and head from −1 to 1, tilt in degrees."""
    picture = Image.new("L", (128, 128), 0)
    pen = ImageDraw.Draw(picture)
    across = 40 + 8 * head
    pen.ellipse((64 - across, 12, 64 + across, 120), fill=150)
    for x in (46, 82):
        pen.ellipse((x - 4, 50, x + 4, 58), fill=30)
        if glasses:
            pen.ellipse((x - 13, 41, x + 13, 67), outline=255, width=4)
    if glasses:
        pen.line((59, 54, 69, 54), fill=255, width=4)
    pen.line((64, 62, 60, 78, 66, 79), fill=100, width=3)
    bend = 12 * smile
    mouth = [(64 + t * 18, 96 + bend * (1 - t * t)) for t in np.linspace(-1, 1, 15)]
    pen.line(mouth, fill=40, width=5)
    return np.asarray(picture.rotate(tilt, Image.Resampling.BILINEAR).resize((32, 32), Image.Resampling.LANCZOS))


rng = np.random.default_rng(0)
traits = {
    "glasses": rng.random(1500) < 0.4,
    "smile": rng.uniform(-1, 1, 1500),
    "head": rng.uniform(-1, 1, 1500),
    "tilt": rng.uniform(-12, 12, 1500),
}
faces = np.stack([face(*of_one) for of_one in zip(*traits.values(), strict=True)])

# %%
# Learn the faces, without any of the labels.

vae = VAE(latent_dim=5, epochs=40, random_state=0).fit(faces)


def show(rows, names, figsize):
    _fig, axes = plt.subplots(len(rows), len(rows[0]), figsize=figsize, layout="constrained", squeeze=False)
    for line, name, pictures in zip(axes, names, rows, strict=True):
        for ax, picture in zip(line, pictures, strict=True):
            ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
            ax.set(xticks=[], yticks=[])
        line[0].set_ylabel(name)


show(
    [faces[:8], vae.reconstruct(faces[:8]), vae.sample(8, random_state=0, mean=True)],
    ("faces", "decoded", "new"),
    (7, 2.8),
)

# %%
# On and off
# ----------
#
# The direction needs labels of some rows: hundred are enough here.

few = np.arange(100)
glasses = vae.attribute_vector(faces[few], labels=traits["glasses"][few])
without, with_ = (100 + np.flatnonzero(traits["glasses"][100:] == worn)[:6] for worn in (False, True))
on, off = vae.add_attribute(faces[without], glasses, amount=1.0), vae.add_attribute(faces[with_], glasses, amount=-1.0)
show([faces[without], on, faces[with_], off], ("without", "put on", "with", "taken off"), (5.6, 4))

# %%
# Did it work, and did the rest stay as it was? A judge that sees pictures alone, trained on real ones:

from sklearn.linear_model import LogisticRegression, Ridge

flat = faces.reshape(len(faces), -1) / 255.0
sees_glasses = LogisticRegression(C=0.1, max_iter=500).fit(flat[:1000], traits["glasses"][:1000])
sees_smile = Ridge(10.0).fit(flat[:1000], traits["smile"][:1000])
new = 1000 + np.flatnonzero(~traits["glasses"][1000:])
put_on = vae.add_attribute(faces[new], glasses, amount=1.0).reshape(len(new), -1) / 255.0
before = vae.reconstruct(faces[new]).reshape(len(new), -1) / 255.0
print(
    f"glasses seen on {sees_glasses.predict(before).mean():.0%} of the faces before, on {sees_glasses.predict(put_on).mean():.0%} after"
)
change = sees_smile.predict(put_on) - sees_smile.predict(before)
print(f"the smile moved by {np.abs(change).mean():.2f} on a scale from -1 to 1")

# %%
# What the direction takes along
# ------------------------------
#
# The difference of two groups is *everything* in which they differ. Suppose that in our labelled rows it is mostly
# broad heads that wear glasses:

broad = np.flatnonzero(traits["glasses"] == (traits["head"] > 0))[:100]
mixed = vae.attribute_vector(faces[broad], labels=traits["glasses"][broad])
sees_head = Ridge(10.0).fit(flat[:1000], traits["head"][:1000])
for name, direction in {"fair labels": glasses, "broad heads": mixed}.items():
    moved = vae.add_attribute(faces[new], direction, amount=1.0).reshape(len(new), -1) / 255.0
    print(f"{name}: the head grows by {(sees_head.predict(moved) - sees_head.predict(before)).mean():+.2f}")

# %%
# The cure is in the labels (compare rows that are alike otherwise), or in the geometry: take out of the direction
# what is known to be another's. ``orthogonalise`` sets several directions at
# right angles; ``how="sequential"`` keeps the first as it is and takes it out of the others.

from aevum.exploration import orthogonalise

head = vae.attribute_vector(faces[:300], labels=traits["head"][:300] > 0)
_, cleaned = orthogonalise([head, mixed], how="sequential")
moved = vae.add_attribute(faces[new], cleaned, amount=1.0).reshape(len(new), -1) / 255.0
print(
    f"at right angles to the head's direction: it grows by {(sees_head.predict(moved) - sees_head.predict(before)).mean():+.2f}"
)

# %%
# On the page of ``aevum explore`` the same is a panel: choose a column of labels, or draw a loop around two groups on
# the map.
