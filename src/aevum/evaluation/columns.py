"""What a fit chose for each column of a table, and why, and the spread that it learned of it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.estimators import LatentVariableEstimator
from aevum.numerals import class_text
from aevum.typing import Labels

SOME, MOST_COLUMNS, MOST_CLASSES = 500, 1000, 1000
# What has a σ in the column's units.
SPREADS = ("density", "mixed", "count")


def columns_of(
    model: LatentVariableEstimator, Z: NDArray[Any] | None = None, y: Labels | None = None
) -> list[dict[str, Any]] | None:
    """Of each column of a table its ``name``, ``kind``, the ``reason``, the ``classes`` in words that its codes
    stand for (None: it holds numbers) and ``sigma``, the likelihood's standard deviation in the column's units: the
    median over the codes Z, where it depends on z.

    Args:
        model: a fitted model.
        Z: some codes ``(N, D)``; None for no σ.
        y: a row each, for a conditional model.

    Returns:
        None where the data are no table of columns, each with a scale of its own, or of over 1,000 of them.

    >>> from aevum import VAE
    >>> X = np.random.default_rng(0).normal(size=(60, 1)) * [1.0, 100.0] + np.random.default_rng(1).normal(size=(60, 2))
    >>> vae = VAE(1, epochs=1, random_state=0).fit(X)
    >>> [(each["name"], each["kind"]) for each in columns_of(vae)]
    [('x0', 'Gaussian'), ('x1', 'Gaussian')]
    """
    fitted = model.fitted_
    if len(model.parts_.event) > 1 or model.parts_.event[0] > MOST_COLUMNS:
        return None
    width, kinds = model.parts_.event[0], fitted.kinds()
    likelihood = model.likelihood_
    kinds = kinds or [(likelihood.family.replace("_", " ").capitalize(), likelihood.reason)] * width
    names = model.feature_names_ or [f"x{place}" for place in range(width)]
    schema = [None] * width if model.schema_ is None else model.schema_.columns
    sigma = sigmas(model, Z, y)
    return [
        {
            "name": name,
            "kind": kind,
            "reason": (f"in {column.unit}; " if column is not None and column.unit else "") + why,
            "classes": None if column is None or not column.classes else
            [class_text(each) for each in column.classes[:MOST_CLASSES]],
            "sigma": value,
        }
        for name, (kind, why), column, value in zip(names, kinds, schema, sigma, strict=True)
    ]  # fmt: skip


def sigmas(model: LatentVariableEstimator, Z: NDArray[Any] | None, y: Any) -> list[float | None]:
    """Of each column; None for what has none."""
    width, measures = model.parts_.event[0], model.encoding_.measures()
    if not model.encoding_.missing and model.fitted_.interval:
        measures = ["none" if d in model.fitted_.constant_columns else "density" for d in range(width)]
    if Z is None or measures is None:
        return [None] * width
    rows = slice(None, SOME)
    each = np.median(model.decode_deviation(Z[rows], None if y is None else y[rows]), axis=0)
    return [float(value) if measure in SPREADS else None for value, measure in zip(each, measures, strict=True)]
