"""One Parquet file, or a folder of parts of one table, and columns that hold more than a number: lists, pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.files import file_size, quoted, shown
from aevum.data.parquet_partitions import Partition, Values, part_files, typed
from aevum.errors import InputError, MissingPackageError


def is_parquet_folder(path: Path) -> bool:
    """Whether a folder holds Parquet files, maybe in folders such as ``year=2020``, and nothing else but notes."""
    try:
        return path.is_dir() and part_files(path) is not None
    except (OSError, ValueError):
        return False  # what is wrong with the path is said where it is opened


class Parts:
    """A table's Parquet files, in the order of their names, as if they were one; folders such as ``year=2020`` add a
    column.

    :raises InputError: pyarrow isn't installed, or the files have other columns than the first.
    """

    def __init__(self, path: Path, read_dictionary: Sequence[str] = ()) -> None:
        try:
            import pyarrow.parquet
        except ImportError:
            raise MissingPackageError('reading .parquet needs pyarrow; pip install "aevum[tables]" brings it') from None
        listed = (part_files(path) or []) if path.is_dir() else [(path, {})]
        found = [each for each, _ in listed]
        self.size = sum(map(file_size, found))
        coded = [name for name in read_dictionary if not any(name in values for _, values in listed)]
        self.files: list[Any] = [pyarrow.parquet.ParquetFile(each, read_dictionary=coded) for each in found]
        self._add([values for _, values in listed], path)
        self.schema_arrow = self.files[0].schema_arrow
        for each, file in zip(found, self.files, strict=True):
            if not file.schema_arrow.equals(self.schema_arrow):
                raise InputError(
                    f"{shown(each)} has other columns or types than {shown(found[0].name)}; make them alike"
                )
        self.rows = sum(file.metadata.num_rows for file in self.files)

    def _add(self, values: Sequence[Values], path: Path) -> None:
        """The columns that folders tell, where the files don't hold them."""
        names = list(values[0])
        if any(list(each) != names for each in values):
            raise InputError(
                f"{shown(path)} holds folders of several kinds ({', '.join(sorted({*names, *values[-1]}))}); give each"
                " file the same ones"
            )
        own = {name: typed([each[name] for each in values]) for name in names}
        for i, file in enumerate(self.files):
            kept = {name: column[i : i + 1] for name, column in own.items() if name not in file.schema_arrow.names}
            self.files[i] = Partition(file, kept) if kept else file

    def __enter__(self) -> Parts:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.files:
            file.close()

    @property
    def unpacked(self) -> int:
        """Bytes of all columns, as the files claim.

        By row group, because asking for a column's metadata ends the whole process where the file is damaged: Arrow's
        C++ exception isn't caught there.
        """
        every = [file.metadata for file in self.files]
        return sum(abs(each.row_group(i).total_byte_size) for each in every for i in range(each.num_row_groups))

    def iter_batches(self, **options: Any) -> Iterator[Any]:
        """The batches of all files."""
        for file in self.files:
            yield from file.iter_batches(use_threads=False, **options)

    def column(self, name: str) -> Any:
        """A whole column."""
        import pyarrow

        parts = [file.read(columns=[name], use_threads=False).column(0) for file in self.files]
        return pyarrow.chunked_array([chunk for part in parts for chunk in part.chunks], parts[0].type)


def is_list(kind: Any) -> bool:
    """Whether a column's type is that of lists, such as embeddings or the rows of pictures."""
    from pyarrow import types

    kind = getattr(kind, "storage_type", kind)
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def is_picture(kind: Any) -> bool:
    """Whether a column's type is that of pictures in Hugging Face's data sets: their bytes and the path they had."""
    from pyarrow import types

    if not types.is_struct(kind):
        return False
    fields = {field.name: field.type for field in kind}
    return "bytes" in fields and bool(types.is_binary(fields["bytes"]) or types.is_large_binary(fields["bytes"]))


def list_array(parts: Parts, name: str, path: Path) -> NDArray[Any]:
    """A column of lists as an array ``(N, L)``, of lists of lists ``(N, L, M)``, in the type of its numbers.

    :raises InputError: lists of several lengths, empty ones, or of anything but numbers.
    """
    found = [lists_of(batch.column(0), name, path) for batch in parts.iter_batches(batch_size=2**14, columns=[name])]
    shapes = {part.shape[1:] for part in found if len(part)}
    if len(shapes) != 1:
        raise _uneven(path, name, [shape[0] for shape in shapes])
    return np.concatenate([part for part in found if len(part)])


def lists_of(column: Any, name: str, path: Path) -> NDArray[Any]:
    """The lists of an Arrow array."""
    column = getattr(column, "storage", column)
    shape = [len(column)]
    while is_list(column.type):
        if column.null_count:
            raise InputError(f"{shown(path)}: column {quoted(name)} has {column.null_count} rows without a list")
        inner = column.flatten()
        lengths = {len(inner) // max(1, len(column))}
        if hasattr(column, "offsets"):
            lengths = set(np.diff(column.offsets.to_numpy()).tolist()) or {0}
        if len(lengths) > 1 or (0 in lengths and len(column)):
            raise _uneven(path, name, sorted(lengths))
        shape.append(lengths.pop())
        column = inner
    values = column.to_numpy(zero_copy_only=False)
    if values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise InputError(
            f"{shown(path)}: the lists of column {quoted(name)} hold {column.type} or empty values, not numbers"
        )
    return np.asarray(values).reshape(shape)


def _uneven(path: Path, name: str, lengths: Sequence[int]) -> InputError:
    return InputError(
        f"{shown(path)}: the lists of column {quoted(name)} have lengths from {min(lengths)} to {max(lengths)}; all"
        " must have the same, at least 1"
    )
