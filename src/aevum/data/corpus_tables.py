"""Tables in parts (row groups of Parquet, batches of Arrow, stretches of a data set's rows) as a corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data import schema
from aevum.data.columns import ALWAYS_EMPTY, label_position, numbering
from aevum.data.corpora import Corpus, Part, as_rows
from aevum.data.corpus_pictures import picture_parts
from aevum.data.dataset import Dataset
from aevum.data.files import listed, quoted, shown
from aevum.data.image_folders import ImageOptions
from aevum.data.large import PARTS
from aevum.data.missing import ERROR, MODEL
from aevum.data.parquet import PANDAS_INDEX, label_values
from aevum.data.parquet_columns import columns_of, is_text, read_column, refuse_types
from aevum.data.parquet_parts import is_list, is_picture, lists_of
from aevum.data.schema import Column
from aevum.data.selection import TableOptions
from aevum.errors import InputError

Array = NDArray[Any]
# Of a table of fewer bytes all parts are looked at.
SEEN_WHOLE = 2**28
LABELS = ("label", "labels", "class", "target", "fine_label")


@dataclass(frozen=True)
class Stretch:
    """Rows of a table that are read at once; ``load`` gives these columns of theirs as an Arrow table."""

    rows: int
    load: Callable[[Sequence[str]], Any]
    place: str
    first: int = 0


class Some:
    """Some stretches of a table, as its readers ask for a file."""

    def __init__(self, stretches: Sequence[Stretch], arrow: Any) -> None:
        self.stretches, self.schema_arrow = stretches, arrow
        self.rows = sum(each.rows for each in stretches)

    def iter_batches(self, columns: Sequence[str], **_: Any) -> Iterator[Any]:
        for each in self.stretches:
            yield from each.load(columns).combine_chunks().to_batches()

    def column(self, name: str) -> Any:
        import pyarrow

        chunks = [chunk for each in self.stretches for chunk in each.load([name]).column(0).chunks]
        return pyarrow.chunked_array(chunks, self.schema_arrow.field(name).type)


def open_stretches(
    path: Path,
    stretches: Sequence[Stretch],
    arrow: Any,
    labels: str | None,
    wanted: TableOptions,
    images: ImageOptions,
) -> Dataset:
    """The rows of these stretches: pictures where a column is of pictures, vectors where one is of lists, else a table.

    What a table's columns are (numbers, dates, and of words which) is read off 16 stretches that lie evenly. A later
    one with a word that none of them has ends the reading, with file and row.

    :raises InputError: no such column, several that could be meant, or of kinds that aren't read.
    """
    stretches = [each for each in stretches if each.rows]
    names = list(arrow.names)
    if not stretches:
        raise InputError(f"{shown(path)} has no rows for the data")
    wanted = wanted.checked()
    if wanted.gaps not in (MODEL, ERROR):
        raise InputError(
            f"{shown(path)} is read in parts, so that --missing {wanted.gaps} (missing= in Python) can't be used: leave"
            " empty cells to the model, or take such rows out before"
        )
    kinds = {field.name: _storage(field.type) for field in arrow}
    pictures = [name for name in names if is_picture(kinds[name])]
    held = labels
    if labels is None and pictures:
        held = next((name for name in LABELS if name in names), None)
    label = None if held is None else names[label_position(names, len(names), held, path)]
    every = Some(stretches, arrow)
    y = None if label is None else label_values(every.column(label), path, gaps=wanted.label_gaps)
    kept = [names[i] for i in wanted.kept(names, len(names), path)]
    features = [name for name in kept if name != label and not name.startswith(PANDAS_INDEX)]
    about: dict[str, Any] = {"name": path.stem, "label_gaps": wanted.label_gaps}
    if pictures:
        if len(pictures) > 1:
            raise InputError(f"{shown(path)} has several columns of pictures: {listed(list(map(quoted, pictures)))}")
        x = picture_parts([_cells(each, pictures[0]) for each in stretches], images)
        return Dataset(as_rows(x), y, description=f"pictures of {pictures[0]}", **about)
    if not features:
        raise InputError(f"{shown(path)} has no columns for the data")
    vectors = [name for name in features if is_list(kinds[name])]
    if vectors:
        return Dataset(
            as_rows(_vectors(stretches, vectors, features, path)), y, description=f"lists of {vectors[0]}", **about
        )
    refuse_types(arrow, features, label, path)
    return _table(path, every, features, y, wanted, about)


def _storage(kind: Any) -> Any:
    return getattr(kind, "storage_type", kind)


def _cells(stretch: Stretch, name: str) -> tuple[int, str, int, Callable[[], list[bytes | None]]]:
    def load() -> list[bytes | None]:
        cells = stretch.load([name]).column(0).to_pylist()
        return [cell.get("bytes") if isinstance(cell, Mapping) else None for cell in cells]

    return stretch.rows, stretch.place, stretch.first, load


def _vectors(stretches: Sequence[Stretch], vectors: list[str], features: list[str], path: Path) -> Corpus:
    name = vectors[0]
    if len(features) > 1:
        others = listed([quoted(other) for other in features if other != name], 6)
        raise InputError(
            f"{shown(path)}: column {quoted(name)} holds lists, and beside it are {others}; read it alone with"
            f" --columns {shown(name)}, or leave it out with --drop {shown(name)} (columns=, drop= in Python)"
        )

    def read(stretch: Stretch) -> Array:
        chunks = [chunk for chunk in stretch.load([name]).column(0).chunks if len(chunk)]
        return np.concatenate([lists_of(chunk, name, Path(stretch.place)) for chunk in chunks])

    first = read(stretches[0])
    parts = [Part(each.rows, partial(read, each), each.place, each.first) for each in stretches]
    return Corpus(parts, first.shape[1:], first.dtype)


def _table(
    path: Path, every: Some, features: list[str], y: Array | None, wanted: TableOptions, about: dict[str, Any]
) -> Dataset:
    stretches, arrow = every.stretches, every.schema_arrow
    looked = PARTS if 8 * every.rows * len(features) > SEEN_WHOLE else len(stretches)
    chosen = np.unique(np.linspace(0, len(stretches) - 1, min(looked, len(stretches))).round().astype(int))
    some = Some([stretches[i] for i in chosen], arrow)
    x, columns, signs = columns_of(some, some, features, some.rows, path)
    found = {}
    for column, name in zip(columns, features, strict=True):
        words = not (column.kind == schema.NUMBER and not column.form) and is_text(arrow.field(name).type)
        if words and column.kind not in (schema.CATEGORY, schema.BOOLEAN):
            raise InputError(
                f"{shown(path)}: column {quoted(name)} holds {column.kind}s as text, which isn't read in parts; write"
                " them as numbers or dates, or leave it out with --drop (drop= in Python)"
            )
        found[name] = column
    if wanted.columns is None:
        rows = some.stretches[0].rows
        numbers = set(numbering(features, x[:rows]))
        features = [
            name for place, name in enumerate(features) if place not in numbers or len(numbers) == len(features)
        ]
    kept = tuple(found[name] for name in features)
    arrow_types = {name: arrow.field(name).type for name in features}

    def read(stretch: Stretch) -> Array:
        file = Some([stretch], arrow)
        out = np.empty((stretch.rows, len(features)))
        for j, column in enumerate(kept):
            name = features[j]
            if is_text(arrow_types[name]):
                _words(file, stretch, name, column, out[:, j])
            else:
                read_column(file, name, out[:, j], Path(stretch.place))
        return out

    parts = [Part(each.rows, partial(read, each), each.place, each.first) for each in stretches]
    corpus = Corpus(parts, (len(features),), np.dtype(np.float64), gaps=wanted.gaps == MODEL)
    notes = (*(f"{path.name}: {note}" for note in signs), *schema.notes_of(path.name, kept))
    described = f"{path.name}, {len(features)} columns in {len(parts)} parts"
    return Dataset(
        as_rows(corpus), y, description=described, feature_names=tuple(features), columns=kept, notes=notes, **about
    )


def _words(file: Some, stretch: Stretch, name: str, column: Column, into: Array) -> None:
    known = {text: code for code, text in enumerate(column.categories)}
    if column.kind == schema.BOOLEAN:
        known = {text.lower(): code for text, code in known.items()}
    start = 0
    for batch in file.iter_batches([name]):
        cells = batch.column(0)
        cells = cells if hasattr(cells, "dictionary") else cells.dictionary_encode()
        texts = ["" if text is None else text.strip() for text in cells.dictionary.to_pylist()]
        texts = [text.lower() if column.kind == schema.BOOLEAN else text for text in texts]
        codes = np.array([*(np.nan if text.lower() in ALWAYS_EMPTY else known.get(text, -1) for text in texts), np.nan])
        found = codes[cells.indices.fill_null(len(texts)).to_numpy(zero_copy_only=False)]
        if (new := np.flatnonzero(found == -1)).size:
            text = texts[cells.indices[int(new[0])].as_py()]
            row = stretch.first + start + int(new[0])
            raise InputError(
                f"{stretch.place}, row {row}: column {quoted(name)} holds {quoted(text)}, which none of the parts has"
                f" from which its classes were read: {listed(list(column.categories), 6)}"
            )
        into[start : start + len(found)] = found
        start += len(found)
