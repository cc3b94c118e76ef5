"""Directions of the latent space that mean something: glasses, a smile, a class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from aevum.errors import InputError
from aevum.estimators.inputs import opened
from aevum.exploration.codes import codes_of
from aevum.typing import Codes, Labels, Rows

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

Array = NDArray[Any]
Floats = NDArray[np.float64]
HOW = ("symmetric", "sequential")


def attribute_vector(
    estimator: LatentVariableEstimator,
    X_with: Rows,
    X_without: Rows | None = None,
    *,
    labels: Labels | None = None,
    y: Labels | None = None,
) -> Array:
    r"""The direction of an attribute: the mean code of examples with it, minus that of examples without.

    .. math:: v = \tfrac1N\textstyle\sum_{x\ \text{with}}\mu(x) - \tfrac1M\sum_{x\ \text{without}}\mu(x)

    Adding v leads from the average example without the attribute to the average one with it. Whatever else differs
    between the two groups comes along: choose groups that are alike otherwise, or take other attributes out by
    :func:`~aevum.exploration.orthogonalise`.

    Source: *Autoencoding beyond pixels using a learned similarity metric*, A. B. L. Larsen et al., ICML 2016.

    Args:
        estimator: a fitted one.
        X_with: rows that have the attribute, or their codes ``(N, D)``; where a row has as many values as a code, rows
            are meant.
        X_without: rows that don't; None where ``labels`` tell them apart.
        labels: of the rows X_with: true (or 1) for those that have the attribute.
        y: for a conditional model and rows: a pair (y of X_with, y of X_without), or with ``labels`` the y of all.

    Returns:
        ``(D,)``.

    Raises:
        InputError: a group is empty, or both ``X_without`` and ``labels`` are given, or neither.

    Example:
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit(digits)
        >>> v = vae.attribute_vector(digits.x, labels=digits.y == 7)
        >>> v.shape, vae.add_attribute(digits.x[:4], v, 0.5).shape
        ((2,), (4, 8, 8))
    """
    if (X_without is None) == (labels is None):
        raise InputError("pass either X_without, the rows that lack the attribute, or labels, which tell them apart")
    if labels is not None:
        codes = codes_of(estimator, X_with, y)
        chosen = _as_mask(labels, len(codes))
        return direction(codes[chosen], codes[~chosen])
    if y is not None and (not isinstance(y, (tuple, list)) or len(y) != 2):
        raise InputError("y must be a pair here: (y of X_with, y of X_without)")
    ys = (None, None) if y is None else y
    groups: tuple[tuple[Any, str], ...] = ((X_with, "with"), (X_without, "without"))
    for X, which in groups:
        if hasattr(X, "__len__") and not len(X):
            raise InputError(_empty(which))
    return direction(codes_of(estimator, X_with, ys[0]), codes_of(estimator, X_without, ys[1]))


def direction(codes_with: Codes, codes_without: Codes) -> Array:
    """The difference of two groups' mean codes, ``(D,)``.

    Raises:
        InputError: a group is empty, or they have different numbers of latents.

    >>> direction([[1.0, 2.0], [3.0, 2.0]], [[0.0, 1.0]])
    array([2., 1.])
    """
    with_, without = (np.asarray(codes, dtype=np.float64) for codes in (codes_with, codes_without))
    if with_.ndim != 2 or without.ndim != 2 or with_.shape[1:] != without.shape[1:]:
        raise InputError(f"codes of shapes {with_.shape} and {without.shape}; expected (N, D) and (M, D)")
    if not len(with_) or not len(without):
        raise InputError(_empty("without" if len(with_) else "with"))
    found: Array = with_.mean(axis=0) - without.mean(axis=0)
    return found


def _empty(which: str) -> str:
    return f"no example is {which} the attribute: a direction needs both groups"


def add_attribute(
    estimator: LatentVariableEstimator, X: Rows, v: ArrayLike, amount: ArrayLike = 1.0, *, y: Labels | None = None
) -> Array:
    """Encode, shift along v, decode: ``g(μ(x) + amount · v)``, ``(N, *event)``.

    Args:
        estimator: a fitted one.
        X: rows ``(N, *event)``, or codes ``(N, D)``; where a row has as many values as a code, rows are meant.
        v: a direction ``(D,)``, as of :func:`attribute_vector`.
        amount: how far, one number or one a row; negative takes the attribute off.
        y: for a conditional model.

    Raises:
        InputError: shapes that don't fit, or values that aren't finite.
    """
    X, y = opened(X, y, estimator)
    codes = codes_of(estimator, X, y)
    shift = _finite(v, "v").reshape(-1)
    far = _finite(amount, "amount")
    if shift.shape != (codes.shape[1],):
        raise InputError(f"v has {len(shift)} values, and this model's codes have {codes.shape[1]}")
    if far.shape not in ((), (len(codes),)):
        raise InputError(f"amount has shape {far.shape}; expected one number, or {len(codes)}, one a row")
    made: Array = estimator.in_numbers().inverse_transform(codes + far.reshape(-1, 1) * shift, y)
    return made


def orthogonalise(vectors: Any, how: str = "symmetric") -> Any:
    r"""Directions at right angles to each other, of their old lengths: none carries a part of another.

    With V the unit vectors as rows, "symmetric" is :math:`(VV^\top)^{-1/2}V`, the orthonormal set that is closest to
    them all, whatever their order (Löwdin); "sequential" keeps the first, and takes from each what the ones before it
    hold (Gram–Schmidt).

    Source: *On the non-orthogonality problem connected with the use of atomic wave functions*, P.-O. Löwdin, Journal of
    Chemical Physics 18, 1950.

    Args:
        vectors: ``(K, D)`` with K ≤ D, or a mapping of names to ``(D,)``.
        how: "symmetric" or "sequential".

    Returns:
        As ``vectors``: an array, or a dictionary of the same names.

    Raises:
        InputError: one of them is zero or a combination of the others.

    >>> (orthogonalise([[2.0, 0.0], [1.0, 1.0]], "sequential").round(3) + 0.0).tolist()
    [[2.0, 0.0], [0.0, 1.414]]
    """
    if how not in HOW:
        raise InputError(f"how={how!r} is not one of {', '.join(HOW)}")
    if isinstance(vectors, Mapping):
        found = orthogonalise(list(vectors.values()), how)
        return dict(zip(vectors, found, strict=True))
    v = _finite(vectors, "vectors")
    if v.ndim != 2 or not len(v):
        raise InputError(f"vectors have shape {v.shape}; expected (K, D)")
    lengths = np.linalg.norm(v, axis=1, keepdims=True)
    if len(v) > v.shape[1] or not lengths.all() or np.linalg.matrix_rank(v / lengths, tol=1e-6) < len(v):
        raise InputError(f"one of the {len(v)} directions is zero or a combination of the others; leave it out")
    units = v / lengths
    if how == "sequential":
        q, r = np.linalg.qr(units.T)
        return (q * np.sign(np.diag(r))).T * lengths
    left, _, right = np.linalg.svd(units, full_matrices=False)
    return left @ right * lengths


def _as_mask(labels: Any, rows: int) -> NDArray[np.bool_]:
    mask = np.asarray(labels)
    if mask.shape != (rows,):
        raise InputError(f"labels have shape {mask.shape}; expected one for each of {rows} rows")
    if mask.dtype.kind not in "biuf" or not np.isin(mask, (0, 1)).all():
        raise InputError("labels must be true or false (1 or 0) for each row, such as y == 7")
    return mask.astype(bool)


def _finite(value: Any, name: str) -> Floats:
    try:
        array = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be numbers") from None
    if not np.isfinite(array).all():
        raise InputError(f"{name} contains NaN or infinity")
    return array
