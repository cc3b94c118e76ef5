"""Pictures that change with time, as an animated GIF."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from aevum.errors import InputError

Pictures = NDArray[np.uint8]
HOLD = 4


def there_and_back(count: int) -> list[int]:
    """The order of frames that ends where it began.

    >>> there_and_back(4)
    [0, 1, 2, 3, 2, 1]
    """
    return [*range(count), *range(count - 2, 0, -1)]


def save_animation(frames: Sequence[Pictures] | Pictures, path: str | Path, *, milliseconds: int = 60) -> Path:
    """Write frames ``(T, H, W, 3)`` as a GIF that goes there and back for ever, and rests at both ends.

    Grey frames keep each of their levels; colours are reduced to 256, the same for all frames.

    Args:
        frames: 8-bit red, green and blue.
        path: the file; its folder must be there.
        milliseconds: how long a frame stays.

    Raises:
        InputError: no frames, or other than 8-bit colours.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = save_animation(np.zeros((3, 8, 8, 3), np.uint8), f"{folder}/a.gif")
        ...     with Image.open(f"{folder}/a.gif") as film:
        ...         film.size
        (8, 8)
    """
    x = np.asarray(frames)
    if x.ndim != 4 or x.shape[-1] != 3 or x.dtype != np.uint8 or not x.size:
        raise InputError(f"frames must be 8-bit colours (T, H, W, 3), got {x.dtype} {x.shape}")
    grey = bool((x[..., :1] == x).all())
    pictures = [Image.fromarray(frame[..., 0] if grey else frame) for frame in x]
    if not grey:
        # One palette for all, or colours would flicker from frame to frame.
        whole = Image.fromarray(x.reshape(-1, x.shape[2], 3)).quantize(256)
        pictures = [picture.quantize(palette=whole, dither=Image.Dither.NONE) for picture in pictures]
    order = there_and_back(len(x))
    times = [milliseconds * (HOLD if place in (0, len(x) - 1) else 1) for place in order]
    first, *others = (pictures[place] for place in order)
    path = Path(path)
    first.save(path, format="GIF", save_all=True, append_images=others, duration=times, loop=0, optimize=False)
    return path
