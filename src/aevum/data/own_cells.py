"""A table's cells as its file has them, beside those that a model filled in."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aevum.data.cell_forms import dates_like, decimal_mark, numbers_like
from aevum.data.dataset import Dataset
from aevum.data.dates import zone_in
from aevum.data.decimals import POINT, unsigned
from aevum.data.excel import is_excel
from aevum.data.kinds import is_parquet, is_text_table, opened, opened_text
from aevum.data.layout import TextOptions, layout_of, table_rows
from aevum.data.parquet_parts import Parts, is_parquet_folder

Array = NDArray[Any]
# As int64 holds them, and no other way of writing them.
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,17}")


class Style(NamedTuple):
    """How a text table is written."""

    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\r\n"


class Own(NamedTuple):
    """Every column of a file, in its order, as the file has it.

    :param names: what the columns are called; nothing where the file has no names.
    :param cells: of each column a list of texts, or an array of Arrow.
    :param places: which of them the columns of the data are.
    :param mark: of texts, the decimal one.
    :param style: of a file of text, how it is written.
    :param arrow: of a Parquet file, its schema.
    """

    names: tuple[str, ...]
    cells: list[Any]
    places: list[int]
    mark: str = POINT
    style: Style = Style()
    arrow: Any = None


def own_cells(path: Path, data: Dataset, sep: str | None, decimal: str | None, encoding: str | None) -> Own | None:
    """The cells of a file of which ``data``, which have its every row, are some columns.

    None for a file that has no such cells, or where it can't be told which column is which.
    """
    if is_parquet_folder(path) or is_parquet(path):
        with Parts(path) as parts:
            names = list(parts.schema_arrow.names)
            if not data.feature_names or not set(data.feature_names) <= set(names):
                return None  # numbers in lists
            cells, arrow = [parts.column(name) for name in names], parts.schema_arrow
        return Own(tuple(names), cells, [names.index(name) for name in data.feature_names], arrow=arrow)
    if not is_text_table(path):
        return None
    options = TextOptions(sep, decimal, encoding)
    layout = layout_of(path, TextOptions(",", None, "utf-8") if is_excel(path) else options.checked())
    if data.feature_names is None:
        places = list(range(layout.width))
    else:
        called = [name or f"column {i + 1}" for i, name in enumerate(layout.names or ())]
        places = [called.index(name) for name in data.feature_names if name in called]
    rows = [row for _, row in islice(table_rows(path, layout.encoding, layout.delimiter), layout.skip, None)]
    if len(places) != data.shape[1] or len(rows) != len(data):
        return None
    cells = [list(column) for column in zip(*rows, strict=True)]
    mark = decimal or decimal_mark((cells[place], data.x[:, j]) for j, place in enumerate(places))
    style = Style() if is_excel(path) else style_of(path, layout.delimiter, layout.encoding)
    return Own(layout.names or (), cells, places, mark, style)


def style_of(path: Path, delimiter: str, encoding: str) -> Style:
    """A file's separator, its encoding, with a byte-order mark where it has one, and the end of its first line."""
    with opened(path) as file:
        marked = file.read(3) == b"\xef\xbb\xbf"
    with opened_text(path, encoding) as text:
        line_end = "\r\n" if text.readline().endswith("\r\n") else "\n"
    return Style(delimiter, "utf-8" if encoding == "utf-8-sig" and not marked else encoding, line_end)


def kept(own: Any, text: bool) -> Any:
    """A file's column that no model knows, as it is; texts of whole numbers as these where types are asked for.

    >>> kept(["00123", "7"], False).tolist(), kept(["123", "7"], False).tolist(), kept(["123", ""], True).tolist()
    (['00123', '7'], [123, 7], ['123', ''])
    """
    if isinstance(own, list):
        if not text and all(map(_WHOLE.fullmatch, own)):
            return np.array(list(map(int, own)), dtype=np.int64)
        return np.array(own if text else [cell or None for cell in own], dtype=object)
    if not text:
        return own
    cells = _cells(own)
    if any(isinstance(cell, date) for cell in cells) and not _zone(own):
        return texts(np.array([None if cell is None else _moment(cell) for cell in cells], dtype="datetime64[us]"))
    return texts(np.array([*cells, None], dtype=object)[:-1])


