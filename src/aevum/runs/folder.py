"""What a run folder holds, by name: which entries are a run's, and whether one may stand where a folder is."""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath

from aevum import storage
from aevum.errors import InputError

MODEL, REPORT, CARD, METRICS, HISTORY, FIGURES, DATA, CHECKPOINTS = (
    "model", "report.html", "model_card.md", "metrics.json", "history.jsonl", "figures", "data.json", "checkpoints",
)  # fmt: skip
# Where a training's states lie until it has ended: no part of a run, and no obstacle to one.
TRAINING, COMMAND = "training", "command.json"
ENTRIES = frozenset((MODEL, REPORT, CARD, METRICS, HISTORY, FIGURES, DATA, CHECKPOINTS))
# What stands in them by name; anything else is the user's, wherever it lies.
_MODEL_FILE = "|".join(map(re.escape, (storage.CONFIG, storage.TENSORS, storage.CHECKSUMS)))
_FIGURE = (
    r"(history|reconstructions|classes|samples|draws|latent_usage|latents|manifold|traversals|evidence|calibration)"
    r"(-\d+)?\.png"
)
OURS = re.compile(
    rf"{re.escape(REPORT)}|{re.escape(CARD)}|{re.escape(METRICS)}|{re.escape(HISTORY)}|{re.escape(DATA)}"
    rf"|({MODEL}|{CHECKPOINTS}/epoch-\d+)/({_MODEL_FILE})|{FIGURES}/{_FIGURE}"
)


def check_free(folder: str | Path, overwrite: bool = False) -> None:
    """Raise where a run can't be written: before the training is better than after it.

    Raises:
        InputError: the folder exists and may not be replaced.
    """
    try:
        if Path(folder).exists():
            storage.warn_of_recovery(Path(folder))
    except OSError as error:
        raise InputError(f"can't read {folder}: {error.strerror or error}") from error
    check(Path(folder), overwrite)


def check(folder: Path, overwrite: bool) -> None:
    try:
        if not folder.exists():
            return
        if folder.is_dir() and holds_no_run(folder):
            return
        if not overwrite:
            raise InputError(
                f"{folder} exists; choose another folder, or pass overwrite=True (on the command line --force) to "
                f"replace a run"
            )
        if not is_run(folder):
            raise InputError(f"{folder} is no run (no {MODEL}/ and {REPORT}), so it is not replaced; choose another")
        for place in (folder, *(folder / name for name in ENTRIES)):
            # A folder that can't be written to can't be moved either.
            if place.is_dir() and not place.is_symlink() and not os.access(place, os.W_OK | os.X_OK):
                raise InputError(f"{place} may not be written to, so the run in {folder} can't be replaced")
    except OSError as error:
        raise InputError(f"can't read {folder}: {error.strerror or error}") from error


def holds_no_run(folder: Path) -> bool:
    """Whether a folder is empty but for what is on its way, and a training that is."""
    return all(path.name.startswith(storage.OWN) or path.name == TRAINING for path in folder.iterdir())


def is_run(folder: Path) -> bool:
    """Whether a folder's entries of these names are a run's: a report, or the history beside it, is there too, or the
    training whose process was killed while it wrote them.
    """
    beside = (REPORT, HISTORY, f"{TRAINING}/{COMMAND}")
    return storage.is_model(folder / MODEL) and any((folder / name).is_file() for name in beside)


def is_ours(path: PurePosixPath) -> bool:
    """Whether a file of a run folder is one that a run writes; what isn't is never deleted.

    >>> is_ours(PurePosixPath("figures/history.png")), is_ours(PurePosixPath("figures/for-the-thesis.png"))
    (True, False)
    """
    return OURS.fullmatch(path.as_posix()) is not None
