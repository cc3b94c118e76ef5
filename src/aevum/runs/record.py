"""How a run's data were opened, so that they can be opened again: ``data.json``."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

from aevum.data import datasets, open_data
from aevum.data.excel import EXCEL
from aevum.data.files import quoted
from aevum.data.kinds import has_labels_inside
from aevum.data.origin import is_own
from aevum.data.parquet_parts import is_parquet_folder
from aevum.errors import InputError
from aevum.runs.folder import CHECKPOINTS, DATA, MODEL

# A record names a few files and options.
MOST_BYTES = 2**20
OPTIONS = tuple(inspect.signature(open_data).parameters)[1:]
# Those of any table like the one that a model was trained on.
TABLE = ("drop", "columns", "missing", "sep", "decimal", "encoding", "header")


def opening_record(
    data: str,
    labels: str | None = None,
    data_dir: str | None = None,
    image_size: int | None = None,
    split: str = "train",
    **table: Any,
) -> dict[str, Any]:
    """How the data were opened, for another time and another folder: names as they are, paths from the root."""
    if not any(known.name == data for known in datasets()):
        path, separator, key = data.rpartition("::")
        file = Path(path) if separator and path.lower().endswith((".npz", *EXCEL)) else Path(data)
        place = file.expanduser()
        inside = is_parquet_folder(place) or (has_labels_inside(file) and not place.is_dir())
        labels = labels if labels is None or inside else _from_root(labels)
        data = _from_root(path) + separator + key if str(file) == path else _from_root(data)
    return {
        "data": data,
        "labels": labels,
        "image_size": image_size,
        "data_dir": None if data_dir is None else _from_root(data_dir),
        "split": split,
        **table,
    }


def recorded_opening(run: str) -> dict[str, Any]:
    """What :func:`opening_record` wrote of a run, from its folder, its model directory or one of its checkpoints.

    Raises:
        InputError: nothing is recorded, nothing that aevum wrote, or a file that only somebody else has named.
    """
    record, given = _read(run)
    if not is_own(record):
        raise InputError(
            f"{run} says that its data are {quoted(given['data'])}, but was not trained by you on this machine: "
            f"a run from elsewhere may name any file, so that one is not opened"
        )
    return {"split": "train", **given}


def remembered(run: str) -> dict[str, Any]:
    """What was said of a table's columns, empty cells and text at the training of a run; nothing where nothing was, or
    where it can't be read. None of it names a file, so that of a run from elsewhere it is taken too.
    """
    try:
        given = _read(run)[1]
    except InputError:
        return {}
    return {name: value for name, value in given.items() if name in TABLE}


def _read(run: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """A run's record, and what is said in it of how to open its data."""
    folder = Path(run).expanduser().absolute()
    inside = {MODEL: folder, CHECKPOINTS: folder.parent}
    place = next((path.parent for name, path in inside.items() if path.name == name), folder)
    file = place / DATA
    if not file.is_file():
        raise InputError(f"{run} doesn't say which data it was trained on")
    try:
        if file.stat().st_size > MOST_BYTES:
            raise ValueError
        record = json.loads(file.read_text(encoding="utf-8"))
        opening = {name: record.get(name) for name in ("data", *OPTIONS)}
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise InputError(f"{file} can't be read") from error
    given = {name: value for name, value in opening.items() if value is not None}
    if "data" not in given or not all(_is_option(name, value) for name, value in given.items()):
        raise InputError(f"{file} holds nothing that aevum wrote")
    return record, given


def _is_option(name: str, value: object) -> bool:
    """Whether a value of a record is of the type that :func:`aevum.open_data` takes."""
    if name in ("drop", "columns") and isinstance(value, list):
        return all(isinstance(text, str) for text in value)
    kinds = {"image_size": int, "header": bool, "skip_damaged": bool, "label_gaps": bool}
    return isinstance(value, kinds.get(name, str))


def _from_root(path: str) -> str:
    return str(Path(path).expanduser().absolute())