def with_own(own: Any, made: Array, read: NDArray[np.float64], text: bool, mark: str = POINT) -> Any:
    """A column ``(N,)`` that a model made of a file's, with the file's own cells where these have a value.

    :param own: the file's cells.
    :param made: the model's: numbers, words, booleans or moments.
    :param read: what was read of the file, NaN where it has no value.
    :param text: whether texts are asked for, else an array with a type.
    :param mark: of texts, the decimal one of the file.

    >>> with_own(["007", ""], np.array([7.0, 2.5]), np.array([7.0, np.nan]), True).tolist()
    ['007', '2.5']
    """
    empty = np.isnan(read)
    if not isinstance(own, list) and (cells := _measured(own, made)) is not None:
        shown = with_own(cells, made, read, True)
        return shown if text else _arrow_texts(shown.tolist(), own.type)
    if not isinstance(own, list):
        return _of_arrow(own, made, empty, text)
    if made.dtype.kind in "fiu":  # a model of whole numbers makes such of all
        every = np.where(empty, made, read)
        made = every.astype(np.int64) if made.dtype.kind != "f" and (every == made).all() else every
    if not text:
        words = made.dtype.kind == "U"
        made = in_own_zone(own, made)
        return np.array([str(made[i]) if empty[i] else cell.strip() for i, cell in enumerate(own)]) if words else made
    filled = like_own(own, made, read, mark).tolist()
    return np.array([filled[i] if empty[i] else cell for i, cell in enumerate(own)], dtype=object)


def like_own(own: Any, made: Array, read: NDArray[np.float64], mark: str = POINT) -> Array:
    """What a model made of a column as text, written as the file writes it where that is text; see :func:`with_own`.

    >>> like_own(["1,50 €", ""], np.array([1.25, 20.0]), np.array([1.5, np.nan]), ",").tolist()
    ['1,25 €', '20,00 €']
    """
    if not isinstance(own, list):
        cells = _measured(own, made)
        if cells is None:
            zoned = in_own_zone(own, made)
            return texts(made if zoned is made else np.array([*zoned.to_pylist(), None], dtype=object)[:-1])
        return like_own(cells, made, read, mark)
    there = [(cell.strip(), value) for cell, value in zip(own, read.tolist(), strict=True) if value == value]
    cells, numbers = [cell for cell, _ in there], [value for _, value in there]
    if made.dtype.kind in "fiu":
        return np.array([*numbers_like(texts(made).tolist(), cells, numbers, mark), None], dtype=object)[:-1]
    dates = dates_like(made, cells) if made.dtype.kind == "M" else None
    return texts(made) if dates is None else np.array([*dates, None], dtype=object)[:-1]


def in_own_zone(own: Any, made: Array) -> Any:
    """Moments in UTC as an array of Arrow in a file's own zone; everything else, and of files without one, as it is."""
    zone = _zone(own)
    if made.dtype.kind != "M" or not zone:
        return made
    import pyarrow

    return pyarrow.array(made).cast(pyarrow.timestamp("us", zone))


def _zone(own: Any) -> str | None:
    """The zone of a file's column of moments; of texts UTC, where some say any."""
    if isinstance(own, list):
        return "UTC" if any(map(zone_in, own)) else None
    return getattr(own.type, "tz", None)


def texts(column: Array) -> Array:
    """Values as a table of text has them: numbers that read back as the same ones, dates as year-month-day."""
    if column.dtype.kind == "M":
        there = column[~np.isnat(column)]
        unit: Any = next(u for u in ("D", "s", "us") if u == "us" or (there == there.astype(f"datetime64[{u}]")).all())
        shown = np.datetime_as_string(column, unit=unit)
        return np.asarray(["" if cell == "NaT" else cell.replace("T", " ") for cell in shown.tolist()])
    if column.dtype.kind == "O":
        return np.array(["" if cell is None else str(cell) for cell in column], dtype=object)
    return column.astype(np.str_)


