"""Run folders: where a new one goes, and where an old one's report is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aevum.cli.options import OPENING
from aevum.cli.output import check_writable
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator
    from aevum.storage import Reservation


def run_folder(text: str, force: bool) -> Path:
    """The folder of ``--out``, after every check that can be made before the training.

    Raises:
        InputError: it exists (without ``force``), is no run folder, or can't be written.
    """
    if not text:
        raise InputError("--out names no folder")
    folder = Path(text).expanduser()
    if not force and not _is_free(folder):
        raise InputError(f"{folder} exists; --force replaces a run, or choose another --out")
    if force:
        from aevum.plots import check_free

        check_free(folder, overwrite=True)
    check_writable(folder)
    return folder


@contextmanager
def reserved(folder: Path, *, own: bool, force: bool) -> Iterator[Reservation]:
    """A place for a run while the block lasts: ``folder``, or the first free one of ``folder-2``, ``folder-3``, …

    Args:
        folder: where the run should be.
        own: it is the user's own choice: refused where another training has it.
        force: replace the run there.

    Raises:
        InputError: it is in use, or can't be made.
    """
    from aevum.storage import Reservation

    candidates = [folder] if own else (numbered(folder, i) for i in count(1))
    try:
        free = (path for path in candidates if force or _is_free(path))
        found = next((place for path in free if (place := Reservation.take(path, replacing=force))), None)
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
    """``folder`` itself where it is free, else the first free one of ``folder-2``, ``folder-3``, …"""
    return next(path for i in count(1) if _is_free(path := numbered(folder, i)))


def _is_free(folder: Path) -> bool:
    """Whether nothing is there, or an empty folder."""
    from aevum.storage import OWN, warn_of_recovery

    if folder.is_dir():
        warn_of_recovery(folder)
        return all(path.name.startswith(OWN) for path in folder.iterdir())
    return not (folder.exists() or folder.is_symlink())


def default_folder(data: str, model: str) -> Path:
    """``runs/<data>-<model>``, with a name of the data that is fit for a folder.

    >>> default_folder("my data!", "vae").as_posix()
    'runs/my_data_-vae'
    """
    name = "".join(c if c.isalnum() or c in "-_." else "_" for c in data).lstrip(".")[:100]
    return Path("runs") / f"{name or 'data'}-{model}"


def load_run(text: str) -> LatentVariableEstimator:
    """The model of the run folder, or model directory, of that name.

    Raises:
        InputError: there is none, or it can't be read.
    """
    from aevum.storage import is_model, model_path

    if not text:
        raise InputError("no run is named; aevum train makes one")
    folder = Path(text).expanduser()
    if folder.is_dir() and not (is_model(folder) or is_model(folder / "model")):
        inside = sorted(str(entry) for entry in folder.iterdir() if is_model(entry / "model"))
        if inside:
            raise InputError(f"{folder} is no run, but holds {', '.join(inside[:8])}{', …' if len(inside) > 8 else ''}")
    model_path(folder)  # a name that is mistyped is said at once, before the seconds that PyTorch takes to load
    from aevum.recipes import load

    return load(folder)


def checkpoints_of(text: str) -> dict[int, LatentVariableEstimator]:
    """The models that a run kept of its training, by epoch; what can't be read is left out."""
    from aevum.recipes import load

    folders = sorted((Path(text).expanduser() / "checkpoints").glob("epoch-*"))
    found = {}
    for folder in folders:
        number = folder.name.removeprefix("epoch-")
        if number.isdecimal():
            with suppress(InputError):
                found[int(number)] = load(folder)
    return found


# A record names a few files and options.
MOST_BYTES = 2**20


def opening_record(
    data: str,
    labels: str | None = None,
    data_dir: str | None = None,
    image_size: int | None = None,
    split: str = "train",
    **table: Any,
) -> dict[str, Any]:
    """How the data were opened, for another time and another folder: names as they are, paths from the root."""
    from aevum.data import datasets
    from aevum.data.open import LABELS_INSIDE

    if not any(known.name == data for known in datasets()):
        path, separator, key = data.rpartition("::")
        file = Path(path) if separator and path.lower().endswith(".npz") else Path(data)
        inside = file.suffix.lower() in LABELS_INSIDE and not file.expanduser().is_dir()
        labels = labels if labels is None or inside else _from_root(labels)
        data = _from_root(path) + separator + key if str(file) == path else _from_root(data)
    return {
        "data": data,
        "labels": labels,
        "image_size": image_size,
        "data_dir": None if data_dir is None else _from_root(data_dir),
        "split": split,
        **table,
    }


def recorded_opening(run: str) -> dict[str, Any]:
    """What :func:`opening_record` wrote of a run, from its folder, its model directory or one of its checkpoints.

    Raises:
        InputError: nothing is recorded, nothing that aevum wrote, or a file that only somebody else has named.
    """
    from aevum.data.files import quoted
    from aevum.data.origin import is_own

    folder = Path(run).expanduser().absolute()
    inside = {"model": folder, "checkpoints": folder.parent}
    place = next((path.parent for name, path in inside.items() if path.name == name), folder)
    file = place / "data.json"
    if not file.is_file():
        raise InputError(f"{run} doesn't say which data it was trained on")
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ValueError
        record = json.loads(file.read_text(encoding="utf-8"))
        opening = {name: record.get(name) for name in ("data", "split", *OPENING)}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{file} can't be read") from error
    kinds = {"image_size": int, "header": bool, "skip_damaged": bool}
    given = {name: value for name, value in opening.items() if value is not None}
    if "data" not in given or not all(isinstance(value, kinds.get(name, str)) for name, value in given.items()):
        raise InputError(f"{file} holds nothing that aevum wrote")
    if not is_own(record):
        raise InputError(
            f"{run} says that its data are {quoted(given['data'])}, but was not trained by you on this machine: "
            f"a run from elsewhere may name any file, so that one is not opened"
        )
    return {"split": "train", **given}


def _from_root(path: str) -> str:
    return str(Path(path).expanduser().absolute())


def report_of(run: Path) -> Path | None:
    """The report of a run folder, or of the run folder of a model directory."""
    found = (folder / "report.html" for folder in (run, run.resolve().parent))
    return next((path for path in found if path.is_file()), None)


def metrics_of(run: str | Path) -> dict[str, Any]:
    """A run's metrics.json; nothing for a model directory alone, or where it is damaged: no figure hangs on it."""
    from aevum.plots import read_metrics

    try:
        return read_metrics(Path(run).expanduser())
    except InputError:
        return {}
