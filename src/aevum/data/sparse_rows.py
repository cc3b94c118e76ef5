"""Rows of a sparse matrix, of which only those that are looked at are made dense."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Array = NDArray[Any]


def is_sparse_matrix(X: object) -> bool:
    """Whether X is one of SciPy's sparse matrices or arrays."""
    return bool(sparse.issparse(X))


class SparseRows:
    """A sparse matrix ``(N, F)`` of finite numbers as an array that is made dense where it is indexed.

    It answers what is asked of an array of rows while a model is fitted: rows, columns, extremes, whether a cell is
    missing (none is). Whoever wants all of it (``np.asarray``) gets it dense.

    >>> x = SparseRows(sparse.csr_matrix([[0.0, 2.0], [1.0, 0.0], [0.0, -3.0]]))
    >>> x[1:], x[:, 1].tolist(), float(x.min()), x.max(axis=0).tolist()
    (array([[ 1.,  0.],
           [ 0., -3.]]), [2.0, 0.0, -3.0], -3.0, [1.0, 2.0])
    """

    ndim = 2

    def __init__(self, matrix: Any) -> None:
        self.matrix = sparse.csr_array(matrix)
        self.shape: tuple[int, int] = self.matrix.shape
        self.dtype: np.dtype[Any] = self.matrix.dtype
        self.size = self.shape[0] * self.shape[1]

    @cached_property
    def columns(self) -> Any:
        """The same by columns, made when one is first looked at."""
        return self.matrix.tocsc()

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            rows, columns = key
            if isinstance(columns, (int, np.integer)):
                return self.columns[:, [columns]].toarray()[:, 0][rows]
            return self.matrix[rows][:, columns].toarray()
        found = self.matrix[[key] if isinstance(key, (int, np.integer)) else key].toarray()
        return found[0] if isinstance(key, (int, np.integer)) else found

    def taken(self, rows: Any) -> SparseRows:
        """These rows, as sparse as they are."""
        return SparseRows(self.matrix[rows])

    def min(self, axis: int | None = None) -> Any:
        """The least value, or that of each column."""
        found = self.matrix.min(axis=axis)
        return found if axis is None else found.toarray().reshape(-1)

    def max(self, axis: int | None = None) -> Any:
        """The largest value, or that of each column."""
        found = self.matrix.max(axis=axis)
        return found if axis is None else found.toarray().reshape(-1)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        dense: Array = self.matrix.toarray()
        return dense if dtype is None else dense.astype(dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **settings: Any) -> Any:
        """``np.isnan(x)``, ``np.fmin.reduce(x, axis=0)`` and its like for the largest; nothing else."""
        if ufunc is np.isnan and method == "__call__":
            return np.broadcast_to(np.False_, self.shape)
        axis = settings.get("axis")
        if ufunc in (np.fmin, np.fmax) and method == "reduce" and axis in (0, (0,)):
            return self.min(0) if ufunc is np.fmin else self.max(0)
        return NotImplemented

    def __array_function__(self, function: Any, types: Any, given: Any, settings: Any) -> Any:
        """``np.nanmin``, ``np.nanmax`` and ``np.concatenate``; all else of the dense array."""
        if function in (np.nanmin, np.nanmax) and len(given) == 1 and not settings:
            return self.min() if function is np.nanmin else self.max()
        if function is np.concatenate and len(given) == 1:
            return SparseRows(sparse.vstack([getattr(part, "matrix", part) for part in given[0]], format="csr"))
        return function(*(np.asarray(each) if each is self else each for each in given), **settings)


def is_sparse_rows(x: object) -> bool:
    """Whether these rows are to be made dense where they are indexed."""
    return isinstance(x, SparseRows)


def taken(x: Any, rows: Any) -> Any:
    """These rows of an array, sparse ones as they are."""
    return x.taken(rows) if is_sparse_rows(x) else x[rows]


def replaced(x: Any, cells: tuple[Array, ...], values: Array) -> Any:
    """A copy of sparse rows with other values in these cells, by row and column."""
    changed = x.matrix.tolil(copy=True)
    changed[cells] = values.astype(x.dtype)
    return SparseRows(changed)
