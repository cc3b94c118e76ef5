"""Folders of images: flat, one folder a class, or a split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from aevum.data.archives import archive_stem
from aevum.data.dataset import Dataset
from aevum.data.files import listed, quoted, refuse_too_big, shown, user_path
from aevum.data.image_files import (
    BeyondError,
    ImageHeader,
    Kind,
    frame_name,
    frame_text,
    read_frames,
    read_image_header,
)
from aevum.data.image_labels import Names, read_image_labels
from aevum.data.image_trees import Images, find_images
from aevum.data.trees import Tree, tree_of
from aevum.errors import InputError, MissingPackageError

_MAX_IMAGE_SIZE, _NAMED = 8192, 5
FRAMES = ("first", "all")
Frame = tuple[ImageHeader, int]
_ALL_BITS = 'for all 16, save them as one .npy file, or as TIFF with "aevum[tifffile]" installed'


@dataclass(frozen=True)
class ImageOptions:
    """What the user says about a folder of images; None for the default.

    :param image_size: crop to a square and resize to this many pixels a side.
    :param frames: of files with several frames or pages, ``"first"`` or ``"all"``; without it they are asked about.
    :param background: the colour that is shown where images are transparent, white by default. Given, it is shown in
        images that all have an alpha channel too, which is kept otherwise.
    :param skip_damaged: whether files that can't be read are left out.
    """

    image_size: int | None = None
    frames: str | None = None
    background: str | None = None
    skip_damaged: bool | None = None

    def checked(self) -> ImageOptions:
        """The same.

        :raises InputError: one of them can't be meant.
        """
        size = self.image_size
        if size is not None and (type(size) is not int or not 1 <= size <= _MAX_IMAGE_SIZE):
            raise InputError(f"the image size must be a whole number from 1 to {_MAX_IMAGE_SIZE}, not {shown(size)}")
        if self.frames not in (None, *FRAMES):
            raise InputError(f"--frames {quoted(self.frames)} (frames= in Python) must be first or all")
        self.colour()
        return self

    def colour(self) -> tuple[int, int, int]:
        """The background as red, green and blue."""
        try:
            red, green, blue = ImageColor.getrgb(str(self.background or "white"))[:3]
        except ValueError:
            raise InputError(
                f"--background {quoted(self.background)} (background= in Python) is no colour; say white, black, or as"
                " #rrggbb"
            ) from None
        return red, green, blue


def open_images(
    folder: Path,
    labels: str | None = None,
    options: ImageOptions | None = None,
    split: str = "train",
    tree: Tree | None = None,
) -> Dataset:
    """Every image below ``folder``, or in an archive, in the order of the names.

    x is (N, H, W) where all are grey, else (N, H, W, 3), or (N, H, W, 4) where all have an alpha channel.

    8-bit images stay uint8, 16-bit ones uint16 (a model scales them by the range of its training data), floats
    float32. Images in sub-folders are labelled by the first folder's name; ``train/`` beside ``test/`` is a split. A
    flat folder has no labels unless ``labels`` names a file of them. Hidden and other files are passed over, and
    counted. Each row's name is that of its file below the folder.

    :raises InputError: no images, an unreadable one, unequal sizes without ``image_size``, or too much memory.
    """
    options = (options or ImageOptions()).checked()
    tree = tree or tree_of(folder)
    found = find_images(folder, split, tree)
    headers, damaged = _headers(found.paths, tree, bool(options.skip_damaged))
    headers = _with_frames(folder, headers, options.frames)
    kind = kind_of(headers, options)
    x, named, broken = _decode(folder, headers, kind, bool(options.skip_damaged))
    damaged += broken
    names = Names.of([(header.path, frame_text(header, frame)) for header, frame in named], folder)
    notes = [*found.notes, *_notes(shown(folder), headers, kind, x)]
    if damaged:
        notes.append(f"{shown(folder)}: left out {len(damaged)} of {len(found.paths)} files: {_named(damaged)}")
    y, said = _labels(found, named) if labels is None else read_image_labels(user_path(labels), names)
    notes += said
    about = f"{len(x)} images from {shown(folder)}"
    about_rows: dict[str, Any] = {"row_names": tuple(map(shown, names.rows)), "rows_are_files": True}
    return Dataset(x, y, name=archive_stem(folder.resolve()), description=about, notes=tuple(notes), **about_rows)


def _labels(found: Images, named: list[Frame]) -> tuple[NDArray[Any] | None, list[str]]:
    """The class of each frame's file, where they have any."""
    if found.classes is None:
        return None, []
    classes = dict(zip(found.paths, found.classes, strict=True))
    return np.array([classes[header.path] for header, _ in named]), []


