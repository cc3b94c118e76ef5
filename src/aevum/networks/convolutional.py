"""A convolutional pair for images of any size from 8×8 with 1 to 4 channels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from aevum.networks.layout import ImageLayout


def pyramid(height: int, width: int, levels: int) -> list[tuple[int, int]]:
    """Sizes of the feature maps, each half of the one before, rounded up: 28 → 14 → 7 → 4.

    >>> pyramid(28, 20, 3)
    [(28, 20), (14, 10), (7, 5), (4, 3)]
    """
    sizes = [(height, width)]
    for _ in range(levels):
        sizes.append(tuple((side + 1) // 2 for side in sizes[-1]))  # type: ignore[arg-type]
    return sizes


class ConvolutionalEncoder(nn.Module):
    r"""Images ``(N, *event)`` and an optional context ``(N, C)`` to ``(N, P, D)``.

    Each level halves the image by a 3×3 convolution of stride 2; a residual block refines the smallest maps, where a
    convolution costs least and sees most. The context enters as a bias of the first feature maps, which equals giving
    the convolution C constant planes.

    Args:
        inputs: the image's event shape, (H, W), (H, W, C) or (C, H, W).
        outputs: event shape of the result, (D,).
        parameters: P.
        hidden: channels of the levels; one level halves the image once.
        context: width of the context, 0 for none.

    Example:
        >>> import torch
        >>> ConvolutionalEncoder((28, 20), (3,), parameters=2, hidden=(8, 16))(torch.zeros(5, 28, 20)).shape
        torch.Size([5, 2, 3])
    """

    def __init__(
        self,
        inputs: Sequence[int],
        outputs: Sequence[int],
        *,
        parameters: int = 1,
        hidden: Sequence[int] = (32, 64, 128),
        context: int = 0,
    ) -> None:
        super().__init__()
        layout = ImageLayout.of(inputs)
        if layout is None:
            raise ValueError(f"a convolutional network needs images (H, W), (H, W, C) or (C, H, W); got {inputs}")
        self.layout, self.outputs = layout, (parameters, *outputs)
        channels = (layout.channels, *hidden)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, stride=2, padding=1) for a, b in pairwise(channels))
        self.context = nn.Linear(context, hidden[0], bias=False) if context else None
        self.refine = ConvolutionalBlock(hidden[-1])
        height, width = pyramid(layout.height, layout.width, len(hidden))[-1]
        self.last = nn.Linear(hidden[-1] * height * width, parameters * outputs[0])

    def forward(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        h = self.layout.to_channels_first(x).contiguous(memory_format=torch.channels_last)
        for level, down in enumerate(self.down):
            h = down(h)
            if level == 0 and self.context is not None:
                if y is None:
                    raise TypeError("this network was built with a context y, and none was given")
                h = h + self.context(y)[:, :, None, None]
            h = nn.functional.silu(h)
        out: Tensor = self.last(nn.functional.silu(self.refine(h)).flatten(1))
        return out.reshape(-1, *self.outputs)


class ConvolutionalDecoder(nn.Module):
    r"""Codes ``(…, D)`` and an optional context ``(…, C)`` to images ``(…, P, *event)``: the encoder's mirror image.

    Each level doubles the image by a 3×3 convolution to four times the channels and a pixel shuffle, cropped to the
    pyramid's exact size, so the work is done at the smaller resolution and odd sizes fit.

    Source: *Real-time single image and video super-resolution using an efficient sub-pixel convolutional neural
    network*, W. Shi et al., CVPR 2016.

    Args:
        inputs: event shape of the code, (D,).
        outputs: the image's event shape.
        parameters: P.
        hidden: channels of the levels, from the smallest maps up.
        context: width of the context, 0 for none.

    Example:
        >>> import torch
        >>> ConvolutionalDecoder((3,), (28, 20), hidden=(16, 8))(torch.zeros(4, 5, 3)).shape
        torch.Size([4, 5, 1, 28, 20])
    """

    def __init__(
        self,
        inputs: Sequence[int],
        outputs: Sequence[int],
        *,
        parameters: int = 1,
        hidden: Sequence[int] = (128, 64, 32),
        context: int = 0,
    ) -> None:
        super().__init__()
        layout = ImageLayout.of(outputs)
        if layout is None:
            raise ValueError(f"a convolutional network needs images (H, W), (H, W, C) or (C, H, W); got {outputs}")
        self.layout, self.parameters_per_value = layout, parameters
        self.sizes = pyramid(layout.height, layout.width, len(hidden))[::-1]
        self.start = (hidden[0], *self.sizes[0])
        self.first = nn.Linear(inputs[0], math.prod(self.start))
        self.context = nn.Linear(context, math.prod(self.start), bias=False) if context else None
        self.refine = ConvolutionalBlock(hidden[0])
        channels = (*hidden, parameters * layout.channels)
        self.up = nn.ModuleList(nn.Conv2d(a, 4 * b, 3, padding=1) for a, b in pairwise(channels))

    def forward(self, z: Tensor, y: Tensor | None = None) -> Tensor:
        lead = z.shape[:-1]
        h = self.first(z)
        if self.context is not None:
            if y is None:
                raise TypeError("this network was built with a context y, and none was given")
            h = h + self.context(y)
        h = h.reshape(-1, *self.start).contiguous(memory_format=torch.channels_last)
        h = self.refine(h)
        for up, (height, width) in zip(self.up, self.sizes[1:], strict=True):
            h = nn.functional.pixel_shuffle(up(nn.functional.silu(h)), 2)[:, :, :height, :width]
        image = h.reshape(-1, self.parameters_per_value, self.layout.channels, self.layout.height, self.layout.width)
        out = self.layout.from_channels_first(image)
        return out.reshape(*lead, *out.shape[1:])


class ConvolutionalBlock(nn.Module):
    """h + W₂ silu(W₁ silu(h)) with 3×3 W₁ and 1×1 W₂, the identity at the start."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Conv2d(width, width, 3, padding=1)
        self.outer = nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.outer.weight)
        nn.init.zeros_(self.outer.bias)  # type: ignore[arg-type]

    def forward(self, h: Tensor) -> Tensor:
        silu = nn.functional.silu
        out: Tensor = h + self.outer(silu(self.inner(silu(h))))
        return out
