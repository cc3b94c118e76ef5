"""Parquet tables, through pyarrow: the same rules as for CSV. pyarrow is the optional extra ``aevum[tables]``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.columns import (
    column_texts,
    label_position,
    labels_with_gaps,
    missing_labels,
    refuse_long_labels,
    refuse_unusable,
    without_index,
)
from aevum.data.dataset import Dataset
from aevum.data.files import listed, quoted, reading, refuse_bomb, refuse_too_big, shown
from aevum.data.missing import DROP, settled
from aevum.data.parquet_columns import read_columns, refuse_types
from aevum.data.parquet_parts import Parts, is_list, list_array
from aevum.data.schema import coded, notes_of
from aevum.data.selection import TableOptions
from aevum.errors import InputError

PANDAS_INDEX = "__index_level_"


def open_parquet(
    path: Path,
    labels: str | None = None,
    table_options: TableOptions | None = None,
) -> Dataset:
    """A table: x is (N, F) float64 with every column but the labels and pandas' row index.

    Words become the codes of categories, true and false 1 and 0, dates, as such or as text, days: ``schema`` says
    which.

    :raises InputError: pyarrow isn't installed, a damaged file, free text or missing values in x, no such column.
    """
    wanted = (table_options or TableOptions()).checked()
    with reading(path, "a Parquet file"), Parts(path) as parts:
        label, features = _chosen(parts, path, labels, wanted)
        memory = _memory(parts, len(features))
        refuse_too_big(path, memory)
        refuse_bomb(path, memory, parts.size)
        lists = [name for name in features if is_list(parts.schema_arrow.field(name).type)]
        refuse_types(parts.schema_arrow, [name for name in features if name not in lists], label, path)
        found, gaps = (None, []) if label is None else _labels(path, label, wanted)
        if lists:
            x = _only_list(parts, lists[0], features, path)
            y = None if found is None else _label_values(found, None, path)
            about = f"{path.name}, lists of {lists[0]}"
            return Dataset(x, y, name=path.stem, description=about, label_gaps=wanted.label_gaps)
        x, schema, signs = read_columns(path, features, parts.rows)
        columns = column_texts(features)
        refuse_unusable(path, x, columns, "row", range(1, len(x) + 1), wanted.gaps)
    x, rows, said = settled(x, path, columns, wanted.gaps, coded=coded(schema), empty_labels=gaps)
    y = None if found is None else _label_values(found, rows, path)
    about, named = f"{path.name}, {len(features)} columns", tuple(features)
    notes = (*(f"{path.name}: {note}" for note in signs), *notes_of(path.name, schema), *said)
    return without_index(
        Dataset(
            x,
            y,
            name=path.stem,
            description=about,
            feature_names=named,
            notes=notes,
            row_numbers=rows,
            columns=schema,
            label_gaps=wanted.label_gaps,
        )
    )


def _only_list(parts: Parts, name: str, features: Sequence[str], path: Path) -> NDArray[Any]:
    """The lists of the one column that is read."""
    if len(features) > 1:
        others = listed([quoted(other) for other in features if other != name], 6)
        raise InputError(
            f"{shown(path)}: column {quoted(name)} holds lists, and beside it are {others}; read it alone with"
            f" --columns {shown(name)}, or leave it out with --drop {shown(name)} (columns=, drop= in Python)"
        )
    return list_array(parts, name, path)


def _memory(parts: Parts, features: int) -> int:
    """Bytes for x, and for all columns unpacked."""
    return int(max(8 * parts.rows * features, parts.unpacked))


def _chosen(file: Parts, path: Path, labels: str | None, wanted: TableOptions) -> tuple[str | None, list[str]]:
    """The column of labels, and those of the data."""
    names = list(file.schema_arrow.names)
    if len(set(names)) != len(names):
        raise InputError(f"{shown(path)} has several columns of one name; rename all but one")
    label = None if labels is None else names[label_position(names, len(names), labels, path)]
    kept = [names[i] for i in wanted.kept(names, len(names), path)]
    features = [n for n in kept if n != label and not n.startswith(PANDAS_INDEX)]
    if not features or not file.rows:
        raise InputError(f"{shown(path)} has no {'columns' if not features else 'rows'} for the data")
    return label, features


def _labels(path: Path, name: str, wanted: TableOptions) -> tuple[Any, Sequence[int]]:
    """The column of labels, and the rows where it has no value; text stays a dictionary of its distinct values."""
    with Parts(path, read_dictionary=[name]) as parts:
        column = parts.column(name)
    gaps: list[int] = np.flatnonzero(column.is_null().to_numpy()).tolist() if column.null_count else []
    if gaps and not wanted.label_gaps and wanted.gaps != DROP:
        raise missing_labels(path, f"column {quoted(name)}", len(gaps), f"row {gaps[0] + 1}")
    return column, gaps


def label_values(column: Any, path: Path, *, gaps: bool) -> NDArray[Any]:
    """A whole column as labels.

    :raises InputError: a row lacks its own, and none may.
    """
    if column.null_count and not gaps:
        row = int(np.flatnonzero(column.is_null().to_numpy())[0])
        raise missing_labels(path, "the column of labels", column.null_count, f"row {row + 1}")
    return _label_values(column, None, path)


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
    texts = column.to_pylist()
    return labels_with_gaps(texts, [row for row, text in enumerate(texts) if text is None], path)
