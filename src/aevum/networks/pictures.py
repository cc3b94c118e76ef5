"""Images of any layout as pictures, and pictures side by side, pixel for pixel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from aevum.errors import InputError
from aevum.networks.layout import ImageLayout

Array = NDArray[Any]
Pictures = NDArray[np.uint8]
Limits = tuple[float, float]
WIDEST_GRID, LARGEST_SCALE = 1024, 32
# By this share of its range a decoder's mean may lie beyond black or white.
OVERSHOOT = 0.15


def is_image(event: tuple[int, ...]) -> bool:
    """Whether examples of this shape are images: (H, W), (H, W, C) or (C, H, W) with C from 1 to 4.

    >>> is_image((8, 8)), is_image((3, 64, 64)), is_image((64,))
    (True, True, False)
    """
    return ImageLayout.of(event) is not None


def limits_of(x: Array) -> Limits:
    """The values that are shown as black and as white: 0 and 255 for 8-bit images, else the lowest and the highest.

    >>> limits_of(np.array([[0, 16]], np.uint8)), limits_of(np.array([[-1.0, 2.0]]))
    ((0.0, 255.0), (-1.0, 2.0))
    """
    if x.dtype.kind == "b":
        return 0.0, 1.0
    known = x[np.isfinite(x)] if x.dtype.kind == "f" else x
    if not known.size:
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    if x.dtype == np.uint8:
        return 0.0, 255.0 if high > 1 else 1.0
    return (low, high) if high > low else (low, low + 1.0)


def as_pictures(images: Array, limits: Limits | None = None) -> Pictures:
    """Images ``(N, H, W)``, ``(N, H, W, C)`` or ``(N, C, H, W)`` as red, green and blue, ``(N, H, W, 3)``.

    Two channels become red and cyan, so that equal values are grey; a fourth is the opacity over white.

    Raises:
        InputError: the shape is none of an image.
    """
    layout = ImageLayout.of(images.shape[1:])
    if layout is None:
        raise InputError(f"shape {images.shape} is not (N, H, W), (N, H, W, C) or (N, C, H, W) with C from 1 to 4")
    low, high = limits_of(images) if limits is None else limits
    x = images[..., None] if layout.position == "none" else images
    x = np.moveaxis(x, 1, -1) if layout.position == "first" else x
    x = (x.astype(np.float64) - low) / ((high - low) or 1.0)
    x = np.clip(np.nan_to_num(x, nan=0.0), 0.0, 1.0)
    if layout.channels == 1:
        x = np.repeat(x, 3, axis=-1)
    elif layout.channels == 2:
        x = x[..., [0, 1, 1]]
    elif layout.channels == 4:
        x = x[..., :3] * x[..., 3:] + (1.0 - x[..., 3:])
    return np.rint(255.0 * x).astype(np.uint8)


def scaled_to(pictures: Pictures, across: int, room: int, largest: int) -> Pictures:
    """The pictures enlarged by a whole number so that ``across`` of them fill ``room`` pixels, or shrunk to fit."""
    height, width = pictures.shape[1:3]
    factor = min(room // max(1, across * width), largest // max(height, width))
    if factor >= 1:
        return pictures.repeat(factor, axis=1).repeat(factor, axis=2)
    share = min(room / (across * width), 1.0)
    size = max(1, int(width * share)), max(1, int(height * share))
    small = [np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BOX)) for picture in pictures]
    return np.stack(small)


def montage(pictures: Pictures, columns: int, gap: int) -> Pictures:
    """Pictures ``(N, H, W, 3)`` in rows of ``columns``, thin gaps between them: ``(rows·H + …, columns·W + …, 3)``.

    The gap is white, or light grey between images that are white at their own edges, so that each can be told apart.
    """
    count, height, width = pictures.shape[:3]
    rows = math.ceil(count / columns)
    shape = (rows * (height + gap) - gap, columns * (width + gap) - gap, 3)
    sheet = np.full(shape, 255, np.uint8)
    if float(np.median(_edges(pictures))) > 250:
        sheet[:] = 214
        # No grey where no image is: the empty end of the last row.
        sheet[(rows - 1) * (height + gap) :, (count - (rows - 1) * columns) * (width + gap) :] = 255
    for place, picture in enumerate(pictures):
        top, left = (place // columns) * (height + gap), (place % columns) * (width + gap)
        sheet[top : top + height, left : left + width] = picture
    return sheet


def image_grid(
    images: Array,
    low: float | None = None,
    high: float | None = None,
    *,
    columns: int | None = None,
    gap: int = 2,
    widest: int = WIDEST_GRID,
) -> Pictures:
    """Images as one picture: a near-square grid, each image enlarged by the same whole number.

    Args:
        images: ``(N, H, W)``, ``(N, H, W, C)`` or ``(N, C, H, W)`` with C from 1 to 4.
        low: the value shown as black; None for 0 where values are from 0 on but for a decoder's overshooting, else the
            lowest value.
        high: the value shown as white; None for 1 or 255 where the values end about there, else the highest value.
        columns: images in a row; None for as many rows as columns.
        gap: white pixels between two images.
        widest: pixels across that enlarged images may take.

    Returns:
        ``(height, width, 3)``, 8-bit red, green and blue.

    Raises:
        InputError: the shape is none of images.

    Example:
        >>> image_grid(np.zeros((4, 8, 8), np.uint8)).shape
        (514, 514, 3)
    """
    images = np.asarray(images)
    if images.ndim < 2 or not images.size:
        raise InputError(f"no images to show: the shape is {images.shape}")
    found = usual_limits(images)
    limits = (found[0] if low is None else float(low), found[1] if high is None else float(high))
    across = columns or math.ceil(math.sqrt(len(images)))
    pictures = as_pictures(images, limits)
    factor = int(np.clip(widest // (across * pictures.shape[2]), 1, LARGEST_SCALE))
    return montage(pictures.repeat(factor, axis=1).repeat(factor, axis=2), across, gap)


def usual_limits(x: Array) -> Limits:
    """:func:`limits_of`, where black stays black: a mean just below 0 must not move it, nor white one just above 1.

    >>> [usual_limits(np.array(pair)) for pair in ([-0.06, 0.97], [-3.0, 250.0], [-2.0, 2.0])]
    [(0.0, 1.0), (0.0, 255.0), (-2.0, 2.0)]
    """
    low, high = limits_of(x)
    if x.dtype.kind != "f" or not -OVERSHOOT * high <= low <= OVERSHOOT * high:
        return low, high
    return 0.0, next((top for top in (1.0, 255.0) if top / 2 < high <= (1.0 + OVERSHOOT) * top), high)


def _edges(pictures: Pictures) -> Pictures:
    """The outermost pixels of every picture, in one row."""
    sides = (pictures[:, 0], pictures[:, -1], pictures[:, :, 0], pictures[:, :, -1])
    return np.concatenate([side.reshape(-1) for side in sides])
