r"""
TensorBoard, Weights & Biases, and stopping early, by callback
==============================================================

A callback is a function that is given each epoch's record, a dictionary of numbers. It may write them anywhere. If it
returns ``True``, the training ends there, as after Ctrl-C: the best epoch's weights are kept.
"""

from aevum import VAE, open_data

digits = open_data("digits")


def show(record):
    if record["epoch"] % 5 == 0:
        print(f"epoch {record['epoch']:3}  distortion {record['distortion']:.1f}  rate {record['rate']:.2f}")


VAE(latent_dim=2, epochs=15, callbacks=[show], random_state=0).fit(digits)

# %%
# **TensorBoard.** Its writer is part of PyTorch, and needs ``pip install tensorboard``.

from pathlib import Path
from tempfile import TemporaryDirectory

from torch.utils.tensorboard import SummaryWriter

folder = TemporaryDirectory()


class ToTensorBoard:
    """Every number of the record, by epoch."""

    def __init__(self, folder):
        self.writer = SummaryWriter(folder)

    def __call__(self, record):
        for name, value in record.items():
            if isinstance(value, (int, float)) and name != "epoch":
                self.writer.add_scalar(f"training/{name}", value, record["epoch"])
        self.writer.flush()


VAE(latent_dim=2, epochs=15, callbacks=[ToTensorBoard(folder.name)], random_state=0).fit(digits)
print("written:", [file.name.split(".")[0] for file in Path(folder.name).iterdir()])

# %%
# ``tensorboard --logdir FOLDER`` shows it. What was written, read back:

import matplotlib.pyplot as plt
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(folder.name)
events.Reload()
print(events.Tags()["scalars"])

figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="constrained")
for axis, term in zip(axes, ("distortion", "rate"), strict=True):
    for name, shown in ((term, "rows it learns from"), (f"validation_{term}", "held-out rows")):
        scalars = events.Scalars(f"training/{name}")
        axis.plot([scalar.step for scalar in scalars], [scalar.value for scalar in scalars], label=shown)
    axis.set(title=term, xlabel="epoch", ylabel="nats")
axes[0].legend()
folder.cleanup()

# %%
# **Weights & Biases** (``pip install wandb``) is two lines: a run, and its ``log``, which takes a dictionary as it is.
# Without ``mode`` the run goes to your account; ``"offline"`` writes a folder that ``wandb sync`` sends later.

import wandb

folder = TemporaryDirectory()
with wandb.init(project="digits", mode="offline", dir=folder.name, settings=wandb.Settings(silent=True)) as run:
    VAE(latent_dim=2, epochs=5, callbacks=[run.log], random_state=0).fit(digits)
    print(f"epoch {run.summary['epoch']}: distortion {run.summary['distortion']:.1f}, rate {run.summary['rate']:.2f}")
folder.cleanup()

# %%
# Others want the step beside the numbers. MLflow's function is ``log_metrics(metrics, step)``; one with the same
# arguments stands in for it here.

sent = {}


def log_metrics(metrics, step):
    sent[step] = metrics


def to_mlflow(record):
    log_metrics(record, step=record["epoch"])


VAE(latent_dim=2, epochs=3, callbacks=[to_mlflow], random_state=0).fit(digits)
print({step: round(metrics["loss"], 1) for step, metrics in sent.items()})

# %%
# **Stopping by a rule of your own.** aevum stops by itself when ``patience`` epochs brought nothing on held-out rows.
# This stops at a wanted distortion:

stopped = VAE(latent_dim=8, epochs=200, callbacks=[lambda record: record["distortion"] < 120], random_state=0).fit(
    digits
)
print(f"ended after {stopped.history_[-1]['epoch']} epochs at {stopped.history_[-1]['distortion']:.1f} nats")

# %%
# At a terminal, ``aevum train … --explore`` shows the map while it learns, and ``history.jsonl`` in the run's folder
# holds the same records.
