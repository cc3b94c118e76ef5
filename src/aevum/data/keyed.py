"""Random numbers that are a function of a row's content.

Scores that need draws (importance weights, binarized grey levels) take them from here, so that a row's score does not
depend on which rows stand beside it, on their order, or on how often it is asked for. Rows are hashed to 64 bits; the
bits turn one shared pool of uniform numbers by a shift of its own for each row (a Cranley-Patterson rotation). Given
the row, the turned numbers are exactly independent and uniform.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

UInt64 = NDArray[np.uint64]
GOLDEN = np.uint64(0x9E3779B97F4A7C15)
WORD = 2**64 - 1


def mix(value: UInt64) -> UInt64:
    """SplitMix64's finisher: every bit of the input reaches every bit of the output."""
    with np.errstate(over="ignore"):
        value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        mixed: UInt64 = value ^ (value >> np.uint64(31))
    return mixed


def counted_seed(*counters: int) -> int:
    """One 63-bit seed from a tuple of counters such as (seed, epoch, step).

    >>> counted_seed(0, 1, 2) == counted_seed(0, 1, 2), counted_seed(0, 1, 2) == counted_seed(0, 2, 1)
    (True, False)
    """
    state = 0
    for counter in counters:  # SplitMix64 in Python's integers: a step is too short to start numpy for one number
        state = (state + 0x9E3779B97F4A7C15 + counter) & WORD
        state = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & WORD
        state = ((state ^ (state >> 27)) * 0x94D049BB133111EB) & WORD
        state ^= state >> 31
    return state >> 1


def row_keys(rows: NDArray[np.float32], seed: int) -> UInt64:
    """One 64-bit key a row, ``(N,)``: a multilinear hash of its float32 bits."""
    flat = np.ascontiguousarray(rows.reshape(len(rows), -1), dtype=np.float32) + np.float32(0)  # −0 and 0 are one
    flat[np.isnan(flat)] = np.nan  # and so are all of its NaNs, which stand for a missing value
    bits = flat.view(np.uint32).astype(np.uint64)
    with np.errstate(over="ignore"):
        odd = mix(np.arange(1, bits.shape[1] + 1, dtype=np.uint64) * GOLDEN + np.uint64(seed)) | np.uint64(1)
        return mix((bits * odd).sum(axis=1, dtype=np.uint64) + np.uint64(seed))


def keyed_uniforms(keys: UInt64, count: int) -> NDArray[np.float64]:
    """``(N, count)`` uniform numbers in [0, 1), a function of each key."""
    with np.errstate(over="ignore"):
        state = keys[:, None] + np.arange(1, count + 1, dtype=np.uint64)[None, :] * GOLDEN
    return (mix(state) >> np.uint64(11)).astype(np.float64) * 2.0**-53
