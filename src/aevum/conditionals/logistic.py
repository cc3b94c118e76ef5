"""The likelihood of 8-bit pixels, and of fewer levels."""

from __future__ import annotations

from torch import Tensor, nn

from aevum.conditionals.base import Conditional
from aevum.conditionals.scale import Scale
from aevum.distributions import DiscretizedLogistic


class DiscretizedLogisticConditional(Conditional):
    """p(x|z,y) = Π DiscretizedLogistic(x_d; μ(z,y)_d, s): the network emits μ, and log s is a component.

    Args:
        levels: number of values.
    """

    def __init__(self, network: nn.Module, scale: Scale, event_dim: int, levels: int = 256) -> None:
        super().__init__()
        self.network, self.scale, self.event_dim, self.levels = network, scale, event_dim, levels

    def forward(self, *context: Tensor | None) -> DiscretizedLogistic:
        outputs = self.network(*context).unbind(-1 - self.event_dim)
        log_scale = self.scale(outputs[1] if len(outputs) > 1 else None)
        return DiscretizedLogistic(outputs[0], log_scale, self.event_dim, self.levels)
