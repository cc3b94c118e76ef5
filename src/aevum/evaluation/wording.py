"""A finding, and its words: one title and a sentence or three for each kind, and what to try for each remedy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aevum.numerals import number, percent, rough

Numbers = Mapping[str, Any]
Severity = Literal["bad", "warning", "note", "good"]
REMEDIES = {
    "": "",
    "train_longer": "Train longer: more epochs, or smaller batches, which make more steps of an epoch.",
    "use_the_code": "Try a lower beta{beta}, more epochs, a Gaussian with a learned σ, or a smaller decoder.",
    "vary_the_code": "Try more epochs, a lower learning_rate, or scaled data.",
    "fit_the_data": "Try a larger network (hidden), more latents or more data.",
    "lower_beta": "Try a lower beta{beta}: it makes the code say less than the data would need.",
    "higher_beta": "A higher beta or more data closes the gap.",
    "sigma_that_differs": "Try 'gaussian:per-feature' or 'gaussian:emitted', whose σ can differ between values.",
    "fewer_epochs": "The model is surer than it should be on rows that it has not seen; try fewer epochs or more data.",
    "more_rows": "More rows help most; fewer columns, fewer latents or a smaller network (hidden) ask for fewer.",
    "more_than_linear": "More rows let it tell more than linear dependence, if there is more; PCA or a Gaussian is "
    "simpler if there isn't.",
    "leave_out": "Leave out columns and rows that are nearly empty, or say why cells lack (missingness=).",
    "mend_them": "Mend them, or leave them empty if they stand for no value.",
    "same_draws": "Raise k to see how far it still moves, and compare models at the same k.",
    "more_draws": "Raise k: an estimate takes 50 draws, and many more of a posterior that fits badly.",
}


@dataclass(frozen=True)
class Finding:
    """One thing to say of a model.

    Args:
        kind: what was found, such as "worse_than_mean".
        severity: "bad" where the model is worth nothing as it is, "warning" where something about it is clearly worse
            than it could be, "note" where a reader should know it, "good" where nothing of the kind was found.
        numbers: what it rests on, each a plain number (or None).
        remedy: what to try, such as "train_longer"; empty where there is nothing to do.

    ``print`` gives it in words.
    """

    kind: str
    severity: Severity
    numbers: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""

    def __str__(self) -> str:
        return said(self)

    def to_dict(self) -> dict[str, Any]:
        """Plain values, and the words."""
        return {"kind": self.kind, "severity": self.severity, "numbers": dict(self.numbers), "remedy": self.remedy,
                "title": title_of(self), "text": text_of(self)}  # fmt: skip

    @classmethod
    def from_dict(cls, found: Mapping[str, Any]) -> Finding:
        """What :meth:`to_dict` made, without its words."""
        return cls(found["kind"], found["severity"], dict(found["numbers"]), found["remedy"])


def title_of(found: Finding) -> str:
    """A few words."""
    title = _TITLES[found.kind]
    return title if isinstance(title, str) else title(found.numbers)


def text_of(found: Finding) -> str:
    """What was found and what to try, in full sentences."""
    return " ".join(part for part in (_TEXTS[found.kind](found.numbers), remedy_of(found)) if part)


def remedy_of(found: Finding) -> str:
    """What to try; empty where there is nothing to do."""
    beta = found.numbers.get("beta")
    return REMEDIES[found.remedy].format(beta="" if beta is None else f" (now {beta:g})")


def said(found: Finding) -> str:
    """Title and text in one line, for a terminal.

    >>> from aevum.evaluation.wording import Finding
    >>> print(said(Finding("interrupted", "note", {"epochs": 3})))
    Interrupted: Training was ended after 3 epochs; the best weights until then were kept.
    """
    return f"{title_of(found)}: {text_of(found)}"


def counted(count: int, what: str) -> str:
    """``1 step``, ``2 steps``."""
    return f"{number(count)} {what}{'' if count == 1 else 's'}"


def _left(n: Numbers) -> str:
    """How much of the data reconstructions miss, beside what PCA does; empty where nobody measured it."""
    if n.get("unexplained") is None:
        return ""
    text = f"Reconstructions leave {percent(n['unexplained'])} of the variance unexplained"
    if n["unexplained"] >= 1.0:
        text += ", where the mean alone leaves 100 %"
    if n.get("pca_unexplained") is not None:
        joined = " and" if n["unexplained"] >= 1.0 else ";"
        text += f"{joined} PCA with {counted(n['pca_components'], 'component')} leaves {percent(n['pca_unexplained'])}"
    if n.get("judged_rows") is None:
        return f"{text}."
    of = f" of {n['judged_on']}" if n.get("judged_on") else ""
    return f"{text} ({number(n['judged_rows'])} rows{of})."


def _with_density(n: Numbers) -> str:
    """The same, and log p beside the best of the simple laws, where they were looked at."""
    if n.get("law") is None:
        return _left(n)
    return f"{_left(n)} {_density(n)}".strip()


def _density(n: Numbers) -> str:
    return f"log p(x) is {number(n['nats'], 'nats')} a row, that of {_law(n['law'])} {number(n['law_nats'])}."


def _law(name: str) -> str:
    return f"a {name}" if name == "Gaussian" else name


def _worse_than_mean(n: Numbers) -> str:
    return f"One constant for all rows would be nearer to the data. {_left(n)}"


def _collapsed(n: Numbers) -> str:
    if n.get("rate") is None:
        return f"No latent dimension is active, so all reconstructions are alike. {_left(n)}".strip()
    if n["active"] == 0:
        text = f"None of the {n['latent_dim']} latent dimensions is active"
    else:
        text = f"All {n['latent_dim']} latent dimensions together tell {rough(n['rate'], 'nats')} about an example"
    return f"{text}: the decoder ignores z, and all samples are alike. {_left(n)}".strip()


def _few_steps(n: Numbers) -> str:
    parts = [f"Under {n['enough']} steps no model has come far, whatever else is right, so other numbers say little."]
    if (n.get("unexplained") or 0.0) < 1.0:  # else it is the first thing that was said
        parts.append(_left(n))
    if n.get("rate") is not None:
        parts.append(f"The code tells {rough(n['rate'], 'nats')} about an example.")
    return " ".join(part for part in parts if part)


def _still_falling(n: Numbers) -> str:
    length = f"{counted(n['epochs'], 'epoch')} ({counted(n['steps'], 'step')})"
    text = f"{percent(n['falling'])} of its whole fall came in the second half of {length}, so it has further to go."
    return f"{text} {_left(n)}".strip()


def _worse_than_a_law(n: Numbers) -> str:
    return f"{_density(n)} ({number(n['law_rows'])} held-out rows; the difference is sure to ± {rough(n['error'])}.)"


def _start_kept(n: Numbers) -> str:
    text = f"It began at the factor analysis of the rows, and none of {counted(n['epochs'] or 0, 'epoch')} gave rows "
    text += "held out from training a clearly higher density, so that it still is that linear model, in closed form."
    return f"{text} {_with_density(n)}".strip()


def _names(n: Numbers) -> str:
    more = n["count"] - len(n["names"])
    return ", ".join(map(str, n["names"])) + (f" and {more:,} more" if more > 0 else "")


def _far_values(n: Numbers) -> str:
    found = f"{counted(n['count'], 'value')} {'lies' if n['count'] == 1 else 'lie'} so far from the others as none "
    return f"{found}that was measured does ({', '.join(map(str, n['names']))}); the model learned without."


def _unused(n: Numbers) -> str:
    what = "carries nothing about the data and costs nothing" if n.get("rate") is not None else "does not vary"
    return f"The rest of the code {what}: latent_dim={n['active']} would do."


def _level(level: float) -> str:
    return f"{100 * level:g} %"


def _interval(n: Numbers) -> str:
    return f"The {_level(n['level'])} interval holds {100 * n['coverage']:.1f} % of the values."


def _shape(n: Numbers) -> str:
    middle, tail = (f"{100 * n[name]:.1f} %" for name in ("coverage", "tail_coverage"))
    return (
        f"The {_level(n['level'])} interval holds {middle} of the values, that of {_level(n['tail'])} holds {tail}: "
        f"deviations are of several sizes, and one σ stands for all."
    )


def _doubtful(n: Numbers) -> str:
    return (
        f"{percent(n['doubtful'])} of the rows have too few effective draws, so the mean is too low, by about "
        f"{rough(n['shortfall'], 'nats')} or by much more."
    )


def _heavy_tailed(n: Numbers) -> str:
    return (
        f"In {percent(n['heavy'])} of the rows the posterior is so narrow that its draws miss what counts (Pareto k̂), "
        f"and the mean is too low by an amount that they can't tell."
    )


def _active(n: Numbers) -> str:
    return f"{n['active']} of {n['latent_dim']} latent dimensions {'is' if n['active'] == 1 else 'are'} active"


_TITLES: dict[str, str | Callable[[Numbers], str]] = {
    "worse_than_mean": "Worse than the mean of the training data",
    "collapsed": lambda n: "The codes do not vary" if n.get("rate") is None else "Posterior collapse",
    "few_steps": lambda n: f"Hardly trained: {counted(n['steps'], 'step')} of the optimizer",
    "still_falling": "The loss was still falling",
    "worse_than_pca": "PCA gives rows back better",
    "like_pca": "No better than PCA",
    "worse_than_a_law": lambda n: f"{_law(n['law'])[:1].upper()}{_law(n['law'])[1:]} fits better",
    "start_kept": "As good as a linear model",
    "no_dependence": "The columns know nothing of each other",
    "few_rows": lambda n: f"{counted(n['rows'], 'row')} for {counted(n['columns'], 'column')}",
    "many_missing": lambda n: f"{percent(n['missing'])} of the cells are missing",
    "constant_columns": lambda n: f"{counted(n['count'], 'column')} never change{'s' * (n['count'] == 1)}",
    "rounded_columns": lambda n: f"{counted(n['count'], 'column')} hardly change{'s' * (n['count'] == 1)}",
    "far_values": "Far values",
    "unused_latents": _active,
    "off_the_prior": "Codes differ from the prior",
    "calibrated": "Calibrated",
    "intervals_too_wide": "Too wide",
    "intervals_too_narrow": "Too narrow",
    "intervals_of_wrong_shape": "Too wide in the middle and too narrow in the tails",
    "bound_only": "A bound",
    "doubtful_evidence": "log p(x) is too low",
    "heavy_tailed_evidence": "log p(x) is a lower bound",
    "interrupted": "Interrupted",
    "no_density": "Note",
    "sound": _active,
}
_TEXTS: dict[str, Callable[[Numbers], str]] = {
    "worse_than_mean": _worse_than_mean,
    "collapsed": _collapsed,
    "few_steps": _few_steps,
    "still_falling": _still_falling,
    "worse_than_pca": _with_density,
    "like_pca": lambda n: (
        f"{_with_density(n)} Where all that the data hold is linear, PCA does as well and is simpler."
    ),
    "worse_than_a_law": _worse_than_a_law,
    "start_kept": _start_kept,
    "no_dependence": lambda n: (
        "Held-out rows know no dependence between the columns, so there is nothing that a code "
        "could tell: the model is each column by itself, and no epoch was better."
    ),
    "few_rows": lambda n: "So few rows tell little of what depends on what.",
    "many_missing": lambda n: f"Column {n['name']} lacks most, {percent(n['share'])} of its cells.",
    "constant_columns": lambda n: (
        f"{_names(n)}: nothing can be learned of what never changes, and the model leaves it out."
    ),
    "rounded_columns": lambda n: (
        f"{_names(n)}: the values differ by no more than numbers of their size are rounded by, and one stands for all. "
        "If they tell something, subtract a constant before they are stored."
    ),
    "far_values": _far_values,
    "unused_latents": _unused,
    "off_the_prior": lambda n: (
        "The codes as a whole do not follow the prior, so samples may look worse than reconstructions."
    ),
    "calibrated": lambda n: f"Every coverage is within {100 * n['worst']:.1f} points of its level.",
    "intervals_too_wide": _interval,
    "intervals_too_narrow": _interval,
    "intervals_of_wrong_shape": _shape,
    "bound_only": lambda n: f"{counted(n['draws'], 'draw')} a row give a bound on log p(x) and no estimate of it.",
    "doubtful_evidence": _doubtful,
    "heavy_tailed_evidence": _heavy_tailed,
    "interrupted": lambda n: (
        f"Training was ended after {counted(n['epochs'] or 0, 'epoch')}; the best weights until then were kept."
    ),
    "no_density": lambda n: 'With binarize="soft" the loss is a cross-entropy of grey levels and no density.',
    "sound": lambda n: _with_density(n) or "Every dimension carries something about the data.",
}
