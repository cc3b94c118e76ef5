"""What is to be said of a model, and in which order: from plain numbers to findings, worst first.

Every place that judges a model (the terminal, the report, ``metrics.json``, the card) reads these;
:mod:`aevum.evaluation.wording` says them in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aevum.evaluation.log_evidence import FEWEST_DRAWS, MOSTLY_HEAVY, TOLERATED_SHORTFALL
from aevum.evaluation.wording import Finding, Severity

SEVERITIES: tuple[Severity, ...] = ("bad", "warning", "note", "good")
# How each of these was set, and on which data, is told in docs/evaluation.md, "Findings".
FEWEST_STEPS = 100
FALLING = 0.08
LEAST_RATE = 0.1
SURE = 2.0
CLEARLY_WORSE = 1.05
TOLERANCE, FAR_OFF = 0.02, 0.1
# Less than this nobody cares about, however sure.
LEAST_NATS = 0.02
# Fewer rows for each column, and more missing cells than this, are told; nothing is judged by them.
FEWEST_ROWS_A_COLUMN, MANY_MISSING, SHOWN = 10, 0.2, 5


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The plain numbers that findings are made of; None where one is unknown, and then nothing hangs on it.

    Args:
        latent_dim, active: dimensions of a code, and how many of them are active.
        rate: the whole KL(q ‖ p) in nats; None for a model without a prior.
        beta: the rate's weight.
        learned_sigma: whether the likelihood has a σ that was learned (None: it has none).
        epochs, steps: completed passes over the data, and steps of the optimizer.
        interrupted: whether the user ended the training.
        falling: the share of all that the loss fell by which it fell in the second half of the training,
            see ``aevum.evaluation.training.falling``.
        unexplained: ‖x − x̂‖² over ‖x − mean of the training rows‖², each a mean over rows that were not trained on.
        pca_unexplained, pca_components: the same of PCA of equal size on the same rows.
        pca_margin: by how many standard errors (of the rows' differences) the model's error exceeds PCA's.
        judged_rows, judged_on: how many rows these rest on, and which.
        laws: mean log p of such rows beside simple laws, see ``aevum.evaluation.simple.beside_laws``.
        started: whether the training began at the factor analysis of the rows.
        start_kept: whether no epoch was better than that, so that it is what the model is.
        rows, columns: of the training data, the columns being those of a table.
        missing, most_missing: the share of a table's cells that lack, the column that lacks most and its share.
        constant: the names of columns that never change; rounded: of those that change by no more than rounding.
        far, far_in: how many values lie so far off that the model learned without them, and in which columns.
        follows_prior: whether the codes of all rows look like draws from the prior.
        levels, coverage: of predictive intervals, nominal and found.
        draws, doubtful, heavy, shortfall, trusted: of log p(x): draws a row, the share of rows with too few effective
            ones, the share whose weights have too heavy a tail, the nats by which the mean is too low at least, and
            whether to trust it.
    """

    latent_dim: int | None = None
    active: int | None = None
    rate: float | None = None
    beta: float | None = None
    learned_sigma: bool | None = None
    epochs: int | None = None
    steps: int | None = None
    interrupted: bool = False
    falling: float | None = None
    unexplained: float | None = None
    pca_unexplained: float | None = None
    pca_components: int | None = None
    pca_margin: float | None = None
    judged_rows: int | None = None
    judged_on: str | None = None
    laws: Mapping[str, Any] | None = None
    started: bool | None = None
    start_kept: bool = False
    rows: int | None = None
    columns: int | None = None
    missing: float | None = None
    most_missing: tuple[str, float] | None = None
    constant: Sequence[str] = ()
    rounded: Sequence[str] = ()
    far: int = 0
    far_in: Sequence[str] = ()
    follows_prior: bool | None = None
    levels: Sequence[float] | None = None
    coverage: Sequence[float] | None = None
    draws: int | None = None
    doubtful: float | None = None
    heavy: float | None = None
    shortfall: float | None = None
    trusted: bool | None = None

    @property
    def untrained(self) -> bool:
        """Too few steps for anything to be judged but that."""
        return self.steps is not None and self.steps < FEWEST_STEPS

    @property
    def undertrained(self) -> bool:
        """Whether more training is what helps first."""
        return self.untrained or (self.falling is not None and self.falling > FALLING)

    @property
    def collapsed(self) -> bool:
        """No dimension is active, or all of them together say next to nothing about an example."""
        return self.active == 0 or (self.rate is not None and self.rate < LEAST_RATE)

    @property
    def worse_than_mean(self) -> bool:
        """One constant would do as well."""
        return self.unexplained is not None and self.unexplained >= 1.0


