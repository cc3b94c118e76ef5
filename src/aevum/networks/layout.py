"""Where the channels of an image are: the user's arrays and PyTorch's convolutions may disagree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

MAX_CHANNELS = 4


@dataclass(frozen=True)
class ImageLayout:
    """An image's shape, read off its event shape: (H, W), (H, W, C) or (C, H, W) with C of 1 to 4.

    Example:
        >>> ImageLayout.of((64, 64, 3))
        ImageLayout(height=64, width=64, channels=3, position='last')
    """

    height: int
    width: int
    channels: int
    position: str

    @classmethod
    def of(cls, event: Sequence[int]) -> ImageLayout | None:
        """The layout of an event shape, or None where it is not an image."""
        if len(event) == 2:
            return cls(event[0], event[1], 1, "none")
        if len(event) == 3 and event[2] <= MAX_CHANNELS:
            return cls(event[0], event[1], event[2], "last")
        if len(event) == 3 and event[0] <= MAX_CHANNELS:
            return cls(event[1], event[2], event[0], "first")
        return None

    def to_channels_first(self, x: Tensor) -> Tensor:
        """``(B, *event)`` to ``(B, C, H, W)``; a view, which for channels-last data is the fast layout as it is."""
        if self.position == "none":
            return x.unsqueeze(1)
        return x.permute(0, 3, 1, 2) if self.position == "last" else x

    def from_channels_first(self, x: Tensor) -> Tensor:
        """``(B, P, C, H, W)`` to ``(B, P, *event)``."""
        if self.position == "none":
            return x.squeeze(2)
        return x.permute(0, 1, 3, 4, 2) if self.position == "last" else x
