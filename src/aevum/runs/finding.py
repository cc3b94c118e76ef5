"""A run that is there already: its model's place, its report, its numbers, the epochs that it kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aevum.errors import InputError
from aevum.runs.folder import CHECKPOINTS, METRICS, MODEL, REPORT
from aevum.storage import is_model, model_path

Record = dict[str, Any]


def find_run(text: str) -> Path:
    """The run folder, or model directory, of that name.

    Raises:
        InputError: there is none.
    """
    if not text:
        raise InputError("no run is named; aevum train makes one")
    folder = Path(text).expanduser()
    if folder.is_dir() and not (is_model(folder) or is_model(folder / MODEL)):
        inside = sorted(str(entry) for entry in folder.iterdir() if is_model(entry / MODEL))
        if inside:
            raise InputError(f"{folder} is no run, but holds {', '.join(inside[:8])}{', …' if len(inside) > 8 else ''}")
    model_path(folder)
    return folder


def checkpoints_of(text: str) -> dict[int, Path]:
    """The model directories that a run kept of its training, by epoch."""
    folders = sorted((Path(text).expanduser() / CHECKPOINTS).glob("epoch-*"))
    found = {folder.name.removeprefix("epoch-"): folder for folder in folders}
    return {int(number): folder for number, folder in found.items() if number.isdecimal()}


def report_of(run: Path) -> Path | None:
    """The report of a run folder, or of the run folder of a model directory."""
    found = (folder / REPORT for folder in (run, run.resolve().parent))
    return next((path for path in found if path.is_file()), None)


def read_metrics(folder: Path) -> Record:
    """A run's metrics.json; nothing where it was deleted.

    Raises:
        InputError: the folder is no run, or the file can't be read or is damaged.
    """
    path = folder / METRICS
    if not (folder / MODEL).is_dir():
        raise InputError(f"{folder} is no run folder: it has no {MODEL}/; aevum train makes one")
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror}") from error
    except ValueError as error:
        raise InputError(f"{path} is damaged: {error}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path} is damaged: it holds no object")
    return found


def metrics_of(run: str | Path) -> Record:
    """The same, and nothing for a model directory alone, or where it is damaged: no figure hangs on it."""
    try:
        return read_metrics(Path(run).expanduser())
    except InputError:
        return {}
