"""Dates as text: which form a column's are in, and the days since 1970-01-01."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

ISO, DAY_FIRST, MONTH_FIRST = "iso", "day first", "month first"
_TIME = r"(?:[T ]\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,]([0-9]{1,9}))?)?\s*(Z|UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})([-/.])([0-9]{{1,2}})(?:\2([0-9]{{1,2}}))?{_TIME}")
_YEAR_LAST = re.compile(rf"([0-9]{{1,2}})([-/.])([0-9]{{1,2}})\2([0-9]{{4}}){_TIME}")
_DATE = re.compile(r"[0-9]+(?:[-/.][0-9]+)+")
_ZONE = re.compile(r":[0-9.,]+\s*(?:Z|UTC|([+-])([0-9]{2}):?([0-9]{2}))$")
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


def form_of(cells: Iterable[str]) -> str | None:
    """The form that all cells are in; None where there is none, or where the day and the month can't be told apart.

    >>> form_of(["3/4/2021", "13/4/2021"]), form_of(["3/4/2021"]), form_of(["2021-03-04", "x"])
    ('day first', None, None)
    """
    found: frozenset[str] | None = None
    for cell in cells:
        found = forms(cell) if found is None else found & forms(cell)
        if not found:
            return None
    return next(iter(found)) if found is not None and len(found) == 1 else None


def zone_in(cell: str) -> str:
    """The time zone of a date with a time of day, as pandas calls it; nothing where it has none.

    >>> zone_in("2024-05-05 10:00:00+0200"), zone_in("2024-05-05T08:00Z"), zone_in("2024-05-05 10:00")
    ('UTC+02:00', 'UTC', '')
    """
    match = _ZONE.search(cell.strip())
    if match is None:
        return ""
    sign, hours, minutes = match.groups()
    return "UTC" if sign is None or hours + minutes == "0000" else f"UTC{sign}{hours}:{minutes}"


def written(day: float, like: str, form: str) -> str:
    """A date as text in the way of another one of this form; with the time of day where the other has one.

    >>> written(14613.0, "2021-03-04", "iso"), written(14613.0, "5.1.2021", "day first")
    ('2010-01-04', '4.1.2010')
    >>> written(14613.5, "2021-03-04T10:11:12Z", "iso")
    '2010-01-04T12:00:00Z'
    """
    match = (_YEAR_FIRST if form == ISO else _YEAR_LAST).fullmatch(like.strip())
    clock = "" if match is None else like.strip()[len(_DATE.match(like.strip()).group()) :]  # type: ignore[union-attr]
    moment = _EPOCH + timedelta(seconds=round(day * 86400.0))
    mark = "-" if match is None else match[2]
    wide = match is None or all(len(match[k] or "00") == 2 for k in ((3, 4) if form == ISO else (1, 3)))
    month, date = (f"{part:02d}" if wide else str(part) for part in (moment.month, moment.day))
    year = f"{moment.year:04d}"
    order = {ISO: [year, month, date], DAY_FIRST: [date, month, year], MONTH_FIRST: [month, date, year]}[form]
    if match is not None and form == ISO and match[4] is None:
        order.pop()  # months
    return mark.join(order) + _clock(moment, clock, match)


def _clock(moment: datetime, clock: str, match: re.Match[str] | None) -> str:
    """The time of day as another one has it: none, to the minute or the second, in its zone."""
    if match is None or not clock:
        return "" if moment.time() == datetime.min.time() else f" {moment:%H:%M:%S}"
    second, zone = match[7], match[9]
    gap = clock[: len(clock) - len(clock.lstrip("T "))]
    moment += _offset(zone)
    space = " " if zone and clock[: -len(zone)].endswith(" ") else ""
    return gap + f"{moment:%H:%M:%S}"[: 5 if second is None else 8] + space + (zone or "")


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
