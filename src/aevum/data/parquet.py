"""Parquet tables, through pyarrow: the same rules as for CSV. pyarrow is the optional extra ``aevum[tables]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.columns import (
    bad_cell,
    column_texts,
    label_array,
    label_position,
    missing_labels,
    refuse_long_labels,
    refuse_unusable,
    without_index,
)
from aevum.data.dataset import Dataset
from aevum.data.files import file_size, quoted, reading, refuse_bomb, refuse_too_big, shown
from aevum.data.missing import DROP, settled
from aevum.data.selection import TableOptions
from aevum.errors import InputError, MissingPackageError

_PANDAS_INDEX = "__index_level_"
_BATCH, _SHOWN = 2**16, 100


def open_parquet(
    path: Path,
    labels: str | None = None,
    table_options: TableOptions | None = None,
    without: Sequence[str] = (),
) -> Dataset:
    """A table of numbers: x is (N, F) float64 with every column but the labels, pandas' row index and ``without``.

    :raises InputError: pyarrow isn't installed, a damaged file, text or missing values in x, no such column.
    """
    wanted = (table_options or TableOptions()).checked()
    size = file_size(path)
    parquet = _pyarrow_parquet()
    with reading(path, "a Parquet file"), parquet.ParquetFile(path) as file:
        names = list(file.schema_arrow.names)
        if len(set(names)) != len(names):
            raise InputError(f"{shown(path)} has several columns of one name; rename all but one")
        label = None if labels is None else names[label_position(names, len(names), labels, path)]
        kept = [names[i] for i in wanted.kept(names, len(names), path)]
        features = [n for n in kept if n not in (label, *without) and not n.startswith(_PANDAS_INDEX)]
        rows = file.metadata.num_rows
        if not features or not rows:
            raise InputError(f"{shown(path)} has no {'columns' if not features else 'rows'} for the data")
        memory = _memory(file.metadata, len(features))
        refuse_too_big(path, memory)
        refuse_bomb(path, memory, size)
        _refuse_types(file, features, label, path)
        x = np.empty((rows, len(features)))
        for j, name in enumerate(features):
            _read_numbers(file, name, x[:, j], path)
        columns = column_texts(features)
        refuse_unusable(path, x, columns, "row", range(1, rows + 1), wanted.gaps)
        found, gaps = (None, []) if label is None else _labels(path, parquet, label, wanted.gaps)
    x, chosen, notes = settled(x, path, columns, wanted.gaps, empty_labels=gaps)
    y = None if found is None else _label_values(found, chosen, path)
    about, named = f"{path.name}, {len(features)} columns", tuple(features)
    return without_index(
        Dataset(x, y, name=path.stem, description=about, feature_names=named, notes=tuple(notes), row_numbers=chosen)
    )


def _pyarrow_parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingPackageError('reading .parquet needs pyarrow; pip install "aevum[tables]" brings it') from None
    return pyarrow.parquet


def _memory(metadata: Any, features: int) -> int:
    """Bytes for x, and for all columns unpacked.

    By row group, because asking for a column's metadata ends the whole process where the file is damaged: Arrow's
    C++ exception isn't caught there.
    """
    unpacked = sum(abs(metadata.row_group(i).total_byte_size) for i in range(metadata.num_row_groups))
    return int(max(8 * metadata.num_rows * features, unpacked))


def _refuse_types(file: Any, features: list[str], label: str | None, path: Path) -> None:
    """Refuse columns by their type, before any of them is unpacked: a dictionary of one long text may stand for all."""
    import pyarrow

    types, schema = pyarrow.types, file.schema_arrow
    numbers = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal, types.is_null)
    text = [n for n in features if not any(test(_value_type(schema.field(n).type)) for test in numbers)]
    if text:
        batch = next(file.iter_batches(batch_size=1, columns=[text[0]], use_threads=False)).column(0)
        raise bad_cell(
            path, f"column {quoted(text[0])}", str(batch[0].as_py())[:_SHOWN], "row 1", list(map(quoted, text[1:]))
        )
    if label is not None:
        fine = (types.is_integer, types.is_floating, types.is_boolean, types.is_string, types.is_large_string)
        kind = _value_type(schema.field(label).type)
        if not any(test(kind) for test in fine):
            raise InputError(
                f"{shown(path)}: column {quoted(label)} can't be the labels: its type is {shown(kind)}; use numbers or"
                " text"
            )


def _value_type(kind: Any) -> Any:
    import pyarrow

    return kind.value_type if pyarrow.types.is_dictionary(kind) else kind


def _read_numbers(file: Any, name: str, into: NDArray[np.float64], path: Path) -> None:
    """A column by batches; a cell without a value becomes NaN."""
    import pyarrow

    start = 0
    for batch in file.iter_batches(batch_size=_BATCH, columns=[name], use_threads=False):
        column = batch.column(0)
        if pyarrow.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if pyarrow.types.is_boolean(column.type):
            column = column.cast(pyarrow.uint8())
        elif not pyarrow.types.is_float64(column.type):
            column = column.cast(pyarrow.float64(), safe=False)
        values = column.to_numpy(zero_copy_only=False)
        into[start : start + len(values)] = values
        start += len(values)
    if start != len(into):
        raise InputError(f"{shown(path)} is damaged: column {quoted(name)} has {start} rows of the {len(into)} claimed")


def _labels(path: Path, parquet: Any, name: str, missing: str) -> tuple[Any, Sequence[int]]:
    """The column of labels, and the rows where it has no value; text stays a dictionary of its distinct values."""
    with parquet.ParquetFile(path, read_dictionary=[name]) as file:
        column = file.read(columns=[name], use_threads=False).column(0)
    gaps: list[int] = np.flatnonzero(column.is_null().to_numpy()).tolist() if column.null_count else []
    if gaps and missing != DROP:
        raise missing_labels(path, f"column {quoted(name)}", len(gaps), f"row {gaps[0] + 1}")
    return column, gaps


def _label_values(column: Any, rows: NDArray[np.intp] | None, path: Path) -> NDArray[Any]:
    """The labels of these rows, or of all; the length of a text is known before a text stands in every row."""
    import pyarrow

    if rows is not None:
        column = column.take(pyarrow.array(rows))
    if pyarrow.types.is_dictionary(column.type):
        for chunk in column.chunks:
            refuse_long_labels(chunk.dictionary.to_pylist(), path)
        column = column.cast(column.type.value_type)
    if not pyarrow.types.is_string(column.type) and not pyarrow.types.is_large_string(column.type):
        values: NDArray[Any] = np.array(column.to_numpy())
        return values
    return label_array(column.to_pylist(), path)
