"""Numpy's .npz archives: which array is x, which is y, and no zip bombs."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from aevum.data.dataset import Dataset
from aevum.data.files import (
    DEFLATE_RATIO,
    MAX_BYTES,
    file_size,
    listed,
    read_exactly,
    reading,
    refuse_too_big,
    shown,
    size_text,
)
from aevum.data.numpy_files import ArrayHeader, as_array, read_header
from aevum.errors import InputError

_EXAMPLES = ("x", "X", "data", "images")
_LABELS = ("y", "labels", "label", "target")
# Real data of a gibibyte doesn't shrink two-hundredfold; what does is refused, as .npy needs no such limit.
_BOMB_BYTES, _BOMB_RATIO = 2**30, 200

_Members = dict[str, tuple[zipfile.ZipInfo, ArrayHeader]]
_Refused = dict[str, InputError]


def open_npz(path: Path, key: str | None = None, labels: str | None = None) -> Dataset:
    """The arrays ``key`` and ``labels`` of an archive; only these two are unpacked.

    Without ``key``, x is the key ``x``, ``X``, ``data`` or ``images``; else the only key that begins with x; else
    the only array of two or more dimensions. Without ``labels``, y is the key ``y``, ``labels``, ``label`` or
    ``target`` where its length fits.

    :raises InputError: damaged, ambiguous, no such key, objects, or more memory than the limit.
    """
    file_size(path)
    with reading(path, "an .npz file"), zipfile.ZipFile(path) as archive:
        members, refused = _members(archive, path)
        for wanted in (key, labels):
            if wanted in refused:
                raise refused[wanted]
        if refused and not any(header.is_examples for _, header in members.values()):
            raise next(iter(refused.values()))
        chosen = _examples_key(members, key, path)
        y_key = _labels_key(members, labels, members[chosen][1].shape, path)
        _refuse_bomb([members[k] for k in (chosen, y_key) if k is not None], path)
        x = _read(archive, members[chosen], path)
        y = None if y_key is None else _read(archive, members[y_key], path).reshape(-1)
    description = f"{path.name}, array {chosen}" + ("" if y_key is None else f", labels {y_key}")
    return Dataset(x, y, name=path.stem, description=description)


def _members(archive: zipfile.ZipFile, path: Path) -> tuple[_Members, _Refused]:
    """Every array's header, and why some can't be read (objects, say): that matters only for a chosen one."""
    members: _Members = {}
    refused: _Refused = {}
    for info in archive.infolist():
        if not info.filename.endswith(".npy"):
            continue
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(
                f"{shown(path)} is packed in a way that numpy never uses; save it with np.savez_compressed"
            )
        key = info.filename.removesuffix(".npy")
        try:
            with archive.open(info) as stream:
                members[key] = (info, read_header(stream, f"array {shown(key)} of {shown(path)}"))
        except InputError as error:
            refused[key] = error
    if not members and not refused:
        raise InputError(f"{shown(path)} holds no arrays; save it with np.savez_compressed(path, x=x, y=y)")
    return members, refused


def _examples_key(members: _Members, key: str | None, path: Path) -> str:
    keys = listed(list(members))
    if key is not None:
        if key not in members:
            raise InputError(f"{shown(path)} has no array called {shown(key)}; it has: {keys}")
        return key
    fit = [name for name, (_, header) in members.items() if header.is_examples]
    for name in _EXAMPLES:
        if name in fit:
            return name
    for candidates in ([name for name in fit if name[:1] in "xX"], fit):
        if len(candidates) == 1:
            return candidates[0]
        if candidates:
            raise InputError(
                f"{shown(path)} has several arrays that could be the data: {listed(candidates)}; choose one by"
                f" writing {shown(path.name)}::{shown(candidates[0])}"
            )
    raise InputError(f"{shown(path)} has no array of numbers with two or more dimensions; it has: {keys}")


def _labels_key(members: _Members, labels: str | None, shape: tuple[int, ...], path: Path) -> str | None:
    rows = shape[0] if shape else 0
    if labels is None:
        fitting = (k for k in _LABELS if k in members and members[k][1].shape in ((rows,), (rows, 1)))
        return next(fitting, None)
    if labels not in members:
        raise InputError(
            f"{shown(path)} has no array called {shown(labels)} for the labels; it has: {listed(list(members))}"
        )
    found = members[labels][1].shape
    if found not in ((rows,), (rows, 1)):
        raise InputError(
            f"{shown(path)}: the labels {shown(labels)} have shape {found}, but the data have {rows} rows; there must"
            " be one label per row"
        )
    return labels


def _refuse_bomb(chosen: list[tuple[zipfile.ZipInfo, ArrayHeader]], path: Path) -> None:
    total = sum(header.nbytes for _, header in chosen)
    refuse_too_big(path, total, MAX_BYTES)
    for info, header in chosen:
        claimed, packed = header.offset + header.nbytes, info.compress_size
        if claimed != info.file_size or claimed > DEFLATE_RATIO * packed + 1024:
            raise InputError(
                f"{shown(path)} is damaged: array {shown(info.filename.removesuffix('.npy'))} claims"
                f" {size_text(claimed)}, but the archive holds {size_text(info.file_size)} packed into"
                f" {size_text(packed)}"
            )
        if claimed > _BOMB_BYTES and claimed > _BOMB_RATIO * packed:
            raise InputError(
                f"{shown(path)} unpacks {size_text(packed)} to {size_text(claimed)}, which looks like a zip bomb;"
                " if you trust it, save the array as an uncompressed .npy file"
            )


def _read(archive: zipfile.ZipFile, member: tuple[zipfile.ZipInfo, ArrayHeader], path: Path) -> NDArray[Any]:
    info, header = member
    with archive.open(info) as stream:
        stream.read(header.offset)
        raw = read_exactly(stream, header.nbytes, path)
    return as_array(raw, header)
