r"""
A folder of pictures, by class
==============================

A folder with a subfolder for each class is a data set. Here we make one (the digits of scikit-learn, as PNG files of
32 × 32), learn it, and ask for new pictures of a class by its name.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from aevum import CVAE, open_data

names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
bundled = load_digits()
work = TemporaryDirectory()
folder = Path(work.name) / "photos"
for number, (picture, digit) in enumerate(zip(bundled.images, bundled.target, strict=True)):
    file = folder / names[digit] / f"{number:04}.png"
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray((255 - picture / 16 * 255).astype("uint8")).resize((32, 32)).save(file)

# %%
# Open it. Pictures may have any size and format; ``image_size`` brings them to one. What can't be read is named and
# left out, or refused, and never silently.

photos = open_data(folder, image_size=8)
print(photos.x.shape, photos.x.dtype, photos.classes)

# %%
# The class goes to both networks of a conditional VAE.

cvae = CVAE(latent_dim=4, epochs=60, random_state=0).fit(photos)

fig, axes = plt.subplots(3, 10, figsize=(7.5, 2.5), layout="constrained")
for line, name in zip(axes, ("three", "seven", "nine"), strict=True):
    for ax, picture in zip(line, cvae.sample(10, y=name, random_state=0, mean=True), strict=True):
        ax.imshow(picture, cmap="gray", vmin=0, vmax=255)
        ax.set(xticks=[], yticks=[])
    line[0].set_ylabel(name)

# %%
# Are they what was asked for? A classifier of real pictures is the judge; how often it is right on real ones that it
# hasn't seen says how far to trust it.

from sklearn.model_selection import train_test_split
from sklearn.svm import SVC

pixels = photos.x.reshape(len(photos.x), -1) / 255.0
known, kept, its, theirs = train_test_split(pixels, photos.y, random_state=0)
judge = SVC(gamma="scale").fit(known, its)
asked = np.repeat(np.unique(photos.y), 50)
made = cvae.sample(len(asked), y=asked, random_state=1, mean=True).reshape(len(asked), -1) / 255.0
print(f"real pictures of their class: {judge.score(kept, theirs):.3f}; those made: {judge.score(made, asked):.3f}")

# %%
# At a terminal::
#
#     aevum train photos/ --model cvae --image-size 8 --out runs/photos
#     aevum sample runs/photos --label seven -n 64 -o sevens.png
#     aevum explore runs/photos
#
# Folders that don't fit in memory, archives and shards: :doc:`/corpora`.

work.cleanup()
