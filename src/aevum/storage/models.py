"""A model directory: ``config.json``, ``model.safetensors`` and ``checksums.json``. No pickle: reading runs no code.

This room knows neither models nor estimators: it exchanges a plain dictionary and named arrays with them.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import reprlib
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from aevum.errors import DataWarning, InputError, ModelFileError
from aevum.storage.entries import Staging, recover
from aevum.storage.files import Scratch, sync, sync_names
from aevum.storage.locks import OWN

# Version 1 kept the history on the model's scale, 2 has it in the data's units; 3 has an encoding for a scaling.
FORMAT, VERSION, READABLE = "aevum-model", 3, (1, 2, 3)
CONFIG, TENSORS, CHECKSUMS = "config.json", "model.safetensors", "checksums.json"
MAX_CONFIG_BYTES = 2**24
MOST_SAID = 300
Arrays = dict[str, np.ndarray[Any, Any]]


def write_model(path: str | Path, config: Mapping[str, Any], arrays: Arrays, *, overwrite: bool = False) -> Path:
    """Write a model directory; it appears whole or not at all.

    Raises:
        InputError: the path exists (and ``overwrite`` is false), is no model directory, or can't be written.
    """
    path = Path(path)
    check_free(path, overwrite)
    text = json.dumps({"format": FORMAT, "version": VERSION, **config}, indent=2, ensure_ascii=False, allow_nan=False)
    files = {
        # A name that no encoding has, as a file's may be, stands there as JSON's own escape.
        CONFIG: text.encode("utf-8", "backslashreplace"),
        TENSORS: to_safetensors({name: np.asarray(value, order="C") for name, value in arrays.items()}),
    }
    files[CHECKSUMS] = json.dumps({name: hashlib.sha256(data).hexdigest() for name, data in files.items()}).encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if is_model(path):
            _replace(path, files)
        else:
            with Scratch(path.parent) as scratch:
                made = scratch.new / "made"
                _fill(made, files)
                if os.name == "nt" and path.exists():  # empty, or the next line fails
                    path.rmdir()
                made.replace(path)
                sync_names(path.parent)
    except (OSError, ValueError) as error:
        raise InputError(f"can't write the model to {path}: {getattr(error, 'strerror', None) or error}") from error
    return path


def _replace(path: Path, files: Mapping[str, bytes]) -> None:
    """Put other files into a model directory, together."""
    with Staging(path) as staging:
        _fill(staging.new, files)
        staging.commit(files)


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    sync(folder)


def check_free(path: Path, overwrite: bool) -> None:
    """Raise unless a model may be written here: only an empty folder, or one that holds a model alone, is replaced."""
    try:
        if not path.exists() and not path.is_symlink():
            return
        warn_of_recovery(path)
        inside = path.is_dir() and not path.is_symlink()
        names = {child.name for child in path.iterdir() if not child.name.startswith(OWN)} if inside else None
    except (OSError, ValueError) as error:
        raise InputError(f"can't write the model to {path}: {getattr(error, 'strerror', None) or error}") from error
    if not overwrite:
        raise InputError(f"{path} exists; pass overwrite=True to replace a model, or choose another path")
    if names is None or (names and (names != {CONFIG, TENSORS, CHECKSUMS} or not _is_ours(path))):
        raise InputError(f"{path} exists and is no model directory, or holds other files too; choose another path")


def _is_ours(path: Path) -> bool:
    try:
        return _parse(path / CONFIG).get("format") == FORMAT
    except ModelFileError:
        return False


def is_model(path: Path) -> bool:
    """Whether a directory looks like one that ``write_model`` made."""
    return all((path / name).is_file() for name in (CONFIG, TENSORS, CHECKSUMS))


def model_path(path: str | Path) -> Path:
    """The model directory at ``path`` itself, or in the run folder ``path``.

    Raises:
        ModelFileError: there is none.
    """
    path = Path(path)
    try:
        for home in (path.parent, path, path / "model"):
            if home != path.parent or path.name == "model":
                warn_of_recovery(home)
        for candidate in (path, path / "model"):
            if is_model(candidate):
                return candidate
        exists = path.exists()
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{path} can't be read: {getattr(error, 'strerror', None) or error}") from error
    what = "does not exist" if not exists else f"holds no model ({CONFIG}, {TENSORS} and {CHECKSUMS})"
    found = [str(place) for home in (path, path.parent) if home.is_dir() for place in home.glob(f"{OWN}*/*/")]
    hint = f"; {found[0]} was left by a process that was cut off, and may hold one" if found else ""
    raise ModelFileError(f"{path} {what}{hint}")


def warn_of_recovery(folder: Path) -> None:
    """Complete or clean up what a process left in a folder that was killed, and say so."""
    for line in recover(folder):
        warnings.warn(line, DataWarning, stacklevel=2)


def read_config(path: Path) -> dict[str, Any]:
    """The configuration of a model directory, its checksum and format checked.

    Raises:
        ModelFileError: damaged, foreign, or newer than this version.
    """
    sums = _parse(path / CHECKSUMS)
    text = _bytes(path / CONFIG)
    if sums.get(CONFIG) != hashlib.sha256(text).hexdigest():
        raise ModelFileError(f"{path / CONFIG} is damaged: its checksum is not the one in {CHECKSUMS}")
    config = _parse(path / CONFIG)
    if config.get("format") != FORMAT:
        raise ModelFileError(f"{path / CONFIG} is no aevum model: its format is {reprlib.repr(config.get('format'))}")
    if config.get("version") not in READABLE:
        version = reprlib.repr(config.get("version"))
        raise ModelFileError(f"{path / CONFIG} has format version {version}; this aevum reads versions up to {VERSION}")
    return config


def bytes_of_arrays(path: Path) -> int:
    """How large the file of a model's arrays is.

    Raises:
        ModelFileError: there is none.
    """
    try:
        return (path / TENSORS).stat().st_size
    except OSError as error:
        raise ModelFileError(f"{path / TENSORS} can't be read: {error.strerror or error}") from error


def read_arrays(path: Path, expected: Mapping[str, tuple[tuple[int, ...], str]]) -> Arrays:
    """The arrays of a model directory, after a look at their names, shapes and types against what the config implies.

    Nothing is allocated before the file's header has passed.

    Args:
        path: the model directory.
        expected: name → (shape, safetensors type such as "F32").

    Raises:
        ModelFileError: damaged, other names, shapes or types, or values that are not finite.
    """
    file = path / TENSORS
    digest = hashlib.sha256()
    try:
        known = sum(math.prod(shape) * int(re.sub(r"\D", "", dtype) or 8) // 8 for shape, dtype in expected.values())
        if file.stat().st_size > known + MAX_CONFIG_BYTES:
            raise ModelFileError(f"{file} is larger than its config implies: {file.stat().st_size} bytes, not {known}")
        with file.open("rb") as stream:
            while block := stream.read(2**20):
                digest.update(block)
        if _parse(path / CHECKSUMS).get(TENSORS) != digest.hexdigest():
            raise ModelFileError(f"{file} is damaged: its checksum is not the one in {CHECKSUMS}")
        with safe_open(file, framework="numpy") as stream:
            names = set(stream.keys())
            if names != set(expected):
                odd = sorted(names ^ set(expected))
                raise ModelFileError(f"{file} does not fit its config: {odd[0]!r} is in only one of the two")
            for name, (shape, dtype) in expected.items():
                part = stream.get_slice(name)
                found = (tuple(part.get_shape()), part.get_dtype())
                if found != (tuple(shape), dtype):
                    raise ModelFileError(f"{file}: {name!r} is {found}, where its config implies {(shape, dtype)}")
            arrays: Arrays = {name: stream.get_tensor(name) for name in expected}
    except (OSError, SafetensorError) as error:
        raise ModelFileError(f"{file} can't be read: {error}") from error
    for name, value in arrays.items():
        if not np.isfinite(value).all():
            raise ModelFileError(f"{file}: {name!r} holds values that are not finite")
    return arrays


def finite(value: Any) -> Any:
    """A nested value with None for the numbers that JSON lacks."""
    if isinstance(value, dict):
        return {str(key): finite(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(entry) for entry in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _bytes(file: Path) -> bytes:
    try:
        if file.stat().st_size > MAX_CONFIG_BYTES:
            raise ModelFileError(f"{file} is larger than {MAX_CONFIG_BYTES // 2**20} MiB: no config that aevum writes")
        return file.read_bytes()
    except OSError as error:
        raise ModelFileError(f"{file} can't be read: {error.strerror or error}") from error


def _parse(file: Path) -> dict[str, Any]:
    try:
        value = json.loads(
            _bytes(file), object_pairs_hook=_distinct, parse_constant=_finite_number, parse_float=_finite_number
        )
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{file} is no JSON that aevum wrote: {one_line(error)}") from error
    if not isinstance(value, dict):
        raise ModelFileError(f"{file} is no JSON object")
    return value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object without two fields of one name, of which readers would each choose another."""
    found = dict(pairs)
    if len(found) != len(pairs):
        twice = next(name for i, (name, _) in enumerate(pairs) if name in dict(pairs[:i]))
        raise ValueError(f"{reprlib.repr(twice)} is there twice")
    return found


def _finite_number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:40]} is no finite number")
    return value


def one_line(error: object) -> str:
    """An error as a line that any terminal can be sent: what a file holds is in it with escapes, and not at any length.

    >>> one_line(ValueError("no \\ud800 \\n here"))
    'no \\\\ud800  here'
    """
    words = " ".join(str(error).split())
    return words.encode("utf-8", "backslashreplace").decode()[:MOST_SAID]
