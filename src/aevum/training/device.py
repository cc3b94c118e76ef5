"""Which device, and which precision of its matrix products."""

from __future__ import annotations

import os

import torch
from torch import nn

from aevum.errors import InputError

PRECISIONS = ("auto", "float32", "bfloat16")
# Below this many weights a step is all overhead, and casting them costs more than the shorter products save
# (benchmarks/README.md, "precision").
WORTHWHILE = 200_000


def choose_device(device: str | torch.device) -> torch.device:
    """The device by name: "auto" is CUDA, then Apple's MPS, then the processor.

    Raises:
        InputError: the name is unknown, or PyTorch can't use that device here.
    """
    if isinstance(device, str) and device == "auto":
        if torch.cuda.is_available():
            own = os.environ.get("LOCAL_RANK")  # of several processes on one machine, each takes its own
            return torch.device("cuda" if own is None else f"cuda:{own}")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        chosen = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise InputError(f"device={device!r} is not one of auto, cpu, cuda, cuda:N, mps") from error
    available = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not available.get(chosen.type, False):
        raise InputError(f"device={str(chosen)!r} can't be used: PyTorch finds none here (device='auto' picks one)")
    if chosen.type == "cuda" and chosen.index is not None and chosen.index >= torch.cuda.device_count():
        raise InputError(f"device={str(chosen)!r}: there are {torch.cuda.device_count()} CUDA devices, from cuda:0")
    return chosen


def autocast_dtype(precision: str, device: torch.device, model: nn.Module) -> torch.dtype | None:
    """The reduced type of matrix products in training, or None for float32 throughout.

    "auto" is bfloat16 where the processor multiplies it faster (AVX-512 BF16, AMX, CUDA from compute capability 8) and
    the model is large enough to gain. Losses, densities and every evaluation stay in float32.
    """
    if precision not in PRECISIONS:
        raise InputError(f"precision={precision!r} is not one of {', '.join(PRECISIONS)}")
    if precision == "float32":
        return None
    if precision == "bfloat16":
        return torch.bfloat16
    if sum(p.numel() for p in model.parameters()) < WORTHWHILE:
        return None
    return torch.bfloat16 if gains_from_bfloat16(device) else None


def gains_from_bfloat16(device: torch.device) -> bool:
    """Whether this device has fast bfloat16 products."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device)[0] >= 8
    if device.type != "cpu":
        return False
    ask = getattr(torch.cpu, "get_capabilities", None)
    if ask is not None:
        found = ask()
        return bool(found.get("avx512_bf16") or found.get("amx_bf16"))
    ask = getattr(torch.cpu, "_is_avx512_bf16_supported", None)
    return bool(ask is not None and ask())


def one_thread() -> None:
    """A forked child has none of its parent's OpenMP threads: a team of them would be waited for without end."""
    torch.set_num_threads(1)


if hasattr(os, "register_at_fork"):  # Windows forks nothing
    os.register_at_fork(after_in_child=one_thread)
