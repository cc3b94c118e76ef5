"""Which rows are odd, from which score on, and which feature made them so.

A model of the ordinary rows gives an odd one little probability, so the score is −log p(x); an auto-encoder, which has
no density, can only say how badly it reconstructs. Every score is a function of the row: the same call gives the same
scores, and a row's score does not depend on the rows beside it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import OutlierMixin

from aevum.errors import InputError
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.inputs import whole_number
from aevum.evaluation.requirements import require_model
from aevum.fitted.scoring import distortion_of_values
from aevum.typing import Labels, Rows

Floats = NDArray[np.float64]
DEFAULT_CONTAMINATION, DEFAULT_QUANTILE = 0.1, 0.99


def anomaly_scores(
    model: LatentVariableEstimator | OutlierMixin,
    X: Rows,
    y: Labels | None = None,
    *,
    k: int = 100,
    random_state: int = 0,
) -> Floats:
    r"""How odd each row is, ``(N,)``, in nats and in the data's units: higher is more anomalous.

    .. math:: -\log p(x) \approx -\log \tfrac1K \sum_k \frac{p(x, z_k)}{q(z_k|x)}, \quad z_k \sim q(z|x)

    for models with a prior. Without one there is no density. A denoising auto-encoder's score is the mean over k
    corruptions of :math:`-\log p(x|z=f(\tilde x_k))`, how badly noise is led back to the row. An AE's is the distortion
    :math:`-\log p(x|z=f(x))`: under a Gaussian the squared error in units of σ, plus a constant. It says how badly a
    row is reconstructed and nothing of how unusual its code is, so an odd row that reconstructs well passes unseen.

    An outlier detector of scikit-learn's kind, such as :class:`~aevum.evaluation.OutlierDetector`, scores
    −``score_samples(X)``: no nats, and by its own draws.

    A row that the model holds impossible scores inf. :func:`detect` flags it; scikit-learn's metrics refuse it,
    but take ``numpy.minimum(scores, numpy.finfo(float).max)``.

    Source: *Importance weighted autoencoders*, Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016.

    Args:
        model: a fitted estimator, or a fitted outlier detector.
        X: rows as for ``fit``.
        y: for a conditional model: the score is then −log p(x|y), how odd a row is *for its label*.
        k: number of importance samples, or of corruptions; without effect on an AE, which draws nothing.
        random_state: an integer that the draws are a function of.

    Raises:
        InputError: X is not what the model was fitted on, or lies outside its likelihood's support; k below 1.

    Example:
        >>> from aevum import VAE, open_data
        >>> iris = open_data("iris").x
        >>> vae = VAE(latent_dim=2, hidden=16, epochs=40, random_state=0).fit(iris)
        >>> scores = anomaly_scores(vae, [iris[0], iris[0] + 5.0])
        >>> bool(scores[1] > scores[0])
        True
    """
    scores: Floats
    if isinstance(model, OutlierMixin):
        if y is not None:
            raise InputError(f"{type(model).__name__} knows no y: leave it out")
        scores = np.negative(model.score_samples(X))
        return scores
    require_model(model)
    assert isinstance(model, LatentVariableEstimator)
    if model.has_density:
        scores = -model.score_samples(X, y, k=k, random_state=random_state)
    elif model.fitted_.denoises:
        scores = model.denoising_distortion(X, y, k=k, random_state=random_state)
    else:
        whole_number("k", k)
        scores = model.distortion_and_rate(X, y, random_state=random_state)[0]
    return scores


def threshold(scores: Any, *, contamination: float | None = None, quantile: float | None = None) -> float:
    """The score above which a row is flagged; say exactly one of the two.

    The threshold is one of the finite scores, and a row is flagged where its score is greater: a row of infinite score,
    which the model gives the probability 0, always is.

    Args:
        scores: ``(N,)``: with ``contamination`` those of the rows to be judged (or of the training rows); with
            ``quantile`` those of held-out rows that are known to be ordinary.
        contamination: the share of these rows to be flagged, between 0 and 1; rows of equal score stay together, so
            fewer may be.
        quantile: the share of these rows that must not be flagged, between 0 and 1, at least: 0.99 lets about one
            ordinary row in a hundred raise a false alarm.

    Raises:
        InputError: no scores, NaN among them, neither or both of the two, or a share that is not between 0 and 1.

    Example:
        >>> threshold([5.0, 1.0, 2.0, 9.0, 3.0], contamination=0.4), threshold([5.0, 1.0, 2.0, 9.0], quantile=0.5)
        (3.0, 2.0)
    """
    try:
        values = np.asarray(scores, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError("scores must be an array of numbers, one a row") from error
    if values.ndim != 1 or not len(values):
        raise InputError(f"scores have shape {values.shape}; expected (N,), one a row and at least one")
    if np.isnan(values).any():
        raise InputError(f"scores hold NaN, first at row {int(np.isnan(values).argmax())}")
    if (contamination is None) == (quantile is None):
        raise InputError(
            "say one of contamination (the share of these rows to flag) and quantile (of ordinary rows' scores)"
        )
    if contamination is not None:
        flagged = math.floor(share("contamination", contamination) * len(values) + 0.5)
        return below_infinity(float(np.sort(values)[max(0, len(values) - flagged - 1)]), values)
    assert quantile is not None
    found = float(np.quantile(values, share("quantile", quantile), method="inverted_cdf"))
    return below_infinity(found, values)


def below_infinity(limit: float, values: Floats) -> float:
    """A threshold, or the greatest finite score where it is infinite: a row of probability 0 is always flagged."""
    finite = values[np.isfinite(values)]
    return min(limit, float(finite.max()) if len(finite) else float(np.finfo(np.float64).max))


@dataclass(frozen=True, eq=False)
class Anomalies:
    """What :func:`detect` found: ``scores`` ``(N,)`` in nats, ``threshold``, and ``flags`` ``(N,)``, score > threshold.

    ``order`` holds the rows' indices, the most anomalous first.
    """

    scores: Floats
    threshold: float

    @property
    def flags(self) -> NDArray[np.bool_]:
        return self.scores > self.threshold

    @property
    def order(self) -> NDArray[np.intp]:
        return np.argsort(-self.scores, kind="stable")


def detect(
    model: LatentVariableEstimator | OutlierMixin,
    X: Rows,
    y: Labels | None = None,
    *,
    contamination: float | None = None,
    reference: Rows | None = None,
    reference_y: Labels | None = None,
    quantile: float | None = None,
    k: int = 100,
    random_state: int = 0,
) -> Anomalies:
    """Score the rows of X and flag the anomalous ones.

    Either the most anomalous share of X itself is flagged (``contamination``, 0.1 unless told), or, where there are
    ordinary rows that the model was not trained on, every row whose score exceeds a ``quantile`` of theirs (0.99).

    Args:
        model, X, y, k, random_state: as for :func:`anomaly_scores`.
        contamination: the share of X to flag.
        reference: held-out ordinary rows; reference_y: their y, for a conditional model.
        quantile: of the reference rows' scores.

    Raises:
        InputError: as :func:`anomaly_scores` and :func:`threshold`; contamination beside reference rows, or a quantile
            without them.

    Example:
        >>> from aevum import VAE, open_data
        >>> iris = open_data("iris").x
        >>> vae = VAE(latent_dim=2, hidden=16, batch_size=16, epochs=40, random_state=0).fit(iris[::2])
        >>> found = detect(vae, iris, contamination=0.02)
        >>> int(found.flags.sum()), bool(found.flags[found.order[:3]].all())
        (3, True)
        >>> detect(vae, iris, reference=iris[1::2]).flags.shape
        (150,)
    """
    if reference is None and quantile is not None:
        raise InputError("a quantile is one of held-out ordinary rows: pass them as reference, or say contamination")
    if reference is not None and contamination is not None:
        raise InputError("contamination is a share of X, and reference rows set the threshold instead: say one of them")
    if reference is None:
        share("contamination", contamination := DEFAULT_CONTAMINATION if contamination is None else contamination)
        scores = anomaly_scores(model, X, y, k=k, random_state=random_state)
        return Anomalies(scores, threshold(scores, contamination=contamination))
    share("quantile", quantile := DEFAULT_QUANTILE if quantile is None else quantile)
    ordinary = anomaly_scores(model, reference, reference_y, k=k, random_state=random_state)
    limit = threshold(ordinary, quantile=quantile)
    return Anomalies(anomaly_scores(model, X, y, k=k, random_state=random_state), limit)


def distortion_by_feature(
    model: LatentVariableEstimator, X: Rows, y: Labels | None = None, *, random_state: int = 0
) -> Floats:
    r"""Each value's share of the distortion at the posterior mean, ``(N, *event)``, in nats and the data's units.

    .. math:: d_j(x) = -\log p(x_j \mid z = \mathbb E_q[z]), \qquad \sum_j d_j(x) + \mathrm{KL}(q(z|x)\,\|\,p(z))
              = -\mathrm{ELBO}(x) \text{ of the one point } z = \mathbb E_q[z].

    Summed over the features it is an auto-encoder's distortion exactly. ``random_state`` is what the binary images of a
    Bernoulli model of grey levels are drawn by.

    Raises:
        InputError: as :func:`anomaly_scores`, or the likelihood is no product over the values.

    Example:
        >>> from aevum import AE, open_data
        >>> iris = open_data("iris").x
        >>> ae = AE(latent_dim=2, hidden=16, epochs=5, random_state=0).fit(iris)
        >>> bool(np.allclose(distortion_by_feature(ae, iris).sum(1), ae.distortion_and_rate(iris)[0]))
        True
    """
    require_model(model)
    seed = whole_number("random_state", random_state, least=0)
    x, context = model._read_for_score(X, y)
    return distortion_of_values(model.fitted_, x, context, seed)


def contributions(
    model: LatentVariableEstimator,
    X: Rows,
    y: Labels | None = None,
    *,
    reference: Rows | None = None,
    reference_y: Labels | None = None,
    random_state: int = 0,
) -> Floats:
    r"""Which feature made a row odd: its share of the distortion beyond the usual, ``(N, *event)``, in nats.

    .. math:: c_j(x) = d_j(x) - \operatorname{median}_{x'} d_j(x'), \qquad d_j(x) = -\log p(x_j \mid z = \mathbb E_q[z])

    where x' runs over the reference rows: a feature that is noisy in every row has a high distortion in every row, and
    explains none. The score's other part, the rate, belongs to the code and to no single feature. The posterior has
    seen the odd value too and follows it some way, so a part of its surprise may turn up at features that go with it.

    Source of the explanation by likelihood terms: *Variational autoencoder based anomaly detection using reconstruction
    probability*, J. An, S. Cho, SNU Data Mining Center 2015.

    Args:
        model, X, y: as for :func:`anomaly_scores`.
        reference: rows whose features are typical, such as the training rows; X itself when absent.
        reference_y: their y, for a conditional model.
        random_state: an integer that the draws are a function of.

    Raises:
        InputError: rows that the model can't read.

    Example:
        >>> from aevum import VAE, open_data
        >>> iris = open_data("iris").x
        >>> vae = VAE(latent_dim=2, hidden=16, epochs=40, random_state=0).fit(iris)
        >>> odd = iris[:1].copy()
        >>> odd[0, 1] += 9.0
        >>> int(contributions(vae, odd, reference=iris)[0].argmax())
        1
    """
    found = distortion_by_feature(model, X, y, random_state=random_state)
    usual = found
    if reference is not None:
        usual = distortion_by_feature(model, reference, reference_y, random_state=random_state)
    typical = np.median(usual, axis=0)
    with np.errstate(invalid="ignore"):  # beside as infinite a usual one a distortion explains nothing
        return np.where(found == typical, 0.0, found - typical)


def share(name: str, value: object) -> float:
    """A share, strictly between 0 and 1.

    Raises:
        InputError: it isn't.
    """
    if isinstance(value, bool) or not (isinstance(value, (int, float, np.number)) and 0.0 < float(value) < 1.0):
        raise InputError(f"{name} must lie between 0 and 1, got {value!r}")
    return float(value)
