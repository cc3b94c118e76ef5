"""Labels of images from a file: matched by the names of the files, or in the order of the names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aevum.data.columns import label_array
from aevum.data.files import listed, quoted, shown
from aevum.data.image_trees import natural_key
from aevum.data.kinds import is_text_table
from aevum.data.labels import read_labels
from aevum.data.layout import Layout, TextOptions, layout_of, table_rows
from aevum.errors import InputError

_LABEL_NAMES = ("label", "labels", "class", "classes", "category", "target", "y")


class Names(NamedTuple):
    """What each example is called, and the file it is from, both relative to the folder."""

    rows: list[str]
    files: list[str]

    @classmethod
    def of(cls, frames: Sequence[tuple[Path, str]], folder: Path) -> Names:
        """From the path of each example's file, and its frame's number in brackets where it has several."""
        files = [path.relative_to(folder).as_posix() for path, _ in frames]
        return cls([file + frame for file, (_, frame) in zip(files, frames, strict=True)], files)


def read_image_labels(path: Path, names: Names) -> tuple[NDArray[Any], list[str]]:
    """One label for each example, and what should be said.

    A table of two columns, or one with a column "label", is matched by the names of the files (with or without folder
    and ending, in any order). A single column, a .npy or an IDX file is in the order of the names.

    :raises InputError: a picture without a label or with two, or an order that could be meant in two ways.
    """
    if is_text_table(path):
        layout = layout_of(path, TextOptions(), single=True)
        if layout.width - layout.has_index > 1:
            return _matched(path, layout, names)
    files = list(dict.fromkeys(names.files))
    natural = sorted(files, key=natural_key)
    if files != natural:
        first, second = next((a, b) for a, b in zip(files, natural, strict=True) if a != b)
        raise InputError(
            f"{shown(path)} doesn't say which label belongs to which file: by their letters {shown(first)} comes before"
            f" {shown(second)}, by their numbers after it; give it two columns with a first line file,label"
        )
    return read_labels(path, len(names.rows)), []


def _matched(path: Path, layout: Layout, names: Names) -> tuple[NDArray[Any], list[str]]:
    table = list(islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None))
    table = [(line, [cell.strip() for cell in row]) for line, row in table if len(row) == layout.width]
    keys = _keys(names)
    hits = [sum(_key(row[i], keys) is not None for _, row in table) for i in range(layout.width)]
    by = int(np.argmax(hits))
    if not hits[by]:
        raise InputError(
            f"{shown(path)} has {layout.width} columns, and none of them names the images ({quoted(names.files[0])},"
            " for example); give it two columns with a first line file,label"
        )
    column = _label_column(path, layout, by)
    found: dict[int, str] = {}
    unknown: list[str] = []
    for line, row in table:
        examples = _key(row[by], keys)
        if examples is None:
            unknown.append(row[by])
            continue
        for example in examples:
            if found.setdefault(example, row[column]) != row[column]:
                raise InputError(
                    f"{shown(path)}, line {line}: {shown(names.rows[example])} has two labels, {quoted(found[example])}"
                    f" and {quoted(row[column])}"
                )
    without = [name for i, name in enumerate(names.rows) if not found.get(i)]
    if without:
        raise InputError(
            f"{shown(path)} has no label for {len(without)} of {len(names.rows)} images ({listed(without, 3)}); add"
            " them, or leave those images out"
        )
    # A first line of names that was taken for data is no picture.
    more = unknown[layout.names is None and _key(table[0][1][by], keys) is None :]
    told = f"{shown(path)}: {len(more)} of its labels name no image in the folder ({listed(more, 3)})"
    notes = [told] if more else []
    return label_array([found[i] for i in range(len(names.rows))], path), notes


def _label_column(path: Path, layout: Layout, by: int) -> int:
    names = [name.lower() for name in layout.names or ()]
    named = [names.index(name) for name in _LABEL_NAMES if name in names and names.index(name) != by]
    others = [i for i in range(layout.has_index, layout.width) if i != by]
    if not named and len(others) != 1:
        raise InputError(
            f"{shown(path)} has {layout.width} columns, and none is called label; call the column of labels label"
        )
    return (named or others)[0]


def _keys(names: Names) -> dict[str, list[int]]:
    """The examples that a name may stand for: by example, by file, then by the file's own name with and without ending.

    Shorter names count only where they belong to one file.
    """
    keys: dict[str, list[int]] = {}
    owners: dict[str, set[str]] = {}
    for i, (row, file) in enumerate(zip(names.rows, names.files, strict=True)):
        frame = row[len(file) :]
        own = PurePosixPath(file)
        for name in {row, file, own.name + frame, own.name, own.with_suffix("").as_posix(), own.stem}:
            keys.setdefault(name, []).append(i)
            owners.setdefault(name, set()).add(file)
    exact = Counter(names.files)
    return {name: rows for name, rows in keys.items() if len(owners[name]) == 1 or name in exact}


def _key(cell: str, keys: dict[str, list[int]]) -> list[int] | None:
    text = cell.replace("\\", "/").removeprefix("./")
    return keys.get(text) or keys.get(PurePosixPath(text).name)
