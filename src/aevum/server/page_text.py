"""Bytes as text that a page can carry: 13 bits in two of 91 letters, a quarter more than the bytes."""

from __future__ import annotations

import numpy as np

# What can be printed, without what a page reads as its own.
LETTERS = np.array([code for code in range(33, 127) if chr(code) not in "&<>"], np.uint8)
BITS, LETTER = 13, len(LETTERS)
# Bytes that are turned at once: a whole number of pairs of letters.
PART = BITS * 2**16


def to_text(data: bytes) -> str:
    """The text of some bytes. Its first letter says how many bytes at the end of what is read are none: 0 or 1.

    >>> to_text(b""), to_text(bytes(3)), len(to_text(bytes(1300)))
    ('0', '0!!!!', 1601)
    """
    parts = [_letters(data[start : start + PART]) for start in range(0, len(data), PART)]
    pairs = sum(map(len, parts)) // 2
    return str(pairs * BITS // 8 - len(data)) + b"".join(parts).decode("ascii")


def _letters(data: bytes) -> bytes:
    bits = np.unpackbits(np.frombuffer(data, np.uint8))
    groups = np.pad(bits, (0, -len(bits) % BITS)).reshape(-1, BITS)
    values = groups @ (1 << np.arange(BITS)[::-1])
    found: bytes = LETTERS[np.stack([values // LETTER, values % LETTER], axis=1)].tobytes()
    return found
