"""The sentences of a report: what was made, what the latents say, what to try next."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from aevum.data import datasets
from aevum.estimators.registry import title_of_model
from aevum.evaluation.findings import Figures, Finding, findings
from aevum.evaluation.wording import text_of, title_of
from aevum.numerals import duration, number, percent, rough

if TYPE_CHECKING:
    from aevum.plots.subject import Subject

__all__ = ["duration", "number", "percent", "rough"]
Record = dict[str, Any]


def shape_text(shape: list[int]) -> str:
    """``1,797 examples of 8 × 8 values``."""
    event = "\u00a0×\u00a0".join(f"{size:,}" for size in shape[1:])
    return f"{shape[0]:,} examples of {event}\u00a0values"


def data_text(metrics: Record) -> str:
    """The data's name, shape and type."""
    data = metrics["data"]
    return f"{data['name']}: {shape_text(data['shape'])}, {data['dtype']}"


def parameters(metrics: Record) -> list[tuple[str, str]]:
    """The constructor's arguments as one would type them."""
    return [(name, repr(value)) for name, value in metrics["parameters"].items() if name != "callbacks"]


def headline(metrics: Record) -> str:
    """What the run is, in a sentence."""
    latents, epochs = len(metrics["latent"]["variance"]), metrics["epochs"]
    kind = title_of_model(metrics["model"])
    return (
        f"A {kind} with {latents} latent dimension{'s' * (latents != 1)}, trained for {epochs:,} "
        f"epoch{'s' * (epochs != 1)} on {shape_text(metrics['data']['shape'])}."
    ).replace("A auto", "An auto")


def verdicts(metrics: Record) -> list[Finding]:
    """What is to be said of the run, worst first; of a metrics.json that has no findings, what its latents tell."""
    if "findings" in metrics:
        return [Finding.from_dict(found) for found in metrics["findings"]]
    latent = metrics["latent"]
    rate, beta = latent["rate"], metrics["parameters"].get("beta", 1.0)
    figures = Figures(latent_dim=len(latent["variance"]), active=latent["active_units"], beta=beta,
                      rate=None if rate is None else sum(rate))  # fmt: skip
    return list(findings(figures))


def verdict(metrics: Record) -> tuple[str, str, str]:
    """The first of them: how it is styled (its severity), in a few words, and in sentences."""
    found = verdicts(metrics)[0]
    return found.severity, title_of(found), text_of(found)


def warnings_of(metrics: Record) -> list[str]:
    """What else a reader has to know about the numbers."""
    if "soft" in metrics["likelihood"]["name"]:
        return ['With binarize="soft" the loss is a cross-entropy of grey levels and no density.']
    return []


def sigma_text(sigma: Record | None) -> str:
    """The likelihood's σ in the data's units, for people; empty where it has none.

    >>> sigma_text({"kind": "shared", "low": 0.25, "high": 0.25, "low_of": None, "high_of": None})
    "σ = 0.2500 in the data's units"
    """
    if sigma is None:
        return ""
    low, high = number(sigma["low"]), number(sigma["high"])
    if sigma["low"] == sigma["high"]:
        return f"σ = {low} in the data's units"
    if sigma["low_of"] is not None:
        low, high = f"{low} ({sigma['low_of']})", f"{high} ({sigma['high_of']})"
    return f"σ from {low} to {high} in the data's units"


def python_lines(subject: Subject, metrics: Record, folder: str) -> str:
    """Load, sample, encode, as three lines to copy."""
    custom = ", network=(encoder, decoder)" if metrics["network"]["name"] == "custom" else ""
    y, given = "", ""
    if subject.estimator.conditional:
        label = getattr(subject.estimator, "classes_", [None])[0]
        y, given = f", y={'y' if label is None else repr(getattr(label, 'item', lambda: label)())}", ", y"
    mean = ", mean=True" if subject.images else ""
    return "\n".join(
        [
            "import aevum",
            "",
            f"model = aevum.load({folder!r}{custom})",
            f"new = model.sample(64{y}{mean})",
            f"codes = model.transform(X{given})",
        ]
    )


def shell_lines(subject: Subject, folder: str) -> str:
    """The same on the command line."""
    run = shlex.quote(folder)
    known = subject.name in {named.name for named in datasets()}
    data = subject.name if known else "DATA --labels LABELS" if subject.estimator.conditional else "DATA"
    ending = "png" if subject.images else "csv"
    return "\n".join(
        [
            f"aevum info {run}",
            f"aevum sample {run} -n 64 -o samples.{ending}",
            f"aevum encode {run} {data} -o codes.csv",
        ]
    )
