"""Images with other channels than a model's, where nothing is lost by the change."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

_CHUNK_BYTES = 2**26


def with_channels_of(x: NDArray[Any], event: tuple[int, ...]) -> tuple[NDArray[Any], str] | None:
    """Images ``(N, H, W)`` or ``(N, H, W, C)`` in the event shape of a model, and how; None where it can't be.

    Equal red, green and blue become grey and the other way round; an alpha channel that is full everywhere goes or
    comes.

    >>> grey = np.arange(8, dtype=np.uint8).reshape(2, 2, 2)
    >>> x, how = with_channels_of(np.stack([grey] * 3, axis=-1), (2, 2))
    >>> bool((x == grey).all()), how
    (True, 'red, green and blue are equal and become grey')
    """
    have = 0 if x.ndim == 3 else x.shape[-1]
    want = 0 if len(event) == 2 else event[-1] if len(event) == 3 else -1
    if x.ndim not in (3, 4) or x.shape[1:3] != event[:2] or have == want or {have, want} - {0, 1, 3, 4}:
        return None
    said = []
    if have == 4:
        if not _holds(x, lambda part: bool((part[..., 3] == _full(x)).all())):
            return None
        x, have = x[..., :3], 3
        said.append("the alpha channel is full everywhere and left out")
    if have == 3 and want < 3:
        if not _holds(x, lambda part: bool((part[..., :1] == part[..., 1:]).all())):
            return None
        x, have = x[..., :1], 1
        said.append("red, green and blue are equal and become grey")
    if have < 3 <= want:
        x = np.repeat(x if have else x[..., None], 3, axis=-1)
        said.append("grey becomes equal red, green and blue")
        have = 3
    if have == 3 and want == 4:
        x = np.concatenate([x, np.full((*x.shape[:-1], 1), _full(x), x.dtype)], axis=-1)
        said.append("an alpha channel is added, full everywhere")
    return x.reshape(len(x), *event), "; ".join(said) or "the axis of one channel is added or left out"


def _full(x: NDArray[Any]) -> float:
    return float(np.iinfo(x.dtype).max) if x.dtype.kind == "u" else 1.0


def _holds(x: NDArray[Any], test: Any) -> bool:
    """Whether a test holds of all rows, looked at in parts."""
    rows = max(1, _CHUNK_BYTES // max(1, math.prod(x.shape[1:]) * x.dtype.itemsize))
    return all(test(x[start : start + rows]) for start in range(0, len(x), rows))
