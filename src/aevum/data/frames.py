"""A table with text and gaps, as a DataFrame: for models that know both."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from aevum.data.columns import MISSING
from aevum.errors import InputError, MissingPackageError


def open_frame(path: str | Path, *, sep: str | None = None, decimal: str | None = None, encoding: str = "utf-8") -> Any:
    """The DataFrame in a .csv, .tsv or .parquet file, whose cells may be missing (empty, NA, nan, ?, …).

    Args:
        path: the file.
        sep, decimal, encoding: of a text table.

    Raises:
        InputError: no such file, or none that can be read.
        MissingPackageError: pandas is not installed.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "t.csv").write_text("a,b\\n1,x\\n?,y\\n")
        ...     open_frame(Path(folder, "t.csv"))
             a  b
        0  1.0  x
        1  NaN  y
    """
    file = Path(path).expanduser()
    if not file.is_file():
        raise InputError(f"{path} is {'a folder' if file.is_dir() else 'no file'}; name a .csv or .parquet file")
    try:
        pandas = importlib.import_module("pandas")
    except ImportError as error:
        raise MissingPackageError("tables with gaps are read by pandas: pip install 'aevum[tables]'") from error
    marks = sorted({*MISSING, *(mark.upper() for mark in MISSING), "NaN", "NaT", "Null", "None"} - {""})
    try:
        if file.suffix.lower() == ".parquet":
            return pandas.read_parquet(file)
        default = "\t" if file.suffix.lower() == ".tsv" else ","
        return pandas.read_csv(
            file, sep=sep or default, decimal=decimal or ".", encoding=encoding, na_values=marks, skipinitialspace=True
        )
    except (ValueError, OSError, ImportError) as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{path} can't be read as a table: {words}") from error
