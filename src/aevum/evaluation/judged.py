"""How well a model gives data back, beside what costs nothing: the mean of the training rows, and PCA of equal size."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.conditionals.kinds import KINDS
from aevum.encoding import one_unit
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.budget import held_out_share
from aevum.estimators.far import far_values
from aevum.estimators.fitting import kept_start
from aevum.estimators.resolving import split
from aevum.evaluation.findings import Figures
from aevum.evaluation.given import described
from aevum.evaluation.linear import PrincipalComponents
from aevum.evaluation.simple import beside_laws, rows_for
from aevum.evaluation.training import falling, steps_of
from aevum.fitted.families import FAMILIES
from aevum.typing import Labels, Rows

Array = NDArray[Any]
# What bounds the work: rows and values that are looked at, of the training rows as of the others.
FEWEST_ROWS, SOME_ROWS, MOST_ROWS, MOST_VALUES = 5, 64, 4000, 2**22


def judge(
    model: LatentVariableEstimator, X: Rows, y: Labels | None = None, held_out: tuple[Any, Any] | None = None
) -> Figures:
    """The figures of a fit: its training, its latents, and how well it does beside the mean and PCA.

    Args:
        model: a fitted model.
        X, y: what it was fitted to; its own split of them says which rows were held out from training.
        held_out: ``(X, y)`` to be judged on instead.

    Raises:
        InputError: the rows don't fit the model.

    >>> from aevum import VAE, open_data
    >>> from aevum.evaluation.findings import findings
    >>> digits = open_data("digits")
    >>> vae = VAE(latent_dim=2, epochs=1, random_state=0).fit(digits)
    >>> print(findings(judge(vae, digits))[0].kind)
    few_steps
    """
    X, y = described(X, y, "", None, model)[:2]
    share = held_out_share(model.validation_fraction, len(X), len(model.parts_.event) == 1)
    training, rows = split(len(X), share if model.splits_ else 0.0, model.seed_)
    if held_out is not None:
        other, labels = described(*held_out, "", None, model)[:2]
        measured = beside_baselines(model, other, labels, train=taken(X, training))
    elif len(rows) and not kept_start(model.history_):  # else it was made of these rows too
        of_rows = None if y is None else np.asarray(y)[rows]
        measured = beside_baselines(model, taken(X, rows), of_rows, train=taken(X, training))
    else:
        measured = beside_baselines(model, X, y, train=X, judged_on="the training data")
    summary = model.latent_summary_
    return Figures(
        **of_the_fit(model), **of_the_data(model, X), active=len(summary.active), rate=summary.total_rate, **measured
    )


def of_the_fit(model: LatentVariableEstimator) -> dict[str, Any]:
    """What a fitted model knows of its training, as :class:`Figures` names it."""
    history, scale = model.history_, model.likelihood_.scale
    return {
        "latent_dim": model.parts_.latent_dim,
        "beta": float(model.beta) if model.has_density else None,
        "learned_sigma": None if scale is None else scale != "fixed",
        "epochs": sum("loss" in record for record in history),
        "steps": steps_of(history),
        "interrupted": any(record.get("interrupted") for record in history),
        "falling": falling(history),
        "started": any("validation_begun" in record for record in history),
        "start_kept": kept_start(history),
    }


def of_the_data(model: LatentVariableEstimator, X: Any) -> dict[str, Any]:
    """What a table's training rows ``(N, F)`` are, as :class:`Figures` names it; of others how many there are."""
    if len(model.parts_.event) > 1:
        return {"rows": len(X)}
    x, names = np.asarray(X), model.feature_names_
    texts = names or [f"x{d}" for d in range(x.shape[1])]
    known, far = x.dtype.kind == "f", far_values(x, one_unit(x))[0] if has_columns(model) else []
    most = int(np.isnan(x).mean(axis=0).argmax()) if known else 0
    rounded = [d for d in model.fitted_.constant_columns if np.fmin.reduce(x[:, d]) < np.fmax.reduce(x[:, d])]
    return {
        "rows": len(x), "columns": x.shape[1], "missing": float(np.isnan(x).mean()) if known else 0.0,
        "most_missing": (texts[most], float(np.isnan(x[:, most]).mean()) if known else 0.0),
        "constant": tuple(texts[d] for d in model.fitted_.constant_columns if d not in rounded),
        "rounded": tuple(texts[d] for d in rounded),
        "far": len(far), "far_in": tuple(dict.fromkeys(texts[d] for _, d in far)),
    }  # fmt: skip


