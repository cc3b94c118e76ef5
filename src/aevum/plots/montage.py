"""Images as one picture in a file."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image

from aevum import storage
from aevum.errors import InputError
from aevum.networks.pictures import Array, image_grid


def save_images(images: Array, path: str | Path, low: float | None = None, high: float | None = None) -> Path:
    """Write :func:`image_grid` to a file whose ending says the format; it appears whole or not at all.

    Raises:
        InputError: the shape is none of images, the ending is no image format, or the file can't be written.
    """
    path = Path(path)
    formats = Image.registered_extensions()
    kind = formats.get(path.suffix.lower())
    if kind not in Image.SAVE:
        raise InputError(f"{path} can't be written: {path.suffix or 'no ending'!r} is no image format; use .png")
    stream = io.BytesIO()
    Image.fromarray(image_grid(images, low, high)).save(stream, format=kind)
    storage.write_bytes(path, stream.getvalue())
    return path
