"""What the latent space does: which dimensions are used, and whether the codes follow the prior."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp
from scipy.stats import ks_2samp, kstest

from aevum.errors import InputError
from aevum.estimators import LatentVariableEstimator
from aevum.estimators.inputs import opened, whole_number
from aevum.evaluation.findings import Figures, findings
from aevum.evaluation.requirements import require_finite, require_model
from aevum.fitted.diagnostics import ACTIVE_VARIANCE
from aevum.numerals import number
from aevum.typing import Labels, Rows

Array = NDArray[Any]
MOST_ROWS, SOME_ROWS, TEST_ROWS, PERMUTATIONS = 2000, 500, 500, 200
# An estimate m nats below the logarithm of the rows is too low by about −log(1 − e⁻ᵐ): by 0.05 nats at 3.
NEAR_CAP = 3.0
FEWEST_ROWS = 20
SIGNIFICANT, LARGE_KS = 0.01, 0.1


@dataclass(frozen=True)
class LatentDiagnostics:
    r"""The latent space on held-out rows. All numbers that end in ``(D,)`` are per dimension.

    .. math:: \underbrace{\mathbb E_x\,\mathrm{KL}(q(z|x)\,\|\,p(z))}_{\text{rate}}
              = \underbrace{I_q(x; z)}_{\text{information}}
              + \underbrace{\mathrm{KL}(q(z)\,\|\,p(z))}_{\text{marginal divergence}}, \qquad
              q(z) = \mathbb E_x\, q(z|x).

    Attributes:
        rows: how many rows were used.
        variance: Var_x(E_q[z_d]), ``(D,)``; a dimension is active above 0.01.
        rate: mean KL(q ‖ p) of each dimension in nats, ``(D,)``, whose sum is the model's rate; None where dimensions
            are not independent under both, and without a density of q.
        total_rate: mean KL(q ‖ p) in nats; None without a density of q.
        ks_statistic: Kolmogorov-Smirnov distance of the aggregate posterior from the prior, ``(D,)``; None (as all that
            follows) without a prior.
        ks_p_value: its p-values, ``(D,)``. With thousands of rows a harmless difference is significant too.
        mmd: squared maximum mean discrepancy between draws of q(z) and of p(z), Gaussian kernel; or None.
        mmd_p_value: of that two-sample test, by permutation; small where the two differ jointly.
        information: I_q(x; z) in nats, or a lower bound of it where it is near the logarithm of the rows that were
            used (2,000 at most, 500 where posterior or prior is no Gaussian); None without a density of q.
        marginal_divergence: KL(q(z) ‖ p(z)) in nats, what remains of the rate; None where the information is a bound.
    """

    rows: int
    variance: Array
    rate: Array | None
    total_rate: float | None
    ks_statistic: Array | None
    ks_p_value: Array | None
    mmd: float | None
    mmd_p_value: float | None
    information: float | None
    marginal_divergence: float | None

    @property
    def active(self) -> tuple[int, ...]:
        """The active dimensions, those of the highest rate (or variance) first."""
        order = self.variance if self.rate is None else self.rate
        return tuple(int(d) for d in np.argsort(-order, kind="stable") if self.variance[d] > ACTIVE_VARIANCE)

    @property
    def collapsed(self) -> bool:
        """No dimension is active: the decoder ignores z."""
        return not self.active

    @property
    def follows_prior(self) -> bool | None:
        """Whether no dimension's distribution is off by 10 points (KS) and the two-sample test finds no difference.

        What is not significant (at 1 %, for all dimensions together) does not count: the largest distance of 60 rows is
        over 10 points for codes that follow the prior exactly. None without a prior.
        """
        if self.ks_statistic is None or self.ks_p_value is None or self.mmd_p_value is None:
            return None
        significant = self.ks_p_value < SIGNIFICANT / len(self.ks_p_value)
        off = significant & (self.ks_statistic >= LARGE_KS)
        return bool(self.mmd_p_value >= SIGNIFICANT and not off.any())

    @property
    def verdict(self) -> str:
        """The state of the latent space in a sentence or two, with what to try."""
        return " ".join(f"{found}" for found in findings(Figures(**self.figures)))

    @property
    def figures(self) -> dict[str, Any]:
        """What it gives to :class:`~aevum.evaluation.findings.Figures`."""
        return {
            "latent_dim": len(self.variance),
            "active": len(self.active),
            "rate": self.total_rate,
            "follows_prior": self.follows_prior,
        }

    @property
    def summary(self) -> str:
        """The numbers in a line."""
        text = f"{len(self.active)} of {len(self.variance)} active"
        if self.total_rate is not None:
            text += f", rate {number(self.total_rate, 'nats')}"
        if self.follows_prior is not None:
            text += f"; the codes {'follow' if self.follows_prior else 'do not follow'} the prior"
        return text

    def __str__(self) -> str:
        return self.verdict

    def to_dict(self) -> dict[str, Any]:
        """Plain numbers and lists."""

        def plain(values: Array | None) -> list[float] | None:
            return None if values is None else [float(value) for value in values]

        return {
            "rows": self.rows,
            "active_units": len(self.active),
            "active": list(self.active),
            "collapsed": self.collapsed,
            "variance": plain(self.variance),
            "rate": plain(self.rate),
            "total_rate": self.total_rate,
            "ks_statistic": plain(self.ks_statistic),
            "ks_p_value": plain(self.ks_p_value),
            "mmd": self.mmd,
            "mmd_p_value": self.mmd_p_value,
            "follows_prior": self.follows_prior,
            "information": self.information,
            "marginal_divergence": self.marginal_divergence,
            "verdict": self.verdict,
        }


def latent_diagnostics(
    model: LatentVariableEstimator, X: Rows, y: Labels | None = None, *, random_state: int = 0
) -> LatentDiagnostics:
    """Which dimensions are used, and whether the codes of X follow the prior.

    Tests and the information are computed on up to 2,000 rows, the permutation test on 500 (at random, by the seed).
    The two-sample tests see one draw of q(z|x) a row, which follows the prior exactly if the model is right.

    Args:
        model: a fitted model; without a prior only the variance is known.
        X: rows as for ``fit``, best rows that it was not fitted on.
        y: for a conditional model; its codes are measured against p(z|y), in units of that prior's deviation.
        random_state: an integer.

    Raises:
        InputError: fewer than 20 rows, or rows that don't fit the model.

    Sources: *ELBO surgery: yet another way to carve up the variational evidence lower bound*, M. D. Hoffman,
    M. J. Johnson, NeurIPS workshop 2016 (the split of the rate); *A kernel two-sample test*, A. Gretton et al.,
    JMLR 2012.

    Example:
        >>> from aevum import VAE, open_data
        >>> from aevum.evaluation import latent_diagnostics
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=5, random_state=0).fit(digits)
        >>> found = latent_diagnostics(vae, digits)
        >>> len(found.active), bool(0 < found.information <= found.rate.sum())
        (2, True)
    """
    require_model(model)
    seed = whole_number("random_state", random_state, least=0)
    X, y = opened(X, y, model)
    mean, deviation = (part.astype(np.float64) for part in model.encode(X, y))
    require_finite(mean.sum(axis=1) + deviation.sum(axis=1), "code")
    if len(mean) < FEWEST_ROWS:
        raise InputError(f"latent diagnostics need at least {FEWEST_ROWS} rows; these are {len(mean)}")
    variance = mean.var(axis=0)
    if not model.can_sample:
        return LatentDiagnostics(len(mean), variance, *[None] * 8)
    rate: Array | None = None
    total: float | None = None
    information: float | None = None
    random = np.random.RandomState(seed % 2**32)
    law, gaussian = model.law_of_codes(y, rows=len(mean)), model.latent_summary_.rate is not None
    chosen = random.permutation(len(mean))[: MOST_ROWS if gaussian else SOME_ROWS]
    if gaussian:
        # In units of the prior: KL, KS and MMD don't change, and one standard normal serves p(z) and every p(z|y).
        centre, scale = law.moments()
        mean, deviation = (mean - centre) / scale, deviation / scale
        rate = 0.5 * (mean**2 + np.expm1(2.0 * np.log(deviation)) - 2.0 * np.log(deviation)).mean(axis=0)
        total = float(rate.sum())
        drawn = mean[chosen] + deviation[chosen] * random.standard_normal((len(chosen), mean.shape[1]))
        tests = [kstest(column, "norm") for column in drawn.T]
        prior = random.standard_normal((min(TEST_ROWS, len(drawn)), mean.shape[1]))
        information = mutual_information(mean[chosen], deviation[chosen], drawn)
    else:
        drawn = model.draw_codes(X, y, random_state=seed)[0].astype(np.float64)[chosen]
        prior = model.draw_prior(len(mean), y, random_state=seed).astype(np.float64)[chosen]
        tests = [ks_2samp(a, b) for a, b in zip(drawn.T, prior.T, strict=True)]
        if model.has_density:
            total = float(np.mean(model.distortion_and_rate(X, y, random_state=seed)[1]))
            information = counted_information(model.cross_log_densities(X, y, codes=drawn, rows=chosen))
    statistic, p_value = kernel_two_sample_test(drawn[:TEST_ROWS], prior[:TEST_ROWS], random)
    left = None
    if total is not None and information is not None and information <= math.log(len(chosen)) - NEAR_CAP:
        left = total - information
    return LatentDiagnostics(
        len(mean),
        variance,
        rate,
        total,
        np.array([test.statistic for test in tests]),
        np.array([test.pvalue for test in tests]),
        statistic,
        p_value,
        information,
        left,
    )


def counted_information(log_q: Array) -> float:
    """E[log q(z_i|x_i) − log (1/N) Σ_j q(z_i|x_j)] of draws z_i ~ q(z|x_i), from log q(z_i|x_j), ``(N, N)``."""
    return float((np.diagonal(log_q) - logsumexp(log_q, axis=1) + math.log(len(log_q))).mean())


def mutual_information(mean: Array, deviation: Array, drawn: Array) -> float:
    r"""I_q(x; z) = E[log q(z|x) − log q(z)] in nats, q(z) being the mixture of all rows' posteriors.

    At most log N, so an estimate near that says only that it is at least as much.

    Args:
        mean, deviation: of the posteriors, ``(N, D)``.
        drawn: one draw of each, ``(N, D)``.

    >>> far = np.arange(4.0)[:, None] * 100
    >>> round(mutual_information(far, np.ones((4, 1)), far + 0.3) / math.log(4), 6)
    1.0
    """
    precision, log_scale = deviation**-2.0, np.log(deviation).sum(axis=1)
    # (z − μ_j)² / σ_j², expanded so that it is three products of matrices: (N, N), row i a draw, column j a posterior.
    squared = drawn**2 @ precision.T - 2.0 * drawn @ (mean * precision).T + (mean**2 * precision).sum(axis=1)
    return counted_information(-0.5 * np.maximum(squared, 0.0) - log_scale)


def kernel_two_sample_test(
    a: Array, b: Array, random: np.random.RandomState, permutations: int = PERMUTATIONS
) -> tuple[float, float]:
    """Squared MMD between two samples (Gaussian kernel, median distance), and its p-value by permutation."""
    both = np.concatenate([a, b])
    squares = (both**2).sum(axis=1)
    distance = np.maximum(squares[:, None] + squares - 2.0 * both @ both.T, 0.0)
    kernel = np.exp(-distance / np.median(distance[np.triu_indices(len(both), 1)]))
    np.fill_diagonal(kernel, 0.0)
    signs = np.ones((permutations + 1, len(both)), dtype=bool)
    signs[:, len(a) :] = False
    for row in signs[1:]:
        random.shuffle(row)
    inside = signs @ kernel  # (P, n): each point's kernel sum over the first group
    first = (inside * signs).sum(axis=1)
    across = (inside * ~signs).sum(axis=1)
    second = kernel.sum() - first - 2.0 * across
    n, m = len(a), len(b)
    statistics = first / (n * (n - 1)) + second / (m * (m - 1)) - 2.0 * across / (n * m)
    return float(statistics[0]), float((statistics >= statistics[0] - 1e-15).mean())
