"""How the numbers and dates of a column of text are written, and others as they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from aevum.data.dates import form_of, written
from aevum.data.decimals import COMMA, POINT, number, unsigned

Array = NDArray[Any]
# A form as a model's config knows it.
CELLS = "cells"
WRITTEN = rf"{CELLS}\|([.,])\|([^|\w]?)\|(\d{{1,2}})\|([01])\|([%$€£¥]?)\|([01])\|(\s{{0,9}})\|([01])"
_EPOCH = np.datetime64("1970-01-01", "us")


class NumberForm(NamedTuple):
    """How numbers are written.

    :param mark: the decimal one.
    :param thousands: what stands between thousands; nothing where that is nothing.
    :param places: the decimals that all have; 0 where they have several numbers of them.
    :param whole: whether some have none, and no mark.
    :param sign: of per cent or a currency, before or after the number, with ``gap`` between.
    :param inside: whether a minus stands between the sign and the number.
    """

    mark: str = POINT
    thousands: str = ""
    places: int = 0
    whole: bool = False
    sign: str = ""
    before: bool = False
    gap: str = ""
    inside: bool = False

    @classmethod
    def of(cls, cells: Sequence[str], numbers: Iterable[float], mark: str = POINT) -> NumberForm:
        """That of most of these cells, which are these numbers; ``mark`` is the decimal one where none has any.

        >>> form = NumberForm.of(["$10,981.86", "-$3.50"], [10981.86, -3.5])
        >>> form.text("1234.5"), form.text("-2.0")
        ('$1,234.50', '-$2.00')
        >>> NumberForm.of(["3.380,34", "7"], [3380.34, 7.0]).text("-1234567.5")
        '-1.234.567,5'
        """
        if not cells:
            return cls(mark)
        found = [each for each in map(unsigned, cells) if each is not None]
        signed = cls()
        texts = list(map(str.strip, cells))
        if len(found) == len(cells):
            sign, texts = found[0][0], [text for _, text in found]
            before = cells[0].strip().lstrip("+-").startswith(sign)
            inside = any(cell.strip()[:1] == sign and "-" in cell for cell in cells)
            gap = re.compile(rf"{re.escape(sign)}(\s*)" if before else rf"(\s*){re.escape(sign)}")
            gaps = Counter(space for cell in cells for space in gap.findall(cell))
            signed = cls(sign=sign, before=before, gap=_commonest(gaps), inside=inside)
        values = list(numbers)
        mark = next((each for each in dict.fromkeys((mark, POINT, COMMA)) if _are(texts, values, each)), mark)
        wholes, rests = zip(*(_parts(text, mark) for text in texts), strict=True)
        groups = Counter(re.sub(r"\d", "", each)[:1] for each in wholes if len(re.sub(r"\D", "", each)) > 3)
        plain = not any("e" in rest.lower() for rest in rests)
        lengths = {len(rest) for rest in rests} if plain else {0}
        places = min(lengths.pop(), 15) if len(lengths) == 1 else 0
        bare = any(not rest for rest in rests)
        return signed._replace(mark=mark, thousands=_commonest(groups), places=places, whole=bare)

    @classmethod
    def named(cls, name: str) -> NumberForm:
        """The inverse of :attr:`name`."""
        mark, thousands, places, whole, sign, before, gap, inside = re.fullmatch(WRITTEN, name).groups()  # type: ignore[union-attr]
        return cls(mark, thousands, int(places), whole == "1", sign, before == "1", gap, inside == "1")

    @property
    def name(self) -> str:
        """The form as text.

        >>> NumberForm.of(["$1,234.50"], [1234.5]).name
        'cells|.|,|2|0|$|1||0'
        >>> NumberForm.named("cells|,||0|1|%|0| |0").text("7.5")
        '7,5 %'
        """
        *most, gap, inside = (each if isinstance(each, str) else str(int(each)) for each in self)
        return "|".join([CELLS, *most, gap[:9], inside])

    def number(self, cell: str) -> float:
        """The number in a cell, with the sign or without it.

        :raises ValueError: there is none.

        >>> NumberForm.named("cells|,||0|1|%|0| |0").number("7,5 %")
        7.5
        """
        signed = unsigned(cell)
        return number(cell if signed is None else signed[1], self.mark)

    def text(self, plain: str) -> str:
        """A number that is written as Python writes it, in this form."""
        minus, digits = ("-", plain[1:]) if plain.startswith("-") else ("", plain)
        if digits.replace(POINT, "").isdigit():
            whole, _, rest = digits.partition(POINT)
            rest = "" if self.whole and rest == "0" else rest.ljust(self.places, "0")
            whole = re.sub(r"(?<=\d)(?=(\d{3})+$)", lambda _: self.thousands, whole)
            digits = whole + (self.mark + rest if rest else "")
        else:
            digits = digits.replace(POINT, self.mark)
        if not self.before:
            return minus + digits + self.gap + self.sign
        return self.sign + self.gap + minus + digits if self.inside else minus + self.sign + self.gap + digits


def numbers_like(made: Sequence[str], cells: Sequence[str], numbers: Iterable[float], mark: str = POINT) -> list[str]:
    """Numbers as Python writes them, in the form of cells that are ``numbers``."""
    form = NumberForm.of(cells, numbers, mark)
    return list(map(form.text, made))


def dates_like(made: Array, cells: Sequence[str]) -> list[str] | None:
    """Moments in the form of cells that are dates, and in the zone of the first one; None where these have no form."""
    form = form_of(cells)
    if form is None:
        return None
    days = ((made - _EPOCH) / np.timedelta64(1, "D")).tolist()
    return ["" if day != day else written(day, cells[0], form) for day in days]


def decimal_mark(columns: Iterable[tuple[Sequence[str], Array]]) -> str:
    """The decimal mark of a file by its columns' cells and their numbers, NaN where they have none.

    >>> decimal_mark([(["7", ""], np.array([7.0, np.nan])), (["2,5", "1"], np.array([2.5, 1.0]))])
    ','
    """
    for cells, numbers in columns:
        for cell, value in zip(cells, numbers.tolist(), strict=True):
            if COMMA in cell and value == value:
                signed = unsigned(cell)
                if _are([cell if signed is None else signed[1]], [value], COMMA):
                    return COMMA
                break  # words, or commas between thousands
    return POINT


def _are(texts: Sequence[str], numbers: Sequence[float], mark: str) -> bool:
    try:
        return all(number(text, mark) == value for text, value in zip(texts, numbers, strict=True))
    except ValueError:
        return False


def _parts(text: str, mark: str) -> tuple[str, str]:
    """What stands before the decimal mark, without a sign, and after it."""
    whole, _, rest = text.lstrip("+-").partition(mark)
    return whole, rest or ("e" if "e" in whole.lower() else "")


def _commonest(found: Counter[str]) -> str:
    return found.most_common(1)[0][0] if found else ""
