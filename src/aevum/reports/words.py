"""The sentences that a report and a card share: what was made, of which data, and what to try next."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aevum.data import datasets
from aevum.estimators.registry import file_of, own_files
from aevum.evaluation.simple import GAUSSIAN, PCA
from aevum.numerals import nats, number, percent, reason_text, rough

if TYPE_CHECKING:
    from aevum.reports.subject import Subject

Record = dict[str, Any]
MEAN_ROW = "mean of the training rows"
DISTORTION = "−log p(x|z): how badly the decoder says a row by its code"
# What stands under a number, for whoever meets the word there for the first time.
LOSS = "what training makes small: distortion + rate; a nat is 1.44 bits"
LOSS_ALONE = "what training makes small: how badly a row comes back from its code; a nat is 1.44 bits"
RATE = "how much a code says of its row beyond what the prior knows"
UNEXPLAINED = "0 % gives every row back; 100 % is no better than their mean"
SQUARED = "how far a reconstruction is off; its root is in the data's own unit"
ACTIVE = "those whose code changes from row to row; the others say nothing"


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


def beside(metrics: Record) -> Record | None:
    """The model beside simple ones, as ``heads``, ``lines`` and a ``note``; None where nothing was measured."""
    figures, laws = metrics["figures"], metrics["figures"]["laws"]
    if figures["unexplained"] is None:
        return None
    found = {law["name"]: law for law in laws["laws"]} if laws else {}
    # What knows no dependence gives a row back as the mean.
    first = next((name for name in found if name not in (PCA, GAUSSIAN)), MEAN_ROW)
    shares = {first: 1.0, PCA: figures["pca_unexplained"]}
    lines = [("this model", nats(laws["nats"]) if laws else "–", "", percent(figures["unexplained"]))]
    for name in (first, PCA, GAUSSIAN):
        law, share = found.get(name), shares.get(name)
        if law is not None or share is not None:
            title = f"PCA of {figures['latent_dim']}" if name == PCA else name
            lead = "–" if law is None else f"{'+' * (law['ahead'] > 0)}{nats(law['ahead'])} ± {rough(law['error'])}"
            lines.append((title, "–" if law is None else nats(law["nats"]), lead, percent(share)))
    kept = (0, 1, 2, 3) if laws else (0, 3)
    heads = ("", "log p(x), nats a row", "this model is ahead by", "variance unexplained")
    return {
        "heads": [heads[place] for place in kept],
        "lines": [tuple(line[place] for place in kept) for line in lines],
        "note": f"{_rows_judged(metrics)}{_of_laws(laws) if laws else ''}",
    }


def _rows_judged(metrics: Record) -> str:
    figures = metrics["figures"]
    text = f"{figures['judged_rows']:,} rows of {figures['judged_on']}."
    if figures["judged_on"] == "held-out data" and metrics["evaluation"]["of"] != "held-out data":
        text += " They chose the epoch, which favours this model a little."
    if any(len(each["classes"] or ()) > 2 for each in metrics["columns"] or ()):
        text += " The variance is that of the columns that are no classes."
    return text


def _of_laws(laws: Record) -> str:
    """What is compared, and what isn't."""
    text = f" log p(x) of {laws['rows']:,} rows is estimated from {laws['draws']} draws of z each, which errs towards "
    text += "too little."
    if laws["dense"] < laws["columns"]:
        text += (
            f" {laws['dense']:,} of {laws['columns']:,} columns have a density, and PCA and the Gaussian know these; "
        )
        text += "the others (classes, counts, steps, one value that comes again and again) have probabilities, each by "
        text += "itself."
    return text + (" The model is told y, the others are not." if laws["given_y"] else "")


def columns(metrics: Record) -> list[tuple[str, str, str, str]]:
    """A line for each column of a table: its name, its kind, the spread that was learned of it, and why."""
    return [
        (each["name"], each["kind"], number(each["sigma"], digits=3), reason_text(each))
        for each in metrics["columns"] or ()
    ]


def glossary(metrics: Record) -> list[tuple[str, str]]:
    """The words that the report uses, in the order in which they come, each in a sentence."""
    bound = metrics["evaluation"]["elbo"] is not None
    found = [("nat", "the unit of information, 1.44 bits; a density twice as high is 0.69 nats more.")]
    if not bound:
        return [("loss", "the distortion: what is minimised."), *found, ("distortion", f"{DISTORTION}.")]
    return [
        ("loss", "what is minimised: distortion + rate (times β, where that isn't 1)."),
        *found,
        ("distortion", f"{DISTORTION}, in the mean over codes that the encoder thinks possible."),
        ("rate", "KL(q‖p): how much a code says of its row beyond what the prior knows."),
        ("prior", "the law that codes follow before any row is seen; samples are decoded from draws of it."),
        ("ELBO", "−(distortion + rate): at most log p(x), the log-density that the model gives a row."),
    ]


def headline(metrics: Record) -> str:
    """What the run is, in a sentence."""
    latents, epochs = len(metrics["latent"]["variance"]), metrics["epochs"]
    kind = metrics.get("kind") or metrics["model"]
    return (
        f"{'An' if kind[0].lower() in 'aeiou' else 'A'} {kind} with {latents} latent dimension{'s' * (latents != 1)}, "
        f"trained for {epochs:,} epoch{'s' * (epochs != 1)} on {shape_text(metrics['data']['shape'])}."
    )


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
            *own_import(subject),
            "",
            f"model = aevum.load({folder!r}{custom})",
            f"new = model.sample(64{y}{mean})",
            f"codes = model.transform(X{given})",
        ]
    )


def own_import(subject: Subject) -> list[str]:
    """The lines that make parts of the user's own known to ``load``; none where all are the package's."""
    kind = type(subject.estimator)
    own = file_of(kind)
    return [
        f"{f'from {module} import {kind.__name__}' if file == own else f'import {module}'}  # which load needs to know"
        for file in own_files(subject.estimator)
        for module in [Path(file).stem if file.endswith(".py") else file]
    ]


def shell_lines(subject: Subject, folder: str) -> str:
    """The same on the command line."""
    run = shlex.quote(folder)
    files = [shlex.quote(Path(file).name) for file in own_files(subject.estimator)]
    aevum = " ".join(["aevum", *(f"--import {file}" for file in files)])
    known = subject.name in {named.name for named in datasets()}
    data = subject.name if known else "DATA --labels LABELS" if subject.estimator.conditional else "DATA"
    ending = "png" if subject.images else "csv"
    return "\n".join(
        [
            f"{aevum} info {run}",
            f"{aevum} sample {run} -n 64 -o samples.{ending}",
            f"{aevum} encode {run} {data} -o codes.csv",
        ]
    )
