"""PyTorch's global generator, lent to what takes none of its own, so that nobody else's draws change."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

_GLOBAL = threading.RLock()


@contextmanager
def lent_to_global(generator: torch.Generator | None) -> Iterator[None]:
    """Within, PyTorch's global generator draws what this one would have, and is then as it was.

    For what takes no generator: a network or distribution of the user's own, and dropout. One thread at a time.
    """
    if generator is None:
        yield
        return
    on_cuda = generator.device.type == "cuda"
    with _GLOBAL, torch.random.fork_rng(devices=[generator.device] if on_cuda else []):
        if on_cuda:
            torch.cuda.set_rng_state(generator.get_state(), generator.device)
        elif generator.device.type == "mps":
            torch.mps.set_rng_state(generator.get_state())
        else:
            torch.set_rng_state(generator.get_state())
        try:
            yield
        finally:
            if on_cuda:
                generator.set_state(torch.cuda.get_rng_state(generator.device))
            elif generator.device.type == "mps":
                generator.set_state(torch.mps.get_rng_state())
            else:
                generator.set_state(torch.get_rng_state())


class InitialisedBy(TorchFunctionMode):
    """Within, the weights of new modules are drawn from this generator; other threads see nothing of it.

    ``nn.Linear(…)`` takes no generator, but all that its initialisation draws passes through here.

    Example:
        >>> import torch
        >>> with InitialisedBy(torch.Generator().manual_seed(0)):
        ...     a = torch.nn.Linear(2, 1)
        >>> with InitialisedBy(torch.Generator().manual_seed(0)):
        ...     b = torch.nn.Linear(2, 1)
        >>> bool((a.weight == b.weight).all())
        True
    """

    DRAWING = frozenset({
        torch.Tensor.uniform_, torch.Tensor.normal_, torch.Tensor.bernoulli_, torch.rand, torch.randn, torch.bernoulli,
        torch.normal, torch.randperm, torch.randint, nn.init.uniform_, nn.init.normal_, nn.init.kaiming_uniform_,
    })  # fmt: skip

    def __init__(self, generator: torch.Generator) -> None:
        super().__init__()
        self.generator = generator

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func in self.DRAWING and kwargs.get("generator") is None:
            kwargs["generator"] = self.generator
        return func(*args, **kwargs)
