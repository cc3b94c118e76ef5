"""SciPy's sparse matrices in .npz files, made dense: as bytes they are trusted no more than any other file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.dataset import Dataset
from aevum.data.files import refuse_too_big, shown
from aevum.errors import InputError

# What scipy.sparse.save_npz writes of each format.
_PARTS = {"csr": ("indices", "indptr"), "csc": ("indices", "indptr"), "coo": ("row", "col")}
_ALWAYS = {"format", "shape", "data"}


def is_sparse(keys: set[str]) -> bool:
    """Whether an archive's arrays are those of one sparse matrix.

    >>> is_sparse({"format", "shape", "data", "row", "col"}), is_sparse({"data", "shape"})
    (True, False)
    """
    return keys >= _ALWAYS and len(keys) <= 6


def sparse_dataset(parts: Mapping[str, NDArray[Any]], path: Path) -> Dataset:
    """The matrix of these arrays, made dense.

    :raises InputError: another format, indices outside of the matrix, or more than the limit of memory.
    """
    kind = bytes(parts["format"].reshape(-1)[0]).decode("latin-1") if parts["format"].size == 1 else "?"
    if kind not in _PARTS:
        raise InputError(
            f"{shown(path)} holds a sparse matrix in the format {shown(kind)}; save it as x.tocsr() with"
            " scipy.sparse.save_npz"
        )
    data, shape = parts["data"], tuple(int(n) for n in parts["shape"].reshape(-1))
    if len(shape) != 2 or min(shape) < 1 or data.dtype.kind not in "biuf":
        raise InputError(
            f"{shown(path)} holds a sparse array of shape {shape} and type {data.dtype}; expected a matrix"
        )
    refuse_too_big(path, math.prod(shape) * data.dtype.itemsize)
    x = _dense(kind, data, [parts[name] for name in _PARTS[kind]], shape)
    filled = f"{np.count_nonzero(data) / math.prod(shape):.3g} of its cells are no zeros"
    note = f"{path.name}: the sparse matrix is made dense, {shape[0]:,} × {shape[1]:,}; {filled}"
    return Dataset(x, name=path.stem, description=f"{path.name}, a sparse matrix", notes=(note,))


def _dense(kind: str, data: NDArray[Any], where: list[NDArray[Any]], shape: tuple[int, int]) -> NDArray[Any]:
    """SciPy's own conversion, after the full check of the indices: without it they may point anywhere in memory."""
    from scipy import sparse

    if kind == "coo":
        if any(part.size and not 0 <= part.min() <= part.max() < n for part, n in zip(where, shape, strict=True)):
            raise ValueError("an index lies outside of the matrix")
        return np.asarray(sparse.coo_matrix((data, (where[0], where[1])), shape=shape).toarray())
    matrix = (sparse.csr_matrix if kind == "csr" else sparse.csc_matrix)((data, *where), shape=shape)
    matrix.check_format(full_check=True)
    return np.asarray(matrix.toarray())
