"""Are samples copies of training rows? Their nearest training rows against those of rows that weren't trained on."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy import stats

from aevum.errors import InputError
from aevum.estimators.inputs import whole_number
from aevum.evaluation.neighbours import nearest_rows
from aevum.evaluation.rows import Floats, feature_pair
from aevum.numerals import rough

_SUSPICIOUS = 0.01


@dataclass(frozen=True)
class Memorisation:
    """Whether samples are closer to training rows than unseen rows are; ``print`` gives the verdict in words.

    Args:
        generated_rows: number of samples.
        held_out_rows: number of unseen rows.
        copied: share of samples that are closer to a training row than the share ``quantile`` of held-out rows are.
        expected: what ``copied`` is on average for fresh draws of the data's distribution.
        copied_p: probability of so large a share for fresh draws (exact, hypergeometric): finds a few copies.
        auc: probability that a sample is closer to its nearest training row than a held-out row is to its own.
        z: the rank test's score; well below 0 (Meehan et al. speak of −5) where samples are too close.
        rank_p: the rank test's one-sided probability (Mann–Whitney): finds that samples as a whole are too close.
        quantile: as given.
        held_out_copies: share of the held-out rows that are training rows themselves.
        samples: indices of the samples nearest to training rows, nearest first.
        neighbours: the index of the nearest training row of each of them.
        distances: their distances.
    """

    generated_rows: int
    held_out_rows: int
    copied: float
    expected: float
    copied_p: float
    auc: float
    z: float
    rank_p: float
    quantile: float
    held_out_copies: float
    samples: tuple[int, ...]
    neighbours: tuple[int, ...]
    distances: tuple[float, ...]

    @property
    def p_value(self) -> float:
        """Both tests in one: twice the smaller probability, at most 1 (Bonferroni)."""
        return min(1.0, 2 * min(self.copied_p, self.rank_p))

    @property
    def conclusive(self) -> bool:
        """Whether samples that all are copies would be suspicious: two or three rows can't tell."""
        m, n = self.generated_rows, self.held_out_rows
        orders = math.lgamma(m + n + 1) - math.lgamma(m + 1) - math.lgamma(n + 1)
        return orders > math.log(2.0 / _SUSPICIOUS)

    @property
    def suspicious(self) -> bool:
        """Fresh draws would look like this in less than one of a hundred cases."""
        return self.p_value < _SUSPICIOUS

    def to_dict(self) -> dict[str, Any]:
        """The fields and the verdict as plain values."""
        verdict = {"p_value": self.p_value, "suspicious": self.suspicious, "conclusive": self.conclusive}
        return {**asdict(self), **verdict}

    def __str__(self) -> str:
        if self.held_out_copies > 0.5:
            return (
                f"The test can't tell: {self.held_out_copies:.1%} of the held-out rows are training rows; hold rows out"
                f" that weren't trained on"
            )
        if not self.conclusive:
            return (
                f"The test can't tell: with {self.generated_rows:,} samples and {self.held_out_rows:,} held-out rows"
                f" copies look like chance; take more of both"
            )
        found = (
            f"{self.copied:.1%} of {self.generated_rows:,} samples are closer to a training row than"
            f" {100 * self.quantile:g}% of {self.held_out_rows:,} held-out rows are ({self.expected:.1%} expected);"
            f" AUC {self.auc:.3f}, z {self.z:.1f}, p {rough(self.p_value)}"
        ).replace(" -", " −")
        if not self.suspicious:
            return f"No sign of memorised samples: {found}"
        return f"Samples are too close to training rows, memorised or smoother than the data (compare pairs): {found}"


