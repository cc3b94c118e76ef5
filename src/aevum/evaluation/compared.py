"""What a comparison of several models found, as one table: a line for each, and what a reader has to know of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from aevum.numerals import number

Array = NDArray[Any]


@dataclass(frozen=True)
class Entry:
    """One model's line; None stands for what it does not have.

    Attributes:
        name: as the user calls it.
        model: its kind.
        conditional: whether it was told the labels.
        latent_dim: values in a code.
        squared_error: ‖x − x̂‖² of a reconstruction, the rows' mean.
        log_evidence, evidence_error: mean log p(x) in nats and its Monte Carlo error.
        bits_per_dim: the same in bits for each value.
        units: what the nats are of; only equal units can be compared.
        active: active latent dimensions.
        frechet: Fréchet distance between samples and held-out rows, in the comparison's features.
        precision, recall: of the samples, in the same features.
        accuracy: nearest neighbours' accuracy for the labels, from codes of rows that they were not fitted to.
        seconds: of training.
        weights: how many numbers were learned.
        reconstructions, samples: the first few, for pictures; ``(n, *event)``.
    """

    name: str
    model: str
    conditional: bool
    latent_dim: int
    squared_error: float
    log_evidence: float | None
    evidence_error: float | None
    bits_per_dim: float | None
    units: str | None
    active: int
    frechet: float | None
    precision: float | None
    recall: float | None
    accuracy: float | None
    seconds: float
    weights: int
    reconstructions: Array = field(repr=False, compare=False)
    samples: Array = field(repr=False, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The numbers alone."""
        return {name: value for name, value in vars(self).items() if name not in ("reconstructions", "samples")}


@dataclass(frozen=True)
class Comparison:
    """What :func:`compare` found: a line for each model.

    Attributes:
        entries: the lines.
        rows: held-out rows.
        k: draws for log p(x).
        samples: number of samples compared.
        features: what Fréchet distance, precision and recall were computed on.
        originals: the first held-out rows, for pictures.
    """

    entries: tuple[Entry, ...]
    rows: int
    k: int
    samples: int
    features: str
    originals: Array = field(repr=False, compare=False)

    @property
    def kind(self) -> str:
        """What was drawn: a picture's noise would cover all else, a table's belongs to it."""
        return "samples (means of the likelihood)" if self.originals.ndim > 2 else "samples (full draws)"

    @property
    def mixed_units(self) -> bool:
        """Whether some values of log p(x) can't be compared with others."""
        return len({entry.units for entry in self.entries} - {None}) > 1

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers."""
        return {
            "rows": self.rows,
            "k": self.k,
            "samples": self.samples,
            "features": self.features,
            "models": [entry.to_dict() for entry in self.entries],
        }

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Headings and cells, as text; columns that no model has are left out."""
        columns: list[tuple[str, Callable[[Entry], str | None]]] = [
            ("model", lambda e: e.name),
            ("latents", lambda e: f"{e.latent_dim}"),
            ("active", lambda e: f"{e.active}"),
            ("squared error", lambda e: short(e.squared_error)),
            ("log p(x), nats", self._evidence),
            ("bits/dim", lambda e: None if e.bits_per_dim is None else short(e.bits_per_dim) + self.mark(e)),
            ("Fréchet", lambda e: None if e.frechet is None else short(e.frechet)),
            ("precision", lambda e: share(e.precision)),
            ("recall", lambda e: share(e.recall)),
            ("labels right", lambda e: share(e.accuracy)),
            ("training", lambda e: f"{e.seconds:,.1f} s"),
            ("weights", lambda e: f"{e.weights:,}"),
        ]
        cells = [[read(entry) for _, read in columns] for entry in self.entries]
        kept = [i for i in range(len(columns)) if any(row[i] is not None for row in cells)]
        return [columns[i][0] for i in kept], [["–" if row[i] is None else str(row[i]) for i in kept] for row in cells]

    def _evidence(self, entry: Entry) -> str | None:
        if entry.log_evidence is None:
            return None
        return f"{entry.log_evidence:,.2f}{self.mark(entry)}".replace("-", "−")

    def mark(self, entry: Entry) -> str:
        """A letter for the units, where they differ."""
        known = sorted({e.units for e in self.entries if e.units is not None})
        return f" ({'abcdefgh'[known.index(entry.units)]})" if self.mixed_units and entry.units is not None else ""

    def notes(self) -> list[str]:
        """What a reader has to know about the columns."""
        found = [
            f"{self.rows:,} rows. Squared error: of a reconstruction, summed over an example's values.",
            f"Fréchet distance (less is better), precision and recall: {self.samples:,} {self.kind}, compared on "
            f"{self.features}.",
        ]
        if any(entry.log_evidence is not None for entry in self.entries):
            found.append(f"log p(x): {self.k:,} draws a row (PCA: exact); – where there is no density.")
        if self.mixed_units:
            units = sorted({entry.units for entry in self.entries if entry.units is not None})
            found.append("Only values with the same letter can be compared: " + "; ".join(
                f"({letter}) {text}" for letter, text in zip("abcdefgh", units, strict=False)) + ".")  # fmt: skip
        if any(entry.conditional for entry in self.entries):
            found.append("A conditional model is told the label: its log p is of x given y; its codes need not hold y.")
        return found

    def __str__(self) -> str:
        headings, cells = self.table()
        widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
        lines = [
            "  ".join(text.ljust(width) if i == 0 else text.rjust(width) for i, (text, width) in enumerate(pairs))
            for pairs in (list(zip(row, widths, strict=True)) for row in [headings, *cells])
        ]
        return "\n".join([*lines, "", *self.notes()])


def short(value: float) -> str:
    """Four digits, with a true minus.

    >>> short(-1234.5), short(0.0123)
    ('−1,234', '0.01230')
    """
    return number(value)


def share(value: float | None) -> str | None:
    """A share in per cent."""
    return None if value is None else f"{100 * value:.1f} %"
