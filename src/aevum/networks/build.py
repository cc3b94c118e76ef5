"""Networks by name: what ``network=`` and ``hidden=`` of every estimator mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from torch import nn

from aevum.errors import InputError
from aevum.networks.convolutional import ConvolutionalDecoder, ConvolutionalEncoder
from aevum.networks.custom import CustomDecoder, CustomEncoder
from aevum.networks.layout import ImageLayout
from aevum.networks.mlp import MLP
from aevum.networks.wide import Wide

NETWORKS = ("auto", "mlp", "residual", "wide", "convolutional")
SMALLEST = 8
# Up to 64×64×3 a residual MLP learns faster on a processor than a convolutional pair gains (benchmarks/README.md,
# "defaults"); beyond it the MLP's outer layers alone have more than ten million weights.
LARGE_IMAGE = 64 * 64 * 3
Pair = tuple[Callable[..., nn.Module], Callable[..., nn.Module]]


def choose_network(event: Sequence[int]) -> str:
    """What ``network="auto"`` means for data of this event shape."""
    layout = ImageLayout.of(event)
    large = layout is not None and math.prod(event) > LARGE_IMAGE and min(layout.height, layout.width) >= SMALLEST
    return "convolutional" if large else "residual"


def default_hidden(network: str, event: Sequence[int]) -> tuple[int, ...]:
    """Widths of the encoder; the decoder mirrors them."""
    if network == "wide":
        return (128, 128, 128)
    if network != "convolutional":
        return (512, 512)
    layout = ImageLayout.of(event)
    assert layout is not None
    # Enough levels that the last feature maps are about 4 pixels wide, at most 128 channels.
    levels = max(1, (max(layout.height, layout.width) - 1).bit_length() - 2)
    return tuple(min(128, max(8, 128 >> (levels - 1 - level))) for level in range(levels))


def network_pair(network: object, hidden: Sequence[int] | None, event: Sequence[int]) -> tuple[Pair, dict[str, Any]]:
    """The encoder's and the decoder's factories, and what was chosen, as plain values for the config.

    Each factory takes ``(inputs, outputs, parameters=, context=)``.

    Args:
        network: "auto", "mlp", "residual", "wide", "convolutional", or the user's own pair of modules.
        hidden: the encoder's widths (channels for a convolutional network); None for the default.
        event: event shape of x.

    Raises:
        InputError: an unknown name, or a convolutional network for data that are no images of at least 8×8.
    """
    if isinstance(network, (tuple, list)):
        if len(network) != 2 or not all(isinstance(part, nn.Module) for part in network):
            raise InputError("network as a pair must be (encoder, decoder), two torch.nn.Module objects")
        encoder, decoder = network
        return (partial(CustomEncoder, encoder), partial(CustomDecoder, decoder)), {"network": "custom", "hidden": None}
    if not isinstance(network, str) or network not in NETWORKS:
        raise InputError(f"network={network!r} is not one of {', '.join(NETWORKS)} or a pair of torch modules")
    name = choose_network(event) if network == "auto" else str(network)
    if name == "convolutional":
        _check_image(event)
    widths = default_hidden(name, event) if hidden is None else tuple(int(width) for width in hidden)
    if name == "convolutional":
        if not widths:
            raise InputError("hidden=() leaves a convolutional network without a level; give at least one width")
        pair: Pair = (
            partial(ConvolutionalEncoder, hidden=widths),
            partial(ConvolutionalDecoder, hidden=widths[::-1]),
        )
    else:
        make: Callable[..., nn.Module] = Wide if name == "wide" else partial(MLP, residual=name == "residual")
        pair = (partial(make, hidden=widths), partial(make, hidden=widths[::-1]))
    return pair, {"network": name, "hidden": list(widths)}


def _check_image(event: Sequence[int]) -> None:
    layout = ImageLayout.of(event)
    if layout is None or min(layout.height, layout.width) < SMALLEST:
        raise InputError(
            f"a convolutional network needs images of at least {SMALLEST}×{SMALLEST} with 1 to 4 "
            f"channels, shaped (N, H, W), (N, H, W, C) or (N, C, H, W); each example here has shape {tuple(event)}"
        )
