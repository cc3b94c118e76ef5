"""Detectors for training rows that hold anomalies themselves, without labels that say which."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import _safe_indexing

from aevum.data import Dataset
from aevum.errors import DataWarning, InputError
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.containers import unpacked
from aevum.estimators.inputs import opened, whole_number
from aevum.evaluation.anomalies import anomaly_scores, threshold
from aevum.recipes import VAE
from aevum.typing import Labels, Rows, Seed

Floats = NDArray[np.float64]
STEPS, BATCH_SIZE = 400, 128
# Where there are columns enough.
LATENTS = 8
# What an estimator's ``fit`` takes, however many are to be left out.
FEWEST_ROWS = 2


def detector(rows: int, columns: int | None = None, *, random_state: Seed = 0, **settings: Any) -> VAE:
    """An unfitted VAE of the size that finds anomalies in tables: small, soon stopped, with a σ for each feature.

    A density that is to find odd rows among those it was trained on must not learn them, so the network is small and
    training ends after about 400 steps, whatever the number of rows: without validation rows, whose odd rows would have
    their say in when to stop. Each feature has a learned σ of its own, by which its deviations are counted.

    Fit it with :func:`fit_trimmed`.

    Args:
        rows: the number of training rows, from which the number of passes follows.
        columns: of the table: where they are 8 or fewer there is one latent less than they are, not 8.
        random_state: an integer for the same weights every time.
        settings: anything else of :class:`~aevum.VAE`, instead of what is set here.

    Raises:
        InputError: rows is no whole number of at least 2, columns none of at least 1, or a VAE has no such setting.

    Example:
        >>> detector(rows=5000).epochs, detector(rows=5000, columns=5).latent_dim
        (10, 4)
    """
    count = whole_number("rows", rows, least=2)
    chosen: dict[str, Any] = {
        "latent_dim": LATENTS if columns is None else max(1, min(LATENTS, whole_number("columns", columns) - 1)),
        "likelihood": "gaussian:per-feature",
        "network": "mlp",
        "hidden": (32,),
        "epochs": max(1, round(STEPS / math.ceil(count / BATCH_SIZE))),
        "batch_size": BATCH_SIZE,
        "learning_rate": 1e-3,
        "validation_fraction": 0.0,
        "patience": None,
        "random_state": random_state,
    }
    known = VAE().get_params()
    unknown = [name for name in settings if name not in known]
    if unknown:
        raise InputError(f"a VAE has no setting {unknown[0]!r}; it has {', '.join(sorted(known))}")
    return VAE(**{**chosen, **settings})


def fit_trimmed(
    model: LatentVariableEstimator,
    X: Rows,
    y: Labels | None = None,
    *,
    trim: float = 0.25,
    rounds: int = 3,
    k: int = 10,
) -> LatentVariableEstimator:
    """A clone of the model, fitted to X without its most anomalous rows: for training rows that hold anomalies.

    The model is fitted to all rows, the share ``trim`` of the highest scores is left out, and it is fitted anew to the
    others, ``rounds`` times; all rows are scored in each round, so that one left out may come back. These are the
    concentration steps of *A fast algorithm for the minimum covariance determinant estimator*, P. J. Rousseeuw,
    K. Van Driessen, Technometrics 1999, with a VAE in the Gaussian's place; for auto-encoders see *Robust anomaly
    detection in images using adversarial autoencoders*, L. Beggel, M. Pfeiffer, B. Bischl, ECML PKDD 2019.

    Args:
        model: an estimator; it is cloned and stays as it is.
        X, y: as for its ``fit``.
        trim: the share left out, from 0 to below 0.5. More than the anomalies' share costs little, less leaves some in;
            a quarter is what robust statistics takes where the share is unknown.
        rounds: of leaving out and fitting anew.
        k: importance samples of the scores in between.

    Raises:
        InputError: no estimator, trim, rounds or k out of range, or what ``fit`` raises.

    Example:
        >>> import numpy as np
        >>> rng = np.random.default_rng(0)
        >>> X = np.concatenate([rng.normal(size=(190, 3)), rng.normal(size=(10, 3)) + 8.0])
        >>> vae = fit_trimmed(detector(len(X), latent_dim=2, epochs=60), X, rounds=1)
        >>> bool(anomaly_scores(vae, X)[190:].min() > np.median(anomaly_scores(vae, X)))
        True
    """
    if not isinstance(model, LatentVariableEstimator):
        raise InputError(f"model must be an estimator such as VAE(latent_dim=8), got {model!r}")
    if not (isinstance(trim, (int, float, np.number)) and 0.0 <= trim < 0.5):
        raise InputError(f"trim must be a number from 0 to below 0.5, got {trim!r}")
    steps, k = whole_number("rounds", rounds, least=0), whole_number("k", k)
    X, y = unpacked(X, y)
    fitted: LatentVariableEstimator = clone(model).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)  # the first fit has told what is to be told of all rows
        for _ in range(steps if trim else 0):
            rows = taken(X, y, ordinary_rows(X, anomaly_scores(fitted, X, y, k=k), float(trim)))
            if fitted.conditional:
                require_classes(opened(X, y)[1], opened(*rows)[1])
            fitted = clone(model).fit(*rows)
    return fitted


def ordinary_rows(X: Rows, scores: Floats, trim: float) -> NDArray[np.intp]:
    """The rows to fit again to: all but the share ``trim`` of the highest scores, of few rows two at least, and of a
    column that would be left without any value the least anomalous row that has one.
    """
    order = np.argsort(scores, kind="stable")
    kept = scores <= threshold(scores, contamination=trim)
    kept[order[:FEWEST_ROWS]] = True
    x: Any = opened(X, None, gaps=True)[0]
    if hasattr(x, "isna") or (isinstance(x, np.ndarray) and x.ndim == 2 and x.dtype.kind == "f"):
        there = np.asarray(x.notna() if hasattr(x, "isna") else ~np.isnan(x))
        for column in np.flatnonzero(there.any(axis=0) & ~there[kept].any(axis=0)):
            kept[order[there[order, column]][0]] = True
    return np.flatnonzero(kept)


def require_classes(before: Any, after: Any) -> None:
    """Raise where trimming has left no row of a label.

    Raises:
        InputError: says which label.
    """
    labels, kept = np.asarray(before), np.asarray(after)
    if labels.ndim != 1 or labels.dtype.kind == "f":
        return
    lost = sorted(set(labels.tolist()) - set(kept.tolist()), key=str)
    if lost:
        raise InputError(
            f"trimming left out every row of label {lost[0]!r}; take a smaller trim, or leave that label out"
        )


def taken(X: Rows, y: Labels, rows: Any) -> tuple[Any, Any]:
    """These rows of X and y, in the kind that X has, so that the columns keep their names."""
    if isinstance(X, Dataset):
        X = X.part(rows)
    else:
        X = _safe_indexing(X if hasattr(X, "iloc") else opened(X, None)[0], rows)
    return X, None if y is None else _safe_indexing(opened(None, y)[1], rows)
