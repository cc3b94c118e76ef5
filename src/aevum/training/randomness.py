"""The generators of a run: set from counters, so that a step's draws depend on nothing that came before it."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

from aevum.data.keyed import counted_seed
from aevum.distributions import lent_to_global


class Randomness:
    """One generator on the model's device, set anew from counters such as (seed, epoch, step).

    Args:
        device: where draws are made.
        shared: whether what is run draws from PyTorch's global generator too (dropout in a network of the user's own).
    """

    def __init__(self, device: torch.device, shared: bool = False) -> None:
        self.generator = torch.Generator(device)
        self.shared = shared

    def at(self, *counters: int) -> torch.Generator:
        """The generator, set from these counters."""
        return self.generator.manual_seed(counted_seed(*counters))

    def lent(self) -> AbstractContextManager[None]:
        """Within, PyTorch's global generator goes on from this one, where what is run needs that."""
        return lent_to_global(self.generator) if self.shared else nullcontext()
