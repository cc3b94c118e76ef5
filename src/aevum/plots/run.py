"""The run folder: a model with its figures, its numbers and a report."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aevum import storage
from aevum.data.origin import signed
from aevum.errors import InputError
from aevum.plots.card import model_card
from aevum.plots.metrics import metrics_of
from aevum.plots.page import page
from aevum.plots.panels import panels_of
from aevum.plots.style import png_bytes
from aevum.plots.subject import Subject, subject_of

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

MODEL, REPORT, CARD, METRICS, HISTORY, FIGURES, DATA, CHECKPOINTS = (
    "model", "report.html", "model_card.md", "metrics.json", "history.jsonl", "figures", "data.json", "checkpoints",
)  # fmt: skip
ENTRIES = frozenset((MODEL, REPORT, CARD, METRICS, HISTORY, FIGURES, DATA, CHECKPOINTS))


def write_run(
    estimator: LatentVariableEstimator,
    X: Any,
    folder: str | Path,
    y: Any = None,
    *,
    name: str = "data",
    feature_names: Sequence[str] | None = None,
    held_out: tuple[Any, Any] | None = None,
    overwrite: bool = False,
    seconds: float | None = None,
    opening: Mapping[str, Any] | None = None,
    snapshots: Mapping[int, LatentVariableEstimator] | None = None,
) -> Path:
    """Write a fitted model with everything that one wants to see of it; the folder appears whole or not at all.

    The folder holds ``model/`` (which :func:`aevum.load` reads), ``report.html`` (one file, works offline),
    ``model_card.md``, ``metrics.json``, ``history.jsonl``, ``figures/*.png``, with ``opening`` ``data.json`` and with
    ``snapshots`` ``checkpoints/epoch-*/``. Figures are of at most 5,000 rows.

    Args:
        estimator: a fitted AE, DAE, VAE, CVAE or IWAE.
        X: the training data, ``(N, features)`` or ``(N, *image)``; an array, a data frame, or an opened data set.
        folder: where to write.
        y: labels or vectors, one a row: they colour the codes, and a conditional model needs them.
        name: of the data, for headings.
        feature_names: of a table's columns.
        held_out: ``(X, y)`` that the model was not trained on, to be shown and measured instead of X.
        overwrite: replace the run that is in the folder; other files in it are kept.
        seconds: how long training took; None to add up the epochs.
        opening: how :func:`aevum.open_data` opens X: ``{"data": name or absolute path}`` and its options. It is kept in
            ``data.json`` with the number and shape of the rows, and ``aevum explore`` opens X by it again: on this
            machine, for this user, and elsewhere for named sets only.
        snapshots: epoch → the model as it was then (``Snapshots(…).found``); ``aevum explore`` goes through them.

    Returns:
        The folder.

    Raises:
        InputError: the folder exists (and is no run, or ``overwrite`` is false), can't be written, or the data don't
            fit the model.

    Example:
        >>> import tempfile
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=2, random_state=0).fit(digits)
        >>> with tempfile.TemporaryDirectory() as scratch:
        ...     run = write_run(vae, digits, f"{scratch}/run", opening={"data": "digits"})
        ...     sorted(path.name for path in run.iterdir())
        ['data.json', 'figures', 'history.jsonl', 'metrics.json', 'model', 'model_card.md', 'report.html']
    """
    folder = Path(folder)
    check_free(folder, overwrite)
    # The place behind a link or a "." is what gets replaced; the report names the folder as it was given.
    place = folder.resolve()
    made = _made_parents(place.parent)
    try:
        with tempfile.TemporaryDirectory(prefix=".aevum-", dir=place.parent, ignore_cleanup_errors=True) as scratch:
            built = Path(scratch) / "run"
            subject = _build(built, estimator, X, y, name, feature_names, held_out, seconds, str(folder))
            if opening is not None:
                record = {**signed(opening), "rows": subject.shape[0], "shape": list(subject.shape[1:])}
                storage.write_text(built / DATA, json.dumps(record, indent=2, ensure_ascii=False) + "\n")
            for epoch, snapshot in (snapshots or {}).items():
                snapshot.save(built / CHECKPOINTS / f"epoch-{epoch:05d}")
            _swap(built, place, Path(scratch) / "old")
    except BaseException as error:
        for parent in made:
            with contextlib.suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError):
            raise InputError(f"can't write the run to {folder}: {error.strerror or error}") from error
        raise
    return folder


def check_free(folder: str | Path, overwrite: bool = False) -> None:
    """Raise where a run can't be written: before the training is better than after it.

    Raises:
        InputError: the folder exists and may not be replaced.
    """
    folder = Path(folder)
    try:
        if not folder.exists():
            return
        if folder.is_dir() and not any(folder.iterdir()):
            return
        if not overwrite:
            raise InputError(
                f"{folder} exists; choose another folder, or pass overwrite=True (on the command line --force) to "
                f"replace a run"
            )
        if not ((folder / MODEL).is_dir() and (folder / REPORT).is_file()):
            raise InputError(f"{folder} is no run (no {MODEL}/ and {REPORT}), so it is not replaced; choose another")
    except OSError as error:
        raise InputError(f"can't read {folder}: {error.strerror or error}") from error


def _made_parents(parent: Path) -> list[Path]:
    """Make the folders above the run; those that were missing, innermost first."""
    missing = [path for path in (parent, *parent.parents) if not path.exists()]
    try:
        parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"can't make the folder {parent}: {error.strerror or error}") from error
    return missing


def _build(
    built: Path,
    estimator: LatentVariableEstimator,
    X: Any,
    y: Any,
    name: str,
    feature_names: Sequence[str] | None,
    held_out: tuple[Any, Any] | None,
    seconds: float | None,
    shown_folder: str,
) -> Subject:
    """All files of the run, in a folder that nobody knows yet; what they are about."""
    built.mkdir()
    estimator.save(built / MODEL)
    subject = subject_of(estimator, X, y, name, feature_names, held_out)
    metrics, panels = metrics_of(subject, seconds), panels_of(subject)
    images = {panel.key: png_bytes(panel.figure) for panel in panels}
    (built / FIGURES).mkdir()
    for key, data in images.items():
        (built / FIGURES / f"{key}.png").write_bytes(data)
    lines = [json.dumps(storage.finite(record), allow_nan=False) + "\n" for record in estimator.history_]
    storage.write_text(built / HISTORY, "".join(lines))
    storage.write_text(built / METRICS, json.dumps(metrics, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    storage.write_text(built / REPORT, page(subject, metrics, panels, images, shown_folder))
    storage.write_text(built / CARD, model_card(subject, metrics, shown_folder))
    return subject


def _swap(built: Path, folder: Path, old: Path) -> None:
    """Put the new run in place; an old one goes only when the new one is there, and what isn't ours moves over."""
    if not folder.exists():
        built.replace(folder)
        return
    folder.replace(old)
    try:
        built.replace(folder)
    except OSError:
        old.replace(folder)
        raise
    for entry in old.iterdir():
        if entry.name not in ENTRIES:
            entry.replace(folder / entry.name)
