"""What a run's figures and numbers are about: a fitted estimator and a bounded number of rows, encoded once."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.evaluation.findings import Figures
from aevum.evaluation.given import described, rows_of
from aevum.evaluation.judged import judge
from aevum.networks.pictures import Limits, is_image, limits_of
from aevum.numerals import class_text, number, rough
from aevum.plots.tables import spread

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

Array = NDArray[Any]
Floats = NDArray[np.float64]
# A report has to be there in seconds, whatever the size of the data.
MOST_ROWS, FEWEST_ROWS, MOST_VALUES, MOST_CLASSES = 5000, 64, 2**23, 20


@dataclass(frozen=True)
class Subject:
    """The rows that are shown, their codes and their reconstructions.

    Args:
        estimator: a fitted one.
        name: of the data.
        shape: of all the data that the user handed over for training.
        dtype: of one value.
        given: the rows as the estimator takes them: an array, or a data frame with its columns' names.
        x: the rows as an array, ``(n, *event)``.
        y: their labels, or None.
        condition: y where the model is conditioned on it, else None.
        codes: the posterior means of the rows, ``(n, D)``.
        found: the reconstructions of the rows, ``(n, *event)``.
        held_out: whether the rows are the user's own held-out ones.
        feature_names: of a table, or None.
        limits: the values shown as black and white.
        figures: what findings rest on: training, latents, and how well data are given back.
    """

    estimator: LatentVariableEstimator
    name: str
    shape: tuple[int, ...]
    dtype: str
    given: Any
    x: Array
    y: Array | None
    condition: Array | None
    codes: Array
    found: Array
    held_out: bool
    feature_names: Sequence[str] | None
    limits: Limits
    figures: Figures

    @property
    def event(self) -> tuple[int, ...]:
        return tuple(self.x.shape[1:])

    @property
    def images(self) -> bool:
        return is_image(self.event)

    @property
    def classes(self) -> dict[int, list[str]]:
        """Of a table's columns of classes the words that their codes stand for, by place."""
        schema = self.estimator.schema_
        found = enumerate(()) if schema is None else enumerate(schema.columns)
        return {place: [class_text(each) for each in column.classes] for place, column in found if column.classes}

    def picked(self, most: int) -> NDArray[np.intp]:
        """At most ``most`` of the rows at random (data often come sorted by class), the same ones each time."""
        return np.random.default_rng(1).permutation(len(self.x))[:most]

    @property
    def standard_prior(self) -> bool:
        """Whether codes follow N(0, I): not without a prior, and not where the prior is learned."""
        return self.estimator.can_sample and self.estimator.law_of_codes(self.condition, rows=len(self.x)).is_standard


def subject_of(
    estimator: LatentVariableEstimator,
    X: Any,
    y: Any,
    name: str,
    feature_names: Sequence[str] | None,
    held_out: tuple[Any, Any] | None,
) -> Subject:
    """Choose the rows, encode and reconstruct them.

    Raises:
        InputError: the data don't fit the model or each other.
    """
    estimator = estimator.in_numbers()
    X, y, name, feature_names = described(X, y, name, feature_names, estimator)
    shape, whole = tuple(np.shape(X)), (X, y)
    if held_out is not None:
        X, y = described(held_out[0], held_out[1], name, None, estimator)[:2]
    if len(np.shape(X)) < 2 or not len(X):
        raise InputError(f"X has shape {np.shape(X)}; expected (N, features) or (N, *image)")
    if estimator.needs_y and y is None:
        raise InputError(f"{type(estimator).__name__} is conditioned on y: pass y, one label (or vector) a row")
    if y is not None and len(y) != len(X):
        raise InputError(f"y has {len(y)} labels for {len(X)} rows")
    rows = chosen_rows(tuple(np.shape(X)))
    taken = rows_of(X, rows)
    labels = None if y is None else np.asarray(y)[rows]
    x = np.asarray(taken)
    condition = labels if estimator.conditional else None
    codes = estimator.transform(taken, condition)
    found = estimator.inverse_transform(codes, condition)
    return Subject(
        estimator, name, shape, str(x.dtype), taken, x, labels, condition, codes, found, held_out is not None,
        feature_names, limits_of(x), judge(estimator, *whole, held_out=None if held_out is None else (X, y)),
    )  # fmt: skip


def chosen_rows(shape: tuple[int, ...]) -> NDArray[np.intp]:
    """All rows, or a sample of them that is always the same, in the order of the data."""
    most = int(np.clip(MOST_VALUES // max(1, math.prod(shape[1:])), FEWEST_ROWS, MOST_ROWS))
    rows = np.random.default_rng(0).choice(shape[0], min(shape[0], most), replace=False)
    return np.sort(rows).astype(np.intp)


# -------------------------------------------------------------------- what a conditional model is asked for


def conditions(subject: Subject) -> list[tuple[str, Any]]:
    """What to ask a conditional model for: (text, y) of each class, or of five typical values of a real-valued y."""
    classes = getattr(subject.estimator, "classes_", None)
    if classes is not None:
        return [(class_text(classes[d]), classes[d]) for d in spread(len(classes), MOST_CLASSES)]
    vectors = _vectors(subject)
    if (texts := _texts(subject)) is not None:
        rows = spread(len(texts), 5)
        return [(texts[row], np.asarray(subject.condition)[row]) for row in rows]
    if vectors.shape[1] == 1:
        values = np.unique(np.quantile(vectors[:, 0], [0.05, 0.25, 0.5, 0.75, 0.95]))
        return [(f"y = {number(float(value), digits=3)}", float(value)) for value in values]
    return [(_vector_text(vectors[row]), vectors[row]) for row in spread(len(vectors), 5)]


def typical_condition(subject: Subject) -> tuple[str, Any]:
    """One condition to hold while codes change: the most frequent class, or the y that is nearest to the middle."""
    classes, given = getattr(subject.estimator, "classes_", None), np.asarray(subject.condition).reshape(-1)
    if classes is not None:
        counts = [int(np.sum(given == label)) for label in classes]
        label = classes[int(np.argmax(counts))]
        return f"class {class_text(label)}", label
    vectors = _vectors(subject)
    scale = vectors.std(axis=0)
    off = (vectors - np.median(vectors, axis=0)) / np.where(scale > 0, scale, 1.0)
    nearest = int(np.argmin(np.square(off).sum(axis=1)))
    if (texts := _texts(subject)) is not None:
        return texts[nearest], np.asarray(subject.condition)[nearest]
    middle = vectors[nearest]
    return (
        (f"y = {number(float(middle[0]), digits=3)}", float(middle[0]))
        if len(middle) == 1
        else (_vector_text(middle), middle)
    )


def _vectors(subject: Subject) -> Floats:
    """The rows' real-valued conditions ``(n, C)`` as far as they are known; where none is, three about their mean."""
    context: Any = subject.estimator.context_
    if subject.condition is not None:
        given = context.numbers(subject.condition, len(subject.x))
        known: Floats = given[~np.isnan(given).any(axis=1)]
        if len(known):
            return known
    around: Floats = context.mean + context.deviation * np.array([[-1.0], [0.0], [1.0]])
    return around


def _texts(subject: Subject) -> list[str] | None:
    """What each row of y says, where it has several columns."""
    context: Any = subject.estimator.context_
    if not hasattr(context, "text") or subject.condition is None:
        return None
    return [context.text(row) for row in np.asarray(subject.condition)]


def _vector_text(vector: Floats) -> str:
    shown = ", ".join(rough(float(value)) for value in vector[:2])
    return f"y = ({shown}{', …' if len(vector) > 2 else ''})"
