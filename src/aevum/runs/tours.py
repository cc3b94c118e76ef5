"""A teacher's tour of a run, ``tour.json`` in its folder: steps of a title, a text and a state of the page.

The page reads it by the same rules (``web/src/tour/tour.ts``). Nothing that a run writes has this name, so that a tour
stays where a run is trained anew.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NoReturn

from aevum import storage
from aevum.errors import InputError
from aevum.runs.finding import find_run
from aevum.runs.folder import MODEL

TOUR, VERSION = "tour.json", 1
LANGUAGES = ("en", "zh")
# Bytes of a file, steps, and characters of their parts. A state may hold a picture that was drawn.
MOST_BYTES, MOST_STEPS, MOST_TITLE, MOST_TEXT, MOST_STATE, MOST_LINK = 2**18, 60, 200, 4000, 40_000, 4000
_LINK = re.compile(r"\[([^\[\]]*)\]\(([^()\s\ufeff]*)\)")
# As it is shown: what looks like a part of a link in one of them and is none would be seen as it stands.
_PARAGRAPHS = re.compile(r"\n\s*\n")
_STATE = re.compile(r"#?(?:[a-z]+=[^&#\s\ufeff]*(?:&[a-z]+=[^&#\s\ufeff]*)*)?")
_SHOWN = 60


def read_tour(path: str | Path) -> str:
    """The text of a tour's file, once it is known to be one.

    Args:
        path: of a JSON file: ``{"aevum": "tour", "version": 1, "title": …, "steps": [{"title": …, "text": …,
            "state": …}, …]}``. A title or a text is a string, or one a language: ``{"en": …, "zh": …}``. A text is
            plain but for links that move the page, ``[the threes](#only=3)``; a state is what stands after # in the
            page's address.

    Raises:
        InputError: the file can't be read or holds no tour; the sentence names the step and what is wrong with it.
    """
    path = Path(path).expanduser()
    if not path.is_file():
        raise InputError(f"there is no tour {path}: {'it is no file' if path.exists() else 'no such file'}")
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"can't read {path}: {error.strerror or error}") from error
    try:
        return checked(data)
    except InputError as error:
        raise InputError(f"{path} holds no tour: {error}") from error


def checked(data: bytes) -> str:
    """The text of a tour.

    >>> checked(b'{"aevum": "tour", "version": 1, "title": "Digits", "steps": []}')
    Traceback (most recent call last):
    aevum.errors.InputError: it has no steps

    Raises:
        InputError: it is none; says why.
    """
    if len(data) > MOST_BYTES:
        raise InputError(f"it has more than {MOST_BYTES // 1024} kB")
    try:
        text = data.decode("utf-8-sig")
        found: Any = json.loads(text)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        raise InputError("it is no JSON in UTF-8") from None
    if not isinstance(found, dict) or found.get("aevum") != "tour":
        raise InputError('it is no tour: a tour begins with "aevum": "tour"')
    if found.get("version") != VERSION or isinstance(found["version"], bool):
        raise InputError(f"it is not of version {VERSION}")
    steps = found.get("steps")
    if not isinstance(steps, list) or not steps:
        raise InputError("it has no steps")
    if len(steps) > MOST_STEPS:
        raise InputError(f"it has more than {MOST_STEPS} steps")
    if _texts(found.get("title"), MOST_TITLE) is None:
        raise InputError(f"its title is no text of at most {MOST_TITLE} characters")
    for number, step in enumerate(steps, 1):
        _check_step(number, step)
    return text


def tour_of(run: str | Path) -> str | None:
    """The text of the tour that is kept with a run, or with the run of a model directory; None where none is.

    Raises:
        InputError: there is one that can't be used.
    """
    place = _place(find_run(str(run)))
    return read_tour(place) if place.is_file() else None


def keep_tour(run: str | Path, file: str | Path, *, overwrite: bool = False) -> Path:
    """Keep a tour with a run; where it lies.

    Raises:
        InputError: there is no such run or no such tour, the run has one (without ``overwrite``), or it can't be
            written.
    """
    place, text = _place(find_run(str(run))), read_tour(file)
    if place.exists() and not overwrite:
        raise InputError(f"{place} exists; pass overwrite=True (on the command line --force) to replace it")
    storage.write_text(place, text)
    return place


def forget_tour(run: str | Path) -> Path:
    """Delete the tour that is kept with a run; where it lay.

    Raises:
        InputError: there is none, or it can't be deleted.
    """
    place = _place(find_run(str(run)))
    if not place.is_file():
        raise InputError(f"no tour is kept with {run}")
    try:
        place.unlink()
    except OSError as error:
        raise InputError(f"can't delete {place}: {error.strerror or error}") from error
    return place


def titles(text: str, language: str = "en") -> tuple[str, list[str]]:
    """A tour's title, and its steps'."""
    found = json.loads(text)
    return _worded(found["title"], language), [_worded(step["title"], language) for step in found["steps"]]


# -------------------------------------------------------------------- what a step may be


def _place(run: Path) -> Path:
    """In a run's folder; of a model directory alone, beside it only where it is a run's."""
    folder = run.resolve().parent if run.resolve().name == MODEL and not (run / MODEL).is_dir() else run
    return folder / TOUR


def _check_step(number: int, step: Any) -> None:
    def fails(what: str) -> NoReturn:
        raise InputError(f"step {number}: {what}")

    if not isinstance(step, dict):
        fails("it is no object with title, text and state")
    if _texts(step.get("title"), MOST_TITLE) is None:
        fails(f"its title is no text of at most {MOST_TITLE} characters")
    texts = _texts(step.get("text"), MOST_TEXT)
    if texts is None:
        fails(f"its text is no text of at most {MOST_TEXT} characters")
    for said in (said for text in texts if (said := _no_link(text))):
        fails(said)
    if not _is_state(step.get("state", ""), MOST_STATE):
        fails("its state is none that an address of the page has")


def _no_link(text: str) -> str | None:
    """What is wrong with a link in a text; None where nothing is."""
    for paragraph in _PARAGRAPHS.split(text):
        left = _LINK.sub(lambda found: "" if found[1].strip() else found[0], paragraph)
        if "](" in left:
            begun = left[max(0, left.rfind("[", 0, left.index("]("))) :].strip()
            like = "[words](#panel=morph), and %28, %29, %20 for brackets and blanks in its state"
            return f"{_cut(begun)!r} is no link: write {like}"
    for words, link in _LINK.findall(text):
        if not (link.startswith("#") and _is_state(link, MOST_LINK)):
            return f"{_cut(words)!r} links to {_cut(link)!r}, and links can only move the page: #panel=morph"
    return None


def _is_state(value: Any, most: int) -> bool:
    return isinstance(value, str) and len(value) <= most and _STATE.fullmatch(value) is not None


def _texts(value: Any, most: int) -> list[str] | None:
    """A text in its languages; None for what is no text with something in it, or too long a one."""
    known = isinstance(value, dict) and value and set(value) <= set(LANGUAGES)
    found: list[Any] = list(value.values()) if known else [value]
    return found if all(isinstance(text, str) and text.strip() and len(text) <= most for text in found) else None


def _worded(value: Any, language: str) -> str:
    return str(value if isinstance(value, str) else value.get(language) or next(iter(value.values())))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
