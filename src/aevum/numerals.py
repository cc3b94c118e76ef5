"""Numbers as people read them: the one place that every report, table, card and line on the terminal asks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
# Below and above these a row of zeros or digits says less than a power of ten.
SMALLEST, LARGEST = 1e-4, 1e12


def number(value: float | None, unit: str = "", *, digits: int = 4, plus: bool = False) -> str:
    """A number to so many significant digits (all before the point are shown), with commas and a true minus.

    Args:
        value: None and what is not finite become a dash; a whole number stands as it is.
        unit: put behind it, after a space that no line breaks at.
        digits: significant ones, for what is no whole number.
        plus: show the sign of positive values too.

    >>> number(1234567), number(16934.2), number(0.123456), number(-35.0), number(0.0000197), number(None)
    ('1,234,567', '16,934', '0.1235', '−35.00', '1.97 × 10⁻⁵', '–')
    >>> number(0.5, "nats", digits=2, plus=True).replace(chr(160), " "), number(2.5e15)
    ('+0.50 nats', '2.50 × 10¹⁵')
    """
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    if not size or isinstance(value, int):
        text = f"{value:,.0f}"
    elif not SMALLEST <= size < LARGEST:
        mantissa, _, power = f"{value:.{min(digits - 1, 2)}e}".partition("e")
        text = f"{mantissa} × 10{str(int(power)).translate(RAISED)}"
    else:
        # The place of the first digit, after rounding: 9.9996 has as many decimals as 10.00.
        first = int(f"{value:.{digits - 1}e}".partition("e")[2])
        text = f"{value:,.{max(digits - 1 - first, 0)}f}"
    text = ("+" if plus and value > 0 else "") + text.replace("-", "−")
    return f"{text}\u00a0{unit}" if unit else text


def rough(value: float | None, unit: str = "", *, plus: bool = False) -> str:
    """An error or another number of which two digits are enough.

    >>> rough(0.00012345), rough(12.3), rough(123.4), rough(0.0000123), rough(math.nan)
    ('0.00012', '12', '123', '1.2 × 10⁻⁵', '–')
    """
    return number(value, unit, digits=2, plus=plus)


def percent(share: float | None, *, digits: int = 2) -> str:
    """A share in per cent; at least its whole part is shown.

    >>> [percent(share).replace(chr(160), " ") for share in (1.234, 0.0512, 0.123, 12.0, 0.0)]
    ['123 %', '5.1 %', '12 %', '1,200 %', '0 %']
    """
    return number(None if share is None else 100.0 * share, "%", digits=digits)


def duration(seconds: float | None) -> str:
    """Seconds as people say them.

    >>> duration(3.2), duration(75), duration(7300)
    ('3.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds is None:
        return "–"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def class_text(label: Any) -> str:
    """A class as text: whole numbers that are stored as floats without their point.

    >>> class_text(3.0), class_text(0.5), class_text("a"), class_text(True)
    ('3', '0.5', 'a', 'True')
    """
    if isinstance(label, Real) and not isinstance(label, Integral):
        value = float(label)
        return str(int(value)) if value.is_integer() else f"{value:.6g}"
    return str(label)


def sigma_text(sigma: Mapping[str, Any] | None) -> str:
    """The likelihood's σ in the data's units, for people; empty where it has none.

    >>> sigma_text({"kind": "shared", "low": 0.25, "high": 0.25, "low_of": None, "high_of": None})
    "σ = 0.2500 in the data's units"
    """
    if sigma is None:
        return ""
    low, high = number(sigma["low"]), number(sigma["high"])
    if sigma["low"] == sigma["high"]:
        return f"σ = {low} in the data's units"
    if sigma["low_of"] is not None:
        low, high = f"{low} ({sigma['low_of']})", f"{high} ({sigma['high_of']})"
    return f"σ from {low} to {high} in the data's units"


def laws_text(laws: Mapping[str, Any]) -> str:
    """log p(x) of held-out rows beside simple laws, for people; see :func:`aevum.evaluation.simple.beside_laws`.

    >>> laws = {"nats": -9.85, "rows": 80, "columns": 3, "dense": 2, "given_y": False,
    ...         "laws": [{"name": "Gaussian", "nats": -9.9, "ahead": 0.05, "error": 0.01}]}
    >>> laws_text(laws)
    '−9.85 nats a row; Gaussian −9.90 (80 rows; of 2 of 3 columns, the others by themselves)'
    """
    beside = ", ".join(f"{law['name']} {nats(law['nats'])}" for law in laws["laws"])
    told = "; it is told y, they are not" if laws["given_y"] else ""
    return f"{nats(laws['nats'])} nats a row; {beside} ({laws['rows']:,} rows{of_columns(laws)}{told})"


def of_columns(laws: Mapping[str, Any]) -> str:
    """Which columns simple laws know the dependence of, where it is not all."""
    if laws["dense"] == laws["columns"]:
        return ""
    return f"; of {laws['dense']:,} of {laws['columns']:,} columns, the others by themselves"


def nats(value: float) -> str:
    """A log-density, to a hundredth.

    >>> nats(-12.345)
    '−12.35'
    """
    return f"{value:,.2f}".replace("-", "−")


def reason_text(column: Mapping[str, Any]) -> str:
    """Why a column is of its kind, with the words of its classes, of which eight are shown.

    >>> reason_text({"reason": "two classes", "classes": ["no", "yes"]})
    'two classes: no, yes'
    """
    words = column.get("classes") or []
    shown = ", ".join(words[:8]) + (", …" if len(words) > 8 else "")
    return f"{column['reason']}: {shown}" if words else str(column["reason"])
