"""Numpy's .npy format, read without trust: no pickle, and no memory for what isn't there.

Format: numpy.lib.format, "NumPy enhancement proposal 1" (Robert Kern, 2007). Numpy's own header reader unpacks
up to 4 GiB of header and may warn or raise outside ``ValueError`` on damaged bytes, hence this one.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import ByteStream, file_size, shown, size_text
from aevum.errors import InputError

_MAGIC = b"\x93NUMPY"
_MAX_HEADER = 2**16
_MAX_DIMENSIONS = 32
# Numpy's own: what doesn't fit into its index type is no length. Python can't even print a number of 6,000 digits.
_MAX_LENGTH = 2**63
_PLAIN_TYPE = re.compile(r"[<>|=]?[biufcSU][0-9]{1,9}")


class ArrayHeader(NamedTuple):
    """What a .npy header claims; ``offset`` is the number of bytes before the values."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran_order: bool
    offset: int

    @property
    def nbytes(self) -> int:
        """Bytes of the values."""
        return math.prod(self.shape) * self.dtype.itemsize

    @property
    def is_examples(self) -> bool:
        """Whether the array could be ``x``: numbers, one row per example, at least one column."""
        return len(self.shape) >= 2 and self.dtype.kind in "biuf"


def read_header(stream: ByteStream, where: str) -> ArrayHeader:
    """The header at the start of ``stream``; ``where`` names the array in messages.

    :raises InputError: not a .npy header, a damaged one, no values, Python objects or records.
    """
    start = stream.read(8)
    if len(start) < 8 or start[:6] != _MAGIC or start[6] not in (1, 2, 3):
        raise InputError(f"{where} isn't a numpy array file: it doesn't begin as one")
    length_bytes = stream.read(2 if start[6] == 1 else 4)
    length = int.from_bytes(length_bytes, "little")
    text = stream.read(length) if length <= _MAX_HEADER else b""
    if not text or len(text) != length:
        raise InputError(f"{where} has a damaged numpy header: it is cut short or far too long")
    try:
        with warnings.catch_warnings():  # what a damaged header looks like to Python's parser
            warnings.simplefilter("ignore")
            fields = ast.literal_eval(text.decode("utf-8" if start[6] == 3 else "latin-1").strip())
        descr, fortran_order, shape = fields["descr"], fields["fortran_order"], fields["shape"]
    except (SyntaxError, ValueError, TypeError, KeyError, IndexError, RecursionError, MemoryError):
        raise InputError(f"{where} has a damaged numpy header") from None
    sound = isinstance(shape, tuple) and all(type(n) is int and 0 <= n < _MAX_LENGTH for n in shape)
    if not sound or len(shape) > _MAX_DIMENSIONS or type(fortran_order) is not bool:
        raise InputError(f"{where} has a damaged numpy header: its shape makes no sense")
    if 0 in shape:
        raise InputError(f"{where} holds no data: its shape is {_shape_text(shape)}")
    return ArrayHeader(shape, _plain_dtype(descr, where), fortran_order, 8 + len(length_bytes) + length)


def _plain_dtype(descr: object, where: str) -> np.dtype[Any]:
    if isinstance(descr, str) and descr.lstrip("<>|=") == "O":
        raise InputError(
            f"{where} holds Python objects, which are refused because reading them can run code; save it as plain"
            " numbers, for example np.save(path, x.astype(float))"
        )
    try:
        if not isinstance(descr, str) or not _PLAIN_TYPE.fullmatch(descr):
            raise TypeError
        dtype = np.dtype(descr)
    except (TypeError, ValueError):
        raise InputError(f"{where} holds values of a kind that can't be read; save it as plain numbers") from None
    if dtype.itemsize == 0:
        raise InputError(f"{where} holds values of no size; save it as plain numbers")
    return dtype


def as_array(raw: NDArray[np.uint8], header: ArrayHeader) -> NDArray[Any]:
    """The array that ``raw``, the bytes after the header, stands for."""
    return raw.view(header.dtype).reshape(header.shape, order="F" if header.fortran_order else "C")


def read_npy(path: Path) -> NDArray[Any]:
    """The array of a .npy file as a read-only memory map: nothing is loaded, whatever its size.

    :raises InputError: not a .npy file, a size that isn't the one that its header claims, objects or records.
    """
    actual = file_size(path)
    with path.open("rb") as stream:
        header = read_header(stream, shown(path))
    claimed = header.offset + header.nbytes
    if claimed != actual:
        how = "is cut short or damaged" if claimed > actual else "is damaged or holds several arrays"
        raise InputError(
            f"{shown(path)} {how}: its header claims {claimed} bytes ({size_text(claimed)}) for shape"
            f" {_shape_text(header.shape)}, but the file has {actual} bytes"
        )
    raw: NDArray[np.uint8] = np.memmap(path, np.uint8, mode="r", offset=header.offset)
    return as_array(raw, header)


def _shape_text(shape: tuple[int, ...]) -> str:
    text = str(shape)
    return text if len(text) <= 80 else f"{text[:80]}…"
