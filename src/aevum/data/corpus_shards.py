"""Shards: folders of nothing but files of one kind, and WebDataset's archives, whose rows lie at known places."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.archives import label_of
from aevum.data.columns import label_array
from aevum.data.corpora import BLOCK, Corpus, Part
from aevum.data.corpus_pictures import picture_parts
from aevum.data.files import reading, shown
from aevum.data.image_files import EXTENSIONS
from aevum.data.image_folders import ImageOptions
from aevum.data.parquet_partitions import NOTES
from aevum.errors import InputError

ARRAY = ".npy"
_LABELS, _LONGEST = (".cls", ".json"), 2**16


def shards_in(folder: Path, endings: tuple[str, ...]) -> list[Path]:
    """The files of these endings, in the order of their names, of a folder that holds nothing else but notes."""
    try:
        entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "_")))
    except (OSError, ValueError):  # what is wrong with the path is said where it is opened
        return []
    found = [entry for entry in entries if entry.suffix.lower() in endings and entry.is_file()]
    others = [entry for entry in entries if entry not in set(found)]
    return [] if any(entry.is_dir() or entry.suffix.lower() not in NOTES for entry in others) else found


class Shard:
    """Where the rows of an archive lie: the place of each member's bytes, which is told by the headers alone."""

    def __init__(self, path: Path) -> None:
        self.path = path
        places, labels, self.labelled = list[tuple[int, int]](), dict[str, str](), list[str | None]()
        keys, endings = list[str](), set[str]()
        with reading(path, "an archive"), tarfile.open(path, "r:") as tar:
            while (member := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # which would hold a record of each
                name = Path(member.name)
                if not member.isfile() or name.name.startswith("."):
                    continue
                key = str(name.with_name(name.name.split(".", 1)[0]))
                if name.suffix.lower() in (*EXTENSIONS, ARRAY):
                    places.append((member.offset_data, member.size))
                    keys.append(key)
                    endings.add(ARRAY if name.suffix.lower() == ARRAY else "picture")
                elif name.suffix.lower() in _LABELS and member.size <= _LONGEST:
                    stream = tar.extractfile(member)
                    label = None if stream is None else label_of(name, stream.read())
                    if label is not None:
                        labels[key] = label
        if len(endings) > 1:
            raise InputError(f"{shown(path)} holds both pictures and arrays; save one of them alone")
        self.arrays = endings == {ARRAY}
        self.places = np.array(places, dtype=np.int64).reshape(-1, 2)
        self.labels = [labels.get(key) for key in keys]

    def cells(self, start: int, stop: int) -> list[bytes | None]:
        """The bytes of these members."""
        with reading(self.path, "an archive"), self.path.open("rb") as file:
            found: list[bytes | None] = []
            for offset, size in self.places[start:stop].tolist():
                file.seek(offset)
                found.append(file.read(size))
            return found


def tar_corpus(path: Path, tars: Sequence[Path], options: ImageOptions) -> tuple[Corpus, NDArray[Any] | None]:
    """Pictures or arrays of uncompressed archives, an example a member, and their labels where all have one.

    :raises InputError: archives of something else, or some rows without a label.
    """
    shards = [shard for shard in map(Shard, tars) if len(shard.places)]
    if not shards or any(shard.arrays != shards[0].arrays for shard in shards):
        raise InputError(f"{shown(path)} holds no pictures or arrays, or both in different shards")
    labels = [label for shard in shards for label in shard.labels]
    without = labels.count(None)
    if 0 < without < len(labels):
        row = labels.index(None)
        raise InputError(f"{shown(path)}: row {row} has no label beside it, as {without} of {len(labels)} rows")
    y = None if without else label_array([str(label) for label in labels], path)
    cells = [
        (stop - start, str(shard.path), start, partial(shard.cells, start, stop))
        for shard in shards
        for start, stop in _stretches(shard)
    ]
    if not shards[0].arrays:
        return picture_parts(cells, options), y
    example = _array(shards[0].cells(0, 1)[0], str(shards[0].path), 0)
    parts = [Part(each[0], partial(_arrays, *each[1:]), each[1], each[2]) for each in cells]
    return Corpus(parts, example.shape, example.dtype), y


def _stretches(shard: Shard) -> list[tuple[int, int]]:
    """Rows of about 16 MB in the archive."""
    of = np.cumsum(shard.places[:, 1]) // BLOCK
    starts = np.flatnonzero(np.diff(of, prepend=-1)).tolist()
    return list(zip(starts, [*starts[1:], len(of)], strict=True))


def _arrays(place: str, first: int, load: Callable[[], list[bytes | None]]) -> NDArray[Any]:
    found = [_array(cell, place, first + row) for row, cell in enumerate(load())]
    if len({(each.shape, each.dtype) for each in found}) > 1:
        row = next(
            row for row, each in enumerate(found) if (each.shape, each.dtype) != (found[0].shape, found[0].dtype)
        )
        raise InputError(
            f"{place}, row {first + row}: an array of shape {found[row].shape} and type {found[row].dtype}, and those"
            f" before it are {found[0].shape} and {found[0].dtype}"
        )
    return np.stack(found)


def _array(cell: bytes | None, place: str, row: int) -> NDArray[Any]:
    try:
        found: NDArray[Any] = np.lib.format.read_array(io.BytesIO(cell or b""), allow_pickle=False)
    except (ValueError, EOFError):
        raise InputError(f"{place}, row {row}: isn't an array of plain numbers") from None
    if found.dtype.kind not in "biuf":
        raise InputError(f"{place}, row {row}: holds {found.dtype}, not numbers")
    return found if found.ndim else found.reshape(1)
