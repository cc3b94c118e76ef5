"""What a file is by its name, and its bytes where it may be packed."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TextIO

from aevum.data.excel import is_excel, sheet_of, sheet_text
from aevum.data.files import explain, file_size, refuse_bomb, refuse_too_big, shown
from aevum.errors import InputError

PACKED = (".gz", ".bz2", ".xz", ".zip")
TEXT_TABLES = (".csv", ".tsv", ".txt", ".tab", ".dat", ".data")
PARQUET = (".parquet", ".pq")
# Of these, ``labels`` is a column or key inside; beside all others it is a file.
_LABELS_INSIDE = (*PARQUET, ".npz", ".h5ad")
_CHUNK = 2**20


def ending(path: Path) -> str:
    """The ending in small letters, of a packed file that of what is in it.

    >>> ending(Path("a.CSV.gz")), ending(Path("a.gz")), ending(Path("a.parquet"))
    ('.csv', '.gz', '.parquet')
    """
    if is_excel(path):
        return sheet_of(path)[0].suffix.lower()
    suffix = path.suffix.lower()
    inner = Path(path.stem).suffix.lower()
    return inner if suffix in PACKED and inner in TEXT_TABLES else suffix


def stem(path: Path) -> str:
    """The name without its ending, or both endings of a packed file.

    >>> stem(Path("a.csv.gz")), stem(Path("a.b.csv"))
    ('a', 'a.b')
    """
    if is_excel(path):
        return sheet_of(path)[0].stem
    return Path(path.stem).stem if ending(path) != path.suffix.lower() else path.stem


def is_text_table(path: Path) -> bool:
    """Whether the name says a table as text, packed or not, or a sheet, which is read as one."""
    return ending(path) in TEXT_TABLES or is_excel(path)


def is_parquet(path: Path) -> bool:
    """Whether the name says Parquet."""
    return ending(path) in PARQUET


def has_labels_inside(path: Path) -> bool:
    """Whether the labels of such data are a part of them rather than another file."""
    return is_text_table(path) or ending(path) in _LABELS_INSIDE


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked.

    :raises InputError: it can't be read, or is damaged; also while the block reads.
    """
    if is_excel(path):
        yield io.BytesIO(sheet_text(path))
        return
    suffix = path.suffix.lower()
    packed = suffix in PACKED and ending(path) != suffix
    try:
        with _unpacking(path, suffix) if packed else path.open("rb") as stream:
            yield stream
    except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError):
        raise InputError(f"{shown(path)} can't be unpacked: it is damaged, cut short or something else") from None
    except OSError as error:
        if packed and error.errno is None:  # as bz2 says that data are damaged
            raise InputError(f"{shown(path)} can't be unpacked: it is damaged or something else") from None
        raise explain(path, error) from None


@contextmanager
def opened_text(path: Path, encoding: str) -> Iterator[TextIO]:
    """The file's text, unpacked, with its line ends as they are; what :func:`opened` raises, and UnicodeError."""
    with opened(path) as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as file:
        yield file


def refuse_too_long(path: Path, limit: int) -> None:
    """Refuse a file that takes more than ``limit`` bytes unpacked, or unpacks to far more than data do.

    A packed file is read once for this: what it says of its own length may be a lie.
    """
    if is_excel(path):
        return  # its text has been bounded where it was made
    size = file_size(path)
    if ending(path) == path.suffix.lower():
        refuse_too_big(path, size, limit)
        return
    length = 0
    with opened(path) as stream:
        while chunk := stream.read(_CHUNK):
            length += len(chunk)
            refuse_bomb(path, length, size)
            refuse_too_big(path, length, limit)
    if not length:
        raise InputError(f"{shown(path)} is empty: nothing is packed in it")


def _unpacking(path: Path, suffix: str) -> IO[bytes]:
    if suffix == ".zip":
        return _only_member(path)
    return {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}[suffix](path, "rb")  # type: ignore[operator,no-any-return]


def _only_member(path: Path) -> IO[bytes]:
    """The one file of an archive such as ``t.csv.zip``."""
    archive = zipfile.ZipFile(path)
    found = [info for info in archive.infolist() if not info.is_dir() and not info.filename.startswith("__MACOSX")]
    if len(found) != 1 or found[0].flag_bits & 1:
        archive.close()
        what = f"holds {len(found)} files" if len(found) != 1 else "is locked by a password"
        raise InputError(f"{shown(path)} {what}; unpack it first and name a table")
    return archive.open(found[0])
