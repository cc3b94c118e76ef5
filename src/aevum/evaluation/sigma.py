"""The spread that a Gaussian likelihood learned, in the data's units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.estimators import LatentVariableEstimator
from aevum.fitted.law import ONE_SIGMA

SOME = 500


def sigma_of(
    model: LatentVariableEstimator, Z: NDArray[Any], y: Any = None, feature_names: Sequence[str] | None = None
) -> dict[str, Any] | None:
    """The likelihood's σ in the data's units: where it comes from, its least and its largest value, and of which
    features; one number where it is one. The features' values of a σ that depends on the code are medians over Z.

    Args:
        model: a fitted model.
        Z: some codes, ``(N, D)``.
        y: a row each, for a conditional model.
        feature_names: of a table; None for those that the model was fitted with.

    Returns:
        None where the likelihood is no Gaussian, or no value ever changes.

    >>> from aevum import AE
    >>> X = np.random.default_rng(0).normal(size=(50, 3)) * [1.0, 10.0, 100.0]
    >>> ae = AE(2, likelihood="gaussian:fixed=2", epochs=5, hidden=16, random_state=0).fit(X)
    >>> found = sigma_of(ae, ae.transform(X))
    >>> found["kind"], round(found["low"], 3), round(found["high"], 3)
    ('fixed', 2.0, 2.0)
    """
    if not model.fitted_.interval:
        return None
    rows = slice(None, SOME)
    low, high = model.in_numbers().decode_interval(Z[rows], None if y is None else y[rows], level=ONE_SIGMA)
    half = (np.asarray(high, dtype=np.float64) - np.asarray(low, dtype=np.float64)) / 2.0
    each = np.median(half.reshape(len(half), -1), axis=0)
    names = feature_names if feature_names is not None else model.feature_names_
    if half.ndim > 2 or names is None or len(names) != len(each):
        names = [f"feature {d}" for d in range(len(each))]
    changing = np.flatnonzero(each)
    if not len(changing):
        return None
    names, each = [names[int(d)] for d in changing], each[changing]
    least, most = int(each.argmin()), int(each.argmax())
    # Rounding on the way to the data's units makes no range; and of an image's pixels nobody asks which it was.
    alike = bool(np.isclose(each[least], each[most], rtol=1e-4))
    named = not alike and half.ndim == 2
    return {
        "kind": model.likelihood_.scale,
        "low": float(each[least]),
        "high": float(each[least if alike else most]),
        "low_of": str(names[least]) if named else None,
        "high_of": str(names[most]) if named else None,
    }
