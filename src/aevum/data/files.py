"""What every reader must check about a file, and the words it uses when the check fails.

A file is never trusted: what a header claims is compared with the bytes that are there before memory is taken.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError

MAX_BYTES = 8 * 2**30
"""The most memory that one data set may take when it has to be held whole."""

DEFLATE_RATIO = 1032
"""No deflate stream (gzip, zip) unpacks to more than this many times its size, so a larger claim is a lie."""

# Real data of a gibibyte doesn't shrink two-hundredfold; what does is refused, as .npy needs no such limit.
_BOMB_BYTES, _BOMB_RATIO = 2**30, 200
_CHUNK, _LONGEST_NAME = 2**20, 60


class ByteStream(Protocol):
    """The one method that a gzip stream, a zip member and a plain file share here."""

    def read(self, size: int = ..., /) -> bytes: ...


def shown(value: object) -> str:
    r"""The text of a path or a value with everything unprintable escaped, so that a message stays one line.

    >>> shown("a\nb")
    'a\\nb'
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(value))


def quoted(value: object, limit: int = 40) -> str:
    """A value from the user's file between double quotes, cut where it is long."""
    text = shown(value)
    return f'"{text}"' if len(text) <= limit else f'"{text[:limit]}…"'


def listed(names: list[str], limit: int = 12) -> str:
    """Names for a message, cut where there are many."""
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    cut = (text if len(text) <= _LONGEST_NAME else f"{text[:_LONGEST_NAME]}…" for text in map(shown, names[:limit]))
    return ", ".join(cut) + more


def size_text(nbytes: int) -> str:
    """Bytes for people.

    >>> size_text(3 * 2**30)
    '3.0 GiB'
    """
    size = float(nbytes)
    for unit in ("bytes", "KiB", "MiB", "GiB", "TiB"):
        if size < 1024:
            return f"{nbytes} bytes" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1024
    return "more than 1024 TiB"


def user_path(text: str | Path) -> Path:
    """The path with ``~`` replaced by the user's home, where that is known."""
    try:
        return Path(text).expanduser()
    except RuntimeError:
        return Path(text)


def explain(path: Path, error: Exception) -> InputError:
    """The plain sentence for an error of the file system."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return InputError(f"{shown(path)} doesn't exist; check the path")
    if isinstance(error, PermissionError):
        return InputError(f"{shown(path)} may not be read: permission denied; change its permissions or its owner")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else "not a usable path"
    return InputError(f"{shown(path)} can't be opened: {shown(reason)}")


def file_size(path: Path) -> int:
    """The size in bytes of a readable, regular, non-empty file.

    :raises InputError: the path doesn't exist, is no regular file, may not be read or is empty.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or a device"
            raise InputError(f"{shown(path)} is {kind}; name a file")
        with path.open("rb"):
            pass
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise explain(path, error) from None
    if status.st_size == 0:
        raise InputError(f"{shown(path)} is empty (0 bytes)")
    return status.st_size


@contextmanager
def reading(path: Path, kind: str) -> Iterator[None]:
    """Say in one sentence that a file is damaged, whatever its decoder raised.

    The decoders (zip, Pillow, Arrow) document no closed list of what they raise on damaged bytes, hence
    ``Exception``; keep the block around foreign calls as small as it can be.
    """
    try:
        yield
    except InputError:
        raise
    except PermissionError as error:
        raise explain(path, error) from None
    except MemoryError as error:
        raise InputError(f"{shown(path)} doesn't fit in this machine's memory") from error
    except Exception as error:
        raise InputError(
            f"{shown(path)} can't be read as {kind}: it is damaged, cut short or something else"
        ) from error


def refuse_too_big(path: Path, nbytes: int, limit: int = MAX_BYTES) -> None:
    """Refuse what would take more memory than ``limit`` before any of it is taken."""
    if nbytes > limit:
        raise InputError(
            f"{shown(path)} would take {size_text(nbytes)} of memory, more than the limit of {size_text(limit)};"
            " use fewer rows, or an uncompressed .npy file, which isn't loaded whole"
        )


def refuse_bomb(path: Path, unpacked: int, packed: int) -> None:
    """Refuse a packed file that unpacks to far more than data do."""
    if unpacked > _BOMB_BYTES and unpacked > _BOMB_RATIO * packed:
        raise InputError(
            f"{shown(path)} unpacks {size_text(packed)} to {size_text(unpacked)}, which looks like a zip bomb; if you"
            " trust it, save the array as an uncompressed .npy file"
        )


def read_exactly(stream: ByteStream, nbytes: int, path: Path, start: bytes = b"") -> NDArray[np.uint8]:
    """``start`` and the rest of ``stream``, which together must be ``nbytes`` bytes, neither fewer nor more.

    Pages of the buffer are only touched as bytes arrive, so a false claim costs no memory.
    """
    buffer: NDArray[Any] = np.empty(nbytes, dtype=np.uint8)
    buffer[: len(start)] = np.frombuffer(start, dtype=np.uint8)
    filled = len(start)
    while filled < nbytes:
        chunk = stream.read(min(_CHUNK, nbytes - filled))
        if not chunk:
            raise InputError(
                f"{shown(path)} is cut short: its header claims {nbytes} bytes ({size_text(nbytes)}), but only"
                f" {filled} are there"
            )
        buffer[filled : filled + len(chunk)] = np.frombuffer(chunk, dtype=np.uint8)
        filled += len(chunk)
    # Reading on past the end also makes zip and gzip compare their checksums.
    if stream.read(1):
        raise InputError(f"{shown(path)} holds more bytes than the {size_text(nbytes)} that its header claims")
    return buffer
