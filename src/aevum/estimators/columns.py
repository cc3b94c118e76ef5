"""A table's columns by their names: in the order of the model, with a value in every cell, none a row number."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data import Dataset
from aevum.data.columns import numbering
from aevum.data.files import listed, quoted
from aevum.data.large import part_by_part
from aevum.data.missing import WHAT_TO_DO
from aevum.data.sparse_rows import is_sparse_matrix
from aevum.errors import DataWarning, InputError

Array = NDArray[Any]
NAMES_IN_MESSAGE = 10


class Matched(np.ndarray):
    """Rows whose columns were matched by name already, so that nobody needs to ask for the names again."""


def feature_names(X: object) -> tuple[str, ...] | None:
    """The columns' names of a data set or a DataFrame; None where there are none."""
    names = X.feature_names if isinstance(X, Dataset) else getattr(X, "columns", None)
    return None if names is None else tuple(map(str, names))


@part_by_part
def arranged(X: Any, model: Any) -> Any:
    """X with its columns in the order in which the model was fitted on them; as it is where one side has no names.

    A DataFrame for a model of a DataFrame is left to scikit-learn, whose contract is to refuse another order. As many
    columns of which none has a name that the model knows are taken by position, with a warning that names both lists.

    Raises:
        InputError: some columns are missing or unknown; names both lists.
    """
    names, expected = feature_names(X), getattr(model, "feature_names_", None)
    if names is None or expected is None or len(set(expected)) < len(expected):
        return X
    if not isinstance(X, Dataset) and hasattr(model, "feature_names_in_"):
        return X
    if not isinstance(X, Dataset):
        check_columns(X)
    elif names == tuple(expected):
        return X
    left_out = X.left_out if isinstance(X, Dataset) else {}
    place, wanted = {name: j for j, name in enumerate(names)}, set(expected)
    missing = [name for name in expected if name not in place and name not in left_out]
    unknown = [name for name in names if name not in wanted]
    if len(names) == len(expected) == len(unknown) == len(missing):
        warnings.warn(
            f"the model knows none of the columns {_texts(names)} by name; they are taken by position for"
            f" {_texts(expected)}",
            DataWarning,
            stacklevel=5,
        )
        return X if isinstance(X, Dataset) else floats(X).view(Matched)
    if missing or unknown:
        raise unmatched([*names, *left_out], expected, missing, unknown)
    if isinstance(X, Dataset):
        columns = [X.x[:, place[name]] if name in place else left_out[name] for name in expected]
        rest = {name: values for name, values in left_out.items() if name not in wanted}
        return replace(X, x=np.stack(columns, axis=1), feature_names=tuple(expected), left_out=rest)
    return floats(X[[X.columns[place[name]] for name in expected]]).view(Matched)


def _texts(names: Sequence[str]) -> str:
    return listed([quoted(name) for name in names], NAMES_IN_MESSAGE)


def unmatched(
    names: Sequence[str], expected: Sequence[str], missing: Sequence[str], unknown: Sequence[str]
) -> InputError:
    """The error for columns that are others than the model's: those that differ, and few ones all."""
    wrong = [f"{what} {_texts(some)}" for what, some in (("without", missing), ("with unknown", unknown)) if some]
    every = ""
    if max(len(names), len(expected)) <= NAMES_IN_MESSAGE:
        every = f": the model was fitted on {_texts(expected)}, and these data have {_texts(names)}"
    return InputError(
        f"the columns don't match by name: these data are {' and '.join(wrong)}{every}; rename the columns, or leave"
        " the unknown ones out"
    )


def refuse_empty_columns(x: Array, names: Sequence[str] | None, *, file: bool) -> None:
    """Refuse columns of a table ``(N, F)`` without any value, by name, or in a file by number, counted from 1."""
    if not (isinstance(x, np.ndarray) and x.ndim == 2 and x.dtype.kind == "f" and (names or file)):
        return  # an array's are told by their places, where the kinds of columns are chosen
    some = np.flatnonzero(np.isnan(x[:1000]).all(axis=0)).tolist()
    empty = [j for j in some if np.isnan(x[:, j]).all()]
    if empty:
        one = len(empty) == 1
        told = listed([quoted(names[j]) if names else str(j + 1) for j in empty], NAMES_IN_MESSAGE)
        how = " with --drop (drop= in Python)" if file else ""
        raise InputError(
            f"column{'' if one else 's'} {told} {'has' if one else 'have'} no value at all, in any row; leave"
            f" {'it' if one else 'them'} out{how}"
        )


def refuse_complex(X: Any) -> None:
    """Raise for complex numbers, by the name of their column, before anything drops their imaginary part."""
    advice = "give their real and imaginary parts a column each"
    if hasattr(X, "columns") and hasattr(X, "dtypes") and len(X.columns) == len(X.dtypes):
        types = zip(X.columns, X.dtypes, strict=True)
        kinds = {name: dtype for name, dtype in types if getattr(dtype, "kind", "") == "c"}
        if kinds:
            told = listed([f"column {name!r} has type {dtype}" for name, dtype in kinds.items()], NAMES_IN_MESSAGE)
            raise InputError(f"Complex data not supported: {told}; {advice}")
    elif getattr(getattr(X, "dtype", None), "kind", "") == "c":
        raise InputError(f"X has type {X.dtype}: Complex data not supported; {advice}")


