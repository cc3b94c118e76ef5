"""A model card: what the model is, what it was made from, how well it does and where it ends."""

from __future__ import annotations

from typing import Any

from aevum.evaluation.verdicts import verdicts
from aevum.numerals import duration
from aevum.reports import words
from aevum.reports.page import measured
from aevum.reports.render import rendered
from aevum.reports.subject import Subject

Record = dict[str, Any]


def model_card(subject: Subject, metrics: Record, folder: str) -> str:
    """The card as Markdown; words from the user can't become markup."""
    network, estimator = metrics["network"], subject.estimator
    return rendered(
        "model_card.md",
        metrics=metrics,
        headline=words.headline(metrics),
        verdicts=verdicts(metrics),
        data=words.data_text(metrics),
        network=network["name"] + ("" if network["hidden"] is None else f" with hidden {network['hidden']}"),
        weights=f"{metrics['weights']:,}",
        spent=f"{metrics['epochs']:,} in {duration(metrics['seconds'])}",
        parameters=words.parameters(metrics),
        measured=measured(metrics),
        glossary=words.glossary(metrics),
        beside=words.beside(metrics),
        columns=words.columns(metrics),
        likelihood=estimator.likelihood_,
        has_density=estimator.has_density,
        can_sample=estimator.can_sample,
        conditional=estimator.conditional,
        images=subject.images,
        python_lines=words.python_lines(subject, metrics, folder),
    )
