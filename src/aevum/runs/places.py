"""Where a new run goes: a place that is free, can be written and is nobody else's meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from aevum import storage
from aevum.errors import InputError
from aevum.runs.folder import check_free, holds_no_run
from aevum.runs.unfinished import is_unfinished


def run_folder(text: str, force: bool) -> Path:
    """The folder of ``--out``, after every check that can be made before the training.

    Raises:
        InputError: it exists (without ``force``), is no run folder, or can't be written.
    """
    if not text:
        raise InputError("--out names no folder")
    folder = Path(text).expanduser()
    if not force and not is_free(folder):
        if is_unfinished(folder):
            raise InputError(
                f"{folder} holds a training that was cut off; --resume {folder} goes on with it, --force begins anew"
            )
        raise InputError(f"{folder} exists; --force replaces a run, or choose another --out")
    if force:
        check_free(folder, overwrite=True)
    storage.check_writable(folder)
    return folder


@contextmanager
def reserved(folder: Path, *, own: bool, force: bool) -> Iterator[storage.Reservation]:
    """A place for a run while the block lasts: ``folder``, or the first free one of ``folder-2``, ``folder-3``, …

    Args:
        folder: where the run should be.
        own: it is the user's own choice: refused where another training has it.
        force: replace the run there.

    Raises:
        InputError: it is in use, or can't be made.
    """
    candidates = [folder] if own else (numbered(folder, i) for i in count(1))
    try:
        free = (path for path in candidates if force or is_free(path))
        found = next((place for path in free if (place := storage.Reservation.take(path, replacing=force))), None)
    except OSError as error:
        raise InputError(f"can't write {folder}: {error.strerror or error}") from error
    if found is None:
        raise InputError(f"{folder} is in use: another training writes to it; wait for it, or choose another --out")
    with found:
        yield found


def numbered(folder: Path, number: int) -> Path:
    """``folder``, ``folder-2``, ``folder-3``, …"""
    return folder if number == 1 else folder.with_name(f"{folder.name}-{number}")


def free_folder(folder: Path) -> Path:
    """``folder`` itself where no run is there, else the first free one of ``folder-2``, ``folder-3``, …"""
    if folder.is_dir() and holds_no_run(folder):
        return folder
    return next(path for i in count(1) if is_free(path := numbered(folder, i)))


def is_free(folder: Path) -> bool:
    """Whether nothing is there, or an empty folder."""
    if folder.is_dir():
        storage.warn_of_recovery(folder)
        return all(path.name.startswith(storage.OWN) for path in folder.iterdir())
    return not (folder.exists() or folder.is_symlink())


def default_folder(data: str, model: str) -> Path:
    """``runs/<data>-<model>``, with a name of the data that is fit for a folder.

    >>> default_folder("my data!", "vae").as_posix()
    'runs/my_data_-vae'
    """
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in data).lstrip(".")[:100]
    return Path("runs") / f"{name or 'data'}-{model}"