def check_columns(X: object) -> None:
    """Raise for a DataFrame whose columns share a name, have names of several kinds, or hold no numbers."""
    if not (hasattr(X, "columns") and hasattr(X, "dtypes")):
        return
    names = list(X.columns)
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"{names.count(twice)} columns are called {twice!r}; rename all but one")
    kinds = sorted({type(name).__name__ for name in names})
    if "str" in kinds and len(kinds) > 1:
        raise InputError(
            f"the columns' names are of several kinds ({', '.join(kinds)}); X.columns = X.columns.astype(str) makes"
            " text of them"
        )
    for name, dtype in zip(names, X.dtypes, strict=True):
        kind = getattr(dtype, "kind", "O")
        if kind in "mMSU" or (kind == "O" and not as_numbers(X[name])):  # type: ignore[index]
            raise InputError(
                f"column {name!r} has type {dtype} and isn't numeric: encode it as numbers, drop it, or give it as y"
            )


def as_numbers(column: Any) -> bool:
    """Whether a column of objects holds numbers alone, or no value; a categorical one never does."""
    try:
        np.asarray(column.dropna() if hasattr(column, "dropna") else column, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    return str(column.dtype) != "category"


def floats(frame: Any) -> Array:
    """A DataFrame's cells as numbers ``(N, F)``, NaN where there is none."""
    if hasattr(frame, "isna"):
        found: Array = frame.to_numpy(dtype=np.float64, na_value=np.nan)
        return found
    return np.asarray(frame, dtype=np.float64)


def where_not_finite(X: object, names: Sequence[str] | None = None, gaps: bool = False) -> str:
    """The place of the first infinity, or of NaN where there may be no gaps, and how many there are, by column; nothing
    where there is none.
    """
    try:
        if is_sparse_matrix(X):
            return _where_in_sparse(X, gaps)
        array = floats(X) if hasattr(X, "columns") else np.asarray(X)
        if array.ndim == 0 or array.dtype.kind not in "fO":
            return ""
        numbers = array.astype(np.float64)
        bad = np.isinf(numbers) if gaps else ~np.isfinite(numbers)
    except (TypeError, ValueError):
        return ""
    if not bad.any():
        return ""
    row, *column = (int(i) for i in np.argwhere(bad)[0])
    place = ", ".join(map(str, column))
    by_column = ""
    if bad.ndim == 2:
        named = (
            [repr(name) for name in names]
            if names and len(names) == bad.shape[1]
            else list(map(str, range(bad.shape[1])))
        )
        place, counts = named[column[0]], bad.sum(axis=0)
        if np.count_nonzero(counts) > 1:
            by_column = f" ({listed([f'{named[j]}: {counts[j]}' for j in np.flatnonzero(counts)], NAMES_IN_MESSAGE)})"
    return f" First at row {row}, column {place}; {bad.sum()} in all{by_column}. {WHAT_TO_DO.capitalize()}."


def _where_in_sparse(X: Any, gaps: bool) -> str:
    """The same of a sparse matrix, whose cells without a value are zeros: NaN can't be a gap there."""
    cells = X.tocoo()
    bad = ~np.isfinite(cells.data)
    if not bad.any():
        return ""
    rows, columns = (np.asarray(places)[bad] for places in (cells.row, cells.col))
    first = np.lexsort((columns, rows))[0]
    what = WHAT_TO_DO
    if gaps and np.isnan(cells.data[bad]).all():
        what = "a sparse matrix has no gaps: X.toarray() has, and is learned with them; or " + what
    return f" First at row {rows[first]}, column {columns[first]}; {bad.sum()} in all. {what[0].upper()}{what[1:]}."


def dense_columns(X: Any) -> Any:
    """A DataFrame with its sparse columns as dense ones of the same numbers; all else as it is."""
    if not (hasattr(X, "columns") and hasattr(X, "dtypes") and hasattr(X, "astype")):
        return X
    types = zip(X.columns, X.dtypes, strict=True)
    thin = {name: dtype.subtype for name, dtype in types if hasattr(dtype, "subtype") and hasattr(dtype, "fill_value")}
    return X.astype(thin) if thin else X


def warn_of_numbering(X: object, x: Array) -> None:
    """Say that a DataFrame's column numbers its rows: here the user decides which columns there are."""
    if not hasattr(X, "columns"):
        return
    found = [str(X.columns[j]) for j in numbering([str(name) for name in X.columns], x)]
    if found:
        warnings.warn(
            f"column {listed([quoted(name) for name in found])} numbers the rows and is learned like any other; leave"
            f" it out: X.drop(columns={found[0]!r})",
            DataWarning,
            stacklevel=5,
        )
