"""A picture from a browser as one example of the model's data."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from aevum.errors import InputError
from aevum.exploration.limits import value_limits
from aevum.networks.layout import ImageLayout
from aevum.server.subject import Run

Array = NDArray[Any]
MOST_BYTES, MOST_PIXELS = 10 * 2**20, 40 * 10**6
# Pillow goes by the bytes alone, and looks for no other format than these.
FORMATS = ("PNG", "JPEG", "WEBP")


def example_from(run: Run, data: bytes) -> tuple[Array, tuple[int, int]]:
    """One example ``(*event)`` in the data's units, and the picture's width and height.

    The picture is turned upright, cropped around its middle to the shape of the model's images, and made as small.

    Raises:
        InputError: the model is none of images, or the bytes are no PNG, JPEG or WebP within the limits.
    """
    layout = ImageLayout.of(run.event)
    if layout is None:
        raise InputError("pictures can be given to models of images, and this one's examples are none")
    if len(data) > MOST_BYTES:
        raise InputError(f"the picture has more than {MOST_BYTES // 2**20} MB; make it smaller")
    pixels, size = _decoded(data, layout)
    low, high = value_limits(run.estimator)
    x = low + pixels.astype(np.float64) / 255.0 * (high - low)
    kept = np.dtype(run.estimator.dtype_)
    x = (np.rint(x) if kept.kind in "biu" else x).astype(kept)
    if layout.position == "none":
        return x[..., 0], size
    return x if layout.position == "last" else np.moveaxis(x, -1, 0), size


def _decoded(data: bytes, layout: ImageLayout) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """The picture's pixels as the model's, and its size when it stands upright."""
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            # What the header claims is looked at before memory is taken for it.
            if image.width * image.height > MOST_PIXELS:
                raise InputError(_too_many_pixels())
            image.load()
            picture = ImageOps.exif_transpose(image)
            return _pixels(picture, layout), picture.size
    except InputError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError(_too_many_pixels()) from None
    except MemoryError:
        raise
    except Exception as error:  # the decoders document no closed list of what they raise on damaged bytes
        raise InputError("this is no PNG, JPEG or WebP picture, or a damaged one") from error


def _too_many_pixels() -> str:
    return f"the picture has more than {MOST_PIXELS // 10**6} million pixels; make it smaller"


def _pixels(picture: Image.Image, layout: ImageLayout) -> NDArray[np.uint8]:
    """8-bit pixels ``(H, W, C)``; what shows through is white, but for data that have an opacity of their own."""
    size = (layout.width, layout.height)
    picture = _eight_bit(picture)
    if isinstance(picture.info.get("transparency"), str):  # a note of whoever made the file, not a colour
        del picture.info["transparency"]
    if picture.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        if layout.channels != 4:
            picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
    mode = {1: "L", 4: "RGBA"}.get(layout.channels, "RGB")
    fitted = ImageOps.fit(picture.convert(mode), size, Image.Resampling.LANCZOS)
    found: NDArray[np.uint8] = np.asarray(fitted, dtype=np.uint8).reshape(layout.height, layout.width, -1)
    if layout.channels == 2:  # shown as red and cyan, so read as these
        return np.stack([found[..., 0], found[..., 1:].mean(axis=-1).astype(np.uint8)], axis=-1)
    return found


def _eight_bit(picture: Image.Image) -> Image.Image:
    """16-bit grey as 8-bit grey: 65535 becomes 255."""
    if not picture.mode.startswith("I"):
        return picture
    values = np.clip(np.asarray(picture), 0, 65535).astype(np.uint32)
    values += 128
    values //= 257
    return Image.fromarray(values.astype(np.uint8))
