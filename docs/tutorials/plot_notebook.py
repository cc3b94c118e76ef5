r"""
In a notebook: ``explore()`` inline
===================================

In a notebook ``vae.explore(X, y)`` puts the page below the cell; elsewhere it opens a browser. The session goes on
meanwhile.
"""

# sphinx_gallery_thumbnail_path = "images/explore-map.png"
from aevum import AE, VAE, open_data

digits = open_data("digits")
vae = VAE(latent_dim=2, epochs=20, random_state=0).fit(digits)
page = vae.explore(digits.x, digits.y, open_browser=False)  # in a notebook: vae.explore(digits.x, digits.y)
print(page.url.split("?")[0].rsplit(":", 1)[0] + ":…")

# %%
# .. image:: /images/explore-map.png
#    :alt: the page: the map of the digits, and the picture decoded at the cursor
#
# The map shows each row at its code, coloured by its label. Press, or drag, and the picture at the right is what the
# model decodes there. Everything on the page is a call in Python, too:

from matplotlib import pyplot as plt

walk = vae.interpolate(digits.x[0], digits.x[6], n=9)
fig, axes = plt.subplots(1, 9, figsize=(7, 1), layout="constrained")
for ax, picture in zip(axes, walk.x, strict=True):
    ax.imshow(picture, cmap="gray_r", vmin=0, vmax=16)
    ax.set(xticks=[], yticks=[])
nearest, distances = vae.neighbours(digits.x[:1], digits.x, k=4)
print("nearest to row 0:", nearest[0], "at", distances[0].round(2))

# %%
# ``close()`` ends it, and so does the end of the session.

page.close()

# %%
# Two models beside each other, with one cursor: an auto-encoder's codes have no law, and here one sees it.

ae = AE(latent_dim=2, epochs=20, random_state=0).fit(digits)
with vae.explore(digits.x, digits.y, beside={"AE": ae}, open_browser=False) as page:
    print(type(page).__name__, "with two models")
