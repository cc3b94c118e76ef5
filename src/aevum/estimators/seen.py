"""What a fit's choices are made from: all rows, or of large data a sample."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.large import seen, seen_rows
from aevum.errors import InputError

Array = NDArray[Any]
Rows = NDArray[np.intp]
_ROW = re.compile(r"\brow (\d+)")


@dataclass(frozen=True)
class Seen:
    """Rows that scales, the likelihood and the start are made from.

    Args:
        x: in memory, unless they are all of the rows.
        at: which rows they are, in their order (:func:`~aevum.data.large.seen_rows`); None for all.
    """

    x: Any
    at: Rows | None = None

    @classmethod
    def of(cls, x: Any) -> Seen:
        at = seen_rows(x)
        return cls(x) if at is None else cls(seen(x, at), at)

    def rows(self, rows: Rows) -> Rows:
        """Those of these rows that are seen, by their places among what is seen."""
        if self.at is None:
            return rows
        if len(self.at) == int(self.at[-1]) + 1:  # all of them, in the order given
            return rows
        known = np.zeros(max(int(self.at[-1]), int(rows.max(initial=0))) + 1, np.bool_)
        known[self.at] = True
        return np.searchsorted(self.at, rows[known[rows]])

    def names(self, rows: Rows) -> Rows:
        """The same, as they are called in the data."""
        return rows if self.at is None else self.at[self.rows(rows)]

    def of_each(self, values: Any) -> Any:
        """What belongs to each row, of those that are seen."""
        return values if values is None or self.at is None else values[self.at]

    def before(self, own: int) -> int:
        """How many of the first so many rows are seen."""
        return own if self.at is None else int(np.searchsorted(self.at, own))

    @contextmanager
    def told(self) -> Iterator[None]:
        """Within, what is said of a row says which it is of all."""
        if self.at is None:
            yield
            return
        at = self.at

        def said(words: object) -> str:
            return _ROW.sub(
                lambda found: f"row {at[int(found[1])]}" if int(found[1]) < len(at) else found[0], str(words)
            )

        try:
            with warnings.catch_warnings(record=True) as heard:
                warnings.simplefilter("always")
                yield
        except InputError as error:
            raise InputError(said(error)) from error
        for each in heard:
            warnings.warn(said(each.message), each.category, stacklevel=5)
