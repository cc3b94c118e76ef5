"""Run folders: where a new one goes, and where an old one's report is."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from aevum.cli.output import check_writable
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator


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


def free_folder(folder: Path) -> Path:
    """``folder`` itself where it is free, else the first free one of ``folder-2``, ``folder-3``, …"""
    candidates = (folder if i == 1 else folder.with_name(f"{folder.name}-{i}") for i in count(1))
    return next(path for path in candidates if _is_free(path))


def _is_free(folder: Path) -> bool:
    """Whether nothing is there, or an empty folder."""
    if folder.is_dir():
        return not any(folder.iterdir())
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
    from aevum.estimators import load
    from aevum.storage import is_model

    if not text:
        raise InputError("no run is named; aevum train makes one")
    folder = Path(text).expanduser()
    if folder.is_dir() and not (is_model(folder) or is_model(folder / "model")):
        inside = sorted(str(entry) for entry in folder.iterdir() if is_model(entry / "model"))
        if inside:
            raise InputError(f"{folder} is no run, but holds {', '.join(inside[:8])}{', …' if len(inside) > 8 else ''}")
    return load(folder)


def limits_of(estimator: LatentVariableEstimator) -> tuple[float, float]:
    """The lowest and the highest value of the training images, in their own units: black and white of a picture."""
    parts, scaling = estimator.parts_, estimator.scaling_
    low, high = (float(scaling.inverse(scaling.scale.new_tensor(value)).mean()) for value in (parts.low, parts.high))
    return low, high


def report_of(run: Path) -> Path | None:
    """The report of a run folder, or of the run folder of a model directory."""
    found = (folder / "report.html" for folder in (run, run.resolve().parent))
    return next((path for path in found if path.is_file()), None)
