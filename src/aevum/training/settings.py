"""What a run depends on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from aevum.training.schedules import one_cycle


@dataclass(frozen=True)
class Settings:
    """How to train; every number that a run depends on.

    ``kl_warmup`` and ``warmup`` are fractions of the run; ``clip`` is a multiple of the running mean of the gradient's
    norm, which unlike an absolute limit means the same for 8 features and for 12,288; ``patience`` is in epochs
    without a better validation loss, None for never; ``tolerated`` is how many skipped steps in a row are too many;
    ``shared_draws`` tells that the score also draws from PyTorch's global generator; ``offset`` is added to the loss
    and the distortion of every record, and ``validation_offset`` to those of the validation rows: from nats on the
    model's scale to nats in the data's units. With a ``start_gain`` the weights before the first step are worth
    keeping: those of an epoch must be better by more than chance, and by this gain, in nats, which the start would have
    of the validation rows, were they learned too; None where they are as they were drawn. ``validation_draws`` is how
    often each validation row is scored; ``averaging`` is η of the mean of the weights
    (:class:`~aevum.training.groups.Group`), the larger the fewer of the last steps it is of, None for the weights
    themselves; ``schedule`` gives the share of the learning rate at progress t, given ``warmup``.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    beta: float = 1.0
    seed: int = 0
    patience: int | None = None
    kl_warmup: float = 0.0
    warmup: float = 0.05
    weight_decay: float = 0.0
    clip: float = 4.0
    tolerated: int = 5
    dtype: torch.dtype | None = None
    shared_draws: bool = False
    offset: float = 0.0
    validation_offset: float = 0.0
    start_gain: float | None = None
    validation_draws: int = 1
    averaging: float | None = 4.0
    schedule: Callable[[float, float], float] = one_cycle
