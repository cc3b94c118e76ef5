"""Data as users hand them over: opened, named, arrays or frames, with the names that they bring along."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.data import Dataset, open_data
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.columns import arranged
from aevum.estimators.frame_columns import is_frame
from aevum.estimators.inputs import recoded


def described(
    X: Any, y: Any, name: str, feature_names: Sequence[str] | None, model: LatentVariableEstimator | None = None
) -> tuple[Any, Any, str, Sequence[str] | None]:
    """The arrays of an opened or named data set, with its name and columns where none are given.

    Columns are those of the model, in its order, where both have names.
    """
    if isinstance(X, (str, Path)):
        X = open_data(X)
    schema = getattr(model, "schema_", None)
    if schema is not None and is_frame(X):
        feature_names = feature_names or [column.name for column in schema.columns]
        X = schema.matched(X)
    elif model is not None:
        X = recoded(arranged(X, model), model)
    if isinstance(X, Dataset):
        name = X.name if name == "data" else name
        return X.x, X.y if y is None else y, name, feature_names or X.feature_names
    X, y = (value.detach().cpu().numpy() if hasattr(value, "detach") else value for value in (X, y))
    X = np.asarray(X) if isinstance(X, (list, tuple)) else X
    if feature_names is None and hasattr(X, "columns"):
        feature_names = [str(column) for column in X.columns]
    return X, y, name, feature_names


def rows_of(X: Any, rows: NDArray[np.intp]) -> Any:
    """These rows of an array or a data frame."""
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]
