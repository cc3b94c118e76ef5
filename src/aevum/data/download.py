"""Fetching a file into the cache: several mirrors, a deadline, a size limit, and nothing kept that wasn't checked."""

from __future__ import annotations

import http.client
import os
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from aevum.data.files import shown, size_text
from aevum.errors import InputError

_CHUNK = 2**16


class DownloadError(InputError):
    """No mirror gave the file; the message lists why, mirror by mirror."""


def fetch(
    urls: Sequence[str],
    target: Path,
    check: Callable[[Path], object],
    *,
    max_bytes: int = 64 * 2**20,
    timeout: float = 20.0,
    deadline: float = 600.0,
) -> None:
    """Download ``target`` from the first of ``urls`` whose file ``check`` accepts.

    The bytes go to a temporary file beside ``target``, which takes its name in one step after ``check``; so a
    broken or wrong download leaves nothing, and two processes may fetch at once.

    :param check: called with the temporary file; raises :class:`InputError` where it is wrong.
    :param timeout: seconds to wait for the server to say anything; ``deadline`` bounds a whole transfer.
    :raises DownloadError: every mirror failed.
    :raises InputError: the folder of ``target`` can't be written.
    """
    reasons = []
    for url in urls:
        part = _temporary(target)
        try:
            with part.open("wb") as file:
                _transfer(url, file, max_bytes, timeout, time.monotonic() + deadline)
            check(part)
            part.replace(target)
            return
        except (OSError, http.client.HTTPException, ValueError) as error:
            reasons.append(f"{shown(url.rpartition('/')[0] or url)}: {_reason(error, part, url)}")
        finally:
            part.unlink(missing_ok=True)
    raise DownloadError("; ".join(reasons) or "no mirror is named")


def _temporary(target: Path) -> Path:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    except OSError as error:
        raise InputError(
            f"{shown(target.parent)} can't be written ({shown(error.strerror)}); set AEVUM_CACHE to a folder that can"
        ) from None
    os.close(handle)
    return Path(name)


def _transfer(url: str, file: BinaryIO, max_bytes: int, timeout: float, deadline: float) -> None:
    if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
        raise InputError("not an http or https address")
    request = urllib.request.Request(url, headers={"User-Agent": "aevum"})
    with urllib.request.urlopen(request, timeout=timeout) as response:
        received = 0
        while chunk := response.read1(_CHUNK):
            received += len(chunk)
            if received > max_bytes:
                raise InputError(f"the file is larger than {size_text(max_bytes)}")
            if time.monotonic() > deadline:
                raise InputError("the transfer took too long")
            file.write(chunk)


def _reason(error: Exception, part: Path, url: str) -> str:
    if isinstance(error, urllib.error.HTTPError):
        error.close()
        return f"HTTP {error.code}"
    if isinstance(error, InputError):
        # The temporary file's name means nothing to the reader.
        return str(error).replace(shown(part), shown(url.rsplit("/", 1)[-1]))
    if isinstance(error, TimeoutError):
        return "no answer in time"
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    return shown(getattr(inner, "strerror", None) or inner) or "the connection broke off"
