"""Codes and the factors that made their rows, checked once for every score of disentanglement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.typing import Codes, Labels

Array = NDArray[Any]
LEAST_ROWS = 20
ROWS_A_VALUE = 3


def read_codes(Z: Codes, name: str = "Z") -> Array:
    """Codes as float64 ``(N, D)``.

    Args:
        Z: the codes, one a row.
        name: what the error calls them.

    Raises:
        InputError: no matrix, no real numbers, or NaN or infinity among them.

    Example:
        >>> read_codes([[1, 2], [3, 4]]).dtype
        dtype('float64')
    """
    try:
        z = np.asarray(Z)
    except ValueError as error:
        raise InputError(f"{name} must be a rectangular array of numbers, one code a row") from error
    if z.dtype.kind not in "biuf":
        raise InputError(f"{name} has type {z.dtype}; expected real numbers, one code a row")
    if z.ndim != 2 or not z.size:
        raise InputError(f"{name} has shape {z.shape}; expected (N, D), one code a row")
    if not np.isfinite(z).all():
        row, column = np.argwhere(~np.isfinite(z))[0]
        raise InputError(f"{name} contains NaN or infinity, first at row {row}, column {column}")
    return z.astype(np.float64)


def read_factors(factors: Labels, rows: int, names: Sequence[str] | None = None) -> NDArray[np.intp]:
    """Discrete factors as whole numbers ``(N, K)``, each column counted from 0 without gaps.

    Args:
        factors: ``(N, K)``: whole numbers, each standing for a value of its factor; they need no order.
        rows: N, of the codes.
        names: of the K factors, for the errors.

    Raises:
        InputError: not ``(N, K)``, not as many rows as codes, fewer than 20 rows, NaN, numbers that aren't whole, a
            factor that never changes, or one with fewer than 3 rows a value on average.

    Example:
        >>> read_factors([[4, 0], [9, 1]] * 10, 20)[:2].tolist()
        [[0, 0], [1, 1]]
    """
    try:
        f = np.asarray(factors)
    except ValueError as error:
        raise InputError("factors must be a rectangular array of whole numbers, one row a code") from error
    if f.dtype.kind not in "biuf":
        raise InputError(f"factors have type {f.dtype}; expected whole numbers: number the values of each factor")
    if f.ndim != 2 or not f.size:
        raise InputError(f"factors have shape {f.shape}; expected (N, K), a column for each factor")
    if len(f) != rows:
        raise InputError(f"Z has {rows} rows and factors have {len(f)}; expected one row of factors for each code")
    if rows < LEAST_ROWS:
        raise InputError(f"{rows} rows are too few to score; expected at least {LEAST_ROWS}")
    called = factor_words(f.shape[1], names)
    return np.column_stack([_numbered(f[:, k], called[k]) for k in range(f.shape[1])])


def factor_words(count: int, names: Sequence[str] | None) -> list[str]:
    """The factors' names, or their numbers where they have none.

    Raises:
        InputError: not one name a factor.

    Example:
        >>> factor_words(2, None), factor_words(2, ["hair", "action"])
        (['factor 0', 'factor 1'], ['hair', 'action'])
    """
    if names is None:
        return [f"factor {k}" for k in range(count)]
    if isinstance(names, str) or len(names) != count:
        raise InputError(f"factor_names must be {count} names, one for each column of factors, got {names!r}")
    return [str(name) for name in names]


def need_two(what: str, found: int, need: str) -> None:
    """Raise where a score compares the best with the second best and there is no second.

    Raises:
        InputError: fewer than two.
    """
    if found < 2:
        raise InputError(f"{need} needs at least two {what}, got {found}")


def _numbered(column: Array, name: str) -> NDArray[np.intp]:
    if not np.isfinite(column).all():
        raise InputError(f"{name} contains NaN or infinity, first at row {np.flatnonzero(~np.isfinite(column))[0]}")
    values, numbered = np.unique(column, return_inverse=True)
    if (values != np.round(values)).any():
        raise InputError(f"{name} is continuous; these scores need whole numbers: cut it into bins (np.digitize)")
    if len(values) < 2:
        raise InputError(f"{name} never changes, so that no code can tell its values apart: leave it out")
    if len(values) * ROWS_A_VALUE > len(column):
        raise InputError(
            f"{name} has {len(values)} values in {len(column)} rows; expected at least {ROWS_A_VALUE} rows a value: "
            f"give more rows or cut it into bins (np.digitize)"
        )
    return numbered.astype(np.intp)
