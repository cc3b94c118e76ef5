"""Everything that held-out rows say about one model."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import InputError
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.density import why_none
from aevum.estimators.inputs import opened
from aevum.evaluation.features import class_labels
from aevum.evaluation.findings import Figures, findings
from aevum.evaluation.intervals import Calibration, calibration
from aevum.evaluation.judged import beside_baselines, means, of_the_fit, squares_of
from aevum.evaluation.latents import FEWEST_ROWS, LatentDiagnostics, latent_diagnostics
from aevum.evaluation.log_evidence import Evidence, evidence
from aevum.evaluation.representations import RepresentationQuality, representation_quality
from aevum.evaluation.requirements import require_density, require_finite, require_labels, require_model
from aevum.evaluation.wording import Finding
from aevum.numerals import number, percent
from aevum.typing import Labels, Rows

Array = NDArray[Any]
DRAWS = 5000


@dataclass(frozen=True)
class Evaluation:
    """What :func:`evaluate` found.

    Attributes:
        model: the model's name.
        rows: how many rows were looked at.
        squared_error: ‖x − x̂‖² of a reconstruction, the rows' mean, in squared units of the data.
        unexplained_variance: the same as a share of the rows' variance (0 is perfect, 1 is the mean).
        dimensions: number of values in one x.
        evidence: log p(x) and its parts; None for a model without a density.
        latents: which dimensions are used, and whether the codes follow the prior.
        calibration: coverage of the predictive intervals; None without a Gaussian likelihood, and for an auto-encoder.
        representation: what the codes say about the labels; None without labels, and for a conditional model.
        figures: the numbers that :attr:`findings` rest on.
        no_density: why there is no evidence, in words; empty where there is.
    """

    model: str
    rows: int
    squared_error: float
    unexplained_variance: float
    dimensions: int
    evidence: Evidence | None
    latents: LatentDiagnostics
    calibration: Calibration | None
    representation: RepresentationQuality | None
    figures: Figures = field(default_factory=Figures)
    no_density: str = ""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is to be said of the model, worst first."""
        return findings(self.figures)

    @property
    def unexplained(self) -> str:
        """The unexplained variance in words: in the data's units, where the findings weigh columns alike."""
        if not math.isfinite(self.unexplained_variance):
            return "the rows do not vary"
        return f"{percent(self.unexplained_variance)} of these rows' own variance left, in the data's units"

    def __str__(self) -> str:
        lines = [
            f"{self.model} on {self.rows:,} rows",
            *[f"verdict: {found}" for found in self.findings],
            f"reconstruction: squared error {number(self.squared_error)} an example, {self.unexplained}",
            f"evidence: {self.evidence or f'none: {self.no_density}'}",
            f"latents: {self.latents.summary}",
        ]
        lines += [f"intervals: {self.calibration.summary}"] if self.calibration else []
        lines += [f"labels: {self.representation}"] if self.representation else []
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers, as ``metrics.json`` has them."""
        return {
            "model": self.model,
            "rows": self.rows,
            "squared_error": self.squared_error,
            "mean_squared_error": self.squared_error / self.dimensions,
            "unexplained_variance": self.unexplained_variance,
            "findings": [found.to_dict() for found in self.findings],
            "evidence": None if self.evidence is None else self.evidence.to_dict(),
            # The findings judge all of it together; parts that do so for themselves may say the opposite.
            "latents": without_verdict(self.latents.to_dict()),
            "calibration": None if self.calibration is None else without_verdict(self.calibration.to_dict()),
            "representation": None if self.representation is None else self.representation.to_dict(),
        }


def without_verdict(found: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in found.items() if name != "verdict"}


def evaluate(
    model: LatentVariableEstimator,
    X: Rows,
    y: Labels | None = None,
    *,
    k: int | None = None,
    chunk: int | None = None,
    precision: str = "auto",
    random_state: int = 0,
    train: Rows | None = None,
) -> Evaluation:
    """Evidence, reconstruction, latent space, calibration and labels, on rows that the model was not fitted on.

    Args:
        model: a fitted estimator.
        X: held-out rows as for ``fit``, an opened data set or its name.
        y: labels: a conditional model needs them; for others they tell how well codes predict them.
        k: draws of z for log p(x), see :func:`evidence`; None for 5,000 where the model has a density.
        chunk: draws that are decoded at once; bounds the memory.
        precision: "auto", "float32" or "bfloat16", see :func:`evidence`.
        random_state: an integer; the same call gives the same numbers.
        train: training rows, for the mean and the PCA that reconstructions are held against; without them each half
            of X is held against those of the other half.

    Raises:
        InputError: k was given for an auto-encoder (it has no density) or is below 1, labels are missing for a
            conditional model, rows that don't fit the model, or fewer than 20 of them.

    Warns:
        EstimateWarning: log p(x) rests on too few effective draws.

    Example:
        >>> from aevum import VAE, open_data
        >>> from aevum.evaluation import evaluate
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=8, epochs=5, random_state=0).fit(digits.x[:1500])
        >>> found = evaluate(vae, digits.x[1500:], digits.y[1500:], k=100)
        >>> print(found)  # doctest: +SKIP
        VAE on 297 rows
        reconstruction: squared error ...
        >>> sorted(found.to_dict())[:3]
        ['calibration', 'evidence', 'findings']
    """
    require_model(model)
    if k is not None:
        require_density(model)
    X, y = opened(X, y, model)
    given = y if model.conditional else None
    errors = model.reconstruction_error(X, given)
    require_finite(errors, "reconstruction error")
    if len(errors) < FEWEST_ROWS:
        raise InputError(f"an evaluation needs at least {FEWEST_ROWS} rows; these are {len(errors)}")
    require_labels(y, len(errors))
    rows = np.asarray(X, dtype=np.float64).reshape(len(errors), -1)
    spread = squares_of(rows, means(rows)).mean()
    varied = spread > 1e-12 * squares_of(rows, np.zeros(1)).mean()
    found = None
    if model.has_density:
        found = evidence(
            model, X, given, k=DRAWS if k is None else k, chunk=chunk, precision=precision, random_state=random_state
        )
    latents = latent_diagnostics(model, X, given, random_state=random_state)
    # An auto-encoder's σ is a by-product of its squared error; nobody predicts with it.
    intervals = None
    if model.fitted_.interval and model.can_sample and len(model.fitted_.constant_columns) < rows.shape[1]:
        intervals = calibration(model, X, given, random_state=random_state)
    figures = {
        **of_the_fit(model), **beside_baselines(model, X, given, train=opened(train, None)[0], judged_on=None),
        **latents.figures,
        **({} if intervals is None else intervals.figures), **({} if found is None else found.figures),
    }  # fmt: skip
    return Evaluation(
        model=type(model).__name__,
        rows=len(errors),
        squared_error=float(errors.mean()),
        unexplained_variance=float(errors.mean() / spread) if varied else math.nan,
        dimensions=math.prod(model.parts_.event),
        evidence=found,
        latents=latents,
        calibration=intervals,
        representation=None if model.conditional else labels_from_codes(model.transform(X), y, random_state),
        figures=Figures(**figures),
        no_density="" if model.has_density else why_none(model),
    )


def labels_from_codes(Z: Array, y: Labels, seed: int) -> RepresentationQuality | None:
    """How well codes predict labels; None where y holds no labels, or too few rows of some class."""
    labels = class_labels(y)
    if labels is None:
        return None
    return representation_quality(Z, labels, seed=seed)
