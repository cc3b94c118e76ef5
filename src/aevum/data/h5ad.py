"""AnnData files (.h5ad): cells by genes, with the names of both. anndata is the optional extra ``aevum[anndata]``."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np

from aevum.data.columns import label_position, labels_with_gaps
from aevum.data.dataset import Dataset
from aevum.data.files import file_size, quoted, reading, refuse_too_big, shown
from aevum.data.missing import is_missing
from aevum.data.selection import TableOptions
from aevum.errors import InputError, MissingPackageError

H5AD = ".h5ad"


def open_h5ad(path: Path, labels: str | None = None, table_options: TableOptions | None = None) -> Dataset:
    """X of an AnnData file, made dense, with the names of its observations and variables.

    ``labels`` is a column of ``obs``.

    :raises InputError: anndata isn't installed, a damaged file, no such column, or more than the limit of memory.
    """
    wanted = (table_options or TableOptions()).checked()
    if table_options is not None and table_options.missing is not None:
        raise InputError(
            f"--missing (missing= in Python) can't be used here: {shown(path)} is no table with empty cells"
        )
    file_size(path)
    try:
        import anndata
    except ImportError:
        raise MissingPackageError('reading .h5ad needs anndata; pip install "aevum[anndata]" brings it') from None
    with reading(path, "an AnnData file"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice, and of older files: neither changes X
        found = anndata.read_h5ad(path, backed="r")
        try:
            return _dataset(found, path, labels, wanted)
        finally:
            found.file.close()


def _dataset(found: Any, path: Path, labels: str | None, wanted: TableOptions) -> Dataset:
    refuse_too_big(path, 8 * math.prod(found.shape))
    try:
        values = found.X
    except KeyError:
        values = None
    if values is None:
        raise InputError(f"{shown(path)} has no X; move a layer there: adata.X = adata.layers['counts']")
    names = [str(name) for name in found.var_names]
    kept = wanted.kept(names, len(names), path)
    if not kept:
        raise InputError(f"{shown(path)} has no column left for the data")
    x = values[:]
    x = np.asarray(x.toarray() if hasattr(x, "toarray") else x)
    x = x if len(kept) == len(names) else x[:, kept]
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        raise InputError(f"{shown(path)}: {int((~np.isfinite(x)).sum())} values of X are NaN or infinite")
    y = None
    if labels is not None:
        columns = [str(name) for name in found.obs.columns]
        column = found.obs[columns[label_position(columns, len(columns), labels, path)]].tolist()
        gaps = [row for row, value in enumerate(column) if is_missing(value)]
        if gaps and not wanted.label_gaps:
            raise InputError(f"{shown(path)}: the label {quoted(labels)} of {len(gaps)} observations is missing")
        y = labels_with_gaps([str(value) for value in column], gaps, path)
    about = f"{path.name}, {len(x)} observations of {len(kept)} variables"
    features, rows = tuple(names[i] for i in kept), tuple(shown(name) for name in found.obs_names)
    distinct = features if len(set(features)) == len(features) else None
    return Dataset(
        x, y, name=path.stem, description=about, feature_names=distinct, row_names=rows, label_gaps=wanted.label_gaps
    )
