"""Folders of data that are larger than memory, and data sets that are objects, as corpora."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from aevum.data.corpora import BLOCK, Corpus, as_rows, in_blocks
from aevum.data.corpus_shards import shards_in, tar_corpus
from aevum.data.corpus_tables import Stretch, open_stretches
from aevum.data.dataset import Dataset
from aevum.data.files import file_size, reading, shown, user_path
from aevum.data.image_folders import ImageOptions
from aevum.data.kinds import is_parquet
from aevum.data.labels import read_labels
from aevum.data.numpy_files import read_npy
from aevum.data.parquet_partitions import Partition, part_files, typed
from aevum.data.parquet_parts import is_parquet_folder
from aevum.data.selection import TableOptions
from aevum.errors import InputError, MissingPackageError

ARROW = (".arrow", ".feather", ".ipc")
# What takes no more memory than this is read as a whole.
SMALL = 2**31
# Parquet packs numbers into no fewer bytes than this share of theirs, but for columns that hardly change.
MOST_PACKED = 64


def is_arrow(path: Path) -> bool:
    """Whether a path is that of an Arrow file, or of a folder of nothing else but them and notes."""
    return (path.suffix.lower() in ARROW and path.is_file()) or bool(shards_in(path, ARROW))


def is_corpus_only(path: Path) -> bool:
    """Whether these are data that only a corpus reads: shards of arrays, or Arrow files."""
    return is_arrow(path) or bool(shards_in(path, (".npy",)))


def is_larger(path: Path) -> bool:
    """Whether tables or shards of pictures are larger than what is read as a whole."""
    if is_parquet_folder(path) or (is_parquet(path) and path.is_file()):
        files = [file for file, _ in part_files(path) or []] if path.is_dir() else [path]
        if sum(map(file_size, files)) * MOST_PACKED <= SMALL:  # without a look inside
            return False
        with _tables(path):
            return _unpacked(files) > SMALL
    return sum(map(file_size, shards_in(path, (".tar",)))) > SMALL


def _unpacked(files: Sequence[Path]) -> int:
    """Bytes of all columns, as the files claim, and of their numbers in float64."""
    from pyarrow.parquet import ParquetFile

    total = 0
    for each in files:
        with ParquetFile(each) as file:
            groups = [file.metadata.row_group(i) for i in range(file.metadata.num_row_groups)]
            plain = 8 * file.metadata.num_rows * len(file.schema_arrow.names)
            total += max(plain, sum(abs(group.total_byte_size) for group in groups))
    return total


def is_dataset(X: object) -> bool:
    """Whether this is a data set of Hugging Face's library, or one that is used like it."""
    return all(hasattr(X, name) for name in ("features", "with_format", "__getitem__", "__len__"))


def settled(found: Dataset) -> Dataset:
    """A corpus that fits comfortably into memory as an array; all else as it is."""
    if not isinstance(found.x, Corpus) or found.x.nbytes > SMALL:
        return found
    return replace(found, x=found.x[:])


def open_corpus(
    data: Any,
    labels: str | None = None,
    *,
    table: TableOptions | None = None,
    images: ImageOptions | None = None,
) -> Dataset:
    """Open data whose rows are read part by part: as :func:`aevum.open_data`, whatever their size.

    :param data: the path of a folder of .npy shards, Parquet or Arrow files, or WebDataset's uncompressed .tar shards,
        or of one Parquet, Arrow or .tar file; or a data set of Hugging Face's library (what has ``features``,
        ``with_format`` and ``[start:stop]``).
    :param labels: a table's column, or of .npy shards the file of all labels. Without it pictures have those of a
        column that is called label, and those that lie beside them in shards (``7.cls`` beside ``7.png``).
    :param table: which columns of a table are read, and what happens to empty cells: they are left to the model, or an
        error.
    :param images: how pictures are read.
    :returns: a data set whose ``x`` is a :class:`~aevum.data.corpora.Corpus`.
    :raises InputError: none of these, or content that can't be used; names file and row.
    """
    wanted, how = table or TableOptions(), images or ImageOptions()
    if is_dataset(data):
        stretches, arrow = _of_dataset(data)
        label = labels or next((name for name in ("label", "labels") if name in arrow.names), None)
        return open_stretches(Path("dataset"), stretches, arrow, label, wanted, how)
    path = user_path(data)
    if is_parquet_folder(path) or (is_parquet(path) and path.is_file()):
        with _tables(path):
            return open_stretches(path, *_of_parquet(path), labels, wanted, how)
    if is_arrow(path):
        with _tables(path):
            return open_stretches(path, *_of_arrow(path), labels, wanted, how)
    if arrays := shards_in(path, (".npy",)):
        return _of_arrays(path, arrays, labels)
    tars = [path] if path.suffix.lower() == ".tar" and path.is_file() else shards_in(path, (".tar",))
    if tars:
        x, y = tar_corpus(path, tars, how)
        y = y if labels is None else read_labels(user_path(labels), len(x))
        return Dataset(as_rows(x), y, name=path.stem, description=f"{len(x):,} rows of {len(tars)} shards")
    raise InputError(
        f"{shown(path)} isn't read in parts: name a folder of .npy, .parquet, .arrow or .tar files, or one such file"
    )


@contextmanager
def _tables(path: Path) -> Any:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingPackageError(
            'reading tables in parts needs pyarrow; pip install "aevum[tables]" brings it'
        ) from None
    with reading(path, "a table"):
        yield


