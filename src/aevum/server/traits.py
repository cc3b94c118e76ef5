"""Columns of labels as the page asks for them: their values, how a trait is read off the codes, rows by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from aevum.data.trait_columns import TraitColumn
from aevum.errors import InputError
from aevum.exploration.company import Company, company
from aevum.exploration.steps import Steps
from aevum.exploration.traits import HeldOut, found
from aevum.server.answers import Answer
from aevum.server.arguments import Arguments
from aevum.server.given import shown
from aevum.server.subject import Run

Floats = NDArray[np.float64]
MOST_COMPANY = 12


class Scored(TypedDict):
    """A score on held-out rows: its mean over the folds, and the deviation between them."""

    mean: float
    deviation: float


class Along(TypedDict):
    """A column that comes along with a trait."""

    column: str
    measure: Literal["d", "V", "r", "η"]
    value: float
    strength: float
    word: str | None
    other: str | None
    with_trait: float | None
    without_trait: float | None


class Read(TypedDict):
    """How well a trait is read off the codes of rows that were held out; null where the rows are too few to tell."""

    kind: Literal["category", "quantity"]
    measure: Literal["AUC", "R²"]
    best: Scored | None
    along: Scored | None
    chance: bool
    rows: int
    measured: int
    company: list[Along]


class Words(TypedDict):
    """What the places of a column of names stand for; null for others, whose words are told with the run."""

    words: list[str] | None


class Hit(TypedDict):
    """A row, and what was found of it."""

    row: int
    text: str
    column: str


class Hits(TypedDict):
    """Rows that were found, and how many there are in all."""

    found: list[Hit]
    count: int


def column(run: Run, given: Arguments) -> Answer:
    chosen = run.traits[given["column"]]
    words: Words = {"words": list(chosen.categories) if chosen.kind == "name" else None}
    if chosen.kind == "quantity":
        return Answer({**words}, {"values": chosen.float32})
    return Answer({**words}, {"index": chosen.index})


def trait(run: Run, given: Arguments) -> Steps[Answer]:
    """The direction, how well it is read, and what comes along with it."""
    t, groups, own = _asked(run, given)
    known = np.flatnonzero(np.isfinite(t))
    if len(known) < 2 or not t[known].max() > t[known].min():
        raise InputError("no direction: at least two rows have to differ in the trait")
    codes = yield from run.codes.of(known)
    direction = yield from found(codes, t[known], groups=groups)
    others = [each for name, each in run.traits.items() if name != own]
    reading = direction.reading
    values: Read = {
        "kind": "category" if groups else "quantity",
        "measure": "AUC" if groups else "R²",
        "best": None if reading is None else _scored(reading.best),
        "along": None if reading is None else _scored(reading.along),
        "chance": reading is not None and reading.chance,
        "rows": direction.rows,
        "measured": 0 if reading is None else reading.rows,
        "company": [_along(each) for each in company(t, groups, others)[:MOST_COMPANY]],
    }
    return Answer({**values}, {"vector": direction.vector, "origin": direction.origin})


def find(run: Run, given: Arguments) -> Answer:
    """Rows whose names hold a text: those that are it first, then those that begin with it."""
    text, most = given["text"].strip().casefold(), given["k"]
    hits: list[tuple[int, int, Hit]] = []
    count = 0
    for name, each in run.traits.items():
        if each.kind != "name" or not text:
            continue
        folded = [word.casefold() for word in each.categories]
        places = [place for place, word in enumerate(folded) if text in word]
        rank = {place: 0 if folded[place] == text else 1 if folded[place].startswith(text) else 2 for place in places}
        chosen = np.flatnonzero(np.isin(each.index, places))
        count += len(chosen)
        best = sorted(chosen.tolist(), key=lambda row: (rank[int(each.index[row])], row))[:most]
        hits += [
            (rank[int(each.index[row])], row, {"row": row, "text": each.text(row), "column": name}) for row in best
        ]
    hits.sort(key=lambda hit: hit[:2])
    return Answer({"found": [hit for _, _, hit in hits[:most]], "count": count})


def _asked(run: Run, given: Arguments) -> tuple[Floats, bool, str | None]:
    """What each row has of the trait, whether it tells groups apart, and the column that it is of."""
    if given.has("with") == given.has("column"):
        raise InputError("say either with, a list of row numbers, or column")
    if given.has("with"):
        return _of_rows(run, given["with"], given["without"] if given.has("without") else None), True, None
    chosen = run.traits[given["column"]]
    if chosen.kind == "name":
        raise InputError(f"the column {shown(chosen.name)} names rows, and names are no trait")
    if chosen.kind == "quantity":
        return np.asarray(chosen.values, np.float64), False, chosen.name
    has = _place(chosen, given["value"] if given.has("value") else None, "value")
    t = np.where(chosen.index == has, 1.0, np.where(chosen.index >= 0, 0.0, np.nan))
    if given.has("other"):
        lacks = _place(chosen, given["other"], "other")
        t = np.where((chosen.index == has) | (chosen.index == lacks), t, np.nan)
    return t, True, chosen.name


def _place(column: TraitColumn, word: str | None, name: str) -> int:
    if word is None or word not in column.categories:
        raise InputError(f"{name} is no value of {shown(column.name)}: {shown(word)}")
    return column.categories.index(word)


def _of_rows(run: Run, with_: NDArray[np.intp], without: NDArray[np.intp] | None) -> Floats:
    """1 for the rows with it, 0 for those without; rows of both count as with."""
    t = np.full(run.rows, 0.0 if without is None else np.nan)
    if without is not None:
        t[without] = 0.0
    t[with_] = 1.0
    return t


def _scored(score: HeldOut) -> Scored:
    return {"mean": score.mean, "deviation": score.deviation}


def _along(each: Company) -> Along:
    return {
        "column": each.column, "measure": each.measure, "value": each.value, "strength": each.strength,
        "word": each.word, "other": each.other, "with_trait": each.with_, "without_trait": each.without,
    }  # fmt: skip


def columns_for_file(columns: Sequence[TraitColumn]) -> tuple[dict[str, NDArray[Any]], dict[str, list[str]]]:
    """What a file of the page holds of columns: arrays by their places, and the texts of those that name rows."""
    arrays: dict[str, NDArray[Any]] = {}
    words: dict[str, list[str]] = {}
    for place, each in enumerate(columns):
        if each.kind == "quantity":
            arrays[f"column_values_{place}"] = each.float32
            continue
        index = each.index
        if each.kind == "name":  # only of the rows that are there
            used, found = np.unique(index[index >= 0], return_inverse=True)
            words[str(place)] = [each.categories[i] for i in used.tolist()]
            index = np.full(len(index), -1, np.int32)
            index[each.index >= 0] = found
        arrays[f"column_index_{place}"] = index
    return arrays, words
