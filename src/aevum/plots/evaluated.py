"""A run's evaluation on held-out data: into its metrics.json, and as a section of its report."""

from __future__ import annotations

import json
import re
from html import escape
from pathlib import Path
from typing import Any

from aevum import storage
from aevum.errors import InputError
from aevum.evaluation import Evaluation
from aevum.evaluation.wording import text_of, title_of
from aevum.plots import words
from aevum.plots.evaluation import calibration_figure, evidence_figure
from aevum.plots.page import callout, section, table
from aevum.plots.panels import Panel
from aevum.plots.run import FIGURES, METRICS, MODEL, REPORT
from aevum.plots.style import png_bytes
from aevum.storage import finite

Record = dict[str, Any]
EVALUATIONS = "evaluations"
START, END = "<!-- evaluations -->", "<!-- /evaluations -->"


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
    metrics[EVALUATIONS] = {**(before if isinstance(before, dict) else {}), name: finite(found.to_dict())}
    panels = panels_of(found, name, list(metrics[EVALUATIONS]).index(name))
    images = {panel.key: png_bytes(panel.figure) for panel in panels}
    storage.write_json(place / METRICS, metrics)
    (place / FIGURES).mkdir(exist_ok=True)
    for key, data in images.items():
        storage.write_bytes(place / FIGURES / f"{key}.png", data)
    if (place / REPORT).is_file():  # someone may have deleted it; the numbers are kept all the same
        report = (place / REPORT).read_text(encoding="utf-8")
        storage.write_text(place / REPORT, with_section(report, name, html(found, name, panels, images)))
    return place / METRICS


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


def panels_of(found: Evaluation, name: str, place: int) -> list[Panel]:
    """The figures of an evaluation; ``place`` keeps the files of several apart."""
    panels, suffix = [], f"-{place + 1}" if place else ""
    if found.evidence is not None:
        e = found.evidence
        figure = evidence_figure(e.log_evidence, -(e.distortion + e.rate), e.effective_sample_size, e.k)
        text = (
            f"Left: log p(x) of each row from {e.k:,} draws of the posterior, and the ELBO, which lies below it by "
            f"what the posterior misses. Right: how many of the draws carry the estimate; many rows left of the dashed "
            f"line mean that it is too low."
        )
        panels.append(Panel(f"evidence{suffix}", "Evidence", text, figure, "Histograms of log p(x) and of draws"))
    if found.calibration is not None:
        c = found.calibration
        text = (
            "How many held-out values lie inside μ ± zσ. On the dashed line the intervals are right; below it they are "
            "too narrow, above it too wide."
        )
        figure = calibration_figure(c.levels, c.coverage, c.feature_coverage)
        panels.append(Panel(f"calibration{suffix}", "Calibration", text, figure, "Coverage of predictive intervals"))
    return panels


def html(found: Evaluation, name: str, panels: list[Panel], images: dict[str, bytes]) -> str:
    """The section of one evaluation; words from the user are escaped."""
    parts = [f"<h2>Evaluation on {escape(name)}</h2>"]
    parts += [callout(one.severity, title_of(one), text_of(one)) for one in found.findings]
    if found.evidence is None:
        parts.append(callout("note", "No log p(x)", "An auto-encoder has no density: fit a VAE for one."))
    parts.append(table(rows_of(found)))
    parts += [section(panel, images[panel.key]) for panel in panels]
    return "\n".join(parts)


def rows_of(found: Evaluation) -> list[tuple[str, str]]:
    """The numbers, in words."""
    number, rough = words.number, words.rough
    rows = [("Rows", f"{found.rows:,}; what follows is fair if the model was not trained on them")]
    if found.evidence is not None:
        e = found.evidence
        rows += [
            ("log p(x)", f"{number(e.mean)} ± {rough(e.mean_standard_error)} (draws of z) ± "
             f"{rough(e.sampling_error)} (choice of rows); k = {e.k:,}"),
            ("ELBO", f"{number(e.elbo)} ± {rough(e.elbo_error)} (draws of z) = −(distortion "
             f"{number(float(e.distortion.mean()))} + rate {number(float(e.rate.mean()))})"),
            ("Gap, log p(x) − ELBO", f"{number(e.gap)} ± {rough(e.elbo_error)}"),
            ("Bits per dimension", number(e.bits_per_dim)),
            ("Units", e.units),
        ]  # fmt: skip
    rows += [
        ("Squared error of a reconstruction", f"{number(found.squared_error)} summed over an example; "
         f"{found.unexplained}"),
        ("Active latent dimensions", f"{len(found.latents.active)} of {len(found.latents.variance)}"),
    ]  # fmt: skip
    latents = found.latents
    if latents.ks_statistic is not None and latents.mmd is not None and latents.mmd_p_value is not None:
        distance = number(float(latents.ks_statistic.max()))
        text = f"largest Kolmogorov-Smirnov distance {distance}; two-sample test p = {number(latents.mmd_p_value)}"
        rows.append(("Codes against the prior", text))
    if latents.information is not None:
        at_least = "" if latents.marginal_divergence is not None else "at least "
        rows.append(("Information in the code", f"{at_least}{number(latents.information)} nats"))
    if found.representation is not None:
        r = found.representation
        rows.append(
            ("Labels from codes", f"{100 * r.neighbour_accuracy:.1f} % by nearest neighbours, "
             f"{100 * r.logistic_accuracy:.1f} % by logistic regression, {100 * r.chance:.1f} % by chance")
        )  # fmt: skip
    return rows


def with_section(report: str, name: str, text: str) -> str:
    """The report with this section among its evaluations, in place of an earlier one on the same data."""
    if START not in report:
        # Before the advice that every report ends with; a report that someone has cut gets it at its end.
        for mark in ("<h2>What to try next</h2>", "</main>"):
            if mark in report:
                report = report.replace(mark, f"{START}\n{END}\n{mark}", 1)
                break
        else:
            return report
    head, _, rest = report.partition(START)
    inside, _, tail = rest.partition(END)
    label = re.sub(r"[^0-9A-Za-z_.-]", "_", name)
    opening, closing = f"<!-- evaluation {label} -->", f"<!-- /evaluation {label} -->"
    if opening in inside:
        before, _, after = inside.partition(opening)
        inside = before + after.partition(closing)[2].lstrip("\n")
    return f"{head}{START}{inside.rstrip()}\n{opening}\n{text}\n{closing}\n{END}{tail}"
