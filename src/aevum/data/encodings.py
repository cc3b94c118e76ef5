"""How a text file is encoded, and which line isn't."""

from __future__ import annotations

import codecs
from contextlib import suppress
from pathlib import Path

from aevum.data.files import quoted, shown
from aevum.data.kinds import opened
from aevum.errors import InputError

_SNIFFED_BYTES = 2**12


def codec(name: object) -> str:
    """A text encoding of that name; a byte-order mark never becomes part of the first name.

    :raises InputError: there is none.
    """
    try:
        found = codecs.lookup(name).name if isinstance(name, str) else None
        if found is None or not isinstance("".encode(found), bytes):
            raise LookupError
    except (LookupError, ValueError, TypeError):
        raise InputError(
            f"--encoding {quoted(name)} (encoding= in Python) is no text encoding; usual ones: utf-8, cp1252, utf-16"
        ) from None
    return "utf-8-sig" if found == "utf-8" else found


def encoding_of(path: Path) -> str:
    """UTF-8, or another Unicode encoding where the file's first bytes say so."""
    with opened(path) as file:
        start = file.read(_SNIFFED_BYTES)
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    # Digits and Latin letters have a zero byte in UTF-16, always on the same side.
    even, odd = (part.count(0) / max(1, len(part)) for part in (start[::2], start[1::2]))
    if max(even, odd) > 0.4 and min(even, odd) < 0.1:
        return "utf-16-le" if odd > even else "utf-16-be"
    return "utf-8-sig"


def undecodable(path: Path, encoding: str) -> InputError:
    """Which line isn't text in this encoding."""
    where = ""
    if encoding == "utf-8-sig":
        with suppress(OSError), opened(path) as file:
            for line, raw in enumerate(file, start=1):
                try:
                    raw.decode("utf-8")
                except UnicodeDecodeError as error:
                    where = f", line {line} (byte 0x{raw[error.start]:02X} after {quoted(raw[: error.start].decode())})"
                    break
    name = "UTF-8" if encoding == "utf-8-sig" else encoding
    return InputError(
        f"{shown(path)} isn't {name} text{where}; say what it is with --encoding (encoding= in Python): cp1252 for"
        " files of Windows programs, or save it as UTF-8"
    )
