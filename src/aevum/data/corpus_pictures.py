"""Pictures as files hold them (PNG, JPEG and their like), in parts, as a corpus: decoded when a part is read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.corpora import Corpus, Part
from aevum.data.image_files import Kind, read_frames, read_image_header
from aevum.data.image_folders import ImageOptions, kind_of
from aevum.errors import InputError

# Rows, their place, which of its rows is the first, and what reads them.
Cells = tuple[int, str, int, Callable[[], list[bytes | None]]]


def picture_parts(every: Sequence[Cells], options: ImageOptions) -> Corpus:
    """What pictures become (grey or colours, 8 or 16 bits, whether with alpha) is read off those of the first part; of
    files with several frames the first is read.

    :raises InputError: a picture is missing, damaged, or of another size than the first.
    """
    options = options.checked()
    _, place, first, load = every[0]
    headers = [
        read_image_header(_named(place, row), _there(cell, place, row)) for row, cell in enumerate(load(), first)
    ]
    kind = kind_of(headers, options)
    example = next(iter(read_frames(headers[0]._replace(frames=1), kind)))
    parts = [Part(each[0], partial(_decoded, each, kind, example.shape), each[1], each[2]) for each in every]
    return Corpus(parts, example.shape, kind.dtype)


def _decoded(cells: Cells, kind: Kind, shape: tuple[int, ...]) -> NDArray[Any]:
    rows, place, first, load = cells
    out = np.empty((rows, *shape), kind.dtype)
    for row, cell in enumerate(load()):
        name = _named(place, first + row)
        header = read_image_header(name, _there(cell, place, first + row))
        pixels = next(iter(read_frames(header._replace(frames=1), kind)))
        if pixels.shape != shape:
            raise InputError(
                f"{name} is {pixels.shape[1]}×{pixels.shape[0]} pixels, and the first {shape[1]}×{shape[0]};"
                " --image-size 64 (image_size=64 in Python) crops and resizes them all"
            )
        out[row] = pixels
    return out


def _named(place: str, row: int) -> Path:
    return Path(f"{place}, row {row}")


def _there(cell: bytes | None, place: str, row: int) -> bytes:
    if not cell:
        raise InputError(f"{place}, row {row}: there is no picture")
    return cell
