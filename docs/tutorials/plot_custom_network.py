r"""
A network of your own
=====================

``network=(encoder, decoder)`` takes any pair of :class:`torch.nn.Module`. Everything else stays: likelihood,
training, scores, saving, the page. What the two must do is in their shapes, and a wrong one is said before the first
step.

The encoder maps rows on the model's scale ``(N, *event)`` to features ``(N, …)``; a linear layer that makes mean and
log-variance of them is added. The decoder maps codes ``(N, latent_dim)`` to ``(N, *event)``, one number for each
value (two where σ is emitted).

This pair turns a signal of 64 values into a code by convolutions *along* it, and back.
"""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torch import nn

from aevum import VAE

rng = np.random.default_rng(0)
t = np.linspace(0, 1, 64)
pitch, place = rng.uniform(2, 6, 1200), rng.uniform(0.25, 0.75, 1200)
waves = np.sin(2 * np.pi * pitch[:, None] * t) * np.exp(-(((t - place[:, None]) / 0.15) ** 2))
waves = (waves + rng.normal(0, 0.05, waves.shape)).astype("float32")


def encoder():
    return nn.Sequential(
        nn.Unflatten(1, (1, 64)),
        nn.Conv1d(1, 32, 5, stride=2, padding=2), nn.SiLU(),
        nn.Conv1d(32, 64, 5, stride=2, padding=2), nn.SiLU(),
        nn.Flatten(),
    )  # fmt: skip


def decoder(latents):
    return nn.Sequential(
        nn.Linear(latents, 64 * 16), nn.SiLU(),
        nn.Unflatten(1, (64, 16)),
        nn.ConvTranspose1d(64, 32, 4, stride=2, padding=1), nn.SiLU(),
        nn.ConvTranspose1d(32, 1, 4, stride=2, padding=1),
        nn.Flatten(),
    )  # fmt: skip


torch.manual_seed(0)  # the first weights of modules of your own come from PyTorch's generator
vae = VAE(latent_dim=4, network=(encoder(), decoder(4)), likelihood="gaussian", epochs=100, random_state=0).fit(
    waves[:1000]
)
ready = VAE(latent_dim=4, likelihood="gaussian", epochs=100, random_state=0).fit(waves[:1000])
for name, model in {"convolutions along the signal": vae, "the default, fully connected": ready}.items():
    print(f"{name}: log p(x) of held-out signals {model.score(waves[1000:]):.1f} nats")

# %%
# What it made of signals that it never saw, and two from the prior:

fig, axes = plt.subplots(2, 4, figsize=(8, 3), sharex=True, sharey=True, layout="constrained")
for ax, wave, decoded in zip(axes.ravel(), waves[1000:1006], vae.reconstruct(waves[1000:1006]), strict=False):
    ax.plot(t, wave, color="0.7")
    ax.plot(t, decoded)
for ax, drawn in zip(axes.ravel()[6:], vae.sample(2, random_state=0, mean=True), strict=True):
    ax.plot(t, drawn, color="C1")
    ax.set_title("drawn", fontsize=9)

# %%
# A mistake is one sentence, at once:

from aevum.errors import InputError

try:
    VAE(latent_dim=4, network=(encoder(), decoder(3)), likelihood="gaussian", random_state=0).fit(waves)
except InputError as error:
    print(error)

# %%
# **Saving.** Weights are saved without pickle, and code never is: to load such a model, give it the networks again.

from pathlib import Path
from tempfile import TemporaryDirectory

import aevum

with TemporaryDirectory() as folder:
    path = vae.save(Path(folder) / "waves")
    again = aevum.load(path, network=(encoder(), decoder(4)))
print(np.array_equal(again.transform(waves[:5]), vae.transform(waves[:5])))
