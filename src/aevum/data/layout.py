"""How a table as text is laid out: encoding, separator, lines above it, names of its columns."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple, TextIO

from aevum.data.columns import is_missing_text
from aevum.data.decimals import COMMA, MARKS, evidence, is_number
from aevum.data.encodings import WINDOWS, codec, encoding_of, first_beyond_ascii, undecodable
from aevum.data.files import MAX_BYTES, quoted, shown
from aevum.data.headers import is_header
from aevum.data.kinds import opened_text, refuse_too_long
from aevum.errors import InputError

SPACES = " "
# In this order where nothing else tells: a comma may also be a decimal one, and words have spaces between them.
_SEPARATORS = ("\t", ";", "|", ",", SPACES)
_SEPARATORS_OF_WORDS = ("\t", ";", ",")
_SEPARATOR_NAMES = {"tab": "\t", "\\t": "\t", "space": SPACES, "comma": ",", "semicolon": ";", "pipe": "|"}
_FIRST_CELL = re.compile(r"[,;|\t]")  # of "#N/A,5", which is no comment
_SNIFFED_ROWS, _LONGEST_LINE = 20, 2**20
# Two characters of text ("1,") become eight bytes of numbers.
_MAX_TEXT = MAX_BYTES // 4


@dataclass(frozen=True)
class TextOptions:
    """What the user says about a table as text; None for what is to be found out.

    :param sep: the separator: one character, or "tab", "space" (any number of them), "comma", "semicolon", "pipe".
    :param decimal: "." or ",", for all columns.
    :param encoding: as Python calls it, such as "cp1252".
    :param header: whether the first row holds the names of the columns.
    """

    sep: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    header: bool | None = None

    def checked(self) -> TextOptions:
        """The same with the separator as a character.

        :raises InputError: one of them can't be meant.
        """
        sep = _SEPARATOR_NAMES.get(str(self.sep).lower(), self.sep)
        if sep is not None and (not isinstance(sep, str) or len(sep) != 1 or sep in '"\r\n\0'):
            raise InputError(f"--sep {quoted(sep)} (sep= in Python) is no separator; use one character, tab or space")
        if self.decimal not in (None, *MARKS):
            raise InputError(f'--decimal {quoted(self.decimal)} (decimal= in Python) must be "." or ","')
        if self.decimal is not None and self.decimal == sep:
            raise InputError(f"--sep and --decimal can't both be {quoted(sep)}")
        if self.header not in (None, True, False):
            raise InputError(f"header must be True, False or None, not {quoted(self.header)}")
        return TextOptions(sep, self.decimal, None if self.encoding is None else codec(self.encoding), self.header)


class Layout(NamedTuple):
    """``skip`` rows lie above the first row of numbers; ``names`` is None where the columns have none."""

    delimiter: str
    encoding: str
    width: int
    names: tuple[str, ...] | None
    skip: int
    notes: tuple[str, ...]

    @property
    def has_index(self) -> bool:
        """Whether the first column is a row index, as pandas and R write it: without a name."""
        return self.names is not None and self.width > 1 and self.names[0] == ""


def layout_of(path: Path, options: TextOptions, *, single: bool = False) -> Layout:
    """How the file is laid out, as far as its first rows tell; with ``single`` it is one column, maybe of words.

    :raises InputError: no rows, an encoding that doesn't fit, or names that can't be told from data.
    """
    refuse_too_long(path, _MAX_TEXT)
    encoding = options.encoding or encoding_of(path)
    guessed = encoding == WINDOWS and options.encoding is None
    _, comment, told = _preamble(path, encoding)
    wanted = options.sep or told
    separators = _SEPARATORS if not single else _SEPARATORS_OF_WORDS
    tried = (wanted,) if wanted else tuple(s for s in separators if s != options.decimal)
    heads = {sep: _head(path, encoding, sep) for sep in tried}
    heads = {sep: rows for sep, rows in heads.items() if rows}
    if not heads:
        next(table_rows(path, encoding, tried[0]), None)  # says what can't be read, where that is why
        raise InputError(f"{shown(path)} holds no rows")
    shapes = {sep: _shape(rows, sep) for sep, rows in heads.items()}
    scores = {s: _score(heads[s], shape, s) for s, shape in shapes.items() if shape is not None and shape.width > 1}
    if len(tried) > 1 and scores.get(SPACES, (1,))[0] <= 0:
        del scores[SPACES]  # words between spaces are no columns
    # Where no separator gives rows of one length, the widest first row serves to name the line that differs.
    width = {s: len(rows[0]) for s, rows in heads.items() if s != SPACES or len(heads) == 1}
    sep = max(scores, key=scores.__getitem__) if scores else max(width, key=lambda s: (width[s], s == COMMA))
    shape = shapes[sep] or _Shape(0, len(heads[sep][0]), len(heads[sep][0]))
    rows = heads[sep][shape.start :]
    names, has_header, notes = _names(path, rows, shape, _cells(comment, sep), options.header, not single)
    if shape.start:
        title = next((cell for row in heads[sep] for cell in row if cell.strip()), "")
        notes = (f"{path.name}: the lines above the table are left out ({quoted(title.strip())})", *notes)
    if guessed:
        example = quoted(first_beyond_ascii(path, encoding))
        said = f"{path.name} isn't UTF-8 and is read as cp1252, as Windows programs write it ({example})"
        notes = (f"{said}; --encoding (encoding= in Python) says another", *notes)
    found = Layout(sep, encoding, shape.width, names, shape.start + has_header, notes)
    if found.has_index and not _are_row_names(
        [row[0] for row in rows[has_header:]], sep, short=len(rows[0]) < shape.width
    ):
        said = f"{path.name}: the first column has no name, and is left out as one of row names; name it to keep it"
        found = found._replace(notes=(*notes, said))
    return found


def table_rows(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Line number and cells of every row that isn't blank, below leading comments and Excel's ``sep=``."""
    line = above = _preamble(path, encoding)[0]
    try:
        with opened_text(path, encoding) as file:
            for _ in range(above):
                file.readline()
            spaced = delimiter == SPACES
            lines: Iterable[str] = (text.replace("\t", " ").strip() + "\n" for text in file) if spaced else file
            reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=delimiter != "\t")
            for row in reader:
                line = above + reader.line_num
                if row and not (len(row) == 1 and not row[0].strip()):
                    yield line, row
    except UnicodeError:
        raise undecodable(path, encoding) from None
    except csv.Error:
        raise InputError(
            f"{shown(path)}: the row after line {line} can't be read; a cell is far too long"
            " or a closing quote is missing"
        ) from None


