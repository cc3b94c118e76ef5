"""PyTorch's generators, set from counters and given back as they were."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from aevum.data.keyed import counted_seed


def reseed(device: torch.device, *counters: int) -> None:
    """Set the generators that draws come from; ``torch.manual_seed`` asks every backend, longer than a draw takes."""
    seed = counted_seed(*counters)
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
    elif device.type == "mps":
        torch.mps.manual_seed(seed)


@contextmanager
def kept_generators(device: torch.device) -> Iterator[None]:
    """PyTorch's generators as they were before, whatever the run did to them."""
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        yield
