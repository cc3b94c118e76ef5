"""Parquet tables, through pyarrow: the same rules as for CSV. pyarrow is the optional extra ``aevum[tables]``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.columns import bad_cell, column_text, label_array, label_position, missing_cell
from aevum.data.dataset import Dataset
from aevum.data.files import file_size, reading, refuse_too_big, shown
from aevum.errors import InputError

_PANDAS_INDEX = "__index_level_"


def open_parquet(path: Path, labels: str | None = None) -> Dataset:
    """A table of numbers: x is (N, F) float64 with every column but the labels and pandas' row index.

    :raises InputError: pyarrow isn't installed, a damaged file, text or missing values in x, no such column.
    """
    file_size(path)
    parquet = _pyarrow_parquet()
    with reading(path, "a Parquet file"), parquet.ParquetFile(path) as file:
        names = list(file.schema_arrow.names)
        if len(set(names)) != len(names):
            raise InputError(f"{shown(path)} has several columns of one name; rename all but one")
        label = None if labels is None else names[label_position(names, len(names), labels, path)]
        features = [n for n in names if n != label and not n.startswith(_PANDAS_INDEX)]
        if not features or not file.metadata.num_rows:
            raise InputError(f"{shown(path)} has no {'columns' if not features else 'rows'} for the data")
        refuse_too_big(path, _memory(file.metadata, len(features)))
        x = np.empty((file.metadata.num_rows, len(features)))
        for j, name in enumerate(features):
            x[:, j] = _numbers(_column(file, name), path, names, name)
        y = None if label is None else _labels(_column(file, label), path, names, label)
    description = f"{path.name}, {len(features)} columns"
    return Dataset(x, y, name=path.stem, description=description, feature_names=tuple(features))


def _pyarrow_parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise InputError('reading .parquet needs pyarrow; pip install "aevum[tables]" brings it') from None
    return pyarrow.parquet


def _memory(metadata: Any, features: int) -> int:
    """Bytes for x, and for all columns unpacked.

    By row group, because asking for a column's metadata ends the whole process where the file is damaged: Arrow's
    C++ exception isn't caught there.
    """
    unpacked = sum(abs(metadata.row_group(i).total_byte_size) for i in range(metadata.num_row_groups))
    return int(max(8 * metadata.num_rows * features, unpacked))


def _column(file: Any, name: str) -> Any:
    """One column as an Arrow array, categories replaced by their values."""
    import pyarrow

    column = file.read(columns=[name], use_threads=False).column(0).combine_chunks()
    if isinstance(column, pyarrow.ChunkedArray):  # combine_chunks may keep several where one would overflow
        column = pyarrow.concat_arrays(column.chunks)
    return column.dictionary_decode() if pyarrow.types.is_dictionary(column.type) else column


def _refuse_nulls(column: Any, path: Path, where: str) -> None:
    if column.null_count:
        row = int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise missing_cell(path, where, f"row {row + 1}")


def _numbers(column: Any, path: Path, names: list[str], name: str) -> NDArray[np.float64]:
    import pyarrow

    where, types = column_text(names, names.index(name)), pyarrow.types
    is_number = (types.is_integer, types.is_floating, types.is_boolean, types.is_decimal)
    if not any(test(column.type) for test in is_number):
        first = next((i for i, value in enumerate(column) if value.is_valid), 0)
        raise bad_cell(path, where, str(column[first].as_py()), f"row {first + 1}")
    _refuse_nulls(column, path, where)
    if types.is_decimal(column.type):
        column = column.cast(pyarrow.float64())
    values: NDArray[np.float64] = column.to_numpy(zero_copy_only=False).astype(np.float64)
    infinite = np.flatnonzero(~np.isfinite(values))
    if infinite.size:
        raise bad_cell(path, where, str(values[infinite[0]]), f"row {infinite[0] + 1}")
    return values


def _labels(column: Any, path: Path, names: list[str], name: str) -> NDArray[Any]:
    import pyarrow

    where, types = column_text(names, names.index(name)), pyarrow.types
    _refuse_nulls(column, path, where)
    if any(test(column.type) for test in (types.is_integer, types.is_floating, types.is_boolean)):
        values: NDArray[Any] = np.array(column.to_numpy(zero_copy_only=False))
        return values
    if not types.is_string(column.type) and not types.is_large_string(column.type):
        raise InputError(
            f"{shown(path)}: {where} can't be the labels: its type is {shown(column.type)}; use numbers or text"
        )
    return label_array(column.to_pylist(), path)
