r"""
Anomalies, and where to set the threshold
=========================================

A score says how odd a row is. What is to be done with it needs a threshold, and there are three honest ways to set
one: by the share of rows that you can look at, by rows that are known to be ordinary, or by what a mistake costs. The
data are scikit-learn's breast tumours: benign ones are the ordinary rows, malignant ones those to be found, and
nobody tells the detector which is which.
"""

import matplotlib.pyplot as plt
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import roc_auc_score

from aevum.evaluation import OutlierDetector, contributions

tumours = load_breast_cancer(as_frame=True)
X, malignant = tumours.data, tumours.target.to_numpy() == 0
rng = np.random.default_rng(0)
benign = rng.permutation(np.flatnonzero(~malignant))
some = rng.permutation(np.flatnonzero(malignant))[:20]
train, ordinary, later = benign[:180], benign[180:270], np.r_[benign[270:], some]

# %%
# The detector has scikit-learn's interface. ``contaminated=False``: the rows that it learns from are ordinary ones.
# Its ``score_samples`` is large where a row is ordinary.

detector = OutlierDetector(contaminated=False, random_state=0).fit(X.iloc[train])
odd = -detector.score_samples(X.iloc[later])
print(f"area under the ROC curve: {roc_auc_score(malignant[later], odd):.3f}")

# %%
# By ordinary rows
# ----------------
#
# Rows that it was not trained on, and that are ordinary, say how high the scores of ordinary rows get. Training rows
# won't do: they are scored too well. If a new ordinary row is like those n, then the chance that it lies above the
# k-th largest of them is at most k/(n + 1), whatever the scores' distribution (this is the *conformal* p-value).


def p_values(reference, odd):
    return (1 + (reference[None] >= odd[:, None]).sum(axis=1)) / (len(reference) + 1)


reference, level = -detector.score_samples(X.iloc[ordinary]), 0.05
flagged = p_values(reference, odd) <= level
print(f"false alarms wanted: at most {level:.0%}; found {flagged[~malignant[later]].mean():.0%}")
print(f"malignant rows found: {flagged[malignant[later]].mean():.0%}")

# %%
# The promise is one of the mean: over all the ways in which chance could have chosen the reference rows. With few of
# them one choice may be unlucky. Here are two thousand:

pool = np.r_[reference, odd[~malignant[later]]]
alarms = []
for _ in range(2000):
    mixed = rng.permutation(pool)
    alarms.append((p_values(mixed[: len(reference)], mixed[len(reference) :]) <= level).mean())
print(
    f"false alarms: {np.mean(alarms):.1%} in the mean, from {np.quantile(alarms, 0.05):.0%} to {np.quantile(alarms, 0.95):.0%} in nine of ten"
)

fig, ax = plt.subplots(figsize=(6.4, 3.2), layout="constrained")
bins = np.histogram_bin_edges(np.clip(odd, None, np.quantile(odd, 0.97)), 40)
for name, rows in {"benign": ~malignant[later], "malignant": malignant[later]}.items():
    ax.hist(np.clip(odd[rows], None, bins[-1]), bins, alpha=0.6, label=name)
threshold = np.sort(reference)[-int(level * (len(reference) + 1))]
ax.axvline(threshold, color="k", lw=1, label=f"threshold for {level:.0%} of the ordinary")
ax.set(xlabel="score (odd to the right; the last bin holds all beyond)", ylabel="rows")
ax.legend()

# %%
# By what you can look at
# -----------------------
#
# If twenty rows a day can be looked at, flag the twenty oddest. ``contamination`` is that share, of the rows that it
# was fitted to, and ``predict`` gives −1 for them.

share = OutlierDetector(contamination=0.05, random_state=0).fit(X.iloc[later])
print(f"flagged {(share.predict(X.iloc[later]) == -1).sum()} of {len(later)}")

# %%
# By cost
# -------
#
# With some labels, add up what mistakes cost. Here a missed tumour costs twenty times as much as a false alarm.

order = np.argsort(-odd)
missed = malignant[later].sum() - np.cumsum(malignant[later][order])
alarms = np.cumsum(~malignant[later][order])
best = int(np.argmin(20 * missed + alarms))
print(f"cheapest: flag the {best + 1} oddest, with {missed[best]} missed and {alarms[best]} false alarms")

# %%
# Choose such a threshold on other rows than those on which you report what it does.
#
# Why is a row odd?
# -----------------
#
# What each column adds to its score:

oddest = X.iloc[later[order[:3]]]
reasons = contributions(detector.members_[0].model, oddest, reference=X.iloc[train])
for row, parts in zip(oddest.index, reasons, strict=True):
    top = np.argsort(-parts)[:3]
    print(f"row {row}: " + ", ".join(X.columns[column] for column in top))
