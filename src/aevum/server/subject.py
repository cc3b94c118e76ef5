"""A run: what the page shows, a fitted estimator and the rows that it is shown with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from aevum.data.trait_columns import MOST_LABELS, TraitColumn, is_quantity
from aevum.errors import InputError
from aevum.evaluation.given import described, rows_of
from aevum.exploration.nearest import Nearest
from aevum.fitted.context import encode_with_gaps, known_rows
from aevum.fitted.inside import Kind, posterior_of
from aevum.numerals import class_text
from aevum.server.beside import columns_beside, label_column, name_of_labels
from aevum.server.blocks import Blocks, block_rows
from aevum.server.lessons import Lessons

if TYPE_CHECKING:
    from aevum.estimators import LatentVariableEstimator

Array = NDArray[Any]
UNKNOWN = "no label"
NO_DATA = "no data were given"


class Run:
    """A fitted estimator with a name, and rows of data or the reason why there are none.

    Args:
        id: a short name for addresses.
        name: as people know it.
        estimator: a fitted one.
        X: rows to show: an array, a tensor, a data frame, an opened data set or its name; None for none.
        y: their labels; a conditional model needs them.
        labels: more columns of labels, as :func:`~aevum.data.trait_columns.trait_columns` takes them or gives them.
        kinds: what some of them are, by name.
        no_data: why there are no rows, where X is None.
        epoch: after which the model was as it is here; None for the last.
        checkpoints: the same run after earlier epochs, in their order; they are not shown as runs of their own.
        version: how often a run of this id was replaced, while its model still learns; None when it has learned.
        tour: the text of the tour that is kept with it, as :func:`aevum.runs.read_tour` gives it.

    Raises:
        InputError: the rows don't fit the model, or a conditional one has no labels for them.

    Codes, scores and labels of the rows are computed when they are first asked for.
    """

    def __init__(
        self,
        id: str,
        name: str,
        estimator: LatentVariableEstimator,
        X: Any = None,
        y: Any = None,
        *,
        labels: Any = None,
        kinds: Mapping[str, str] | None = None,
        no_data: str | None = None,
        epoch: int | None = None,
        checkpoints: Sequence[Run] = (),
        version: int | None = None,
        tour: str | None = None,
    ) -> None:
        self.id, self.name, self.estimator = id, name, estimator.in_numbers()
        self.epoch, self.checkpoints, self.version = epoch, tuple(checkpoints), version
        self.tour = tour
        self.x: Any = None
        self.y: Array | None = None
        self.data: str | None = None
        self.label_name: str | None = None
        self.feature_names: Sequence[str] | None = estimator.feature_names_
        self.no_data: str | None = None
        self.description: dict[str, Any] | None = None
        self.lessons = Lessons()
        self.columns: tuple[TraitColumn, ...] = ()
        if X is None:
            self.no_data = no_data or NO_DATA
            return
        self.label_name = name_of_labels(X, y)
        self.x, y, self.data, names = described(X, y, "data", None, estimator)
        self.y = None if y is None else np.asarray(y)
        self.feature_names = self.feature_names or names
        self._check()
        self.columns = columns_beside(self.y, labels, kinds, self.rows)

    def _check(self) -> None:
        """Raise for rows that the model can't read, before anyone asks for them."""
        shape, event = tuple(np.shape(self.x)), self.event
        if shape[1:] != event or not shape[0]:
            raise InputError(f"the data have shape {shape}; this model was fitted on examples of shape {event}")
        if self.y is not None and len(self.y) != shape[0]:
            raise InputError(f"y has {len(self.y)} labels for {shape[0]} rows")
        if self.estimator.needs_y and self.y is None:
            raise InputError(f"{type(self.estimator).__name__} is conditioned on y: the data need labels")
        if self.estimator.conditional and self.y is not None:
            assert self.estimator.context_ is not None
            gaps = self.estimator.conditional == "optional"
            # Each label once: a column a class for every row might not fit into memory.
            some = self.y
            if some.ndim == 1 and self.classes is not None:
                known, found, _ = sorted_out(some)
                some = found if gaps or known.all() else some[~known][:1]
            encode_with_gaps(self.estimator.context_, some, len(some), gaps=gaps)

    @property
    def event(self) -> tuple[int, ...]:
        """The shape of one example."""
        return self.estimator.parts_.event

    @property
    def latent_dim(self) -> int:
        return self.estimator.parts_.latent_dim

    @property
    def rows(self) -> int:
        """How many rows of data there are; 0 without data."""
        return 0 if self.x is None else len(self.x)

    def needs_rows(self) -> None:
        """Raise where there are none.

        Raises:
            InputError: says why.
        """
        if not self.rows:
            raise InputError(f"this run has no data to show: {self.no_data}")

    def examples(self, rows: NDArray[np.intp]) -> Array:
        """These rows as they are stored, ``(n, *event)``."""
        return np.asarray(rows_of(self.x, rows))

    def score(self, x: Any, y: Any) -> Array:
        """How unusual rows are, ``(n,)``: minus the ELBO, or an auto-encoder's distortion, in nats."""
        distortion, rate = self.estimator.distortion_and_rate(x, y)
        found: Array = distortion + rate
        return found

    @cached_property
    def codes(self) -> Blocks:
        """The posterior mean of every row, ``(rows, D)``."""
        return Blocks(
            (self.rows, self.latent_dim),
            block_rows(self.event),
            lambda start, stop: self.estimator.transform(*self._part(start, stop)),
        )

    @cached_property
    def nearest(self) -> Nearest:
        """Which rows' codes are nearest, when all of :attr:`codes` are known."""
        return Nearest(self.codes.values)

    @cached_property
    def scores(self) -> Blocks:
        """:meth:`score` of every row, ``(rows,)``."""
        return Blocks((self.rows,), block_rows(self.event), lambda start, stop: self.score(*self._part(start, stop)))

    def _part(self, start: int, stop: int) -> tuple[Any, Any]:
        """Rows as the estimator takes them, and what it is conditioned on there."""
        y = self.y[start:stop] if self.estimator.conditional and self.y is not None else None
        return rows_of(self.x, np.arange(start, stop)), y

    @cached_property
    def posterior(self) -> tuple[Kind, int] | None:
        """Of what kind q(z|x) is, and how many numbers of noise a draw takes; None where its draws are not known."""
        return posterior_of(self.estimator.fitted_)

    @cached_property
    def classes(self) -> list[str] | None:
        """A class-conditional model's classes as text, in the order of the one-hot vector; None for others."""
        classes = getattr(self.estimator, "classes_", None) if self.estimator.conditional else None
        return None if classes is None else [class_text(label) for label in classes.tolist()]

    @cached_property
    def traits(self) -> dict[str, TraitColumn]:
        """Every column of labels by its name: y, which is called "label", and those beside it."""
        found = {column.name: column for column in self.columns}
        own = label_column(self.labelled, self.measured, self.unlabelled)
        return found if own is None else {own.name: own, **found}

    @cached_property
    def labelled(self) -> tuple[list[str], NDArray[np.int32]] | None:
        """The distinct labels of the rows as text, and each row's index into them; None where they are no classes."""
        return self._labels[0]

    @property
    def unlabelled(self) -> bool:
        """Whether the last of the labels stands for rows that have none."""
        return self.labelled is not None and self.y is not None and not bool(known_rows(self.y.reshape(-1)).all())

    @property
    def words(self) -> list[list[str] | None] | None:
        """The words that each column's codes stand for, None for one of numbers; None where all are."""
        schema = self.estimator.schema_
        if schema is None or not schema.levels:
            return None
        return [[class_text(each) for each in column.classes] or None for column in schema.columns]

    @cached_property
    def measured(self) -> NDArray[np.float32] | None:
        """The rows' labels where they are a quantity, ``(rows,)``, NaN where one is missing; else None."""
        return self._labels[1]

    @cached_property
    def label_note(self) -> str | None:
        """What the map's colours can't say of the labels; None where they say it all."""
        return self._labels[2]

    @cached_property
    def _labels(self) -> tuple[tuple[list[str], NDArray[np.int32]] | None, NDArray[np.float32] | None, str | None]:
        """Classes, or a quantity, and a note."""
        if self.y is None:
            return None, None, None
        several = self.y.size // len(self.y)
        if several != 1:
            note = f"the first of {several} values of each row’s label"
            return None, _numbers(self.y.reshape(len(self.y), -1)[:, 0]), note
        labels = self.y.reshape(len(self.y))
        known, found, places = sorted_out(labels)
        values = labels if labels.dtype.kind == "f" else found[places]
        if self.classes is None and is_quantity(values, max(1, len(found))):
            every = np.full(len(labels), np.float32("nan"))
            every[known] = _numbers(found[places])
            return None, every, None
        if len(found) > MOST_LABELS:
            return None, None, f"{len(found):,} different labels are too many to be told apart by colours"
        texts = [class_text(label) for label in found.tolist()] + [UNKNOWN] * (not known.all())
        index = np.full(len(labels), len(found), dtype=np.int32)
        index[known] = places
        return (texts, index), None, None