def findings(figures: Figures) -> tuple[Finding, ...]:
    """All that is to be said of a model, worst first.

    Where it is worth nothing, small notes on its latents are left out; "good" is said only where nothing is worse than
    a note.

    >>> [found.kind for found in findings(Figures(latent_dim=2, active=2, rate=3.0, steps=4, unexplained=1.1))]
    ['worse_than_mean', 'few_steps']
    >>> [found.kind for found in findings(Figures(latent_dim=2, active=2, rate=3.0, steps=4000, unexplained=0.3))]
    ['sound']
    """
    found = [*_of_worth(figures), *_of_training(figures), *_beside_pca(figures), *_beside_laws(figures)]
    if not any(one.severity == "bad" for one in found):
        found += [*_of_latents(figures), *_of_intervals(figures)]
    found += _of_evidence(figures)
    if figures.interrupted:
        found.append(Finding("interrupted", "note", {"epochs": figures.epochs}))
    found += _of_the_data(figures)
    if any(one.severity in ("bad", "warning") for one in found):
        found = [one for one in found if one.severity != "good"]
    else:
        found += _what_is_good(figures, found)
    return tuple(sorted(found, key=lambda one: SEVERITIES.index(one.severity)))


def _fit(figures: Figures) -> dict[str, Any]:
    """The numbers that say how well data are given back, and after how much training."""
    names = ("unexplained", "pca_unexplained", "pca_components", "judged_rows", "judged_on", "steps", "epochs")
    numbers, law = {name: getattr(figures, name) for name in names}, best_law(figures.laws)
    if law is not None and figures.laws is not None:
        numbers |= {"nats": figures.laws["nats"], "law": law["name"], "law_nats": law["nats"]}
    return numbers


def _of_worth(figures: Figures) -> list[Finding]:
    """What makes a model worthless, one finding for one fault: a collapsed model gives back the mean too."""
    numbers = {**_fit(figures), "latent_dim": figures.latent_dim, "active": figures.active, "rate": figures.rate,
               "beta": figures.beta}  # fmt: skip
    if figures.collapsed and figures.start_kept and not figures.untrained:
        return [Finding("no_dependence", "warning", numbers, "more_rows")]
    if figures.collapsed and not figures.untrained:
        remedy = "use_the_code" if figures.rate is not None else "vary_the_code"
        return [Finding("collapsed", "bad", numbers, "train_longer" if figures.undertrained else remedy)]
    if figures.worse_than_mean:
        # Where there were too few steps, the finding that says so has the remedy.
        remedy = "" if figures.untrained else "train_longer" if figures.undertrained else "fit_the_data"
        return [Finding("worse_than_mean", "bad", numbers, remedy)]
    return []


def _of_training(figures: Figures) -> list[Finding]:
    numbers = {**_fit(figures), "falling": figures.falling, "rate": figures.rate, "enough": FEWEST_STEPS}
    if figures.untrained:  # at worst it is still the linear model that it began as
        return [Finding("few_steps", "warning" if figures.started else "bad", numbers, "train_longer")]
    # Of a model without worth it is part of the remedy.
    if figures.undertrained and not (figures.collapsed or figures.worse_than_mean):
        return [Finding("still_falling", "warning", numbers, "train_longer")]
    return []


def _beside_pca(figures: Figures) -> list[Finding]:
    """Against PCA, where neither the mean nor the number of steps says more; a kept start is a linear model itself."""
    ours, pca = figures.unexplained, figures.pca_unexplained
    if figures.start_kept and not (figures.untrained or figures.collapsed):
        return [Finding("start_kept", "note", _fit(figures), "more_than_linear")]
    if ours is None or pca is None or figures.collapsed or figures.worse_than_mean or figures.untrained:
        return []
    worse = ours > CLEARLY_WORSE * pca and (figures.pca_margin or 0.0) > SURE
    # A tie is what a linear model of linear data gives; fewer than two errors apart is a tie.
    if ours < pca and (figures.pca_margin is None or figures.pca_margin < -SURE):
        return []
    remedy = "fit_the_data"
    if figures.undertrained:
        remedy = "train_longer"
    elif (figures.beta or 0.0) > 1.0:
        remedy = "lower_beta"
    numbers = {**_fit(figures), "beta": figures.beta, "pca_margin": figures.pca_margin}
    if worse:  # where x is as likely as under any simple law, codes that say less of a row are no fault
        law = best_law(figures.laws)
        as_likely = law is not None and law["ahead"] > -SURE * law["error"]
        return [Finding("worse_than_pca", "note" if as_likely else "warning", numbers, remedy)]
    return [Finding("like_pca", "note", numbers, remedy if figures.undertrained else "")]


