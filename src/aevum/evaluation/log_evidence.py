"""How likely are these data under the model: log p(x), its bound, and how far to trust the estimate."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from aevum.errors import EstimateWarning
from aevum.estimators import LatentVariableEstimator
from aevum.evaluation.requirements import require_density, require_finite
from aevum.numerals import number, percent, rough
from aevum.typing import Labels, Rows

Array = NDArray[Any]
# A row whose estimate rests on fewer effective draws than this has a standard error of about half a nat or more; the
# delta method that says so breaks down soon below it.
FEWEST_EFFECTIVE = 5.0
TOLERATED_SHORTFALL = 0.1
# Above 0.7 no feasible number of draws gives the weights' mean; k̂ is an estimate, so that some rows may lie above.
HEAVY, TOLERATED_HEAVY = 0.7, 0.1
# Of a posterior that fits well enough for most rows one is told (`trusted`), but not warned.
MOSTLY_HEAVY = 0.5
# With fewer draws than this the delta method says nothing: the estimate is a bound L_K, and not taken for log p(x).
FEWEST_DRAWS = 50


@dataclass(frozen=True)
class Evidence:
    r"""The importance-sampled evidence of N rows, in nats and in the data's units.

    .. math:: \log p(x) \approx \log \tfrac1K \sum_k w_k = \mathrm{ELBO} + \mathrm{gap}, \qquad
              -\mathrm{ELBO} = \text{distortion} + \text{rate}, \qquad
              \mathrm{gap} \approx \mathrm{KL}(q(z|x)\,\|\,p(z|x)).

    Attributes:
        k: K, the draws of z for each row.
        log_evidence: ``(N,)``, biased downwards by about half the squared standard error.
        standard_error: ``(N,)``, the Monte Carlo error of each row's estimate, √(1/ESS − 1/K) (the delta method); NaN
            for a single draw, which tells nothing of its error.
        effective_sample_size: ``(N,)``, (Σ w)²/Σ w², from 1 to K.
        bound_error: ``(N,)``, the Monte Carlo error of each row's −(distortion + rate); NaN for a single draw.
        distortion: ``(N,)``, E_q[−log p(x|z)] over the K draws.
        rate: ``(N,)``, KL(q(z|x) ‖ p(z)).
        pareto_k: ``(N,)``, the tail index of each row's weights (:func:`~aevum.objectives.pareto_shape`); NaN below 25
            draws. A posterior that is too narrow shows here and not in the effective sample size.
        key: ``(N,)``, what a row's draws are a function of: equal rows share theirs.
        dimensions: number of values in one x.
        units: what the nats are of.
    """

    k: int
    log_evidence: Array
    standard_error: Array
    effective_sample_size: Array
    bound_error: Array
    distortion: Array
    rate: Array
    pareto_k: Array
    key: NDArray[np.uint64]
    dimensions: int
    units: str

    @property
    def mean(self) -> float:
        """The mean log p(x) of the rows."""
        return float(self.log_evidence.mean())

    @property
    def mean_standard_error(self) -> float:
        """Monte Carlo error of :attr:`mean`: what another set of draws of z would change, for these rows.

        Equal rows share their draws and so their error: (Σ over distinct rows of (Σ over their copies)²)^½ / N.
        """
        return self._error_of_mean(self.standard_error)

    @property
    def sampling_error(self) -> float:
        """Standard error of :attr:`mean` as an estimate for all data like these: what other rows would change.

        Equal rows count as often as they are there: whether they are copies or found alike, only their owner knows.
        """
        rows = len(self.log_evidence)
        return float(self.log_evidence.std(ddof=1) / math.sqrt(rows)) if rows > 1 else math.nan

    @property
    def elbo(self) -> float:
        """The mean ELBO, −(distortion + rate): of the same draws as :attr:`mean`, and so never above it."""
        return -float((self.distortion + self.rate).mean())

    @property
    def elbo_error(self) -> float:
        """Monte Carlo error of :attr:`elbo`, which is a plain mean and so less certain than :attr:`mean` may be."""
        return self._error_of_mean(self.bound_error)

    def _error_of_mean(self, errors: Array) -> float:
        together = np.bincount(np.unique(self.key, return_inverse=True)[1], weights=errors)
        return float(np.sqrt(np.square(together).sum()) / len(errors))

    @property
    def gap(self) -> float:
        """log p(x) − ELBO, the mean KL between the posterior and the true one, as far as the estimate goes."""
        return self.mean - self.elbo

    @property
    def bits_per_dim(self) -> float:
        """−log₂ p(x) for each value of x."""
        return -self.mean / (math.log(2.0) * self.dimensions)

    @property
    def doubtful(self) -> float:
        """Share of the rows with fewer than five effective draws, whose estimate is likely too low."""
        return float((self.effective_sample_size < FEWEST_EFFECTIVE).mean())

    @property
    def shortfall(self) -> float:
        """By about how much :attr:`mean` is too low, ½ mean(standard error²), in nats.

        A rough guide: the delta method's errors never exceed 1, so where few draws count the true shortfall may be
        many nats.
        """
        return float(0.5 * np.square(self.standard_error).mean())

    @property
    def heavy(self) -> float:
        """Share of the rows whose k̂ is above min(1 − 1/log₁₀ K, 0.7): their draws miss weights that count."""
        return float((self.pareto_k > self.tail_limit).mean())

    @property
    def tail_limit(self) -> float:
        """The highest k̂ at which K draws give the mean, min(1 − 1/log₁₀ K, 0.7): 0.41 of 50 draws, 0.7 from 2,155 on.

        NaN for a single draw. Source: *Pareto smoothed importance sampling*, A. Vehtari et al., JMLR 2024.
        """
        return min(1.0 - 1.0 / math.log10(self.k), HEAVY) if self.k > 1 else math.nan

    @property
    def trusted(self) -> bool:
        """Whether there are 50 draws or more, and :attr:`shortfall` (in nats) and :attr:`heavy` are at most a tenth."""
        return self.k >= FEWEST_DRAWS and self.shortfall <= TOLERATED_SHORTFALL and self.heavy <= TOLERATED_HEAVY

    @property
    def figures(self) -> dict[str, Any]:
        """What it gives to :class:`~aevum.evaluation.findings.Figures`."""
        return {"draws": self.k, "doubtful": self.doubtful, "heavy": self.heavy, "shortfall": self.shortfall,
                "trusted": self.trusted}  # fmt: skip

    def __str__(self) -> str:
        rows = len(self.log_evidence)
        of_rows = f" ± {rough(self.sampling_error)} (rows)" if rows > 1 else ""
        return (
            f"log p(x) {self.mean:.2f} ± {rough(self.mean_standard_error)} (draws){of_rows} nats (k = {self.k:,}, "
            f"{rows:,} row{'s' * (rows != 1)}), {number(self.bits_per_dim)} bits/dim; ELBO {self.elbo:.2f} = "
            f"−(distortion {self.distortion.mean():.2f} + rate {self.rate.mean():.2f}), gap {self.gap:.2f}"
            f"{self._doubts}"
        )

    @property
    def _doubts(self) -> str:
        """What keeps the estimate from being trusted; nothing where it is."""
        if self.trusted:
            return ""
        if self.k < FEWEST_DRAWS:
            return f"; a lower bound: fewer than {FEWEST_DRAWS} draws"
        if self.shortfall > TOLERATED_SHORTFALL:
            return f"; a lower bound: too low by about {rough(self.shortfall)} nats, or by much more"
        return f"; a lower bound: in {percent(self.heavy)} of the rows the draws miss weights that count"

    def to_dict(self) -> dict[str, Any]:
        """The means and what they rest on, as plain numbers."""
        size = self.effective_sample_size
        return {
            "rows": len(self.log_evidence),
            "k": self.k,
            "log_evidence": self.mean,
            "monte_carlo_error": self.mean_standard_error,
            "sampling_error": self.sampling_error,
            "bits_per_dim": self.bits_per_dim,
            "elbo": self.elbo,
            "distortion": float(self.distortion.mean()),
            "rate": float(self.rate.mean()),
            "gap": self.gap,
            "effective_sample_size": {
                "median": float(np.median(size)),
                "lowest": float(size.min()),
                "doubtful_share": self.doubtful,
            },
            "pareto_k": {"median": float(np.median(self.pareto_k)), "heavy_share": self.heavy},
            "elbo_error": self.elbo_error,
            "shortfall": self.shortfall,
            "trusted": self.trusted,
            "units": self.units,
        }


def evidence(
    model: LatentVariableEstimator,
    X: Rows,
    y: Labels | None = None,
    *,
    k: int = 5000,
    chunk: int | None = None,
    precision: str = "auto",
    random_state: int = 0,
) -> Evidence:
    """log p(x) of each row by importance sampling from the posterior, beside the ELBO and its parts.

    The draws are a function of (random_state, row), so the same call gives the same numbers, whatever the order of the
    rows and the size of the chunks (but for rounding).

    Args:
        model: a fitted estimator with a density.
        X: rows as for ``fit``.
        y: labels or vectors, for a conditional model: log p(x|y).
        k: K, draws of z for each row; exactly as many are used.
        chunk: draws (of all rows together) that are decoded at once, which bounds the memory to about ``chunk`` times
            the size of one x; None for what suits the device.
        precision: "auto" (bfloat16 products where the processor gains, corrected by a few draws in float32), "float32"
            or "bfloat16".
        random_state: an integer.

    Returns:
        An :class:`Evidence`.

    Raises:
        InputError: an auto-encoder (it has no density), k or chunk below 1, labels missing for a conditional model,
            rows that don't fit the model.

    Warns:
        EstimateWarning: so many rows rest on so few effective draws that the mean is too low by over 0.1 nats, or the
            weights' tails in most rows so heavy that nobody can tell by how much.

    Source: *Importance weighted autoencoders*, Y. Burda, R. Grosse, R. Salakhutdinov, ICLR 2016 (the estimate);
    *On the quantitative analysis of decoder-based generative models*, Y. Wu et al., ICLR 2017 (its limits).

    Example:
        >>> from aevum import VAE, open_data
        >>> from aevum.evaluation import evidence
        >>> digits = open_data("digits")
        >>> vae = VAE(latent_dim=2, epochs=5, random_state=0).fit(digits)
        >>> found = evidence(vae, digits.x[:50], k=200)
        >>> bool(found.elbo < found.mean), bool(abs(found.elbo + found.distortion.mean() + found.rate.mean()) < 1e-9)
        (True, True)
    """
    require_density(model)
    found = model.importance_sample(X, y, k=k, chunk=chunk, precision=precision, random_state=random_state)
    require_finite(found.log_evidence, "log p(x)")
    if k == 1:
        unknown = np.full_like(found.standard_error, np.nan)
        found = found._replace(standard_error=unknown, bound_error=unknown)
    made = Evidence(k=k, dimensions=math.prod(model.parts_.event), units=units_of(model), **found._asdict())
    warn_of_few_draws(made)
    return made


def units_of(model: LatentVariableEstimator) -> str:
    """What log p(x) of this model is measured in."""
    likelihood, given = model.likelihood_, ", given y" if model.conditional else ""
    if model.conditional and not model.needs_y:
        given += " where it is known"
    if likelihood.continuous:
        return f"nats, of a density in the data's units (it may be positive){given}"
    if likelihood.binarize == "soft":
        return f"nats, of a cross-entropy of grey levels, which is not a density{given}"
    if likelihood.binarize:
        return f"nats, of the probability of a binary image drawn from the grey levels{given}"
    return f"nats, of a probability{given}"


def warn_of_few_draws(found: Evidence) -> None:
    """Say where the estimate can't be trusted; with few draws nobody took it for more than a bound."""
    if found.trusted or found.k < FEWEST_DRAWS:
        return
    if found.shortfall <= TOLERATED_SHORTFALL and found.heavy <= MOSTLY_HEAVY:
        return
    if found.shortfall <= TOLERATED_SHORTFALL:
        warnings.warn(
            f"log p(x) is too low by an unknown amount: in {percent(found.heavy)} of the rows the weights' tail is so "
            f"heavy (Pareto k̂ of {number(float(np.median(found.pareto_k)))} in the median, up to "
            f"{number(float(found.pareto_k.max()))}; {found.k:,} draws bear {number(found.tail_limit)}) that they miss "
            f"what counts: the posterior is too narrow. It is a lower bound all the same; raise k to see how far it "
            f"still moves, and compare models at the same k",
            EstimateWarning,
            stacklevel=3,
        )
        return
    doubtful = round(found.doubtful * len(found.log_evidence))
    warnings.warn(
        f"log p(x) of {doubtful:,} of {len(found.log_evidence):,} rows rests on fewer than 5 effective draws of "
        f"{found.k:,}, so the mean is too low, by about {rough(found.shortfall)} nats or by much more. Raise k, or "
        f"train longer: the posterior misses much of where p(z|x) lies",
        EstimateWarning,
        stacklevel=3,
    )
