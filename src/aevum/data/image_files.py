"""One image: what its header says, and its pixels as 8-bit grey, RGB or RGBA. Pillow does the decoding."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from aevum.data.files import file_size, reading, shown
from aevum.errors import InputError

EXTENSIONS = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pgm", ".ppm")
MAX_PIXELS = 64 * 10**6

# The decoder goes by a file's first bytes, not its name; this list keeps out those that run programs (EPS) or fetch.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
_GREY = ("1", "L", "LA", "La")
_ALPHA = ("RGBA", "RGBa", "LA", "La", "PA")


class ImageHeader(NamedTuple):
    """What is known of an image before its pixels are decoded; ``size`` is as stored, before rotation."""

    path: Path
    size: tuple[int, int]
    is_grey: bool
    has_alpha: bool


def read_image_header(path: Path) -> ImageHeader:
    """Size and kind of an image, without its pixels.

    :raises InputError: unreadable, or more than 64 million pixels.
    """
    with _opened(path) as image:
        grey = image.mode in _GREY or image.mode.startswith("I") or image.mode == "F"
        return ImageHeader(path, image.size, grey, image.mode in _ALPHA)


def read_image(path: Path, mode: str, image_size: int | None = None) -> NDArray[np.uint8]:
    """The pixels as uint8, (H, W) for mode ``"L"``, else (H, W, C), upright as the camera's EXIF mark says.

    With ``image_size``, the largest centred square is resized to that many pixels a side (Lanczos).
    Of several frames, the first is read.

    :raises InputError: unreadable, cut short, or pixels that are neither 8 nor 16 bit.
    """
    with _opened(path) as image:
        upright = _eight_bit(ImageOps.exif_transpose(image), path)
        upright = upright.convert(mode) if upright.mode != mode else upright
        if image_size is not None:
            upright = ImageOps.fit(upright, (image_size, image_size), Image.Resampling.LANCZOS)
        return np.asarray(upright, dtype=np.uint8)


@contextmanager
def _opened(path: Path) -> Iterator[Image.Image]:
    file_size(path)
    # Pillow warns of much that harms nothing (odd EXIF data, a palette's transparency); only its bomb alarm counts.
    with reading(path, "an image"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(path, formats=_FORMATS) as image:
                _refuse_huge(path, image.width * image.height)
                yield image
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            _refuse_huge(path, None)


def _refuse_huge(path: Path, pixels: int | None) -> None:
    if pixels is None or pixels > MAX_PIXELS:
        count = "too many" if pixels is None else f"{pixels / 1e6:.0f} million"
        raise InputError(
            f"{shown(path)} claims {count} pixels, more than the limit of {MAX_PIXELS // 10**6} million; make it"
            " smaller"
        )


def _eight_bit(image: Image.Image, path: Path) -> Image.Image:
    """The image with 8 bits a channel; 16-bit grey is divided by 257, which maps 65535 to 255."""
    if image.mode == "F":
        raise InputError(f"{shown(path)} holds floating-point pixels; save it with 8 or 16 bits a channel")
    if not image.mode.startswith("I"):
        return image
    values: NDArray[Any] = np.asarray(image).astype(np.int64)
    if values.min() < 0 or values.max() > 65535:
        raise InputError(f"{shown(path)} holds 32-bit pixels; save it with 8 or 16 bits a channel")
    return Image.fromarray(((values + 128) // 257).astype(np.uint8))
