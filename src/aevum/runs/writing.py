"""Writing a run: a model with its figures, its numbers and a report, whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aevum import storage
from aevum.data.large import some_rows
from aevum.data.origin import signed
from aevum.errors import InputError
from aevum.evaluation.given import described
from aevum.reports.card import model_card
from aevum.reports.metrics import metrics_of
from aevum.reports.page import page
from aevum.reports.panels import panels_of
from aevum.reports.subject import subject_of
from aevum.runs.folder import (
    CARD,
    CHECKPOINTS,
    DATA,
    ENTRIES,
    FIGURES,
    HISTORY,
    METRICS,
    MODEL,
    REPORT,
    check,
    check_free,
    is_ours,
    is_run,
)

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

# Of a corpus so many rows are shown and measured.
MOST_ROWS = 10_000


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
    failed: Callable[[str, BaseException], object] | None = None,
) -> Path:
    """Write a fitted model with everything that one wants to see of it; the run appears whole or not at all.

    The folder holds ``model/`` (which :func:`aevum.load` reads), ``report.html`` (one file, works offline),
    ``model_card.md``, ``metrics.json``, ``history.jsonl``, ``figures/*.png``, with ``opening`` ``data.json`` and with
    ``snapshots`` ``checkpoints/epoch-*/``. Figures are of at most 5,000 rows; of a corpus all numbers are of at most
    10,000 rows, a sample of those that the fit made its choices from.

    Args:
        estimator: a fitted estimator.
        X: the training data, ``(N, features)`` or ``(N, *image)``; an array, a data frame, or an opened data set.
        folder: where to write.
        y: labels or vectors, one a row: they colour the codes, and a conditional model needs them.
        name: of the data, for headings.
        feature_names: of a table's columns.
        held_out: ``(X, y)`` that the model was not trained on, to be shown and measured instead of X.
        overwrite: replace the run that is in the folder; other files in it stay where they are.
        seconds: how long training took; None to add up the epochs.
        opening: how :func:`aevum.open_data` opens X: ``{"data": name or absolute path}`` and its options. It is kept in
            ``data.json`` with the number and shape of the rows, and ``aevum explore`` opens X by it again: on this
            machine, for this user, and elsewhere for named sets only.
        snapshots: epoch → the model as it was then (``Snapshots(…).found``); ``aevum explore`` goes through them.
        failed: called with the name of a part beside the model that could not be written, and why. The rest is written
            then, unless it raises. A new run's model is in its place before anything else is begun.

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
    # The place behind a link or a "." is what gets written to; the report names the folder as it was given.
    place = folder.resolve()
    made = _made(place)
    try:
        with storage.Staging(place) as staging:
            stopped = _insist(lambda: estimator.save(staging.new / MODEL), failed)
            replaced = ENTRIES if overwrite and is_run(place) else frozenset()
            checked = partial(check, folder, overwrite)  # recovers nothing: that would wait for the lock it runs under
            if failed is not None and not replaced:
                stopped = _insist(lambda: staging.commit(check=checked), failed) or stopped
                checked = partial(lambda: None)  # from here on what is in place is this run's own
            parts = _parts(estimator, X, y, name, feature_names, held_out, seconds, str(folder), opening, snapshots)
            _write(staging.new, parts, failed, stopped)
            _insist(lambda: staging.commit(replaced, is_ours, checked), failed)
    except BaseException as error:
        for parent in made:
            with suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError):
            raise InputError(f"can't write the run to {folder}: {error.strerror or error}") from error
        raise
    return folder


def _made(folder: Path) -> list[Path]:
    """Make the folder and those above it; those that were missing, innermost first."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"can't make the folder {folder}: {error.strerror or error}") from error
    return missing


def _insist(write: Callable[[], object], failed: object) -> KeyboardInterrupt | None:
    """A first Ctrl-C does not cost the model, a second does; without ``failed`` the caller still has it."""
    try:
        write()
    except KeyboardInterrupt as error:
        if failed is None:
            raise
        write()
        return error
    return None


def _write(
    new: Path,
    parts: list[tuple[str, Callable[[Path], object]]],
    failed: Callable[[str, BaseException], object] | None,
    stopped: KeyboardInterrupt | None,
) -> None:
    """Write each part; one that fails leaves nothing of itself, and where it is to stop there are no more."""
    for place, (name, write) in enumerate(parts):
        try:
            if stopped is not None:
                raise stopped
            write(new / name)
        except BaseException as error:
            if failed is None:
                raise
            shutil.rmtree(new / name, ignore_errors=True)
            if isinstance(error, KeyboardInterrupt):
                failed(", ".join(name for name, _ in parts[place:]), error)
                return
            failed(name, error)


def _parts(
    estimator: LatentVariableEstimator,
    X: Any,
    y: Any,
    name: str,
    feature_names: Sequence[str] | None,
    held_out: tuple[Any, Any] | None,
    seconds: float | None,
    folder: str,
    opening: Mapping[str, Any] | None,
    snapshots: Mapping[int, LatentVariableEstimator] | None,
) -> list[tuple[str, Callable[[Path], object]]]:
    """What stands beside the model, each with what writes it; first what takes least and can't be made again."""
    given = X
    if (rows := some_rows(getattr(X, "x", X), MOST_ROWS)) is not None:  # of a corpus a sample is shown and measured
        y = getattr(X, "y", None) if y is None else y
        X, y = getattr(X, "x", X)[rows], None if y is None else np.asarray(y)[rows]
    subject = cache(lambda: subject_of(estimator, X, y, name, feature_names, held_out))
    metrics, panels = cache(lambda: metrics_of(subject(), seconds)), cache(lambda: panels_of(subject()))

    def history(path: Path) -> None:
        lines = [json.dumps(storage.finite(record), allow_nan=False) + "\n" for record in estimator.history_]
        storage.write_text(path, "".join(lines))

    def data(path: Path) -> None:
        shape = np.shape(described(given, y, name, feature_names)[0])
        storage.write_json(path, {**signed(opening or {}), "rows": shape[0], "shape": list(shape[1:])})

    def checkpoints(path: Path) -> None:
        for epoch, snapshot in (snapshots or {}).items():
            snapshot.save(path / f"epoch-{epoch:05d}")

    def figures(path: Path) -> None:
        path.mkdir()
        for panel in panels():
            (path / f"{panel.key}.png").write_bytes(panel.picture.png)

    parts: list[tuple[str, Callable[[Path], object]]] = [
        (HISTORY, history),
        (DATA, data),
        (CHECKPOINTS, checkpoints),
        (METRICS, lambda path: storage.write_json(path, metrics())),
        (FIGURES, figures),
        (REPORT, lambda path: storage.write_text(path, page(subject(), metrics(), panels(), folder))),
        (CARD, lambda path: storage.write_text(path, model_card(subject(), metrics(), folder))),
    ]
    return [(name, write) for name, write in parts if name != DATA or opening is not None]
