"""Files that appear whole or not at all.

Whatever is on its way lies in a folder ``.aevum-…`` beside its place, on which its process holds a lock. What a process
left that was killed has a lock that nobody holds: it is found by that.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aevum.errors import InputError
from aevum.storage.locks import OWN, Lock

HELD, NEW, OLD, JOURNAL, DONE = "lock", "new", "old", "journal.json", "done.json"
# Bytes of a name that no UTF-8 has, as Python reads them: half of a pair each.
SURROGATES = re.compile("[\ud800-\udfff]")


class Scratch:
    """A folder ``home/.aevum-…`` to make things in: ``new`` in it is empty, and goes with it at the end."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def __enter__(self) -> Self:
        for found, lock in left(self.home):
            if is_plain(found):
                clear(found)
            lock.release()
            with suppress(OSError):
                found.rmdir()
        while True:
            self.path = Path(tempfile.mkdtemp(prefix=OWN, dir=self.home))
            self._lock = Lock(self.path / HELD)
            # Someone who looks for what was left may take an empty folder for it; then there is a next one.
            with suppress(FileNotFoundError):
                if self._lock.acquire():
                    break
        self.new = self.path / NEW
        try:
            self.new.mkdir()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        clear(self.path)
        self._lock.release()
        with suppress(OSError):
            self.path.rmdir()


def left(home: Path) -> Iterator[tuple[Path, Lock]]:
    """Such folders that nobody works in any more, each with its lock, to be released."""
    try:
        with os.scandir(home) as entries:
            names = sorted(entry.name for entry in entries if entry.name.startswith(OWN))
    except OSError:
        return
    for name in names:
        found = home / name
        lock = Lock(found / HELD)
        with suppress(OSError):  # it may go at any moment
            # No entry of such a folder is made as a link. One in a run that came from elsewhere would lead what is
            # moved, removed or written here to a file of the user's.
            if not found.is_dir() or found.is_symlink() or any(entry.is_symlink() for entry in found.iterdir()):
                continue
            # One that is about to end is waited for: what it replaces is not there for a moment.
            if lock.acquire(10.0 if (found / JOURNAL).exists() else 0.0):
                yield found, lock


def is_plain(found: Path) -> bool:
    """Whether nothing in such a folder is worth a second look: what was made there is of no use by itself."""
    return not any((found / name).exists() for name in (JOURNAL, DONE, OLD, f"{NEW}/model"))


def clear(scratch: Path) -> None:
    """Remove what was made in such a folder, unless it is on its way; what was moved there is never removed so."""
    if (scratch / JOURNAL).exists():
        return
    shutil.rmtree(scratch / NEW, ignore_errors=True)
    if not (scratch / OLD).exists():
        for name in (DONE, f"{JOURNAL}.part"):
            with suppress(OSError):
                (scratch / name).unlink()


def sync(path: Path) -> None:
    """Have a file's bytes, or those of all files of a folder, on the disk before their new name is.

    Raises:
        OSError: they don't fit.
    """
    if path.is_dir():
        for child in path.iterdir():
            sync(child)
        sync_names(path)
        return
    handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_names(folder: Path) -> None:
    """Have the names of a folder's entries on the disk; where that can't be asked for, they will be."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def check_writable(path: Path) -> None:
    """Try to write where ``path`` is to appear, since permissions alone don't tell.

    Raises:
        InputError: it can't be written there.
    """
    place = path if path.is_dir() else path.parent
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
        tried = Path(tempfile.mkdtemp(prefix=OWN, dir=place))
    except OSError as error:
        raise InputError(f"can't write {path}: {place}: {error.strerror or error}") from error
    with suppress(OSError):  # another process may take it for what was left, and removes it itself
        tried.rmdir()


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A path to write to; the file becomes ``path`` when the block ends well, and an old one stays till then.

    Raises:
        InputError: it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with Scratch(path.parent) as scratch:
            part = scratch.new / path.name
            yield part
            sync(part)
            part.replace(path)
            sync_names(path.parent)
    except OSError as error:
        raise InputError(f"can't write {path}: {error.strerror or error}") from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file so that it appears whole or not at all; its folder must be there.

    Raises:
        InputError: it can't be written.
    """
    if not path.parent.is_dir():
        raise InputError(f"can't write {path}: there is no folder {path.parent}")
    with written(path) as part:
        part.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """:func:`write_bytes` of a text in UTF-8, with � for what no encoding has, as names of files may."""
    write_bytes(path, spelled(text).encode())


def write_json(path: Path, value: Any) -> None:
    """:func:`write_bytes` of a value as JSON; what no encoding has comes back from it."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    write_bytes(path, text.encode("utf-8", "backslashreplace"))  # which are JSON's own escapes


def spelled(text: object) -> str:
    r"""A text that every encoder of Unicode takes: � stands for each byte of a file's name that was no UTF-8.

    >>> spelled("caf\udce9")
    'caf�'
    """
    return SURROGATES.sub("\ufffd", str(text))
