"""Runs that are there already: their models' places, reports, numbers, the epochs that they kept, and their data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from aevum.data import Dataset, datasets
from aevum.errors import InputError
from aevum.runs.folder import CHECKPOINTS, METRICS, MODEL, REPORT
from aevum.runs.unfinished import is_unfinished
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
    if is_unfinished(folder) and not is_model(folder / MODEL):
        raise InputError(f"{folder} holds a training that was cut off; aevum train --resume {text} goes on with it")
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


def trained_on(metrics: Record, found: Dataset) -> bool:
    """Whether a run was trained on these rows, as far as their name and number tell."""
    about = metrics.get("data")
    return isinstance(about, dict) and (about.get("name"), about.get("shape")) == (found.name, list(found.shape))


def run_names(runs: tuple[str, ...]) -> dict[str, str]:
    """A short name for each run: its folder's, or the whole path where folders share a name.

    Raises:
        InputError: a run is named twice.

    >>> run_names(("runs/a", "runs/b/")), run_names(("x/a", "y/a"))
    ({'a': 'runs/a', 'b': 'runs/b/'}, {'x/a': 'x/a', 'y/a': 'y/a'})
    """
    places = [Path(run).expanduser().resolve() if run else Path() for run in runs]
    short = [place.name for place in places]
    if len(set(places)) < len(runs):
        raise InputError(
            f"{next(run for run, at in zip(runs, places, strict=True) if places.count(at) > 1)} is named twice"
        )
    return {name if short.count(name) == 1 else run: run for name, run in zip(short, runs, strict=True)}


def data_of(runs: list[str]) -> str:
    """The named set that all runs were trained on.

    Raises:
        InputError: there is none that can be opened by its name.
    """
    known = {named.name for named in datasets()}
    about = [metrics_of(run).get("data") for run in runs]
    names = {str(data.get("name", "")) if isinstance(data, dict) else "" for data in about}
    if len(names) == 1 and names <= known:
        return names.pop()
    raise InputError("say with --data which rows to compare on; the runs name no common data set that has a name")
