"""What a figure of a report is, and what several of them ask."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aevum.plots.style import Picture
from aevum.reports.subject import Subject, typical_condition


@dataclass(frozen=True)
class Panel:
    """A figure: its file's stem, a heading, a caption, and what it shows for those who can't see it.

    ``small`` is one that can still be read when it is shrunk to a phone's width: it holds no small print.
    """

    key: str
    title: str
    caption: str
    picture: Picture
    alt: str
    small: bool = False


def ranked(subject: Subject) -> list[int]:
    """All dimensions: the active ones in their order, then the others."""
    active = list(subject.estimator.latent_summary_.active)
    return active + [d for d in range(subject.codes.shape[1]) if d not in active]


def held_y(subject: Subject) -> tuple[str, Any]:
    """The y that is held while codes change, and how to name it."""
    return typical_condition(subject) if subject.estimator.conditional else ("", None)
