"""Who writes: locks that end with their process, however it ends, and folders that one process has for itself.

``filelock`` would do but for one thing: what is locked here lies in folders that others may remove meanwhile.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from aevum.errors import InputError

try:
    import fcntl
except ImportError:  # Windows
    import msvcrt

OWN = ".aevum-"
LOCK, RESERVED = f"{OWN}lock", f"{OWN}reserved"
PATIENCE = 60.0
NO_LINK = getattr(os, "O_NOFOLLOW", 0)  # in a folder from elsewhere one may lead to any place
TAKEN = (errno.EAGAIN, errno.EACCES, errno.EDEADLK)
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)


class Lock:
    """A file that one holder at a time has, among threads and processes; it is there only while it is held."""

    def __init__(self, path: Path) -> None:
        self.path, self._handle = path, -1

    def acquire(self, wait: float = 0.0) -> bool:
        """Whether it is held now, after at most ``wait`` seconds.

        Raises:
            OSError: it can't be made, as in a folder that is gone.
        """
        end = time.monotonic() + wait
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | NO_LINK, 0o666)
            if _take(handle) and _is_at(handle, self.path):
                self._handle = handle
                return True
            os.close(handle)
            if time.monotonic() > end:
                return False
            time.sleep(0.02)

    def release(self) -> None:
        """Give it back and remove its file; a second call does nothing."""
        if self._handle < 0:
            return
        # Removed while it is held: whoever waits finds that the file is another, and takes that one.
        with suppress(OSError):
            self.path.unlink()
        os.close(self._handle)
        self._handle = -1
        with suppress(OSError):  # where a file that is open can't be removed
            if os.name == "nt":
                self.path.unlink()


def _take(handle: int) -> bool:
    """Lock an open file, unless someone else has; where the file system knows no locks there is none to ask."""
    try:
        if os.name == "nt":
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in TAKEN:
            return False
        if error.errno not in NO_LOCKS:
            raise
    return True


def _is_at(handle: int, path: Path) -> bool:
    """Whether the open file is still the one of that name."""
    try:
        return os.path.samestat(os.fstat(handle), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def locked(folder: Path, wait: float = PATIENCE) -> Iterator[None]:
    """One writer of a folder's files at a time; the others wait.

    Raises:
        InputError: another one had it all the while.
    """
    lock = Lock(folder / LOCK)
    if not lock.acquire(wait):
        raise InputError(f"another process has been writing to {folder} for {wait:.0f} s")
    try:
        yield
    finally:
        lock.release()


class Reservation:
    """A folder that is this process's alone, from before there is anything to write until it is released.

    Use :meth:`take`. A folder that was made for it goes again where nothing was written.
    """

    def __init__(self, folder: Path, made: list[Path], lock: Lock) -> None:
        self.folder, self._made, self._lock = folder, made, lock

    @classmethod
    def take(cls, folder: Path, *, replacing: bool = False) -> Self | None:
        """The folder, made where it is missing; None where it is in use, or holds something and nothing is replaced.

        Raises:
            OSError: it can't be made or written to.
        """
        for _ in range(100):
            made = [path for path in (folder, *folder.parents) if not path.exists()]
            folder.mkdir(parents=True, exist_ok=True)
            lock = Lock(folder / RESERVED)
            try:
                if not lock.acquire():
                    return None
            except FileNotFoundError:  # who had it before has just removed it
                continue
            found = cls(folder, made, lock)
            if replacing or found.is_free():
                return found
            found.release()
            return None
        return None

    def is_free(self) -> bool:
        """Whether it still holds nothing but what is on its way."""
        return all(path.name.startswith(OWN) for path in self.folder.iterdir())

    def release(self) -> None:
        """Give it back; a second call does nothing."""
        self._lock.release()
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()
        self._made = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.release()
