"""Which of a table's columns are read, and what happens to its empty cells: what the user says of any table."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from aevum.data.files import listed, quoted, shown
from aevum.data.missing import checked_missing
from aevum.errors import InputError


@dataclass(frozen=True)
class TableOptions:
    """What the user says of a table, as text or not.

    :param drop: columns to leave out: a name, several with commas between them, or a sequence of these.
    :param columns: the only columns to read beside the labels, in the same form; all without it.
    :param missing: what happens to empty cells, one of :data:`aevum.data.missing.CHOICES`.
    :param label_gaps: whether a row may lack its label.
    """

    drop: str | Sequence[str] | None = None
    columns: str | Sequence[str] | None = None
    missing: str | None = None
    label_gaps: bool = False

    def checked(self) -> TableOptions:
        """The same, with names as tuples and what happens to empty cells said.

        :raises InputError: one of them can't be meant.
        """
        drop, columns = (_texts(option, getattr(self, option)) for option in ("drop", "columns"))
        return TableOptions(drop, columns, checked_missing(self.missing), self.label_gaps)

    @property
    def gaps(self) -> str:
        """What happens to empty cells."""
        return checked_missing(self.missing)

    def kept(self, names: Sequence[str] | None, width: int, path: Path) -> list[int]:
        """The positions of the columns to read, in the file's order; of checked options.

        Columns without names are called by their numbers, counted from 1.

        :raises InputError: no such column; the message lists those there are.

        >>> TableOptions(drop="b,c").checked().kept(["a", "b", "c", "d"], 4, Path("t.csv"))
        [0, 3]
        """
        known = [str(i + 1) for i in range(width)] if names is None else list(names)
        left_out = set(_chosen("drop", self.drop or (), known, path))
        read = set(range(width) if self.columns is None else _chosen("columns", self.columns, known, path))
        return [i for i in range(width) if i in read and i not in left_out]


def _texts(option: str, value: object) -> tuple[str, ...] | None:
    if value is None:
        return None
    texts = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, (list, tuple)) else None
    if texts is None or not all(isinstance(text, str) and text.strip() for text in texts):
        raise InputError(f"--{option} ({option}= in Python) takes names of columns, not {quoted(value)}")
    return texts


def _chosen(option: str, texts: Sequence[str], known: list[str], path: Path) -> list[int]:
    """The positions of the columns that are called so; a text that is no name is several with commas between."""
    wanted = [name for text in texts for name in ([text] if text in known else map(str.strip, text.split(",")))]
    unknown = [name for name in wanted if name and name not in known]
    if unknown:
        near = difflib.get_close_matches(unknown[0], known, n=1)
        hint = f"did you mean {quoted(near[0])}? " if near else ""
        raise InputError(
            f"{shown(path)} has no column {listed([quoted(name) for name in unknown], 6)}, which --{option}"
            f" ({option}= in Python) names; {hint}it has: {listed(known)}"
        )
    return [i for i, name in enumerate(known) if name in wanted]
