"""Sheets of Excel files as text, which is read as any table is; openpyxl is the optional extra ``aevum[excel]``."""

from __future__ import annotations

import csv
import datetime
import io
import warnings
import zipfile
from collections.abc import Iterable
from contextlib import redirect_stdout
from functools import lru_cache
from pathlib import Path
from typing import Any

from aevum.data.columns import SHEET_ERRORS
from aevum.data.files import MAX_BYTES, file_size, listed, quoted, reading, refuse_bomb, refuse_too_big, shown
from aevum.errors import InputError, MissingPackageError

EXCEL = (".xlsx", ".xlsm")
SEPARATOR = "::"


def sheet_of(path: Path) -> tuple[Path, str | None]:
    """The file and the sheet that ``file.xlsx::sheet`` names.

    >>> sheet_of(Path("a.xlsx::May"))
    (PosixPath('a.xlsx'), 'May')
    """
    text, found, sheet = str(path).rpartition(SEPARATOR)
    named = bool(found) and text.lower().endswith(EXCEL)
    return (Path(text), sheet) if named else (path, None)


def is_excel(path: Path) -> bool:
    """Whether the name says an Excel file, or a sheet of one."""
    return sheet_of(path)[0].suffix.lower() in EXCEL


def sheet_text(path: Path) -> bytes:
    """A sheet as UTF-8 text with commas, a line for each row; the first that holds anything where none is named.

    :raises InputError: openpyxl isn't installed, a damaged file, no such sheet.
    """
    return _read(path)[0]


def other_sheets(path: Path) -> list[str]:
    """What should be said of sheets that aren't read."""
    _, sheet, others = _read(path)
    if sheet_of(path)[1] is not None or not others:
        return []
    file = shown(sheet_of(path)[0].name)
    rest = listed([quoted(other) for other in others], 4)
    return [
        f"{file}: the sheet {quoted(sheet)} is read, and not {rest}; {file}{SEPARATOR}{shown(others[0])} reads that"
    ]


def _read(path: Path) -> tuple[bytes, str, list[str]]:
    file, sheet = sheet_of(path)
    size = file_size(file)
    # openpyxl prints of styles that are damaged, and warns of what it doesn't keep: neither changes a cell's value.
    with reading(file, "an Excel file"), redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _sheet(file, sheet, size, file.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _sheet(file: Path, wanted: str | None, size: int, _: int) -> tuple[bytes, str, list[str]]:
    try:
        import openpyxl
    except ImportError:
        what = f"reading {file.suffix} needs openpyxl"
        raise MissingPackageError(f'{what}; pip install "aevum[excel]" brings it, or save the sheet as .csv') from None
    with zipfile.ZipFile(file) as archive:
        unpacked = sum(info.file_size for info in archive.infolist())
    refuse_bomb(file, unpacked, size)
    refuse_too_big(file, unpacked, MAX_BYTES // 4)
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        names = [sheet.title for sheet in book.worksheets]
        if wanted is not None and wanted not in names:
            raise InputError(f"{shown(file)} has no sheet {quoted(wanted)}; it has: {listed(names)}")
        for name in [wanted] if wanted is not None else names:
            text = _text(file, book[name].iter_rows(values_only=True), size)
            if text.strip():
                return text, name, [other for other in names if other != name]
    finally:
        book.close()
    raise InputError(f"{shown(file)} holds no rows{'' if wanted is None else f' in the sheet {quoted(wanted)}'}")


def _text(file: Path, rows: Iterable[tuple[Any, ...]], size: int) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    for row in rows:
        cells = [_cell(value) for value in row]
        if any(cells):
            writer.writerow(cells)
        else:
            stream.write("\n")  # rows keep their numbers
        refuse_bomb(file, stream.tell(), size)
        refuse_too_big(file, stream.tell(), MAX_BYTES // 4)
    return stream.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> str:
    """A cell's value as other programs write it."""
    if value is None or (isinstance(value, str) and value.lower() in SHEET_ERRORS):
        return ""
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if isinstance(value, datetime.timedelta):
        return repr(value.total_seconds())
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)
