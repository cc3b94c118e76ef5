"""A run's columns of labels: y as a column, and those that lie beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.trait_columns import LONGEST_NAME, TraitColumn, short, trait_columns
from aevum.errors import InputError

Array = NDArray[Any]
LABEL = "label"


def columns_beside(y: Array | None, labels: Any, kinds: Mapping[str, str] | None, rows: int) -> tuple[TraitColumn, ...]:
    """Columns of labels beside y, of which several are columns too; no two have the same name.

    Raises:
        InputError: a column has another length than there are rows.
    """
    several = y if y is not None and y.dtype.names else None
    made = isinstance(labels, tuple) and all(isinstance(each, TraitColumn) for each in labels)
    given = labels if made else trait_columns(labels, rows, kinds)
    found, taken = list[TraitColumn](), {LABEL} if y is not None else set[str]()
    for column in (*trait_columns(several, rows), *given):
        if len(column) != rows:
            raise InputError(f"a column of labels has {len(column):,} values, and the data have {rows:,} rows")
        name, number = column.name, 1
        while name in taken:
            number += 1
            name = f"{column.name} ({number})"
        taken.add(name)
        found.append(replace(column, name=name))
    return tuple(found)


def name_of_labels(X: Any, y: Any) -> str | None:
    """What y is called, short enough to be shown: a series' or a column's name, else what data that were opened say.

    >>> import pandas as pd
    >>> name_of_labels(np.eye(2), pd.Series(["a", "b"], name="kind")), name_of_labels(np.eye(2), [0, 1])
    ('kind', None)
    """
    columns = [] if isinstance(y, Mapping) else getattr(y, "columns", [])
    name = columns[0] if len(columns) == 1 else getattr(y, "name", None) if y is not None else None
    if name is None and (y is None or y is getattr(X, "y", None)):
        name = getattr(X, "label_name", None)
    return None if name is None else short(str(name), LONGEST_NAME) or None


def label_column(
    labelled: tuple[Sequence[str], NDArray[np.int32]] | None, measured: Array | None, unlabelled: bool
) -> TraitColumn | None:
    """y as a column: its classes, of which the last may stand for rows that have none, or its numbers."""
    if labelled is not None:
        words, index = labelled
        if unlabelled:
            index = np.where(index == len(words) - 1, -1, index).astype(np.int32)
            words = words[:-1]
        return TraitColumn(LABEL, "category", np.empty(0), tuple(words), index)
    if measured is not None:
        return TraitColumn(LABEL, "quantity", measured.astype(np.float64), (), np.empty(0, np.int32))
    return None
