"""One file of images: what its header says, and its frames as arrays. Pillow does the decoding.

What Pillow can't keep (a colour channel of 16 bits, a fifth band) is said or refused, never dropped silently.
"""

from __future__ import annotations

import ctypes
import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError, _imaging

from aevum.data.files import file_size, reading, shown
from aevum.data.tiff_files import Bands, is_tiff, read_bands, read_pages, resized, unread
from aevum.errors import InputError

EXTENSIONS = (
    ".png", ".jpg", ".jpeg", ".jfif", ".jpe", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".pbm", ".pgm", ".ppm", ".pnm",
)  # fmt: skip
MAX_PIXELS = 64 * 10**6

# The decoder goes by a file's first bytes, not its name; this list keeps out those that run programs (EPS) or fetch.
_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "PPM")
# A JPEG may hold a preview beside the photograph, which is no second frame.
_FRAMED = ("PNG", "GIF", "TIFF", "WEBP")
_GREY = ("1", "L", "LA", "La", "F")
_ALPHA = ("RGBA", "RGBa", "LA", "La", "PA")
_COLOUR = ("P", "PA", "RGB", "RGBX", "RGBA", "RGBa", "CMYK", "YCbCr")
_MAX_FRAMES = 10**6

# Pillow logs what it then raises as well; without a handler Python prints it on stderr.
logging.getLogger("PIL").addHandler(logging.NullHandler())
# So does libtiff, from C, about damage that Pillow reports as an error: it is told to be silent.
with suppress(OSError, AttributeError, ImportError):
    _tiff = ctypes.CDLL(_imaging.__file__)
    _tiff.TIFFSetErrorHandler(None)
    _tiff.TIFFSetWarningHandler(None)


class ImageHeader(NamedTuple):
    """What is known of a file before its pixels are decoded; ``size`` is as stored, before rotation.

    ``dtype`` is that of the pixels; ``is_transparent`` means a channel, a palette's entry or one colour. ``data`` are
    the file's bytes where it lies in another. ``bands`` is what tifffile says of a TIFF file that Pillow doesn't read,
    or ``loses_depth``.
    """

    path: Path
    size: tuple[int, int]
    is_grey: bool
    has_alpha: bool
    dtype: np.dtype[Any] = np.dtype(np.uint8)
    frames: int = 1
    is_transparent: bool = False
    loses_depth: bool = False
    data: bytes | None = None
    bands: Bands | None = None
    only_bands: bool = False


class BeyondError(InputError):
    """A sound image of values beyond those that are read: to leave out the bright ones alone would be no help."""


class Kind(NamedTuple):
    """What the pixels of a whole folder become: ``mode`` is L, RGB or RGBA.

    With ``background`` (red, green, blue), what is transparent shows it; without, RGBA keeps its alpha. With ``bands``,
    tifffile reads that many and ``mode`` counts for nothing.
    """

    mode: str
    dtype: np.dtype[Any]
    background: tuple[int, int, int]
    image_size: int | None = None
    bands: int = 0

    @property
    def channels(self) -> int:
        """Values a pixel."""
        return self.bands or len(self.mode)


def read_image_header(path: Path, data: bytes | None = None) -> ImageHeader:
    """Size, kind and number of frames of a file, or of its bytes ``data``, without its pixels.

    :raises InputError: unreadable, of a kind that isn't read, or more than 64 million pixels.
    """
    with _quiet(path):
        opened = _open(path, data)
        if isinstance(opened, Bands):
            grey = opened.bands == 1
            return ImageHeader(
                path, opened.size, grey, False, opened.dtype, opened.pages, data=data, bands=opened, only_bands=True
            )
    with _quiet(path), opened as image:
        # The tile's description holds the type of the stored pixels, which the mode may have lost.
        stored = str([part[3] for part in getattr(image, "tile", ())])
        return ImageHeader(
            path,
            image.size,
            is_grey=image.mode in _GREY or image.mode.startswith("I"),
            has_alpha=image.mode in _ALPHA,
            dtype=_dtype(image, path),
            frames=_frames(image, path),
            is_transparent=image.mode in _ALPHA or "transparency" in image.info,
            loses_depth=(deep := (image.mode in _COLOUR or image.mode == "LA") and ";16" in stored),
            data=data,
            bands=read_bands(path if data is None else data, path) if deep and image.format == "TIFF" else None,
        )