# A file that can't be read, and why.
Damaged = tuple[str, str]


def _headers(paths: list[Path], tree: Tree, skip: bool) -> tuple[list[ImageHeader], list[Damaged]]:
    """The header of each file, and what is wrong with those that have none."""
    headers, damaged = list[ImageHeader](), list[Damaged]()
    for path in paths:
        try:
            headers.append(read_image_header(path, tree.data(path)))
        except MissingPackageError:
            raise
        except InputError as error:
            damaged.append((path.name, str(error)))
    if damaged and not (skip and headers):
        raise _unreadable(damaged, len(paths))
    return headers, damaged


def _unreadable(damaged: list[Damaged], files: int) -> InputError:
    """All files that can't be read; where none can, leaving them out is no way."""
    some = f"{len(damaged)} of {files} images can't be read: {_named(damaged)}" if len(damaged) > 1 else damaged[0][1]
    if len(damaged) == files:
        return InputError(some if files > 1 else f"{some}; it is the only image")
    return InputError(f"{some}; --skip-damaged (skip_damaged=True) leaves such files out")


def _named(damaged: list[Damaged]) -> str:
    """The first names, and why the first can't be read."""
    return f"{listed([name for name, _ in damaged], _NAMED)} ({damaged[0][1]})"


def _with_frames(folder: Path, headers: list[ImageHeader], frames: str | None) -> list[ImageHeader]:
    """The headers with as many frames as are to be read of each.

    :raises InputError: some have several, and nothing says what that means.
    """
    several = [header for header in headers if header.frames > 1]
    if several and frames is None:
        total = sum(header.frames for header in headers)
        raise InputError(
            f"{len(several)} of {len(headers)} files in {shown(folder)} hold several frames, such as"
            f" {shown(several[0].path.name)} with {several[0].frames}; --frames all (frames= in Python) makes {total}"
            f" examples, one a frame, and --frames first {len(headers)}, one a file"
        )
    return headers if frames == "all" else [header._replace(frames=1) for header in headers]


def kind_of(headers: list[ImageHeader], options: ImageOptions) -> Kind:
    """What all images become.

    :raises InputError: some hold floats or wide integers, and others don't.
    """
    banded = _banded_kind(headers, options)
    if banded is not None:
        return banded
    types = {header.dtype: header for header in headers}
    if len(types) > 1 and set(types) != {np.dtype(np.uint8), np.dtype(np.uint16)}:
        (one, first), (other, second) = list(types.items())[:2]
        raise InputError(
            f"images differ in type: {shown(first.path)} holds {one} numbers, {shown(second.path)} {other}; save all in"
            " one type"
        )
    if all(header.is_grey for header in headers):
        mode = "L"
    else:
        mode = "RGBA" if all(header.has_alpha for header in headers) and options.background is None else "RGB"
    return Kind(mode, max(types, key=lambda dtype: dtype.itemsize), options.colour(), options.image_size)


def _banded_kind(headers: list[ImageHeader], options: ImageOptions) -> Kind | None:
    """What images of several bands, or of colours of 16 bits, become; None for all others.

    :raises InputError: some are of other bands or another type.
    """
    only = any(header.only_bands for header in headers)
    if not only and not all(header.loses_depth and header.bands for header in headers):
        return None
    kinds = {(header.bands.bands, header.bands.dtype) if header.bands else None: header for header in headers}
    bands = headers[0].bands
    if len(kinds) == 1 and bands is not None:
        return Kind("L", bands.dtype, options.colour(), options.image_size, bands.bands)
    if not only:
        return None  # Pillow reads them all, with 8 bits
    one, other = (
        f"{shown(each.path)} holds {each.bands.bands if each.bands else 'other'} bands of"
        f" {each.bands.dtype if each.bands else each.dtype}"
        for each in list(kinds.values())[:2]
    )
    raise InputError(f"images differ in bands or type: {one}, {other}; save all in one form")


