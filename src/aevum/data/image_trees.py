"""Which images lie in a folder, and what its sub-folders mean: classes, a split, pictures beside their masks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from aevum.data.conversions import line_for
from aevum.data.files import listed, quoted, shown
from aevum.data.image_files import EXTENSIONS
from aevum.data.trees import Tree, bare_tree_of, counted
from aevum.errors import InputError

_SPLITS = {
    "train": "train", "training": "train", "test": "test", "testing": "test",
    "val": "val", "valid": "val", "validation": "val", "dev": "val",
}  # fmt: skip
_SPLIT_NAME = re.compile(rf"({'|'.join(_SPLITS)})(?:[ _-]?(?:set|data|split|images?|imgs?))?", re.IGNORECASE)
_PICTURES = {"image", "images", "img", "imgs", "input", "inputs", "picture", "pictures", "photo", "photos"}
_MASKS = {
    "mask", "masks", "annotation", "annotations", "label", "labels", "groundtruth", "ground_truth", "gt",
    "segmentation", "segmentations", "seg", "target", "targets",
}  # fmt: skip


class Images(NamedTuple):
    """Paths of all images in order, the class of each where they lie in folders, and what should be said."""

    paths: list[Path]
    classes: Sequence[object] | None
    notes: tuple[str, ...]


def find_images(folder: Path, split: str, tree: Tree) -> Images:
    """Every image below ``folder``, as its tree says, or below its split of that name where its folders are a split.

    :raises InputError: no images, no such split, or folders whose meaning must be asked.
    """
    labels = tree.keyed_labels()
    if labels is not None:
        return Images(tree.images, labels or None, tuple(tree.said(folder)))
    folder, split, notes = _entered(folder, split, tree)
    flat, folders = tree.entries(folder)
    advice = "not like two classes; name {} (or rename the folders, if they are classes)"
    _refuse_masks(folder, folders, advice)
    for child in folders:
        _refuse_masks(child, tree.entries(child)[1], "and all would be of one class; move the masks elsewhere")
    if split != "train":
        raise InputError(f"{shown(folder)} has no split {quoted(split)}: it holds no folders train and {shown(split)}")
    below = [(path, child.name) for child in folders for path in tree.walk(child)]
    if flat and below:
        raise InputError(
            f"{shown(folder)} holds images ({shown(flat[0].name)}) and folders of images ({shown(below[0][1])}); keep"
            " all images in one folder, or each in a folder named by its class"
        )
    if not flat and not below:
        raise _no_images(folder, tree)
    classes = sorted({name for _, name in below})
    if len(classes) == 1:
        notes.append(f"all images of {shown(folder)} lie in the one folder {quoted(classes[0])}: a single class")
    notes += tree.said(folder)
    return Images(flat or [path for path, _ in below], [name for _, name in below] if below else None, tuple(notes))


def _entered(folder: Path, split: str, tree: Tree) -> tuple[Path, str, list[str]]:
    """The folder below, where this one is a split or holds one folder; the split still to be found; and notes."""
    flat, folders = tree.entries(folder)
    notes = []
    while not flat and folders:
        chosen = _split_folder(folder, folders, split)
        if chosen is not None:
            also = listed([f"{each.name}/" for each in folders if each != chosen])
            notes.append(f"{shown(folder)}: {shown(chosen.name)}/ is read, a part of the split beside {also}")
            split = "train"
        elif len(folders) == 1 and tree.entries(folders[0])[1] and not tree.entries(folders[0])[0]:
            chosen = folders[0]
            inside = listed([f"{each.name}/" for each in tree.entries(chosen)[1]], 6)
            notes.append(
                f"{shown(folder)} holds the one folder {shown(chosen.name)}/, which is read; in it are {inside}"
            )
        else:
            break
        folder = chosen
        flat, folders = tree.entries(folder)
    return folder, split, notes


def image_splits(folder: Path) -> tuple[str, ...]:
    """The names of a folder's splits, or of those in the one folder that it holds; none where there are none."""
    try:
        tree = bare_tree_of(folder)
        flat, folders = tree.entries(folder)
        while not flat and len(folders) == 1:
            flat, folders = tree.entries(folders[0])
    except (InputError, OSError, ValueError):
        return ()
    return () if flat else tuple(_splits(folders))


def natural_key(path: Path | str) -> list[tuple[int, int, str]]:
    """For an order in which img2 comes before img10.

    >>> sorted(["img10", "img2"], key=natural_key)
    ['img2', 'img10']
    """
    parts = re.split(r"([0-9]+)", str(path))
    return [(0, int(part), "") if i % 2 and len(part) < 4000 else (1, 0, part) for i, part in enumerate(parts)]


def _splits(folders: list[Path]) -> dict[str, Path]:
    """Each split's folder, where all folders are splits and one is the training's."""
    found = {_split_of(each.name): each for each in folders}
    return found if "train" in found and 2 <= len(found) == len(folders) and "" not in found else {}


def _split_of(name: str) -> str:
    """Which split a folder is called after, also as train_set; nothing where after none."""
    called = _SPLIT_NAME.fullmatch(name)
    return _SPLITS[called[1].lower()] if called else ""


def _split_folder(folder: Path, folders: list[Path], split: str) -> Path | None:
    found = _splits(folders)
    parts = [each.name for each in folders if _split_of(each.name)]
    if not found and len(parts) > 1:
        others = [f"{each.name}/" for each in folders if not _split_of(each.name)]
        beside = f" beside {listed(others, 3)}" if others else ", none or several of them for training"
        raise InputError(
            f"{shown(folder)} holds {listed([f'{part}/' for part in parts])}, which look like parts of a split, not"
            f" like classes{beside}; name the one folder to read, {shown(folder / parts[0])} for example (or rename"
            " them, if they are classes)"
        )
    if found and _SPLITS.get(split.lower()) not in found:
        raise InputError(f"{shown(folder)} has no split {quoted(split)}; it has {listed(list(found))}")
    return found[_SPLITS[split.lower()]] if found else None


def _refuse_masks(folder: Path, folders: list[Path], advice: str) -> None:
    names = {each.name.lower(): each for each in folders}
    pictures, masks = ([names[name] for name in names if name in known] for known in (_PICTURES, _MASKS))
    if pictures and masks and len(pictures) + len(masks) == len(names):
        raise InputError(
            f"{shown(folder)} holds {shown(pictures[0].name)}/ and {shown(masks[0].name)}/, which look like pictures"
            f" and their masks, {advice.format(shown(pictures[0]))}"
        )


def _no_images(folder: Path, tree: Tree) -> InputError:
    hint = ""
    if any(folder.glob("*-images-idx3-ubyte*")):
        hint = '; it holds IDX files: name one of them, or open "mnist" with this folder as data_dir (--data-dir)'
    elif tree.other:
        hint = f"; it holds {counted(tree.other)}"
        line = line_for(Path("x" + tree.other.most_common(1)[0][0]))
        hint += "" if line is None else f"; convert them first, in Python: {line}"
    return InputError(f"{shown(folder)} holds no images; files read as images: {' '.join(EXTENSIONS)}{hint}")
