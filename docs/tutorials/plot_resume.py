r"""
Resume: a training that survives
================================

A long training will be cut off: by Ctrl-C, the end of a time slot, a power cut. With ``checkpoints`` the whole state
of the training (weights, optimizer, position in the data, random numbers) is written as it goes, and ``resume`` goes
on from the last one. The result is the one that would have come without the cut, bit for bit on the same machine.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from aevum import VAE, open_data
from aevum.training import Checkpoints

digits = open_data("digits")
folder = TemporaryDirectory()
whole = VAE(latent_dim=2, epochs=12, random_state=0).fit(digits)

# %%
# We press Ctrl-C ourselves, in the sixth epoch, by a callback. ``fit`` then returns the model that it has, after a
# warning, and its state is written; a script goes on behind it, so look at ``history_[-1]`` where that matters. (SIGTERM ends the process once the state is written; after a ``kill -9`` what was
# learned since the last state is learned again.)


def press_ctrl_c(record):
    if record["epoch"] == 6:
        raise KeyboardInterrupt


run = Path(folder.name) / "run"
part = VAE(latent_dim=2, epochs=12, random_state=0, callbacks=[press_ctrl_c])
part.fit(digits, checkpoints=Checkpoints(run, epochs=1))  # a state after each epoch, besides each minute
print("ended:", part.history_[-1])
print("written:", sorted(file.name for file in (run / "training").iterdir()))

# %%
# The same arguments and data, and ``resume``.

resumed = VAE(latent_dim=2, epochs=12, random_state=0).fit(digits, resume=run)
print("the same model:", np.array_equal(whole.transform(digits), resumed.transform(digits)))

# %%
# The curve up to the cut, and the one that went on from there, on the curve without a cut:

import matplotlib.pyplot as plt

figure, axis = plt.subplots(figsize=(6, 3.2), layout="constrained")
for fitted, label, style in (
    (whole, "without a cut", {"linewidth": 5, "alpha": 0.35}),
    (resumed, "resumed", {"linewidth": 1.5, "linestyle": "--"}),
    (part, "cut off", {"linewidth": 1.5, "marker": "o"}),
):
    epochs, losses = zip(
        *((record["epoch"], record["loss"]) for record in fitted.history_ if "loss" in record), strict=True
    )
    axis.plot(epochs, losses, label=label, **style)
axis.set(xlabel="epoch", ylabel="loss, nats per digit")
axis.legend()

# %%
# Other data or arguments are refused, by name.

from aevum.errors import InputError

try:
    VAE(latent_dim=3, epochs=12, random_state=0).fit(digits, resume=run)
except InputError as error:
    print(error)

folder.cleanup()

# %%
# **At a terminal** nothing needs to be asked for: ``aevum train`` writes its state each minute, and when it is cut
# off it says how to go on::
#
#     aevum train photos/ --out runs/photos       # … Ctrl-C
#     aevum train --resume runs/photos            # goes on
#
# In a queue that starts jobs again, give the data and ``--resume`` from the beginning: it begins where there is
# nothing, goes on where there is something, and does nothing where the run is finished::
#
#     aevum train photos/ --resume runs/photos
#
# **More rows, or more epochs, later** is another thing: ``partial_fit`` passes once over what it is given,
# ``warm_start=True`` lets ``fit`` begin from the fit before.

vae = VAE(latent_dim=2, epochs=5, warm_start=True, random_state=0).fit(digits)
first = vae.score(digits.x[:200])
print(f"log p(x) after 5 epochs {first:.1f}, after 5 more {vae.fit(digits).score(digits.x[:200]):.1f}")
