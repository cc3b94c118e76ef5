"""Labels that lie in a file of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.csv_files import read_csv_column
from aevum.data.files import shown
from aevum.data.idx import is_idx, read_idx
from aevum.data.numpy_files import read_npy
from aevum.errors import InputError


def read_labels(path: Path, rows: int) -> NDArray[Any]:
    """One label for each of ``rows`` rows, shape ``(rows,)``, from a .npy, single-column .csv or IDX file.

    :raises InputError: another kind of file, a damaged one, or another number of labels than rows.
    """
    suffix = path.suffix.lower()
    if suffix == ".npy":
        found = read_npy(path)
    elif suffix in (".csv", ".tsv", ".txt"):
        found = read_csv_column(path, rows)
    elif is_idx(path):
        found = read_idx(path)
    else:
        raise InputError(f"labels come from a .npy, a single-column .csv or an IDX file, not from {shown(path)}")
    if found.shape not in ((rows,), (rows, 1)):
        raise InputError(
            f"{shown(path)} holds labels of shape {found.shape}, but the data have {rows} rows; there must be one label"
            " per row"
        )
    return np.array(found).reshape(-1)
