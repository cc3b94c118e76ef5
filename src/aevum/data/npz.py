"""Numpy's .npz archives: which array is x, which is y, and no zip bombs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from aevum.data.dataset import Dataset
from aevum.data.files import (
    DEFLATE_RATIO,
    MAX_BYTES,
    file_size,
    listed,
    quoted,
    read_exactly,
    reading,
    refuse_bomb,
    refuse_too_big,
    shown,
    size_text,
)
from aevum.data.labels import label_column
from aevum.data.numpy_files import ArrayHeader, as_array, read_header
from aevum.data.sparse import is_sparse, sparse_dataset
from aevum.errors import InputError

EXAMPLES = ("x", "X", "data", "images")
_LABELS = ("y", "labels", "label", "target", "targets", "classes", "class")
# What takes the place of the word for the examples in the name of their labels.
_PARTNERS = (
    (r"^x|x$|(?<=[^a-z])x(?=[^a-z])", "y"), ("images?", "labels"), ("images?", "label"), ("data", "labels"),
    ("data", "targets"), ("data", "target"), ("features", "labels"), ("features", "targets"),
)  # fmt: skip

_Members = dict[str, tuple[zipfile.ZipInfo, ArrayHeader]]
_Refused = dict[str, InputError]


def open_npz(path: Path, key: str | None = None, labels: str | None = None) -> Dataset:
    """The arrays ``key`` and ``labels`` of an archive; only these two are unpacked.

    Without ``key``, x is the key ``x``, ``X``, ``data`` or ``images``; else the only key that begins with x; else
    the only array of two or more dimensions. Without ``labels``, y is the key named after that of x (``y_train`` beside
    ``x_train``), else ``y``, ``label``, ``target`` or ``class``, also as a plural and in capitals, where its length
    fits. One-hot labels become the numbers of their columns. Labels that can't be used are named in the notes. SciPy's
    sparse matrices are made dense.

    :raises InputError: damaged, ambiguous, no such key, objects, or more memory than the limit.
    """
    file_size(path)
    with reading(path, "an .npz file"), zipfile.ZipFile(path) as archive:
        members, refused = _members(archive, path)
        if key is None and labels is None and is_sparse({*members, *refused}):
            if refused:
                raise next(iter(refused.values()))
            _refuse_bomb(list(members.values()), path)
            return sparse_dataset({name: _read(archive, member, path) for name, member in members.items()}, path)
        for wanted in (key, labels):
            if wanted in refused:
                raise refused[wanted]
        if refused and not any(header.is_examples for _, header in members.values()):
            raise next(iter(refused.values()))
        chosen = _examples_key(members, key, path)
        rows = (members[chosen][1].shape or (0,))[0]
        y_key = _asked_labels(members, labels, rows, path) if labels is not None else _labels(members, chosen, rows)
        _refuse_bomb([members[k] for k in (chosen, y_key) if k is not None], path)
        x = _read(archive, members[chosen], path)
        found = None if y_key is None else _read(archive, members[y_key], path)
    where = f"the labels {quoted(y_key)} of {shown(path)}"
    y, note = (None, _unused(members, refused, chosen, path)) if found is None else label_column(found, rows, where)
    if note and labels is not None and y is None:
        raise InputError(note)
    description = f"{path.name}, array {chosen}" + ("" if y is None else f", labels {y_key}")
    return Dataset(x, y, name=path.stem, description=description, notes=(note,) if note else ())


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
    for name in EXAMPLES:
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


def _asked_labels(members: _Members, labels: str, rows: int, path: Path) -> str:
    if labels not in members:
        raise InputError(
            f"{shown(path)} has no array called {shown(labels)} for the labels; it has: {listed(list(members))}"
        )
    found = members[labels][1].shape
    if found[:1] != (rows,) or len(found) > 2:
        raise InputError(
            f"{shown(path)}: the labels {shown(labels)} have shape {found}, but the data have {rows} rows; there must"
            " be one label per row"
        )
    return labels


def _labels(members: _Members, chosen: str, rows: int) -> str | None:
    """The key of the labels of the examples ``chosen``: of one column where there is one, else of several."""
    shapes = {key: members[key][1].shape for key in label_keys(members, chosen)}
    narrow = [key for key, shape in shapes.items() if shape in ((rows,), (rows, 1))]
    wide = [key for key, shape in shapes.items() if len(shape) == 2 and shape[0] == rows]
    return next(iter([*narrow, *wide]), None)


def label_keys(keys: Iterable[str], chosen: str) -> list[str]:
    """The keys whose name says that they are the labels of ``chosen``, the likeliest first."""
    low = chosen.lower()
    wanted = [re.sub(word, label, low) for word, label in _PARTNERS if re.search(word, low)]
    return [key for name in (*wanted, *_LABELS) for key in keys if key.lower() == name and key != chosen]


def _unused(members: _Members, refused: _Refused, chosen: str, path: Path) -> str | None:
    """What is said of labels that are there and can't be used."""
    keys = label_keys([*members, *refused], chosen)
    if not keys:
        return None
    reason = f"its shape is {members[keys[0]][1].shape}" if keys[0] in members else str(refused[keys[0]])
    return f"{shown(path)}: array {quoted(keys[0])} isn't used as the labels of {quoted(chosen)}: {reason}"


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
        refuse_bomb(path, claimed, packed)


def _read(archive: zipfile.ZipFile, member: tuple[zipfile.ZipInfo, ArrayHeader], path: Path) -> NDArray[Any]:
    info, header = member
    with archive.open(info) as stream:
        stream.read(header.offset)
        raw = read_exactly(stream, header.nbytes, path)
    return as_array(raw, header)
