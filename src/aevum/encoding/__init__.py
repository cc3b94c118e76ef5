"""The user's rows ↔ what the model sees: scales, columns that never change, cells without a value."""

from aevum.encoding.affine import Affine
from aevum.encoding.base import Encoding
from aevum.encoding.constants import never_changing
from aevum.encoding.rows import channel_axis, chunks, is_binary, moments, one_unit, row_chunks
from aevum.encoding.table import Table

__all__ = [
    "Affine",
    "Encoding",
    "Table",
    "channel_axis",
    "chunks",
    "is_binary",
    "moments",
    "never_changing",
    "one_unit",
    "row_chunks",
]
