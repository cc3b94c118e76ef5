"""Pictures in a column of Parquet files, as Hugging Face's data sets hold them: bytes, and the path that they had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aevum.data.columns import label_array
from aevum.data.dataset import Dataset
from aevum.data.files import listed, quoted, reading, refuse_bomb, refuse_too_big, shown
from aevum.data.image_folders import ImageOptions, open_images
from aevum.data.kinds import is_parquet
from aevum.data.parquet_parts import Parts, is_parquet_folder, is_picture
from aevum.data.trees import ArchiveTree
from aevum.errors import InputError

_LABELS = ("label", "labels", "class", "target", "fine_label")


def picture_columns(path: Path) -> list[str]:
    """The columns of pictures.

    :raises InputError: damaged, or pyarrow isn't installed.
    """
    with reading(path, "a Parquet file"), Parts(path) as parts:
        return [field.name for field in parts.schema_arrow if is_picture(field.type)]


def holds_pictures(path: Path) -> bool:
    """Whether a path is that of Parquet files with pictures in them."""
    return (is_parquet_folder(path) or (is_parquet(path) and path.is_file())) and bool(picture_columns(path))


def open_pictures(path: Path, columns: Sequence[str], labels: str | None, options: ImageOptions) -> Dataset:
    """The pictures of the one such column; labels from the column of that name, or one that is called label.

    :raises InputError: several columns of pictures, rows without one, no such column of labels.
    """
    if len(columns) > 1:
        raise InputError(
            f"{shown(path)} has several columns of pictures: {listed([quoted(name) for name in columns])}; save one of"
            " them alone"
        )
    with reading(path, "a Parquet file"), Parts(path) as parts:
        refuse_too_big(path, parts.unpacked)
        refuse_bomb(path, parts.unpacked, parts.size)
        names = list(parts.schema_arrow.names)
        label = labels if labels is not None else next((name for name in _LABELS if name in names), None)
        if label is not None and label not in names:
            raise InputError(f"{shown(path)} has no column {quoted(label)}; it has: {listed(names)}")
        cells = parts.column(columns[0]).to_pylist()
        words = None if label is None else parts.column(label).to_pylist()
    empty = [row for row, cell in enumerate(cells) if not isinstance(cell, Mapping) or not cell.get("bytes")]
    if empty:
        raise InputError(
            f"{shown(path)}, row {empty[0] + 1}: column {quoted(columns[0])} holds no picture, as in {len(empty)} rows"
        )
    files = {path / _name(row, cell, len(cells)): cell["bytes"] for row, cell in enumerate(cells)}
    return open_images(path, None, options, tree=_Rows(path, files, words))


class _Rows(ArchiveTree):
    """The pictures of a column, in its order."""

    def __init__(self, root: Path, files: Mapping[Path, bytes], labels: Sequence[Any] | None) -> None:
        super().__init__(root, files, ())
        self.labels = labels

    def keyed_labels(self) -> list[object]:
        """The label of each picture; an empty list where there are none."""
        if self.labels is None:
            return []
        if any(label is None for label in self.labels):
            raise InputError(f"the label of row {list(self.labels).index(None) + 1} is missing; leave such rows out")
        found: list[object] = label_array([str(label) for label in self.labels], self.images[0]).tolist()
        return found


def _name(row: int, cell: Mapping[str, Any], rows: int) -> str:
    """A picture's row, so that they stay in order, and the name that it had."""
    given = Path(str(cell.get("path") or "").replace("\\", "/")).name
    number = f"{row:0{len(str(rows))}}"
    return (
        f"{number}-{given}" if given.lower().endswith((".png", ".jpg", ".jpeg", ".tif", ".tiff")) else f"{number}.png"
    )