def beside_baselines(
    model: LatentVariableEstimator,
    X: Any,
    y: Any = None,
    *,
    train: Any = None,
    judged_on: str | None = "held-out data",
) -> dict[str, Any]:
    r"""The share of the variance that reconstructions leave unexplained, and what PCA of equal size leaves.

    .. math:: \frac{\sum_n \lVert x_n - \hat x_n\rVert^2}{\sum_n \lVert x_n - \bar x_\text{train}\rVert^2}

    over the values that there are, on the scale on which the model sees them: of images one for all values, of tables
    each column's own, whose units would decide otherwise; the codes of classes have no scale, and are left out where
    there is anything else. PCA has as many components as the model has latents, and is left out where that is as many
    as columns that vary, or as half of its rows. For a model with a prior, codes are shrunk as the posterior of
    probabilistic PCA does, which is the best linear VAE (*Don't blame the ELBO!*, J. Lucas et al., NeurIPS 2019):
    directions that hold noise alone are not held against it.

    Args:
        X, y: rows to judge on, best rows that the model was not trained on; some thousand of them are taken, without
            those of a table that hold far values.
        train: rows to which mean and PCA are fitted (some thousand of them); None for the other half of X, in turn.
        judged_on: what to call X, or None.

    Returns:
        What :class:`Figures` calls ``unexplained``, ``pca_unexplained``, ``pca_components``, ``pca_margin``,
        ``judged_rows``, ``judged_on`` and, where there are training rows, ``laws``; nothing for fewer than five rows,
        or rows that do not vary.
    """
    chosen = without_far_rows(model, X, some_rows(np.shape(X), seed=1))
    if len(chosen) < FEWEST_ROWS:
        return {}
    given = taken(X, chosen)
    condition = np.asarray(y)[chosen] if model.conditional and y is not None else None
    x, ours = model.on_one_scale(given, condition)
    scaled = with_a_scale(model, x.shape[1])
    squares = squares_of(x[:, scaled], ours[:, scaled])
    if train is None:
        halves = np.array_split(np.random.default_rng(0).permutation(len(x)), 2)
        pairs = [(x[halves[1 - i]], halves[i]) for i in (0, 1)]
    else:
        learned = without_far_rows(model, train, some_rows(np.shape(train), seed=2))
        pairs = [(flat(model, taken(train, learned)), np.arange(len(x)))]
    of_mean, of_pca = np.empty(len(x)), np.full(len(x), math.nan)
    for every, rows in pairs:
        known, seen = every[:, scaled], x[rows][:, scaled]
        of_mean[rows] = squares_of(seen, means(known))
        whole_rows = not (np.isnan(known).any() or np.isnan(seen).any())  # PCA knows no others
        if whole_rows and model.parts_.latent_dim < room_for_components(known):
            of_pca[rows] = linear_errors(known, seen, model.parts_.latent_dim, shrunk=model.has_density)
    whole = float(of_mean.mean())
    if not (whole > 0.0 and math.isfinite(whole) and np.isfinite(squares).all()):
        return {}
    found: dict[str, Any] = {
        "unexplained": float(squares.mean()) / whole,
        "judged_rows": len(x),
        "judged_on": judged_on,
    }
    if train is not None and model.has_density:
        some = np.random.default_rng(3).permutation(len(x))[: rows_for(x.shape[1])]
        of_y = None if condition is None else condition[some]
        found["laws"] = beside_laws(model, taken(given, some), of_y, x[some], pairs[0][0])
    if np.isfinite(of_pca).all():
        off = squares - of_pca
        error = float(off.std()) / math.sqrt(len(off))
        found |= {"pca_unexplained": float(of_pca.mean()) / whole, "pca_components": model.parts_.latent_dim,
                  "pca_margin": float(off.mean()) / error if error > 0.0 else 0.0}  # fmt: skip
    return found


