"""Tables of labels that lie beside the data, and the columns of the data's own file that are none of its features."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from aevum.data.csv_cells import uneven
from aevum.data.dataset import Dataset
from aevum.data.files import file_size, quoted, reading, refuse_bomb, refuse_too_big, shown, user_path
from aevum.data.h5ad import H5AD
from aevum.data.kinds import is_parquet, is_text_table, stem
from aevum.data.layout import TextOptions, layout_of, table_rows
from aevum.data.numpy_files import as_array, read_header, read_npy
from aevum.data.parquet_parts import Parts, is_list
from aevum.errors import InputError, MissingPackageError
from aevum.numerals import class_text

# A file is read whole: of larger ones the other columns are not looked for without being asked.
MOST_UNASKED = 2**28
FORMATS = ".csv, .tsv, .txt, .xlsx, .parquet, .npz, .npy or .h5ad"


def holds_label_table(text: str) -> bool:
    """Whether a text names a file of which :func:`read_label_table` reads columns."""
    path = user_path(text)
    try:
        return path.is_file() and _readable(path)
    except (OSError, ValueError):
        return False


def _readable(path: Path) -> bool:
    return is_text_table(path) or is_parquet(path) or path.suffix.lower() in (".npz", ".npy", H5AD)


def read_label_table(
    path: str | Path, options: TextOptions | None = None, *, without: Collection[str] = ()
) -> pd.DataFrame:
    """A table's columns, as they are stored: of text each cell's text, of an archive its arrays of one axis.

    Args:
        path: the file.
        options: what is said of a table as text.
        without: columns that are not wanted, so that no memory is taken for them.

    Raises:
        InputError: another kind of file, a damaged one, or rows of unequal length.
        MissingPackageError: what reads it isn't installed.
    """
    path = user_path(path)
    file_size(path)
    if is_text_table(path):
        return _text(path, (options or TextOptions()).checked(), without)
    if is_parquet(path):
        return _parquet(path, without)
    suffix = path.suffix.lower()
    if suffix == ".npz":
        return _npz(path)
    if suffix == ".npy":
        return _npy(path)
    if suffix == H5AD:
        return _observations(path)
    raise InputError(f"a table of labels is a {FORMATS} file, and {shown(path)} is none")


def labels_beside(data: Dataset, table: pd.DataFrame, whose: str) -> pd.DataFrame:
    """The table's rows in the order of the data's: by a column with the names of the data's rows, else one by one.

    Raises:
        InputError: no such column, and another number of rows.
    """
    names = data.row_names
    for key in table.columns if names is not None else ():
        column = [str(value) for value in table[key]]
        place = {text: row for row, text in enumerate(column)}
        if len(place) == len(column) and all(name in place for name in names or ()):
            return table.iloc[[place[name] for name in names or ()]].reset_index(drop=True)
    if len(table) != len(data) and data.row_numbers is not None and len(table) > int(data.row_numbers.max()):
        return table.iloc[data.row_numbers].reset_index(drop=True)
    if len(table) != len(data):
        raise InputError(
            f"{whose} has {len(table):,} rows, and the data have {len(data):,}: it must have one for each of them, or"
            f" a column with the names of the data's rows"
            + ("; was the first row, of names, taken for one of data?" if len(table) == len(data) + 1 else "")
        )
    return table


def other_columns(spec: str, data: Dataset, options: TextOptions | None = None) -> pd.DataFrame | None:
    """What the file of some data holds beside their features: columns that were left out or are labels, and names.

    None where there is no such thing, or the file can't be read so; the data are as good without it.
    """
    named = {"name": list(data.row_names)} if data.row_names is not None else {}
    path = user_path(str(spec).partition("::")[0])
    found: pd.DataFrame | None = None
    try:
        if path.is_file() and _readable(path) and file_size(path) <= MOST_UNASKED:
            features = {*(data.feature_names or ())}
            table = read_label_table(path, options, without=features)
            table = table[[name for name in table.columns if name not in features]]
            table = labels_beside(data, table, shown(path)) if len(table.columns) else table
            kept = [name for name in table.columns if not _is_y(table[name], data)]
            found = table[kept] if kept else None
    except (InputError, MissingPackageError):
        found = None
    if not named:
        return found
    names = pd.DataFrame(named)
    return names if found is None else pd.concat([names, found.drop(columns="name", errors="ignore")], axis=1)


def _is_y(column: Any, data: Dataset) -> bool:
    """Whether a column is what the data have for labels already."""
    if data.y is None or data.y.dtype.names is not None:
        return False
    own, other = data.y.tolist(), column.tolist()
    return all(class_text(a) == class_text(b) or _same_number(a, b) for a, b in zip(own, other, strict=True))


def _same_number(a: Any, b: Any) -> bool:
    try:
        return bool(float(a) == float(b))
    except (TypeError, ValueError):
        return False


def _text(path: Path, options: TextOptions, without: Collection[str]) -> pd.DataFrame:
    layout = layout_of(path, options)
    names = _distinct(layout.names or [str(i + 1) for i in range(layout.width)])
    kept = [i for i, name in enumerate(names) if name not in without and not (i == 0 and layout.has_index)]
    if not kept:
        return pd.DataFrame()
    rows = []
    for place, (line, row) in enumerate(table_rows(path, layout.encoding, layout.delimiter)):
        if place < layout.skip:
            continue
        if len(row) != layout.width:
            raise uneven(path, layout, row, line)
        rows.append([row[i] for i in kept])
    return pd.DataFrame(rows, columns=[names[i] for i in kept])


def _distinct(names: Sequence[str]) -> list[str]:
    """Names of which none is empty or there twice.

    >>> _distinct(["a", "", "a"])
    ['a', 'column 2', 'a (2)']
    """
    found: list[str] = []
    for place, name in enumerate(names):
        wished = name.strip() or f"column {place + 1}"
        number, text = 1, wished
        while text in found:
            number += 1
            text = f"{wished} ({number})"
        found.append(text)
    return found


def _parquet(path: Path, without: Collection[str]) -> pd.DataFrame:
    with reading(path, "a Parquet file"), Parts(path) as parts:
        plain = [each.name for each in parts.schema_arrow if not is_list(each.type) and each.name not in without]
        refuse_too_big(path, 16 * parts.rows * max(1, len(plain)))
        refuse_bomb(path, 16 * parts.rows * max(1, len(plain)), parts.size)
        columns = {name: parts.column(name).to_pandas() for name in plain if not name.startswith("__index_level_")}
    return pd.DataFrame(columns)


def _npz(path: Path) -> pd.DataFrame:
    columns: dict[str, Any] = {}
    lengths: list[int] = []
    with reading(path, "an .npz file"), zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.filename.endswith(".npy"):
                continue
            name = info.filename.removesuffix(".npy")
            try:
                with archive.open(info) as stream:
                    header = read_header(stream, f"array {quoted(name)} of {shown(path)}")
                    lengths += header.shape[:1]
                    if len(header.shape) != 1:
                        continue
                    refuse_too_big(path, header.nbytes)
                    refuse_bomb(path, header.nbytes, info.compress_size)
                    raw = np.frombuffer(stream.read(header.nbytes), np.uint8)
            except InputError:
                continue  # arrays of objects and the like: others may be fine
            columns[name] = as_array(raw, header)
    rows = max(lengths, key=lambda n: (lengths.count(n), n), default=0)  # the most common length is that of the rows
    columns = {name: values for name, values in columns.items() if len(values) == rows}
    if not columns:
        raise InputError(f"{shown(path)} has no array of one axis, which a column of labels is")
    return pd.DataFrame(columns)


def _npy(path: Path) -> pd.DataFrame:
    found = np.asarray(read_npy(path))
    if found.ndim == 1:
        return pd.DataFrame({path.stem: found})
    if found.ndim != 2:
        raise InputError(f"{shown(path)} has shape {found.shape}; a table of labels has rows and columns")
    return pd.DataFrame({f"{stem(path)} {place + 1}": found[:, place] for place in range(found.shape[1])})


def _observations(path: Path) -> pd.DataFrame:
    """What an AnnData file says of its observations, with their names."""
    try:
        import anndata
    except ImportError:
        raise MissingPackageError('reading .h5ad needs anndata; pip install "aevum[anndata]" brings it') from None
    with reading(path, "an AnnData file"):
        found = anndata.read_h5ad(path, backed="r")
        try:
            table = found.obs.copy()
        finally:
            found.file.close()
    table.columns = pd.Index([str(name) for name in table.columns])
    names = [str(name) for name in table.index]
    return table.reset_index(drop=True) if "name" in table else table.reset_index(drop=True).assign(name=names)
