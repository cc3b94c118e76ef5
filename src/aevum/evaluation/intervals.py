"""Do the predictive intervals hold what they promise?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from aevum.errors import InputError
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.inputs import opened, whole_number
from aevum.evaluation.findings import Figures, findings
from aevum.evaluation.requirements import require_finite, require_model
from aevum.fitted.law import ONE_SIGMA
from aevum.typing import Labels, Rows

Array = NDArray[Any]
LEVELS = (0.5, 0.8, 0.9, 0.95, 0.9973)
FEWEST_ROWS = 10


@dataclass(frozen=True)
class Calibration:
    """The share of held-out values inside the likelihood's μ(z) ± zσ, beside the share that there should be.

    Attributes:
        levels: nominal shares, ``(L,)``.
        coverage: shares found, ``(L,)``, at a draw z ~ q(z|x): equal to the levels if the model is right.
        coverage_at_mean: the same at the posterior mean. It is chosen by looking at x, so its residuals are smaller,
            and its coverage higher. (Where a new measurement of the same code would fall is another question:
            ``predict_interval`` answers it.)
        feature_coverage: shares found for each value of x, ``(L, *event)``; NaN for one that never changes.
        rows: how many rows were used.
    """

    levels: Array
    coverage: Array
    coverage_at_mean: Array
    feature_coverage: Array
    rows: int

    @property
    def worst(self) -> float:
        """The largest difference between coverage and level."""
        return float(np.abs(self.coverage - self.levels).max())

    @property
    def verdict(self) -> str:
        """Whether to trust the intervals, in a sentence."""
        return " ".join(f"{found}" for found in findings(Figures(**self.figures)))

    @property
    def figures(self) -> dict[str, Any]:
        """What it gives to :class:`~aevum.evaluation.findings.Figures`."""
        return {"levels": self.levels.tolist(), "coverage": self.coverage.tolist()}

    @property
    def summary(self) -> str:
        """Each level with its coverage, in a line."""
        pairs = zip(self.levels, self.coverage, strict=True)
        return ", ".join(f"{100 * level:g} %: {100 * found:.1f} %" for level, found in pairs)

    def __str__(self) -> str:
        return f"{self.verdict} ({self.summary})"

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists."""
        return {
            "rows": self.rows,
            "levels": self.levels.tolist(),
            "coverage": self.coverage.tolist(),
            "coverage_at_mean": self.coverage_at_mean.tolist(),
            "verdict": self.verdict,
        }


def calibration(
    model: LatentVariableEstimator,
    X: Rows,
    y: Labels | None = None,
    *,
    levels: Any = LEVELS,
    random_state: int = 0,
) -> Calibration:
    """Coverage of the predictive intervals of a Gaussian likelihood on rows that the model was not fitted on.

    Args:
        model: fitted with a Gaussian likelihood.
        X: held-out rows as for ``fit``.
        y: for a conditional model.
        levels: nominal shares, each between 0 and 1.
        random_state: an integer; one z ~ q(z|x) is drawn for each row.

    Raises:
        InputError: another likelihood, a level outside (0, 1), fewer than 10 rows, rows that don't fit the model, or
            no value that changes.

    Source: *Probabilistic forecasts, calibration and sharpness*, T. Gneiting, F. Balabdaoui, A. E. Raftery, JRSS B
    2007.

    Example:
        >>> from aevum import VAE, open_data
        >>> from aevum.evaluation import calibration
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=5, random_state=0).fit(digits.x[:1500])
        >>> calibration(vae, digits.x[1500:], levels=[0.5, 0.9]).coverage.shape
        (2,)
    """
    require_model(model)
    seed = whole_number("random_state", random_state, least=0)
    try:
        shares = np.atleast_1d(np.asarray(levels, dtype=np.float64))
    except (TypeError, ValueError) as error:
        raise InputError(f"levels must be shares between 0 and 1, such as 0.9; got {levels!r}") from error
    if shares.ndim != 1 or not len(shares) or not ((shares > 0.0) & (shares < 1.0)).all():
        raise InputError(f"levels must be shares between 0 and 1, such as 0.9; got {levels!r}")
    X, y = opened(X, y, model)
    mean, deviation = model.encode(X, y)
    if len(mean) < FEWEST_ROWS:
        raise InputError(f"calibration needs at least {FEWEST_ROWS} rows; these are {len(mean)}")
    require_finite(mean.sum(axis=1) + deviation.sum(axis=1), "code")
    drawn = model.draw_codes(X, y, random_state=seed)[0]
    limits = norm.ppf(0.5 + shares / 2.0)
    x = np.asarray(X, dtype=np.float64).reshape(len(mean), *model.parts_.event)
    at_draw, at_mean = (inside(model, x, z, y, limits) for z in (drawn, mean))
    axes = tuple(range(1, at_draw.ndim))
    if np.isnan(at_draw).all():
        raise InputError("calibration needs values that change, and this model was fitted on none")
    return Calibration(shares, np.nanmean(at_draw, axis=axes), np.nanmean(at_mean, axis=axes), at_draw, len(mean))


def inside(model: LatentVariableEstimator, x: Array, z: Array, y: Labels, limits: Array) -> Array:
    """The share of rows whose value lies within so many σ, ``(L, *event)``; NaN for values that never change."""
    low, high = (edge.astype(np.float64) for edge in model.in_numbers().decode_interval(z, y, level=ONE_SIGMA))
    half = (high - low) / 2.0
    distance = np.abs(x - (low + high) / 2.0) / np.where(half > 0.0, half, np.nan)
    return np.stack([np.where((half > 0.0).any(axis=0), (distance <= limit).mean(axis=0), np.nan) for limit in limits])
