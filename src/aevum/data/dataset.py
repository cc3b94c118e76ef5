"""The data set that every reader returns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aevum.data.corpora import Corpus
from aevum.data.missing import lacking, masked_cells
from aevum.data.schema import Column, arranged
from aevum.errors import InputError


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Examples, and labels where there are any.

    :param x: examples, shape ``(N, *event)``: ``(N, F)`` for tables, ``(N, H, W)`` or ``(N, H, W, C)`` for images;
        booleans, integers or floats; an array or a memory map (read-only, larger than memory if need be), or a
        :class:`~aevum.data.corpora.Corpus`, whose rows are read part by part.
    :param y: labels, shape ``(N,)``, of any plain type; of several columns a structured array, a field each; ``None``
        where there are none.
    :param name: a short name, such as ``"digits"`` or a file's name without its ending.
    :param description: one sentence.
    :param feature_names: the F names of a table's columns; ``None`` where there are none.
    :param notes: what the reader took for granted and someone should know, a sentence each.
    :param row_names: the N names of the rows, such as the files that images come from; ``None`` where there are none.
    :param left_out: columns of a table that count its rows, by name: read, but no features.
    :param row_numbers: which row of the file each row is, counted from 0, where some are left out; else ``None``.
    :param rows_are_files: whether ``row_names`` are names of files.
    :param columns: what each column of a table is, in the columns' order: a number, or a category, a boolean or a date
        that became one; ``None`` where nothing is known.
    :param label_gaps: whether rows may lack their label, for models that learn from some: NaN, None or empty text.
    :param label_name: what ``y`` is called, such as the column of a table that it was; ``None`` where nobody said.
    :raises InputError: no rows, not numbers, masked cells, labels of another length than ``x``, or missing labels.

    >>> import numpy as np
    >>> ds = Dataset(np.eye(3), y=np.array(["a", "b", "a"]), name="toy")
    >>> len(ds), ds.shape, ds.classes.tolist()
    (3, (3, 3), ['a', 'b'])
    >>> ds.take([2, 0])
    array([[0., 0., 1.],
           [1., 0., 0.]])
    """

    x: NDArray[Any]
    y: NDArray[Any] | None = None
    name: str = "data"
    description: str = ""
    feature_names: tuple[str, ...] | None = None
    notes: tuple[str, ...] = ()
    left_out: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    row_names: tuple[str, ...] | None = None
    row_numbers: NDArray[np.intp] | None = None
    rows_are_files: bool = False
    columns: tuple[Column, ...] | None = None
    label_gaps: bool = False
    label_name: str | None = None

    def __post_init__(self) -> None:
        for name in ("x", "y"):
            value = getattr(self, name)
            if isinstance(value, np.ma.MaskedArray) and not np.ma.is_masked(value):
                object.__setattr__(self, name, np.asarray(value))
        _check_examples(self.x, self.name)
        if self.y is not None:
            _check_labels(self.y, len(self.x), self.name, self.label_gaps)
        if self.feature_names is not None and self.x.shape[1:] != (len(self.feature_names),):
            raise InputError(
                f"{self.name}: {len(self.feature_names)} feature names don't fit data of shape {self.x.shape}"
            )
        if self.columns is not None:
            object.__setattr__(self, "columns", arranged(self.columns, self.feature_names))
            if self.x.shape[1:] != (len(self.columns),):
                raise InputError(f"{self.name}: {len(self.columns)} columns don't fit data of shape {self.x.shape}")
        if self.row_names is not None and len(self.row_names) != len(self.x):
            raise InputError(f"{self.name}: {len(self.row_names)} names of rows don't fit {len(self.x)} rows")

    def __len__(self) -> int:
        return len(self.x)

    def __repr__(self) -> str:
        labels = "no labels" if self.y is None else f"labels {self.y.dtype}"
        return f"Dataset({self.name!r}, shape={self.shape}, dtype={self.dtype}, {labels})"

    @property
    def shape(self) -> tuple[int, ...]:
        """``(N, *event)``."""
        return self.x.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of one value of ``x``."""
        return self.x.dtype

    @property
    def classes(self) -> NDArray[Any]:
        """The distinct labels, sorted; of length 0 where there are no labels."""
        if self.y is None:
            return np.empty(0, dtype=np.int64)
        return np.unique(self.y[~lacking(self.y)] if self.label_gaps and not self.y.dtype.names else self.y)

    def part(self, rows: slice | NDArray[Any]) -> Dataset:
        """The same data set with some of its rows: a slice, which copies no examples, or an array of indices."""
        chosen = np.arange(len(self))[rows]
        if isinstance(self.x, Corpus) and len(chosen) == len(self) and isinstance(rows, slice):
            return self
        return replace(
            self,
            x=self.x[rows],
            y=None if self.y is None else self.y[rows],
            left_out={name: column[rows] for name, column in self.left_out.items()},
            row_names=None if self.row_names is None else tuple(self.row_names[i] for i in chosen),
            row_numbers=None if self.row_numbers is None else self.row_numbers[rows],
        )

    @property
    def rows(self) -> NDArray[Any]:
        """What each row is called: its name, else its number in the file, counted from 0.

        >>> Dataset(np.eye(3), row_numbers=np.array([0, 4, 5])).rows.tolist()
        [0, 4, 5]
        """
        if self.row_names is not None:
            return np.array(self.row_names, dtype=np.str_)
        return np.arange(len(self)) if self.row_numbers is None else self.row_numbers

    def take(self, indices: ArrayLike) -> NDArray[Any]:
        """A copy in memory of the rows at ``indices`` (integers, or a mask of length N): shape ``(n, *event)``.

        :raises IndexError: an index that is out of range or no integer.
        """
        index = np.asarray(indices)
        if index.size == 0 and index.dtype != np.bool_:
            index = index.astype(np.intp)  # numpy makes an empty list an array of floats, which can't index
        return np.array(self.x[index])


def _check_examples(x: object, name: str) -> None:
    if not isinstance(x, (np.ndarray, Corpus)):
        raise InputError(f"{name}: x must be a numpy array, not {type(x).__name__}")
    if problem := masked_cells(x):
        raise InputError(f"{name}: {problem}")
    if x.dtype.kind not in "biuf":
        raise InputError(f"{name}: x must hold real numbers, but its type is {x.dtype}; encode it as numbers")
    if x.ndim < 2:
        raise InputError(
            f"{name}: x has shape {x.shape}, but needs one row per example and at least one column;"
            " x.reshape(-1, 1) makes a column of a single feature"
        )
    if x.size == 0:
        raise InputError(f"{name}: x has shape {x.shape}, so it holds no data")


def _check_labels(y: object, rows: int, name: str, gaps: bool) -> None:
    if not isinstance(y, np.ndarray):
        raise InputError(f"{name}: y must be a numpy array, not {type(y).__name__}")
    if y.ndim != 1:
        raise InputError(f"{name}: labels must be one column, one label per row, but have shape {y.shape}")
    if len(y) != rows:
        raise InputError(f"{name}: {len(y)} labels don't fit {rows} rows; there must be one label per row")
    for name_ in y.dtype.names or ():
        _check_labels(y[name_], rows, name, gaps)
    if y.dtype.kind not in "biufUSO" and not y.dtype.names:
        raise InputError(f"{name}: labels must be numbers or text, but their type is {y.dtype}")
    if problem := masked_cells(y):
        raise InputError(f"{name}: {problem}")
    missing = np.flatnonzero(lacking(y) if y.dtype.kind != "U" else y != y)
    if missing.size and not gaps:
        raise InputError(
            f"{name}: the label of row {missing[0] + 1} is missing ({missing.size} in all);"
            " fill them in or leave those rows out"
        )