def memorisation(
    train: object, generated: object, held_out: object, *, quantile: float = 0.99, most: int = 16
) -> Memorisation:
    r"""Test whether samples are closer to the training rows than rows that weren't trained on.

    With :math:`d(x) = \min_i \lVert x - t_i\rVert` over the training rows, fresh draws and held-out rows have the
    same distribution of d. The rank test compares both as a whole:

    .. math:: \text{auc} = P(d(y) < d(h)) + \tfrac12 P(d(y) = d(h)), \qquad
              z = \frac{\tfrac12 - \text{auc}}{\sigma}

    with σ its deviation for fresh draws, ties considered; the share ``copied`` finds copies among good samples.

    Samples that are smoother than the data (means of a decoder, blurred images) also lie too close to everything; the
    pairs ``samples`` and ``neighbours``, plotted side by side, tell that from copies.

    Args:
        train: features of the rows that the model was trained on, ``(T, F)``; further axes are flattened.
        generated: y, features of samples, ``(M, F)``.
        held_out: h, features of rows of the same distribution that the model hasn't seen, ``(H, F)``.
        quantile: the share of held-out rows that must be farther away before a sample counts as copied; nearer to 1
            it finds fewer copies among many samples, if no held-out row is nearly a training row.
        most: how many of the nearest samples to report.

    Raises:
        InputError: no row in one of the sets, different numbers of features,
            values that aren't finite, a quantile outside of 0 to 1.

    Source: *A non-parametric test to detect data-copying in generative models*, C. Meehan, K. Chaudhuri, S. Dasgupta,
    AISTATS 2020; here without their partition of the space into cells.

    >>> rng = np.random.default_rng(0)
    >>> train, fresh, unseen = rng.normal(size=(3, 200, 4))
    >>> memorisation(train, fresh, unseen).suspicious, memorisation(train, train + 0.01, unseen).suspicious
    (False, True)
    """
    if not isinstance(quantile, (int, float)) or not 0 < quantile < 1:
        raise InputError(f"quantile must be a number between 0 and 1, got {quantile!r}")
    shown = whole_number("most", most, 0)
    t, y = feature_pair(train, generated, 1, ("train", "generated"))
    t, h = feature_pair(t, held_out, 1, ("train", "held_out"))
    index, near = nearest_rows(y, t)
    _, far = nearest_rows(h, t)
    auc, z, rank_p = _rank_test(near, far)
    copied, expected, copied_p = _tail_test(near, far, quantile)
    first = np.argsort(near, kind="stable")[:shown]
    return Memorisation(
        generated_rows=len(y),
        held_out_rows=len(h),
        copied=copied,
        expected=expected,
        copied_p=copied_p,
        auc=auc,
        z=z,
        rank_p=rank_p,
        quantile=float(quantile),
        held_out_copies=float((far == 0).mean()),
        samples=tuple(first.tolist()),
        neighbours=tuple(index[first].tolist()),
        distances=tuple(near[first].tolist()),
    )


def _rank_test(near: Floats, far: Floats) -> tuple[float, float, float]:
    """The AUC, z and one-sided p of ``near`` being stochastically smaller than ``far``."""
    test = stats.mannwhitneyu(near, far, alternative="less")
    m, n = len(near), len(far)
    auc = 1 - float(test.statistic) / (m * n)
    _, ties = np.unique(np.concatenate([near, far]), return_counts=True)
    total = m + n
    tied = float((ties.astype(np.float64) ** 3 - ties).sum()) / (total * (total - 1))
    sigma = math.sqrt(max(0.0, (total + 1 - tied) / (12 * m * n)))
    return auc, (0.5 - auc) / sigma if sigma else 0.0, float(test.pvalue)


def _tail_test(near: Floats, far: Floats, quantile: float) -> tuple[float, float, float]:
    """The share of ``near`` below all but a few of ``far``, its expectation, and the probability of so many.

    Let a of the n held-out rows be at most as far as a copy. For fresh draws all orders of both sets together are
    equally likely, so that c samples are below the (a + 1)-th held-out row exactly if of the c + a smallest at most a
    are held out: a hypergeometric probability, and (a + 1) / (n + 1) on average.
    """
    m, n = len(near), len(far)
    allowed = math.floor((1 - quantile) * n + 1e-9)
    count = int((near < np.sort(far)[allowed]).sum())
    p = float(stats.hypergeom.cdf(allowed, m + n, n, count + allowed)) if count else 1.0
    return count / m, (allowed + 1) / (n + 1), p