def read_frames(header: ImageHeader, kind: Kind) -> Iterator[NDArray[Any]]:
    """The pixels of each of the header's frames: (H, W) for grey, else (H, W, C), upright as its EXIF mark says.

    With ``kind.image_size``, the largest centred square is resized to that many pixels a side (Lanczos).

    :raises InputError: unreadable, cut short, or a frame that isn't of this kind.
    """
    if kind.bands:
        yield from _band_frames(header, kind)
        return
    with _quiet(header.path):
        image = _open(header.path, header.data)
    assert not isinstance(image, Bands)
    with image:
        for frame in range(header.frames):
            with _quiet(header.path):
                if frame:
                    image.seek(frame)
                    _refuse_huge(header.path, image.width * image.height)
                pixels = _pixels(ImageOps.exif_transpose(image), image, frame_name(header, frame), kind)
            yield pixels


def _band_frames(header: ImageHeader, kind: Kind) -> Iterator[NDArray[Any]]:
    assert header.bands is not None
    with _quiet(header.path):
        source = header.path if header.data is None else header.data
        for pixels in read_pages(source, header.path, header.bands, header.frames):
            yield pixels if kind.image_size is None else resized(pixels, kind.image_size)


def frame_text(header: ImageHeader, frame: int) -> str:
    """``[3]``, counted from 0, where the file has several frames."""
    return "" if header.frames == 1 else f"[{frame}]"


def frame_name(header: ImageHeader, frame: int) -> str:
    """The file's path, and which frame where it has several: ``a.tif[3]``."""
    return f"{header.path}{frame_text(header, frame)}"


