r"""
A table with missing cells
==========================

You have a table with holes in it. You want them filled, with how sure each filling is, and you don't want to throw
away every row that has one. A variational auto-encoder does this exactly: its likelihood is a product over the
columns, so a cell that is missing is left out of the product, and the rows learn from the cells that they have.

The table here is of 178 wines, as scikit-learn bundles it. We make holes in it ourselves, so that we know what stood
there.
"""

# %%
# The data
# --------
#
# A DataFrame with numbers and a column of words. Each cell is blanked with a probability of 0.2: with 14 columns
# hardly a row is left whole.

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_wine

bunch = load_wine(as_frame=True)
whole = bunch.data.assign(cultivar=bunch.target.map({0: "Barolo", 1: "Grignolino", 2: "Barbera"}))
random = np.random.default_rng(0)
holes = random.random(whole.shape) < 0.2
table = whole.mask(holes)
print(f"{holes.mean():.0%} of the cells are missing; {(~holes.any(axis=1)).sum()} of {len(table)} rows are whole")
table.iloc[:4, [0, 1, 4, 9, 13]]

# %%
# Fit
# ---
#
# Nothing has to be scaled, encoded or filled beforehand. What each column was taken for, and why, can be asked:

from aevum import VAE

vae = VAE(latent_dim=4, random_state=0).fit(table)
for name, (kind, _) in zip(table.columns, vae.encoding_.kinds(), strict=True):
    print(f"{name:30} {kind}")

# %%
# Fill
# ----
#
# ``impute`` gives the table back without holes: each number's mean given the cells that the row has, and the most
# probable class. The cells that were there stay as they were.

filled = vae.impute(table)
filled.iloc[:4, [0, 1, 4, 9, 13]]

# %%
# Was it right? We know what stood there. A usual stopgap is the column's mean, so that is what we compare with: the
# error of each column in units of its deviation, over the cells that were missing.

numbers = bunch.data.columns
missing = holes[:, : len(numbers)]
truth, deviation = whole[numbers].to_numpy(), whole[numbers].std().to_numpy()


def errors(guess):
    """Root mean squared error of each column's missing cells, in deviations."""
    off = np.where(missing, (guess - truth) / deviation, 0.0)
    return np.sqrt(np.square(off).sum(axis=0) / missing.sum(axis=0))


by_vae = errors(filled[numbers].to_numpy())
by_mean = errors(np.broadcast_to(table[numbers].mean().to_numpy(), truth.shape))
order = np.argsort(by_vae)
fig, ax = plt.subplots(figsize=(6.4, 4), layout="constrained")
ax.barh(np.arange(len(order)) + 0.2, by_mean[order], 0.38, color="0.75", label="column's mean")
ax.barh(np.arange(len(order)) - 0.2, by_vae[order], 0.38, label="VAE")
ax.set_yticks(range(len(order)), numbers[order])
ax.set(xlabel="error of missing cells, in deviations of the column")
ax.legend(loc="lower right")

words = holes[:, -1]
right = (filled["cultivar"][words] == whole["cultivar"][words]).mean()
print(f"missing cultivars named rightly: {right:.0%} of {words.sum()}")

# %%
# How sure is it?
# ---------------
#
# One number is not enough to go on with. ``interval=0.9`` gives the two ends between which a missing cell lies with a
# probability of 0.9; ``draws=20`` gives twenty completed tables, so that whatever you compute afterwards can be
# computed twenty times (multiple imputation).

_, low, high = vae.impute(table, interval=0.9)
column = "flavanoids"
rows = np.flatnonzero(missing[:, numbers.get_loc(column)])
rows = rows[np.argsort(filled[column].to_numpy()[rows])]
at = np.arange(len(rows))

fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
ax.vlines(
    at, low[column].to_numpy()[rows], high[column].to_numpy()[rows], color="C0", lw=3, alpha=0.35, label="90 % interval"
)
ax.plot(at, filled[column].to_numpy()[rows], "_", color="C0", ms=7, label="filled")
ax.plot(at, whole[column].to_numpy()[rows], "k.", ms=5, label="what stood there")
ax.set(xlabel="rows whose cell is missing", ylabel=column, xticks=[])
ax.legend(loc="upper left")
inside = (whole[column].to_numpy()[rows] >= low[column].to_numpy()[rows]) & (
    whole[column].to_numpy()[rows] <= high[column].to_numpy()[rows]
)
print(f"{inside.sum()} of {len(rows)} inside")

# %%
# Ask
# ---
#
# The same model answers what a row might be of which only a few cells are given. ``complete`` draws whole rows:

vae.complete({"alcohol": 13.8, "cultivar": "Barolo"}, 3, random_state=0)

# %%
# **To go on.** At a terminal ``aevum train wines.csv`` does the fit, and writes a report beside the model. Gaps that
# depend on what is missing, large incomes that are not told for instance, need a word more:
# ``missingness="self-masking"`` (*Tables* in the guide). What is guaranteed of the densities stands there, too.
