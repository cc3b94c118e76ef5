"""The optimizer beside PyTorch's class of the same name."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from aevum.training.adamw import AdamW


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_bit_for_bit_as_torch_s(decay: float) -> None:
    """Also where one weight has no gradient at first, and where the rate is another in each step."""
    torch.manual_seed(0)
    own = [nn.Parameter(torch.randn(shape)) for shape in ((3, 4), (4,), (2,))]
    theirs = [nn.Parameter(p.detach().clone()) for p in own]
    ours = AdamW(own, rate=1e-3, weight_decay=decay)
    other = torch.optim.AdamW(theirs, lr=1e-3, weight_decay=decay, fused=True)
    for step in range(20):
        for number, (a, b) in enumerate(zip(own, theirs, strict=True)):
            a.grad = torch.randn(a.shape) if number or step > 3 else None
            b.grad = None if a.grad is None else a.grad.clone()
        ours.rate = other.param_groups[0]["lr"] = 1e-2 / (1 + step)
        ours.step()
        other.step()
    for a, b in zip(own, theirs, strict=True):
        assert torch.equal(a, b)
        assert {name: value.tolist() for name, value in ours.state[a].items()} == {
            name: value.tolist() for name, value in other.state[b].items()
        }
