"""Files that commands write: looked at before the work starts, and there whole or not at all."""

from __future__ import annotations

import importlib
import json
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from aevum.cli.plain import one_line, say
from aevum.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from aevum.data import Dataset
    from aevum.data.own_cells import Style

    Array = NDArray[np.generic]

TABLES = (".csv", ".parquet")
LABEL, FILE, ROW = "label", "file", "row"


def print_json(answer: Mapping[str, Any]) -> None:
    """One JSON object on stdout; numbers that JSON lacks become null."""
    click.echo(json.dumps(_plain(answer), indent=2, allow_nan=False))


def print_pairs(pairs: Mapping[str, object]) -> None:
    """A name and what it is, one a line; no line is broken, so that paths can be copied.

    What stands in a file may hold control characters, which a terminal would obey.
    """
    width = max(map(len, pairs))
    for name, value in pairs.items():
        click.echo(f"{name:<{width}}  {one_line(value)}")


def output_file(text: str, suffixes: Sequence[str], force: bool) -> Path:
    """The path of a file to write, after every check that can be made before the work.

    Raises:
        InputError: another suffix, a file that exists (without ``force``), or a place that can't be written to.
    """
    if not text:
        raise InputError("-o names no file")
    path = Path(text).expanduser()
    if path.suffix.lower() not in suffixes:
        raise InputError(f"{path}: write to {_either(suffixes)}, not to {path.suffix or 'a name without ending'}")
    path = path.resolve() if path.is_symlink() else path
    if path.exists():
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"{path} is {'a folder' if path.is_dir() else 'no file'}; name a file to write")
        if not force:
            raise InputError(f"{path} exists; --force replaces it")
    if path.suffix.lower() == ".parquet":
        parquet_writer()
    from aevum.storage import check_writable

    check_writable(path)
    return path


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A scratch path to write to; it becomes ``path`` when the block ends well.

    Raises:
        InputError: it can't be written.
    """
    from aevum import storage

    with storage.written(path) as part:
        yield part


def write_array(path: Path, values: Array) -> None:
    """A .npy file."""
    import numpy as np

    with written(path) as part:
        np.save(part, values, allow_pickle=False)


def write_table(
    path: Path,
    columns: Mapping[str, Array] | Sequence[tuple[str, Any]],
    style: Style | None = None,
    like: Any = None,
) -> None:
    """A .csv or .parquet file of named columns of one length; a .csv file in this style, a .parquet file with what the
    schema ``like`` of Arrow tells pandas.
    """
    columns = list(columns.items()) if isinstance(columns, Mapping) else columns
    if path.suffix.lower() == ".csv":
        _write_csv(path, columns, style)
        return
    pyarrow, write = parquet_writer()
    if any(hasattr(values, "iloc") for _, values in columns):  # of a DataFrame, whose types pandas tells itself
        pandas = importlib.import_module("pandas")
        table = pyarrow.Table.from_pandas(pandas.DataFrame(dict(columns)), preserve_index=False)
    else:
        table = pyarrow.table([values for _, values in columns], names=[name for name, _ in columns])
    with written(path) as part:
        write(table if like is None else table.replace_schema_metadata(_told(table.schema, like)), part)


def write_picture(path: Path, images: Array, low: float, high: float, columns: int | None = None) -> None:
    """A .png file with a grid of images; ``low`` is black and ``high`` white."""
    from PIL import Image

    from aevum.plots import image_grid

    grid = image_grid(images, low, high, columns=columns)
    with written(path) as part:
        Image.fromarray(grid).save(part, format="PNG")


def rows_of(values: Mapping[str, Array], labels: Any, rows: Mapping[str, Array] | None = None) -> dict[str, Array]:
    """Columns, after what the rows are called and before their labels, where there are any."""
    columns = {**(rows or {}), **values}
    if labels is not None and labels.dtype.names:
        columns |= {f"{name}_" if name in columns else name: labels[name] for name in labels.dtype.names}
    elif labels is not None:
        columns[LABEL if LABEL not in columns else f"{LABEL}_"] = labels
    return columns


def named_rows(data: Dataset) -> dict[str, Array]:
    """The first column of a table about these rows: the file that each is from, else its name or number."""
    return {FILE if data.rows_are_files else ROW: data.rows}


def _write_csv(path: Path, columns: Sequence[tuple[str, Any]], style: Style | None) -> None:
    import csv

    from aevum.data.own_cells import Style, texts
    from aevum.storage import spelled

    delimiter, encoding, line_end = style or Style()
    cells = [[spelled(cell) for cell in texts(column).tolist()] for _, column in columns]
    # Between spaces an empty cell is nothing, unless it has quotes.
    bare = delimiter == " " and any("" in column for column in cells)

    def write(encoding: str) -> None:
        with written(path) as part, part.open("w", encoding=encoding, newline="") as file:
            quoting: Literal[0, 1] = csv.QUOTE_ALL if bare else csv.QUOTE_MINIMAL
            writer = csv.writer(file, delimiter=delimiter, lineterminator=line_end, quoting=quoting)
            writer.writerow(spelled(name) for name, _ in columns)
            writer.writerows(zip(*cells, strict=True))

    try:
        write(encoding)
    except UnicodeEncodeError as error:
        say(f"warning: {path} is UTF-8, since {encoding} has no {error.object[error.start]!r}")
        write("utf-8-sig")


def _told(made: Any, like: Any) -> dict[bytes, bytes] | None:
    """What a schema tells pandas, of the columns whose type is the same in another."""
    found = like.pandas_metadata
    if not found:
        return None
    same = {name for name in made.names if name in like.names and made.field(name).type == like.field(name).type}
    index = [each for each in found.get("index_columns", []) if isinstance(each, dict) or each in same]
    kept = [each for each in found.get("columns", []) if each.get("field_name") in same]
    return {b"pandas": json.dumps({**found, "index_columns": index, "columns": kept}).encode()}


def parquet_writer() -> tuple[Any, Callable[..., None]]:
    """pyarrow, and what writes its tables.

    Raises:
        InputError: it isn't installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise InputError("parquet needs pyarrow: pip install 'aevum[tables]', or write .csv or .npy") from error
    return pyarrow, pyarrow.parquet.write_table


def _either(words: Sequence[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, float) and value - value != 0.0:
        return None
    return value
