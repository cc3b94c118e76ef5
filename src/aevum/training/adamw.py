"""Adam with decoupled weight decay."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.optim.adamw import adamw

BETAS, EPSILON = (0.9, 0.999), 1e-8


class AdamW:
    r"""Each step moves :math:`w \leftarrow w - \eta\,(\hat m / (\sqrt{\hat v} + \epsilon) + \lambda w)`, bit for bit as
    ``torch.optim.AdamW(fused=True)`` does.

    It calls PyTorch's function itself, since that class imports PyTorch's compiler when the first one is made: two
    seconds of every process that trains, for nothing.

    Source: *Decoupled weight decay regularization*, I. Loshchilov and F. Hutter, ICLR 2019.

    Args:
        parameters: what it moves.
        rate: η; may be set anew before each step.
        weight_decay: λ.

    Example:
        >>> w = torch.nn.Parameter(torch.tensor([1.0, -1.0]))
        >>> optimizer = AdamW([w], rate=0.1, weight_decay=0.0)
        >>> w.grad = torch.tensor([3.0, 0.0])
        >>> optimizer.step()
        >>> [round(each, 4) for each in w.tolist()]
        [0.9, -1.0]
    """

    def __init__(self, parameters: Sequence[Tensor], rate: float, weight_decay: float) -> None:
        self.parameters, self.rate, self.weight_decay = list(parameters), rate, weight_decay
        # Of each parameter that has had a gradient: the steps so far, and the running means of gradient and square.
        self.state: dict[Tensor, dict[str, Tensor]] = {}
        self.fused = self.parameters[0].device.type != "mps" or None

    @torch.no_grad()
    def step(self) -> None:
        """Move every parameter that has a gradient."""
        moved = [p for p in self.parameters if p.grad is not None]
        for p in moved:
            if p not in self.state:
                self.state[p] = {
                    "step": torch.zeros((), dtype=torch.float32, device=p.device if self.fused else "cpu"),
                    "exp_avg": torch.zeros_like(p, memory_format=torch.preserve_format),
                    "exp_avg_sq": torch.zeros_like(p, memory_format=torch.preserve_format),
                }
        steps, means, squares = ([self.state[p][name] for p in moved] for name in ("step", "exp_avg", "exp_avg_sq"))
        adamw(
            moved, [p.grad for p in moved if p.grad is not None], means, squares, [], steps, fused=self.fused,
            amsgrad=False, beta1=BETAS[0], beta2=BETAS[1], lr=self.rate, weight_decay=self.weight_decay, eps=EPSILON,
            maximize=False,
        )  # fmt: skip
