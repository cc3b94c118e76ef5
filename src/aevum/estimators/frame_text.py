"""Text in a DataFrame that may stand for something else: numbers, as they were written, and dates."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from aevum.data.cell_forms import CELLS, WRITTEN, NumberForm
from aevum.data.files import quoted
from aevum.data.like_dates import LIKE_DATE

# How numbers may be written: a form as the config knows it.
FORM = rf"|date|shortest|float|\.[1-9]\d?f|decimal\.\d{{1,2}}|{WRITTEN}"
SHORTEST, FIXED = re.compile(r"-?(0|[1-9]\d*)(\.\d*[1-9])?"), re.compile(r"-?(0|[1-9]\d*)\.(\d{1,15})")
SPACES = " \u00a0\u202f"
SIGNS = "%‰$€£¥" + SPACES
LIKE_NUMBER = re.compile(rf"[-+]?(\d+|\d{{1,3}}([,'{SPACES}]\d{{3}})+)(\.\d+)?([eE][-+]?\d+)?")
NO_VALUE = frozenset(["", "-", "?", "na", "n/a", "nan", "none", "null", "unknown"])
DECIMAL_COMMA = re.compile(r"[-+]?(\d+|\d{1,3}(\.\d{3})+),\d+")
# So many of the cells speak for all, and so many are looked at.
MOST, SOME = 0.8, 10_000
MOST_PLACES = 15  # that a float keeps


def form_of(texts: Sequence[str]) -> str | None:
    """How numbers were written: "shortest", "float" (as Python does) or with so many decimals; None where their text
    says more than the number, as "007" does and one of more digits than a float keeps, or isn't of one form.

    >>> form_of(["3", "-0.5"]), form_of(["3.50", "10.00"]), form_of(["3.0", "0.25"]), form_of(["007", "10"])
    ('shortest', '.2f', 'float', None)
    """
    if not texts:
        return None
    if all(SHORTEST.fullmatch(text) and written(float(text), "shortest") == text for text in texts):
        return "shortest"
    fixed = [match and len(match[2]) for match in map(FIXED.fullmatch, texts)]
    if fixed[0] and len(set(fixed)) == 1 and all(written(float(text), f".{fixed[0]}f") == text for text in texts):
        return f".{fixed[0]}f"
    return "float" if all(map(is_python_float, texts)) else None


def decimal_form(values: Sequence[Decimal]) -> str:
    """The same of Python's decimals: with as many places as the one of most, and as a float keeps.

    >>> decimal_form([Decimal("1.50"), Decimal("3")])
    'decimal.2'
    """
    places = [-place for value in values if isinstance(place := value.as_tuple().exponent, int)]
    return f"decimal.{min(max(places, default=0), MOST_PLACES) if max(places, default=0) > 0 else 0}"


def is_python_float(text: str) -> bool:
    """Whether Python writes a finite number so."""
    try:
        return repr(float(text)) == text and bool(np.isfinite(float(text)))
    except ValueError:
        return False


def written(value: float, form: str) -> str | Decimal:
    """A number as text, or as a decimal.

    >>> written(3.0, "shortest"), written(3.0, "float"), written(3.0, ".2f"), written(3.0, "decimal.2")
    ('3', '3.0', '3.00', Decimal('3.00'))
    """
    value = float(value) + 0.0  # no −0
    if form.startswith("decimal"):
        return Decimal(f"{value:{form.removeprefix('decimal')}f}")
    if form.startswith(CELLS):
        return NumberForm.named(form).text(np.format_float_positional(value, trim="-"))
    if form == "shortest":
        return np.format_float_positional(value, trim="-")
    return repr(value) if form == "float" else format(value, form)


def doubt(name: Any, texts: Sequence[str]) -> str:
    """What text that would be classes looks like, and what to write if it is that; nothing where it looks like words.

    >>> print(doubt("share", ["51%", "7%"]))
    looks like numbers ("51%"); if they are, write pd.to_numeric(X['share'].str.replace('%', ''))
    >>> doubt("zip", ["00123", "00456"]), doubt("size", ["S", "M"])
    ('', '')
    """
    few = [text.strip() for text in texts[:: 1 + len(texts) // SOME]]
    gaps = len(few)
    few = [text for text in few if text.lower() not in NO_VALUE]
    gaps -= len(few)
    bare = [text.strip(SIGNS) for text in few]
    if _most(DECIMAL_COMMA, bare) and not _most(LIKE_NUMBER, bare):
        call = f"pd.to_numeric(X[{name!r}].str.replace('.', '').str.replace(',', '.'))"
        return f"looks like numbers ({quoted(_first(DECIMAL_COMMA, few))}); if they are, write {call}"
    codes = sum(bool(re.match(r"[-+]?0\d", text)) for text in bare)
    if _most(LIKE_NUMBER, bare) and not codes:
        signs = [each for each in (*"%‰$€£¥", ",", "'") if any(each in text for text in few)]
        signs += [r"\s"] if any(space in text for space in SPACES for text in few) else []
        plain = len(signs) == 1 and signs[0] != r"\s"
        pattern = "".join(signs) if len(signs) == 1 else "[" + "".join(signs) + "]"
        clean = f".str.replace({pattern!r}, ''{'' if plain else ', regex=True'})" if signs else ""
        others = "" if not gaps and all(map(LIKE_NUMBER.fullmatch, bare)) else ", errors='coerce'"
        call = f"pd.to_numeric(X[{name!r}]{clean}{others})"
        return f"looks like numbers ({quoted(_first(LIKE_NUMBER, few))}); if they are, write {call}"
    if _most(LIKE_DATE, few):
        first = _first(LIKE_DATE, few)
        how = "" if re.match(r"\d{4}-", first) else ", format=…"
        return f"looks like dates ({quoted(first)}); if they are, write pd.to_datetime(X[{name!r}]{how})"
    return ""


def _most(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    return bool(texts) and sum(bool(pattern.fullmatch(text)) for text in texts) >= MOST * len(texts)


def _first(pattern: re.Pattern[str], texts: Sequence[str]) -> str:
    return next((text for text in texts if pattern.fullmatch(text.strip(SIGNS))), texts[0])
