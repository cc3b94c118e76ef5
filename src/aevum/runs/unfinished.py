"""Runs that are being trained, or were when they were cut off: their checkpoints, and the command that began them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aevum import storage
from aevum.data.origin import is_own, signed
from aevum.errors import InputError
from aevum.runs.folder import COMMAND, MODEL, TRAINING

# A record names a few files and options.
MOST_BYTES = 2**20


def is_unfinished(folder: Path) -> bool:
    """Whether a training in this folder can be gone on with."""
    return (folder / TRAINING / COMMAND).is_file() or has_states(folder)


def is_finished(folder: Path) -> bool:
    """Whether the run is there, and nothing is left of its training to be gone on with."""
    return storage.is_model(folder / MODEL) and not is_unfinished(folder)


def has_states(folder: Path) -> bool:
    """Whether it has got so far that there is a checkpoint."""
    return bool(storage.states(folder / TRAINING))


def note_command(folder: Path, command: Mapping[str, Any]) -> None:
    """Write down what began a training, so that it can be said again; it stays as it is where it is there already.

    Raises:
        InputError: it can't be written.
    """
    home = folder / TRAINING
    if (home / COMMAND).is_file():
        return
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"can't make the folder {home}: {error.strerror or error}") from error
    storage.write_json(home / COMMAND, signed({"command": dict(command)}))


def noted_command(folder: Path) -> dict[str, Any]:
    """What :func:`note_command` wrote.

    Raises:
        InputError: there is nothing, nothing that aevum wrote, or what somebody else has written: a command may name
            any file, and code.
    """
    file = folder / TRAINING / COMMAND
    if not file.is_file():
        what = "is finished" if storage.is_model(folder / MODEL) else "holds no training that was begun"
        raise InputError(f"{folder} {what}: there is nothing to go on with")
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ValueError
        record = json.loads(file.read_text(encoding="utf-8"))
        found = dict(record["command"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(f"{file} can't be read") from error
    if not is_own(record):
        raise InputError(
            f"the training in {folder} was not begun by you on this machine, and its command may name any file: give "
            f"the command again, with --resume {folder} instead of --out"
        )
    return found


def forget_training(folder: Path) -> None:
    """Remove what a training left to be gone on with."""
    home = folder / TRAINING
    (home / COMMAND).unlink(missing_ok=True)
    storage.remove_states(home)
