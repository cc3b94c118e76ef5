"""Which images lie where below a folder, or in an archive as if it were one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from aevum.data.archives import ARCHIVES, is_archive, labels_of_keys, names_in, no_pictures, pictures_in
from aevum.data.columns import label_array
from aevum.data.files import explain, listed, refuse_too_big, shown
from aevum.data.image_files import EXTENSIONS

# What accompanies images as a rule, and is nothing that someone would miss among them.
_BESIDE = {".csv", ".tsv", ".txt", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".md", ".html", ".db", ".ini", ".log"}
_NO_FOLDERS = {"__MACOSX"}


class Tree:
    """The folders that were read, each once so that links in a circle end, and what was left out of them."""

    def __init__(self, root: Path) -> None:
        status = root.stat()
        self.seen = {(status.st_dev, status.st_ino)}
        self.read: dict[Path, tuple[list[Path], list[Path]]] = {}
        self.other: Counter[str] = Counter()
        self.repeated: list[str] = []
        self.images: list[Path] = []

    def data(self, path: Path) -> bytes | None:
        """An image's bytes, where it is no file of its own."""
        return None

    def keyed_labels(self) -> list[object] | None:
        """The label of each image from the file of the same key beside it, as WebDataset writes them, in archives."""
        return None

    def walk(self, folder: Path) -> list[Path]:
        """All images below a folder, sorted."""
        images, waiting = list[Path](), [folder]
        while waiting:
            found, folders = self.entries(waiting.pop())
            images += found
            waiting += folders
        return sorted(images)

    def entries(self, folder: Path) -> tuple[list[Path], list[Path]]:
        """Images and sub-folders, sorted; a folder that was met before, through a link, is left out."""
        if folder not in self.read:
            self.read[folder] = self._entries(folder)
        return self.read[folder]

    def _entries(self, folder: Path) -> tuple[list[Path], list[Path]]:
        images, folders = list[Path](), list[Path]()
        try:
            with os.scandir(folder) as entries:
                # What lies here goes before what is linked to, so that a class keeps its own name.
                for entry in sorted(entries, key=lambda each: (each.is_symlink(), each.name)):
                    if entry.name.startswith(".") or entry.name in _NO_FOLDERS:
                        continue
                    if _leads_to_folder(entry):
                        folders += self._once(folder / entry.name)
                    elif entry.name.lower().endswith(EXTENSIONS):
                        images.append(folder / entry.name)
                    elif (suffix := Path(entry.name).suffix.lower()) not in _BESIDE and entry.name != "Thumbs.db":
                        self.other[suffix] += 1
        except OSError as error:
            raise explain(folder, error) from None
        return sorted(images), sorted(folders)

    def _once(self, folder: Path) -> list[Path]:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in self.seen:
            self.repeated.append(folder.name)
            return []
        self.seen.add((status.st_dev, status.st_ino))
        return [folder]

    def said(self, folder: Path) -> list[str]:
        """What was left out, a sentence each."""
        notes = []
        if self.other:
            notes.append(f"{shown(folder)}: left out are files that aren't read as images: {counted(self.other)}")
        if self.repeated:
            links = f"{len(self.repeated)} link{'s' if len(self.repeated) > 1 else ''}"
            notes.append(
                f"{shown(folder)}: left out: {links} to folders that are read already ({listed(self.repeated)})"
            )
        return notes


class ArchiveTree(Tree):
    """The images of one archive or more, as if each were a folder.

    :param root: the archive, or the folder of several.
    :param files: each image's bytes, and those of what says its label, by where it would lie.
    :param others: where all else would lie.
    """

    def __init__(self, root: Path, files: Mapping[Path, bytes], others: Iterable[Path]) -> None:
        super().__init__(root)
        self.files = dict(files)
        self.images = sorted(path for path in files if path.name.lower().endswith(EXTENSIONS))
        self.other.update(path.suffix.lower() for path in others if path.suffix.lower() not in _BESIDE)
        images: dict[Path, list[Path]] = {}
        folders: dict[Path, set[Path]] = {}
        for path in self.images:
            images.setdefault(path.parent, []).append(path)
            while path.parent != root and path != root:
                path = path.parent
                folders.setdefault(path.parent, set()).add(path)
        self.read = {
            place: (images.get(place, []), sorted(folders.get(place, ()))) for place in {*images, *folders, root}
        }

    def data(self, path: Path) -> bytes | None:
        return self.files[path]

    def keyed_labels(self) -> list[object] | None:
        found = labels_of_keys(self.files, self.images)
        labels: list[object] | None = None if found is None else label_array(found, next(iter(self.files))).tolist()
        return labels


def tree_of(place: Path) -> Tree:
    """The tree of a folder, of an archive, or of a folder of nothing but archives, whose images are read.

    :raises InputError: an archive is damaged, or holds no images.
    """
    if not place.is_dir():
        files, others = pictures_in(place)
        if not any(path.name.lower().endswith(EXTENSIONS) for path in files):
            raise no_pictures(place, others)
        return ArchiveTree(place, files, others)
    shards = _shards(place)
    if not shards:
        return Tree(place)
    merged: dict[Path, bytes] = {}
    rest: list[Path] = []
    for shard in shards:
        files, others = pictures_in(shard)
        merged.update(files)
        rest += others
        refuse_too_big(place, sum(map(len, merged.values())))
    return ArchiveTree(place, merged, rest)


def bare_tree_of(place: Path) -> Tree:
    """The same without reading an image: it is there for the names of folders."""
    if place.is_dir():
        return Tree(place)
    names = names_in(place) if is_archive(place) else []
    return ArchiveTree(
        place, dict.fromkeys((each for each in names if each.name.lower().endswith(EXTENSIONS)), b""), ()
    )


def _shards(folder: Path) -> list[Path]:
    """The archives of a folder that holds nothing else but notes about them."""
    try:
        entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")]
    except OSError as error:
        raise explain(folder, error) from None
    found = sorted(entry for entry in entries if entry.name.lower().endswith(ARCHIVES) and entry.is_file())
    rest = [entry for entry in entries if entry not in set(found)]
    return [] if any(entry.is_dir() or entry.suffix.lower() not in _BESIDE for entry in rest) else found


def counted(suffixes: Counter[str]) -> str:
    return listed([f"{count} {suffix or 'without an ending'}" for suffix, count in suffixes.most_common()])


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False
