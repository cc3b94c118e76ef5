"""The likelihood of 8-bit pixels."""

from __future__ import annotations

from torch import Tensor, nn

from aevum.conditionals.base import Conditional
from aevum.conditionals.scale import Scale
from aevum.distributions import DiscretizedLogistic


class DiscretizedLogisticConditional(Conditional):
    """p(x|z,y) = Π DiscretizedLogistic(x_d; μ(z,y)_d, s): the network emits μ, and log s is a component."""

    def __init__(self, network: nn.Module, scale: Scale, event_dim: int) -> None:
        super().__init__()
        self.network, self.scale, self.event_dim = network, scale, event_dim

    def forward(self, *context: Tensor | None) -> DiscretizedLogistic:
        outputs = self.network(*context).unbind(-1 - self.event_dim)
        return DiscretizedLogistic(outputs[0], self.scale(outputs[1] if len(outputs) > 1 else None), self.event_dim)
