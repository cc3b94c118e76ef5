"""Dates as text: which form a column's are in, and the days since 1970-01-01."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

ISO, DAY_FIRST, MONTH_FIRST = "iso", "day first", "month first"
_TIME = r"(?:[T ]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})([-/.])([0-9]{{1,2}})(?:\2([0-9]{{1,2}}))?{_TIME}")
_YEAR_LAST = re.compile(rf"([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2([0-9]{{4}}){_TIME}")
_EPOCH = datetime(1970, 1, 1)


@lru_cache(maxsize=2**16)
def forms(cell: str) -> frozenset[str]:
    """In which forms a cell is a date; with points between, the day comes first everywhere.

    >>> sorted(forms("2021-03-04")), sorted(forms("13/04/2021")), sorted(forms("3/4/2021")), sorted(forms("x"))
    (['iso'], ['day first'], ['day first', 'month first'], [])
    """
    found = set()
    for form in (ISO, DAY_FIRST, MONTH_FIRST):
        try:
            days(cell, form)
        except ValueError:
            continue
        found.add(form)
    return frozenset(found)


def days(cell: str, form: str) -> float:
    """Days since 1970-01-01, of a time in UTC with their fraction.

    :raises ValueError: the cell is no date of that form.

    >>> days("1970-01-02", "iso"), days("1970-01-01T12:00Z", "iso"), days("2.1.1970", "day first")
    (1.0, 0.5, 1.0)
    """
    match = (_YEAR_FIRST if form == ISO else _YEAR_LAST).fullmatch(cell.strip())
    if match is None:
        raise ValueError(cell)
    if form == ISO:
        year, mark, month, day, *clock = match.groups()
        if day is None and (mark == "." or clock[0] is not None):
            raise ValueError(cell)
    else:
        day, mark, month, year, *clock = match.groups()
        if form == MONTH_FIRST:
            if mark == ".":
                raise ValueError(cell)
            day, month = month, day
    hour, minute, second, fraction, zone = clock
    moment = datetime(
        int(year), int(month), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
        int((fraction or "0").ljust(6, "0")[:6]),
    )  # fmt: skip
    return (moment - _offset(zone) - _EPOCH) / timedelta(days=1)


def days_of(moment: datetime) -> float:
    """Days since 1970-01-01 of a moment; without a zone it is taken for UTC."""
    plain = moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
    return (plain - _EPOCH) / timedelta(days=1)


def _offset(zone: str | None) -> timedelta:
    if zone in (None, "Z", "UTC"):
        return timedelta()
    assert zone is not None
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -size if zone[0] == "-" else size
