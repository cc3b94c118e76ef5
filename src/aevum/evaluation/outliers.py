"""The recommended detector of anomalies in tables: two models that see different things, on one scale."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.utils.validation import check_is_fitted

from aevum.data import Dataset
from aevum.errors import CollapseWarning, DataWarning, InputError
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.containers import unpacked
from aevum.estimators.frames import Schema
from aevum.estimators.inputs import opened
from aevum.evaluation.anomalies import DEFAULT_CONTAMINATION, anomaly_scores, share, threshold
from aevum.evaluation.trimmed import BATCH_SIZE, FEWEST_ROWS, detector, fit_trimmed
from aevum.recipes import DAE
from aevum.typing import Labels, Rows

Floats = NDArray[np.float64]
# The denoising member: as many steps for any table, and noise up to this share of a column's deviation.
STEPS, NOISE = 3000, 0.63
# In quartile ranges: a row that is impossible to a model is as odd to it as one so far off.
FARTHEST = 1e6
# Nats that tell no two rows apart, and the same for scores on the common scale: equal rows may differ by rounding.
LEAST_SPREAD, EQUAL = 0.1, 1e-5


@dataclass(frozen=True, eq=False)
class Member:
    """A fitted model, and the median and quartile range of the training rows' scores by it."""

    model: LatentVariableEstimator
    middle: float
    spread: float

    @classmethod
    def of(cls, model: LatentVariableEstimator, scores: Floats) -> Member:
        low, middle, high = np.quantile(scores, [0.25, 0.5, 0.75])
        return cls(model, float(middle), float(max(high - low, LEAST_SPREAD)))

    def scaled(self, scores: Floats) -> Floats:
        """sign(t) log(1 + |t|) of t = (score − median) / quartile range: no row is so odd to one member that the
        others have no say, those that it holds impossible included.
        """
        t = (scores - self.middle) / self.spread
        return np.asarray(np.sign(t) * np.log1p(np.minimum(np.abs(t), FARTHEST)))


class OutlierDetector(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    r"""Which rows of a table are odd, as scikit-learn's outlier detectors say it.

    Two models score each row, and the mean of their scores t on one scale counts:

    .. math:: s(x) = -\tfrac12 \sum_m \operatorname{sign}(t_m) \log(1 + |t_m|), \qquad
              t_m = \frac{a_m(x) - \operatorname{median} a_m}{\operatorname{iqr} a_m}

    with median and quartile range over the training rows, and :math:`|t_m|` of at most 10⁶. One is a small VAE with a
    σ for each column, soon stopped and fitted without the oddest quarter of the rows
    (:func:`~aevum.evaluation.detector`, :func:`~aevum.evaluation.fit_trimmed`), which knows where each column lies and
    can't learn odd rows; a is −log p(x).
    The other knows how the columns go together. Among rows that may hold anomalies it is a VAE that starts from a
    factor analysis, fitted without the oddest tenth; where all training rows are ordinary, a denoising auto-encoder
    with the noise of a diffusion, whose score is :meth:`~aevum.DAE.denoising_distortion`.

    Source of the denoising member: *Diffusion-scheduled denoising autoencoders for anomaly detection in tabular data*,
    T. Sattarov, M. Schreyer, D. Borth, arXiv 2508.00758.

    Args:
        contaminated: whether the training rows may hold anomalies; False where they are known to be ordinary.
        contamination: the share of the training rows that ``predict`` calls outliers, between 0 and 1; "auto" is 0.1.
        k: draws of each score.
        random_state: an integer for the same scores every time.

    Raises:
        InputError: by ``fit``, X is no table or none that a VAE takes, or contamination no such share.

    Attributes:
        members_: the two fitted models, each with its scale.
        offset_: what ``score_samples`` is compared with.

    Example:
        >>> from aevum.evaluation import OutlierDetector
        >>> X = np.random.default_rng(0).normal(size=(300, 4))
        >>> X[0, 2] = 9.0
        >>> found = OutlierDetector(contamination=0.01, random_state=0).fit(X)
        >>> int(found.score_samples(X).argmin()), int(found.predict(X)[0])
        (0, -1)
    """

    def __init__(
        self, *, contaminated: bool = True, contamination: float | str = 0.1, k: int = 100, random_state: Any = None
    ) -> None:
        self.contaminated = contaminated
        self.contamination = contamination
        self.k = k
        self.random_state = random_state

    def fit(self, X: Rows, y: Labels | None = None) -> OutlierDetector:
        """Fit both members to the rows of X, as a VAE's ``fit`` takes them; y is not used."""
        flagged = DEFAULT_CONTAMINATION if self.contamination == "auto" else share("contamination", self.contamination)
        X, _ = unpacked(X, None)
        rows, columns, likelihood = described(X)
        settings = {"likelihood": likelihood, "random_state": self.random_state}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CollapseWarning)  # columns that are independent need no code
            models: list[LatentVariableEstimator] = [fit_trimmed(detector(rows, columns, **settings), X)]
            warnings.simplefilter("ignore", DataWarning)  # the first member has told what is wrong with the data
            if self.contaminated:
                models.append(fit_trimmed(detector(rows, columns, network="wide", **settings), X, trim=0.1))
            else:
                models.append(denoiser(rows, **{**settings, "likelihood": one_sigma(likelihood)}).fit(X))
            every = [anomaly_scores(model, X, k=self.k) for model in models]
        self.members_ = [Member.of(model, scores) for model, scores in zip(models, every, strict=True)]
        self.offset_ = -threshold(self._oddness(every), contamination=flagged) - EQUAL
        return self

    def score_samples(self, X: Rows) -> Floats:
        """How ordinary each row is, ``(N,)``; a function of the row. The lower, the odder."""
        check_is_fitted(self, "members_")
        return -self._oddness([anomaly_scores(member.model, X, k=self.k) for member in self.members_])

    def _oddness(self, scores: Sequence[Floats]) -> Floats:
        """The mean over the members of their scores, each on its scale, ``(N,)``."""
        found: Floats = np.mean([m.scaled(each) for m, each in zip(self.members_, scores, strict=True)], axis=0)
        return found

    def decision_function(self, X: Rows) -> Floats:
        """``score_samples(X) − offset_``: below 0 for outliers."""
        return self.score_samples(X) - self.offset_

    def predict(self, X: Rows) -> NDArray[np.int64]:
        """−1 for outliers, 1 for the others."""
        return np.where(self.decision_function(X) < 0.0, -1, 1)


