"""What may be given as rows, labels, codes and seeds: names for type checkers, editors and the documentation.

They are texts until a type checker reads them, so that this module loads nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from numpy.random import RandomState
    from numpy.typing import ArrayLike
    from pandas import DataFrame, Index, Series
    from scipy.sparse import sparray, spmatrix
    from torch import Tensor
    from torch.utils.data import TensorDataset

    from aevum.data import Dataset

__all__ = ["Codes", "Examples", "Labels", "Rows", "Seed"]

#: ``(N, features)`` or ``(N, *event)``: an array or whatever NumPy makes one of, a torch tensor, a DataFrame, SciPy's
#: sparse matrix, a memory map, an opened data set, its name or its path; or X and y in one.
Rows: TypeAlias = (
    "ArrayLike | Tensor | DataFrame | spmatrix | sparray | Dataset | TensorDataset | PathLike[str] | "
    "Mapping[str, Any] | Sequence[Any]"
)

#: What a row is conditioned on or compared by: ``(N,)`` labels of any type, ``(N, C)`` numbers, or several columns by
#: name; one for all rows where a method says so.
Labels: TypeAlias = "ArrayLike | Tensor | Series | Index | DataFrame | Mapping[str, Any] | Sequence[Any]"

#: ``(N, D)`` codes.
Codes: TypeAlias = "ArrayLike | Tensor | DataFrame"

#: An integer for the same draws every time, NumPy's legacy generator, or None for others each time.
Seed: TypeAlias = "int | RandomState | None"

#: Rows as the model gives them back: an array ``(N, *event)``, or a DataFrame like the one that it learned from.
Examples: TypeAlias = Any