def _decode(
    folder: Path, headers: list[ImageHeader], kind: Kind, skip: bool
) -> tuple[NDArray[Any], list[Frame], list[Damaged]]:
    """All frames, which each is of, and what is wrong with the files that were left out."""
    first = headers[0]
    if kind.image_size is None:
        for header in headers:
            # A photograph may be stored lying down; its true shape is known once it is decoded.
            if sorted(header.size) != sorted(first.size):
                raise _unequal(frame_name(first, 0), first.size, frame_name(header, 0), header.size)
    total = sum(header.frames for header in headers)
    pixels = first.size[0] * first.size[1] if kind.image_size is None else kind.image_size**2
    refuse_too_big(folder, total * pixels * kind.channels * kind.dtype.itemsize)
    x: NDArray[Any] | None = None
    named, damaged = list[Frame](), list[Damaged]()
    for header in headers:
        start = len(named)
        try:
            for frame, image in enumerate(_finite(header, kind)):
                if x is None:
                    x = np.empty((total, *image.shape), dtype=kind.dtype)
                if image.shape != x.shape[1:]:
                    one, size = named[0] if named else (header, 0), x.shape[2:0:-1]
                    raise _UnequalError(_unequal(frame_name(*one), size, frame_name(header, frame), image.shape[1::-1]))
                x[len(named)] = image
                named.append((header, frame))
        except _UnequalError as error:
            raise error.args[0] from None
        except (MissingPackageError, BeyondError):
            raise
        except InputError as error:
            del named[start:]
            damaged.append((header.path.name, str(error)))
    if damaged and not (skip and named):
        raise _unreadable(damaged, len(headers))
    assert x is not None
    return x[: len(named)], named, damaged


class _UnequalError(Exception):
    """A fault of the folder and not of one file."""


def _finite(header: ImageHeader, kind: Kind) -> Iterator[NDArray[Any]]:
    for frame, image in enumerate(read_frames(header, kind)):
        if kind.dtype.kind == "f" and not np.isfinite(image).all():
            bad = int((~np.isfinite(image)).sum())
            raise InputError(f"{shown(frame_name(header, frame))} holds {bad} values that are NaN or infinite")
        yield image


def _notes(where: str, headers: list[ImageHeader], kind: Kind, x: NDArray[Any]) -> list[str]:
    """What was taken for granted of these files."""
    notes, count = [], len(headers)
    if kind.bands:
        return [
            f"{where}: {kind.bands} band{'s' if kind.bands > 1 else ''} of {kind.dtype}, from {x.min()} to {x.max()}"
        ]
    deep = sum(header.dtype == np.uint16 for header in headers)
    if 0 < deep < count:
        notes.append(
            f"{where}: {deep} of {count} images have 16 bits a pixel; the others' 8 bits are multiplied by 257, so that"
            " white is 65535 in all"
        )
    elif deep:
        notes.append(f"{where}: pixels of 16 bits, kept as they are; here they go from {x.min()} to {x.max()}")
    lossy = [header for header in headers if header.loses_depth]
    if lossy:
        notes.append(
            f"{where}: {len(lossy)} of {count} images have 16 bits a colour channel, of which the upper 8 are read"
            f" ({shown(lossy[0].path.name)}); {_ALL_BITS}"
        )
    clear = sum(header.is_transparent for header in headers)
    if clear and kind.mode != "RGBA":
        notes.append(
            f"{where}: {clear} of {count} images are transparent in parts, which show the background"
            f" #{bytes(kind.background).hex()} (--background, background= in Python)"
        )
    return notes


def _unequal(one: str, size: tuple[int, ...], other: str, other_size: tuple[int, ...]) -> InputError:
    return InputError(
        f"images differ in size: {shown(one)} is {size[0]}×{size[1]} pixels, {shown(other)} is"
        f" {other_size[0]}×{other_size[1]}; --image-size 64 (image_size=64 in Python) crops and resizes them all"
    )
