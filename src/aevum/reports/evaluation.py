"""The section that an evaluation on held-out data adds to a run's report."""

from __future__ import annotations

import re
from collections.abc import Sequence

from aevum.evaluation import Evaluation
from aevum.numerals import number, rough
from aevum.plots.evaluation import calibration_figure, evidence_figure
from aevum.plots.style import picture
from aevum.reports.panel import Panel
from aevum.reports.render import rendered

START, END = "<!-- evaluations -->", "<!-- /evaluations -->"


def evaluation_section(found: Evaluation, name: str, panels: Sequence[Panel]) -> str:
    """The section of one evaluation, with the figures that :func:`panels_of` made of it."""
    return rendered("evaluation.html", found=found, name=name, rows=_rows(found), panels=panels).strip()


def panels_of(found: Evaluation, place: int = 0) -> list[Panel]:
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
        panels.append(
            Panel(f"evidence{suffix}", "Evidence", text, picture(figure), "Histograms of log p(x) and of draws")
        )
    if found.calibration is not None:
        c = found.calibration
        text = (
            "How many held-out values lie inside μ ± zσ. On the dashed line the intervals are right; below it they are "
            "too narrow, above it too wide."
        )
        figure = calibration_figure(c.levels, c.coverage, c.feature_coverage)
        panels.append(
            Panel(f"calibration{suffix}", "Calibration", text, picture(figure), "Coverage of predictive intervals")
        )
    return panels


def _rows(found: Evaluation) -> list[tuple[str, str]]:
    """The numbers, in words."""
    rows = [("Rows", f"{found.rows:,}; what follows is fair if the model was not trained on them")]
    if found.evidence is not None:
        e = found.evidence
        rows += [
            ("log p(x)", f"{number(e.mean)} ± {rough(e.mean_standard_error)} (draws of z) ± "
             f"{rough(e.sampling_error)} (choice of rows); k = {e.k:,}"),
            ("ELBO", f"{number(e.elbo)} ± {rough(e.elbo_error)} (draws of z) = −(distortion "
             f"{number(float(e.distortion.mean()))} + rate {number(float(e.rate.mean()))})"),
            ("Gap, log p(x) − ELBO", f"{number(e.gap)} ± {rough(e.elbo_error)}: what the posterior misses"),
            ("Bits per dimension", f"{number(e.bits_per_dim)}: −log p(x) again, to the base 2 and for one value"),
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