def best_law(laws: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The simple law of the highest log p; None where none was looked at."""
    found: Sequence[Mapping[str, Any]] = (laws or {}).get("laws", ())
    return max(found, key=lambda law: law["nats"], default=None)


def _beside_laws(figures: Figures) -> list[Finding]:
    """Where a law in closed form gives held-out rows a higher density, and by more than chance."""
    law = best_law(figures.laws)
    if law is None or figures.laws is None or figures.untrained or figures.collapsed:
        return []
    if not law["ahead"] < min(-SURE * law["error"], -LEAST_NATS):
        return []
    remedy = "train_longer" if figures.undertrained else "lower_beta" if (figures.beta or 0.0) > 1.0 else "more_rows"
    numbers = {"nats": figures.laws["nats"], "law": law["name"], "law_nats": law["nats"], "error": law["error"],
               "law_rows": figures.laws["rows"], "beta": figures.beta}  # fmt: skip
    return [Finding("worse_than_a_law", "warning", numbers, remedy)]


def _of_the_data(figures: Figures) -> list[Finding]:
    """What of the rows themselves holds a model back."""
    rows, columns = figures.rows, figures.columns
    found: list[Finding] = []
    if rows is not None and columns is not None and rows < FEWEST_ROWS_A_COLUMN * columns:
        found.append(Finding("few_rows", "note", {"rows": rows, "columns": columns}, "more_rows"))
    if (figures.missing or 0.0) > MANY_MISSING and figures.most_missing is not None:
        name, share = figures.most_missing
        numbers = {"missing": figures.missing, "name": name, "share": share}
        found.append(Finding("many_missing", "note", numbers, "leave_out"))
    for kind, names in (("constant_columns", figures.constant), ("rounded_columns", figures.rounded)):
        if names:
            found.append(Finding(kind, "note", {"count": len(names), "names": list(names[:SHOWN])}))
    if figures.far:
        shown = list(figures.far_in[:SHOWN])
        found.append(Finding("far_values", "note", {"count": figures.far, "names": shown}, "mend_them"))
    return found


def _of_latents(figures: Figures) -> list[Finding]:
    active, width = figures.active, figures.latent_dim
    found = []
    if active is not None and width is not None and 0 < active < width:
        numbers = {"active": active, "latent_dim": width, "rate": figures.rate}
        found.append(Finding("unused_latents", "note", numbers, "train_longer" if figures.undertrained else ""))
    if figures.follows_prior is False:
        found.append(Finding("off_the_prior", "note", {}, "train_longer" if figures.undertrained else "higher_beta"))
    return found


def _of_intervals(figures: Figures) -> list[Finding]:
    """One verdict on the intervals: too narrow, too wide, or of the wrong shape."""
    if figures.levels is None or figures.coverage is None:
        return []
    off = {level: found - level for level, found in zip(figures.levels, figures.coverage, strict=True)}
    worst = max(off, key=lambda level: abs(off[level]))
    numbers = {"level": worst, "coverage": worst + off[worst], "worst": abs(off[worst])}
    if abs(off[worst]) <= TOLERANCE:
        return [Finding("calibrated", "good", numbers)]
    wide = [level for level in off if off[level] > TOLERANCE]
    # Far out a point is much: an interval of 99.73 % that holds 98 % lets seven times too many values out.
    narrow = [level for level in off if off[level] < -TOLERANCE or (level >= 0.95 and off[level] < level - 1.0)]
    severity: Severity = "warning" if abs(off[worst]) > FAR_OFF else "note"
    if wide and narrow:
        middle, tail = max(wide, key=off.__getitem__), max(narrow)
        numbers = {"level": middle, "coverage": middle + off[middle], "tail": tail, "tail_coverage": tail + off[tail],
                   "worst": abs(off[worst])}  # fmt: skip
        kind = "intervals_of_wrong_shape" if tail > middle else "intervals_too_wide"
        return [Finding(kind, severity, numbers, _for_shape(figures))]
    if wide:
        return [Finding("intervals_too_wide", severity, numbers, _for_shape(figures))]
    remedy = "train_longer" if figures.undertrained else "fewer_epochs"
    return [Finding("intervals_too_narrow", severity, numbers, remedy)]


def _for_shape(figures: Figures) -> str:
    return "train_longer" if figures.undertrained else "sigma_that_differs"


def _of_evidence(figures: Figures) -> list[Finding]:
    numbers = {"draws": figures.draws, "doubtful": figures.doubtful, "shortfall": figures.shortfall}
    if figures.draws is not None and figures.draws < FEWEST_DRAWS:
        return [Finding("bound_only", "note", numbers, "more_draws")]
    if figures.trusted is False:
        # The same draws that miss the tail's weights tell of no shortfall.
        if figures.heavy is not None and (figures.shortfall or 0.0) <= TOLERATED_SHORTFALL:
            severity: Severity = "warning" if figures.heavy > MOSTLY_HEAVY else "note"
            return [Finding("heavy_tailed_evidence", severity, {**numbers, "heavy": figures.heavy}, "same_draws")]
        return [Finding("doubtful_evidence", "warning", numbers, "more_draws")]
    return []


def _what_is_good(figures: Figures, others: Sequence[Finding]) -> list[Finding]:
    """That the latents are in use and the data are given back; nothing where another finding says so of the latents."""
    if figures.active is None or any(one.kind in ("unused_latents", "like_pca", "start_kept") for one in others):
        return []
    numbers = {**_fit(figures), "active": figures.active, "latent_dim": figures.latent_dim, "rate": figures.rate}
    return [Finding("sound", "good", numbers)]