def sorted_out(labels: Array) -> tuple[NDArray[np.bool_], Array, NDArray[np.intp]]:
    """Which rows have a label, the distinct ones, and the place of each known row's among them.

    >>> known, found, places = sorted_out(np.array([2, None, 1, 2], dtype=object))
    >>> known.tolist(), found.tolist(), places.tolist()
    ([True, False, True, True], [1, 2], [1, 0, 1])
    """
    known = known_rows(labels)
    values = np.array(labels[known].tolist()) if labels.dtype.kind == "O" else labels[known]
    # Of several types, which can't be compared.
    found, places = np.unique(values.astype(str) if values.dtype.kind == "O" else values, return_inverse=True)
    return known, found, places


def _numbers(values: Array) -> NDArray[np.float32] | None:
    """These as numbers, NaN where they are infinite; None where they are words."""
    if values.dtype.kind not in "biuf":
        return None
    with np.errstate(over="ignore"):
        found = values.astype(np.float32)
    return np.where(np.isfinite(found), found, np.float32("nan"))


def short_name(name: str) -> str:
    """The folder's own name in a path.

    >>> short_name("/home/me/runs/My VAE/model"), short_name("VAE"), short_name("..")
    ('My VAE', 'VAE', 'run')
    """
    path = PurePath(name)
    parts = [part for part in path.parts if part not in ("model", path.anchor, ".", "..")]
    return parts[-1] if parts else "run"


def run_ids(names: Sequence[str]) -> list[str]:
    """A short, distinct name for addresses from each path or name.

    >>> run_ids(["runs/demo", "other/demo/", "runs/My VAE", "é"])
    ['demo', 'demo-2', 'My-VAE', 'run']
    """
    found: list[str] = []
    for name in names:
        short = re.sub(r"[^A-Za-z0-9_.-]+", "-", short_name(name)).strip("-.") or "run"
        number, wished = 1, short
        while short in found:
            number += 1
            short = f"{wished}-{number}"
        found.append(short)
    return found
