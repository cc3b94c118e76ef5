"""A Parquet file's columns as numbers, by their types."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data import schema
from aevum.data.codes import looked_up
from aevum.data.columns import ALWAYS_EMPTY, bad_cell
from aevum.data.csv_texts import Seen, TextColumn, form_of, notes_of_texts, signed_column
from aevum.data.decimals import marks_of
from aevum.data.files import quoted, shown
from aevum.data.parquet_parts import Parts
from aevum.data.schema import LONGEST_CATEGORY, Column, most_categories
from aevum.errors import InputError

_BATCH = 2**16
_SECONDS_A_DAY = 86400
_TYPED = re.compile(r"u?int\d|U?Int\d|float\d|Float\d|bool|category|datetime64\[|timedelta64\[")


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


def read_columns(
    path: Path, features: list[str], rows: int
) -> tuple[NDArray[np.float64], tuple[Column, ...], list[str]]:
    """These columns as numbers ``(N, F)``, NaN where a cell has no value, what each is, and what should be said.

    :raises InputError: a column of ids or free text, of dates that can be read in two ways, or fewer rows than claimed.
    """
    with Parts(path) as plain, Parts(path, read_dictionary=features) as coded:
        return columns_of(plain, coded, features, rows, path)


def columns_of(
    plain: Any, coded: Any, features: list[str], rows: int, path: Path
) -> tuple[NDArray[np.float64], tuple[Column, ...], list[str]]:
    """The same of what is open: ``coded`` may give words as dictionaries."""
    x, found, texts, unread = np.empty((rows, len(features))), [], {}, dict[str, InputError]()
    dtypes = _dtypes(plain.schema_arrow)
    for j, name in enumerate(features):
        arrow = plain.schema_arrow.field(name).type
        kind, dtype = _kind(arrow), dtypes.get(name, "")
        if kind == schema.CATEGORY:
            try:
                texts[j] = _words(coded, name, x[:, j], path, getattr(arrow, "ordered", False))
            except InputError as error:
                unread[name] = error
                continue
            if dtype == "category" and texts[j].column.kind == kind:
                texts[j] = replace(texts[j], column=replace(texts[j].column, dtype=dtype))
            found.append(texts[j].column)
            continue
        read_column(plain, name, x[:, j], path)
        words = ("False", "True") if kind == schema.BOOLEAN else ()
        found.append(Column(name, kind or schema.NUMBER, words, dtype if dtype != "category" else ""))
    if unread:
        raise schema.all_unread(unread)
    return x, tuple(found), notes_of_texts(texts)


def read_column(file: Any, name: str, into: NDArray[np.float64], path: Path) -> None:
    """A column of anything but words as numbers."""
    kind = _kind(file.schema_arrow.field(name).type)
    {schema.DATE: _dates, schema.DURATION: _durations}.get(str(kind), _numbers)(file, name, into, path)


def _dtypes(arrow: Any) -> dict[str, str]:
    """The types that pandas has for columns, by what Arrow and pandas wrote of them; none for objects."""
    try:
        empty = arrow.empty_table().to_pandas()
    except (TypeError, ValueError, NotImplementedError, LookupError):  # what another program wrote of them
        empty = arrow.remove_metadata().empty_table().to_pandas()
    index = {str(name): str(empty.index.get_level_values(name).dtype) for name in empty.index.names if name is not None}
    found = {**index, **{str(name): str(dtype) for name, dtype in empty.dtypes.items()}}
    return {name: dtype for name, dtype in found.items() if _TYPED.match(dtype)}


def is_text(kind: Any) -> bool:
    """Whether a type's cells are words, also those of a dictionary."""
    import pyarrow

    types, value = pyarrow.types, _value_type(kind)
    return bool(types.is_string(value) or types.is_large_string(value) or types.is_string_view(value))


def _kind(kind: Any) -> str | None:
    """What a type's column is; None for one that isn't read."""
    import pyarrow

    types, value = pyarrow.types, _value_type(kind)
    if is_text(kind):
        return schema.CATEGORY
    if types.is_boolean(value):
        return schema.BOOLEAN
    if types.is_date(value) or types.is_timestamp(value):
        return schema.DATE
    if types.is_duration(value):
        return schema.DURATION
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


def _durations(file: Any, name: str, into: NDArray[np.float64], path: Path) -> None:
    import pyarrow

    for column, place in _batches(file, name, into, path):
        micro = column.cast(pyarrow.duration("us"), safe=False).cast(pyarrow.int64())
        place[:] = micro.cast(pyarrow.float64(), safe=False).to_numpy(zero_copy_only=False) / 1e6


def _words(file: Any, name: str, into: NDArray[np.float64], path: Path, ordered: bool = False) -> TextColumn:
    """Codes by the order of first appearance, then by what the texts are; one is unpacked once, not in every row."""
    order: dict[str, int] = {}
    met: dict[str, int] = {}
    told, seen, start = f"column {quoted(name)}", Seen(), 0
    for column, place in _batches(file, name, into, path):
        column = column if hasattr(column, "dictionary") else column.dictionary_encode()
        used = column.indices.unique().drop_null()
        texts = column.dictionary.take(used).to_pylist()
        longest = max((len(text) for text in texts if text is not None), default=0)
        if longest > LONGEST_CATEGORY:
            raise schema.too_long(path, told, longest)
        if ordered:
            for text in column.dictionary.to_pylist():
                order.setdefault(text.strip() if text else "", len(order))
        codes = np.full(len(column.dictionary) + 1, np.nan)
        for at, text in zip(used.to_pylist(), texts, strict=True):
            stripped = "" if text is None else text.strip()
            if stripped.lower() not in ALWAYS_EMPTY:
                if stripped not in met:
                    seen.look(start, stripped)
                codes[at] = met.setdefault(stripped, len(met))
        if len(met) > most_categories(len(into)) and not (seen.are_dates or seen.sign):
            raise schema.too_many(path, told, list(met), len(into))
        place[:] = codes[column.indices.fill_null(len(codes) - 1).to_numpy(zero_copy_only=False)]
        start += len(column)
    if ordered and len(order) <= most_categories(len(into)):
        found = TextColumn(Column(name, schema.CATEGORY, tuple(order), ordered=True), order)
    else:
        found = _text_column(path, name, told, met, seen, into)
    into[:] = looked_up(into, [found.value(text) for text in met])
    return found


def _text_column(
    path: Path, name: str, told: str, met: dict[str, int], seen: Seen, codes: NDArray[np.float64]
) -> TextColumn:
    """What these texts are: dates or numbers with a sign, as in a table of text, or words."""
    if seen.are_dates and seen.first is not None:
        row = int(np.flatnonzero(codes == met[seen.first[1]])[0])
        return TextColumn(Column(name, schema.DATE, dtype=seen.dtype), {}, form_of(path, told, seen, f"row {row + 1}"))
    marks = marks_of([seen.marks])
    if seen.sign and not isinstance(marks, tuple):
        return signed_column(name, seen.sign, marks[0], met)
    if len(met) > most_categories(len(codes)):
        raise schema.too_many(path, told, list(met), len(codes))
    return TextColumn(*schema.text_column(name, list(met)))
