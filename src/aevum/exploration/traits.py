"""How well a trait is read off the codes, on rows that were held out, and the direction that leads to it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from aevum.data.trait_columns import TraitColumn, trait_column
from aevum.errors import InputError
from aevum.exploration.codes import codes_of
from aevum.exploration.steps import Steps, finished
from aevum.typing import Codes, Labels, Rows

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

Array = NDArray[Any]
Floats = NDArray[np.float64]
Measure = Literal["AUC", "R²"]
# A reading of more rows is told from an even sample of them: an AUC is then known to a hundredth.
MOST_ROWS, FOLDS, FEWEST = 20_000, 5, 10
# Deviations of what chance gives that a reading has to be above: one of a thousand traits of noise is.
BEYOND_CHANCE = 3.0


@dataclass(frozen=True)
class HeldOut:
    """A score on rows that were held out, a fold at a time.

    Args:
        mean: over the folds.
        deviation: between them.
        folds: the score of each.
    """

    mean: float
    deviation: float
    folds: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.mean:.2f} ± {self.deviation:.2f}"


@dataclass(frozen=True)
class Reading:
    """How well a trait is read off codes.

    Args:
        measure: the AUC of two groups (1 is all, ½ is chance), or R² of a quantity (1 is all, 0 is the mean alone).
        best: of a linear model of all latents: logistic regression, or ridge regression.
        along: of the trait's own direction alone.
        chance: whether the best is no better than chance would be.
        rows: on how many rows it was measured.
    """

    measure: Measure
    best: HeldOut
    along: HeldOut
    chance: bool
    rows: int

    def __str__(self) -> str:
        told = f"{self.measure} {self.best} on held-out rows, {self.along} along the direction alone"
        return f"{told}; no better than chance" if self.chance else told


@dataclass(frozen=True, eq=False)
class Trait:
    """A direction of the codes that leads to a trait.

    Args:
        vector: ``(D,)``, the change of the code per unit of the values; from false to true where they are that.
        origin: ``(D,)``, the code where the value is 0: of true and false the mean code of the rows without.
        reading: how well the trait is read off the codes; None where there are too few rows to tell.
        rows: how many have a value.
    """

    vector: Floats
    origin: Floats
    reading: Reading | None
    rows: int


def trait(
    estimator: LatentVariableEstimator,
    X: Rows,
    values: ArrayLike,
    *,
    y: Labels | None = None,
    folds: int = FOLDS,
) -> Trait:
    r"""The direction of a trait, and how well the trait is read off the codes on rows that were held out.

    .. math:: v = \operatorname{Cov}(\mu(x), t) / \operatorname{Var}(t)

    is the regression of the codes on the trait's values t: how the code changes per unit of them. Where t is 0 and 1 it
    is the difference of the two groups' mean codes, :func:`~aevum.exploration.attribute_vector`. What else comes along
    with the trait is in it, too: take that out by :func:`~aevum.exploration.orthogonalise`.

    How well it is read is measured by cross-validation: a linear model of the codes (logistic regression, or ridge
    regression of a quantity, on standardised latents) and the direction alone are fitted on all folds but one, and
    judged on that one, by the area under the ROC curve or by R². Folds do not depend on the rows' order. Of over 20,000
    rows an even sample is measured.

    Source: the probes of *Understanding intermediate layers using linear classifier probes*, G. Alain and Y. Bengio,
    2017; the direction is that of *Autoencoding beyond pixels using a learned similarity metric*, A. B. L. Larsen et
    al., ICML 2016, for values that are no groups.

    Args:
        estimator: a fitted one.
        X: rows, or their codes ``(N, D)``; where a row has as many values as a code, rows are meant.
        values: ``(N,)`` true and false, or numbers; NaN or None where a row has no value.
        y: for a conditional model and rows, what they are conditioned on.
        folds: how many.

    Returns:
        A :class:`~aevum.exploration.Trait`: ``vector``, ``origin`` and ``reading``.

    Raises:
        InputError: no numbers, another length than X, or fewer than two values that differ.

    Example:
        >>> from aevum import VAE, open_data
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=4, epochs=5, random_state=0).fit(digits)
        >>> ink = digits.x.mean(axis=(1, 2))
        >>> found = vae.trait(digits, ink)
        >>> found.vector.shape, found.reading.measure, found.reading.chance
        ((4,), 'R²', False)
        >>> vae.trait(digits, digits.y == 0).reading.best.mean > 0.95
        True
    """
    codes = codes_of(estimator, X, y)
    column = trait_column("values", values, len(codes))
    numbers = None if column is None else _as_numbers(column)
    if column is None or numbers is None:
        raise InputError("values must be true or false (1 or 0) for each row, or numbers, such as y == 7 or an age")
    t = column.values
    if column.kind != "quantity":
        t = np.where(column.index >= 0, np.asarray(numbers, np.float64)[column.index], np.nan)
    return finished(found(np.asarray(codes), t, groups=column.kind != "quantity", folds=folds))


def _as_numbers(column: TraitColumn) -> list[float] | None:
    """The numbers that the categories stand for; None where they are words."""
    truth = [{"True": 1.0, "False": 0.0}.get(text) for text in column.categories]
    try:
        return [float(text) if value is None else value for text, value in zip(column.categories, truth, strict=True)]
    except ValueError:
        return None


def found(codes: Codes, t: Floats, *, groups: bool, folds: int = FOLDS) -> Steps[Trait]:
    """The direction and its reading, with a pause after each fold.

    Args:
        codes: ``(N, D)``.
        t: ``(N,)``, NaN where a row has no value; of groups 1 for the rows with the trait and 0 for those without.
        groups: whether t tells two groups apart.
        folds: how many.
    """
    z = np.asarray(codes)
    known = np.isfinite(t)
    z, t = z[known], t[known]
    if len(t) < 2 or not t.max() > t.min():
        raise InputError("a direction needs at least two rows whose values differ")
    groups = groups and bool(np.isin(t, (0.0, 1.0)).all())
    unit = float(np.abs(t).max())  # sums of numbers near the largest float would leave the range of floats
    vector, origin = regression(z, t / unit)
    reading = yield from read_off(z, t / unit, groups=groups, folds=folds)
    return Trait(vector / unit, origin, reading, len(t))


def regression(codes: Codes, t: Floats) -> tuple[Floats, Floats]:
    """The codes' change per unit of t, ``(D,)``, and their value where t is 0.

    >>> regression(np.array([[1.0, 0.0], [3.0, 0.0], [5.0, 3.0]]), np.array([0.0, 1.0, 2.0]))
    (array([2. , 1.5]), array([ 1. , -0.5]))
    """
    z, mean = np.asarray(codes, np.float64), float(t.mean())
    scale = float(np.abs(t - mean).max())  # squares of very large or small values would leave the range of floats
    apart = (t - mean) / scale
    vector = (apart @ (z - z.mean(axis=0))) / (apart @ apart) / scale
    return vector, z.mean(axis=0) - mean * vector


def read_off(codes: Codes, t: Floats, *, groups: bool, folds: int = FOLDS) -> Steps[Reading | None]:
    """How well t is read off codes, on held-out rows, with a pause after each fold; None where rows are too few."""
    chosen = in_order(codes, t)
    z, t = np.asarray(codes, np.float64)[chosen], t[chosen]
    splits = folds_of(t, groups, folds)
    if splits is None:
        return None
    measure: Measure = "AUC" if groups else "R²"
    best, along, signs = list[float](), list[float](), list[float]()
    scale = 1.0 if groups else float(np.abs(t - t.mean()).max())
    for train, test in splits:
        told = (t - t.mean()) / scale if not groups else t
        predictions = _linear(z[train], told[train], groups)(z[test])
        best.append(_score(told[test], predictions, groups))
        vector, origin = regression(z[train], told[train])
        length = float(vector @ vector)
        amounts = (z[test] - origin) @ vector / length if length > 0.0 else np.zeros(len(test))
        fit = (
            amounts
            if groups or not length > 0.0
            else _line((z[train] - origin) @ vector / length, told[train])(amounts)
        )
        along.append(_score(told[test], fit, groups))
        signs.append(_sign(told[test], predictions, groups))
        yield
    chance = not (np.mean(signs) * np.sqrt(len(signs)) > BEYOND_CHANCE and np.mean(best) > (0.5 if groups else 0.0))
    return Reading(measure, _held_out(best), _held_out(along), bool(chance), len(t))


def in_order(codes: Codes, t: Floats) -> NDArray[np.intp]:
    """The rows in an order that is theirs alone, however they are given; of many an even sample."""
    z = np.asarray(codes, np.float64)
    key = z @ np.random.default_rng(0).standard_normal(z.shape[1])
    order = np.lexsort((t, key))
    if len(order) <= MOST_ROWS:
        return order
    return order[np.linspace(0, len(order) - 1, MOST_ROWS).round().astype(np.intp)]


def folds_of(t: Floats, groups: bool, folds: int) -> list[tuple[NDArray[np.intp], NDArray[np.intp]]] | None:
    """Rows to fit on and rows to judge on; None where they are too few."""
    if len(t) < FEWEST or folds < 2 or not t.max() > t.min():
        return None
    if not groups:
        return list(KFold(min(folds, len(t) // 2), shuffle=True, random_state=0).split(t))
    smaller = int(min(t.sum(), len(t) - t.sum()))
    if smaller < 2:
        return None
    return list(StratifiedKFold(min(folds, smaller), shuffle=True, random_state=0).split(t, t))


def _linear(z: Floats, t: Floats, groups: bool) -> Callable[[Floats], Floats]:
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500) if groups else Ridge())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(z, t)
    predicted: Callable[[Floats], Floats] = model.decision_function if groups else model.predict
    return predicted


def _line(amounts: Floats, t: Floats) -> Callable[[Floats], Floats]:
    """The least squares of t on amounts along a direction."""
    slope, value = (
        regression(t[:, None], amounts) if amounts.max() > amounts.min() else (np.zeros(1), t.mean(keepdims=True))
    )
    return lambda other: slope[0] * other + value[0]


def _score(t: Floats, predictions: Floats, groups: bool) -> float:
    return float(roc_auc_score(t, predictions) if groups else r2_score(t, predictions))


def _sign(t: Floats, predictions: Floats, groups: bool) -> float:
    """How many deviations a fold's score lies above what chance gives: Mann and Whitney's U, or a correlation."""
    if groups:
        with_, without = float(t.sum()), float(len(t) - t.sum())
        deviation = np.sqrt((with_ + without + 1.0) / (12.0 * with_ * without))
        return float((roc_auc_score(t, predictions) - 0.5) / deviation)
    a, b = t - t.mean(), predictions - predictions.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b / size * np.sqrt(len(t))) if size > 0.0 else 0.0


def _held_out(scores: list[float]) -> HeldOut:
    return HeldOut(float(np.mean(scores)), float(np.std(scores)), tuple(scores))
