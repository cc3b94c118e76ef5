"""Parquet tables, through pyarrow: the same rules as for CSV. pyarrow is the optional extra ``aevum[tables]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.columns import (
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
from aevum.data.parquet_columns import read_columns, refuse_types
from aevum.data.schema import coded, notes_of
from aevum.data.selection import TableOptions
from aevum.errors import InputError, MissingPackageError

_PANDAS_INDEX = "__index_level_"


def open_parquet(
    path: Path,
    labels: str | None = None,
    table_options: TableOptions | None = None,
    without: Sequence[str] = (),
) -> Dataset:
    """A table: x is (N, F) float64 with every column but the labels, pandas' row index and ``without``.

    Words become the codes of categories, true and false 1 and 0, dates days: ``schema`` says which.

    :raises InputError: pyarrow isn't installed, a damaged file, free text or missing values in x, no such column.
    """
    wanted = (table_options or TableOptions()).checked()
    size = file_size(path)
    parquet = _pyarrow_parquet()
    with reading(path, "a Parquet file"), parquet.ParquetFile(path) as file:
        label, features = _chosen(file, path, labels, wanted, without)
        memory = _memory(file.metadata, len(features))
        refuse_too_big(path, memory)
        refuse_bomb(path, memory, size)
        refuse_types(file.schema_arrow, features, label, path)
        x, schema = read_columns(path, parquet, features, file.metadata.num_rows)
        columns = column_texts(features)
        refuse_unusable(path, x, columns, "row", range(1, len(x) + 1), wanted.gaps)
        found, gaps = (None, []) if label is None else _labels(path, parquet, label, wanted.gaps)
    x, rows, said = settled(x, path, columns, wanted.gaps, coded=coded(schema), empty_labels=gaps)
    y = None if found is None else _label_values(found, rows, path)
    about, named = f"{path.name}, {len(features)} columns", tuple(features)
    notes = (*notes_of(path.name, schema), *said)
    return without_index(
        Dataset(
            x, y, name=path.stem, description=about, feature_names=named, notes=notes, row_numbers=rows, schema=schema
        )
    )


def _chosen(
    file: Any, path: Path, labels: str | None, wanted: TableOptions, without: Sequence[str]
) -> tuple[str | None, list[str]]:
    """The column of labels, and those of the data."""
    names = list(file.schema_arrow.names)
    if len(set(names)) != len(names):
        raise InputError(f"{shown(path)} has several columns of one name; rename all but one")
    label = None if labels is None else names[label_position(names, len(names), labels, path)]
    kept = [names[i] for i in wanted.kept(names, len(names), path)]
    features = [n for n in kept if n not in (label, *without) and not n.startswith(_PANDAS_INDEX)]
    if not features or not file.metadata.num_rows:
        raise InputError(f"{shown(path)} has no {'columns' if not features else 'rows'} for the data")
    return label, features


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
