"""MNIST (Yann LeCun, Corinna Cortes, Christopher Burges, 1998): found, fetched, and always checked against SHA-256."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.dataset import Dataset
from aevum.data.download import DownloadError, fetch
from aevum.data.files import explain, shown, user_path
from aevum.data.idx import decode_idx, read_idx_bytes
from aevum.errors import InputError

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_MAX_BYTES = 64 * 2**20
_FILES = {
    "train": ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"),
    "test": ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"),
}
# Of the unpacked bytes: mirrors pack them differently.
_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def open_mnist(
    split: str = "train", data_dir: str | Path | None = None, mirrors: Sequence[str] | None = None
) -> Dataset:
    """MNIST's ``"train"`` (60,000) or ``"test"`` (10,000) digits: x (N, 28, 28) uint8 in 0..255, y (N,) int64.

    The files are looked for in ``data_dir`` (or its folder ``mnist``) where that is given, and nowhere else; else
    in the cache, :func:`cache_folder`, into which what is missing is downloaded.

    :param mirrors: base addresses to download from, instead of the environment variable ``AEVUM_MNIST_MIRRORS``
        (separated by spaces) or the built-in ones.
    :raises InputError: a missing file, one with other bytes than MNIST's, or no network.
    """
    if data_dir is not None:
        _refuse_missing(_FILES[split], user_path(data_dir))
    images, labels = (_read(name, data_dir, mirrors) for name in _FILES[split])
    return Dataset(
        images, labels.astype(np.int64), name="mnist", description=f"handwritten digits, 28×28, {split} split"
    )


def cache_folder() -> Path:
    """``$AEVUM_CACHE``, else ``$XDG_CACHE_HOME/aevum``, else ``~/.cache/aevum``; it need not exist."""
    own, shared = os.environ.get("AEVUM_CACHE"), os.environ.get("XDG_CACHE_HOME")
    if own:
        return user_path(own)
    return Path(shared) / "aevum" if shared else user_path("~/.cache/aevum")


def lacking(folder: Path) -> list[str]:
    """Which of the four files are not in a folder, packed or not."""
    return [name for names in _FILES.values() for name in names if _find(name, (folder,)) is None]


def _refuse_missing(names: Sequence[str], given: Path) -> None:
    """Name all files that a folder lacks at once."""
    missing = [name for name in names if _find(name, (given, given / "mnist")) is None]
    if missing:
        raise InputError(f"{shown(given)} lacks {' and '.join(missing)}, packed (.gz) or not; put MNIST's files there")


def _read(name: str, data_dir: str | Path | None, mirrors: Sequence[str] | None) -> NDArray[Any]:
    if data_dir is not None:
        given = user_path(data_dir)
        path = _find(name, (given, given / "mnist")) or given / name
    else:
        cache = cache_folder() / "mnist"
        path = _find(name, (cache,)) or _download(name, cache, mirrors)
    return decode_idx(_checked_bytes(path, name), path)


def _find(name: str, folders: Sequence[Path]) -> Path | None:
    paths = [folder / (name + ending) for folder in folders for ending in ("", ".gz")]
    try:
        return next((path for path in paths if path.is_file()), None)
    except OSError as error:
        raise explain(folders[0], error) from None


def _checked_bytes(path: Path, name: str) -> NDArray[np.uint8]:
    raw = read_idx_bytes(path, _MAX_BYTES)
    if hashlib.sha256(raw.data).hexdigest() != _SHA256[name]:
        raise InputError(f"{shown(path)} isn't MNIST's {name}: its SHA-256 differs; delete it and fetch it anew")
    return raw


def _download(name: str, cache: Path, mirrors: Sequence[str] | None) -> Path:
    bases = mirrors if mirrors is not None else os.environ.get("AEVUM_MNIST_MIRRORS", "").split() or MIRRORS
    target = cache / f"{name}.gz"
    urls = [f"{base.rstrip('/')}/{target.name}" for base in bases]
    try:
        fetch(urls, target, lambda part: _checked_bytes(part, name), max_bytes=_MAX_BYTES)
    except DownloadError as error:
        raise InputError(
            f"mnist can't be downloaded ({error}); put {_FILES['train'][0]}.gz, {_FILES['train'][1]}.gz,"
            f" {_FILES['test'][0]}.gz and {_FILES['test'][1]}.gz into {shown(cache)}, or name the folder that holds"
            " them with --data-dir (data_dir= in Python)"
        ) from None
    return target
