"""A comparison as one HTML file: the table, and pictures side by side."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from aevum.evaluation import Comparison
from aevum.networks.pictures import is_image, limits_of
from aevum.plots import grids
from aevum.plots.style import picture
from aevum.reports.panel import Panel
from aevum.reports.render import rendered
from aevum.storage import finite

Record = dict[str, Any]
# The columns in which a smaller, or a larger, number is better.
LESS, MORE = ("squared error", "bits/dim", "Fréchet"), ("log p(x), nats", "precision", "recall", "labels right")
FIELDS = {
    "squared error": "squared_error",
    "bits/dim": "bits_per_dim",
    "Fréchet": "frechet",
    "log p(x), nats": "log_evidence",
    "precision": "precision",
    "recall": "recall",
    "labels right": "accuracy",
}


# What a column of the table says, for whoever meets the word there for the first time.
GLOSSARY = {
    "latents": "how many numbers a code has.",
    "active": "how many of them change from row to row; the others say nothing.",
    "squared error": "how far a reconstruction is off, summed over an example's values; less is better.",
    "log p(x), nats": "the log-density that a model gives a row; more is better. A nat is 1.44 bits; "
    "a density twice as high is 0.69 nats more.",
    "bits/dim": "the same as bits that a value takes to be told; less is better.",
    "Fréchet": "how far the samples are from the data, as two clouds of features; less is better.",
    "precision": "the share of samples that lie among the data: few are odd.",
    "recall": "the share of the data that lie among the samples: little is left out.",
    "labels right": "how often a row's label is told from its code by the nearest other codes.",
    "weights": "how many numbers the training chose.",
    "training": "how long the fit took.",
}


def comparison_page(found: Comparison, name: str, seen: Sequence[str] = ()) -> str:
    """The whole document; every word from the user is escaped, and nothing is loaded from elsewhere.

    Args:
        found: what :func:`aevum.evaluation.compare` returned.
        name: of the data.
        seen: the models that were trained on these rows, for a note that their numbers are better than on new data.
    """
    return rendered(
        "comparison.html",
        title=f"{len(found.entries)} models of {name}",
        lead=f"On {found.rows:,} rows. The best of each column is bold.",
        fairness=fairness(seen),
        headings=found.table()[0],
        lines=lines_of(found),
        glossary=[(heading, GLOSSARY[heading]) for heading in found.table()[0] if heading in GLOSSARY],
        notes=found.notes(),
        panels=panels_of(found),
        numbers=json.dumps(finite(found.to_dict()), indent=1, ensure_ascii=False),
    )


def fairness(seen: Sequence[str]) -> tuple[str, str, str]:
    """Whether the rows are new to the models: a callout's kind, title and text.

    >>> fairness([])[0], fairness(["a", "b"])[2]
    ('note', 'a and b were trained on these rows too: their numbers are better than on new data.')
    """
    if not seen:
        return "note", "Held-out rows", "The numbers are fair if no model was trained on these rows."
    names = " and ".join(filter(None, (", ".join(seen[:-1]), seen[-1])))
    were, their = ("was", "its") if len(seen) == 1 else ("were", "their")
    text = f"{names} {were} trained on these rows too: {their} numbers are better than on new data."
    return "bad", "Not held out", text


def lines_of(found: Comparison) -> list[list[Record]]:
    """The table's cells, with the best of each column marked where its values can be compared."""
    headings, cells = found.table()
    best = {heading: best_of(found, heading) for heading in headings}
    return [
        [{"text": text, "best": at in best[heading]} for heading, text in zip(headings, row, strict=True)]
        for at, row in enumerate(cells)
    ]


def best_of(found: Comparison, heading: str) -> set[int]:
    """The lines that are best in a column; none where values can't be compared or there is no better."""
    if heading not in FIELDS or (heading in ("log p(x), nats", "bits/dim") and found.mixed_units):
        return set()
    sign = -1.0 if heading in LESS else 1.0
    values = [getattr(entry, FIELDS[heading]) for entry in found.entries]
    known = [sign * value for value in values if value is not None]
    if len(known) < 2 or heading not in (*LESS, *MORE):
        return set()
    return {at for at, value in enumerate(values) if value is not None and sign * value == max(known)}


def panels_of(found: Comparison) -> list[Panel]:
    """Originals above every model's reconstructions, and every model's samples; nothing for tables."""
    if not is_image(found.originals.shape[1:]):
        return []
    limits = limits_of(found.originals)
    again = {"data": found.originals} | {entry.name: entry.reconstructions for entry in found.entries}
    drawn = {entry.name: entry.samples for entry in found.entries}
    shown = {kind: {label: np.asarray(x) for label, x in rows.items()} for kind, rows in (("a", again), ("b", drawn))}
    return [
        Panel("reconstructions", "Reconstructions", "The first rows, and what each model makes of them.",
              picture(grids.image_rows(shown["a"], limits)), "Rows of images: data, then each model's reconstructions"),
        Panel("samples", "Samples", "Means of samples that nobody chose: the first of each model.",
              picture(grids.image_rows(shown["b"], limits)), "Rows of images: each model's samples"),
    ]  # fmt: skip
