r"""
A grid search
=============

aevum's models are scikit-learn estimators, so its searches work. Two questions decide which one is right: what is the
code for, and which score may be compared?

**By log p(x).** ``score`` is the mean of log p(x) a row, by importance sampling: a number that models with any
``latent_dim``, network, β or prior share, if they have the same data and likelihood. (A loss is none of that: with
another β it measures something else.)
"""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.datasets import load_wine
from sklearn.model_selection import GridSearchCV

from aevum import VAE

X, y = load_wine(return_X_y=True, as_frame=True)
search = GridSearchCV(
    VAE(likelihood="gaussian", epochs=150, random_state=0),
    {"latent_dim": [1, 2, 4], "beta": [0.5, 1.0]},
    cv=3,
).fit(X)
found = pd.DataFrame(search.cv_results_)[["param_latent_dim", "param_beta", "mean_test_score", "std_test_score"]]
print(found.round(2).to_string(index=False))
print("best:", search.best_params_)

# %%
# The spread over the folds says which differences mean anything.

fig, ax = plt.subplots(figsize=(5.6, 3.2), layout="constrained")
for beta, rows in found.groupby("param_beta"):
    ax.errorbar(
        rows.param_latent_dim,
        rows.mean_test_score,
        rows.std_test_score / 3**0.5,
        marker="o",
        capsize=3,
        label=f"β = {beta}",
    )
ax.set(xlabel="latent_dim", ylabel="log p(x), nats a row", xticks=[1, 2, 4])
ax.legend()

# %%
# **By what the code is for.** If it feeds a classifier, let the classifier say. Labels are then used to *choose*, so
# the figure to quote is of rows that the search never saw.

from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline

seen, kept, its, theirs = train_test_split(X, y, test_size=0.3, stratify=y, random_state=0)
pipeline = make_pipeline(VAE(likelihood="gaussian", epochs=150, random_state=0), LogisticRegression())
by_class = GridSearchCV(pipeline, {"vae__latent_dim": [1, 2, 4]}, cv=3).fit(seen, its)
print(
    "latent_dim:",
    by_class.best_params_["vae__latent_dim"],
    f"accuracy on kept rows: {by_class.score(kept, theirs):.2f}",
)

# %%
# **How many latents?** ``latent_dim="auto"`` takes 20, or one less than a row has values. On large data that costs a
# VAE little: a latent which isn't needed stays at the prior, and ``latent_summary_`` counts those that are. On 178
# rows, as here, a search is worth its time.
