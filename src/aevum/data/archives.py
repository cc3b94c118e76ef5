"""Pictures in a .zip or .tar file, read where they lie: nothing is written, so that no name in it leads anywhere."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

from aevum.data.files import file_size, listed, quoted, reading, refuse_bomb, refuse_too_big, shown
from aevum.data.image_files import EXTENSIONS
from aevum.data.kinds import TEXT_TABLES
from aevum.errors import InputError

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
# What WebDataset keeps beside a picture of the same key, and what a label is called in it.
_CLASS, _RECORD = ".cls", ".json"
_LABELS = ("label", "cls", "class", "target")
_TABLES = (*TEXT_TABLES, ".parquet", ".npy", ".npz", ".xlsx")
_MAX_MEMBERS, _LONGEST_RECORD = 10**7, 2**20


def is_archive(path: Path) -> bool:
    """Whether the name says an archive of files.

    >>> is_archive(Path("a.tar.gz")), is_archive(Path("a.csv.gz"))
    (True, False)
    """
    return path.name.lower().endswith(ARCHIVES)


def archive_stem(path: Path) -> str:
    """The name without its ending, such as ``.tar.gz``."""
    found = max((ending for ending in ARCHIVES if path.name.lower().endswith(ending)), key=len, default="")
    return path.name[: len(path.name) - len(found)] or path.name


def names_in(path: Path) -> list[Path]:
    """Where each file of an archive would lie if the archive were a folder.

    :raises InputError: damaged, or no archive.
    """
    with _members(path) as members:
        return [path / inside for inside, _, _ in members]


def pictures_in(path: Path) -> tuple[dict[Path, bytes], list[Path]]:
    """The bytes of each picture, and of what says its label beside it; and where all else would lie.

    :raises InputError: damaged, locked by a password, or more than the limit of memory.
    """
    size, total, held = file_size(path), 0, 0
    kept: dict[Path, bytes] = {}
    others: list[Path] = []
    with _members(path) as members:
        for inside, claimed, read in members:
            total += claimed
            refuse_bomb(path, total, size)
            small = inside.suffix.lower() in (_CLASS, _RECORD) and claimed <= _LONGEST_RECORD
            if small or inside.name.lower().endswith(EXTENSIONS):
                refuse_too_big(path, held := held + claimed)
                kept[path / inside] = read()
            else:
                others.append(path / inside)
    return kept, others


def labels_of_keys(files: dict[Path, bytes], pictures: Iterable[Path]) -> list[str] | None:
    """The labels that WebDataset keeps beside pictures of the same key: ``a/7.jpg`` beside ``a/7.cls`` or ``a/7.json``.

    None where there are none.

    :raises InputError: some pictures have one, and others don't.
    """
    found = {_key(path): label_of(path, raw) for path, raw in files.items() if path.suffix.lower() in (_CLASS, _RECORD)}
    known = {key: label for key, label in found.items() if label is not None}
    wanted = list(pictures)
    without = [path for path in wanted if _key(path) not in known]
    if len(without) == len(wanted):
        return None
    if without:
        raise InputError(
            f"{shown(without[0])} has no label beside it, as {len(wanted) - len(without)} of {len(wanted)} pictures"
            f" have ({_CLASS}, or {quoted(_LABELS[0])} in {_RECORD}); add it, or leave the picture out"
        )
    return [known[_key(path)] for path in wanted]


def no_pictures(path: Path, others: list[Path]) -> InputError:
    """The error for an archive without pictures, which says what it holds."""
    tables = [str(each.relative_to(path)) for each in others if each.suffix.lower() in _TABLES]
    if tables:
        return InputError(f"{shown(path)} holds no pictures, but {listed(tables, 4)}; unpack it and name one of them")
    held = listed([str(each.relative_to(path)) for each in others], 4) or "no files"
    return InputError(f"{shown(path)} holds no pictures: there is {held}")


def label_of(path: Path, raw: bytes) -> str | None:
    """What a file beside a picture says of it; None for nothing."""
    text = raw.decode("utf-8", "replace").strip()
    if path.suffix.lower() == _CLASS:
        return text or None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    found = [record[name] for name in _LABELS if name in record] if isinstance(record, dict) else []
    return str(found[0]) if found and isinstance(found[0], (str, int, float)) else None


def _key(path: Path) -> Path:
    """A file's key: its path up to the first dot of its name."""
    return path.with_name(path.name.split(".", 1)[0] or path.name)


Member = tuple[PurePosixPath, int, Any]


@contextmanager
def _members(path: Path) -> Iterator[Iterator[Member]]:
    """Each file's place, its length, and a function that reads it; links and devices are passed over."""
    file_size(path)
    with reading(path, "an archive"):
        if path.name.lower().endswith(".zip"):
            with zipfile.ZipFile(path) as archive:
                yield _of_zip(archive, path)
        else:
            with tarfile.open(path, "r:*") as tar:
                yield _of_tar(tar, path)


def _of_zip(archive: zipfile.ZipFile, path: Path) -> Iterator[Member]:
    for info in archive.infolist():
        if info.is_dir() or _is_hidden(place := _inside(info.filename)):
            continue
        if info.flag_bits & 1:
            raise InputError(f"{shown(path)} is locked by a password; unpack it first and name the folder")
        yield place, info.file_size, lambda info=info: archive.read(info)


def _of_tar(tar: tarfile.TarFile, path: Path) -> Iterator[Member]:
    for count, member in enumerate(tar):
        if count > _MAX_MEMBERS:
            raise InputError(f"{shown(path)} claims more than {_MAX_MEMBERS:,} files")
        # What is read is done with, and a million of them take a gibibyte.
        tar.members = []  # type: ignore[attr-defined]
        if not member.isreg() or member.issparse() or _is_hidden(place := _inside(member.name)):
            continue
        yield place, member.size, lambda member=member: _whole(tar.extractfile(member), member.size)
    # Two blocks of zeros end an archive; one that is cut between two files looks whole to tarfile.
    if tar.fileobj is not None and not tar.fileobj.read(1):
        raise EOFError


def _whole(stream: IO[bytes] | None, size: int) -> bytes:
    raw = b"" if stream is None else stream.read(size)
    if len(raw) != size:
        raise EOFError
    return raw


def _inside(name: str) -> PurePosixPath:
    """A name as a place below the archive: neither absolute nor above it."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return PurePosixPath(*parts) if parts else PurePosixPath("_")


def _is_hidden(place: PurePosixPath) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in place.parts)
