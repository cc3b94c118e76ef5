"""Which records of a run are one's own: a run that came from elsewhere may name any file as its data."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from aevum.data.mnist import cache_folder
from aevum.data.named import datasets

KEY, KEY_BYTES, SIGNATURE = "key", 32, "signature"
# What a record tells of the rows, after they were opened.
FOUND = ("rows", "shape")


def signed(opening: Mapping[str, Any]) -> dict[str, Any]:
    """How data are opened, with a signature where a file or folder is named.

    The key is a secret of this user on this machine, a file of the cache that is made when it is first needed. Where
    there can be none there is no signature either, and whoever wants the data shown must name them.
    """
    plain = {name: value for name, value in opening.items() if name != SIGNATURE}
    key = None if names_no_file(plain) else _key(make=True)
    return plain if key is None else {**plain, SIGNATURE: _signature(plain, key)}


def is_own(record: Mapping[str, Any]) -> bool:
    """Whether what a record names may be opened: it names no file, or this user signed it on this machine."""
    plain = {name: value for name, value in record.items() if name not in (SIGNATURE, *FOUND)}
    if names_no_file(plain):
        return True
    key, found = _key(make=False), record.get(SIGNATURE)
    # Bytes, since text that is no ASCII can't be compared.
    given = str(found).encode("utf-8", "replace")
    return key is not None and hmac.compare_digest(given, _signature(plain, key).encode())


def names_no_file(opening: Mapping[str, Any]) -> bool:
    """Whether all that is opened is a named set.

    >>> names_no_file({"data": "digits"}), names_no_file({"data": "./digits"})
    (True, False)
    >>> names_no_file({"data": "mnist", "data_dir": "/"})
    False
    """
    named = any(known.name == opening.get("data") for known in datasets())
    return named and all(opening.get(name) is None for name in ("labels", "data_dir"))


def _signature(plain: Mapping[str, Any], key: bytes) -> str:
    text = json.dumps({name: value for name, value in plain.items() if value is not None}, sort_keys=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _key(make: bool) -> bytes | None:
    """The secret; None where there is none, and none can be made."""
    with suppress(OSError):
        file = cache_folder() / KEY
        if make and not file.is_file():
            _write_once(file, secrets.token_bytes(KEY_BYTES))
        with file.open("rb") as stream:
            found = stream.read(KEY_BYTES)
        return found if len(found) == KEY_BYTES else None
    return None


def _write_once(file: Path, data: bytes) -> None:
    """Write a file that nobody else may read; of two at once, the first to be whole is the one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, scratch = tempfile.mkstemp(dir=file.parent, prefix=".aevum-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
        try:
            os.link(scratch, file)
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            os.replace(scratch, file)  # noqa: PTH105 - as the lines around it
    finally:
        with suppress(OSError):
            os.unlink(scratch)  # noqa: PTH108 - gone where it was moved
