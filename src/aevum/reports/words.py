"""The sentences that a report and a card share: what was made, of which data, and what to try next."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aevum.data import datasets
from aevum.estimators.registry import file_of, own_files

if TYPE_CHECKING:
    from aevum.reports.subject import Subject

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
