"""Text that looks like dates in a form that no reader takes: a year of two digits, the name of a month."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import product

from aevum.data.files import quoted

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
LIKE_DATE = re.compile(
    rf"\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}\b.*|\d{{1,2}}([-/.])\d{{1,2}}\1\d{{2,4}}\b.*"
    rf"|(?:[a-z]+,?[ ])?(?:\d{{1,2}}(?:st|nd|rd|th)?[-/. ]+)?{_MONTH}[-/., ]+\d{{1,4}}\b.*",
    re.IGNORECASE,
)
# So many of the texts speak for all.
MOST = 0.8
_NUMBERS = ("dmy", "mdy", "ymd", "dmY", "mdY", "Ymd")
_ORDERS = [
    *(mark.join(f"%{part}" for part in order) for mark in "/-." for order in _NUMBERS),
    *("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d-%b-%y"),
    *("%d %b %y", "%b %d, %y", "%b %Y", "%B %Y", "%b-%Y", "%b-%y"),
]
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")


def readings(texts: Sequence[str]) -> dict[str, tuple[datetime, ...]]:
    """The forms in which all texts are dates, and which these are; one form of those that agree on all.

    >>> list(readings(["09/19/19", "09/20/19"])), list(readings(["03/04/05"])), readings(["Sep 19, 2019", "x"])
    (['%m/%d/%y'], ['%d/%m/%y', '%m/%d/%y', '%y/%m/%d'], {})
    """
    found: dict[tuple[datetime, ...], str] = {}
    for order, clock in product(_ORDERS, _CLOCKS):
        try:
            read = tuple(datetime.strptime(text, order + clock) for text in texts)
        except ValueError:
            continue
        found.setdefault(read, order + clock)
    return {form: read for read, form in found.items() if read}


def said_of_dates(texts: Sequence[str]) -> str:
    """What is said of texts that look like dates, and how to write them; nothing of others.

    >>> print(said_of_dates(["Sep 19, 2019", "May 2, 2020"]))
    look like dates; write them as year-month-day: "Sep 19, 2019" as 2019-09-19 (in pandas by format="%b %d, %Y")
    >>> print(said_of_dates(["01/01/19", "03/04/19"]))
    look like dates; write them as year-month-day: "03/04/19" may be 2019-04-03, 2019-03-04 or 2003-04-19
    >>> said_of_dates(["March", "2 men", "May"]), said_of_dates(["marker 1", "marker 2"])
    ('', '')
    """
    like = [text for text in texts if LIKE_DATE.fullmatch(text)]
    if not like or len(like) < MOST * len(texts):
        return ""
    if other := next((text for text in texts if not LIKE_DATE.fullmatch(text)), None):
        return f"look like dates but for {quoted(other)}; write all as year-month-day, and nothing where there is none"
    found, said = readings(like), "look like dates; write them as year-month-day"
    if not found:
        return f"{said}, such as 2019-09-19"
    moments = zip(*found.values(), strict=True)
    each = [list(dict.fromkeys(moment.date().isoformat() for moment in some)) for some in moments]
    place = max(range(len(each)), key=lambda at: len(each[at]))
    days = each[place]
    if len(days) > 1:
        return f"{said}: {quoted(like[place])} may be {', '.join(days[:-1])} or {days[-1]}"
    return f'{said}: {quoted(like[0])} as {days[0]} (in pandas by format="{next(iter(found))}")'