# ------------------------------------------------------------------ the first rows


def _preamble(path: Path, encoding: str) -> tuple[int, str, str | None]:
    """Lines to pass over, the last of those that begin with ``#``, and the separator that ``sep=;`` tells."""
    above, comment = 0, ""
    try:
        with opened_text(path, encoding) as file:
            while text := _line(file):
                bare = text.strip()
                if len(bare) <= 5 and bare[:4].lower() == "sep=":
                    return above + 1, comment, text.rstrip("\r\n").lstrip()[4:5] or None
                if bare and (not bare.startswith("#") or is_missing_text(_FIRST_CELL.split(bare)[0])):
                    return above, comment, None
                above, comment = above + 1, bare.lstrip("# ") if bare else comment
    except UnicodeError:
        raise undecodable(path, encoding) from None
    return 0, "", None  # nothing but such lines: then they are the table


def _line(file: TextIO) -> str:
    """One line; of a very long one, its beginning, and the rest is passed over."""
    text = rest = file.readline(_LONGEST_LINE)
    while rest and not rest.endswith(("\n", "\r")):
        rest = file.readline(_LONGEST_LINE)
    return text


def _cells(comment: str, sep: str) -> list[str]:
    with suppress(csv.Error):
        return next(csv.reader([comment], delimiter=sep, skipinitialspace=True), [])
    return []


def _head(path: Path, encoding: str, delimiter: str) -> list[list[str]]:
    rows: list[list[str]] = []
    # A first line that is too long for one cell may be split by another separator; later errors are met again.
    with suppress(InputError):
        for _, row in islice(table_rows(path, encoding, delimiter), _SNIFFED_ROWS):
            rows.append(row)
    return rows


