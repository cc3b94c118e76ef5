"""Messages of the WebSocket: a JSON header and the bytes of named arrays.

A message is the header's length in bytes (4 bytes, little endian), the header, padded with spaces to a multiple of 8
with those 4 bytes, and then the arrays, little endian and in C order, each padded with zeros to a multiple of 8.
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError

Array = NDArray[Any]
DTYPES = {
    name: np.dtype(name).newbyteorder("<")
    for name in ("float32", "float64", "uint8", "int8", "uint16", "int16", "int32", "uint32")
}
MOST_HEADER, MOST_ARRAYS, MOST_AXES = 2**23, 16, 8


def encode(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """A message of a header, to which the arrays' list is added, and arrays.

    >>> decode(encode({"id": 1}, {"z": np.eye(2)}))[1]["z"].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    sent = {name: sendable(array) for name, array in arrays.items()}
    listed = [{"name": name, "dtype": a.dtype.name, "shape": list(a.shape)} for name, a in sent.items()]
    text = json.dumps({**header, "arrays": listed}, allow_nan=False, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 8)
    parts = [struct.pack("<I", len(text)), text]
    for array in sent.values():
        parts += [array.tobytes(), bytes(-array.nbytes % 8)]
    return b"".join(parts)


def decode(message: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """The header and the arrays of a message; the arrays are copies of their own.

    Raises:
        InputError: it is none.
    """
    header, start = read_header(message)
    return header, read_arrays(header, message, start)


def read_arrays(header: Mapping[str, Any], message: bytes, start: int) -> dict[str, Array]:
    """The arrays that a header lists, from where they start in the message.

    Raises:
        InputError: they are not there, or more is.
    """
    listed = header.get("arrays", [])
    if not isinstance(listed, list) or len(listed) > MOST_ARRAYS:
        raise InputError(f"the header's arrays must be a list of at most {MOST_ARRAYS}")
    arrays: dict[str, Array] = {}
    for entry in listed:
        name, dtype, shape = _described(entry)
        if name in arrays:
            raise InputError(f"the header lists two arrays of one name, {name[:40]!r}")
        count = math.prod(shape)
        size = count * dtype.itemsize
        if start + size > len(message):
            raise InputError(f"the message ends within the array {name[:40]!r}")
        found = np.frombuffer(message, dtype, count, start).reshape(shape)
        arrays[name] = found.astype(dtype.newbyteorder("="))
        start += size + -size % 8
    if start < len(message):
        raise InputError(f"the message goes on for {len(message) - start} bytes after its last array")
    return arrays


def read_header(message: bytes) -> tuple[dict[str, Any], int]:
    """The header of a message, and where its arrays start.

    Raises:
        InputError: it has none.
    """
    size = struct.unpack_from("<I", message)[0] if len(message) >= 4 else MOST_HEADER + 1
    if size > min(MOST_HEADER, len(message) - 4) or (4 + size) % 8:
        raise InputError("the message does not start with a header's length, a multiple of 8 with its own 4 bytes")
    return read_json(message[4 : 4 + size], "the header"), 4 + size


def id_of(header: Mapping[str, Any]) -> int | str | None:
    """What a message calls itself, by which its answer is known."""
    id = header.get("id")
    return id if isinstance(id, (int, str)) and not isinstance(id, bool) else None


def claimed_id(message: bytes) -> int | str | None:
    """What a message that can't be read calls itself, as far as that can be told.

    >>> claimed_id(b"\\0\\0\\0\\0" + b'{"id": 7, "args": {"z": NaN}}')
    7
    """
    text = message[4 : 4 + MOST_HEADER].decode("utf-8", "replace")
    try:
        found, _ = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return id_of(found) if isinstance(found, dict) else None


def read_json(text: bytes, what: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        InputError: it is none; NaN and Infinity are no JSON.
    """
    try:
        found = json.loads(text.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{what} is no JSON") from error
    if not isinstance(found, dict):
        raise InputError(f"{what} is no JSON object")
    return found


def sendable(array: Array) -> Array:
    """The array in one of the message's number types, in C order.

    >>> [sendable(np.array([value])).dtype.name for value in (True, 7, 2**40)]
    ['uint8', 'int32', 'float64']
    """
    kind, size = array.dtype.kind, array.dtype.itemsize
    if kind == "b":
        array = array.astype(np.uint8)
    elif kind == "f" and size not in (4, 8):
        array = array.astype(np.float32 if size < 4 else np.float64)
    elif kind in "iu" and size == 8:
        fits = not array.size or (int(array.min()) >= -(2**31) and int(array.max()) < 2**31)
        array = array.astype(np.int32 if fits else np.float64)
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def json_text(array: Array) -> str:
    """The array as nested lists of JSON; NaN and infinity, which JSON lacks, become null.

    float32 has nine digits at most that tell one number from the next; to write all of a float64 takes three times as
    long, and twice the bytes.

    >>> json_text(np.array([[1.0, np.nan], [0.1, 2.0]])), json_text(np.array([0.1, 1e30], np.float32))
    ('[[1.0,null],[0.1,2.0]]', '[0.100000001,1.00000002e+30]')
    """
    number = "%d" if array.dtype.kind in "biu" else "%.9g" if array.dtype.itemsize <= 4 else "%r"
    values = array.ravel().tolist()
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        values = [number % value if math.isfinite(value) else "null" for value in values]
        number = "%s"
    form = number
    for length in reversed(array.shape):
        form = f"[{','.join([form] * length)}]"
    return form % tuple(values)


def _described(entry: Any) -> tuple[str, np.dtype[Any], tuple[int, ...]]:
    """Name, number type and shape of one array."""
    name, dtype, shape = (
        (entry.get(key) for key in ("name", "dtype", "shape")) if isinstance(entry, dict) else [None] * 3
    )
    if not isinstance(name, str) or not isinstance(dtype, str) or dtype not in DTYPES:
        raise InputError(f"each of the header's arrays needs a name, a shape and a dtype, one of {', '.join(DTYPES)}")
    sizes = shape if isinstance(shape, list) and len(shape) <= MOST_AXES else [None]
    if not all(type(size) is int and 0 <= size < 2**31 for size in sizes):
        raise InputError(f"the shape of {name[:40]!r} must be a list of at most {MOST_AXES} whole numbers")
    return name, DTYPES[dtype], tuple(sizes)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")
