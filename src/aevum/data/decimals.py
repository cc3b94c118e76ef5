"""Numbers as text: which mark is the decimal one and which separates thousands, told by column.

``1.234`` is a thousand in half of the world and a little over one in the other. A cell such as ``2,5`` or ``1.234.567``
can be read in one way only, and speaks for its column; where no cell of a column does, the other columns do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

POINT, COMMA = ".", ","
MARKS = (POINT, COMMA)

# Spaces of three widths and two apostrophes separate thousands in some countries, and are never a decimal mark.
_GAP = "[ \u00a0\u202f'\u2019]"
_EXPONENT = r"(?:[eE][+-]?[0-9]+)?"
# With a digit before the exponent: "E10" is the name of something.
_NUMBER = {
    mark: re.compile(
        rf"[+-]?(?:(?:[0-9]+|[1-9][0-9]{{0,2}}(?:(?:{_GAP}|{re.escape(other)})[0-9]{{3}})+)(?:{re.escape(mark)}[0-9]*)?"
        rf"|{re.escape(mark)}[0-9]+){_EXPONENT}"
    )
    for mark, other in ((POINT, COMMA), (COMMA, POINT))
}
_EITHER = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_SIGNED = re.compile(r"(?P<minus>[+-]?)(?P<before>[$€£¥])\s*(?P<first>.+)|(?P<last>.+?)\s*(?P<after>[%$€£¥])")
# As typesetters write it; no number has it elsewhere.
_MINUS = "\u2212"
_PLAIN = re.compile(rf"[+-]?[0-9]+{_EXPONENT}")


def evidence(cell: str) -> str | None:
    """What a cell says of its column: a mark, ``"either"`` before one, ``"none"``; None where it is no number.

    >>> [evidence(cell) for cell in ("2,5", "1,234.5", "1.234", "1,234", "7", "x", "E10")]
    [',', '.', 'either .', 'either ,', 'none', None, None]
    """
    text = _with_hyphen(cell)
    if _PLAIN.fullmatch(text):
        return "none"
    if _EITHER.fullmatch(text):
        return f"either {COMMA if COMMA in text else POINT}"
    if not any("0" <= c <= "9" for c in text):
        return None
    fits = [mark for mark in MARKS if _NUMBER[mark].fullmatch(text)]
    return fits[0] if len(fits) == 1 else "none" if fits else None


def number(cell: str, mark: str) -> float:
    """The number that a cell holds, where ``mark`` is its column's decimal one.

    :raises ValueError: it holds none.

    >>> number("1.234,5", ","), number("1,234.5", "."), number("12", ","), number("\u22120.5", ".")
    (1234.5, 1234.5, 12.0, -0.5)
    """
    text = _with_hyphen(cell)
    if not _NUMBER[mark].fullmatch(text):
        if "_" in text or (mark == COMMA and POINT in text):
            raise ValueError(text)
        return float(text)
    text = re.sub(_GAP, "", text.replace(COMMA if mark == POINT else POINT, ""))
    return float(text.replace(COMMA, POINT))


def unsigned(cell: str) -> tuple[str, str] | None:
    """The sign of per cent or of a currency in a cell, and the number beside it; None for a cell without them.

    >>> unsigned("51 %"), unsigned("-$1,234.50"), unsigned("51"), unsigned("a%")
    (('%', '51'), ('$', '-1,234.50'), None, None)
    """
    match = _SIGNED.fullmatch(_with_hyphen(cell))
    if match is None:
        return None
    text = match["last"] or match["minus"] + match["first"]
    return (match["before"] or match["after"], text) if evidence(text) is not None else None


def marks_of(columns: Sequence[Mapping[str, tuple[int, str]]]) -> list[str] | tuple[int, str]:
    """The decimal mark of each column from the evidence in it (what → line and cell), or which column stays unclear.

    >>> marks_of([{",": (2, "2,5")}, {"either .": (2, "1.234")}])
    [',', ',']
    """
    sure = {mark for column in columns for mark in MARKS if mark in column}
    marks = []
    for j, column in enumerate(columns):
        own = [mark for mark in MARKS if mark in column]
        either = [mark for mark in MARKS if f"either {mark}" in column]
        if len(own) == 2:
            (line, one), (other_line, other) = column[POINT], column[COMMA]
            return j, f'has "{one}" in line {line} and "{other}" in line {other_line}'
        if own or not either:
            marks += own or [POINT]
        elif either == [POINT] and COMMA not in sure:
            marks.append(POINT)  # as everywhere where nothing speaks for another
        elif len(sure) == 1 and len(either) == 1:
            marks += sure
        else:
            line, cell = column[f"either {either[-1]}"]
            return j, f'has "{cell}" in line {line}, which may be a fraction or thousands'
    return marks


def words(marks: Sequence[str], columns: Sequence[Mapping[str, tuple[int, str]]], names: Sequence[str]) -> list[str]:
    """What should be said of columns whose numbers weren't read as Python would read them."""
    said = []
    for mark, wanted in ((COMMA, "decimal commas"), (POINT, "commas between thousands")):
        found = [j for j, own in enumerate(marks) if own == mark and _has_comma(columns[j].values())]
        if found:
            more = f" and {len(found) - 5} more" if len(found) > 5 else ""
            shown = ", ".join(names[j].removeprefix("column ") for j in found[:5])
            said.append(f"{wanted} in column{'s' if len(found) > 1 else ''} {shown}{more}")
    return said


def maybe_thousands(columns: Sequence[Mapping[str, tuple[int, str]]], names: Sequence[str]) -> list[str]:
    """What should be said of numbers that may all be thousands with points, where nothing speaks for fractions.

    >>> maybe_thousands([{"either .": (2, "1.234")}, {}], ['column "a"', 'column "b"'])
    ['"1.234" in line 2 of column "a" is read as a fraction; with --decimal , (decimal= in Python) it is a thousand']
    """
    either = f"either {POINT}"
    if any(mark in column for column in columns for mark in MARKS):
        return []
    return [
        f'"{column[either][1]}" in line {column[either][0]} of {name} is read as a fraction; with --decimal ,'
        " (decimal= in Python) it is a thousand"
        for column, name in zip(columns, names, strict=True)
        if either in column
    ][:1]


def _with_hyphen(cell: str) -> str:
    return cell.strip().replace(_MINUS, "-", 1)


def _has_comma(cells: Iterable[tuple[int, str]]) -> bool:
    return any(COMMA in cell for _, cell in cells)


def is_number(cell: str) -> bool:
    """Whether a cell is a number with either decimal mark, or what float() takes for one."""
    if evidence(cell) is not None:
        return True
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell  # float() reads "2021_03" as 202103, and nobody means that
