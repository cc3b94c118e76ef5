"""Dates of a file: days since 1970-01-01 in the model, whether they come as a file, as text or as pandas has them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.columns import is_missing_text
from aevum.data.dates import days, days_of, form_of
from aevum.data.files import quoted
from aevum.data.missing import is_missing
from aevum.errors import InputError

Array = NDArray[Any]
DAY = 86400.0


def days_in(name: str, values: Any) -> NDArray[np.float64]:
    """The cells of a column, dates or their text, as days since 1970-01-01; NaN where there is none.

    Raises:
        InputError: one is no date, or can be read in two ways.

    >>> days_in("born", ["1970-01-03", None]).tolist()
    [2.0, nan]
    """
    cells = [
        None if is_missing(value) or (isinstance(value, str) and is_missing_text(value)) else value for value in values
    ]
    texts = [str(cell).strip() for cell in cells if cell is not None and not isinstance(cell, datetime)]
    form = form_of(texts)
    if texts and form is None:
        one = next((text for text in texts if form_of([text]) is None), texts[0])
        raise InputError(
            f"column {name!r} is one of dates, and {quoted(one)} is none, or can be read in two ways; write it as "
            "year-month-day, or use pd.to_datetime"
        )
    return np.array([np.nan if cell is None else _days(cell, form) for cell in cells], dtype=np.float64)


def _days(cell: Any, form: str | None) -> float:
    if isinstance(cell, datetime):
        return days_of(cell)
    assert form is not None
    return days(str(cell).strip(), form)
