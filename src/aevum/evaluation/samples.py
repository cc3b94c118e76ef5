"""The quality of samples in one result: Fréchet and kernel distance, precision and recall, copies."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from aevum.estimators.inputs import opened, whole_number
from aevum.evaluation.copies import Memorisation, memorisation
from aevum.evaluation.distances import frechet_distance, kernel_distance
from aevum.evaluation.features import usual_features
from aevum.evaluation.neighbours import PrecisionRecall, precision_recall_density_coverage
from aevum.evaluation.rows import Extractor, as_examples, extracted, extractor_name, feature_pair
from aevum.numerals import number, rough
from aevum.typing import Rows


@dataclass(frozen=True)
class SampleQuality:
    """What :func:`sample_quality` found; ``print`` gives it in words.

    Args:
        features: the name of the features that all numbers are of; values of other features can't be compared.
        width: how many features a row has.
        real_rows: number of real rows compared. The Fréchet distance depends on both counts.
        generated_rows: number of samples compared.
        frechet: :func:`frechet_distance`; less is better.
        kernel: :func:`kernel_distance`; less is better, about 0 is best.
        kernel_error: its standard error.
        neighbours: :func:`precision_recall_density_coverage`; more is better.
        memorisation: :func:`memorisation`, or None where no training rows were given.
        seed: which rows were drawn.
    """

    features: str
    width: int
    real_rows: int
    generated_rows: int
    frechet: float
    kernel: float
    kernel_error: float
    neighbours: PrecisionRecall
    memorisation: Memorisation | None
    seed: int

    def to_dict(self) -> dict[str, Any]:
        """All numbers as plain, nested values, ready for JSON."""
        found = asdict(self)
        found["memorisation"] = self.memorisation.to_dict() if self.memorisation else None
        return found

    def __str__(self) -> str:
        lines = [
            f"{self.generated_rows:,} samples and {self.real_rows:,} real rows, compared on {self.features}"
            f" ({self.width:,} features)",
            f"Fréchet distance {number(self.frechet)} (0 is best; compare it at the same numbers of rows only)",
            f"kernel distance {number(self.kernel)} ± {rough(self.kernel_error)} (0 is best)",
            str(self.neighbours),
        ]
        return "\n".join(lines + ([str(self.memorisation)] if self.memorisation else []))


def sample_quality(
    real: Rows,
    generated: Rows,
    *,
    features: Extractor | Literal["auto"] | None = "auto",
    train: Rows | None = None,
    k: int = 5,
    subset_size: int = 1000,
    subsets: int = 100,
    max_rows: int = 10_000,
    seed: int = 0,
) -> SampleQuality:
    """How good samples are, by every measure of this room, on features of the user's choice.

    Args:
        real: examples ``(N, *event)`` to compare with; rows that the model was not trained on, if there are any.
        generated: samples ``(M, *event)`` on the same scale.
        features: examples in, an array ``(N, F)`` out, such as
            :func:`~aevum.evaluation.classifier_features` makes; None is the data themselves, flattened,
            whose distances say little of how images look; "auto" is a small classifier trained on the labels of
            ``train`` or else of ``real``, where one of them is a data set (or its name) with classes for labels, and
            the data themselves otherwise. ``SampleQuality.features`` says which.
        train: the training rows, for :func:`memorisation`, with ``real`` as the rows held out; None leaves it out.
        k: the neighbour of :func:`precision_recall_density_coverage`.
        subset_size: rows of a subset of :func:`kernel_distance`.
        subsets: their number.
        max_rows: of larger sets ``real`` and ``generated`` so many rows are drawn; ``train`` is taken whole.
        seed: which rows are drawn, and the subsets of :func:`kernel_distance`.

    Raises:
        InputError: too few rows, different features, values that aren't finite, an extractor that can't be called or
            gives another number of rows.

    >>> rng = np.random.default_rng(0)
    >>> real, good = rng.normal(size=(2, 300, 2))
    >>> sample_quality(real, good).frechet < sample_quality(real, good + 0.5).frechet
    True
    """
    most, rng = whole_number("max_rows", max_rows, 4), np.random.default_rng(whole_number("seed", seed, 0))
    (real, real_labels), (train, train_labels) = opened(real, None), opened(train, None)
    if features == "auto":
        features = usual_features((train, train_labels), (real, real_labels))
    real, _ = _drawn(as_examples(real, "real"), most, rng)
    generated, chosen = _drawn(as_examples(generated, "generated"), most, rng)
    x, y = feature_pair(extracted(real, features, "real"), extracted(generated, features, "generated"), 4)
    kernel, kernel_error = kernel_distance(x, y, subset_size=subset_size, subsets=subsets, seed=seed)
    copies = None
    if train is not None:
        copies = memorisation(extracted(train, features, "train"), y, x)
        copies = replace(copies, samples=tuple(chosen[list(copies.samples)].tolist()))
    return SampleQuality(
        features=extractor_name(features),
        width=x.shape[1],
        real_rows=len(x),
        generated_rows=len(y),
        frechet=frechet_distance(x, y),
        kernel=kernel,
        kernel_error=kernel_error,
        neighbours=precision_recall_density_coverage(x, y, k),
        memorisation=copies,
        seed=int(seed),
    )


def _drawn(examples: NDArray[Any], most: int, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[np.intp]]:
    """At most so many rows, in their order, and their indices."""
    if len(examples) <= most:
        return examples, np.arange(len(examples))
    chosen = np.sort(rng.choice(len(examples), most, replace=False))
    return examples[chosen], chosen
