"""A Parquet file's columns as numbers, by their types."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data import schema
from aevum.data.columns import ALWAYS_EMPTY, bad_cell
from aevum.data.files import quoted, shown
from aevum.data.parquet_parts import Parts
from aevum.data.schema import LONGEST_CATEGORY, Column, most_categories
from aevum.errors import InputError

_BATCH = 2**16
_SECONDS_A_DAY = 86400


def refuse_types(arrow: Any, features: list[str], label: str | None, path: Path) -> None:
    """Refuse columns by their type, before any of them is unpacked.

    :raises InputError: a type that is neither numbers, words, true and false nor dates.
    """
    import pyarrow

    types = pyarrow.types
    other = [name for name in features if _kind(arrow.field(name).type) is None]
    if other:
        told = f"type {shown(arrow.field(other[0]).type)}"
        raise bad_cell(path, f"column {quoted(other[0])}", told, "row 1", list(map(quoted, other[1:])))
    if label is not None:
        fine = (types.is_integer, types.is_floating, types.is_boolean, types.is_string, types.is_large_string)
        kind = _value_type(arrow.field(label).type)
        if not any(test(kind) for test in fine):
            raise InputError(
                f"{shown(path)}: column {quoted(label)} can't be the labels: its type is {shown(kind)}; use numbers or"
                " text"
            )


def read_columns(path: Path, features: list[str], rows: int) -> tuple[NDArray[np.float64], tuple[Column, ...]]:
    """These columns as numbers ``(N, F)``, NaN where a cell has no value, and what each is.

    :raises InputError: a column of ids or free text, or fewer rows than claimed.
    """
    x, found = np.empty((rows, len(features))), []
    with Parts(path) as plain, Parts(path, read_dictionary=features) as coded:
        for j, name in enumerate(features):
            kind = _kind(plain.schema_arrow.field(name).type)
            read = _words if kind == schema.CATEGORY else _dates if kind == schema.DATE else _numbers
            column = read(coded if kind == schema.CATEGORY else plain, name, x[:, j], path)
            pair = ("False", "True") if kind == schema.BOOLEAN else ()
            found.append(column or Column(name, kind or schema.NUMBER, pair))
    return x, tuple(found)


def _kind(kind: Any) -> str | None:
    """What a type's column is; None for one that isn't read."""
    import pyarrow

    types, value = pyarrow.types, _value_type(kind)
    if types.is_string(value) or types.is_large_string(value) or types.is_string_view(value):
        return schema.CATEGORY
    if types.is_boolean(value):
        return schema.BOOLEAN
    if types.is_date(value) or types.is_timestamp(value):
        return schema.DATE
    numbers = (types.is_integer, types.is_floating, types.is_decimal, types.is_null)
    return schema.NUMBER if any(test(value) for test in numbers) else None


def _value_type(kind: Any) -> Any:
    import pyarrow

    return kind.value_type if pyarrow.types.is_dictionary(kind) else kind


def _batches(file: Any, name: str, into: NDArray[np.float64], path: Path) -> Iterator[tuple[Any, NDArray[np.float64]]]:
    """A column by batches, each with the place for its numbers."""
    start = 0
    for batch in file.iter_batches(batch_size=_BATCH, columns=[name]):
        column = batch.column(0)
        yield column, into[start : start + len(column)]
        start += len(column)
    if start != len(into):
        raise InputError(f"{shown(path)} is damaged: column {quoted(name)} has {start} rows of the {len(into)} claimed")


def _numbers(file: Any, name: str, into: NDArray[np.float64], path: Path) -> None:
    import pyarrow

    for column, place in _batches(file, name, into, path):
        if pyarrow.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if pyarrow.types.is_boolean(column.type):
            column = column.cast(pyarrow.uint8())
        elif not pyarrow.types.is_float64(column.type):
            column = column.cast(pyarrow.float64(), safe=False)
        place[:] = column.to_numpy(zero_copy_only=False)


def _dates(file: Any, name: str, into: NDArray[np.float64], path: Path) -> None:
    import pyarrow

    for column, place in _batches(file, name, into, path):
        if pyarrow.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        seconds = (
            column.cast(pyarrow.timestamp("us"), safe=False).cast(pyarrow.int64()).cast(pyarrow.float64(), safe=False)
        )
        place[:] = seconds.to_numpy(zero_copy_only=False) / (_SECONDS_A_DAY * 1e6)


def _words(file: Any, name: str, into: NDArray[np.float64], path: Path) -> Column:
    """Codes by the order of first appearance, then by the sorted texts; a text is unpacked once, not in every row."""
    met: dict[str, int] = {}
    told = f"column {quoted(name)}"
    for column, place in _batches(file, name, into, path):
        column = column if hasattr(column, "dictionary") else column.dictionary_encode()
        used = column.indices.unique().drop_null()
        texts = column.dictionary.take(used).to_pylist()
        longest = max((len(text) for text in texts if text is not None), default=0)
        if longest > LONGEST_CATEGORY:
            raise schema.too_long(path, told, longest)
        codes = np.full(len(column.dictionary) + 1, np.nan)
        for at, text in zip(used.to_pylist(), texts, strict=True):
            stripped = "" if text is None else text.strip()
            if stripped.lower() not in ALWAYS_EMPTY:
                codes[at] = met.setdefault(stripped, len(met))
        if len(met) > most_categories(len(into)):
            raise schema.too_many(path, told, list(met), len(into))
        place[:] = codes[column.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)]
    found, order = schema.text_column(name, list(met))
    new = np.array([order[text] for text in met] + [np.nan])
    into[:] = new[np.where(np.isnan(into), len(met), into).astype(np.intp)]
    return found
