"""States of what is under way: numbered folders of one home, each whole, of which the last ones are kept."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from aevum.errors import InputError, ModelFileError
from aevum.storage.files import Scratch, sync, sync_names
from aevum.storage.locks import OWN

STATE, SUMS = "state.json", "checksums.json"
NUMBERED = re.compile(r"\d{12}")
MOST_BYTES = 2**28


def write_state(home: Path, number: int, plain: Mapping[str, Any], fill: Callable[[Path], object], keep: int) -> Path:
    """Write a state's folder, which appears whole or not at all, and remove those before the last ``keep``.

    Its bytes are on the disk before it has its name, and its name before an earlier one goes: there is a whole state at
    each moment after the first, whatever happens in it.

    Args:
        home: the folder of all states, made where it is missing.
        number: what it is called by; the state of the highest number is the last.
        plain: all of it that JSON holds; NaN and the infinities are among that here.
        fill: writes the rest, as files of the folder that it is given.
        keep: how many stay.

    Raises:
        InputError: it can't be written.
    """
    place = home / f"{number:012d}"
    try:
        home.mkdir(parents=True, exist_ok=True)
        with Scratch(home) as scratch:
            made = scratch.new / "made"
            made.mkdir()
            fill(made)
            (made / STATE).write_text(json.dumps(dict(plain)), encoding="ascii")
            sums = {file.name: _digest(file) for file in made.iterdir()}
            (made / SUMS).write_text(json.dumps(sums), encoding="ascii")
            sync(made)
            made.replace(place)
            sync_names(home)
            for old in states(home)[keep:]:
                _remove(old)
    except OSError as error:
        raise InputError(f"can't write a checkpoint to {home}: {error.strerror or error}") from error
    return place


def states(home: Path) -> list[Path]:
    """The folders of states, the last one first."""
    with suppress(OSError):
        return sorted((path for path in home.iterdir() if NUMBERED.fullmatch(path.name)), reverse=True)
    return []


def read_state(place: Path) -> dict[str, Any]:
    """What JSON holds of a state, after a look at the checksums of all of it.

    Raises:
        ModelFileError: it is damaged, or none.
    """
    try:
        sums = json.loads(_bytes(place / SUMS))
        damaged = [name for name in sums if Path(name).name != name or _digest(place / name) != sums[name]]
        if damaged or STATE not in sums:
            raise ModelFileError(f"{place / (damaged or [STATE])[0]} is damaged: its checksum is not the one in {SUMS}")
        found = json.loads(_bytes(place / STATE))
    except OSError as error:
        raise ModelFileError(f"{place} can't be read: {error.strerror or error}") from error
    except (ValueError, RecursionError, TypeError, AttributeError) as error:
        if isinstance(error, ModelFileError):
            raise
        raise ModelFileError(f"{place} holds no state that aevum wrote") from error
    if not isinstance(found, dict):
        raise ModelFileError(f"{place} holds no state that aevum wrote")
    return found


def remove_states(home: Path) -> None:
    """Remove all states, the last one first, and the home where nothing else is in it; what can't be removed stays.

    A state is there whole or gone, so that what is left by a process that is killed here can be gone on from.
    """
    with suppress(OSError), Scratch(home) as scratch:
        for place in states(home):
            place.replace(scratch.new / place.name)
    with suppress(OSError):
        for left in home.glob(f"{OWN}*"):
            shutil.rmtree(left, ignore_errors=True)
        home.rmdir()


def _remove(place: Path) -> None:
    """A state that is being removed is none any more: its sums go first."""
    with suppress(OSError):
        (place / SUMS).unlink()
    shutil.rmtree(place, ignore_errors=True)


def _bytes(file: Path) -> bytes:
    if file.stat().st_size > MOST_BYTES:
        raise ValueError
    return file.read_bytes()


def _digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
