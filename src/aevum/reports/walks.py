"""The figure of what each dimension of a code does."""

from __future__ import annotations

from typing import Any

import numpy as np

from aevum.plots.figures import traversal_figure
from aevum.plots.style import picture
from aevum.plots.tables import as_table, names_for
from aevum.reports.panel import Panel, held_y, ranked
from aevum.reports.subject import Subject

MOST_DIMENSIONS = 64


def traversals(subject: Subject) -> Panel | None:
    if subject.codes.shape[1] == 2:
        return None
    summary = subject.estimator.latent_summary_
    chosen = ranked(subject)[: min(len(summary.active) or 3, MOST_DIMENSIONS)]
    steps = 11 if subject.images else 41
    held, y = held_y(subject)
    walks = [subject.estimator.traverse(d, n=steps, y=y) for d in chosen]
    values, decoded = (
        np.stack([z[:, d] for d, (z, _) in zip(chosen, walks, strict=True)]),
        np.stack([x for _, x in walks]),
    )
    text, names, latents = (
        _traversal_text(subject, len(chosen), held),
        subject.feature_names,
        [f"z[{d}]" for d in chosen],
    )
    if not subject.images:
        table, rows = as_table(subject.x), decoded.reshape(*values.shape, -1)
        scale = np.nanstd(table, axis=0)
        decoded = (rows - np.nanmean(table, axis=0)) / np.where(scale > 0, scale, 1.0)
        if subject.classes:
            latents = [f"{latent}  {_passed(subject, walk)}" for latent, walk in zip(latents, rows, strict=True)]
            decoded, names, more = _in_order(subject, decoded)
            text += more
    figure = traversal_figure(
        decoded, values[0] if subject.standard_prior else values, latents, limits=subject.limits, feature_names=names
    )
    return Panel(
        "traversals", "What each dimension does", text, picture(figure), "Decoded examples along single dimensions"
    )


def _in_order(subject: Subject, decoded: Any) -> tuple[Any, list[str], str]:
    """The columns whose numbers go up and down, their names (of two classes, the second), and what that leaves out."""
    names = list(subject.feature_names or names_for(decoded.shape[-1], None))
    kept = [d for d in range(len(names)) if len(subject.classes.get(d, ())) <= 2]
    if not kept:
        return decoded, names, ""
    shown = [f"{names[d]}: {subject.classes[d][-1]}" if d in subject.classes else names[d] for d in kept]
    left_out = ", ".join(name for d, name in enumerate(names) if d not in kept)
    more = f" Classes have no order; above a panel are the likeliest ones on the way: {left_out}." if left_out else ""
    return decoded[..., kept], shown, more


def _passed(subject: Subject, walk: Any) -> str:
    """The likeliest classes on the way along rows ``(n, F)``, of columns of more than two, where they change."""
    found = []
    for d, words in subject.classes.items():
        codes = np.clip(np.round(walk[:, d]), 0, len(words) - 1).astype(int)
        passed = codes[np.append(True, np.diff(codes) != 0)].tolist()
        if len(words) > 2 and len(passed) > 1:
            found.append(" › ".join(words[code] for code in passed))
    return "; ".join(found)


def _traversal_text(subject: Subject, shown: int, held: str) -> str:
    active, prior = len(subject.estimator.latent_summary_.active), subject.estimator.can_sample
    law = subject.estimator.law_of_codes(subject.condition, rows=len(subject.x))
    rest = "0" if subject.standard_prior else "the prior's mean" if prior else "the training codes' mean"
    middle = law.moments()[0]
    points = not np.array_equal(law.nearest(middle), middle)
    span = "over the prior's mean ± 3 σ" if prior else "from the training codes' 1 % to their 99 % quantile"
    if prior and not law.is_gaussian:
        span = "over the central 99.73 % of the prior"
    each = "Each row" if subject.images else "Each panel"
    text = f"{each} changes one dimension {span} and holds the others at {rest}{f', for {held}' if held else ''}. "
    if points:
        text = (
            f"{each} goes along one dimension {span}, with the others at {rest}, by the nearest codes that there are. "
        )
    if not active:
        return text + "No dimension is active, so nothing changes."
    more = f"the first {shown} of {active} active dimensions" if active > shown else "the active dimensions"
    return text + f"Shown: {more}, the most used first."