@contextmanager
def _quiet(path: Path) -> Iterator[None]:
    # Pillow warns of much that harms nothing (odd EXIF data, a palette's transparency); only its bomb alarm counts.
    with reading(path, "an image"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            yield
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            _refuse_huge(path, None)


def _open(path: Path, data: bytes | None) -> Image.Image | Bands:
    """The image, or what tifffile says of a file that Pillow doesn't know."""
    source: Path | bytes = path if data is None else data
    if data is None:
        file_size(path)
    try:
        image = Image.open(path if data is None else io.BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError:
        if not is_tiff(source):
            raise
        bands = read_bands(source, path)
        if bands is None:
            raise unread(source, path) from None
        _refuse_huge(path, bands.size[0] * bands.size[1])
        return bands
    try:
        _refuse_huge(path, image.width * image.height)
    except InputError:
        image.close()
        raise
    return image


def _refuse_huge(path: Path, pixels: int | None) -> None:
    if pixels is None or pixels > MAX_PIXELS:
        count = "too many" if pixels is None else f"{pixels / 1e6:.0f} million"
        raise InputError(
            f"{shown(path)} claims {count} pixels, more than the limit of {MAX_PIXELS // 10**6} million; make it"
            " smaller"
        )


def _dtype(image: Image.Image, path: Path) -> np.dtype[Any]:
    if image.mode == "F":
        return np.dtype(np.float32)
    if image.mode.startswith("I;16") or (image.mode == "I" and image.format in ("PNG", "PPM")):
        return np.dtype(np.uint16)
    if image.mode == "I":
        return np.dtype(np.int32)
    if image.mode == "L" and getattr(image, "tag_v2", {}).get(339) == (2,):
        raise InputError(f"{shown(path)} holds 8-bit numbers with a sign, which aren't read; save it with 16 bits")
    if image.mode not in _GREY and image.mode not in _COLOUR:
        raise InputError(f"{shown(path)} holds colours as {shown(image.mode)}, which aren't read; save it as RGB")
    return np.dtype(np.uint8)


def _frames(image: Image.Image, path: Path) -> int:
    frames = int(getattr(image, "n_frames", 1)) if image.format in _FRAMED else 1
    if not 1 <= frames <= _MAX_FRAMES:
        raise InputError(f"{shown(path)} claims {frames} frames, more than the limit of {_MAX_FRAMES:,}")
    return frames


def _pixels(image: Image.Image, stored: Image.Image, name: str, kind: Kind) -> NDArray[Any]:
    """One frame, upright, as an array of the folder's kind; ``stored`` is the file as it was opened."""
    found = _dtype(stored, Path(name))
    if found != kind.dtype and not (found == np.uint8 and kind.dtype == np.uint16):
        raise InputError(f"{shown(name)} holds {found} numbers, and others {kind.dtype}; save all in one type")
    if found == np.uint8:
        image = _coloured(image, kind)
        if kind.mode == "L" and image.mode != "L":
            image = _without_colour(image, name)
    else:
        _refuse_wrapped(stored, name)
        image = Image.fromarray(np.asarray(image).astype(np.int32 if found == np.int32 else np.float32))
    if kind.image_size is not None:
        image = ImageOps.fit(image, (kind.image_size, kind.image_size), Image.Resampling.LANCZOS)
    pixels = _array(image, kind)
    if pixels.ndim == 2 and kind.mode != "L":  # 16-bit grey among colours
        pixels = np.repeat(pixels[..., None], 3, axis=-1)
    return pixels


def _refuse_wrapped(stored: Image.Image, name: str) -> None:
    """Refuse what Pillow reads as another number: unsigned 32 bits over the half of their range."""
    tags = getattr(stored, "tag_v2", {})
    if stored.mode == "I" and tags.get(258) == (32,) and tags.get(339, (1,)) == (1,) and np.asarray(stored).min() < 0:
        raise BeyondError(
            f"{shown(name)} holds whole numbers over 2,147,483,647; save all images with 16 bits or as floats of 32 (in"
            ' Python tifffile.imwrite(path, tifffile.imread(path).astype("float32")))'
        )


def _coloured(image: Image.Image, kind: Kind) -> Image.Image:
    """Grey as L; colours as RGB, over the background where they are transparent, or as RGBA where alpha is kept."""
    grey = image.mode in _GREY
    if image.mode not in _ALPHA and "transparency" not in image.info:
        return image.convert("RGB" if kind.mode == "L" and not grey else kind.mode)
    layer = image.convert("RGBA")
    if kind.mode == "RGBA":
        return layer
    canvas = Image.new("RGBA", layer.size, (*kind.background, 255))
    canvas.alpha_composite(layer)
    return canvas.convert("L" if grey and kind.mode == "L" else "RGB")


def _without_colour(image: Image.Image, name: str) -> Image.Image:
    red, green, blue = (np.asarray(band) for band in image.convert("RGB").split())
    if not (np.array_equal(red, green) and np.array_equal(red, blue)):
        raise InputError(f"{shown(name)} is in colour, and the first frame is grey; save all frames as RGB")
    return Image.fromarray(red)


def _array(image: Image.Image, kind: Kind) -> NDArray[Any]:
    """The pixels in the folder's type: 8 bits times 257 where others have 16, so that white is white."""
    found: NDArray[Any] = np.array(image)
    if image.mode == "F" and kind.dtype == np.uint16:
        found = np.clip(np.rint(found), 0, 65535)
    elif found.dtype == np.uint8 and kind.dtype == np.uint16:
        found = found.astype(np.uint16) * np.uint16(257)
    if kind.mode == "RGBA":
        found[found[..., 3] == 0, :3] = kind.background  # an encoder may have left anything under full transparency
    return found.astype(kind.dtype, copy=False)
