"""A run as one HTML file that opens anywhere: pictures inside, no script, no request to anyone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aevum.evaluation.verdicts import caveats, total_rate_of, verdicts
from aevum.numerals import duration, number, percent, sigma_text
from aevum.reports import words
from aevum.reports.metrics import TERMS
from aevum.reports.panel import Panel
from aevum.reports.render import rendered
from aevum.reports.subject import Subject

Record = dict[str, Any]


def page(subject: Subject, metrics: Record, panels: Sequence[Panel], folder: str) -> str:
    """The report as a whole HTML document."""
    return rendered(
        "report.html",
        title=f"{metrics['model']} of {subject.name}",
        lead=words.headline(metrics),
        metrics=metrics,
        verdicts=[*verdicts(metrics), *caveats(metrics)],
        tiles=tiles(metrics),
        glossary=words.glossary(metrics),
        beside=words.beside(metrics),
        columns=words.columns(metrics),
        panels=panels,
        python_lines=words.python_lines(subject, metrics, folder),
        shell_lines=words.shell_lines(subject, folder),
        measured=measured(metrics),
        settings=settings(metrics),
    )


def tiles(metrics: Record) -> list[tuple[str, str, str]]:
    """The few numbers that one looks for first, what each is called, and what that means."""
    which = "validation" if metrics["validation"] else "training"
    terms, latent, evaluated = metrics[which], metrics["latent"], metrics["evaluation"]
    rated = total_rate_of(latent) is not None
    entries = [(number(terms["loss"]), f"{which} loss, nats per example", words.LOSS if rated else words.LOSS_ALONE)]
    if rated:
        entries.append((number(terms["rate"]), f"{which} rate, nats per example", words.RATE))
    left = metrics["figures"]["unexplained"]
    if metrics["columns"] and left is not None:  # whose units would decide
        entries.append((percent(left), "of the variance left unexplained by reconstructions", words.UNEXPLAINED))
    else:
        squared = "squared error per value, in squared units of the data"
        entries.append((number(evaluated["mean_squared_error"]), squared, words.SQUARED))
    entries += [
        (f"{latent['active_units']} / {len(latent['variance'])}", "active latent dimensions", words.ACTIVE),
        (number(metrics["weights"]), "weights", "numbers that the training chose"),
        (duration(metrics["seconds"]), "training time", "from the first step to the last"),
    ]
    return entries


def measured(metrics: Record) -> list[tuple[str, str]]:
    rows = []
    for which in ("training", "validation"):
        if metrics[which] and metrics["best_epoch"]:
            # Without a rate or anything else beside it the loss is the distortion: one number says it.
            alone = total_rate_of(metrics["latent"]) is None and len(metrics[which]) == len(TERMS)
            terms = {"loss": metrics[which]["loss"]} if alone else metrics[which]
            found = " · ".join(f"{name} {number(value)}" for name, value in terms.items())
            rows.append((f"{which.capitalize()}, epoch {metrics['best_epoch']}", found))
    if metrics["best_epoch"] == 0 and metrics.get("start") is not None:
        rows.append(("Validation, start", f"loss {number(metrics['start'])}"))
    evaluated = metrics["evaluation"]
    found = f"distortion {number(evaluated['distortion'])}"
    if evaluated["elbo"] is not None:
        found += f" · rate {number(evaluated['rate'])} · ELBO {number(evaluated['elbo'])}"
    rows += [
        (f"Finished model, {evaluated['rows']:,} rows of {evaluated['of']}", found),
        ("Squared error of a reconstruction", f"{number(evaluated['squared_error'])} summed over an example, "
         f"{number(evaluated['mean_squared_error'])} per value"),
        ("Epochs", f"{metrics['epochs']:,}, {number(metrics['figures']['steps'])} steps; {best_text(metrics)}"),
        ("Training time", duration(metrics["seconds"])),
    ]  # fmt: skip
    if metrics["sigma"] is not None:
        rows.insert(0, ("Spread of the likelihood", sigma_text(metrics["sigma"])))
    return rows


def best_text(metrics: Record) -> str:
    """Whose weights the model has."""
    if metrics["figures"]["start_kept"]:
        return "none was better than the start, which was kept"
    return f"the best was epoch {metrics['best_epoch'] or '–'}"


def settings(metrics: Record) -> list[tuple[str, str]]:
    network = metrics["network"]
    hidden = "" if network["hidden"] is None else f", hidden {network['hidden']}"
    rows = [
        ("Data", words.data_text(metrics)),
        ("Likelihood", f"{metrics['likelihood']['name']} ({metrics['likelihood']['reason']})"),
        ("Network", f"{network['name']}{hidden}; {metrics['weights']:,} weights"),
    ]
    return rows + words.parameters(metrics)
