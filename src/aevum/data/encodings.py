"""How a text file is encoded, and which line isn't."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from pathlib import Path

import numpy as np

from aevum.data.files import quoted, shown
from aevum.data.kinds import opened
from aevum.errors import InputError

WINDOWS = "cp1252"
_SNIFFED_BYTES, _CHUNK = 2**12, 2**20
# Bytes that its texts hold none of: those that cp1252 has no letter for, and controls other than those of lines.
_FOREIGN = np.isin(np.arange(256), [0x81, 0x8D, 0x8F, 0x90, 0x9D, 0x7F, *range(9), 11, *range(14, 32)])
_LETTER = np.isin(np.arange(256), [*range(0x41, 0x5B), *range(0x61, 0x7B)])


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
    """UTF-8, another Unicode encoding where the file's first bytes say so, or cp1252 where it is no Unicode, and looks
    like what Windows programs of Western Europe and America write.
    """
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
    return WINDOWS if is_western(path) else "utf-8-sig"


def is_western(path: Path) -> bool:
    """Whether a text is no UTF-8, nor ever was, and has fewer letters beyond A to Z than of these; in other alphabets
    it has more.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    counts, broken = np.zeros(256, dtype=np.int64), False
    with opened(path) as file:
        while True:
            chunk = file.read(_CHUNK)
            text = decoder.decode(chunk, final=not chunk)
            broken = broken or "\ufffd" in text
            if not text.replace("\ufffd", "").removeprefix("\ufeff").isascii():
                return False
            counts += np.bincount(np.frombuffer(chunk, dtype=np.uint8), minlength=256)
            if not chunk:
                break
    return broken and not counts[_FOREIGN].any() and bool(counts[0x80:].sum() < counts[_LETTER].sum())


def first_beyond_ascii(path: Path, encoding: str) -> str:
    """The first cell-like piece of a text that holds more than ASCII: by it a guess is seen to be right or wrong."""
    with opened(path) as file:
        for line in file:
            if not line.isascii():
                words = re.findall(r"[^\s,;|\"']+", line.decode(encoding, "replace"))
                return next((word for word in words if not word.isascii()), "")
    return ""


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
