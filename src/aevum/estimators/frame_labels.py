"""What the columns of a DataFrame are called, where that isn't all text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aevum.estimators.frame_classes import plain
from aevum.estimators.frame_columns import plain_value
from aevum.schema import several


def labels_of(columns: Any) -> tuple[Any, ...] | None:
    """What the columns of a DataFrame are called, tuples where that has several levels; None for text alone, and where
    it is no text and no number.
    """
    found = tuple(tuple(map(plain, name)) if isinstance(name, tuple) else plain(name) for name in columns)
    if all(isinstance(name, str) for name in found):
        return None
    parts = [part for name in found for part in (name if isinstance(name, tuple) else (name,))]
    return found if all(isinstance(part, (str, int, float)) and part == part for part in parts) else None


def listed_labels(labels: Sequence[Any]) -> list[Any]:
    """Labels as JSON has them."""
    return [list(label) if isinstance(label, tuple) else label for label in labels]


def label_from_config(value: Any, where: str) -> Any:
    """The inverse for one label."""
    check = several(plain_value, least=1, most=99) if isinstance(value, list) else plain_value
    return check(value, where)