def _measured(own: Any, made: Array) -> list[str] | None:
    """The cells of an Arrow column of texts that are dates, or numbers with a sign; None for any other."""
    from pyarrow import types

    value = own.type.value_type if types.is_dictionary(own.type) else own.type
    if not (types.is_string(value) or types.is_large_string(value) or types.is_string_view(value)):
        return None
    cells = ["" if cell is None else cell for cell in own.to_pylist()]
    signed = made.dtype.kind in "fiu" and any(unsigned(cell) is not None for cell in cells)
    return cells if made.dtype.kind == "M" or signed else None


def _cells(own: Any) -> list[Any]:
    """An Arrow column's cells, numbers of single precision with no more digits than these have, lengths of time as
    pandas writes them.
    """
    from pyarrow import types

    if types.is_duration(own.type):
        pandas = importlib.import_module("pandas")
        return [None if cell is None else pandas.Timedelta(cell) for cell in own.to_pylist()]
    single = types.is_float32(own.type) or types.is_float16(own.type)
    narrow = np.dtype(own.type.to_pandas_dtype()).type if single else None
    return [cell if cell is None or narrow is None else narrow(cell) for cell in own.to_pylist()]


def _arrow_texts(cells: Sequence[str], kind: Any) -> Any:
    import pyarrow

    value = kind.value_type if pyarrow.types.is_dictionary(kind) else kind
    return pyarrow.chunked_array([pyarrow.array(cells, type=value)])


def _of_arrow(own: Any, made: Array, empty: NDArray[np.bool_], text: bool) -> Any:
    """An Arrow column with the model's values in its gaps, in its type, or else in one that holds both."""
    import pyarrow
    import pyarrow.compute

    if pyarrow.types.is_dictionary(own.type) and empty.any() and not text:
        return _coded(own, made, empty)
    if pyarrow.types.is_dictionary(own.type) and text:
        own = own.cast(own.type.value_type)
    if text:
        cells = _cells(own)
        if _zone(own):
            made = np.array([*in_own_zone(own, made).to_pylist(), None], dtype=object)[:-1]
        shown = [made[i] if empty[i] else cell for i, cell in enumerate(cells)]
        if made.dtype.kind == "M":
            return texts(np.array([_moment(cell) for cell in shown], dtype="datetime64[us]"))
        return np.array([str(cell) for cell in shown], dtype=object)
    if not empty.any():
        return own
    filled = pyarrow.array(made, mask=~empty)
    try:
        filled = filled.cast(own.type)
    except (pyarrow.ArrowInvalid, pyarrow.ArrowNotImplementedError):
        own = own.cast(filled.type, safe=False)
    return pyarrow.compute.if_else(pyarrow.array(empty), filled, own)


def _coded(own: Any, made: Array, empty: NDArray[np.bool_]) -> Any:
    """A dictionary of Arrow with the model's values in its gaps: a dictionary of the same words, if it has these."""
    import pyarrow
    import pyarrow.compute

    words = own.unify_dictionaries().chunk(0).dictionary
    found = _of_arrow(own.cast(own.type.value_type), made, empty, False)
    codes = pyarrow.compute.index_in(found, value_set=words.cast(found.type)).combine_chunks()
    if codes.null_count:
        return found
    coded = pyarrow.DictionaryArray.from_arrays(codes.cast(own.type.index_type), words, ordered=own.type.ordered)
    return pyarrow.chunked_array([coded])


def _moment(cell: Any) -> np.datetime64:
    """A date or a moment, of a zone in UTC."""
    if isinstance(cell, datetime) and (offset := cell.utcoffset()) is not None:
        cell = cell.replace(tzinfo=None) - offset
    return np.datetime64(cell, "us")
