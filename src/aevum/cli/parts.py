"""``aevum encode`` and ``score`` into a folder: numbered Parquet files, each whole, of which those that are there are
done, and which several processes share.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aevum.cli.gaps import typed
from aevum.cli.output import named_rows, parquet_writer, rows_of, write_table
from aevum.cli.plain import bad_data, follows
from aevum.errors import InputError

if TYPE_CHECKING:
    from aevum.data import Dataset
    from aevum.estimators import LatentVariableEstimator

ABOUT = "parts.json"
# What a file is made of: whole parts of a corpus, until they are so many bytes or rows.
BYTES, ROWS = 2**26, 100_000
# Seconds that a process waits for the first to empty the folder, and between two looks.
PATIENCE, LOOK = 600.0, 0.1


def is_folder(output: str | None) -> bool:
    """Whether an output is a folder of parts: it ends with a slash."""
    return output is not None and output.endswith(("/", os.sep)) and len(output) > 1


def encode_parts(
    estimator: LatentVariableEstimator, found: Dataset, output: str, force: bool
) -> tuple[str, dict[str, Any]]:
    """The codes as numbered files: what is said of them, as a line and as values."""
    names = list(map(str, estimator.get_feature_names_out()))
    [(key, called)] = named_rows(found).items()

    def columns(x: Any, y: Any, rows: slice) -> dict[str, Any]:
        with bad_data():
            z = estimator.transform(x, y if estimator.conditional else None)
        return rows_of(typed(z, names, False), y, {key: called[rows]})

    made, files, folder = write_parts(output, found, estimator, columns, {"what": "codes", "columns": names}, force)
    line = f"{len(found):,} codes of {len(names)} values in {files} files in {folder}, {made} of them new"
    return line, {"output": folder, "rows": len(found), "columns": names, "files": files, "written": made}


def write_parts(
    output: str,
    found: Dataset,
    estimator: LatentVariableEstimator,
    columns: Callable[[Any, Any, slice], Mapping[str, Any]],
    what: Mapping[str, Any],
    force: bool,
) -> tuple[int, int, Path]:
    """Write ``part-00000.parquet``, …, a table of ``columns(x, y, rows)`` of some rows each.

    Files that are there are passed over, so that what was cut off goes on; under torchrun (``RANK``, ``WORLD_SIZE``)
    each process writes a stretch of them.

    :returns: how many files this process wrote, how many there are in all, and the folder.
    :raises InputError: the folder holds something else, or parts of another model, other data or other settings.
    """
    folder = Path(output).expanduser()
    bounds = list(_bounds(found))
    about = json.loads(json.dumps({"rows": len(found), "files": len(bounds), **_identity(found, estimator), **what}))
    _begin(folder, about, force)
    rank, size = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    written = 0
    for number in range(len(bounds) * rank // size, len(bounds) * (rank + 1) // size):
        path = folder / f"part-{number:05d}.parquet"
        if path.exists():
            continue
        rows = slice(*bounds[number])
        write_table(path, columns(found.x[rows], None if found.y is None else found.y[rows], rows))
        written += 1
    return written, len(bounds), folder


def _bounds(found: Dataset) -> Iterator[tuple[int, int]]:
    """From where to where the rows of each file go."""
    from aevum.data.corpora import in_blocks

    start = stop = 0
    each = max(1, found.x.nbytes // len(found))
    for part in in_blocks(found.x, budget=BYTES):
        stop += part.rows
        if (stop - start) * each >= BYTES or stop - start >= ROWS:
            yield start, stop
            start = stop
    if stop > start:
        yield start, stop


def _identity(found: Dataset, estimator: LatentVariableEstimator) -> dict[str, Any]:
    """What tells the model and the rows from others: digests of all weights, and of a few rows."""
    from aevum.fitted.stored import to_arrays

    weights, rows = hashlib.sha256(), hashlib.sha256()
    for name, value in sorted(to_arrays(estimator.fitted_).items()):
        weights.update(name.encode() + value.tobytes())
    for some in (found.x[:100], found.x[len(found) - 1 :]):
        rows.update(some.tobytes())
    return {"model": weights.hexdigest(), "data": rows.hexdigest(), "shape": list(found.shape[1:])}


def _begin(folder: Path, about: Mapping[str, Any], force: bool) -> None:
    """Make the folder; what is in it is either of the same work, or replaced where it is ours.

    Raises:
        InputError: it is neither.
    """
    from aevum import storage

    parquet_writer()
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder")
    storage.check_writable(folder)
    entries = [entry for entry in folder.iterdir() if not entry.name.startswith(".")] if folder.is_dir() else []
    ours = [entry for entry in entries if entry.name == ABOUT or entry.match("part-[0-9]*.parquet")]
    if not entries:
        folder.mkdir(parents=True, exist_ok=True)
        storage.write_json(folder / ABOUT, about)
        return
    if (before := _noted(folder)) == about:
        return
    if before is None or len(ours) < len(entries):
        raise InputError(f"{folder} holds something else; name a new folder for the parts")
    if not force:
        odd = next((name for name in about if before.get(name) != about[name]), "files")
        raise InputError(f"{folder} holds parts of something else ({odd} differs); --force replaces them")
    if follows():  # the first of several processes replaces them, and this one would take away what it has written
        _wait_for(folder, about)
        return
    for entry in ours:
        if entry.name != ABOUT:
            entry.unlink()
    storage.write_json(folder / ABOUT, about)


def _noted(folder: Path) -> dict[str, Any] | None:
    """What the parts in a folder are said to be of."""
    with suppress(OSError, ValueError, RecursionError):
        found = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else None
    return None


def _wait_for(folder: Path, about: Mapping[str, Any]) -> None:
    """Go on when the folder's parts are said to be of this."""
    ends = time.monotonic() + PATIENCE
    while _noted(folder) != about:
        if time.monotonic() > ends:
            raise InputError(f"{folder} still holds parts of something else: the first process has not replaced them")
        time.sleep(LOOK)