def room_for_components(known: Array) -> int:
    """So many components of PCA of these rows compare with nothing: as many as columns that vary, which leave nothing
    whatever these hold, or half as many as rows, which learn them by heart.

    >>> room_for_components(np.arange(12.0).reshape(4, 3) * [1.0, 0.0, 1.0]), room_for_components(np.eye(100))
    (2, 50)
    """
    return min(int(np.count_nonzero(np.ptp(known, axis=0))), math.ceil((len(known) - 1) / 2))


def linear_errors(known: Array, x: Array, components: int, shrunk: bool) -> Array:
    """Squared errors of reconstructions of rows x by PCA of the rows ``known``, ``(N,)``.

    >>> line = np.arange(20.0)[:, None] * [1.0, 2.0, 0.0]
    >>> bool(linear_errors(line, line, 1, shrunk=True).max() < 1e-12)
    True
    """
    pca = PrincipalComponents(components).fit(known).pca
    codes = pca.transform(x)
    if shrunk:
        variance = pca.explained_variance_
        codes = codes * (np.maximum(variance - pca.noise_variance_, 0.0) / np.where(variance > 0.0, variance, 1.0))
    errors: Array = np.square(x - pca.inverse_transform(codes)).sum(axis=1)
    return errors


def some_rows(shape: tuple[int, ...], seed: int) -> NDArray[np.intp]:
    """All rows, or some thousand of them at random, always the same ones, in the order of the data."""
    most = int(np.clip(MOST_VALUES // max(1, math.prod(shape[1:])), SOME_ROWS, MOST_ROWS))
    if shape[0] <= most:
        return np.arange(shape[0])
    return np.sort(np.random.default_rng(seed).choice(shape[0], most, replace=False))


def without_far_rows(model: LatentVariableEstimator, X: Rows, rows: NDArray[np.intp]) -> NDArray[np.intp]:
    """Those of a table's rows that hold no value so far off that the model learned without it: one would decide every
    mean.
    """
    if not has_columns(model) or not len(rows):
        return rows
    far = {row for row, _ in far_values(np.asarray(taken(X, rows)), False)[0]}
    return np.delete(rows, sorted(far))


def with_a_scale(model: LatentVariableEstimator, width: int) -> NDArray[np.bool_]:
    """Which of so many values are numbers on a scale; all, where none is."""
    kinds = model.fitted_.kinds() or []
    found = np.array([kind != KINDS["categorical"].title for kind, _ in kinds] or [True] * width)
    return found if found.any() else ~found


def has_columns(model: LatentVariableEstimator) -> bool:
    """Whether rows are those of a table, in which a count is a count, however large."""
    return len(model.parts_.event) == 1 and not FAMILIES[model.likelihood_.family].counts


def taken(X: Any, rows: NDArray[np.intp]) -> Any:
    """These rows of an array or a data frame."""
    return X.iloc[rows] if hasattr(X, "iloc") else np.asarray(X)[rows] if isinstance(X, list) else X[rows]


def flat(model: LatentVariableEstimator, X: Rows) -> Array:
    """Rows ``(N, F)`` in float64, as the model sees them."""
    fitted = model.fitted_
    rows = [part.flatten(1).double().cpu().numpy() for part, _ in fitted.blocks(np.asarray(X), None)]
    return np.concatenate(rows)


def squares_of(x: Array, other: Array) -> Array:
    """‖x − other‖² of each row over the values that x has, ``(N,)``."""
    found: Array = np.where(np.isnan(x), 0.0, np.square(x - other)).sum(axis=1)
    return found


def means(rows: Array) -> Array:
    """The mean of each column over the values that it has, ``(F,)``; 0 where it has none.

    >>> means(np.array([[1.0, np.nan], [3.0, np.nan]])).tolist()
    [2.0, 0.0]
    """
    count = (~np.isnan(rows)).sum(axis=0)
    found: Array = np.nansum(rows, axis=0) / np.maximum(count, 1)
    return found
