r"""
Masked symbols: what a denoising auto-encoder has to do with BERT
=================================================================

BERT learns language by filling gaps: some words of a sentence are masked, and the network has to say which they were.
That is a denoising auto-encoder, whose corruption is a mask. Here the sentences are short and their grammar is known,
so that we know how well *anyone* could do.

A "sentence" has six symbols. Each follows from the one before it: with probability 0.8 the next letter of a, b, c, d,
e (after e comes a), and else any of the five.
"""

import numpy as np
import pandas as pd

from aevum import DAE, VAE

letters, length = "abcde", 6
rng = np.random.default_rng(0)
n = 4000
state = rng.integers(0, 5, n)
columns = [state]
for _ in range(length - 1):
    state = np.where(rng.random(n) < 0.8, (state + 1) % 5, rng.integers(0, 5, n))
    columns.append(state)
sentences = np.array(list(letters))[np.column_stack(columns)]
table = pd.DataFrame(sentences, columns=[f"place {i}" for i in range(length)])
train, test = table[:3000], table[3000:].reset_index(drop=True)
print(*("".join(row) for row in sentences[:5]))

# %%
# The denoising auto-encoder sees each symbol masked with probability 0.2, and its loss asks for all of them.

dae = DAE(latent_dim=16, corruption="masking", noise=0.2, epochs=60, random_state=0).fit(train)

# %%
# Mask one symbol of each new sentence, at a place that chance decides, and let it be filled in.

place = rng.integers(0, length, len(test))
rows = np.arange(len(test))
masked = test.astype(object).to_numpy()
truth = masked[rows, place].copy()
masked[rows, place] = None
masked = pd.DataFrame(masked, columns=table.columns).astype("category")
filled = dae.reconstruct(masked).to_numpy()[rows, place]
for sentence, at, symbol, right in list(zip(sentences[3000:], place, filled, truth, strict=True))[:5]:
    shown = "".join("_" if i == at else letter for i, letter in enumerate(sentence))
    print(f"{shown} → {symbol}, it was {right}")

# %%
# How good is that? The grammar is known, so the best guess is, too: the symbol that makes the step to it and the step
# from it most probable.

step = 0.8 * np.roll(np.eye(5), 1, axis=1) + 0.2 / 5
codes = np.column_stack([np.searchsorted(list(letters), test[name].to_numpy(str)) for name in test])
before = np.where(place[:, None] > 0, step[codes[rows, np.maximum(place - 1, 0)]], 0.2)
after = np.where(place[:, None] < length - 1, step[:, codes[rows, np.minimum(place + 1, length - 1)]].T, 1.0)
best = np.array(list(letters))[(before * after).argmax(axis=1)]
guesses = {"chance": rng.choice(list(letters), len(test)), "a denoising auto-encoder": filled}

# %%
# A VAE fills gaps by its own law: it weighs all codes by how well they explain what is there, and gives the
# probabilities of each symbol, not only the likeliest. It was not trained to fill in; it was trained to know how
# likely a sentence is.

vae = VAE(latent_dim=5, epochs=60, random_state=0).fit(train)
guesses["a VAE"] = vae.impute(masked).to_numpy()[rows, place]
guesses["the best possible"] = best
right = {name: np.mean(guess == truth) for name, guess in guesses.items()}

import matplotlib.pyplot as plt

figure, axis = plt.subplots(figsize=(7, 2.4), layout="constrained")
bars = axis.barh(list(right), list(right.values()), color=["tab:gray", "tab:blue", "tab:blue", "tab:gray"])
axis.bar_label(bars, fmt="%.3f", padding=4)
axis.set(xlabel="share of the masked symbols filled in rightly", xlim=(0, 1))
axis.invert_yaxis()

# %%
# **Read.** P. Vincent and others, *Stacked denoising autoencoders*, JMLR 2010; J. Devlin and others, *BERT:
# pre-training of deep bidirectional transformers*, NAACL 2019. :doc:`plot_missing_cells` is the same for tables of
# every kind.
