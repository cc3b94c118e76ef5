"""A model card: what the model is, what it was made from, how well it does and where it ends."""

from __future__ import annotations

from html import escape
from typing import Any

from aevum.evaluation.findings import Finding
from aevum.evaluation.wording import text_of, title_of
from aevum.plots import words
from aevum.plots.page import measured
from aevum.plots.subject import Subject

Record = dict[str, Any]


def model_card(subject: Subject, metrics: Record, folder: str) -> str:
    """The card as Markdown; words from the user can't become markup."""
    lines = [
        f"# {inline(metrics['model'])} of {inline(subject.name)}",
        "",
        inline(words.headline(metrics)),
        "",
        "## Verdict",
        "",
        *[line for found in words.verdicts(metrics) for line in (said(found), "")],
        *trained(metrics),
        "## Metrics",
        "",
        f"In {metrics['units']}.",
        "",
        "| what | value |",
        "| --- | --- |",
        *[f"| {inline(name)} | {inline(value)} |" for name, value in measured(metrics)],
        "",
        "## Limitations",
        "",
        *[f"- {text}" for text in limitations(subject, metrics)],
        "",
        "## How to load",
        "",
        "```python",
        words.python_lines(subject, metrics, folder),
        "```",
        "",
        ", ".join(f"{name} {version}" for name, version in metrics["versions"].items()),
        "",
    ]
    return "\n".join(lines)


def said(found: Finding) -> str:
    """A finding as a paragraph."""
    mark = "**Warning: " if found.severity in ("bad", "warning") else "**"
    return f"{mark}{inline(title_of(found))}.** {inline(text_of(found))}"


def trained(metrics: Record) -> list[str]:
    """What it was made from and how."""
    network = metrics["network"]
    hidden = "" if network["hidden"] is None else f" with hidden {network['hidden']}"
    spent = f"{metrics['epochs']:,} in {words.duration(metrics['seconds'])}"
    return [
        "## Data",
        "",
        f"{inline(words.data_text(metrics))}.",
        "",
        "## Model and training",
        "",
        f"- Likelihood: {inline(metrics['likelihood']['name'])} ({inline(metrics['likelihood']['reason'])})",
        f"- Network: {inline(network['name'] + hidden)}; {metrics['weights']:,} weights",
        f"- Epochs: {spent}; weights of epoch {metrics['best_epoch'] or '–'}",
        *[f"- {inline(name)}: {inline(value)}" for name, value in words.parameters(metrics)],
        "",
    ]


def limitations(subject: Subject, metrics: Record) -> list[str]:
    """What the model can't do or be taken for."""
    estimator, likelihood = subject.estimator, subject.estimator.likelihood_
    found = []
    if not estimator.has_density:
        found.append(
            "An auto-encoder has no prior and so no density of the data: `score_samples` is missing, and `sample` "
            "draws codes from a Gaussian mixture that is fitted to the training codes afterwards."
        )
    elif likelihood.binarize == "soft":
        found.append('With `binarize="soft"` the score is a cross-entropy of grey levels, not a density.')
    elif likelihood.binarize:
        found.append("Scores are the probabilities of binary images drawn from the grey levels, not of the latter.")
    if likelihood.continuous and estimator.has_density:
        found.append("Log-densities depend on the data's units: compare them only between models of the same data.")
    if subject.images:
        found.append(
            "Pictures of samples and reconstructions show the likelihood's mean, which is smoother than real data; a "
            "full draw (`sample` without `mean=True`) has independent noise in every pixel."
        )
    if metrics["network"]["name"] == "custom":
        found.append("The network is the user's own: its code is not in the model's files and is needed to load them.")
    if estimator.conditional:
        found.append("It is conditioned on y, and answers only for values of y like those that it was trained on.")
    found.append("It knows what it was trained on: other data get codes and scores too, which then mean little.")
    return found


def inline(text: object) -> str:
    """A user's words in Markdown: one line, no HTML, no marks that start something."""
    line = escape(" ".join(str(text).split()), quote=False)
    return "".join("\\" + c if c in "\\`*_[]|#" else c for c in line)
