"""Folders of images: flat, or one folder a class."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.dataset import Dataset
from aevum.data.files import explain, refuse_too_big, shown, user_path
from aevum.data.image_files import EXTENSIONS, ImageHeader, read_image, read_image_header
from aevum.data.labels import read_labels
from aevum.errors import InputError

_MAX_IMAGE_SIZE = 8192


def open_images(folder: Path, labels: str | None = None, image_size: int | None = None) -> Dataset:
    """Every image below ``folder``, in the order of the names: x is uint8, (N, H, W) where all are grey, else
    (N, H, W, 3), or (N, H, W, 4) where all have an alpha channel.

    Images in sub-folders are labelled by the first folder's name; a flat folder has no labels unless ``labels``
    names a file of them. Hidden and other files are passed over.

    :raises InputError: no images, an unreadable one, unequal sizes without ``image_size``, or too much memory.
    """
    if image_size is not None and (type(image_size) is not int or not 1 <= image_size <= _MAX_IMAGE_SIZE):
        raise InputError(f"the image size must be a whole number from 1 to {_MAX_IMAGE_SIZE}, not {shown(image_size)}")
    paths, classes = _find(folder)
    y: NDArray[Any] | None = None if classes is None else np.array(classes)
    if labels is not None:
        y = read_labels(user_path(labels), len(paths))
    x = _decode(folder, [read_image_header(path) for path in paths], image_size)
    return Dataset(x, y, name=folder.resolve().name, description=f"{len(paths)} images from {shown(folder)}")


def _find(folder: Path) -> tuple[list[Path], list[str] | None]:
    """Paths of all images, and the class of each where they lie in folders."""
    seen: set[tuple[int, int]] = set()
    flat, folders = _entries(folder, seen)
    below = [(path, child.name) for child in folders for path in _walk(child, seen)]
    if flat and below:
        raise InputError(
            f"{shown(folder)} holds images ({shown(flat[0].name)}) and folders of images ({shown(below[0][1])}); keep"
            " all images in one folder, or each in a folder named by its class"
        )
    if not flat and not below:
        hint = ""
        if any(folder.glob("*-images-idx3-ubyte*")):
            hint = '; it holds IDX files: name one of them, or open "mnist" with this folder as data_dir (--data-dir)'
        raise InputError(f"{shown(folder)} holds no images; files read as images: {' '.join(EXTENSIONS)}{hint}")
    return (flat, None) if flat else ([path for path, _ in below], [name for _, name in below])


def _walk(folder: Path, seen: set[tuple[int, int]]) -> list[Path]:
    images, waiting = list[Path](), [folder]
    while waiting:
        found, folders = _entries(waiting.pop(), seen)
        images += found
        waiting += folders
    return sorted(images)


def _entries(folder: Path, seen: set[tuple[int, int]]) -> tuple[list[Path], list[Path]]:
    """Images and sub-folders, sorted; nothing for a folder that was seen before, so links in a circle end."""
    images, folders = list[Path](), list[Path]()
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            return [], []
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith("."):
                    continue
                if _leads_to_folder(entry):
                    folders.append(folder / entry.name)
                elif entry.name.lower().endswith(EXTENSIONS):
                    images.append(folder / entry.name)
    except OSError as error:
        raise explain(folder, error) from None
    return sorted(images), sorted(folders)


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads to itself
        return False


def _decode(folder: Path, headers: list[ImageHeader], image_size: int | None) -> NDArray[np.uint8]:
    first = headers[0]
    if image_size is None:
        for header in headers:
            # A photograph may be stored lying down; its true shape is known once it is decoded.
            if sorted(header.size) != sorted(first.size):
                raise _unequal(first.path, first.size, header.path, header.size)
    if all(header.is_grey for header in headers):
        mode, channels = "L", 1
    else:
        mode, channels = ("RGBA", 4) if all(header.has_alpha for header in headers) else ("RGB", 3)
    pixels = first.size[0] * first.size[1] if image_size is None else image_size**2
    refuse_too_big(folder, len(headers) * pixels * channels)
    image = read_image(first.path, mode, image_size)
    x = np.empty((len(headers), *image.shape), dtype=np.uint8)
    x[0] = image
    for i, header in enumerate(headers[1:], start=1):
        image = read_image(header.path, mode, image_size)
        if image.shape != x.shape[1:]:
            raise _unequal(first.path, x.shape[2:0:-1], header.path, image.shape[1::-1])
        x[i] = image
    return x


def _unequal(one: Path, size: tuple[int, ...], other: Path, other_size: tuple[int, ...]) -> InputError:
    return InputError(
        f"images differ in size: {shown(one)} is {size[0]}×{size[1]} pixels, {shown(other)} is"
        f" {other_size[0]}×{other_size[1]}; --image-size 64 (image_size=64 in Python) crops and resizes them all"
    )
