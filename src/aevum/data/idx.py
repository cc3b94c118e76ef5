"""The IDX format of MNIST's files (Yann LeCun, Corinna Cortes, Christopher Burges: "The MNIST database", 1998).

Two zero bytes, a byte for the type, a byte for the number of dimensions, each dimension as a big-endian 32-bit
integer, then the values, big-endian.
"""

from __future__ import annotations

import gzip
import math
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import (
    DEFLATE_RATIO,
    MAX_BYTES,
    ByteStream,
    file_size,
    read_exactly,
    reading,
    refuse_bomb,
    refuse_too_big,
    shown,
)
from aevum.errors import InputError

_TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_GZIP_MAGIC = b"\x1f\x8b"


class _Header(NamedTuple):
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    raw: bytes

    @property
    def total(self) -> int:
        """Bytes of header and values together."""
        return len(self.raw) + math.prod(self.shape) * self.dtype.itemsize


def is_idx(path: Path) -> bool:
    """Whether the file's name says IDX: ``*-ubyte`` or ``*.idx``, also with ``.gz``.

    >>> is_idx(Path("train-images-idx3-ubyte.gz")), is_idx(Path("x.csv.gz"))
    (True, False)
    """
    return path.name.lower().removesuffix(".gz").endswith(("ubyte", ".idx", ".idx1", ".idx2", ".idx3", ".idx4"))


def read_idx(path: Path) -> NDArray[Any]:
    """The array of an IDX file, packed with gzip or not, in the machine's byte order.

    :raises InputError: a damaged header, a size that isn't the claimed one, or more memory than the limit.
    """
    return decode_idx(read_idx_bytes(path), path)


def read_idx_bytes(path: Path, limit: int = MAX_BYTES) -> NDArray[np.uint8]:
    """The unpacked bytes of an IDX file, header included; a memory map where the file isn't packed."""
    size = file_size(path)
    with reading(path, "an IDX file"), path.open("rb") as file:
        packed = file.read(2) == _GZIP_MAGIC
        file.seek(0)
        if not packed:
            header = _read_header(file, path)
            _check_size(path, header, size, exact=True)
            return np.memmap(path, np.uint8, mode="r")
        with gzip.GzipFile(fileobj=file) as stream:
            header = _read_header(stream, path)
            refuse_too_big(path, header.total, limit)
            _check_size(path, header, DEFLATE_RATIO * size, exact=False)
            refuse_bomb(path, header.total, size)
            return read_exactly(stream, header.total, path, header.raw)


def decode_idx(raw: NDArray[np.uint8], path: Path) -> NDArray[Any]:
    """The array that the bytes of an IDX file stand for."""
    dimensions = int(raw[3])
    header = _parse(bytes(raw[: 4 + 4 * dimensions]), path)
    values = raw[len(header.raw) :].view(header.dtype).reshape(header.shape)
    return (
        values
        if header.dtype.itemsize == 1 or sys.byteorder == "big"
        else values.astype(header.dtype.newbyteorder("="))
    )


def labels_beside(path: Path) -> Path | None:
    """The file of labels that belongs to ``*images-idx3-ubyte``, where it lies beside it, packed or not."""
    plain = path.name.removesuffix(".gz")
    if "images" not in plain or not path.name.lower().removesuffix(".gz").endswith("ubyte"):
        return None
    name = plain.replace("images", "labels").replace("idx3", "idx1")
    candidates = [path.with_name(name + ending) for ending in ("", ".gz")]
    return next((candidate for candidate in candidates if candidate.is_file()), None)


def _read_header(stream: ByteStream, path: Path) -> _Header:
    start = stream.read(4)
    return _parse(start + (stream.read(4 * start[3]) if len(start) == 4 else b""), path)


def _parse(raw: bytes, path: Path) -> _Header:
    if len(raw) < 4 or raw[:2] != b"\0\0" or raw[2] not in _TYPES:
        raise InputError(f"{shown(path)} isn't an IDX file: it doesn't begin as one")
    dimensions = raw[3]
    if not 1 <= dimensions <= 32 or len(raw) != 4 + 4 * dimensions:
        raise InputError(f"{shown(path)} has a damaged IDX header: {dimensions} dimensions, {len(raw)} bytes")
    shape = tuple(int(n) for n in np.frombuffer(raw[4:], dtype=">i4"))
    if any(n <= 0 for n in shape):
        raise InputError(f"{shown(path)} has a damaged IDX header: its shape {shape} has a zero or negative size")
    return _Header(np.dtype(_TYPES[raw[2]]), shape, raw)


def _check_size(path: Path, header: _Header, available: int, *, exact: bool) -> None:
    if header.total > available or (exact and header.total != available):
        at_most = "" if exact else "at most "
        raise InputError(
            f"{shown(path)} is damaged: its header claims {header.total} bytes for shape {header.shape}, but the file"
            f" holds {at_most}{available}"
        )
