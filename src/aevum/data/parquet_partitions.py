"""A table's Parquet files in folders such as ``year=2020``, as Hive, Spark and pyarrow write them: a column each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from aevum.data.kinds import is_parquet

NOTES = (".crc", ".json", ".md", ".txt")
# What stands for no value, and how deep such folders may lie in one another.
NULL, DEEPEST = "__HIVE_DEFAULT_PARTITION__", 8
# The values that a file's folders give, by their columns.
Values = Mapping[str, str | None]


def part_files(folder: Path, depth: int = 0) -> list[tuple[Path, dict[str, str | None]]] | None:
    """The Parquet files of one table in the order of their names, and what their folders say of them; None where a
    folder holds more than that and notes about it.
    """
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith((".", "_")))
    parts = [entry for entry in entries if is_parquet(entry) and entry.is_file()]
    others = [entry for entry in entries if entry not in parts and entry.suffix.lower() not in NOTES]
    if not others:
        return [(part, {}) for part in parts] if parts else None
    found: list[tuple[Path, dict[str, str | None]]] = []
    for entry in others:
        name, equals, value = entry.name.partition("=")
        inside = part_files(entry, depth + 1) if name and equals and entry.is_dir() and depth < DEEPEST else None
        if parts or inside is None:
            return None
        own = {unquote(name): None if value == NULL else unquote(value)}
        found += [(part, {**own, **values}) for part, values in inside]
    return found


def typed(values: Sequence[str | None]) -> Any:
    """The Arrow array of what folders say of their files: whole numbers where all are, else words.

    >>> typed(["2019", "2020", None]).type, typed(["07", "x"]).to_pylist()
    (DataType(int64), ['07', 'x'])
    """
    import pyarrow

    whole = all(value is None or (value.removeprefix("-").isdecimal() and len(value) < 18) for value in values)
    if whole and any(value is not None for value in values):
        return pyarrow.array([None if value is None else int(value) for value in values], pyarrow.int64())
    return pyarrow.array(values, pyarrow.string())


class Partition:
    """A Parquet file with further columns that hold one value each.

    Args:
        file: pyarrow's.
        own: column ↦ its value, an Arrow array of one.
    """

    def __init__(self, file: Any, own: Mapping[str, Any]) -> None:
        self.file, self.own, self.metadata = file, own, file.metadata
        self.schema_arrow = file.schema_arrow
        for name, value in own.items():
            self.schema_arrow = self.schema_arrow.append(_field(name, value))

    def close(self) -> None:
        self.file.close()

    def read(self, columns: Sequence[str], **options: Any) -> Any:
        """These columns as a table."""
        return self._with(self.file.read(columns=self._inside(columns), **options), columns)

    def read_row_group(self, group: int, columns: Sequence[str], **options: Any) -> Any:
        """These columns of a row group as a table."""
        return self._with(self.file.read_row_group(group, columns=self._inside(columns), **options), columns)

    def iter_batches(self, columns: Sequence[str], **options: Any) -> Iterator[Any]:
        """The same in batches."""
        for batch in self.file.iter_batches(columns=self._inside(columns), **options):
            yield self._with(batch, columns)

    def _inside(self, columns: Sequence[str]) -> list[str]:
        """Those that the file holds; the first of its own where it holds none, to know how many rows there are."""
        inside = [name for name in columns if name not in self.own]
        return inside or list(self.file.schema_arrow.names[:1])

    def _with(self, rows: Any, columns: Sequence[str]) -> Any:
        import pyarrow

        for name, value in self.own.items():
            if name in columns:
                rows = rows.append_column(_field(name, value), pyarrow.repeat(value[0], rows.num_rows))
        return rows.select(list(columns))


def _field(name: str, value: Any) -> Any:
    import pyarrow

    return pyarrow.field(name, value.type)