class _Shape(NamedTuple):
    """Rows above the table, its width, and the width of its first row (R leaves out the row names' name)."""

    start: int
    width: int
    first_width: int


def _shape(rows: list[list[str]], sep: str) -> _Shape | None:
    """Where the table begins and how wide it is; None where its rows are of several lengths."""
    width = len(rows[-1])
    start = next(k for k in range(len(rows)) if all(len(row) == width for row in rows[k:]))
    if start == 0:
        return _Shape(_padded_title(rows, width), width, width)
    body = rows[start:]
    if start == 1 and len(rows[0]) == width - 1 and _are_names(rows[0]) and _names_rows(body, sep):
        return _Shape(0, width, width - 1)
    titles = not any(is_number(cell) for row in rows[:start] for cell in row)
    if titles and width > 1 and len(body) > 1 and _are_names(body[0]) and any(map(is_number, body[1])):
        return _Shape(start, width, width)
    return None


def _padded_title(rows: list[list[str]], width: int) -> int:
    """The number of rows above the names with one cell filled at most, as a spreadsheet writes a title."""
    k = 0
    while width > 2 and k + 2 < len(rows) and sum(bool(cell.strip()) for cell in rows[k]) <= 1:
        k += 1
    return k if k and _are_names(rows[k]) and any(map(is_number, rows[k + 1])) else 0


def _names_rows(body: list[list[str]], sep: str) -> bool:
    """Whether rows that are a cell longer than the names begin with a name of their own, or end with a separator."""
    first = [row[0].strip() for row in body]
    if not any(row[-1].strip() for row in body) or not any(map(is_number, first)):
        return True
    # "1,5" below "value" is rather one number than two cells.
    return not (sep == COMMA and len(body[0]) == 2) and first == [
        str(i + int(first[0] == "1")) for i in range(len(first))
    ]


def _are_row_names(cells: list[str], sep: str, *, short: bool) -> bool:
    """Whether nobody would take a nameless column for data: words, or whole numbers, a different one in each row."""
    if short and sep == COMMA and all(map(is_number, cells)):
        return False  # "1,5" may have been one number
    return not any(map(is_number, cells)) or (all(map(_is_whole, cells)) and len(set(cells)) == len(cells))


def _is_whole(cell: str) -> bool:
    return evidence(cell) == "none"


def _are_names(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell.strip()]
    return 2 * len(filled) > len(row) and not any(map(is_number, filled))


def _score(rows: list[list[str]], shape: _Shape, sep: str) -> tuple[float, int, int]:
    """How well a separator fits: the share of columns of numbers, less those still holding another separator."""
    body = rows[shape.start + 1 :] or rows[shape.start :]
    points = 0
    for column in zip(*body, strict=False):
        filled = [cell for cell in column if not is_missing_text(cell)]
        if filled and all(map(is_number, filled)):
            points += 1
        elif any(all(other in cell for cell in filled) for other in "\t;|" if other != sep):
            points -= 1
    return points / shape.width, shape.width, -_SEPARATORS.index(sep) if sep in _SEPARATORS else 0


# ------------------------------------------------------------------ the names


def _names(
    path: Path, rows: list[list[str]], shape: _Shape, comment: list[str], asked: bool | None, ask: bool
) -> tuple[tuple[str, ...] | None, int, tuple[str, ...]]:
    """The names, whether they are the first row, and what should be said about it."""
    first, rest = rows[0], rows[1:]
    fits = shape.first_width == shape.width == len(comment)
    if asked is None and fits and any(map(is_number, first)):
        return tuple(cell.strip() for cell in comment), 0, ()
    found, notes = (asked, ()) if asked is not None else is_header(path, first, rest, ask)
    if not found:
        return None, 0, ()
    names = [cell.strip() for cell in first]
    if len(names) < shape.width:
        trailing = not any(row[-1].strip() for row in rest)
        names = [*names, ""] if trailing else ["", *names]
    return tuple(names), 1, notes
