"""TIFF files that Pillow doesn't read, or not at their full depth: several bands, colours of 16 bits, floats in colour.

tifffile decodes them; it is the optional extra ``aevum[tifffile]``.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, TiffImagePlugin

from aevum.data.files import refuse_bomb, shown
from aevum.errors import InputError, MissingPackageError

MAX_BANDS = 16
_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
# A file of a few bytes may claim any number of pages, each with its own description.
_MAX_PAGES = 10**5
_INSTALL = 'pip install "aevum[tifffile]" brings it'
_KINDS = {1: "whole numbers", 2: "whole numbers with a sign", 3: "floating-point numbers"}

# tifffile logs what it then raises as well; without a handler Python prints it on stderr.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


class Bands(NamedTuple):
    """What tifffile says of a file: width and height, bands, the type of a value, and the pages that are pictures."""

    size: tuple[int, int]
    bands: int
    dtype: np.dtype[Any]
    pages: int


def is_tiff(source: Path | bytes) -> bool:
    """Whether a file, or its bytes, begins as TIFF."""
    if isinstance(source, bytes):
        return source[:4] in _STARTS
    with source.open("rb") as file:
        return file.read(4) in _STARTS


def read_bands(source: Path | bytes, path: Path) -> Bands | None:
    """What a file called ``path`` holds, None where tifffile isn't installed.

    :raises InputError: damaged, of complex or text values, more than 16 bands, or far more than its bytes can hold.
    """
    with _opened(source, path) as file:
        if file is None:
            return None
        pages = _pages(file, path)
        first = pages[0]
        dtype, bands = first.dtype, int(first.samplesperpixel)
        if dtype is None or dtype.kind not in "uif" or set(first.axes) - set("YXS") or first.ndim not in (2, 3):
            raise InputError(f"{shown(path)} holds {dtype} values of axes {shown(first.axes)}, which aren't read")
        if not 1 <= bands <= MAX_BANDS:
            raise InputError(f"{shown(path)} holds {bands} bands, more than the limit of {MAX_BANDS}")
        size = int(first.imagewidth), int(first.imagelength)
        if min(size) < 1:
            raise InputError(f"{shown(path)} claims {size[0]}×{size[1]} pixels")
        packed = len(source) if isinstance(source, bytes) else source.stat().st_size
        refuse_bomb(path, size[0] * size[1] * bands * dtype.itemsize, packed)
        return Bands(size, bands, dtype.newbyteorder("="), len(pages))


def read_pages(source: Path | bytes, path: Path, header: Bands, count: int) -> Iterator[NDArray[Any]]:
    """The first ``count`` pages, (H, W, B) each, or (H, W) for a single band.

    :raises InputError: damaged, or a page that isn't like the first.
    """
    with _opened(source, path) as file:
        assert file is not None
        for number, page in enumerate(_pages(file, path)[:count]):
            size = int(page.imagewidth), int(page.imagelength)
            if (size, int(page.samplesperpixel), np.dtype(page.dtype).newbyteorder("=")) != (
                header.size,
                header.bands,
                header.dtype,
            ):
                raise InputError(f"{shown(path)}[{number}] differs from the first page in size, bands or type")
            try:
                found = page.asarray()
            except ValueError as error:
                if "imagecodecs" not in str(error):
                    raise
                what = f"{shown(path)} is compressed in a way that needs imagecodecs"
                raise MissingPackageError(f"{what}; {_INSTALL}") from None
            found = np.moveaxis(found, 0, -1) if page.axes == "SYX" else found
            yield np.ascontiguousarray(found.reshape(size[1], size[0], -1) if header.bands > 1 else found)


def resized(pixels: NDArray[Any], size: int) -> NDArray[Any]:
    """The largest centred square, a band at a time, resized to ``size`` pixels a side (Lanczos)."""
    bands = [Image.fromarray(band.astype(np.float32)) for band in np.moveaxis(np.atleast_3d(pixels), -1, 0)]
    fitted = [np.asarray(ImageOps.fit(band, (size, size), Image.Resampling.LANCZOS)) for band in bands]
    found = np.stack(fitted, axis=-1) if pixels.ndim == 3 else fitted[0]
    if pixels.dtype.kind in "ui":
        low, high = np.iinfo(pixels.dtype).min, np.iinfo(pixels.dtype).max
        found = np.clip(np.rint(found.astype(np.float64)), low, high)
    return found.astype(pixels.dtype)


def unread(source: Path | bytes, path: Path) -> MissingPackageError:
    """What such a file holds, and which package reads it."""
    with io.BytesIO(source) if isinstance(source, bytes) else path.open("rb") as file:
        head = file.read(8)
        tags = TiffImagePlugin.ImageFileDirectory_v2(head)
        file.seek(tags.next)
        tags.load(file)
        bands, bits, kind = tags.get(277, 1), tags.get(258, (1,)), tags.get(339, (1,))
    bits, kind = (value[0] if isinstance(value, tuple) else value for value in (bits, kind))
    what = f"{bands} band{'s' if bands != 1 else ''} of {bits}-bit {_KINDS.get(kind, 'numbers')}"
    return MissingPackageError(f"{shown(path)} holds {what}, which needs tifffile; {_INSTALL}")


@contextmanager
def _opened(source: Path | bytes, path: Path) -> Iterator[Any]:
    try:
        import tifffile
    except ImportError:
        yield None
        return
    with tifffile.TiffFile(io.BytesIO(source) if isinstance(source, bytes) else str(path)) as file:
        yield file


def _pages(file: Any, path: Path) -> list[Any]:
    """The pages that are pictures of their own: the smaller copies that maps keep are none."""
    if len(file.pages) > _MAX_PAGES:
        raise InputError(f"{shown(path)} claims more than {_MAX_PAGES:,} pages")
    return [page for number, page in enumerate(file.pages) if not number or not page.is_reduced]
