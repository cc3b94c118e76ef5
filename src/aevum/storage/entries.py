"""Entries of a folder that are replaced together, beside others that are not ours and never move.

New entries are made in ``.aevum-…/new`` inside of the folder. To put them in place, a journal of what goes where is
written first; then each old entry moves to ``.aevum-…/old`` and each new one to its place. A process that is killed in
between leaves the journal, by which :func:`recover` completes the work. What an old entry held that is not ours goes
back to where it was.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Any

from aevum.storage.files import DONE, JOURNAL, NEW, OLD, Scratch, clear, left, sync, sync_names
from aevum.storage.locks import OWN, locked

MODEL = "model"
MOST_BYTES = 2**24
Ours = Callable[[PurePosixPath], bool]
Journal = dict[str, list[str]]


class Staging(Scratch):
    """New entries of a folder, made beside the old ones in ``new``, which :meth:`commit` puts in place."""

    def commit(
        self, replaced: Iterable[str] = (), ours: Ours = lambda path: True, check: Callable[[], object] = lambda: None
    ) -> None:
        """Put all that is in ``new`` in place: all of it, or on an error nothing.

        Args:
            replaced: names of entries that go, whether or not there are new ones of these names.
            ours: whether a file (its path from the folder) may be deleted with an old entry.
            check: called when nobody else can write to the folder any more; it raises where nothing may be put here.

        Raises:
            OSError: an entry can't be moved, or one that is not replaced has the name of a new one.
        """
        sync(self.new)
        with locked(self.home):
            check()
            names = staged(self.path)
            old = sorted(name for name in set(replaced) if os.path.lexists(self.home / name))
            files = [file for name in old for file in _files(self.home, self.home / name)]
            # Of an entry that is a link the link goes, and what it leads to stays.
            gone = [file for file in files if ours(PurePosixPath(file)) or file in old]
            journal = {"new": names, "old": old, "gone": gone}
            try:
                note(self.path, journal)
                forward(self.home, self.path, journal)
            except BaseException:
                backward(self.home, self.path, journal)
                raise
            with suppress(OSError):  # what can't be cleaned up now is found later
                finish(self.home, self.path, journal)
        self.new.mkdir(exist_ok=True)  # for what is committed next


def staged(scratch: Path) -> list[str]:
    """The names of the new entries."""
    return sorted(path.name for path in (scratch / NEW).iterdir() if not path.name.startswith(OWN))


def note(scratch: Path, journal: Journal) -> None:
    """Write down what is about to move: from here on it is completed rather than forgotten."""
    part = scratch / f"{JOURNAL}.part"
    part.write_text(json.dumps(journal), encoding="ascii")
    sync(part)
    part.replace(scratch / JOURNAL)


def forward(home: Path, scratch: Path, journal: Journal) -> None:
    """Move the old entries aside and the new ones in; what has moved already stays."""
    new, aside = scratch / NEW, scratch / OLD
    aside.mkdir(exist_ok=True)
    for name in [*journal["old"], *(name for name in journal["new"] if name not in journal["old"])]:
        if name in journal["old"] and not os.path.lexists(aside / name) and os.path.lexists(home / name):
            (home / name).replace(aside / name)
        if os.path.lexists(new / name):
            if os.path.lexists(home / name):
                raise FileExistsError(errno.EEXIST, f"{name} appeared there meanwhile")
            (new / name).replace(home / name)
    sync_names(home)


def backward(home: Path, scratch: Path, journal: Journal) -> None:
    """Undo :func:`forward`, as far as it came."""
    new, aside = scratch / NEW, scratch / OLD
    for name in {*journal["old"], *journal["new"]}:
        moved_in = name in journal["new"] and not os.path.lexists(new / name)
        if moved_in and os.path.lexists(home / name):
            (home / name).replace(new / name)
        if os.path.lexists(aside / name):
            (aside / name).replace(home / name)
    for unlink in ((scratch / JOURNAL).unlink, (scratch / f"{JOURNAL}.part").unlink, aside.rmdir):
        with suppress(OSError):
            unlink()


def finish(home: Path, scratch: Path, journal: Journal) -> str | None:
    """Delete of the old entries what is ours, and put the rest back; where something of it stays, if anything does."""
    with suppress(FileNotFoundError):
        (scratch / JOURNAL).replace(scratch / DONE)  # from now on what is in place is not to be moved again
    aside = scratch / OLD
    for file in journal["gone"]:
        if not _through_a_link(aside, file):
            with suppress(OSError):
                (aside / file).unlink()
    _remove_empty(aside)
    for file in _files(aside, aside):
        target = home / file
        if not (_through_a_link(aside, file) or _through_a_link(home, file) or os.path.lexists(target)):
            with suppress(OSError):
                target.parent.mkdir(parents=True, exist_ok=True)
                (aside / file).replace(target)
    _remove_empty(aside)
    clear(scratch)
    return str(aside) if aside.exists() else None


def recover(home: Path) -> list[str]:
    """Complete or clean up what processes left in a folder that were killed; what was done, a line each."""
    said = []
    for scratch, lock in left(home):
        try:
            with locked(home):
                said += _recovered(home, scratch)
        except OSError as error:
            said.append(f"{scratch} was left by a run that was cut off, and can't be put right: {error.strerror}")
        finally:
            lock.release()
            with suppress(OSError):
                scratch.rmdir()
    return said


def _recovered(home: Path, scratch: Path) -> list[str]:
    done, journal = _read(scratch / DONE), _read(scratch / JOURNAL)
    if done is not None:
        stays = finish(home, scratch, done)
        return [] if stays is None else [f"{stays} holds what could not be removed of an earlier run"]
    if journal is not None:
        forward(home, scratch, journal)
        finish(home, scratch, journal)
        return [f"{home} was being replaced when that process was killed; the new one is in place now, whole"]
    if not (scratch / NEW / MODEL).is_dir():
        nothing = not (scratch / NEW).exists()
        clear(scratch)
        return [] if nothing else [f"what a process that was killed left unfinished in {home} was removed"]
    names = staged(scratch)
    if not any(os.path.lexists(home / name) for name in names):
        journal = {"new": names, "old": [], "gone": []}
        note(scratch, journal)
        forward(home, scratch, journal)
        finish(home, scratch, journal)
        return [f"the process that wrote {home} was killed; its model is in place now, but not all that belongs to it"]
    places = (home.with_name(f"{home.name}-{i}") for i in count(2))
    place = next(place for place in places if not os.path.lexists(place))
    (scratch / NEW).replace(place)
    clear(scratch)
    return [f"the process that was to replace {home} was killed; its model is in {place}"]


def _read(file: Path) -> Journal | None:
    """A journal, if it is one that was written here: it names nothing outside of its folders."""
    try:
        if file.is_symlink() or file.stat().st_size > MOST_BYTES:
            return None
        found: Any = json.loads(file.read_bytes())
        lists = {name: [str(entry) for entry in found[name]] for name in ("new", "old", "gone")}
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    plain = all(_is_inside(entry) for entries in lists.values() for entry in entries)
    single = all("/" not in entry and not entry.startswith(OWN) for entry in lists["new"] + lists["old"])
    return lists if plain and single else None


def _is_inside(path: str) -> bool:
    parts = path.split("/")
    return not (Path(path).is_absolute() or "\\" in path or ":" in path or {"", ".", ".."} & set(parts))


def _files(home: Path, top: Path) -> list[str]:
    """All that lies at or below a path and is no folder, as paths from home; links are not followed."""
    if top.is_symlink() or not top.is_dir():
        return [top.relative_to(home).as_posix()] if os.path.lexists(top) else []
    return sorted(
        (Path(folder) / name).relative_to(home).as_posix()
        for folder, inner, names in os.walk(top)
        for name in [*names, *(name for name in inner if (Path(folder) / name).is_symlink())]
    )


def _through_a_link(top: Path, file: str) -> bool:
    """Whether a folder on the way to a file is a link, behind which nothing is ours."""
    return any((top / parent).is_symlink() for parent in list(PurePosixPath(file).parents)[:-1])


def _remove_empty(top: Path) -> None:
    for folder, _, _ in os.walk(top, topdown=False):
        with suppress(OSError):
            Path(folder).rmdir()
