"""A run's two networks as a file of the page holds them: graphs that its own script runs, or ONNX for a runtime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.fitted.exporting import Tried, off_by, to_onnx
from aevum.server import graph as graphs
from aevum.server.subject import Run

Array = NDArray[Any]
# By so much of the data's or codes' scale may rounded weights change what comes out: half of what a translation may.
TOLERANCE = 5e-6
# Numbers to multiply and add for one row, from which on the page takes four at a time, which its policy must allow. One
# at a time takes a tenth of a millisecond for so many, and 40 for a map of 400 pictures (benchmarks/README.md).
FAST = 100_000
# Of bits behind a layer's size, the fewest and the most that are tried.
FEWEST, MOST = 8, 22


@dataclass(frozen=True)
class Networks:
    """Encoder and decoder of one run.

    Attributes:
        encoder, decoder: their bytes.
        reason: why they need ONNX Runtime, in words; None where they don't.
        fast: whether the page multiplies four numbers at a time, by WebAssembly of its own.
    """

    encoder: bytes
    decoder: bytes
    reason: str | None
    fast: bool = False


def networks_of(run: Run, *, own: bool = True) -> Networks:
    """A run's networks: as graphs where the page knows all that both of them do, else as ONNX.

    Args:
        run: one run.
        own: False for ONNX in any case.

    Raises:
        InputError: a network can't be translated to ONNX, or a package for that is missing.
    """
    encoder, decoder = to_onnx(run.estimator.fitted_, type(run.estimator).__name__)
    if not own:
        return Networks(encoder, decoder, "was asked for")
    found = []
    for part, data in (("encoder", encoder), ("decoder", decoder)):
        try:
            found.append(graphs.graph_of(data))
        except graphs.UnknownGraphError as error:
            return Networks(encoder, decoder, f"the {part} {error}")
    fitted = run.estimator.fitted_.on_processor()
    tried = Tried.of(fitted)
    y = {"y": tried.y[-1]} if tried.y[-1].shape[1] else {}
    fast = max(graph.products for graph in found) >= FAST
    return Networks(
        smallest(found[0], {"x": tried.x[-1], **y}, tried.spread, fast),
        smallest(found[1], {"z": tried.z[-1], **y}, fitted.units()[1], fast),
        None,
        fast,
    )


def smallest(graph: graphs.Graph, given: Mapping[str, Array], scale: Any, fast: bool = False) -> bytes:
    """The graph's message, with weights of as few bits as leave what it gives within :data:`TOLERANCE` of the scale.

    Args:
        graph: a network.
        given: its inputs, on which that is tried.
        scale: of what it gives.
        fast: whether the page multiplies four numbers at a time.
    """
    if not graph.weights:
        return graphs.written(graph, {}, fast=fast)
    want = graphs.answers(graph.model.SerializeToString(), given)

    def near(bits: int) -> bool:
        found = graphs.answers(graphs.rounded(graph, graphs.steps_of(graph, bits)), given)
        return all(_difference(a, b, scale) <= TOLERANCE for a, b in zip(found, want, strict=True))

    low, high = FEWEST, MOST + 1
    while low < high:  # the first that is near; where none is, weights stay as they are
        middle = (low + high) // 2
        low, high = (low, middle) if near(middle) else (middle + 1, high)
    return graphs.written(graph, graphs.steps_of(graph, low) if low <= MOST else {}, fast=fast)


def _difference(found: Array, want: Array, scale: Any) -> float:
    """As :func:`off_by`; values that are the same without being numbers differ by nothing."""
    same = (found == want) | (np.isnan(found) & np.isnan(want))
    return off_by(np.where(same, 0.0, found), np.where(same, 0.0, want), scale)