def described(X: Rows) -> tuple[int, int, str]:
    """The rows and columns of X, and a likelihood: a σ a column where X is numbers without gaps, else a density for
    each column's kind.

    Raises:
        InputError: X is no table.
    """
    words = X.columns if isinstance(X, Dataset) else None
    x: Any = opened(X, None, gaps=True)[0]
    shape = np.shape(x)
    if len(shape) != 2:
        raise InputError(
            f"X has shape {shape}; an OutlierDetector is for tables, rows of columns. Of pictures, fit a VAE or a DAE "
            "and call detect(model, X)"
        )
    if shape[0] < FEWEST_ROWS:
        raise InputError(f"X has shape {shape}; an OutlierDetector compares rows with each other, two at least")
    schema = Schema.of(x) if words is None else Schema.of_files(words, np.asarray(x))
    if schema is not None and words is not None and not schema.levels:
        schema = None  # a file's dates are numbers to any likelihood
    if schema is not None or (not issparse(x) and bool(np.isnan(np.asarray(x, dtype=np.float64)).any())):
        return (*shape, "columns:per-feature")
    return (*shape, "gaussian:per-feature")


def one_sigma(likelihood: str) -> str:
    """The same with one σ for all columns, each on its own scale, where they are numbers alone.

    What a denoising auto-encoder leaves of a column that hardly changes is little, and by a σ of its own the rare row
    in which it does change would be odder than any shape that the columns have together.
    """
    return "gaussian:shared" if likelihood.startswith("gaussian") else likelihood


def denoiser(rows: int, **settings: Any) -> DAE:
    """An unfitted denoising auto-encoder that learns where ordinary rows lie: noise of a diffusion, 3,000 steps.

    >>> denoiser(1280).epochs
    300
    """
    return DAE(
        latent_dim=32,
        corruption="diffusion",
        noise=NOISE,
        network="mlp",
        hidden=(256,),
        epochs=max(1, round(STEPS / math.ceil(rows / BATCH_SIZE))),
        batch_size=BATCH_SIZE,
        learning_rate=2e-3,
        validation_fraction=0.0,
        patience=None,
        **settings,
    )