def _of_arrays(path: Path, files: Sequence[Path], labels: str | None) -> Dataset:
    mapped = [read_npy(file) for file in files]
    first = mapped[0]
    for file, x in zip(files, mapped, strict=True):
        if x.ndim < 2 or x.shape[1:] != first.shape[1:] or x.dtype != first.dtype or x.dtype.kind not in "biuf":
            raise InputError(
                f"{shown(file)} has shape {x.shape} and type {x.dtype}, and {shown(files[0].name)} {first.shape} and"
                f" {first.dtype}: all shards must hold examples of one shape and type, one a row"
            )
    parts = [part for file, x in zip(files, mapped, strict=True) for part in in_blocks(x, str(file))]
    x = as_rows(Corpus(parts, first.shape[1:], first.dtype))
    y = None if labels is None else read_labels(user_path(labels), len(x))
    return Dataset(x, y, name=path.stem, description=f"{len(x):,} rows of {len(files)} files")


def _of_parquet(path: Path) -> tuple[list[Stretch], Any]:
    """The row groups of all files, and their columns, with those that folders such as ``year=2020`` tell."""
    from pyarrow.parquet import ParquetFile

    files = (part_files(path) or []) if path.is_dir() else [(path, {})]
    names = list(files[0][1])
    if any(list(values) != names for _, values in files):
        raise InputError(f"{shown(path)} holds folders of several kinds; give each file the same ones")
    own = {name: typed([values[name] for _, values in files]) for name in names}
    found: list[Stretch] = []
    arrow: Any = None

    def opened(number: int) -> Any:
        file = ParquetFile(files[number][0])
        kept = {
            name: column[number : number + 1] for name, column in own.items() if name not in file.schema_arrow.names
        }
        return Partition(file, kept) if kept else file

    def load(number: int, group: int, columns: Sequence[str]) -> Any:
        with reading(files[number][0], "a Parquet file"):
            file = opened(number)
            try:
                return file.read_row_group(group, columns=list(columns), use_threads=False)
            finally:
                file.close()

    for number, (each, _) in enumerate(files):
        with reading(each, "a Parquet file"):
            file = opened(number)
        arrow = file.schema_arrow if arrow is None else arrow
        if not file.schema_arrow.equals(arrow):
            raise InputError(
                f"{shown(each)} has other columns or types than {shown(files[0][0].name)}; make them alike"
            )
        first = 0
        for group in range(file.metadata.num_row_groups):
            rows = file.metadata.row_group(group).num_rows
            found.append(Stretch(rows, partial(load, number, group), str(each), first))
            first += rows
        file.close()
    return found, arrow


def _of_arrow(path: Path) -> tuple[list[Stretch], Any]:
    """The batches of all files; they stay where they lie until they are looked at."""
    import pyarrow

    files = [path] if path.is_file() else shards_in(path, ARROW)
    found: list[Stretch] = []
    arrow: Any = None
    for each in files:
        with reading(each, "an Arrow file"):
            memory = pyarrow.memory_map(str(each))
            try:
                file = pyarrow.ipc.open_file(memory)
                batches = [file.get_batch(i) for i in range(file.num_record_batches)]
            except pyarrow.ArrowInvalid:
                memory.seek(0)
                file = pyarrow.ipc.open_stream(memory)
                batches = list(file)
        arrow = file.schema if arrow is None else arrow
        if not file.schema.equals(arrow):
            raise InputError(f"{shown(each)} has other columns or types than {shown(files[0].name)}; make them alike")
        first = 0
        for batch in batches:
            found.append(Stretch(batch.num_rows, partial(_of_batch, batch), str(each), first))
            first += batch.num_rows
    return found, arrow


def _of_batch(batch: Any, columns: Sequence[str]) -> Any:
    import pyarrow

    return pyarrow.Table.from_batches([batch]).select(list(columns))


def _of_dataset(data: Any) -> tuple[list[Stretch], Any]:
    """Stretches of a data set's rows of about 16 MB, as Arrow tables or dictionaries of arrays."""
    with _tables(Path("dataset")):
        rows = _rows_as_tables(data)
        first = rows(0, 1)
        size = int(max(1, min(2**16, BLOCK // max(1, first.nbytes))))
    starts = range(0, len(data), size)

    def load(start: int, stop: int, columns: Sequence[str]) -> Any:
        return rows(start, stop).select(list(columns))

    stops = [min(start + size, len(data)) for start in starts]
    return [
        Stretch(stop - start, partial(load, start, stop), "the data set", start)
        for start, stop in zip(starts, stops, strict=True)
    ], first.schema


def _rows_as_tables(data: Any) -> Callable[[int, int], Any]:
    import pyarrow

    for form in ("arrow", "numpy"):
        with suppress(ValueError, TypeError, NotImplementedError):
            formed = data.with_format(form)
            one = formed[0:1]
            if isinstance(one, pyarrow.Table):
                return lambda start, stop: formed[start:stop]
            if isinstance(one, Mapping):
                return lambda start, stop: pyarrow.table(
                    {str(name): _arrow(values) for name, values in formed[start:stop].items()}
                )
    raise InputError(f"X is a {type(data).__name__}, whose rows come neither as Arrow tables nor as arrays")


def _arrow(values: Any) -> Any:
    """Values of rows as an Arrow array, of several dimensions as lists of lists."""
    import pyarrow

    array = np.asarray(values)
    if array.dtype == object or array.ndim == 0:
        return pyarrow.array(list(values))
    found = pyarrow.array(np.ascontiguousarray(array).reshape(-1))
    for size in array.shape[:0:-1]:
        found = pyarrow.FixedSizeListArray.from_arrays(found, size)
    return found
