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


VAE(latent_dim=2, epochs=5, callbacks=[ToTensorBoard(folder.name)], random_state=0).fit(digits)
print("written:", [file.name.split(".")[0] for file in Path(folder.name).iterdir()])

# %%
# ``tensorboard --logdir FOLDER`` shows it. What was written, read back:

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

events = EventAccumulator(folder.name)
events.Reload()
print(events.Tags()["scalars"])
print([round(event.value, 1) for event in events.Scalars("training/distortion")])
folder.cleanup()

# %%
# **Weights & Biases** is two lines: a run, and its ``log``, which takes a dictionary as it is::
#
#     import wandb
#
#     with wandb.init(project="digits") as run:
#         VAE(latent_dim=2, callbacks=[run.log]).fit(digits)
#
# So do others whose function takes a dictionary of numbers (MLflow: ``lambda record: mlflow.log_metrics(record,
# step=record["epoch"])``).
#
# **Stopping by a rule of your own.** aevum stops by itself when ``patience`` epochs brought nothing on held-out rows.
# This stops at a wanted distortion:

stopped = VAE(latent_dim=8, epochs=200, callbacks=[lambda record: record["distortion"] < 120], random_state=0).fit(
    digits
)
print(f"ended after {stopped.history_[-1]['epoch']} epochs at {stopped.history_[-1]['distortion']:.1f} nats")

# %%
# At a terminal, ``aevum train … --explore`` shows the map while it learns, and ``history.jsonl`` in the run's folder
# holds the same records.
