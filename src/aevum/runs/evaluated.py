"""A run's evaluation on held-out data: into its metrics.json, and as a section of its report."""

from __future__ import annotations

from pathlib import Path

from aevum import storage
from aevum.errors import InputError
from aevum.evaluation import Evaluation
from aevum.reports.evaluation import evaluation_section, panels_of, with_section
from aevum.runs.finding import read_metrics
from aevum.runs.folder import FIGURES, METRICS, REPORT

EVALUATIONS = "evaluations"


def add_evaluation(folder: str | Path, found: Evaluation, name: str) -> Path:
    """Add an evaluation to a run: ``metrics.json`` gets it under "evaluations", ``report.html`` a section.

    A second evaluation on data of the same name replaces the first; one on other data stands beside it.

    Args:
        folder: a run folder, as :func:`aevum.write_run` makes it.
        found: what :func:`aevum.evaluation.evaluate` returned.
        name: of the data.

    Returns:
        The path of ``metrics.json``.

    Raises:
        InputError: the folder holds no run, its metrics.json is damaged, or it can't be written.
    """
    place = Path(folder)
    read_metrics(place)  # which may fail, before anything is changed
    storage.warn_of_recovery(place)
    try:
        with storage.locked(place):  # or of two that add at once one would be lost
            return _added(place, found, name)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"can't write to {folder}: {getattr(error, 'strerror', None) or error}") from error


def _added(place: Path, found: Evaluation, name: str) -> Path:
    """Read, merge and write; the numbers first, since the rest is made of them."""
    metrics = read_metrics(place)
    before = metrics.get(EVALUATIONS)
    metrics[EVALUATIONS] = {**(before if isinstance(before, dict) else {}), name: storage.finite(found.to_dict())}
    panels = panels_of(found, list(metrics[EVALUATIONS]).index(name))
    storage.write_json(place / METRICS, metrics)
    (place / FIGURES).mkdir(exist_ok=True)
    for panel in panels:
        storage.write_bytes(place / FIGURES / f"{panel.key}.png", panel.picture.png)
    if (place / REPORT).is_file():  # someone may have deleted it; the numbers are kept all the same
        report = (place / REPORT).read_text(encoding="utf-8")
        storage.write_text(place / REPORT, with_section(report, name, evaluation_section(found, name, panels)))
    return place / METRICS
